"""A real Redis for the tests of the runtime, the embedded one, and a job's parts on a ledger of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from redis import Redis

from ledger.store import open_ledger
from runtime.services import Services
from runtime.valkey import answers, embedded
from tests.promises.world import playbook
from tests.runtime.waiting import until

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""When it is, for `services`."""


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that lives as long as the tests."""
    server = embedded(tmp_path_factory.mktemp("var"))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(server.url))
        yield server.url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(server.folder)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty server."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A job's parts, at noon: without a CRM, and nobody is woken."""
    book = playbook("hubspot")
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        yield Services(
            ledger=ledger,
            crms={},
            playbook=lambda: book,
            now=lambda: NOON,
            machine=lambda: NOON,
            tell=lambda notice: None,
            wake=lambda job, crm, lane: None,
            log=structlog.get_logger(),
        )
