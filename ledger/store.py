"""Opening a ledger, and the three kinds of transactions on it.

Any number of processes and threads may use one ledger at once. Two databases are known: SQLite (a file, one machine)
and PostgreSQL. On SQLite every transaction that writes begins with BEGIN IMMEDIATE and so runs alone. With the driver's
own transactions a SELECT runs before BEGIN: two processes read the same state, and the later one overwrites the other's
work without any error.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from ledger.dialects import lock_decider
from ledger.tables import meta

BUSY_SECONDS = 30.0
"""How long a SQLite transaction waits for its turn."""

ABANDONED_SECONDS = 60
"""After this long without a statement PostgreSQL ends a transaction, and frees its locks: the worker's host is gone."""

OLDEST_SQLITE = (3, 35)
"""RETURNING came with it (March 2021)."""

# Any number that no other program on this database uses.
MIGRATION_LOCK = 0x66_61_69_72_6C_65_61_64


class LedgerUnavailable(Exception):
    """The ledger cannot be opened; the message says why and what to do."""


class Ledger:
    """One open database. `id` is random, made with the ledger: it tells our decisions from another ledger's."""

    def __init__(self, id: str, url: str, engine: Engine) -> None:
        self.id = id
        self.url = url
        self.engine = engine
        self._inherited: list[Pool] = []
        _OPEN.add(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that cannot write. On SQLite it sees one moment; on PostgreSQL each statement sees its own."""
        with self.engine.connect() as connection:
            tx = connection.execution_options(reading=True, postgresql_readonly=True)
            with tx.begin():
                yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or rolls back on an exception. On SQLite it runs alone."""
        with self.engine.begin() as tx:
            yield tx

    @contextmanager
    def deciding(self) -> Iterator[Connection]:
        """`writing`, and nobody else decides in the meantime. Keep it short: never the network inside."""
        with self.writing() as tx:
            lock_decider(tx)
            yield tx

    def close(self) -> None:
        """Give back the database's connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget_connections(self) -> None:
        """In a forked child: start with connections of its own.

        The parent's stay referenced, because closing one would end the parent's session (PostgreSQL) and is not
        allowed at all across a fork (sqlite.org/howtocorrupt.html, 2.6).
        """
        self._inherited.append(self.engine.pool)
        self.engine.dispose(close=False)


_OPEN: weakref.WeakSet[Ledger] = weakref.WeakSet()


def _forget_connections_of_the_parent() -> None:
    for ledger in list(_OPEN):
        ledger._forget_connections()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections_of_the_parent)


def open_ledger(url: str) -> Ledger:
    """Open the ledger at `sqlite:///PATH` or `postgresql://...`, created and migrated where needed.

    Safe when several processes do it at once. LedgerUnavailable says in a sentence what stands in the way.
    """
    where = _address(url)
    shown = where.render_as_string(hide_password=True)
    engine = _engine(where)
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


def _engine(where: URL) -> Engine:
    if where.get_backend_name() == "postgresql":
        # Under the decider lock each statement has to see what the last holder committed: READ COMMITTED.
        engine = create_engine(where, isolation_level="READ COMMITTED", pool_pre_ping=True)
        event.listen(engine, "connect", _start_postgresql_session)
        return engine
    engine = create_engine(where, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _start_sqlite_session)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _start_postgresql_session(connection: Any, _record: object) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = '{ABANDONED_SECONDS}s'")
    connection.commit()


def _start_sqlite_session(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us
    # FULL: a decision that the CRM has been told survives a power cut; NORMAL may forget the last commits.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_on_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


# Alembic keeps its context in module globals: one migration at a time per process.
_MIGRATING = threading.Lock()


def _bring_up_to_date(engine: Engine, shown: str) -> str:
    """Migrate to the newest revision in one transaction, unless it is there; the ledger's id."""
    scripts = Config()
    scripts.set_main_option("script_location", "ledger:migrations")
    directory = ScriptDirectory.from_config(scripts)
    if engine.dialect.name == "sqlite":
        _prepare_file(engine)
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


def _prepare_file(engine: Engine) -> None:
    """The folder, and the write-ahead log: readers and a writer do not wait for each other. The file remembers it."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
