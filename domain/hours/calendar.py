"""What `calendars.yaml` says, as values: when somebody works, and amounts of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Literal

SpanKind = Literal["working", "business_days", "elapsed", "calendar_days"]

DAY = 86_400
"""Seconds of a day that has neither a clock change nor a leap second."""


@dataclass(frozen=True, slots=True)
class Span:
    """An amount of time as `config/` writes it: seconds for `working` and `elapsed`, days for the other two.

    An amount below zero counts backwards.
    """

    amount: int
    kind: SpanKind = "working"

    def __str__(self) -> str:
        """As `config/` would write it: `15 min`, `1 business day`, `24 h elapsed`."""
        if self.kind in ("business_days", "calendar_days"):
            unit = "business day" if self.kind == "business_days" else "calendar day"
            return f"{self.amount} {unit}{'' if abs(self.amount) == 1 else 's'}"
        suffix = " elapsed" if self.kind == "elapsed" else ""
        for unit, seconds in (("h", 3600), ("min", 60)):
            if self.amount and self.amount % seconds == 0:
                return f"{self.amount // seconds} {unit}{suffix}"
        return f"{self.amount} s{suffix}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works. Seconds count on the wall clock from local midnight; an interval may end beyond 86,400 (a
    night shift), at most one day beyond, and belongs to the date on which it starts.

    `week` holds Monday to Sunday, each a tuple of half-open (from, to). `holidays` and `closed` are dates
    without hours; `open` gives a date just these hours and wins over both; `breaks` are taken out of a date, whichever
    shift they fall into, and so is the time from one moment to another in which somebody is `away` (aware, half-open).
    The mappings must not be changed afterwards: answers about a calendar are remembered.
    """

    name: str
    timezone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()
    open: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    breaks: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    away: tuple[tuple[datetime, datetime], ...] = ()

    def __hash__(self) -> int:
        # The mappings have no hash. These are enough: equal calendars agree in them, and after a change of the
        # configuration `==` tells the old calendar of a name from the new one.
        return hash((self.name, self.timezone, self.away))

    def without(self, absences: Iterable[tuple[datetime, datetime]]) -> "Calendar":
        """The hours of somebody who is away from one moment to another (aware), once or several times. An absence that
        ends before it begins takes nothing."""
        away = tuple(sorted({*self.away, *absences}))
        return self if away == self.away else replace(self, away=away)

    def hours_on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The intervals that start on this date, before breaks."""
        special = self.open.get(day)
        if special is not None:
            return special
        if day in self.closed or day in self.holidays:
            return ()
        return self.week[day.weekday()]


@cache
def always(timezone: str = "UTC") -> Calendar:
    """A calendar that never closes: for people without hours."""
    return Calendar(name="always", timezone=timezone, week=(((0, DAY),),) * 7)
