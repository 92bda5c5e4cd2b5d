"""One open database, SQLite or PostgreSQL, for any number of processes and threads.

On SQLite every transaction that writes begins with BEGIN IMMEDIATE and so runs alone. With the driver's own
transactions a SELECT runs before BEGIN: two processes read the same state, and the later one overwrites the other's
work without any error.
"""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event

BUSY_SECONDS = 30.0
"""How long a SQLite transaction waits for its turn."""

ABANDONED_SECONDS = 60
"""After this long without a statement PostgreSQL ends a transaction, and frees its locks: the worker's host is gone."""


class Database:
    """The transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = _readers_of(engine)
        self._inherited: list[Pool] = []
        _OPEN.add(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that cannot write. On SQLite it sees one moment; on PostgreSQL each statement sees its own."""
        with self._readers.connect() as connection:
            tx = connection.execution_options(reading=True, postgresql_readonly=True)
            with tx.begin():
                yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or rolls back on an exception. On SQLite it runs alone."""
        with self.engine.begin() as tx:
            yield tx

    def close(self) -> None:
        """Give back the database's connections."""
        self._readers.dispose()
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
        for engine in {self.engine, self._readers}:
            self._inherited.append(engine.pool)
            engine.dispose(close=False)


_OPEN: weakref.WeakSet[Database] = weakref.WeakSet()


def _forget_connections_of_the_parent() -> None:
    for database in list(_OPEN):
        database._forget_connections()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections_of_the_parent)


def engine_of(where: URL) -> Engine:
    """Connections to the database at this address."""
    # Errors of the database end in logs, and rows hold people's data and a secret: they are told without the rows.
    if where.get_backend_name() == "postgresql":
        # Under the decider lock each statement has to see what the last holder committed: READ COMMITTED.
        engine = create_engine(where, isolation_level="READ COMMITTED", pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _start_postgresql_session)
        return engine
    return _sqlite(where)


def _readers_of(engine: Engine) -> Engine:
    """The connections that only read. On SQLite they are others than those that write: to switch one from writing to
    reading and back makes SQLite prepare all its statements anew, each time."""
    if engine.dialect.name == "postgresql":
        return engine
    readers = _sqlite(engine.url)
    event.listen(readers, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
    return readers


def _sqlite(where: URL) -> Engine:
    engine = create_engine(where, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
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
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def prepare_file(engine: Engine) -> None:
    """The folder, and the write-ahead log: readers and a writer do not wait for each other. The file remembers it."""
    file = Path(str(engine.url.database))
    file.parent.mkdir(parents=True, exist_ok=True)
    # It holds people's data, and perhaps a secret. What SQLite puts beside it has the same mode.
    file.touch(mode=0o600, exist_ok=True)
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
