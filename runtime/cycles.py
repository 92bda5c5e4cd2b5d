"""How a cycle ends without a new one: the lead is gone, or a person took it; and what only looks like that."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.leads import Lead, LeadKey
from ledger import clocks, decisions, leads, outbox, rotations
from ledger.leads import LeadRow


def end_gone(tx: Connection, lead: Lead, now: datetime) -> None:
    """Converted, merged or deleted: nothing is owed any more, unless its owner has what it became."""
    row = leads.current(tx, [lead.key]).get(lead.key)
    if row and not row.ended and lead.gone:
        if lead.became and row.owner and row.applied_at and lead.owner_id == row.owner_id:
            _go_on(tx, row, lead, lead.became, now)
        _end(tx, row, "gone", now, {"why": lead.gone.value})


def end_taken(tx: Connection, row: LeadRow, lead: Lead, now: datetime) -> None:
    """A person made somebody else the owner: people win."""
    _end(tx, row, "owner_changed", now, {"owner_id": lead.owner_id, "was": row.owner}, taken_by=lead.owner)


def came_late(tx: Connection, row: LeadRow, lead: Lead) -> bool:
    """Whether the record's owner is whom an earlier cycle chose, by a write that was under way when this one was
    decided. Where that write was known to be applied by then, a person has brought its owner back."""
    carried = decisions.get(tx, lead.decision) if lead.decision else None
    decided = decisions.get(tx, row.decision)
    if carried is None or decided is None or carried.lead != row.key or carried.cycle >= row.cycle:
        return False
    if carried.owner is None or lead.owner != carried.owner:
        return False
    return not any(
        event.kind == "applied" and event.cycle == carried.cycle and event.learnt_at < decided.decided_at
        for event in decisions.events(tx, row.key)
    )


def _go_on(tx: Connection, row: LeadRow, lead: Lead, became: LeadKey, now: datetime) -> None:
    """The cycle and its clocks go on as those of the merged record. Where that has a cycle already, by the other record
    that it was made of, one person answers for it and that is enough."""
    if not leads.carry(tx, row, became):
        return
    clocks.insert(tx, [replace(clock, lead=became) for clock in clocks.of_lead(tx, row.key, row.cycle)])
    decisions.event(tx, became, row.cycle, "merged", now, now, {"was": row.key.id, "decision": row.decision})
    if lead.decision != row.decision:
        carried = WriteFields(became, {"decision": row.decision})
        outbox.put(tx, became, row.cycle, carried, f"carry after a merge:{became}:{row.decision}")


def _end(
    tx: Connection, row: LeadRow, kind: str, now: datetime, detail: dict[str, object], taken_by: str | None = None
) -> None:
    """The turn of a lead that never became the person's own comes back."""
    outbox.void(tx, row.key, row.cycle)
    clocks.end_cycle(tx, row.key, row.cycle, now)
    leads.end(tx, row.key, row.cycle, taken_by)
    decisions.event(tx, row.key, row.cycle, kind, now, now, detail)
    if row.applied_at is None:
        rotations.give_back(tx, row.decision)
