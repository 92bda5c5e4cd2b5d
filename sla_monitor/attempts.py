"""When an attempt is due that should come at another time of day than those before it."""

from collections.abc import Sequence
from datetime import datetime

from domain.hours import Calendar, Span, due, working_seconds
from domain.hours.daytime import PartOfDay, known_zone, part_of_day, time_to_call


def at_another_time(calendar: Calendar, day_of: datetime, tried: Sequence[datetime], zone: str | None) -> datetime:
    """The moment on that day, no later than which the attempt is made in a part of the day in which none was tried yet:
    `day_of` itself where that lies in one, else the end of the working time in the first such part (UTC).

    Morning, midday and afternoon are those of the lead's own `zone`; where that is no known time zone, of the
    calendar's. Where every part was tried, or none of the others has working time, it stays at `day_of`.
    """
    own = known_zone(zone or "") or calendar.timezone
    before = {part_of_day(at, own) for at in tried}
    if part_of_day(day_of, own) not in before:
        return day_of
    for part in PartOfDay:
        begins, ends = time_to_call(day_of, part, own)
        begins = max([begins, *tried])
        if part not in before and begins < ends and (open_for := int(working_seconds(calendar, begins, ends))) > 0:
            return due(calendar, begins, Span(open_for))
    return day_of
