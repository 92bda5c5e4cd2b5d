"""Leads that a CRM named and nobody has decided about yet: one row per sighting, kept until it is dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from domain.leads import LeadKey, Seen
from ledger.columns import in_parts, key_in, naming
from ledger.dialects import insert_new
from ledger.tables import arrivals

HOT_FIRST = ("hot", "bulk")

WAITING = "waiting"
DONE = "done"
SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sighting that waits. `seen_at` is the CRM's time, `received_at` machine time; `attempts` counts leases."""

    id: int
    key: LeadKey
    lane: str
    event: str
    seen_at: datetime
    received_at: datetime
    attempts: int


def store(tx: Connection, seen: Sequence[Seen], received_at: datetime) -> int:
    """Keep the sightings; how many were new. One whose event is known already changes nothing."""
    rows = [
        naming(one.key)
        | {
            "lane": "hot" if one.hot else "bulk",
            "event": one.event,
            "seen_at": one.at,
            "received_at": received_at,
            "state": WAITING,
            "attempts": 0,
            "free_at": received_at,
            "note": "",
        }
        # In one order everywhere, so that a webhook and a poll never wait for each other (PostgreSQL).
        for one in sorted(seen, key=lambda one: one.event)
    ]
    if not rows:
        return 0
    return len(tx.execute(insert_new(tx, arrivals, arrivals.c.id), rows).all())


def lease(
    tx: Connection, crm: str, lanes: Sequence[str], most: int, machine: datetime, seconds: float
) -> list[Arrival]:
    """Take what waits, for at most `seconds`: the hot lane first, then the oldest sighting. Nobody else gets it."""
    leased: list[Arrival] = []
    for lane in sorted(set(lanes), key=HOT_FIRST.index):
        rows = tx.execute(
            select(arrivals)
            .where(
                arrivals.c.crm == crm,
                arrivals.c.state == WAITING,
                arrivals.c.lane == lane,
                arrivals.c.free_at <= machine,
            )
            .order_by(arrivals.c.seen_at, arrivals.c.id)
            .limit(most - len(leased))
            .with_for_update(skip_locked=True)
        ).mappings()
        leased += [
            Arrival(
                row["id"],
                key_in(row),
                row["lane"],
                row["event"],
                row["seen_at"],
                row["received_at"],
                row["attempts"] + 1,
            )
            for row in rows
        ]
    for ids in in_parts([arrival.id for arrival in leased]):
        tx.execute(
            update(arrivals)
            .where(arrivals.c.id.in_(ids))
            .values(free_at=machine + timedelta(seconds=seconds), attempts=arrivals.c.attempts + 1)
        )
    return leased


def finish(tx: Connection, ids: Sequence[int], note: str) -> None:
    """They are dealt with; `note` says how."""
    _close(tx, ids, DONE, note)


def set_aside(tx: Connection, ids: Sequence[int], note: str) -> None:
    """A person has to look, for the reason in `note`."""
    _close(tx, ids, SET_ASIDE, note)


def postpone(tx: Connection, ids: Sequence[int], until_machine: datetime, note: str) -> None:
    """They wait on, and are not leased before then."""
    for part in in_parts(ids):
        tx.execute(
            update(arrivals)
            .where(arrivals.c.id.in_(part), arrivals.c.state == WAITING)
            .values(free_at=until_machine, note=note)
        )


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """How many there are by (crm, state): waiting, done, set_aside."""
    rows = tx.execute(select(arrivals.c.crm, arrivals.c.state, func.count()).group_by(arrivals.c.crm, arrivals.c.state))
    return {(crm, state): number for crm, state, number in rows}


def _close(tx: Connection, ids: Sequence[int], state: str, note: str) -> None:
    for part in in_parts(ids):
        tx.execute(
            update(arrivals).where(arrivals.c.id.in_(part), arrivals.c.state == WAITING).values(state=state, note=note)
        )
