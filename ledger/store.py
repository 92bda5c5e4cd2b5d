"""Opening a ledger, and its transactions: reading, writing, and deciding.

Two databases are known: SQLite (a file, one machine) and PostgreSQL.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from ledger.database import Database, engine_of, prepare_file
from ledger.dialects import lock_decider
from ledger.inbox import Inbox, InboxFile, NoInbox
from ledger.tables import meta

OLDEST_SQLITE = (3, 35)
"""RETURNING came with it (March 2021)."""

# Any number that no other program on this database uses.
MIGRATION_LOCK = 0x66_61_69_72_6C_65_61_64


class LedgerUnavailable(Exception):
    """The ledger cannot be opened; the message says why and what to do."""


class Ledger(Database):
    """One open database. `id` is random, made with the ledger: it tells our decisions from another ledger's. `inbox`
    keeps what CRMs deliver."""

    def __init__(self, id: str, url: str, engine: Engine) -> None:
        super().__init__(engine)
        self.id = id
        self.url = url
        alone = engine.dialect.name == "sqlite"
        self.inbox: Inbox = InboxFile(self, engine.url) if alone else NoInbox(self)

    @contextmanager
    def deciding(self) -> Iterator[Connection]:
        """`writing`, and nobody else decides in the meantime. Keep it short: never the network inside."""
        with self.writing() as tx:
            lock_decider(tx)
            yield tx

    def close(self) -> None:
        """Give back the database's connections."""
        self.inbox.close()
        super().close()


def open_ledger(url: str) -> Ledger:
    """Open the ledger at `sqlite:///PATH` or `postgresql://...`, created and migrated where needed.

    Safe when several processes do it at once. LedgerUnavailable says in a sentence what stands in the way.
    """
    where = _address(url)
    shown = where.render_as_string(hide_password=True)
    engine = engine_of(where)
    try:
        id_ = _bring_up_to_date(engine, shown)
    except (DBAPIError, sqlite3.Error, OSError) as problem:
        engine.dispose()
        reason = str(problem.orig if isinstance(problem, DBAPIError) else problem).strip()
        raise LedgerUnavailable(
            f"the ledger {shown} cannot be opened: {reason}. Check DATABASE_URL, and whether this user may write there."
        ) from problem
    except LedgerUnavailable:
        engine.dispose()
        raise
    return Ledger(id_, url, engine)


def is_there(url: str) -> bool:
    """Whether a ledger's file is there; a database server always counts as one that is."""
    where = _address(url)
    return where.get_backend_name() != "sqlite" or Path(str(where.database)).exists()


def _address(url: str) -> URL:
    try:
        where = make_url(url)
    except ArgumentError as problem:
        raise LedgerUnavailable("DATABASE_URL is not an address: write sqlite:///PATH or postgresql://...") from problem
    family = where.drivername.partition("+")[0]
    if family in {"postgresql", "postgres"}:
        return where.set(drivername="postgresql+psycopg")
    if family != "sqlite":
        raise LedgerUnavailable(f"DATABASE_URL names {family}: a ledger lives in sqlite:///PATH or postgresql://...")
    if where.database in (None, "", ":memory:"):
        raise LedgerUnavailable("DATABASE_URL names no file: write sqlite:///PATH. A ledger is shared by processes.")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise LedgerUnavailable(
            f"this Python has SQLite {sqlite3.sqlite_version}, but 3.35 or newer is needed: use a newer Python or "
            "PostgreSQL (DATABASE_URL)"
        )
    return where


# Alembic keeps its context in module globals: one migration at a time per process.
_MIGRATING = threading.Lock()


def _bring_up_to_date(engine: Engine, shown: str) -> str:
    """Migrate to the newest revision in one transaction, unless it is there; the ledger's id."""
    scripts = Config()
    scripts.set_main_option("script_location", "ledger:migrations")
    directory = ScriptDirectory.from_config(scripts)
    if engine.dialect.name == "sqlite":
        prepare_file(engine)
    with _MIGRATING:
        if _revision(engine) != directory.get_current_head():
            with engine.begin() as tx:
                if engine.dialect.name == "postgresql":
                    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                current = MigrationContext.configure(tx).get_current_revision()
                if current and current not in {script.revision for script in directory.walk_revisions()}:
                    raise LedgerUnavailable(f"the ledger {shown} was written by a newer Fairlead: update this one")
                scripts.attributes["connection"] = tx
                command.upgrade(scripts, "head")
    with engine.connect() as connection:
        return str(connection.execute(select(meta.c.value).where(meta.c.name == "id")).scalar_one())


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection.execution_options(reading=True)).get_current_revision()
