"""Who can take a lead right now, and why not."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from domain import hours
from domain.decisions import Why
from domain.hours import Span
from domain.people import Absence, Pool
from router.case import Standing, State
from router.rules import RuleSet

Obstacle = tuple[Why, str]
"""Why somebody cannot take a lead, and the detail that a manager would ask for."""


class Roster:
    """Everybody as they stand at `now`. `had` are the people who had this lead before."""

    def __init__(self, rules: RuleSet, state: State, now: datetime, had: tuple[str, ...] = ()) -> None:
        self.rules, self.state, self.now, self.had = rules, state, now, had
        self._away = _away(state.absences, now)
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
        standing = self.state.standing.get(rep, Standing(known=False))
        if not standing.known:
            return Why.UNKNOWN, "no user of this CRM has this address"
        if not standing.active:
            return Why.INACTIVE, "the user is deactivated in the CRM"
        if (absence := self._away.get(rep)) and not (cover_after and self._is_back(rep, absence, cover_after)):
            reason = f" ({absence.reason})" if absence.reason else ""
            return Why.AWAY, f"away until {moment(absence.ends)}{reason}"
        return None

    def _is_back(self, rep: str, absence: Absence, within: Span) -> bool:
        own = self.rules.reps[rep].hours if rep in self.rules.reps else None
        calendar = self.rules.calendars[own] if own else hours.always()
        latest, back = hours.due(calendar, self.now, within), absence.ends
        for other in sorted((one for one in self.state.absences if one.rep == rep), key=lambda one: one.starts):
            if other.starts <= back < other.ends:
                back = other.ends
        return back <= latest

    def had_it(self, rep: str) -> Obstacle | None:
        return (Why.HAD_IT, "had this lead before") if rep in self.had else None

    def passed_over(self, rep: str, pool: Pool) -> Obstacle | None:
        """Why the pool's rotation passes somebody over; None for who can take a lead."""
        return self.had_it(rep) or self.gone(rep) or self._off_hours(rep, pool) or self._full(rep)

    def _off_hours(self, rep: str, pool: Pool) -> Obstacle | None:
        if pool.hours == "ignore":
            return None
        if pool.hours and not self._is_open(pool.hours):
            return Why.OFF_HOURS, f"the pool does not work now (calendar {pool.hours})"
        own = self.rules.reps[rep].hours if rep in self.rules.reps else None
        if own and not self._is_open(own):
            return Why.OFF_HOURS, f"not on duty now (calendar {own})"
        return None

    def _full(self, rep: str) -> Obstacle | None:
        capacity = self.rules.reps[rep].capacity if rep in self.rules.reps else None
        held = self.state.standing.get(rep, Standing()).open_leads
        if capacity is not None and held >= capacity:
            return Why.FULL, f"{held} open leads of at most {capacity}"
        return None

    def _is_open(self, calendar: str) -> bool:
        if calendar not in self._open:
            self._open[calendar] = hours.is_open(self.rules.calendars[calendar], self.now)
        return self._open[calendar]


def _away(absences: Iterable[Absence], now: datetime) -> Mapping[str, Absence]:
    """Each absent person's absence; of two at once the one with a cover, then the longer one, tells more."""
    found: dict[str, Absence] = {}
    for absence in absences:
        if absence.starts <= now < absence.ends:
            other = found.get(absence.rep)
            if other is None or _telling(absence) > _telling(other):
                found[absence.rep] = absence
    return found


def _telling(absence: Absence) -> tuple[bool, datetime]:
    return absence.cover is not None, absence.ends


def moment(at: datetime) -> str:
    """A time as a sentence has it: `2026-11-23 18:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
