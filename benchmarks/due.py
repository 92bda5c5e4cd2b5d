"""`domain.hours.due` beside three libraries, and beside a count, minute by minute.

The libraries live in an environment of their own (`make bench-sla` makes it). The count is what one writes first: step
a minute at a time in UTC and ask the local clock whether the office is open. Answers are compared before anything is
timed, and `tests/truth` holds ours against other sources.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from benchmarks.measuring import Table, ask_peers, cpu_seconds, kept_or_not, per_second, seconds
from benchmarks.office import playbook
from domain import hours
from domain.hours import Calendar, Span
from playbook.calendars import holidays_of

MINUTE = timedelta(minutes=1)
SPANS = (("15 min", 15), ("4 h", 240), ("40 h", 2400))
QUESTIONS = 200
REPEATED = 50
"""How often ours answers all of them in one round: once is over before the clock has moved enough."""
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


ADDITIONS = 100_000
FOR_PEERS = 1000
PROMISED = 300_000
BERLIN = ZoneInfo("Europe/Berlin")
HOURS = (("09:00", "12:30"), ("13:30", "18:00"))
FOUR_HOURS, FIVE_DAYS = Span(4 * 3600), Span(5, "business_days")
ADDED: Mapping[str, Span] = {"businesstimedelta": FOUR_HOURS, "pandas": FOUR_HOURS, "workalendar": FIVE_DAYS}


def run() -> str:
    """Two tables: beside libraries, and beside a count."""
    return f"{_beside_libraries()}\n\n{_beside_a_count()}"


def _beside_libraries() -> Table:
    """Four working hours, and five business days, from any second of 2026."""
    calendar = Calendar("berlin", "Europe/Berlin", (tuple(map(_span, HOURS)),) * 5 + ((), ()), holidays_of("DE-BE"))
    dice = Random(11)  # noqa: S311 - questions, not secrets
    starts = [YEAR + timedelta(seconds=dice.randrange(364 * 86_400)) for _ in range(ADDITIONS)]
    inside = [start for start in starts if hours.is_open(calendar, start)]
    asked = {FOUR_HOURS: starts[:FOR_PEERS], FIVE_DAYS: inside[:FOR_PEERS]}
    given = {
        "starts": {peer: [_local(start) for start in asked[span]] for peer, span in ADDED.items()},
        "hours": HOURS,
        "holidays": [day.isoformat() for day in sorted(calendar.holidays)],
        "seconds": FOUR_HOURS.amount,
        "days": FIVE_DAYS.amount,
    }
    measured = ask_peers("time_peers.py", ADDED, given, "bench-sla")
    ours = {
        span: len(some) / cpu_seconds(partial(_due, calendar, some, span), rounds=5)
        for span, some in ((FOUR_HOURS, starts), (FIVE_DAYS, inside))
    }
    rows = [("`hours.due`", str(span), f"{rate:,.0f}", "", "") for span, rate in ours.items()]
    for peer, answer in measured.items():
        span = ADDED[peer]
        if "error" in answer:
            rows.append((peer, str(span), f"**not measured**: {answer['error']}", "", ""))
            continue
        found = [_local(at) for at in _due(calendar, asked[span], span)]
        same = sum(mine == theirs for mine, theirs in zip(found, answer["answers"], strict=True))
        rate = len(found) / answer["took"]
        times = f"{ours[span] / rate:,.1f} times"
        rows.append((f"{peer} {answer['version']}", str(span), f"{rate:,.0f}", times, f"{same} of {len(found)}"))
    kept = kept_or_not(ours[FOUR_HOURS] >= PROMISED)
    return Table(
        "Due times beside libraries: Monday to Friday with a lunch break, holidays of Berlin, starts in 2026",
        ("way", "adds", "additions/s", "ours is faster", "same answers"),
        rows,
        [
            f"Promised: {PROMISED:,} additions of four hours a second on one core; kept: {kept}. Seconds of CPU, the "
            f"fastest of several rounds; ours with {ADDITIONS:,} starts, the libraries' with {FOR_PEERS:,} of these. "
            "`workalendar` knows no hours, and is given starts within them; pandas counts on the wall clock, without a "
            "time zone."
        ],
    )


def _span(part: tuple[str, str]) -> tuple[int, int]:
    opens, closes = (int(each[:2]) * 3600 + int(each[3:]) * 60 for each in part)
    return opens, closes


def _local(at: datetime) -> str:
    return at.astimezone(BERLIN).replace(tzinfo=None).isoformat()


def _beside_a_count() -> Table:
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
