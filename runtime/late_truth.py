"""What a breach has led to that was none: it was answered in time, and logged late.

The clock itself, and so every count and streak, is put right where activities are weighed. Here the lead is: whoever
has it by now keeps it, or the one from whom it was taken gets it back, as `on_retraction` says; and the record tells.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.clocks import Clock, ClockKind
from domain.decisions import Cause
from domain.leads import Value
from ledger import clocks, decisions, evidence, leads, outbox
from ledger.leads import LeadRow
from playbook.book import Playbook
from router.waits import GIVEN_BACK
from runtime import consequences
from runtime.causes import noted
from sla_monitor.causes import AGAINST_THE_OWNER, Found
from sla_monitor.clock import limit, weigh

NO_BREACH = "logged late, but in time: no breach"
STAYS = f"{NO_BREACH}; stays with its present owner"

NEVER_OWED = "the attempt before was not made: no breach"

WITHDRAWN = "breach_withdrawn"
"""The event that says so."""

RETURNED = "returned"
"""The event that says a lead goes back."""


def retracted(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """The breach of this clock, which is saved as met, was none."""
    consequences.taken_back(tx, playbook, clock, now)
    row = leads.current(tx, [clock.lead]).get(clock.lead)
    if row is None or row.ended:
        return
    fields: dict[str, Value] = {"ladder_step": NO_BREACH}
    if row.cycle != clock.cycle:
        fields["ladder_step"] = STAYS
        if playbook.policy.on_retraction == "return" and _was_taken(tx, playbook, clock, row, now):
            # What the record says of it is written with its owner.
            _give_back(tx, clock, row, now)
            return
        if not any(one.cause for one in clocks.of_lead(tx, row.key, row.cycle)):
            fields["breach_cause"] = None
    outbox.put(tx, row.key, row.cycle, WriteFields(row.key, fields), f"late truth:{clock.id}:{clock.version}")


def broken(tx: Connection, playbook: Playbook, clock: Clock, found: Found, now: datetime) -> None:
    """This clock, whose time is over for good and which is saved with that cause, was not met after all: what had met
    it came to nothing. That counts for its owner, and nothing happens to the lead."""
    owner = clock.owner if found.cause in AGAINST_THE_OWNER else None
    decisions.event(tx, clock.lead, clock.cycle, "breached", clock.due_at, now, noted(clock, found, owner))
    if owner:
        consequences.broken(tx, playbook, clock, now)


def never_owed(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """The breach of this further attempt's clock, which is forgotten, was none: its time had begun with an attempt that
    was typed in and came to nothing. The lead stays where it is: now the attempt before is owed."""
    detail = {"clock": clock.kind.value, "owner": clock.owner, "why": NEVER_OWED}
    decisions.event(tx, clock.lead, clock.cycle, WITHDRAWN, now, now, detail)
    consequences.taken_back(tx, playbook, clock, now)
    row = leads.current(tx, [clock.lead]).get(clock.lead)
    if row and not row.ended and row.cycle == clock.cycle:
        note = WriteFields(row.key, {"ladder_step": f"{clock.kind.replace('_', ' ')}: {NEVER_OWED}"})
        outbox.put(tx, row.key, row.cycle, note, f"never owed:{clock.id}:{clock.version}")


def _was_taken(tx: Connection, playbook: Playbook, clock: Clock, row: LeadRow, now: datetime) -> bool:
    """Whether the lead was handed on for that breach, and whoever has it now has done nothing with it yet. Where it has
    moved on again, or a person has chosen, it stays."""
    made = decisions.get(tx, row.decision)
    if made is None or made.cause != Cause.SLA or row.cycle != clock.cycle + 1:
        return False
    if not clock.owner or row.owner == clock.owner or clock.owner not in row.had:
        return False
    present = clocks.of_lead(tx, row.key, row.cycle)
    begun = any(one.met_at is not None for one in present if one.kind != ClockKind.ASSIGNMENT)
    if begun or decisions.noted(tx, [row.key], [RETURNED]):
        return False
    # Where only contact meets a clock, whoever has tried has begun all the same.
    done = [one for one in evidence.of(tx, [row.key]).get(row.key, ()) if one.by != clock.owner]
    tried = weigh(done, playbook.policy.counts_as, row.applied_at or now, row.owner, now)
    return not (tried.first_attempt or tried.first_contact)


def _give_back(tx: Connection, clock: Clock, row: LeadRow, now: datetime) -> None:
    """A wait of no time at all: the sweep reads the CRM again, and moves the lead on if nobody has come in between."""
    number = 1 + max((one.round for one in clocks.of_lead(tx, row.key, row.cycle)), default=-1)
    goes = limit(row.key, row.cycle, clock.tier, now, now, f"{GIVEN_BACK}{clock.owner}")
    clocks.insert(tx, [replace(goes, round=number)])
    decisions.event(tx, row.key, row.cycle, RETURNED, now, now, {"to": clock.owner})
