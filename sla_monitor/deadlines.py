"""From a policy to moments: when a clock is due, and when each rung of its ladder comes.

A clock carries its moments. Whoever sweeps it needs neither a calendar nor the policy, and a changed `sla.yaml` does
not move clocks that are running.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.clocks import Clock, ClockKind, Step
from domain.hours import Calendar, OutOfReach, Span, always, due, share
from domain.leads import LeadKey
from sla_monitor.policy import Policy, Rung, Tier


def start(
    kind: ClockKind,
    lead: LeadKey,
    cycle: int,
    tier: Tier,
    policy: Policy,
    at: datetime,
    owner: str | None = None,
    rep_calendar: str | None = None,
    pool_calendar: str | None = None,
    away: Sequence[tuple[datetime, datetime]] = (),
) -> Clock | None:
    """A running clock with its due time and every step of its ladder as a moment; None where the tier sets no such
    target. `rep_calendar` and `pool_calendar` are calendar names (None: no hours of their own). The time in which the
    owner is `away` does not count where the target runs in his hours; an absence that never ends is overlooked.

    `at` is when the time starts: the assignment, or the lead's creation under `starts: created`. Exactly one step is
    the breach, at the due time and before every rung of the same moment; the ladder belongs to the first response, an
    assignment clock only breaches. ValueError when the calendar has no such moment.
    """
    target = _target(kind, tier)
    if target is None:
        return None
    ladder = tier.ladder if kind == ClockKind.FIRST_RESPONSE else ()
    try:
        steps = _steps(calendar_of(tier, policy, rep_calendar, pool_calendar, away), at, target, ladder)
    except OutOfReach:
        steps = _steps(calendar_of(tier, policy, rep_calendar, pool_calendar), at, target, ladder)
    due_at = next(step.at for step in steps if step.do == "breach")
    return Clock(lead, cycle, kind, tier.name, at, due_at, steps, owner=owner, next_at=steps[0].at)


def _steps(calendar: Calendar, at: datetime, target: Span, ladder: Sequence[Rung]) -> tuple[Step, ...]:
    due_at = due(calendar, at, target)
    steps = [Step(due_at, "breach", label="due"), *(_step(rung, calendar, at, due_at, target) for rung in ladder)]
    return tuple(sorted(steps, key=lambda step: step.at))  # stable: rungs of one moment keep the order of the file


def limit(
    lead: LeadKey, cycle: int, tier: str, at: datetime, until: datetime, to: str, kind: ClockKind = ClockKind.LIMIT
) -> Clock:
    """A clock for a wait (or a hand-over beside it): at `until` the lead moves on to `to`."""
    step = Step(until, "move_on", (to,), "limit of the wait" if kind == ClockKind.LIMIT else "hand-over")
    return Clock(lead, cycle, kind, tier, at, until, (step,), next_at=until)


def calendar_of(
    tier: Tier,
    policy: Policy,
    rep_calendar: str | None,
    pool_calendar: str | None,
    away: Sequence[tuple[datetime, datetime]] = (),
) -> Calendar:
    """The calendar in which a tier's targets run; where that is the rep's, without the time in which he is `away`.

    `pool` is the rep's where there is no pool. Where neither has hours, `defaults.hours` applies, and without these
    the clock never rests. A name that is no calendar of the policy (a pool's `ignore`) counts as no hours.
    """
    known = policy.calendars
    shared = {"rep": None, "pool": pool_calendar}.get(tier.calendar, tier.calendar)
    if shared is not None and shared in known:
        return known[shared]
    his = tier.calendar in ("rep", "pool")
    names = (rep_calendar if his else None, policy.default_calendar)
    found = next((known[name] for name in names if name is not None and name in known), always())
    return found.without(away) if his else found


def _target(kind: ClockKind, tier: Tier) -> Span | None:
    if kind == ClockKind.ASSIGNMENT:
        return tier.time_to_assign
    return tier.first_response if kind == ClockKind.FIRST_RESPONSE else None


def _step(rung: Rung, calendar: Calendar, start_at: datetime, due_at: datetime, target: Span) -> Step:
    if rung.after_due is not None:
        return Step(due(calendar, due_at, rung.after_due), rung.do, rung.to, f"{rung.after_due} after due")
    if rung.after_start is not None:
        return Step(due(calendar, start_at, rung.after_start), rung.do, rung.to, f"{rung.after_start} after the start")
    fraction = 1.0 if rung.at is None else rung.at
    at = share(calendar, start_at, due_at, fraction, target.kind)
    return Step(at, rung.do, rung.to, f"{fraction * 100:g} % of the time")
