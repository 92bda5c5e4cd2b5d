"""Business hours: the only place that knows local time.

Everybody else deals in aware UTC moments. Intervals are half-open; working time and `elapsed` run on real time, so
that a night in which the clocks change is an hour shorter or longer; days keep the wall clock.
"""

from domain.hours.arithmetic import ago, due, is_open, next_opening, share, start_of, working_seconds
from domain.hours.calendar import Calendar, Span, SpanKind, always
from domain.hours.timeline import OutOfReach

__all__ = [
    "Calendar",
    "OutOfReach",
    "Span",
    "SpanKind",
    "ago",
    "always",
    "due",
    "is_open",
    "next_opening",
    "share",
    "start_of",
    "working_seconds",
]
