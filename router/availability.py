"""Who can take a lead right now, and why not."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import repeat
from zoneinfo import ZoneInfo

from domain import hours
from domain.decisions import Why
from domain.hours import Calendar, Span
from domain.people import Absence, PassOver, Pool
from domain.targets import ends
from router.case import Standing, State
from router.conditions import Facts, check
from router.fitting import Fit, kinds_of, misfit
from router.limits import used_up
from router.rules import RuleSet

Obstacle = tuple[Why, str]
"""Why somebody cannot take a lead, and the detail that a manager would ask for."""


_NOBODY = Standing(known=False)
_NOTHING = PassOver()


class Roster:
    """Everybody as they stand at `now`. `had` are the people who had this lead before."""

    def __init__(
        self, rules: RuleSet, state: State, now: datetime, had: tuple[str, ...] = (), lead: Facts | None = None
    ) -> None:
        self.rules, self.state, self.now, self.had = rules, state, now, had
        self._lead: Facts = lead or {}
        self._away = _away(state.absences, now) if state.absences else {}
        self._open: dict[str, bool] = {}  # by calendar: the members of a pool share a few

    def name(self, rep: str) -> str:
        """The person's name; the address of somebody whom `teams.yaml` does not know."""
        known = self.rules.reps.get(rep)
        return known.name if known else rep

    def cover(self, rep: str) -> str | None:
        """Who stands in for somebody who is away."""
        absence = self._away.get(rep)
        return absence.cover if absence else None

    def gone(self, rep: str, cover_after: Span | None = None) -> Obstacle | None:
        """What keeps a person from owning any lead now, whatever the hour: not a user, deactivated, away. Who is back
        within `cover_after`, counted in his own hours, is not away."""
        standing = self.state.standing.get(rep, _NOBODY)
        if not standing.known:
            return Why.UNKNOWN, "no user of this CRM has this address"
        if not standing.active:
            return Why.INACTIVE, "the user is deactivated in the CRM"
        absence = self._away.get(rep)
        if absence and not (cover_after and self._is_back(rep, absence, cover_after)):
            reason = f" ({absence.reason})" if absence.reason else ""
            return Why.AWAY, f"away until {moment(absence.ends)}{reason}"
        return None

    def _is_back(self, rep: str, absence: Absence, within: Span) -> bool:
        own = self.rules.reps[rep].hours if rep in self.rules.reps else None
        calendar = self.rules.calendars[own] if own else hours.always()
        latest, back = ends(calendar, self.now, within), absence.ends
        for other in sorted(
            (one for one in self.state.absences if one.rep == rep and not one.meeting), key=lambda one: one.starts
        ):
            if other.starts <= back < other.ends:
                back = other.ends
        return back <= latest

    def had_it(self, rep: str) -> Obstacle | None:
        return (Why.HAD_IT, "had this lead before") if rep in self.had else None

    def obstacles(self, pool: Pool) -> dict[str, Obstacle]:
        """Whom of its members the pool's rotation passes over, and why."""
        reps, standings = pool.reps, self.state.standing
        if not self._anything_to_ask(pool):
            # As for most leads: then all that is left is whether everybody is a user.
            there = zip(reps, map(standings.get, reps, repeat(_NOBODY)), strict=True)
            reps = tuple([rep for rep, standing in there if not (standing.known and standing.active)])
        return {rep: obstacle for rep in reps if (obstacle := self.passed_over(rep, pool))}

    def _anything_to_ask(self, pool: Pool) -> bool:
        """Whether the day, the lead, the pool or a person's own terms may keep a user of the CRM from the lead."""
        state, rules = self.state, self.rules
        return bool(
            self.had
            or state.absences
            or state.breaking
            or pool.hours
            or pool.limits
            or rules.idle_after
            or pool.name in rules.fits
            or not rules.bounded.isdisjoint(pool.reps)
        )

    def passed_over(self, rep: str, pool: Pool) -> Obstacle | None:
        """Why the pool's rotation passes somebody over; None for who can take a lead."""
        rules, state, bounded = self.rules, self.state, rep in self.rules.bounded
        return (
            (self.had_it(rep) if self.had else None)
            or (self._unfit(rep, pool) if pool.name in rules.fits else None)
            or (self._not_started(rep) if bounded else None)
            or self.gone(rep)
            or (self._off_hours(rep, pool) if bounded or pool.hours else None)
            or (self._busy_or_leaving(rep, pool) if state.absences else None)
            or (self._idle(rep) if rules.idle_after else None)
            or (self._full(rep) if bounded else None)
            or (self._over_limit(rep, pool) if pool.limits else None)
            or (self._not_for(rep) if state.breaking else None)
        )

    def missed_by_absence(self, rep: str, pool: Pool) -> bool:
        """Whether somebody would have been among those who can take the lead, had he not been away."""
        others = (self.had_it(rep), self._unfit(rep, pool), self._not_started(rep), self._off_hours(rep, pool))
        return rep in self._away and not any(others) and not self._full(rep) and not self._over_limit(rep, pool)

    def may_still_catch_up(self, rep: str, pool: Pool) -> bool:
        """Whether what the pool owes somebody for an absence can still be made good."""
        if rep in self._away or pool.after_absence is None:
            return rep in self._away
        return pool.after_absence.expires is None or any(
            absence.rep == rep and just_back(absence, pool, self.rules, self.now) for absence in self.state.absences
        )

    def ramp(self, rep: str, pool: Pool) -> tuple[int, float] | None:
        """The week since the start, from 1, and the share of the weight that the pool's ramp gives in it."""
        known = self.rules.reps.get(rep)
        if known is None or known.started is None:
            return None
        week = (self._today(rep) - known.started).days // 7
        return (week + 1, pool.ramp[week]) if 0 <= week < len(pool.ramp) else None

    def _unfit(self, rep: str, pool: Pool) -> Obstacle | None:
        fits = self.rules.fits.get(pool.name)
        reason = self.misfit(rep, pool, fits.require) if fits and fits.require else None
        return (Why.UNFIT, reason) if reason else None

    def misfit(self, rep: str, pool: Pool, fit: Fit) -> str | None:
        """Why the rep does not fit the lead; None where he does."""
        known = self.rules.reps.get(rep)
        if known is None:
            return "nothing is known of this person"
        return misfit(fit, known, self._lead, self._kinds(pool))

    def _kinds(self, pool: Pool) -> tuple[str, ...]:
        return kinds_of([self.rules.reps[one.rep] for one in pool.members if one.rep in self.rules.reps])

    def _not_started(self, rep: str) -> Obstacle | None:
        known = self.rules.reps.get(rep)
        if known and known.started and self._today(rep) < known.started:
            return Why.NOT_STARTED, f"starts on {known.started}"
        return None

    def _today(self, rep: str) -> date:
        return self.now.astimezone(ZoneInfo(self.rules.calendar_of_rep(rep).timezone)).date()

    def _busy_or_leaving(self, rep: str, pool: Pool) -> Obstacle | None:
        if pool.pass_over == _NOTHING:
            return None
        for absence in self.state.absences:
            if absence.rep == rep and in_long_meeting(absence, pool, self.rules, self.now):
                return Why.MEETING, f"in a meeting until {moment(absence.ends)}"
            if absence.rep == rep and about_to_leave(absence, pool, self.rules, self.now):
                return Why.LEAVING, f"away from {moment(absence.starts)} until {moment(absence.ends)}"
        return None

    def _idle(self, rep: str) -> Obstacle | None:
        after = self.rules.idle_after
        seen = self.state.standing.get(rep, _NOBODY).last_login if after else None
        if seen and after and _due(self.rules.calendar_of_rep(rep), seen, after) < self.now:
            return Why.IDLE, f"has not logged in to the CRM since {moment(seen)}"
        return None

    def _off_hours(self, rep: str, pool: Pool) -> Obstacle | None:
        if pool.hours == "ignore":
            return None
        if pool.hours and not self._is_open(pool.hours):
            return Why.OFF_HOURS, f"the pool does not work now (calendar {pool.hours})"
        own = self.rules.reps[rep].hours if rep in self.rules.reps else None
        if own and not self._is_open(own):
            told = self.state.hours.get(rep)
            return Why.OFF_HOURS, f"not on duty now ({own if told and told.name == own else f'calendar {own}'})"
        return None

    def _full(self, rep: str) -> Obstacle | None:
        known = self.rules.reps.get(rep)
        capacity = known.capacity if known else None
        if capacity is not None and (held := self.state.standing.get(rep, _NOBODY).open_leads) >= capacity:
            return Why.FULL, f"{held} open leads of at most {capacity}"
        return None

    def _over_limit(self, rep: str, pool: Pool) -> Obstacle | None:
        if not pool.limits:
            return None
        over = used_up(pool, self.rules.calendar_of(pool), self.state.given.get(rep, ()), self.now)
        return (Why.OVER_LIMIT, over) if over else None

    def breaking(self, rep: str) -> tuple[float, str] | None:
        """The share of his weight that somebody keeps who breaks promises too often, and what there is to say."""
        said = self.state.breaking.get(rep)
        return (self.rules.fewer_leads.weight, said) if said else None

    def _not_for(self, rep: str) -> Obstacle | None:
        said, kept_from = self.state.breaking.get(rep), self.rules.fewer_leads.not_for
        if said is None or kept_from is None:
            return None
        held = check(kept_from, self._lead)
        return (Why.BREAKS_PROMISES, f"{said}: no leads of which {held.because}") if held.held else None

    def _is_open(self, calendar: str) -> bool:
        if calendar not in self._open:
            self._open[calendar] = hours.is_open(self.rules.calendars[calendar], self.now)
        return self._open[calendar]


# Absences that count: decisions store just these ---------------------------------------------------------------------


def counts(absence: Absence, pool: Pool | None, rules: RuleSet, now: datetime) -> bool:
    """Whether an absence, or a meeting, can make a difference now; in this pool, where one was asked."""
    if absence.starts <= now < absence.ends and not absence.meeting:
        return True
    return pool is not None and (
        in_long_meeting(absence, pool, rules, now)
        or about_to_leave(absence, pool, rules, now)
        or just_back(absence, pool, rules, now)
    )


def in_long_meeting(absence: Absence, pool: Pool, rules: RuleSet, now: datetime) -> bool:
    """Whether it is a meeting that is under way, and longer than the pool accepts."""
    longest = pool.pass_over.meetings_longer_than
    if longest is None or not absence.meeting or not absence.starts <= now < absence.ends:
        return False
    return _due(rules.calendar_of_rep(absence.rep), absence.starts, longest) < absence.ends


def about_to_leave(absence: Absence, pool: Pool, rules: RuleSet, now: datetime) -> bool:
    """Whether it is an absence that begins too soon for the pool to hand out a lead before."""
    within = pool.pass_over.away_within
    if within is None or absence.meeting or absence.starts <= now:
        return False
    return absence.starts <= _due(rules.calendar_of(pool), now, within)


def just_back(absence: Absence, pool: Pool, rules: RuleSet, now: datetime) -> bool:
    """Whether it ended so short a time ago that what the pool owes for it can be caught up on."""
    expires = pool.after_absence.expires if pool.after_absence else None
    if expires is None or absence.meeting or absence.ends > now:
        return False
    return _due(rules.calendar_of(pool), absence.ends, expires) > now


# All leads of a batch are decided at one moment, and people's absences stay the same.
@lru_cache(maxsize=4096)
def _due(calendar: Calendar, start: datetime, span: Span) -> datetime:
    return ends(calendar, start, span)


def _away(absences: Iterable[Absence], now: datetime) -> Mapping[str, Absence]:
    """Each absent person's absence; of two at once the one with a cover, then the longer one, tells more."""
    found: dict[str, Absence] = {}
    for absence in absences:
        if absence.starts <= now < absence.ends and not absence.meeting:
            other = found.get(absence.rep)
            if other is None or _telling(absence) > _telling(other):
                found[absence.rep] = absence
    return found


def _telling(absence: Absence) -> tuple[bool, datetime]:
    return absence.cover is not None, absence.ends


def moment(at: datetime) -> str:
    """A time as a sentence has it: `2026-11-23 18:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
