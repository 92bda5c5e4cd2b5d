"""Clocks that a decision starts: in whose hours they run, since when, and what goes on from the owner before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.clocks import ATTEMPTS, RESPONSES, Clock, ClockKind
from domain.decisions import Cause, Decision, Outcome
from domain.hours import Calendar
from domain.people import Absence
from domain.targets import Around, choose
from ledger import clocks, leads, people
from ledger.leads import LeadRow
from playbook.book import Playbook
from router.placing import OFFER
from router.waits import PUT_BACK, RETURN
from sla_monitor.clock import continued, start, wait
from sla_monitor.deadlines import For, calendar_of, put_off
from sla_monitor.policy import Tier

NO_FURTHER_STEP = "the ladder has no further step"
"""Why a lead stays where it is (`ladder_ended`)."""


def with_told_hours(tx: Connection, playbook: Playbook) -> Playbook:
    """The configuration with the hours of people for whom it has none, as their CRM tells them."""
    return playbook.with_hours(people.working_hours(tx))


def as_told(tx: Connection, playbook: Playbook) -> Playbook:
    """The same, with the absences that were entered, or are read elsewhere. Of a configuration as it is written: told
    twice, everybody would be away twice."""
    told = with_told_hours(tx, playbook)
    return replace(told, absences=(*told.absences, *people.absences(tx)))


def around(playbook: Playbook, decision: Decision) -> Around:
    """Whose hours the clocks of this decision may run in. Where there is no owner yet, it is whoever answers for the
    queue."""
    zone = decision.explanation.values.get("timezone")
    return playbook.rules.around(decision.owner or decision.responsible, decision.pool, zone)


def away_from(absences: Iterable[Absence], rep: str | None, since: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """When somebody is not there, after a moment: meetings keep nobody from answering."""
    return tuple((one.starts, one.ends) for one in absences if one.rep == rep and not one.meeting and one.ends > since)


def response_clock(
    playbook: Playbook, decision: Decision, kind: ClockKind, since: datetime, tried: Sequence[datetime] = ()
) -> Clock | None:
    """A clock of this decision's tier from `since` on, in the calendars of its owner and pool, and with the absences of
    `playbook`; None where there is no target. `tried` are the attempts that were made."""
    tier = playbook.policy.tiers.get(decision.tier or "")
    if not tier or kind not in tier.targets:
        return None
    whom = _whom(playbook, decision)
    if kind == ClockKind.FIRST_RESPONSE:
        away = away_from(playbook.absences, decision.owner, since)
        whom = replace(whom, around=replace(whom.around, away=away))
    return start(kind, whom, tier, playbook.policy, since, tried)


def owner_clocks(playbook: Playbook, decision: Decision, since: datetime) -> list[Clock]:
    """Those that begin for the owner of this decision at one moment."""
    return [clock for kind in RESPONSES if (clock := response_clock(playbook, decision, kind, since))]


def first_response(clocks: Iterable[Clock]) -> Clock | None:
    """The first response's, where it is among them."""
    return next((clock for clock in clocks if clock.kind == ClockKind.FIRST_RESPONSE), None)


def response_clocks(tx: Connection, playbook: Playbook, decision: Decision, at: datetime) -> tuple[Clock, ...]:
    """The clocks that run for the owner of this decision when it is written at `at`: the first response's is the
    first. With `on_reassign: continue` they are those of the owner before, as far as he has not met them."""
    tier = playbook.policy.tiers.get(decision.tier or "")
    if not tier or not any(kind in tier.targets for kind in RESPONSES):
        return ()
    if decision.rule != RETURN and decision.cause in (Cause.SLA, Cause.LIMIT) and tier.on_reassign == "continue":
        before = {one.kind: one for one in clocks.of_lead(tx, decision.lead, decision.cycle - 1)}
    else:
        before = {}
    answered = _answered_before(tx, decision)
    found: list[Clock | None] = []
    for kind in RESPONSES:
        if kind in answered:
            continue
        if kind in before:
            found.append(_continued(playbook, decision, before[kind], at))
        else:
            found.append(response_clock(playbook, decision, kind, _since(tx, tier, decision, kind, at)))
    for kind in ATTEMPTS:
        if kind in before:
            found.append(_continued(playbook, decision, before[kind], at, _tried(tx, before[kind])))
    return tuple(clock for clock in found if clock)


def _tried(tx: Connection, clock: Clock) -> list[datetime]:
    """When the lead was tried before the time of this attempt began: the one before has begun it, and so on."""
    made = (one.started_at for one in clocks.of_lead(tx, clock.lead) if one.kind in ATTEMPTS)
    return [at for at in made if at <= clock.started_at]


def _continued(
    playbook: Playbook, decision: Decision, before: Clock, at: datetime, tried: Sequence[datetime] = ()
) -> Clock | None:
    fresh = response_clock(playbook, decision, before.kind, before.started_at, tried)
    if fresh is None:
        return None
    if before.paused_seconds:
        later = put_off(fresh, calendar_of(fresh, playbook.policy), before.paused_seconds, fresh.started_at)
        fresh = replace(later, paused_seconds=before.paused_seconds)
    return continued(fresh, before, at)


def _answered_before(tx: Connection, decision: Decision) -> frozenset[ClockKind]:
    """What an owner to whom a lead comes back had done when it was taken from him: he is not asked for it again."""
    if decision.rule != RETURN:
        return frozenset()
    had = clocks.of_lead(tx, decision.lead, decision.cycle - 2)
    return frozenset(one.kind for one in had if one.met_at is not None)


def _since(tx: Connection, tier: Tier, decision: Decision, kind: ClockKind, at: datetime) -> datetime:
    """When its time begins: with the applied write, unless `sla.yaml` says otherwise."""
    target = tier.targets.get(kind)
    if target and decision.cycle == 0 and target.starts == "created":
        row = leads.current(tx, [decision.lead]).get(decision.lead)
        return row.created_at if row else at
    return at


def wait_clock(playbook: Playbook, decision: Decision, at: datetime, until: datetime, to: str) -> Clock:
    """The clock of the wait that this decision begins: it runs for whom the lead is offered to, or who answers for it
    meanwhile."""
    kind = wait_kind(decision)
    return wait(kind, _whom(playbook, decision), decision.tier or "", playbook.policy, at, until, to)


def wait_kind(decision: Decision) -> ClockKind:
    """What the wait is for. Where a pool only waits for its people, and where an assigned lead is handed over later,
    nobody was asked to do anything."""
    match decision.outcome:
        case Outcome.OFFERED:
            return ClockKind.ACCEPTANCE
        case Outcome.REVIEW:
            return ClockKind.REVIEW
        case Outcome.WAITING if (decision.then or "").startswith(OFFER) or decision.rule == PUT_BACK:
            return ClockKind.CLAIM
        case _:
            return ClockKind.LIMIT


def calendar_for(playbook: Playbook, clock: Clock, row: LeadRow | None) -> Calendar:
    """The hours in which the clock runs; of one that was started before terms were stored, those of its tier now."""
    if clock.terms:
        return calendar_of(clock, playbook.policy)
    tier = playbook.policy.tier(clock.tier)
    return choose(tier.calendar, playbook.policy.hours, around_of(playbook, clock, row)).calendar


def around_of(playbook: Playbook, clock: Clock, row: LeadRow | None) -> Around:
    """Whose hours a clock that runs may be in."""
    return playbook.rules.around(clock.owner, row.pool if row else None, clock.terms and clock.terms.timezone)


def _whom(playbook: Playbook, decision: Decision) -> For:
    owner = decision.owner or (decision.responsible if decision.outcome == Outcome.REVIEW else None)
    return For(decision.lead, decision.cycle, owner, around(playbook, decision))
