"""Calls and mails as telephone systems and mail servers told of them: once each, and what became of them.

They are kept before anybody is answered and before a cursor moves. Whose leads they concern is found out afterwards,
and stays here as a note: nobody has to wonder why a call does not count.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, select, update

from domain.activities import Call, Mail, happened, joined_calls, joined_mails
from domain.leads import LeadKey
from ledger import codec
from ledger.columns import in_parts
from ledger.dialects import insert_or_replace
from ledger.tables import heard as table

_KINDS: Mapping[str, Any] = {"call": Call, "mail": Mail}


@dataclass(frozen=True, slots=True)
class Heard:
    """A call or a mail, from which source, and when we learnt of it first. `leads` and `note` are empty until it is
    settled."""

    source: str
    what: Call | Mail
    learnt_at: datetime
    leads: tuple[LeadKey, ...] = ()
    note: str = ""


def keep(tx: Connection, source: str, told: Sequence[Call | Mail], learnt_at: datetime) -> int:
    """Keep what a source told; how many were new or are known better now. These are to be settled (again); of what was
    known already nothing is taken back."""
    fresh: dict[tuple[str, str], Call | Mail] = {}
    for one in told:
        mark = (_kind(one), one.id)
        fresh[mark] = _joined(fresh[mark], one) if mark in fresh else one
    known = _known(tx, source, fresh)
    rows = []
    for (kind, id_), one in sorted(fresh.items()):
        there = known.get((kind, id_))
        better = _joined(there.what, one) if there else one
        if there is None or better != there.what:
            rows.append(
                {
                    "source": source,
                    "kind": kind,
                    "id": id_,
                    "happened_at": happened(better),
                    "learnt_at": there.learnt_at if there else learnt_at,
                    "facts": better,
                    "settled": False,
                    "leads": (),
                    "note": "",
                }
            )
    if rows:
        tx.execute(insert_or_replace(tx, table), rows)
    return len(rows)


def unsettled(tx: Connection, most: int) -> list[Heard]:
    """Some of those of which nobody knows yet whose leads they concern, the earliest first."""
    rows = tx.execute(select(table).where(table.c.settled.is_(False)).order_by(table.c.happened_at).limit(most))
    return [_heard(row) for row in rows.mappings()]


def settle(tx: Connection, settled: Sequence[Heard]) -> None:
    """Whose leads these concern, by what that is known, or why they concern none."""
    for one in settled:
        where = (table.c.source == one.source, table.c.kind == _kind(one.what), table.c.id == one.what.id)
        # What was told better meanwhile has to be looked at again.
        tx.execute(
            update(table).where(*where, table.c.facts == one.what).values(settled=True, leads=one.leads, note=one.note)
        )


def leads_of_mails(tx: Connection, ids: Collection[str]) -> dict[str, tuple[LeadKey, ...]]:
    """The leads that mails with these Message-IDs concern; a mail that concerns none, or is not known, is left out."""
    found: dict[str, tuple[LeadKey, ...]] = {}
    for part in in_parts(sorted(set(ids))):
        rows = tx.execute(select(table.c.id, table.c.leads).where(table.c.kind == "mail", table.c.id.in_(part)))
        found |= {row.id: keys for row in rows if (keys := codec.load(tuple[LeadKey, ...], row.leads))}
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """What a source has told within the time that is kept: how many calls and mails, how many of them concern a lead,
    how many nobody has looked at yet, and when the newest happened."""

    told: int
    of_leads: int
    waiting: int
    newest: datetime


def tally(tx: Connection) -> dict[str, Tally]:
    """By source."""
    concerns = case((table.c.leads != (), 1), else_=0)
    waits = case((table.c.settled.is_(False), 1), else_=0)
    counted = select(
        table.c.source, func.count(), func.sum(concerns), func.sum(waits), func.max(table.c.happened_at)
    ).group_by(table.c.source)
    return {source: Tally(*numbers) for source, *numbers in tx.execute(counted.order_by(table.c.source))}


def forget(tx: Connection, before: datetime) -> int:
    """What was settled and happened before then is needed no more: what it proved is in `evidence`."""
    gone = tx.execute(delete(table).where(and_(table.c.settled.is_(True), table.c.happened_at < before)))
    return gone.rowcount


def _known(tx: Connection, source: str, marks: Collection[tuple[str, str]]) -> dict[tuple[str, str], Heard]:
    found: dict[tuple[str, str], Heard] = {}
    for kind in sorted({kind for kind, _ in marks}):
        for part in in_parts(sorted(id_ for of, id_ in marks if of == kind)):
            where = (table.c.source == source, table.c.kind == kind, table.c.id.in_(part))
            for row in tx.execute(select(table).where(*where)).mappings():
                found[kind, row["id"]] = _heard(row)
    return found


def _heard(row: Mapping[Any, Any]) -> Heard:
    return Heard(
        row["source"],
        codec.load(_KINDS[row["kind"]], row["facts"]),
        row["learnt_at"],
        codec.load(tuple[LeadKey, ...], row["leads"]),
        row["note"],
    )


def _kind(one: Call | Mail) -> str:
    return "call" if isinstance(one, Call) else "mail"


def _joined(known: Call | Mail, heard: Call | Mail) -> Call | Mail:
    if isinstance(known, Call) and isinstance(heard, Call):
        return joined_calls(known, heard)
    if isinstance(known, Mail) and isinstance(heard, Mail):
        return joined_mails(known, heard)
    return heard
