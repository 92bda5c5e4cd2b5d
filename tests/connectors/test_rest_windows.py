"""Windows of a company's own CRM that end early."""

from datetime import timedelta

import pytest

from tests.connectors.stage import MONDAY, Stage
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def rest(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "rest")


def test_the_reconciliation_finds_every_lead_where_a_window_ends_within_a_crowd(rest: Stage) -> None:
    """Five pages hold a thousand; six hundred more were created within the next two minutes."""
    there = rest.many(1000)
    rest.move_to(MONDAY + timedelta(seconds=30))
    there += rest.many(600)
    rest.move_to(MONDAY + timedelta(minutes=20))

    found: set[str] = set()
    since, more = MONDAY - timedelta(hours=1), True
    while more:
        window = rest.crm.unrouted(since)
        found |= {seen.key.id for seen in window.seen}
        since, more = window.cursor, window.more

    assert len(there) - len(found) == 0
