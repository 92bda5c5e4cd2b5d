"""A calendar laid out on the line of real time: merged intervals in UTC, with the working time before each.

This is where the wall clock ends: an edge such as 09:00 becomes a moment here, once per date. Questions are then
answered by bisection. A moment is a whole number of microseconds since 1970 in UTC, so that arithmetic is exact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.hours.calendar import DAY, Calendar

Interval = tuple[int, int]

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = EPOCH.toordinal()
_LAST_DAY = date.max.toordinal()
FIRST_YEAR, LAST_YEAR = date.min.year, date.max.year
_YEAR = 366 * DAY * SECOND


class OutOfReach(ValueError):
    """A calendar has no such moment, or nobody could write it down; the message says which and why."""


def moment(at: datetime) -> int:
    """An aware time as a moment. TypeError for a naive one: nobody could say which moment it is."""
    since = at - EPOCH
    return (since.days * DAY + since.seconds) * SECOND + since.microseconds


def utc(at: int) -> datetime:
    """A moment as an aware time in UTC. OutOfReach before the year 1 and after 9999."""
    seconds, rest = divmod(at, SECOND)
    try:
        # Twice as fast as timedelta(microseconds=at).
        found = EPOCH + timedelta(0, seconds)
    except OverflowError:
        raise OutOfReach("there is no such time between the years 1 and 9999") from None
    return found.replace(microsecond=rest) if rest else found


def shown(at: int, zone: ZoneInfo) -> datetime:
    """What the clocks show at a moment, aware. OutOfReach before the year 1 and after 9999."""
    try:
        return utc(at).astimezone(zone)
    except OverflowError:
        raise OutOfReach("there is no such time between the years 1 and 9999") from None


def of_wall_clock(wall: datetime, zone: ZoneInfo) -> int:
    """The moment at which the clocks show `wall` (naive). A time that occurs twice is its first occurrence; one that
    is skipped lies as far behind the jump as it would have (02:30 is 03:30), as in RFC 5545, section 3.3.5."""
    return moment(wall.replace(tzinfo=zone, fold=0))


@dataclass(frozen=True, slots=True)
class Times:
    """The intervals of a timeline as times in UTC, and the working time before each. Nearly all due times are found in
    these: to make a moment of a time, and a time of the answer, takes longer than finding it."""

    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    known_from: datetime
    known_to: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """A calendar's working time in the years it was asked for.

    `opens`, `closes` and `before` run in parallel, one entry per merged interval: its ends, and the working
    microseconds of this timeline before it. `days` are the ordinals of the dates that have hours, and `hours` those
    dates' own intervals. Whatever lies between `known_from` and `known_to` is complete: no interval there was cut off.
    """

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]
    days: tuple[int, ...]
    hours: Mapping[int, tuple[Interval, ...]]
    known_from: int
    known_to: int
    times: Times | None = None


def laid_out(calendar: Calendar, first_year: int, last_year: int) -> Timeline:
    """The calendar from 1 January of the first year to 31 December of the last, both between 1 and 9999."""
    hours = dict(_working_days(calendar, date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()))
    merged = _merged(interval for own in hours.values() for interval in own)
    before, worked = [], 0
    for opens, closes in merged:
        before.append(worked)
        worked += closes - opens
    return Timeline(
        opens=tuple(opens for opens, _ in merged),
        closes=tuple(closes for _, closes in merged),
        before=tuple(before),
        days=tuple(hours),
        hours=hours,
        # A shift may reach a day beyond its date, and zones lie up to 14 hours from UTC. Beyond the first and the last
        # date there is nothing to be cut off from.
        known_from=moment(datetime(first_year, 1, 3, tzinfo=UTC)) - (_YEAR if first_year == FIRST_YEAR else 0),
        known_to=moment(datetime(last_year, 12, 31, tzinfo=UTC)) + (_YEAR if last_year == LAST_YEAR else 0),
    )


# A company has a calendar per region and team, and one per person who is about to be away; one more timeline exists per
# year in which leads arrive. It is asked for by one year because that is most of what a due time costs.
@lru_cache(maxsize=512)
def around(calendar: Calendar, year: int) -> Timeline:
    """The calendar in a year and in those beside it; with `times` where all of these are times."""
    line = laid_out(calendar, max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR))
    return replace(line, times=_times(line)) if FIRST_YEAR + 2 < year < LAST_YEAR - 2 else line


def _times(line: Timeline) -> Times:
    return Times(
        opens=tuple(map(utc, line.opens)),
        closes=tuple(map(utc, line.closes)),
        before=tuple(timedelta(microseconds=each) for each in line.before),
        known_from=utc(line.known_from),
        known_to=utc(line.known_to),
    )


far_around = lru_cache(maxsize=8)(laid_out)
"""Of many years: for targets that are that long. These are large and rare."""


def _working_days(calendar: Calendar, first: int, last: int) -> Iterator[tuple[int, tuple[Interval, ...]]]:
    """Each date (an ordinal) that has hours, with its own intervals without breaks and absences."""
    zone = ZoneInfo(calendar.timezone)
    away = _merged((moment(starts), moment(ends)) for starts, ends in calendar.away)
    back = [ends for _, ends in away]
    today, tomorrow = _offset(zone, first), _offset(zone, first + 1)
    for day in range(first, last + 1):
        afterwards = _offset(zone, day + 2)
        steady = today if today == tomorrow == afterwards else None
        today, tomorrow = tomorrow, afterwards
        own = _merged(_interval(day, span, zone, steady) for span in calendar.hours_on(date.fromordinal(day)))
        if own and calendar.breaks:
            own = _without(own, _breaks_near(calendar, zone, day))
        if own and away:
            own = _without(own, away[bisect_right(back, own[0][0]) : bisect_left(away, (own[-1][1], 0))])
        if own:
            yield day, tuple(own)


def _breaks_near(calendar: Calendar, zone: ZoneInfo, day: int) -> list[Interval]:
    """The breaks that a shift of this date can meet: a night shift also those of the next date, and a break may
    itself run past midnight."""
    near = range(max(day - 1, 1), min(day + 1, _LAST_DAY) + 1)
    return _merged(
        _interval(other, span, zone, None)
        for other in near
        for span in calendar.breaks.get(date.fromordinal(other), ())
    )


def _offset(zone: ZoneInfo, day: int) -> int:
    """How far the wall clock is ahead of UTC at local midnight, in seconds."""
    offset = datetime.combine(date.fromordinal(min(day, _LAST_DAY)), time(), tzinfo=zone).utcoffset()
    return offset // timedelta(seconds=1) if offset is not None else 0


def _interval(day: int, span: tuple[int, int], zone: ZoneInfo, steady: int | None) -> Interval:
    """A span of wall-clock seconds of a date as moments. `steady` is the offset where no clock changes nearby."""
    opens, closes = span
    if steady is None:
        return _edge(day, opens, zone), _edge(day, closes, zone)
    midnight = (day - _EPOCH_ORDINAL) * DAY - steady  # all but a few days a year: no need to ask the zone
    return (midnight + opens) * SECOND, (midnight + closes) * SECOND


def _edge(day: int, seconds: int, zone: ZoneInfo) -> int:
    if day + seconds // DAY > _LAST_DAY:
        return ((day - _EPOCH_ORDINAL) * DAY + seconds - _offset(zone, _LAST_DAY)) * SECOND
    return of_wall_clock(datetime.combine(date.fromordinal(day), time()) + timedelta(seconds=seconds), zone)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """In order, without overlaps; what touches becomes one, and what is empty goes (02:30 to 03:15 in a night without
    an hour from 02:00 on)."""
    merged: list[Interval] = []
    for opens, closes in sorted(intervals):
        if closes <= opens:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged


def _without(intervals: list[Interval], breaks: list[Interval]) -> list[Interval]:
    """Merged intervals with merged breaks taken out."""
    left = intervals
    for pause_from, pause_to in breaks:
        left = [
            part
            for opens, closes in left
            for part in ((opens, min(closes, pause_from)), (max(opens, pause_to), closes))
            if part[0] < part[1]
        ]
    return left
