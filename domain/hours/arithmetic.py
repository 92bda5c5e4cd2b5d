"""Questions about a calendar: is it open, when is something due, how much working time has passed.

All times that go in are aware, in any zone; all that come out are UTC. Nothing is rounded.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Literal
from zoneinfo import ZoneInfo

from domain.hours.calendar import Calendar, Span, SpanKind, always
from domain.hours.timeline import (
    FIRST_YEAR,
    LAST_YEAR,
    SECOND,
    OutOfReach,
    Timeline,
    around,
    far_around,
    moment,
    of_wall_clock,
    shown,
    utc,
)

_REACHES = (1, 4, 16, 64)
"""How many years around a question are laid out, until its answer lies inside. No target is longer than the last."""

_A_YEAR = 366 * 86_400

_FEW_YEARS, _CENTURY = 8, 100
"""Between instants that are further apart than a few years, centuries are counted at once."""

_NO_ZONES_BEFORE, _RULES_FROM, _REPEATS = 1800, 2090, 400
"""In the tz database the first clock change is of 1834, and the last one that follows no yearly rule of 2087 (Morocco).
Dates fall on the same weekdays again after 400 years."""


_NEARLY_A_DAY = 22 * 3600 * SECOND
"""One local time is at least so long before that of the next day, whatever the clocks do."""


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether `at` (aware) lies inside working hours. At the second of a close it does not."""
    return _open_at(around(calendar, at.year), moment(at))


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """`at` itself when open, else the next moment (UTC) the calendar opens. OutOfReach when it never does."""
    return utc(_next_opening(calendar, at))


def ago(span: Span, now: datetime) -> datetime:
    """The moment (UTC) that lies `span` before now, nights and weekends counted."""
    return due(always(), now, Span(-span.amount, span.kind))


def due(calendar: Calendar, start: datetime, span: Span) -> datetime:
    """The moment (UTC) at which `span` counted from `start` ends.

    - `working`: that much working time later. An amount that uses up exactly the rest of an interval ends at its
      close, and counted backwards at its opening; zero outside hours moves to the next opening.
    - `business_days`: the same local time of day, that many working days later. If that day is closed by then, its
      last close before; if it has not opened by then, the time stays. A start outside hours counts from the next
      opening. A working day is a date on which an interval starts; the small hours of a night shift belong to it.
    - `elapsed`: real time. `calendar_days`: the same local time, that many dates later.

    A local time that occurs twice is taken the first time; one that is skipped lies as far behind the jump.
    OutOfReach when the calendar has no such moment within 64 years, or there is none between the years 1 and 9999.
    """
    kind, amount = span.kind, span.amount
    if kind == "working":
        return _soon(calendar, start, amount) or _working(calendar, start, amount * SECOND)
    if kind == "business_days":
        return _business_days(calendar, start, amount)
    if kind == "calendar_days":
        return _calendar_days(calendar, start, amount)
    return utc(moment(start) + amount * SECOND)


def start_of(calendar: Calendar, at: datetime, period: Literal["day", "week", "month"]) -> datetime:
    """When the local day, week (from Monday) or month that `at` lies in began (UTC), hours or not."""
    zone = ZoneInfo(calendar.timezone)
    today = shown(moment(at), zone).date()
    back = {"day": 0, "week": today.weekday(), "month": today.day - 1}[period]
    return utc(of_wall_clock(datetime.combine(today - timedelta(days=back), time()), zone))


def working_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Working time between two instants in seconds; negative when `end` is before `start`."""
    return _worked_between(calendar, start, end) / SECOND


def share(calendar: Calendar, start: datetime, end: datetime, fraction: float, kind: SpanKind) -> datetime:
    """The moment (UTC) at which `fraction` of the time from `start` to `end` has passed: of the working time for
    `working` and `business_days`, of the real time for `elapsed` and `calendar_days`. 1.0 is `end` itself, and less
    is never behind it."""
    begin, finish = moment(start), moment(end)
    if fraction == 1:
        return utc(finish)
    if kind in ("elapsed", "calendar_days"):
        return utc(begin + round((finish - begin) * fraction))
    found = moment(_working(calendar, start, round(_worked_between(calendar, start, end) * fraction)))
    # Without any working time in between, the next opening lies behind the end.
    return utc(min(found, finish) if fraction < 1 and begin <= finish else found)


def _further(calendar: Calendar, first: int, last: int, reach: int) -> Timeline:
    """These years and `reach` more on both sides at least; neighbouring questions share them."""
    first, last = first - reach, last + reach
    return far_around(calendar, max(first - first % reach, FIRST_YEAR), min(last + -last % reach, LAST_YEAR))


def _found(calendar: Calendar, near: datetime, find: Callable[[Timeline], int | None]) -> int:
    """What `find` finds in years enough around `near` for the answer to be complete."""
    for reach in _REACHES:
        line = around(calendar, near.year) if reach == 1 else _further(calendar, near.year, near.year, reach)
        found = find(line)
        if found is not None and line.known_from <= found < line.known_to:
            return found
    within = f"within {reach} years of {near:%Y-%m-%d}"
    if not line.opens:
        raise OutOfReach(f"calendar {calendar.name!r} never opens: it has no hours {within}")
    raise OutOfReach(f"calendar {calendar.name!r} has too few hours {within}")


def _next_opening(calendar: Calendar, at: datetime) -> int:
    return _found(calendar, at, partial(_opening, at=moment(at)))


def _open_at(line: Timeline, at: int) -> bool:
    index = bisect_right(line.opens, at) - 1
    return index >= 0 and at < line.closes[index]


def _opening(line: Timeline, at: int) -> int | None:
    index = bisect_right(line.opens, at)
    if index and at < line.closes[index - 1]:
        return at
    return line.opens[index] if index < len(line.opens) else None


def _worked(line: Timeline, at: int) -> int:
    """The timeline's working microseconds before a moment."""
    index = bisect_right(line.opens, at) - 1
    if index < 0:
        return 0
    closes = line.closes[index]
    return line.before[index] + (at if at < closes else closes) - line.opens[index]


def _worked_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    begin, finish = moment(start), moment(end)
    first, last = sorted((start.year, end.year))
    if first == last:
        line = around(calendar, first)
        return _worked(line, finish) - _worked(line, begin)
    if finish < begin:
        return -_worked_between(calendar, end, start)
    # Part by part, because nobody should hold ten thousand years in memory for one row of a file.
    step = 1 if last - first < _FEW_YEARS else _CENTURY
    worked = 0
    for year in range(first - first % step, last + 1, step):
        after = year + step
        if step == _CENTURY and first < year and after <= last:
            worked += _worked_in_century(calendar, year)
        else:
            line = _years(calendar, year, after)
            opens, closes = begin if year <= first else _new_year(year), finish if after > last else _new_year(after)
            worked += _worked(line, closes) - _worked(line, opens)
    return worked


def _years(calendar: Calendar, year: int, after: int) -> Timeline:
    """From one year to the one that is not meant any more, and those beside them."""
    if after - year == 1:
        return around(calendar, year)
    return far_around(calendar, max(year - 1, FIRST_YEAR), min(after, LAST_YEAR))


def _new_year(year: int) -> int:
    return moment(datetime(year, 1, 1, tzinfo=UTC))


@lru_cache(maxsize=1024)
def _worked_in_century(calendar: Calendar, year: int) -> int:
    alike = _alike(calendar, year)
    if alike != year:
        return _worked_in_century(calendar, alike)
    line = _years(calendar, year, year + _CENTURY)
    return _worked(line, _new_year(year + _CENTURY)) - _worked(line, _new_year(year))


def _alike(calendar: Calendar, year: int) -> int:
    """The century nearest to our time that has the same weekdays, clock changes and hours: they come again every 400
    years where nothing is said of a single date."""
    single = (*calendar.holidays, *calendar.closed, *calendar.open, *calendar.breaks)
    years = [
        _NO_ZONES_BEFORE,
        _RULES_FROM,
        *(day.year for day in single),
        *(at.year for part in calendar.away for at in part),
    ]
    early, late = min(years) - 2, max(years) + 2
    while year - _REPEATS >= late:
        year -= _REPEATS
    while year + _REPEATS + _CENTURY <= early:
        year += _REPEATS
    return year


def _soon(calendar: Calendar, start: datetime, seconds: int) -> datetime | None:
    """What `_working` finds, where it lies ahead and in the years around: for a third of the time."""
    times = around(calendar, start.year).times
    if times is None or not 0 < seconds < _A_YEAR:
        return None
    if start.tzinfo is not UTC:
        start = utc(moment(start))
    opens, before = times.opens, times.before
    index = bisect_right(opens, start) - 1
    if index < 0:
        return None
    closes = times.closes[index]
    target = before[index] + ((start if start < closes else closes) - opens[index]) + _amount(seconds)
    index = bisect_left(before, target) - 1
    found = opens[index] + (target - before[index])
    return found if found <= times.closes[index] and times.known_from <= found < times.known_to else None


@lru_cache(maxsize=1024)
def _amount(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


def _working(calendar: Calendar, start: datetime, amount: int) -> datetime:
    """`amount` working microseconds after `start`; before it where the amount is below zero."""
    return utc(_found(calendar, start, partial(_counted, begin=moment(start), amount=amount)))


def _counted(line: Timeline, begin: int, amount: int) -> int | None:
    if amount == 0:
        return _opening(line, begin)
    target = _worked(line, begin) + amount
    # Forwards the interval in which the target is reached ends with it; backwards it starts with it.
    index = (bisect_left if amount > 0 else bisect_right)(line.before, target) - 1
    if index < 0:
        return None
    found = line.opens[index] + target - line.before[index]
    return found if found <= line.closes[index] else None


def _business_days(calendar: Calendar, start: datetime, amount: int) -> datetime:
    begin = _next_opening(calendar, start)
    if amount == 0:
        return utc(begin)
    zone = ZoneInfo(calendar.timezone)
    wall = shown(begin, zone).replace(tzinfo=None)
    find = partial(_working_days_later, begin=begin, wall=wall, amount=amount, zone=zone)
    return utc(_found(calendar, start, find))


def _working_days_later(line: Timeline, begin: int, wall: datetime, amount: int, zone: ZoneInfo) -> int | None:
    today = _day_of(line, begin, wall.toordinal())
    index = bisect_left(line.days, today) + amount
    if not 0 <= index < len(line.days):
        return None
    at = _days_later(wall, line.days[index] - today, zone)
    found = _by_then(line, line.days[index], at)
    # A shift past midnight may end after the next day's last close: a day more is never due earlier, or one less later.
    beside = index - 1 if amount > 0 else min(index + 1, len(line.days) - 1)
    if (amount > 0 and found > at - _NEARLY_A_DAY) or (amount < 0 and found < line.hours[line.days[beside]][0][1]):
        return found
    other = _by_then(line, line.days[beside], _days_later(wall, line.days[beside] - today, zone))
    return max(found, other) if amount > 0 else min(found, other)


def _day_of(line: Timeline, at: int, date_shown: int) -> int:
    """The working day (an ordinal) to which an open moment belongs: in the small hours perhaps the day before."""
    for opens, closes in line.hours.get(date_shown, ()):
        if opens <= at < closes:
            return date_shown
    return date_shown - 1


def _by_then(line: Timeline, day: int, at: int) -> int:
    """`at`, or the day's last close before it when the day is closed by then."""
    closed = at
    for opens, closes in line.hours[day]:
        if at < closes:
            return at if opens <= at else closed
        closed = closes
    return closed


def _calendar_days(calendar: Calendar, start: datetime, amount: int) -> datetime:
    begin = moment(start)
    if amount == 0:  # also where this local time occurs twice, and it is the second
        return utc(begin)
    zone = ZoneInfo(calendar.timezone)
    return utc(_days_later(shown(begin, zone).replace(tzinfo=None), amount, zone))


def _days_later(wall: datetime, amount: int, zone: ZoneInfo) -> int:
    try:
        return of_wall_clock(wall + timedelta(days=amount), zone)
    except OverflowError:
        raise OutOfReach("there is no such time between the years 1 and 9999") from None
