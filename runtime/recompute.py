"""`running_clocks: recompute`: running clocks laid out again by a configuration that has come into force.

It is done in batches by whoever sweeps, from a place that is kept with the activation, so that it may be interrupted at
any moment; and it can be told before what it would do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.clocks import Clock, ClockKind
from ledger import clocks, decisions, leads, outbox, playbooks
from playbook.book import Playbook
from runtime.services import Services
from runtime.starting import around, around_of, with_told_hours
from sla_monitor.clock import Event, advance
from sla_monitor.deadlines import again

BATCH = 500
MOST_BATCHES = 20
"""In one sweep: the clocks that are due have their turn in between."""


@dataclass(slots=True)
class Forecast:
    """What a configuration would do to the clocks that run, if it came into force now."""

    keeps: bool
    running: int = 0
    earlier: int = 0
    later: int = 0
    ending: int = 0
    otherwise: int = 0
    """the same due time, and another ladder"""
    overdue: int = 0
    """of those that would be due earlier: at once"""

    def __str__(self) -> str:
        if self.keeps:
            return f"running clocks: {self.running}; they stay as they were promised (running_clocks: keep)"
        same = self.running - self.earlier - self.later - self.ending - self.otherwise
        return (
            f"running clocks: {self.running}; by this configuration (running_clocks: recompute) {self.earlier} are due "
            f"earlier, {self.overdue} of them overdue at once; {self.later} are due later; {self.otherwise} get other "
            f"steps; {self.ending} end; {same} stay as they are"
        )


def forecast(tx: Connection, playbook: Playbook, now: datetime) -> Forecast:
    """What this configuration would do to all clocks that run; nothing is changed."""
    told = Forecast(keeps=playbook.policy.running_clocks == "keep")
    if told.keeps:
        told.running = clocks.running(tx)
        return told
    after, playbook = 0, with_told_hours(tx, playbook)
    while batch := clocks.running_after(tx, after, BATCH):
        after = batch[-1].id or after
        for clock, fresh in _laid_out(tx, playbook, batch):
            told.running += 1
            if fresh is None:
                told.ending += 1
            elif fresh.due_at < clock.due_at:
                told.earlier += 1
                told.overdue += fresh.due_at <= now
            elif fresh.due_at > clock.due_at:
                told.later += 1
            elif fresh != clock:
                told.otherwise += 1
    return told


def recompute(services: Services, crm: str) -> None:
    """Lay out what is left to be laid out since the present configuration came into force."""
    playbook = services.playbook()
    if playbook.policy.running_clocks == "keep":
        return
    for _ in range(MOST_BATCHES):
        with services.ledger.reading() as tx:
            if clocks.is_laid_out(tx, crm, playbooks.activation(tx)):
                return
        with services.ledger.deciding() as tx:
            if playbooks.active(tx) != playbook.version:
                return
            _next_batch(tx, playbook, crm, services.now())
    services.wake("sweep", crm, "bulk")


def _next_batch(tx: Connection, playbook: Playbook, crm: str, now: datetime) -> None:
    activation = playbooks.activation(tx)
    batch = clocks.running_after(tx, clocks.laid_out_up_to(tx, crm, activation), BATCH, crm)
    if not batch:
        clocks.laid_out(tx, crm, activation, None)
        return
    changed: list[Clock] = []
    for clock, fresh in _laid_out(tx, with_told_hours(tx, playbook), batch):
        if fresh == clock:
            continue
        after = fresh or advance(clock, Event.CYCLE_ENDED, min(now, clock.due_at))
        changed.append(after)
        detail = {"clock": clock.kind.value, "was": clock.due_at.isoformat(), "due": fresh and fresh.due_at.isoformat()}
        decisions.event(tx, clock.lead, clock.cycle, "recomputed", now, now, detail)
        if fresh and clock.kind == ClockKind.FIRST_RESPONSE and fresh.due_at != clock.due_at:
            fields = WriteFields(clock.lead, {"due_at": fresh.due_at.isoformat()})
            outbox.put(tx, clock.lead, clock.cycle, fields, f"recomputed:{clock.id}:{clock.version}")
    clocks.save_all(tx, changed, moved=True)
    clocks.laid_out(tx, crm, activation, batch[-1].id)


def _laid_out(tx: Connection, playbook: Playbook, batch: Sequence[Clock]) -> Iterator[tuple[Clock, Clock | None]]:
    rows = leads.current(tx, [clock.lead for clock in batch])
    made = decisions.get_all(tx, list({row.decision for row in rows.values()}))
    for clock in batch:
        row = rows.get(clock.lead)
        decision = made.get(row.decision) if row and row.cycle == clock.cycle else None
        if decision and clock.owner:
            decision = replace(decision, owner=clock.owner)
        whose = around(playbook, decision) if decision else around_of(playbook, clock, row)
        if clock.terms:  # absences count as they were known when the clock started
            whose = replace(whose, away=clock.terms.away)
        yield clock, again(clock, playbook.policy, whose)
