"""The inbox: what CRMs delivered, kept before it is answered, until a worker moves it into `arrivals`.

SQLite has one write lock, and a transaction that decides holds it for a tenth of a second and more. No delivery waits
for that: beside a SQLite ledger lies a second file with a lock of its own. PostgreSQL has no such lock; there
deliveries go straight into `arrivals`.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import (
    URL,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    event,
    func,
    insert,
    select,
    update,
)

from domain.leads import Seen
from ledger import arrivals
from ledger.columns import Moment, Words
from ledger.database import Database, engine_of, prepare_file

MOST_AT_ONCE = 50
"""Deliveries that are moved in one transaction: HubSpot's have up to a hundred events each."""

metadata = MetaData()

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("crm", String, nullable=False),
    Column("received_at", Moment, nullable=False),  # machine
    Column("sightings", Integer, nullable=False),
    Column("seen", LargeBinary, nullable=False),  # JSON
    Column("problem", Words),  # why it cannot be moved: a person has to look
    # Ids are never used again: a worker deletes what it has read by id, when another may long have moved the same.
    sqlite_autoincrement=True,
)

_SEEN = TypeAdapter(tuple[Seen, ...])


class Inbox(Protocol):
    """Where deliveries are kept. Every method may raise an SQLAlchemyError, and has changed nothing then."""

    def open(self) -> None:
        """What the first delivery would wait for otherwise."""
        ...

    def keep(self, delivered: Sequence[Sequence[Seen]], received_at: datetime) -> list[int]:
        """Commit the sightings of these deliveries (machine time); how many of each may be new. ValueError for one that
        no database takes: none of them is kept then."""
        ...

    def move(self) -> int:
        """Move what waits into `arrivals`; how many deliveries. At its end nothing waits that waited at its beginning,
        but for what cannot be read. Any number of workers may do it at once, and die at it."""
        ...

    def counts(self) -> dict[tuple[str, str], int]:
        """How many sightings lie here by (crm, state): waiting, unreadable."""
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...


class NoInbox:
    """Of a ledger whose database lets any number of writers in: deliveries become arrivals at once."""

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger

    def open(self) -> None:
        """The ledger is open."""

    def keep(self, delivered: Sequence[Sequence[Seen]], received_at: datetime) -> list[int]:
        with self._ledger.writing() as tx:
            return [arrivals.store(tx, seen, received_at) for seen in delivered]

    def move(self) -> int:
        return 0

    def counts(self) -> dict[tuple[str, str], int]:
        return {}

    def close(self) -> None:
        """Nothing was opened."""


class InboxFile:
    """A SQLite file beside the ledger, made when it is opened, or with the first delivery."""

    def __init__(self, ledger: Database, where: URL) -> None:
        self._ledger = ledger
        self._where = where.set(database=f"{where.database}.inbox")
        self._lock = Lock()
        self._opened: dict[bool, Database] = {}

    def open(self) -> None:
        self._file()

    def keep(self, delivered: Sequence[Sequence[Seen]], received_at: datetime) -> list[int]:
        rows = [
            {
                "crm": seen[0].key.crm,
                "received_at": received_at,
                "sightings": len(seen),
                "seen": _SEEN.dump_json((*seen,)),
            }
            for seen in delivered
            if seen
        ]
        if rows:
            with self._file().writing() as tx:
                tx.execute(insert(deliveries), rows)
        return [len(seen) for seen in delivered]

    def move(self) -> int:
        moved, after = 0, 0
        if not self._is_there():
            return 0
        with self._file().reading() as tx:
            newest = tx.execute(select(func.max(deliveries.c.id))).scalar() or 0
        while after < newest:
            number, after = self._move_some(after, newest)
            moved += number
        return moved

    def _move_some(self, after: int, newest: int) -> tuple[int, int]:
        """Some of those with these ids: how many were moved, and where to go on."""
        batch = (
            select(deliveries)
            .where(deliveries.c.id > after, deliveries.c.id <= newest, deliveries.c.problem.is_(None))
            .order_by(deliveries.c.id)
            .limit(MOST_AT_ONCE)
        )
        with self._file().reading() as tx:
            rows = tx.execute(batch).all()
        read: list[tuple[int, datetime, tuple[Seen, ...]]] = []
        problems: dict[int, str] = {}
        for row in rows:
            try:
                read.append((row.id, row.received_at, _SEEN.validate_json(row.seen)))
            except ValidationError as problem:
                problems[row.id] = str(problem)
        with self._ledger.writing() as tx:
            for received_at, together in groupby(read, key=lambda one: one[1]):
                arrivals.store(tx, [one for _, _, seen in together for one in seen], received_at)
        # Only now, after that commit: whoever dies here leaves deliveries that are stored again, which changes nothing,
        # because an arrival's event is known by its key.
        with self._file(moving=True).writing() as tx:
            tx.execute(delete(deliveries).where(deliveries.c.id.in_([id_ for id_, _, _ in read])))
            for id_, why in problems.items():
                tx.execute(update(deliveries).where(deliveries.c.id == id_).values(problem=why))
        return len(read), rows[-1].id if len(rows) == MOST_AT_ONCE else newest

    def counts(self) -> dict[tuple[str, str], int]:
        if not self._is_there():
            return {}
        unreadable = deliveries.c.problem.is_not(None)
        with self._file().reading() as tx:
            rows = tx.execute(
                select(deliveries.c.crm, unreadable, func.sum(deliveries.c.sightings)).group_by(
                    deliveries.c.crm, unreadable
                )
            )
            return {(crm, "unreadable" if bad else "waiting"): number for crm, bad, number in rows}

    def close(self) -> None:
        for opened in self._opened.values():
            opened.close()

    def _is_there(self) -> bool:
        return bool(self._opened) or Path(str(self._where.database)).exists()

    def _file(self, *, moving: bool = False) -> Database:
        """The file, opened to keep what comes, or to take out what was moved."""
        with self._lock:
            if moving not in self._opened:
                engine = engine_of(self._where)
                event.listen(engine, "connect", _give_way if moving else _leave_the_log)
                prepare_file(engine)
                opened = Database(engine)
                with opened.writing() as tx:
                    metadata.create_all(tx)
                self._opened[moving] = opened
            return self._opened[moving]


def _leave_the_log(connection: Any, _record: object) -> None:
    """Whoever keeps a delivery does not also copy the log into the file: a CRM waits for the answer."""
    connection.execute("PRAGMA wal_autocheckpoint = 0")


def _give_way(connection: Any, _record: object) -> None:
    """Whoever takes out what was moved has the file's lock for as short as can be: it does not wait for the disk. What
    a power cut brings back is moved again, which changes nothing."""
    connection.execute("PRAGMA synchronous = NORMAL")
