"""What holds for every calendar, checked against a count of quarters of an hour that knows nothing of bisection."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.hours import Calendar, Span, due, is_open, next_opening, share, working_seconds

QUARTER = timedelta(minutes=15)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago")
CLOCK_CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 4), date(2026, 9, 5), date(2026, 10, 24))

Pairs = tuple[tuple[int, int], ...]


def shifts(most: int) -> st.SearchStrategy[Pairs]:
    """Up to `most` intervals on the quarter of an hour, perhaps past midnight, perhaps overlapping."""
    shift = st.tuples(st.integers(0, 95), st.integers(1, 96)).map(lambda one: (one[0] * 900, sum(one) * 900))
    return st.lists(shift, max_size=most).map(tuple)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar with special days around a date, often one on which clocks change; and a start near it."""
    middle = draw(st.sampled_from(CLOCK_CHANGES))
    nearby = st.integers(-3, 3).map(lambda days: middle + timedelta(days=days))
    week = draw(st.lists(shifts(2), min_size=7, max_size=7).filter(any))
    calendar = Calendar(
        "any",
        draw(st.sampled_from(ZONES)),
        tuple(week),
        holidays=frozenset(draw(st.sets(nearby, max_size=2))),
        closed=frozenset(draw(st.sets(nearby, max_size=1))),
        open=draw(st.dictionaries(nearby, shifts(2), max_size=1)),
        breaks=draw(st.dictionaries(nearby, shifts(1), max_size=2)),
    )
    near = st.integers(-4 * 96, 4 * 96).map(lambda quarters: midnight + quarters * QUARTER)
    midnight = datetime.combine(middle, time(), tzinfo=UTC)
    return calendar.without(draw(st.lists(st.tuples(near, near), max_size=2))), draw(near)


def counted(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Working seconds, one quarter of an hour after another."""
    quarters = (end - start) // QUARTER
    return sum(900.0 for number in range(quarters) if stands_open(calendar, start + number * QUARTER))


def stands_open(calendar: Calendar, at: datetime) -> bool:
    zone = ZoneInfo(calendar.timezone)
    shown = at.astimezone(zone).date()
    near = [shown + timedelta(days=days) for days in (-2, -1, 0, 1)]

    def covers(day: date, pairs: Pairs) -> bool:
        midnight = datetime.combine(day, time())
        edges = (
            [(midnight + timedelta(seconds=seconds)).replace(tzinfo=zone).astimezone(UTC) for seconds in pair]
            for pair in pairs
        )
        return any(opens <= at < closes for opens, closes in edges)

    def hours(day: date) -> Pairs:
        if day in calendar.open:
            return calendar.open[day]
        return () if day in calendar.holidays | calendar.closed else calendar.week[day.weekday()]

    working = any(covers(day, hours(day)) for day in near)
    away = any(starts <= at < ends for starts, ends in calendar.away)
    return working and not away and not any(covers(day, calendar.breaks.get(day, ())) for day in near)


amounts = st.integers(1, 40 * 3600)
# Each new calendar is laid out anew, which takes some milliseconds; a busy machine may take as long as it likes.
often_enough = settings(max_examples=50, deadline=None)


@often_enough
@given(calendars(), st.integers(0, 5 * 96))
def test_working_time_is_the_time_that_stands_open(case: tuple[Calendar, datetime], quarters: int) -> None:
    calendar, start = case
    end = start + quarters * QUARTER
    assert working_seconds(calendar, start, end) == counted(calendar, start, end)


@often_enough
@given(calendars())
def test_a_moment_is_open_exactly_when_the_hours_cover_it(case: tuple[Calendar, datetime]) -> None:
    calendar, at = case
    assert is_open(calendar, at) == stands_open(calendar, at)


@often_enough
@given(calendars(), amounts)
def test_between_a_start_and_its_due_time_lies_the_amount(case: tuple[Calendar, datetime], seconds: int) -> None:
    calendar, start = case
    assert working_seconds(calendar, start, due(calendar, start, Span(seconds))) == seconds


@often_enough
@given(calendars(), amounts)
def test_between_a_moment_counted_back_and_its_start_lies_the_amount(
    case: tuple[Calendar, datetime], seconds: int
) -> None:
    calendar, start = case
    assert working_seconds(calendar, due(calendar, start, Span(-seconds)), start) == seconds


@often_enough
@given(calendars(), amounts)
def test_a_due_time_is_the_first_moment_that_will_do(case: tuple[Calendar, datetime], seconds: int) -> None:
    calendar, start = case
    a_little_before = due(calendar, start, Span(seconds)) - timedelta(microseconds=1)
    assert working_seconds(calendar, start, a_little_before) < seconds


@often_enough
@given(calendars(), amounts, amounts)
def test_two_amounts_in_a_row_are_their_sum(case: tuple[Calendar, datetime], first: int, second: int) -> None:
    calendar, start = case
    in_two = due(calendar, due(calendar, start, Span(first)), Span(second))
    assert in_two == due(calendar, start, Span(first + second))


@often_enough
@given(calendars())
def test_the_next_opening_is_open_and_nothing_is_open_before_it(case: tuple[Calendar, datetime]) -> None:
    calendar, start = case
    opening = next_opening(calendar, start)
    assert is_open(calendar, opening)
    assert working_seconds(calendar, start, opening) == 0


@often_enough
@given(calendars(), st.integers(0, 12), st.integers(0, 12))
def test_more_business_days_are_never_due_earlier(case: tuple[Calendar, datetime], few: int, more: int) -> None:
    calendar, start = case
    dues = [due(calendar, start, Span(few + days, "business_days")) for days in (0, more)]
    assert start <= dues[0] <= dues[1]


@often_enough
@given(calendars(), amounts, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_earlier_and_none_is_behind_the_end(
    case: tuple[Calendar, datetime], seconds: int, one: float, other: float
) -> None:
    calendar, start = case
    end = due(calendar, start, Span(seconds))
    smaller, larger = (share(calendar, start, end, fraction, "working") for fraction in sorted((one, other)))
    assert start <= smaller <= larger <= end


@often_enough
@given(calendars(), st.sampled_from(ZONES), amounts)
def test_the_zone_in_which_a_start_is_written_does_not_matter(
    case: tuple[Calendar, datetime], zone: str, seconds: int
) -> None:
    calendar, start = case
    written = start.astimezone(ZoneInfo(zone))
    for span in (Span(seconds), Span(2, "business_days"), Span(seconds, "elapsed"), Span(3, "calendar_days")):
        assert due(calendar, written, span) == due(calendar, start, span)
