"""A calendar laid out on the line of real time: merged intervals in UTC, with the working time before each.

This is where the wall clock ends: an edge such as 09:00 becomes a moment here, once per date. Questions are then
answered by bisection. A moment is a whole number of microseconds since 1970 in UTC, so that arithmetic is exact.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.hours.calendar import DAY, Calendar

Interval = tuple[int, int]

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH_ORDINAL = EPOCH.toordinal()
_ONE_DAY = timedelta(days=1)


def moment(at: datetime) -> int:
    """An aware time as a moment. TypeError for a naive one: nobody could say which moment it is."""
    return (at - EPOCH) // _MICROSECOND


def utc(at: int) -> datetime:
    """A moment as an aware time in UTC."""
    return EPOCH + timedelta(microseconds=at)


def of_wall_clock(wall: datetime, zone: ZoneInfo) -> int:
    """The moment at which the clocks show `wall` (naive). A time that occurs twice is its first occurrence; one that
    is skipped lies as far behind the jump as it would have (02:30 is 03:30), as in RFC 5545, section 3.3.5."""
    return moment(wall.replace(tzinfo=zone, fold=0))


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


# A company has a calendar per region and team; one more timeline exists per year in which leads arrive.
@lru_cache(maxsize=512)
def timeline(calendar: Calendar, first_year: int, last_year: int) -> Timeline:
    """The calendar from 1 January of the first year to 31 December of the last, both between 2 and 9997."""
    zone = ZoneInfo(calendar.timezone)
    hours = dict(_working_days(calendar, zone, date(first_year, 1, 1), date(last_year, 12, 31)))
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
        # A shift may reach a day beyond its date, and zones lie up to 14 hours from UTC.
        known_from=moment(datetime(first_year, 1, 3, tzinfo=UTC)),
        known_to=moment(datetime(last_year, 12, 31, tzinfo=UTC)),
    )


def _working_days(
    calendar: Calendar, zone: ZoneInfo, first: date, last: date
) -> Iterator[tuple[int, tuple[Interval, ...]]]:
    """Each date that has hours, as (ordinal, its own intervals without the breaks)."""
    day = first
    today, tomorrow = _offset(zone, day), _offset(zone, day + _ONE_DAY)
    while day <= last:
        afterwards = _offset(zone, day + 2 * _ONE_DAY)
        steady = today if today == tomorrow == afterwards else None
        own = [_interval(day, span, zone, steady) for span in calendar.hours_on(day)]
        if own and calendar.breaks:
            own = _without(_merged(own), _breaks_near(calendar, zone, day))
        if own := _merged(own):
            yield day.toordinal(), tuple(own)
        day, today, tomorrow = day + _ONE_DAY, tomorrow, afterwards


def _breaks_near(calendar: Calendar, zone: ZoneInfo, day: date) -> list[Interval]:
    """The breaks that a shift of this date can meet: a night shift also those of the next date, and a break may
    itself run past midnight."""
    near = (day - _ONE_DAY, day, day + _ONE_DAY)
    return _merged(_interval(other, span, zone, None) for other in near for span in calendar.breaks.get(other, ()))


def _offset(zone: ZoneInfo, day: date) -> int:
    """How far the wall clock is ahead of UTC at local midnight, in seconds."""
    offset = datetime.combine(day, time(), tzinfo=zone).utcoffset()
    return offset // timedelta(seconds=1) if offset is not None else 0


def _interval(day: date, span: tuple[int, int], zone: ZoneInfo, steady: int | None) -> Interval:
    """A span of wall-clock seconds of a date as moments. `steady` is the offset where no clock changes nearby."""
    opens, closes = span
    if steady is not None:  # all but a few days a year: no need to ask the zone about each edge
        midnight = (day.toordinal() - _EPOCH_ORDINAL) * DAY - steady
        return (midnight + opens) * SECOND, (midnight + closes) * SECOND
    midnight_shown = datetime.combine(day, time())
    return (
        of_wall_clock(midnight_shown + timedelta(seconds=opens), zone),
        of_wall_clock(midnight_shown + timedelta(seconds=closes), zone),
    )


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
