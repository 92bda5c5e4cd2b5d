"""Every promise is kept for both CRMs and on both databases."""

from collections.abc import Iterator

import pytest

from connectors.registry import CRMS
from tests.crm_example import IN_2027
from tests.promises.waiting import *  # noqa: F403 - fixtures
from tests.promises.world import World
from tests.runtime.conftest import *  # noqa: F403 - a real Redis
from tests.sandbox_process import SandboxProcess

QUICK = {"salesforce": ("sqlite",), "hubspot": ("postgresql",), "rest": ()}
"""What `make test` runs, and what only the example of a third CRM shows; all others meet in `make test-all` too."""
QUICK_DEATHS = {"salesforce": ("sqlite",)}
"""The same for tests in which workers are killed at each point in turn."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test` leaves to `make test-all`: no test as a whole."""
    left = {item for item in items if _is_elsewhere(item)}
    kept = {item.nodeid.partition("[")[0] for item in items if item not in left}
    for item in left:
        if item.nodeid.partition("[")[0] in kept:
            item.add_marker(pytest.mark.slow)


def _is_elsewhere(item: pytest.Item) -> bool:
    """Whether its CRM, by parameter or because only that one shows it, meets this database in `make test-all` only."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    quick = QUICK_DEATHS if item.get_closest_marker("deaths") and "crm" in given else QUICK
    alone = next((name for name in QUICK if name in getattr(item, "fixturenames", ())), None)
    crm, database = given.get("crm", alone), given.get("database_url")
    return crm in CRMS and bool(database) and database not in quick.get(crm, ())


@pytest.fixture(params=[*CRMS, pytest.param(IN_2027, marks=pytest.mark.slow)])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(sandbox: SandboxProcess, crm: str, database_url: str) -> Iterator[World]:
    world = (
        World(sandbox, "hubspot", database_url, in_2027=True) if crm == IN_2027 else World(sandbox, crm, database_url)
    )
    yield world
    world.ledger.close()


@pytest.fixture
def salesforce(sandbox: SandboxProcess, database_url: str) -> Iterator[World]:
    """For what only Salesforce shows: it lets one person be two leads."""
    world = World(sandbox, "salesforce", database_url)
    yield world
    world.ledger.close()


@pytest.fixture
def hubspot(sandbox: SandboxProcess, database_url: str) -> Iterator[World]:
    """For what only HubSpot shows: activities that change, writes that nothing guards, webhooks."""
    world = World(sandbox, "hubspot", database_url)
    yield world
    world.ledger.close()
