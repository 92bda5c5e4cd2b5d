"""How a cycle ends without a new one: the lead is gone, or a person took it; and what only looks like that."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.clocks import ClockKind, State
from domain.decisions import Outcome
from domain.leads import Gone, Lead, LeadKey, Value
from ledger import clocks, decisions, leads, outbox, rotations
from ledger.leads import LeadRow
from playbook.book import Playbook
from runtime.causes import routed_wrongly
from runtime.lifecycle import OF_GONE, happened
from runtime.starting import as_told, first_response, owner_clocks
from sla_monitor.lifecycle import Happening


def end_gone(tx: Connection, playbook: Playbook, lead: Lead, now: datetime) -> None:
    """Converted, merged or deleted: nothing is owed any more, unless its owner has what it became. A lead that a person
    took is counted as converted too."""
    row = leads.current(tx, [lead.key]).get(lead.key)
    if row and row.ended and lead.gone == Gone.CONVERTED and not decisions.noted(tx, [lead.key], [decisions.GONE]):
        decisions.event(tx, row.key, row.cycle, decisions.GONE, now, now, {"why": lead.gone.value})
    if row and not row.ended and lead.gone:
        if lead.became and row.owner and row.applied_at and lead.owner_id == row.owner_id:
            _go_on(tx, row, lead, lead.became, now)
        happened(tx, playbook, row.key, row.cycle, OF_GONE[lead.gone], min(lead.modified_at, now), now)
        _end(tx, row, decisions.GONE, now, {"why": lead.gone.value})


def end_taken(tx: Connection, playbook: Playbook, row: LeadRow, lead: Lead, now: datetime) -> None:
    """A person made somebody else the owner: people win. Whoever has the lead of the same person in another CRM was
    brought here by a sync instead: that lead and its clocks go on there, and this one needs none of its own."""
    other = next((one for one in leads.in_step(tx, row.key) if one.owner and one.owner == lead.owner), None)
    if other:
        _end(tx, row, "in_step", now, {"owner": other.owner, "with": str(other.key)}, taken_by=other.owner)
        return
    routed_wrongly(tx, playbook, row, lead.owner, now)
    _end(tx, row, "owner_changed", now, {"owner_id": lead.owner_id, "was": row.owner}, taken_by=lead.owner)


def accept(
    tx: Connection, playbook: Playbook, row: LeadRow, at: datetime, now: datetime, *, noted: bool = False
) -> None:
    """Whom the lead is offered to has it: the offer's limit is over. `noted`: the event is there already."""
    happened(tx, playbook, row.key, row.cycle, Happening.OFFER_ACCEPTED, at, now)
    # Offers that were made before acceptance had a clock of its own.
    clocks.end_cycle(tx, row.key, row.cycle, now, [ClockKind.LIMIT])
    if not noted:
        decisions.event(tx, row.key, row.cycle, "accepted", at, now, {"owner": row.owner})
    outbox.put(tx, row.key, row.cycle, WriteFields(row.key, {"waiting_until": None}), f"accepted:{row.decision}")


def is_taken(row: LeadRow, owner_id: str | None) -> bool:
    """Whether a lead that waits for whoever takes it has another owner than it had."""
    return not row.ended and row.outcome == Outcome.WAITING and (owner_id or None) != (row.owner_id or None)


def claim(
    tx: Connection, playbook: Playbook, row: LeadRow, lead: Lead, now: datetime, at: datetime | None = None
) -> bool:
    """Whether one of our people has taken a lead that waited for whoever takes it: it is his from now on, and the first
    response is his to make. False, and nothing changed, for any other change of owner, and for whoever had it before
    and is only still there: our write has not come yet, or the record was read before it did."""
    rep = lead.owner
    if row.owner or lead.unowned or rep not in playbook.rules.reps or not is_taken(row, lead.owner_id):
        return False
    if lead.decision != row.decision and (row.applied_at or came_late(tx, row, lead)):
        return False
    made = decisions.get(tx, row.decision)
    if made is None or rep is None:
        return False
    outbox.void(tx, row.key, row.cycle)
    at = at or min(lead.modified_at, now)
    happened(tx, playbook, row.key, row.cycle, Happening.CLAIMED, at, now)
    leads.claimed(tx, row, rep, lead.owner_id, now)
    decisions.event(tx, row.key, row.cycle, "claimed", at, now, {"owner": rep})
    begun = owner_clocks(as_told(tx, playbook), replace(made, owner=rep), now)
    clocks.insert(tx, begun)
    fields: dict[str, Value] = {"outcome": Outcome.ASSIGNED.value, "queue": None, "waiting_until": None}
    if clock := first_response(begun):
        fields |= {"due_at": clock.due_at.isoformat(), "sla_state": "On track"}
    outbox.put(tx, row.key, row.cycle, WriteFields(row.key, fields), f"claimed:{row.decision}")
    return True


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
    going_on = clocks.of_lead(tx, row.key, row.cycle)
    clocks.insert(tx, [replace(clock, lead=became) for clock in going_on])
    for clock in going_on:
        if clock.state == State.MET and clock.next_at:
            clocks.save(tx, replace(clock, next_at=None))  # what met it is confirmed there, once
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
