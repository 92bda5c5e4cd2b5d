"""When people are not there: Events of theirs that show as out of office or last whole days, and meetings.

Subjects are not asked for: they are private. A series is a row for each time that it happens; the row of the series
itself is left out. An invitation is a row of the invited person.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Whereabouts
from connectors.batches import chunks
from connectors.salesforce import soql
from connectors.salesforce.errors import understood
from connectors.salesforce.org import Org, Record
from connectors.values import NO_END, end, instant
from domain.people import Absence, CrmUser

EVENT = "Event"
ASKED = ("OwnerId", "StartDateTime", "EndDateTime", "DurationInMinutes", "IsAllDayEvent", "ShowAs", "IsRecurrence")
REASON = "Salesforce event"

_AT_ONCE = 200
_OUT_OF_OFFICE, _FREE = "OutOfOffice", "Free"
_DAY = timedelta(days=1)


@understood("events")
def whereabouts(
    org: Org,
    people: Sequence[CrmUser],
    since: datetime,
    until: datetime,
    meetings: tuple[datetime, datetime] | None,
) -> Whereabouts:
    """One call for 200 people."""
    found: set[Absence] = set()
    odd: list[str] = []
    for chunk in chunks([one for one in people if one.email and soql.is_id(one.id)], _AT_ONCE):
        ids = soql.texts(one.id for one in chunk)
        where = f"OwnerId IN {ids} AND {_away(since, until)}"
        if meetings:
            where = f"OwnerId IN {ids} AND ({_away(since, until)} OR {_shown(*meetings)})"
        events, users = org.queries(
            soql.select(ASKED, EVENT, f"{where} AND ShowAs != {soql.text(_FREE)} AND IsRecurrence = false"),
            soql.select(("Id", "TimeZoneSidKey"), "User", f"Id IN {ids}"),
        )
        zones = {row["Id"]: _zone(row.get("TimeZoneSidKey")) for row in users}
        emails = {soql.short(one.id): one.email for one in chunk}
        for row in events:
            email = emails.get(soql.short(str(row["OwnerId"])))
            if email is None:
                continue
            try:
                found.add(_absence(row, email, zones.get(row["OwnerId"], ZoneInfo("UTC"))))
            except (ValueError, TypeError, OverflowError) as error:
                odd.append(f"an event of {email} cannot be read: {error}")
    order = sorted(found, key=lambda one: (one.rep, one.starts, one.ends, one.meeting))
    return Whereabouts(tuple(order), odd=tuple(odd))


def _away(since: datetime, until: datetime) -> str:
    # Whole days are written as if they were UTC's, and their last day does not count in their end.
    whole = _shown(since - 2 * _DAY, until + _DAY)
    return f"((ShowAs = {soql.text(_OUT_OF_OFFICE)} OR IsAllDayEvent = true) AND {whole})"


def _shown(since: datetime, until: datetime) -> str:
    return f"(EndDateTime > {soql.moment(since)} AND StartDateTime < {soql.moment(until)})"


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _absence(row: Record, email: str, zone: ZoneInfo) -> Absence:
    """ValueError, or another error of times, where the row has none."""
    starts, ends = instant(row["StartDateTime"]), end(row["EndDateTime"])
    whole_days = bool(row.get("IsAllDayEvent"))
    if whole_days:
        ends = NO_END if ends == NO_END else _midnight(starts + _whole_days(row, ends - starts), zone)
        starts = _midnight(starts, zone)
    if ends <= starts:
        raise ValueError(f"it ends at {row['EndDateTime']}, and begins at {row['StartDateTime']}")
    away = whole_days or row.get("ShowAs") == _OUT_OF_OFFICE
    return Absence(email, starts, ends, None, REASON, meeting=not away)


def _whole_days(row: Record, between: timedelta) -> timedelta:
    """Salesforce's own `EndDateTime` is the last day, and programs that write events sometimes mean the day after it:
    the length tells."""
    return between if between and row.get("DurationInMinutes") == between // timedelta(minutes=1) else between + _DAY


def _midnight(day: datetime, zone: ZoneInfo) -> datetime:
    """Whole days are midnights in UTC, and mean dates."""
    return datetime.combine(day.date(), time(), zone).astimezone(day.tzinfo)
