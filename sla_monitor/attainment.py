"""What people have kept of what was promised: rates and streaks, and when a habit of missing has consequences.

A rate tells a habit; a number alone only tells who has many leads. Nothing here knows where promises are stored.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from domain.clocks import ATTEMPTS, RESPONSES, ClockKind
from domain.hours import Span
from sla_monitor.causes import AGAINST_THE_OWNER

PROMISES = (*RESPONSES, *ATTEMPTS, ClockKind.ACCEPTANCE, ClockKind.REVIEW)
"""Clocks that one person is to stop. Nobody in person owes what a queue or a machine owes."""

OWN = frozenset(cause.value for cause in AGAINST_THE_OWNER)


@dataclass(frozen=True, slots=True)
class Repeated:
    """So many breaches within that time: these are told (`rep`, `manager`, addresses)."""

    breaches: int
    within: Span
    notify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chronic:
    """That share of at least so many promises broken within that time, until so many are met in a row."""

    breach_rate: float
    of_at_least: int
    within: Span
    until_met: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many promises of a person ended, and how many of these he broke himself. A breach of which something else is
    the cause is in neither number."""

    owed: int = 0
    broken: int = 0

    @property
    def rate(self) -> float:
        """The share that was broken; 0 where nothing was owed."""
        return self.broken / self.owed if self.owed else 0.0


def is_chronic(count: Count, chronic: Chronic) -> bool:
    """Whether so much was broken that it is a habit: the rate counts from as many promises on as `of_at_least` says."""
    # Compared as whole numbers would be: 0.1 * 30 is a little more than 3.
    return count.owed >= chronic.of_at_least and count.broken >= round(chronic.breach_rate * count.owed, 9) > 0


def in_words(count: Count, chronic: Chronic) -> str:
    """What a manager and the rep read of it."""
    return (
        f"{count.broken} of {count.owed} promises broken ({count.rate:.0%}) within {chronic.within}; "
        f"until {chronic.until_met} are met in a row"
    )


# --- for bonuses ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ended:
    """One promise that ended: met at `met_at`, or broken for `cause` (None: met). An answer after a breach is in
    `met_at` too. `retracted`: it had been held against somebody until it turned out that it was met in time.
    `seconds` is how long the answer took, in the clock's own time (None: there is none)."""

    owner: str
    kind: ClockKind
    due_at: datetime
    met_at: datetime | None = None
    cause: str | None = None
    retracted: bool = False
    seconds: float | None = None

    @property
    def ended_at(self) -> datetime:
        """When it was decided: when it was met, or when its time was over."""
        return self.met_at if self.cause is None and self.met_at else self.due_at

    @property
    def counts(self) -> bool:
        """Whether it is for or against its owner."""
        return self.cause is None or self.cause in OWN


@dataclass(frozen=True, slots=True)
class Attained:
    """What one person has kept in one period. `streak` is how many were met in a row up to its end, `longest` the most
    that were within it; breaches that count against nobody do not end one. Times are in seconds, of first responses."""

    owed: int = 0
    met: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)
    retracted: int = 0
    streak: int = 0
    longest: int = 0
    responses: int = 0
    median_seconds: float | None = None
    mean_seconds: float | None = None

    @property
    def broken(self) -> int:
        """Those that count against the person."""
        return sum(number for cause, number in self.causes.items() if cause in OWN)


def attained(ended: Iterable[Ended]) -> Attained:
    """The promises of one person and one period, added up; their order does not matter."""
    in_order = sorted(ended, key=lambda one: (one.ended_at, one.due_at, one.kind))
    counting = [one for one in in_order if one.counts]
    times = [one.seconds for one in in_order if one.kind == ClockKind.FIRST_RESPONSE and one.seconds is not None]
    streak, longest = streaks([one.cause is None for one in counting])
    return Attained(
        owed=len(in_order),
        met=sum(one.cause is None for one in in_order),
        causes=Counter(one.cause for one in in_order if one.cause is not None),
        retracted=sum(one.retracted for one in in_order),
        streak=streak,
        longest=longest,
        responses=len(times),
        median_seconds=median(times) if times else None,
        mean_seconds=sum(times) / len(times) if times else None,
    )


def streaks(met: Sequence[bool]) -> tuple[int, int]:
    """How many were met in a row at the end, and the most that were anywhere."""
    run = longest = 0
    for each in met:
        run = run + 1 if each else 0
        longest = max(longest, run)
    return run, longest
