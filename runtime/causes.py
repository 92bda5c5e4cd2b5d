"""The facts about a breach, gathered when its time is over: `sla_monitor.causes` says what they amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.clocks import Clock, ClockKind, State
from domain.hours import working_seconds
from domain.people import Absence
from ledger import clocks, decisions, leads, outbox, people
from ledger.leads import LeadRow
from playbook.book import Playbook
from router.case import Standing
from runtime import consequences
from runtime.starting import as_told, calendar_for
from sla_monitor.causes import BreachCause, Facts, Found, cause_of
from sla_monitor.deadlines import own_seconds


class Causes:
    """Finds the causes of breaches in one transaction; what it reads of people it reads once."""

    def __init__(self, tx: Connection, playbook: Playbook) -> None:
        self._tx, self._written = tx, playbook
        self._standing: dict[str, Mapping[str, Standing]] = {}
        self._told: Playbook | None = None
        self._absences: dict[str, list[Absence]] = {}

    def of(self, breached: Sequence[tuple[Clock, LeadRow]]) -> list[Found]:
        """Why each of these clocks of current cycles was breached; no lead is there twice."""
        owners = {clock.lead: (clock.cycle, owner) for clock, row in breached if (owner := _owner(clock, row))}
        untold = outbox.untold(self._tx, owners)
        return [cause_of(self._facts(clock, row, undelivered=clock.lead in untold)) for clock, row in breached]

    def _facts(self, clock: Clock, row: LeadRow, *, undelivered: bool) -> Facts:
        playbook = self.told()
        owner = _owner(clock, row)
        got = _got(clock, row)
        rep = playbook.rules.reps.get(owner or "")
        capacity = rep.capacity if rep else None
        return Facts(
            kind=clock.kind,
            owner=owner,
            left=self._share(clock, row, got, clock.due_at, clock.started_at),
            before=bool(row.had),
            on_duty=self._on_duty(clock, row, owner, got),
            away=self._away(clock, row, owner, got),
            open_leads=self._open_leads(clock.lead.crm, owner) if capacity is not None else None,
            capacity=capacity,
            undelivered=undelivered,
        )

    def told(self) -> Playbook:
        """The configuration with what was told of people's hours and absences."""
        if self._told is None:
            self._told = as_told(self._tx, self._written)
            for absence in sorted(self._told.absences, key=lambda one: one.starts):
                if not absence.meeting:
                    self._absences.setdefault(absence.rep, []).append(absence)
        return self._told

    def _on_duty(self, clock: Clock, row: LeadRow, owner: str | None, got: datetime) -> bool:
        rules = self.told().rules
        pool = rules.pools.get(row.pool or "")
        if clock.kind == ClockKind.CLAIM and pool:
            who: Sequence[str] = pool.reps
        else:
            who = [owner] if owner else []
        if not who or clock.due_at <= got:
            return True
        return any(working_seconds(rules.calendar_of_rep(one), got, clock.due_at) > 0 for one in who)

    def _away(self, clock: Clock, row: LeadRow, owner: str | None, got: datetime) -> float:
        """The share of the time for which the owner was absent; meetings are no absence."""
        if owner is None or clock.due_at <= got:
            return 0.0
        gone = 0.0
        until = got
        for absence in self._absences.get(owner, ()):
            begins, ends = max(absence.starts, until), min(absence.ends, clock.due_at)
            if begins < ends:
                gone += self._share(clock, row, begins, ends, got)
                until = ends
        return gone

    def _share(self, clock: Clock, row: LeadRow, start: datetime, end: datetime, since: datetime) -> float:
        """What share of the clock's time from `since` to the due time lies between start and end (negative:
        backwards)."""
        if (start, end) == (since, clock.due_at):
            return 1.0
        calendar = calendar_for(self.told(), clock, row)
        whole = own_seconds(clock, calendar, since, clock.due_at)
        return own_seconds(clock, calendar, start, end) / whole if whole > 0 else 1.0

    def _open_leads(self, crm: str, owner: str | None) -> int | None:
        if crm not in self._standing:
            self._standing[crm] = people.standing(self._tx, crm)
        known = self._standing[crm].get(owner or "")
        return known.open_leads if known else None


def cause_afterwards(tx: Connection, playbook: Playbook, clock: Clock) -> Found:
    """Why this clock was breached, where that is found out when its time is over for good: from the lead as it was
    then, whoever has it by now."""
    row = leads.current(tx, [clock.lead])[clock.lead]
    if row.cycle != clock.cycle:
        made = {one.cycle: one for one in decisions.of_lead(tx, clock.lead)}
        had = tuple(one.owner for cycle, one in sorted(made.items()) if cycle < clock.cycle and one.owner)
        written = decisions.happened(tx, [clock.lead], ["applied"])
        row = replace(
            row,
            cycle=clock.cycle,
            owner=clock.owner,
            pool=made[clock.cycle].pool if clock.cycle in made else None,
            had=had,
            applied_at=next((event.at for event in written if event.cycle == clock.cycle), None),
        )
    [found] = Causes(tx, playbook).of([(clock, row)])
    return found


def noted(clock: Clock, found: Found, owner: str | None) -> dict[str, object]:
    """What the event `breached` says; `owner` is whom it counts against, if anybody."""
    said: dict[str, object] = {"clock": clock.kind.value, "cause": found.cause.value, "owner": owner}
    return {**said, "detail": found.detail} if found.detail else said


_OWNERLESS = frozenset({ClockKind.ASSIGNMENT, ClockKind.CLAIM, ClockKind.LIMIT, ClockKind.HAND_OVER})


def routed_wrongly(tx: Connection, playbook: Playbook, row: LeadRow, to: str | None, now: datetime) -> None:
    """A person gave the lead to somebody else, past the rules: what was held against its owner in this cycle was not
    his. A colleague of the same pool, or a manager, who takes over is help and proves nothing about the routing."""
    rules = playbook.rules
    pool = rules.pools.get(row.pool or "")
    if to is None or to not in rules.reps or not row.owner or to == row.owner:
        return
    helping = {rules.reps[row.owner].manager if row.owner in rules.reps else None}
    if pool:
        helping |= {pool.manager, *pool.reps, *pool.backup}
    if to in helping:
        return
    wrong = cause_of(Facts(ClockKind.FIRST_RESPONSE, row.owner, overridden_by=to))
    for clock in clocks.of_lead(tx, row.key, row.cycle):
        if clock.state == State.BREACHED and clock.cause == BreachCause.DID_NOT_ACT and clock.owner == row.owner:
            changed = replace(clock, cause=wrong.cause.value)
            if clocks.save(tx, changed):
                detail = {"clock": clock.kind.value, "cause": wrong.cause.value, "detail": wrong.detail}
                decisions.event(tx, row.key, row.cycle, "cause_changed", now, now, {**detail, "owner": None})
                consequences.taken_back(tx, playbook, changed, now)


def _owner(clock: Clock, row: LeadRow) -> str | None:
    return (clock.owner or row.owner) if clock.kind not in _OWNERLESS else None


def _got(clock: Clock, row: LeadRow) -> datetime:
    """When its owner had the lead."""
    return max(clock.started_at, row.applied_at) if row.applied_at and clock.owner else clock.started_at
