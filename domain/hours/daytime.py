"""Parts of the day on somebody's own clock, and the time zones that have a name."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from domain.hours.timeline import of_wall_clock, utc


class PartOfDay(StrEnum):
    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"


_BEGINS = {PartOfDay.MORNING: 0, PartOfDay.MIDDAY: 11, PartOfDay.AFTERNOON: 14}
"""The hour at which each begins; the last ends with the day."""


def part_of_day(at: datetime, zone: str) -> PartOfDay:
    """Until 11:00 is morning, until 14:00 midday, then afternoon; on the clocks of that zone."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return max((part for part in PartOfDay if _BEGINS[part] <= hour), key=_BEGINS.__getitem__)


def bounds(day_of: datetime, part: PartOfDay, zone: str) -> tuple[datetime, datetime]:
    """From when to when (UTC) that part lasts on the day that `day_of` falls on in that zone."""
    local = ZoneInfo(zone)
    today = day_of.astimezone(local).date()
    later = [hour for hour in _BEGINS.values() if hour > _BEGINS[part]]
    begin = datetime.combine(today, time(_BEGINS[part]))
    end = datetime.combine(today, time(min(later))) if later else datetime.combine(today + timedelta(days=1), time())
    return utc(of_wall_clock(begin, local)), utc(of_wall_clock(end, local))


def known_zone(text: str) -> str | None:
    """The time zone of that name (`Europe/Berlin`), whatever the case; None where there is none. HubSpot
    writes the choices of its own field `hs_timezone` as `europe_slash_berlin`."""
    return _zones().get(text.strip().casefold().replace("_slash_", "/").replace(" ", "_"))


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
