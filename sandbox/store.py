"""The records of both CRMs, in one SQLite file (or in memory).

SQLite keeps what happened; a parsed copy of every record stays beside it, because both query languages are evaluated
in Python and parsing thousands of JSON texts per query would cost more than everything else together.

One thread uses a store. What a request has written is committed by `commit`, once, before the request is answered.
"""

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

Author = Literal["api", "person"]

# An encoder that is made for each record takes as long as the record.
_FIELDS = json.JSONEncoder(ensure_ascii=False)

SCHEMA = """
create table if not exists records (
    crm text not null, kind text not null, id text not null, born integer not null,
    created text not null, modified text not null, created_real real not null, deleted integer not null,
    fields text not null, owner_changes text not null,
    primary key (crm, kind, id)
) without rowid;
create table if not exists numbers (
    crm text not null, kind text not null, last integer not null, primary key (crm, kind)
);
"""


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """Who owned the record from `at` on (business time; None: nobody), and whether a program or a person said so."""

    at: datetime
    owner: str | None
    by: Author
    real: float


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a CRM. `fields` holds JSON values under their native names and must not be changed in place."""

    crm: str
    kind: str
    id: str
    fields: Mapping[str, Any]
    created: datetime
    modified: datetime
    created_real: float
    """epoch seconds, real time"""
    deleted: bool = False
    owner_changes: tuple[OwnerChange, ...] = ()


class Store:
    """Records by (crm, kind, id), in order of creation."""

    def __init__(self, path: str = ":memory:") -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")  # a stand-in may lose its last second when the machine dies
        self._db.executescript(SCHEMA)
        self._records: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
        self._indexes: dict[tuple[str, str, str], dict[Any, dict[str, None]]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._born: dict[tuple[str, str, str], int] = {}
        self._before: dict[tuple[str, str, str], Record | None] | None = None
        self._changed: dict[tuple[str, str, str], Record] = {}
        self._load()

    def new_number(self, crm: str, kind: str) -> int:
        """1, 2, 3 … per kind; never used twice, also after a restart on the same file."""
        number = self._numbers.get((crm, kind), 0) + 1
        self._numbers[crm, kind] = number
        return number

    def add(self, crm: str, kind: str, id: str, fields: Mapping[str, Any], at: datetime) -> Record:
        """A new record, created and modified at `at`. KeyError when the id is taken."""
        if id in self._records[crm, kind]:
            raise KeyError(f"{crm} {kind} {id} exists already")
        return self.put(Record(crm, kind, id, fields, at, at, time.time()))

    def get(self, crm: str, kind: str, id: str) -> Record | None:
        """The record, deleted ones included."""
        return self._records[crm, kind].get(id)

    def all(self, crm: str, kind: str) -> list[Record]:
        """Every record of a kind in order of creation, deleted ones included."""
        return list(self._records[crm, kind].values())

    def where(self, crm: str, kind: str, field: str, value: Any) -> list[Record]:
        """The records whose field has exactly this (hashable) value; the first question builds an index."""
        index = self._indexes.get((crm, kind, field))
        if index is None:
            index = self._indexes[crm, kind, field] = defaultdict(dict)
            for record in self._records[crm, kind].values():
                index[record.fields.get(field)][record.id] = None
        rows = self._records[crm, kind]
        return [rows[id] for id in index.get(value, ())]

    def put(self, record: Record) -> Record:
        """Write the record as it is given: new, or in place of the one with its id."""
        key = (record.crm, record.kind, record.id)
        before = self._records[key[:2]].get(record.id)
        if self._before is not None:
            self._before.setdefault(key, before)
        self._show(key, before, record)
        self._changed[key] = record
        return record

    def change(
        self,
        record: Record,
        fields: Mapping[str, Any],
        at: datetime,
        owner: OwnerChange | None = None,
        deleted: bool | None = None,
    ) -> Record:
        """The record with these fields laid over its own, modified at `at`, its owner's history longer by `owner`."""
        return self.put(
            replace(
                record,
                fields={**record.fields, **fields},
                modified=at,
                owner_changes=(*record.owner_changes, owner) if owner else record.owner_changes,
                deleted=record.deleted if deleted is None else deleted,
            )
        )

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What the block wrote stays only if the block ends without an exception, which goes on to the caller."""
        outer, self._before = self._before, {}
        try:
            yield
        except BaseException:
            for key, record in self._before.items():
                self._restore(key, record)
            raise
        else:
            if outer is not None:
                for key, record in self._before.items():
                    outer.setdefault(key, record)
        finally:
            self._before = outer

    def commit(self) -> None:
        """Make what was written since the last commit lasting."""
        if not self._changed:
            return
        self._db.executemany(
            "insert or replace into records values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self._row(key, record) for key, record in self._changed.items()],
        )
        self._db.executemany(
            "insert or replace into numbers values (?, ?, ?)", [(*key, last) for key, last in self._numbers.items()]
        )
        self._db.commit()
        self._changed.clear()

    def clear(self) -> None:
        """Empty again; numbers start again at 1."""
        for kept in (self._records, self._indexes, self._numbers, self._born, self._changed):
            kept.clear()
        self._db.executescript("delete from records; delete from numbers;")

    def _show(self, key: tuple[str, str, str], before: Record | None, after: Record) -> None:
        crm, kind, id = key
        self._records[crm, kind][id] = after
        self._born.setdefault(key, len(self._born))
        for (index_crm, index_kind, field), index in self._indexes.items():
            if (index_crm, index_kind) != (crm, kind):
                continue
            old = before.fields.get(field) if before else None
            new = after.fields.get(field)
            if before and old != new:
                index[old].pop(id, None)
            index[new][id] = None

    def _restore(self, key: tuple[str, str, str], record: Record | None) -> None:
        crm, kind, id = key
        now = self._records[crm, kind][id]
        if record is not None:
            self._show(key, now, record)
            self._changed[key] = record
            return
        del self._records[crm, kind][id]
        self._born.pop(key, None)
        self._changed.pop(key, None)
        for (index_crm, index_kind, field), index in self._indexes.items():
            if (index_crm, index_kind) == (crm, kind):
                index[now.fields.get(field)].pop(id, None)

    def _row(self, key: tuple[str, str, str], record: Record) -> tuple[Any, ...]:
        changes = [[change.at.isoformat(), change.owner, change.by, change.real] for change in record.owner_changes]
        return (
            *key,
            self._born[key],
            record.created.isoformat(),
            record.modified.isoformat(),
            record.created_real,
            record.deleted,
            _FIELDS.encode(dict(record.fields)),
            json.dumps(changes),
        )

    def _load(self) -> None:
        rows = self._db.execute(
            "select crm, kind, id, fields, created, modified, created_real, deleted, owner_changes, born"
            " from records order by born"
        )
        for crm, kind, id, fields, created, modified, created_real, deleted, changes, born in rows:
            self._records[crm, kind][id] = Record(
                crm,
                kind,
                id,
                json.loads(fields),
                datetime.fromisoformat(created),
                datetime.fromisoformat(modified),
                created_real,
                bool(deleted),
                tuple(OwnerChange(datetime.fromisoformat(at), *rest) for at, *rest in json.loads(changes)),
            )
            self._born[crm, kind, id] = born
        for crm, kind, last in self._db.execute("select crm, kind, last from numbers"):
            self._numbers[crm, kind] = last
