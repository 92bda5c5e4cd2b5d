"""From a policy to moments: when a clock is due, and when each rung of its ladder comes.

A clock carries its moments and the terms that they follow from. Whoever sweeps it needs neither a calendar nor the
policy, and a changed `sla.yaml` does not move clocks that are running, unless it says so (`again`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.clocks import ATTEMPTS, WAITS, Clock, ClockKind, State, Step, Terms
from domain.hours import Calendar, Span, working_seconds
from domain.leads import LeadKey
from domain.targets import Around, Chosen, calendar_in, choose, ends, in_reach, part
from sla_monitor.attempts import at_another_time
from sla_monitor.policy import Policy, Rung, Target, Tier


@dataclass(frozen=True, slots=True)
class For:
    """Whom and what a clock is for: one cycle of a lead, its owner (None: nobody yet), and whose hours may apply."""

    lead: LeadKey
    cycle: int
    owner: str | None = None
    around: Around = field(default_factory=Around)


def start(
    kind: ClockKind, whom: For, tier: Tier, policy: Policy, at: datetime, tried: Sequence[datetime] = ()
) -> Clock | None:
    """A running clock with its due time and every step of its ladder as a moment; None where the tier sets no such
    target.

    `at` is when the time starts: the assignment, or the lead's creation under `starts: created`, or the attempt before.
    `tried` are the attempts that were made, which `other_time_of_day` keeps away from. Exactly one step is the breach,
    at the due time and before every rung of the same moment. Where a calendar has too few hours left, real time counts.
    """
    target = tier.targets.get(kind)
    if target is None or kind in WAITS:
        return None
    chosen = in_reach(choose(target.calendar or tier.calendar, policy.hours, whom.around), at, target.within)
    due_at = ends(chosen.calendar, at, target.within)
    if target.other_time:
        due_at = at_another_time(chosen.calendar, due_at, tried, whom.around.lead)
    steps = _steps(target.ladder, chosen.calendar, at, due_at, target.within)
    terms = _terms(target.within, target, tier, policy, chosen)
    return _clock(kind, whom, tier.name, at, due_at, steps, terms)


def wait(kind: ClockKind, whom: For, tier_name: str, policy: Policy, at: datetime, until: datetime, to: str) -> Clock:
    """A clock for a wait: at `until` the lead moves on to `to`, and the wait is breached, unless it is one that nobody
    was asked to end (LIMIT). Its ladder is the one that the tier has for this kind of wait."""
    tier = policy.tier(tier_name)
    target = tier.targets.get(kind)
    chosen = choose((target.calendar if target else None) or tier.calendar, policy.hours, whom.around)
    ladder = target.ladder if target else ()
    steps = _steps(ladder, chosen.calendar, at, until, target.within if target else Span(0))
    if kind == ClockKind.LIMIT:
        steps = [step for step in steps if step.do != "breach"]
    steps = _sorted([*steps, Step(until, "move_on", (to,), "limit of the wait")])
    terms = _terms(target.within if target else None, target, tier, policy, chosen)
    return _clock(kind, whom, tier_name, at, until, steps, terms)


def limit(
    lead: LeadKey, cycle: int, tier: str, at: datetime, until: datetime, to: str, kind: ClockKind = ClockKind.LIMIT
) -> Clock:
    """A wait that nobody was asked to end (or a hand-over beside one): at `until` the lead moves on to `to`."""
    step = Step(until, "move_on", (to,), "limit of the wait" if kind == ClockKind.LIMIT else "hand-over")
    return Clock(lead, cycle, kind, tier, at, until, (step,), next_at=until, terms=Terms())


def continued(fresh: Clock, before: Clock, at: datetime) -> Clock | None:
    """The clock of the next owner where it goes on from the one `before` (`on_reassign: continue`): `fresh` was started
    when that one was. What of its ladder lay before `at` has happened, the breach too: whoever owned the lead then owes
    it. But a step that hands the lead on and was not taken yet is overdue, or the ladder would have no end. None where
    the former owner has answered: nothing is left to do."""
    if before.met_at is not None:
        return None
    steps = fresh.steps
    handed_on = sum(step.hands_on for step in before.steps[: before.done])
    overdue = [number for number, step in enumerate(steps) if step.hands_on][handed_on:]
    done = next((number for number, step in enumerate(steps) if step.at > at or number in overdue), len(steps))
    over = fresh.due_at <= at
    return replace(
        fresh,
        done=done,
        state=State.BREACHED if over else State.RUNNING,
        breached_at=fresh.due_at if over else None,
        next_at=steps[done].at if done < len(steps) else None,
    )


def again(clock: Clock, policy: Policy, around: Around) -> Clock | None:
    """The clock as the policy would have it now: from its own start, with what was paused put on top, and with the
    steps that were taken done. The same clock where nothing changes, and for one that the policy says nothing of any
    more or that is a wait, whose end somebody was told; None where its tier has no such target any more."""
    tier = policy.tiers.get(clock.tier)
    if tier is None or clock.kind in WAITS:
        return clock
    target = tier.targets.get(clock.kind)
    if target is None:
        return None
    fresh = start(clock.kind, For(clock.lead, clock.cycle, clock.owner, around), tier, policy, clock.started_at)
    if fresh is None:
        return None
    if clock.kind in ATTEMPTS and target.other_time:
        fresh = _due_at(fresh, clock.due_at, target, policy)  # at what time others were made is not known any more
    elif clock.paused_seconds:
        fresh = put_off(fresh, calendar_of(fresh, policy), clock.paused_seconds, fresh.started_at)
    taken = clock.steps[: clock.done]
    known = {(step.do, step.to, step.label) for step in taken}
    left = [step for step in fresh.steps if (step.do, step.to, step.label) not in known]
    changed = replace(
        clock, due_at=fresh.due_at, steps=(*taken, *left), terms=fresh.terms, next_at=left[0].at if left else None
    )
    if clock.state == State.PAUSED:
        changed = replace(changed, next_at=clock.next_at)
    return clock if _same(changed, clock) else changed


def _same(one: Clock, other: Clock) -> bool:
    version = other.terms.version if other.terms else ""
    terms = replace(one.terms, version=version) if one.terms else None
    return replace(one, terms=terms) == other


def _due_at(fresh: Clock, due_at: datetime, target: Target, policy: Policy) -> Clock:
    calendar = calendar_of(fresh, policy)
    steps = tuple(_steps(target.ladder, calendar, fresh.started_at, due_at, target.within))
    return replace(fresh, due_at=due_at, steps=steps)


# --- pauses -------------------------------------------------------------------------------------------------------


def calendar_of(clock: Clock, policy: Policy) -> Calendar:
    """The hours in which the clock runs."""
    terms = clock.terms or Terms()
    return calendar_in(policy.hours, terms.calendar, terms.timezone).calendar.without(terms.away)


def pause_ends(clock: Clock, calendar: Calendar, at: datetime) -> datetime:
    """Until when a pause that begins at `at` lasts at most: what is left of what the terms allow in all."""
    allowed = clock.terms.pause if clock.terms else None
    if allowed is None:
        return at
    if not clock.paused_seconds:
        return ends(calendar, at, allowed)
    whole = took(clock, calendar, clock.started_at, ends(calendar, clock.started_at, allowed))
    left = max(0, whole - clock.paused_seconds)
    return ends(calendar, at, Span(left, "elapsed" if in_real_time(clock) else "working")) if left else at


def took(clock: Clock, calendar: Calendar, since: datetime, until: datetime) -> int:
    """How many whole seconds of the clock's own time lie between; none backwards."""
    return max(0, round(own_seconds(clock, calendar, since, until)))


def own_seconds(clock: Clock, calendar: Calendar, since: datetime, until: datetime) -> float:
    """The seconds of the clock's own time between two moments (negative: backwards): working time, or real time where
    its target is."""
    return (until - since).total_seconds() if in_real_time(clock) else working_seconds(calendar, since, until)


def put_off(clock: Clock, calendar: Calendar, seconds: int, since: datetime) -> Clock:
    """The clock with all that lies behind `since` so many seconds of its own time later."""
    steps = tuple(
        replace(step, at=_later(clock, calendar, step.at, seconds))
        if number >= clock.done and step.at >= since
        else step
        for number, step in enumerate(clock.steps)
    )
    due_at = _later(clock, calendar, clock.due_at, seconds) if clock.due_at >= since else clock.due_at
    left = steps[clock.done :]
    return replace(clock, due_at=due_at, steps=steps, next_at=left[0].at if left else None)


def _later(clock: Clock, calendar: Calendar, at: datetime, seconds: int) -> datetime:
    if seconds == 0:
        return at
    if in_real_time(clock):
        return at + timedelta(seconds=seconds)
    return ends(calendar, at, Span(seconds))


def in_real_time(clock: Clock) -> bool:
    """Whether its time counts nights and weekends too."""
    within = clock.terms.within if clock.terms else None
    return within is not None and within.kind in ("elapsed", "calendar_days")


# --- steps --------------------------------------------------------------------------------------------------------


def _clock(
    kind: ClockKind, whom: For, tier: str, at: datetime, due_at: datetime, steps: Iterable[Step], terms: Terms
) -> Clock:
    all_steps = tuple(steps)
    first = all_steps[0].at
    return Clock(whom.lead, whom.cycle, kind, tier, at, due_at, all_steps, owner=whom.owner, next_at=first, terms=terms)


def _terms(within: Span | None, target: Target | None, tier: Tier, policy: Policy, chosen: Chosen) -> Terms:
    return Terms(
        within=within,
        calendar=chosen.name,
        timezone=chosen.timezone,
        note=chosen.note,
        away=chosen.calendar.away,
        met_by=tier.met_by,
        on_reassign=tier.on_reassign,
        max_reassignments=tier.max_reassignments,
        pause=target.pause if target else None,
        version=policy.version,
    )


def _steps(ladder: Sequence[Rung], calendar: Calendar, at: datetime, due_at: datetime, target: Span) -> list[Step]:
    steps = [Step(due_at, "breach", label="due")]
    steps += [_step(rung, calendar, at, due_at, target) for rung in ladder]
    return _sorted(steps)


def _sorted(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)  # stable: rungs of one moment keep the order of the file


def _step(rung: Rung, calendar: Calendar, start_at: datetime, due_at: datetime, target: Span) -> Step:
    if rung.after_due is not None:
        at, label = ends(calendar, due_at, rung.after_due), f"{rung.after_due} after due"
    elif rung.after_start is not None:
        at, label = ends(calendar, start_at, rung.after_start), f"{rung.after_start} after the start"
    else:
        fraction = 1.0 if rung.at is None else rung.at
        at, label = part(calendar, start_at, due_at, fraction, target.kind), f"{fraction * 100:g} % of the time"
    return Step(at, rung.do, rung.to, label, rung.sets)
