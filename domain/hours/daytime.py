"""Parts of the day on somebody's own clock, and the time zones that have a name."""

from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from domain.hours.timeline import of_wall_clock, utc


class PartOfDay(StrEnum):
    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"


_BEGINS = {PartOfDay.MORNING: 0, PartOfDay.MIDDAY: 11, PartOfDay.AFTERNOON: 14}
"""The hour at which each begins."""

_TO_CALL = {PartOfDay.MORNING: (8, 11), PartOfDay.MIDDAY: (11, 14), PartOfDay.AFTERNOON: (14, 20)}
"""From which hour to which somebody may be called in it."""


def part_of_day(at: datetime, zone: str) -> PartOfDay:
    """Until 11:00 is morning, until 14:00 midday, then afternoon; on the clocks of that zone."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return max((part for part in PartOfDay if _BEGINS[part] <= hour), key=_BEGINS.__getitem__)


def time_to_call(day_of: datetime, part: PartOfDay, zone: str) -> tuple[datetime, datetime]:
    """From when to when (UTC) somebody may be called in that part of the day that `day_of` falls on in that zone: not
    before 8:00, and not after 20:00."""
    local = ZoneInfo(zone)
    today = day_of.astimezone(local).date()
    begins, ends = (utc(of_wall_clock(datetime.combine(today, time(hour)), local)) for hour in _TO_CALL[part])
    return begins, ends


def known_zone(text: str) -> str | None:
    """The time zone of that name (`Europe/Berlin`), whatever the case; None where there is none. HubSpot
    writes the choices of its own field `hs_timezone` as `europe_slash_berlin`."""
    return _zones().get(text.strip().casefold().replace("_slash_", "/").replace(" ", "_"))


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
