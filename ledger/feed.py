"""What has happened since somebody last looked, over all leads: for boards and reports."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from domain.decisions import Decision
from ledger import codec
from ledger.columns import key_in
from ledger.decisions import LeadEvent
from ledger.tables import arrivals, decisions, lead_events


@dataclass(frozen=True, slots=True)
class News:
    """Decisions and events in the order in which they were recorded, and where the next look begins."""

    decisions: tuple[Decision, ...]
    events: tuple[LeadEvent, ...]
    place: tuple[int, int]


START = (0, 0)


def since(tx: Connection, place: tuple[int, int]) -> News:
    """Everything that was recorded after `place` (START: everything)."""
    made = tx.execute(select(decisions).where(decisions.c.seq > place[0]).order_by(decisions.c.seq)).mappings().all()
    happened = tx.execute(select(lead_events).where(lead_events.c.id > place[1]).order_by(lead_events.c.id))
    rows = happened.mappings().all()
    return News(
        tuple(codec.load(Decision, json.loads(row["decision"])) for row in made),
        tuple(
            LeadEvent(key_in(row), row["cycle"], row["kind"], row["at"], row["learnt_at"], row["detail"])
            for row in rows
        ),
        (made[-1]["seq"] if made else place[0], rows[-1]["id"] if rows else place[1]),
    )


def first_named_by(tx: Connection, events: Sequence[str]) -> int:
    """How many leads were first named by an event whose key contains one of these texts."""
    first = select(func.min(arrivals.c.id)).group_by(arrivals.c.crm, arrivals.c.account, arrivals.c.record)
    among = or_(*(arrivals.c.event.contains(event, autoescape=True) for event in events))
    return int(tx.scalar(select(func.count()).where(arrivals.c.id.in_(first), among)) or 0)
