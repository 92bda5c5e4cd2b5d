"""Business hours: the only module that knows local time.

CONTRACT STUB: signatures are fixed, bodies are being written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

SpanKind = Literal["working", "business_days", "elapsed", "calendar_days"]


@dataclass(frozen=True, slots=True)
class Span:
    """An amount of time as `config/` writes it: seconds for `working` and `elapsed`, days for the other two."""

    amount: int
    kind: SpanKind = "working"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works. Seconds count from local midnight; an interval may end beyond 86,400 (a night shift).

    `week` holds Monday to Sunday, each a tuple of half-open (from, to). `holidays` and `closed` are dates
    without hours; `open` gives a date just these hours and wins over both; `breaks` are taken out of a date.
    """

    name: str
    timezone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()
    open: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    breaks: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def always(timezone: str = "UTC") -> Calendar:
    """A calendar that never closes: for people without hours."""
    raise NotImplementedError


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether `at` (aware) lies inside working hours."""
    raise NotImplementedError


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself when open, else the next moment (UTC) the calendar opens. ValueError when it never does."""
    raise NotImplementedError


def due(calendar: Calendar, start: datetime, span: Span) -> datetime:
    """The moment (UTC) at which `span` counted from `start` ends, as docs/configuration.md defines each kind."""
    raise NotImplementedError


def working_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Working time between two instants in seconds; negative when `end` is before `start`."""
    raise NotImplementedError


def share(calendar: Calendar, start: datetime, end: datetime, fraction: float, kind: SpanKind) -> datetime:
    """The moment (UTC) at which `fraction` of the time from `start` to `end` has passed: of the working time for
    `working` and `business_days`, of the real time for `elapsed` and `calendar_days`."""
    raise NotImplementedError
