"""`domain.hours.due` beside a count, minute by minute.

No library among our dependencies counts working time. (`tests/truth` holds the answers against other sources.) The
peer is what one writes first: step a minute at a time in UTC and ask the local clock whether the office is open. Both
answers are compared before anything is timed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.measuring import Table, per_second, seconds
from benchmarks.office import playbook
from domain import hours
from domain.hours import Calendar, Span

MINUTE = timedelta(minutes=1)
SPANS = (("15 min", 15), ("4 h", 240), ("40 h", 2400))
QUESTIONS = 200
REPEATED = 50
"""How often ours answers all of them in one round: once is over before the clock has moved enough."""
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> Table:
    """The same questions both ways, for a short, a middle and a long target."""
    calendar = playbook().calendars["office"]
    dice = Random(7)  # noqa: S311 - questions, not secrets
    starts = [YEAR + dice.randrange(365 * 24 * 60) * MINUTE for _ in range(QUESTIONS)]
    rows = []
    for words, minutes in SPANS:
        span = Span(minutes * 60)
        agreed = sum(
            mine == counted
            for mine, counted in zip(_due(calendar, starts, span), _count(calendar, starts, minutes), strict=True)
        )
        took = seconds(
            {
                "ours": partial(_due, calendar, starts * REPEATED, span),
                "count": partial(_count, calendar, starts, minutes),
            },
            rounds=3,
        )
        rows.append(
            (
                words,
                per_second(QUESTIONS * REPEATED, took["ours"]),
                per_second(QUESTIONS, took["count"]),
                f"{REPEATED * took['count'] / took['ours']:,.0f} times",
                f"{agreed} of {QUESTIONS}",
            )
        )
    return Table(
        "Due times: office hours with a lunch break and holidays, starts at any minute of 2026, one process",
        ("target", "`hours.due`, answers/s", "minute by minute, answers/s", "faster", "same answer"),
        rows,
        ["The calendar's years are laid out before the first timed round, as they are in a worker."],
    )


def _due(calendar: Calendar, starts: Sequence[datetime], span: Span) -> list[datetime]:
    return [hours.due(calendar, start, span) for start in starts]


def _count(calendar: Calendar, starts: Sequence[datetime], minutes: int) -> list[datetime]:
    zone = ZoneInfo(calendar.timezone)
    answers = []
    for start in starts:
        at, left = start, minutes
        while left:
            local = at.astimezone(zone)
            second = (local.hour * 60 + local.minute) * 60
            left -= any(opens <= second < closes for opens, closes in calendar.hours_on(local.date()))
            at += MINUTE
        answers.append(at)
    return answers
