"""Business hours mean what docs/configuration.md says, case by case. Times in these tests are local to the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.hours import (
    Calendar,
    OutOfReach,
    Span,
    SpanKind,
    always,
    due,
    is_open,
    next_opening,
    share,
    working_seconds,
)

MINUTE, HOUR = 60, 3600


def hours(text: str) -> tuple[tuple[int, int], ...]:
    """`09:00-12:30 13:30-18:00` as pairs of seconds; an end that is not after its start lies on the next day."""

    def seconds(clock: str) -> int:
        hour, minute = clock.split(":")
        return int(hour) * HOUR + int(minute) * MINUTE

    pairs = ((seconds(opens), seconds(closes)) for opens, closes in (span.split("-") for span in text.split()))
    return tuple((opens, closes if closes > opens else closes + 24 * HOUR) for opens, closes in pairs)


def calendar(timezone: str = "Europe/Berlin", **days: str) -> Calendar:
    week = tuple(hours(days.get(day, "")) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    return Calendar("office", timezone, week)


def every_day(text: str, timezone: str = "Europe/Berlin") -> Calendar:
    return calendar(timezone, **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), text))


SPLIT = "09:00-12:30 13:30-18:00"
BERLIN = replace(
    calendar(mon=SPLIT, tue=SPLIT, wed=SPLIT, thu=SPLIT, fri="09:00-16:00"),
    holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)}),
    closed=frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
    open={date(2026, 12, 19): hours("10:00-14:00")},
    breaks={date(2026, 11, 27): hours("12:00-15:00")},
)
NIGHTS = calendar(mon="22:00-06:00", tue="22:00-06:00", wed="22:00-06:00", thu="22:00-06:00", fri="22:00-06:00")
EVERY_NIGHT = every_day("22:00-06:00")
AROUND_THE_CLOCK = always("Europe/Berlin")
NEVER = Calendar("never", "UTC", ((),) * 7)


def local(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def shown(at: datetime, zone: str = "Europe/Berlin") -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("start", "seconds", "expected"),
    [
        pytest.param("2026-11-23T10:00", 15 * MINUTE, "2026-11-23T10:15", id="inside hours it just passes"),
        pytest.param("2026-11-23T12:20", 15 * MINUTE, "2026-11-23T13:35", id="lunch does not count"),
        pytest.param(
            "2026-11-23T12:20", 10 * MINUTE, "2026-11-23T12:30", id="the rest of an interval ends at its close"
        ),
        pytest.param("2026-11-23T17:50", 15 * MINUTE, "2026-11-24T09:05", id="nights do not count"),
        pytest.param("2026-11-28T11:00", 15 * MINUTE, "2026-11-30T09:15", id="weekends do not count"),
        pytest.param("2026-11-28T11:00", 0, "2026-11-30T09:00", id="zero outside hours moves to the next opening"),
        pytest.param("2026-11-23T18:00", 0, "2026-11-24T09:00", id="at the second of the close it is closed"),
        pytest.param("2026-11-23T09:00", 0, "2026-11-23T09:00", id="at the second of the opening it is open"),
        pytest.param("2026-11-27T11:55", 10 * MINUTE, "2026-11-27T15:05", id="a break is taken out of its day"),
        pytest.param("2026-12-23T17:55", 10 * MINUTE, "2026-12-28T09:05", id="closed days and holidays do not count"),
        pytest.param("2026-12-18T15:55", 10 * MINUTE, "2026-12-19T10:05", id="a Saturday that is open counts"),
        pytest.param("2026-11-23T13:40", -20 * MINUTE, "2026-11-23T12:20", id="below zero counts backwards"),
        pytest.param("2026-11-23T13:40", -10 * MINUTE, "2026-11-23T13:30", id="backwards it ends at the opening"),
        pytest.param("2026-11-28T11:00", -HOUR, "2026-11-27T15:00", id="backwards from a weekend"),
        pytest.param("2026-11-23T10:00", 400 * HOUR, "2027-02-08T10:00", id="over the turn of the year"),
    ],
)
def test_working_time_counts_only_while_it_is_open(start: str, seconds: int, expected: str) -> None:
    assert shown(due(BERLIN, local(start), Span(seconds))) == expected


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param("2026-11-23T10:07", 1, "2026-11-24T10:07", id="the same time of day"),
        pytest.param("2026-11-23T10:07", 5, "2026-11-30T10:07", id="over a weekend"),
        pytest.param("2026-11-26T17:30", 1, "2026-11-27T16:00", id="a day that closes earlier: its last close"),
        pytest.param("2026-11-20T13:00", 1, "2026-11-23T12:30", id="lunch by then: the close before lunch"),
        pytest.param("2026-11-20T12:30", 1, "2026-11-23T12:30", id="closing just then"),
        pytest.param("2026-11-26T14:00", 1, "2026-11-27T12:00", id="a break by then: the close before it"),
        pytest.param(
            "2026-11-28T11:00", 1, "2026-12-01T09:00", id="a start outside hours counts from the next opening"
        ),
        pytest.param("2026-11-23T18:00", 1, "2026-11-25T09:00", id="a start at the close too"),
        pytest.param("2026-11-28T11:00", 0, "2026-11-30T09:00", id="none, outside hours: the next opening"),
        pytest.param("2026-11-23T10:07", 0, "2026-11-23T10:07", id="none, inside hours: at once"),
        pytest.param("2026-12-23T10:07", 2, "2026-12-29T10:07", id="holidays and closed days are no working days"),
        pytest.param("2026-12-18T11:00", 1, "2026-12-19T11:00", id="a Saturday that is open is one"),
        pytest.param("2026-12-18T09:30", 1, "2026-12-19T09:30", id="a day that opens later: the time stays"),
        pytest.param("2026-11-24T10:07", -1, "2026-11-23T10:07", id="below zero counts backwards"),
        pytest.param("2026-11-23T10:07", -1, "2026-11-20T10:07", id="backwards over a weekend"),
    ],
)
def test_business_days_keep_the_time_of_day(start: str, days: int, expected: str) -> None:
    assert shown(due(BERLIN, local(start), Span(days, "business_days"))) == expected


def test_real_time_counts_nights_and_weekends() -> None:
    assert shown(due(BERLIN, local("2026-11-28T11:00"), Span(24 * HOUR, "elapsed"))) == "2026-11-29T11:00"


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param("2026-11-28T11:00", 30, "2026-12-28T11:00", id="weekends count"),
        pytest.param("2026-10-24T11:00", 1, "2026-10-25T11:00", id="25 hours when the clocks go back"),
        pytest.param("2026-03-28T11:00", 1, "2026-03-29T11:00", id="23 hours when they go forward"),
        pytest.param("2026-03-28T02:30", 1, "2026-03-29T03:30", id="a time that is skipped lies behind the jump"),
        pytest.param("2026-03-30T02:30", -1, "2026-03-29T03:30", id="backwards too"),
    ],
)
def test_calendar_days_keep_the_wall_clock(start: str, days: int, expected: str) -> None:
    assert shown(due(BERLIN, local(start), Span(days, "calendar_days"))) == expected


def test_a_time_that_occurs_twice_is_its_first_occurrence() -> None:
    found = due(BERLIN, local("2026-10-24T02:30"), Span(1, "calendar_days"))
    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_no_calendar_days_after_the_second_occurrence_is_that_moment() -> None:
    second = local("2026-10-25T02:30", fold=1)
    assert due(BERLIN, second, Span(0, "calendar_days")) == second.astimezone(UTC)


def test_no_business_days_after_the_second_occurrence_is_that_moment() -> None:
    second = local("2026-10-25T02:30", fold=1)
    assert due(EVERY_NIGHT, second, Span(0, "business_days")) == second.astimezone(UTC)


@pytest.mark.parametrize(
    ("night", "worked"),
    [
        pytest.param("2026-11-23", 8 * HOUR, id="an ordinary night"),
        pytest.param("2026-03-28", 7 * HOUR, id="the clocks go forward"),
        pytest.param("2026-10-24", 9 * HOUR, id="the clocks go back"),
    ],
)
def test_a_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer(night: str, worked: int) -> None:
    evening = local(f"{night}T20:00")
    assert working_seconds(EVERY_NIGHT, evening, local(f"{night}T20:00") + timedelta(hours=14)) == worked
    assert due(EVERY_NIGHT, evening, Span(worked)) == local(f"{night}T22:00").astimezone(UTC) + timedelta(
        seconds=worked
    )


def test_half_an_hour_is_added_on_lord_howe_island() -> None:
    night = every_day("22:00-06:00", "Australia/Lord_Howe")
    evening = local("2026-04-04T22:00", "Australia/Lord_Howe")
    assert working_seconds(night, evening, evening.astimezone(UTC) + timedelta(hours=12)) == 8.5 * HOUR


def test_an_offset_of_a_quarter_of_an_hour_is_kept() -> None:
    kathmandu = every_day("09:00-17:00", "Asia/Kathmandu")
    assert next_opening(kathmandu, datetime(2026, 11, 23, tzinfo=UTC)) == datetime(2026, 11, 23, 3, 15, tzinfo=UTC)


def test_a_date_that_a_country_skipped_has_no_hours() -> None:
    samoa = every_day("09:00-17:00", "Pacific/Apia")  # crossed the date line: no 30 December 2011
    friday_evening = local("2011-12-29T16:00", "Pacific/Apia")
    assert shown(due(samoa, friday_evening, Span(2 * HOUR)), "Pacific/Apia") == "2011-12-31T10:00"


def test_hours_inside_a_skipped_hour_are_lost() -> None:
    assert (
        working_seconds(every_day("02:15-02:45"), local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 30 * MINUTE
    )
    early = every_day("02:30-03:15")
    assert working_seconds(early, local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 0


def test_a_night_shift_belongs_to_the_day_on_which_it_starts() -> None:
    saturday = local("2026-11-28T05:59")
    assert is_open(NIGHTS, saturday)
    assert not is_open(NIGHTS, local("2026-11-28T06:00"))
    assert shown(next_opening(NIGHTS, local("2026-11-28T06:00"))) == "2026-11-30T22:00"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-11-27T02:00", "2026-11-28T02:00", id="Thursday's shift to Friday's"),
        pytest.param("2026-11-28T02:00", "2026-12-01T02:00", id="Friday's shift to Monday's"),
        pytest.param("2026-11-27T23:00", "2026-11-30T23:00", id="before midnight"),
    ],
)
def test_a_business_day_in_the_small_hours_leads_to_the_next_shift(start: str, expected: str) -> None:
    assert shown(due(NIGHTS, local(start), Span(1, "business_days"))) == expected


def test_a_holiday_ends_the_shift_that_would_start_on_it_and_no_other() -> None:
    holiday = replace(EVERY_NIGHT, holidays=frozenset({date(2026, 11, 25)}))
    assert is_open(holiday, local("2026-11-25T05:00"))
    assert not is_open(holiday, local("2026-11-25T23:00"))
    assert not is_open(holiday, local("2026-11-26T05:00"))


def test_a_break_is_taken_out_of_the_night_shift_of_the_evening_before() -> None:
    pause = replace(EVERY_NIGHT, breaks={date(2026, 11, 25): hours("01:00-02:00")})
    assert working_seconds(pause, local("2026-11-24T20:00"), local("2026-11-25T20:00")) == 7 * HOUR


def test_a_break_may_run_past_midnight() -> None:
    early = every_day("00:00-06:00")
    pause = replace(early, breaks={date(2026, 11, 24): hours("23:00-01:00")})
    assert shown(next_opening(pause, local("2026-11-25T00:00"))) == "2026-11-25T01:00"


def test_a_break_that_covers_the_whole_day_leaves_no_working_day() -> None:
    pause = replace(BERLIN, breaks={date(2026, 11, 24): hours("08:00-19:00")})
    assert shown(due(pause, local("2026-11-23T10:00"), Span(1, "business_days"))) == "2026-11-25T10:00"


def test_an_open_day_wins_over_holidays_and_closed_days() -> None:
    christmas = replace(
        BERLIN, open={date(2026, 12, 24): hours("10:00-12:00"), date(2026, 12, 25): hours("11:00-12:00")}
    )
    assert working_seconds(christmas, local("2026-12-24T00:00"), local("2026-12-26T00:00")) == 3 * HOUR


def test_an_open_day_has_just_its_own_hours() -> None:
    short = replace(BERLIN, open={date(2026, 11, 24): hours("10:00-11:00")})
    assert working_seconds(short, local("2026-11-24T00:00"), local("2026-11-25T00:00")) == HOUR


def test_an_open_day_without_hours_is_closed() -> None:
    assert not is_open(replace(BERLIN, open={date(2026, 11, 24): ()}), local("2026-11-24T10:00"))


def test_a_day_may_end_at_midnight_and_the_next_begin_there() -> None:
    late = calendar(mon="20:00-24:00", tue="00:00-02:00")
    assert shown(due(late, local("2026-11-23T23:00"), Span(2 * HOUR))) == "2026-11-24T01:00"


def test_overlapping_hours_count_once() -> None:
    twice = calendar(mon="09:00-13:00 12:00-17:00")
    assert working_seconds(twice, local("2026-11-23T00:00"), local("2026-11-24T00:00")) == 8 * HOUR


def test_a_span_whose_end_is_before_its_start_is_negative() -> None:
    assert working_seconds(BERLIN, local("2026-11-24T09:30"), local("2026-11-23T17:00")) == -1.5 * HOUR


def test_parts_of_a_second_are_not_rounded() -> None:
    start = local("2026-11-23T12:29:59.750000")
    assert working_seconds(BERLIN, start, local("2026-11-23T13:30:00.500000")) == 0.75
    assert due(BERLIN, start, Span(1)) == local("2026-11-23T13:30:00.750000")


def test_somebody_without_hours_is_always_on() -> None:
    sunday_night = local("2026-11-29T03:00")
    assert is_open(AROUND_THE_CLOCK, sunday_night)
    assert next_opening(AROUND_THE_CLOCK, sunday_night) == sunday_night
    assert due(AROUND_THE_CLOCK, sunday_night, Span(90 * MINUTE)) == sunday_night + timedelta(minutes=90)
    assert shown(due(AROUND_THE_CLOCK, sunday_night, Span(3, "business_days"))) == "2026-12-02T03:00"


HOLIDAY = (local("2026-11-24T00:00"), local("2026-11-26T00:00"))
DENTIST = (local("2026-11-23T09:00"), local("2026-11-23T11:00"))


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        pytest.param("2026-11-23T17:00", Span(2 * HOUR), "2026-11-26T10:00", id="days of absence do not count"),
        pytest.param("2026-11-23T10:00", Span(HOUR), "2026-11-23T12:00", id="hours of absence do not either"),
        pytest.param("2026-11-26T10:00", Span(-2 * HOUR), "2026-11-23T17:00", id="nor backwards"),
        pytest.param("2026-11-23T12:00", Span(1, "business_days"), "2026-11-26T12:00", id="they are no working days"),
        pytest.param(
            "2026-11-20T10:00", Span(1, "business_days"), "2026-11-23T10:00", id="a day of which much is left"
        ),
        pytest.param("2026-11-24T10:00", Span(0), "2026-11-26T09:00", id="zero moves to the return"),
        pytest.param("2026-11-23T12:00", Span(24 * HOUR, "elapsed"), "2026-11-24T12:00", id="real time goes on"),
        pytest.param("2026-11-23T12:00", Span(1, "calendar_days"), "2026-11-24T12:00", id="and so do dates"),
    ],
)
def test_an_absence_is_no_working_time(start: str, span: Span, expected: str) -> None:
    assert shown(due(BERLIN.without([HOLIDAY, DENTIST]), local(start), span)) == expected


def test_an_absence_takes_its_part_of_a_night_shift() -> None:
    away = EVERY_NIGHT.without([(local("2026-11-24T00:00"), local("2026-11-25T00:00"))])
    assert shown(due(away, local("2026-11-23T23:00"), Span(HOUR))) == "2026-11-24T00:00"
    assert shown(next_opening(away, local("2026-11-24T00:00"))) == "2026-11-25T00:00"


def test_whoever_has_no_hours_is_not_there_when_away_either() -> None:
    away = AROUND_THE_CLOCK.without([HOLIDAY])
    assert shown(due(away, local("2026-11-23T23:00"), Span(2 * HOUR))) == "2026-11-26T01:00"


def test_absences_that_overlap_touch_or_end_before_they_begin_count_once_or_not_at_all() -> None:
    (first, last), noon = HOLIDAY, local("2026-11-25T12:00")
    pieces = [(first, noon), (local("2026-11-24T12:00"), last), (noon, last), (last, first)]
    start, end = local("2026-11-20T00:00"), local("2026-12-01T00:00")
    whole = working_seconds(BERLIN.without([HOLIDAY]), start, end)
    assert working_seconds(BERLIN.without(pieces), start, end) == whole
    assert working_seconds(BERLIN, start, end) == whole + 16 * HOUR


def test_nobody_away_is_the_calendar_itself() -> None:
    assert BERLIN.without([]) is BERLIN


def test_a_target_of_many_years_is_reached_without_rest() -> None:
    assert due(always(), datetime(2026, 1, 1, tzinfo=UTC), Span(40 * 365 * 24 * HOUR)).year == 2065


def test_shifts_of_two_years_that_meet_at_midnight_are_both_seen() -> None:
    hour_past_midnight = replace(NEVER, week=(((0, HOUR // 2), (25 * HOUR, 26 * HOUR)),) * 7)
    start, new_year = datetime(2026, 6, 1, tzinfo=UTC), datetime(2028, 1, 1, 1, 10, tzinfo=UTC)
    between = round(working_seconds(hour_past_midnight, start, new_year))
    assert due(hour_past_midnight, start, Span(between)) == new_year


def test_ten_years_of_office_hours_are_reached() -> None:
    start = local("2026-11-23T10:00")
    ten_years = due(BERLIN, start, Span(10 * 365 * 24 * HOUR))
    assert working_seconds(BERLIN, start, ten_years) == 10 * 365 * 24 * HOUR
    assert due(BERLIN, ten_years, Span(-10 * 365 * 24 * HOUR)) == start


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2025-12-31T23:00-10:00", "2026-12-31T23:00-10:00", id="a year, seen from the other side"),
        pytest.param("2019-07-01T10:00+14:00", "2031-07-01T10:00-12:00", id="a dozen"),
        pytest.param("1999-12-31T23:59Z", "2101-01-01T00:01Z", id="a century"),
    ],
)
def test_working_time_over_many_years_is_the_sum_of_its_months(start: str, end: str) -> None:
    kiritimati = every_day("00:00-03:00 20:00-05:00", "Pacific/Kiritimati")
    first, last = (datetime.fromisoformat(each) for each in (start, end))
    cuts = [first, *(at for at in (first + timedelta(days=30 * n) for n in range(1, 4000)) if at < last), last]
    by_month = sum(working_seconds(kiritimati, one, other) for one, other in pairwise(cuts))
    assert working_seconds(kiritimati, first, last) == by_month
    assert working_seconds(kiritimati, last, first) == -by_month


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Australia/Lord_Howe"])
@pytest.mark.parametrize("since", [pytest.param(900, marks=pytest.mark.slow), 2110], ids=str)
def test_four_hundred_years_of_yearly_rules_are_like_the_next(zone: str, since: int) -> None:
    night = replace(every_day("22:00-03:00", zone), closed=frozenset({date(2096, 2, 29)}))
    first, then, last = (datetime(since + years, 7, 1, tzinfo=UTC) for years in (0, 200, 400))
    laid_out_whole = sum(
        working_seconds(night, datetime(year, 7, 1, tzinfo=UTC), datetime(year + 8, 7, 1, tzinfo=UTC))
        for year in range(since, since + 400, 8)
    )
    counted = working_seconds(night, first, then) + working_seconds(night, then, last)
    assert counted == working_seconds(night, first, last) == laid_out_whole


def test_time_runs_from_the_first_day_of_the_year_1_to_the_last_of_9999() -> None:
    everything = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    assert working_seconds(always(), *everything) == (everything[1] - everything[0]).total_seconds()
    office = every_day("09:00-17:00", "UTC")
    assert due(office, everything[0], Span(HOUR)) == datetime(1, 1, 1, 10, tzinfo=UTC)
    assert due(office, everything[1], Span(8 * HOUR)) == datetime(9999, 12, 31, 17, tzinfo=UTC)
    night = every_day("22:00-06:00", "UTC")
    assert working_seconds(night, everything[1], datetime(9999, 12, 31, 23, tzinfo=UTC)) == 7 * HOUR


FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("start", "span"),
    [
        pytest.param(LAST, Span(3 * HOUR), id="working time after 9999"),
        pytest.param(LAST, Span(2, "business_days"), id="business days after 9999"),
        pytest.param(LAST, Span(2, "calendar_days"), id="dates after 9999"),
        pytest.param(LAST, Span(3 * HOUR, "elapsed"), id="real time after 9999"),
        pytest.param(FIRST, Span(-20 * HOUR), id="working time before the year 1"),
        pytest.param(FIRST, Span(-2, "business_days"), id="business days before it"),
        pytest.param(FIRST, Span(-2, "calendar_days"), id="dates before it"),
        pytest.param(FIRST, Span(-3 * HOUR, "elapsed"), id="real time before it"),
        pytest.param(FIRST, Span(10**30, "calendar_days"), id="more dates than there are"),
        pytest.param(FIRST, Span(10**30, "elapsed"), id="more real time than there is"),
        pytest.param(FIRST, Span(10**30), id="more working time than there is"),
        pytest.param(datetime.fromisoformat("0001-01-01T00:00+14:00"), Span(0, "elapsed"), id="a start before it"),
    ],
)
def test_beyond_all_calendars_there_is_an_error_in_words(zone: str, start: datetime, span: Span) -> None:
    with pytest.raises(OutOfReach, match=r"between the years 1 and 9999|calendar '\w+' has too few hours"):
        due(always(zone), start, span)


@pytest.mark.parametrize("span", [Span(60), Span(0), Span(-60), Span(1, "business_days")], ids=str)
def test_a_calendar_that_never_opens_says_so(span: Span) -> None:
    with pytest.raises(OutOfReach, match="calendar 'never' never opens"):
        due(NEVER, datetime(2026, 11, 23, tzinfo=UTC), span)


def test_a_calendar_without_enough_hours_says_so() -> None:
    one_day = replace(NEVER, name="fair", open={date(2026, 11, 24): hours("10:00-14:00")})
    assert shown(due(one_day, datetime(2026, 11, 23, tzinfo=UTC), Span(4 * HOUR)), "UTC") == "2026-11-24T14:00"
    with pytest.raises(OutOfReach, match="calendar 'fair' has too few hours"):
        due(one_day, datetime(2026, 11, 23, tzinfo=UTC), Span(4 * HOUR + 1))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(TypeError):
        is_open(BERLIN, datetime(2026, 11, 23, 10))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "kind", "expected"),
    [
        pytest.param("2026-11-23T10:00", "2026-11-23T10:20", "working", "2026-11-23T10:15", id="inside an interval"),
        pytest.param("2026-11-23T12:20", "2026-11-23T13:40", "working", "2026-11-23T13:35", id="lunch does not count"),
        pytest.param("2026-11-23T10:00", "2026-11-24T10:00", "business_days", "2026-11-23T17:00", id="business days"),
        pytest.param("2026-11-28T10:00", "2026-11-28T14:00", "elapsed", "2026-11-28T13:00", id="elapsed: real time"),
        pytest.param(
            "2026-11-01T10:00", "2026-11-05T10:00", "calendar_days", "2026-11-04T10:00", id="calendar days too"
        ),
    ],
)
def test_three_quarters_of_a_target(start: str, end: str, kind: SpanKind, expected: str) -> None:
    assert shown(share(BERLIN, local(start), local(end), 0.75, kind)) == expected


def test_the_whole_of_a_target_is_its_end_even_outside_hours() -> None:
    start = local("2026-12-18T09:30")
    saturday_before_opening = due(BERLIN, start, Span(1, "business_days"))
    assert share(BERLIN, start, saturday_before_opening, 1.0, "business_days") == saturday_before_opening


def test_a_share_of_no_working_time_is_not_behind_the_end() -> None:
    start, end = local("2026-11-28T10:00"), local("2026-11-28T12:00")
    assert share(BERLIN, start, end, 0.75, "working") == end


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(90), "90 s"),
        (Span(900), "15 min"),
        (Span(14_400), "4 h"),
        (Span(1, "business_days"), "1 business day"),
        (Span(5, "business_days"), "5 business days"),
        (Span(86_400, "elapsed"), "24 h elapsed"),
        (Span(30, "calendar_days"), "30 calendar days"),
        (Span(-900), "-15 min"),
        (Span(0), "0 s"),
    ],
)
def test_an_amount_reads_as_it_is_written_in_the_configuration(span: Span, text: str) -> None:
    assert str(span) == text


def test_equal_calendars_give_equal_answers_and_a_changed_one_its_own() -> None:
    start = local("2026-11-23T10:00")
    changed = replace(BERLIN, closed=frozenset({date(2026, 11, 23)}))
    assert is_open(replace(BERLIN), start)
    assert hash(changed) == hash(BERLIN)
    assert not is_open(changed, start)
