"""The facts about a breach, gathered when its time is over: `sla_monitor.causes` says what they amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.clocks import Clock, ClockKind, State
from domain.hours import Calendar, working_seconds
from domain.people import Absence
from ledger import clocks, decisions, outbox, people
from ledger.leads import LeadRow
from playbook.book import Playbook
from router.case import Standing
from runtime import consequences
from runtime.starting import calendar_for
from sla_monitor.causes import BreachCause, Facts, Found, cause_of
from sla_monitor.deadlines import in_real_time


class Causes:
    """Finds the causes of breaches in one transaction; what it reads of people it reads once."""

    def __init__(self, tx: Connection, playbook: Playbook) -> None:
        self._tx, self._playbook = tx, playbook
        self._standing: dict[str, Mapping[str, Standing]] = {}
        self._absences: Sequence[Absence] | None = None
        self._told = False

    def of(self, clock: Clock, row: LeadRow) -> Found:
        """Why this clock of the current cycle was breached."""
        if not self._told:
            # The hours of people for whom `config/` has none are those that their CRM tells.
            self._playbook = self._playbook.with_hours(people.working_hours(self._tx))
            self._told = True
        owner = (clock.owner or row.owner) if clock.kind not in _OWNERLESS else None
        calendar = calendar_for(self._playbook, clock, row)
        got = _got(clock, row)
        rep = self._playbook.rules.reps.get(owner or "")
        found = cause_of(
            Facts(
                kind=clock.kind,
                owner=owner,
                left=_share(clock, calendar, got, clock.due_at, clock.started_at),
                before=bool(row.had),
                on_duty=self._on_duty(clock, row, owner, got),
                away=self._away(clock, calendar, owner, got),
                open_leads=self._open_leads(clock.lead.crm, owner),
                capacity=rep.capacity if rep else None,
            )
        )
        if found.cause == BreachCause.DID_NOT_ACT and owner and self._untold(clock, owner):
            return Found(BreachCause.NOT_NOTIFIED)
        return found

    def _on_duty(self, clock: Clock, row: LeadRow, owner: str | None, got: datetime) -> bool:
        rules = self._playbook.rules
        pool = rules.pools.get(row.pool or "")
        if clock.kind == ClockKind.CLAIM and pool:
            who: Sequence[str] = [member.rep for member in pool.members]
        else:
            who = [owner] if owner else []
        if not who or clock.due_at <= got:
            return True
        return any(working_seconds(rules.calendar_of_rep(one), got, clock.due_at) > 0 for one in who)

    def _away(self, clock: Clock, calendar: Calendar, owner: str | None, got: datetime) -> float:
        """The share of the time for which the owner was absent; meetings are no absence."""
        if owner is None or clock.due_at <= got:
            return 0.0
        gone = 0.0
        until = got
        for absence in sorted(self._absent(), key=lambda one: one.starts):
            begins, ends = max(absence.starts, until), min(absence.ends, clock.due_at)
            if absence.rep == owner and begins < ends:
                gone += _share(clock, calendar, begins, ends, got)
                until = ends
        return gone

    def _absent(self) -> Sequence[Absence]:
        if self._absences is None:
            known = (*self._playbook.absences, *people.absences(self._tx))
            self._absences = [one for one in known if not one.meeting]
        return self._absences

    def _open_leads(self, crm: str, owner: str | None) -> int | None:
        if crm not in self._standing:
            self._standing[crm] = people.standing(self._tx, crm)
        known = self._standing[crm].get(owner or "")
        return known.open_leads if known else None

    def _untold(self, clock: Clock, owner: str) -> bool:
        """Whether somebody was to be told of the lead, and nothing reached him: neither a message nor a task."""
        told = outbox.told(self._tx, clock.lead, clock.cycle, owner)
        return bool(told) and not any(told)


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
        helping |= {pool.manager, *(member.rep for member in pool.members), *pool.backup}
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


def _got(clock: Clock, row: LeadRow) -> datetime:
    """When its owner had the lead."""
    return max(clock.started_at, row.applied_at) if row.applied_at and clock.owner else clock.started_at


def _share(clock: Clock, calendar: Calendar, start: datetime, end: datetime, since: datetime) -> float:
    """What share of the clock's time from `since` to the due time lies between start and end (negative: backwards)."""
    whole = _seconds(clock, calendar, since, clock.due_at)
    return _seconds(clock, calendar, start, end) / whole if whole > 0 else 1.0


def _seconds(clock: Clock, calendar: Calendar, start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() if in_real_time(clock) else working_seconds(calendar, start, end)
