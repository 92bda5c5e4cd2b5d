"""How a cycle ends without a new one: the lead is gone, or a person took it."""

from datetime import datetime

from sqlalchemy import Connection

from domain.leads import Lead
from ledger import clocks, decisions, leads, outbox, rotations
from ledger.leads import LeadRow


def end_gone(tx: Connection, lead: Lead, now: datetime) -> None:
    """Converted, merged or deleted: nothing is owed any more."""
    row = leads.current(tx, [lead.key]).get(lead.key)
    if row and not row.ended and lead.gone:
        _end(tx, row, "gone", now, {"why": lead.gone.value})


def end_taken(tx: Connection, row: LeadRow, lead: Lead, now: datetime) -> None:
    """A person made somebody else the owner: people win. A turn whose write never was applied comes back."""
    _end(tx, row, "owner_changed", now, {"owner_id": lead.owner_id, "was": row.owner})
    if row.applied_at is None:
        rotations.give_back(tx, row.decision)


def _end(tx: Connection, row: LeadRow, kind: str, now: datetime, detail: dict[str, object]) -> None:
    outbox.void(tx, row.key, row.cycle)
    clocks.end_cycle(tx, row.key, row.cycle, now)
    leads.end(tx, row.key, row.cycle)
    decisions.event(tx, row.key, row.cycle, kind, now, now, detail)
