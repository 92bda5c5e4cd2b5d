"""When people work, and when they are out of office: two properties of HubSpot's users, which hold JSON as text.

Both come from a user's own settings and are often empty. One that nobody can read counts as empty, and is told.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Whereabouts
from connectors.hubspot.answers import Record
from connectors.hubspot.records import OWNER
from connectors.values import NO_END, address, storable
from domain.people import Absence, CrmUser, WorkingHours

T = TypeVar("T")

USERS = "users"
EMAIL, ZONE = "hs_email", "hs_standard_time_zone"
HOURS, OUT_OF_OFFICE = "hs_working_hours", "hs_out_of_office_hours"
ASKED = (EMAIL, OWNER, ZONE, HOURS, OUT_OF_OFFICE)
REASON = "out of office in HubSpot"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MINUTE = 24 * 60
_NAMES = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_DAYS = {
    **{name: (day,) for day, name in enumerate(_NAMES)},
    "MONDAY_TO_FRIDAY": (0, 1, 2, 3, 4),
    "SATURDAY_SUNDAY": (5, 6),
    "EVERY_DAY": (0, 1, 2, 3, 4, 5, 6),
}

Intervals = tuple[tuple[int, int], ...]


def whereabouts(rows: Iterable[Record], people: Sequence[CrmUser], since: datetime, until: datetime) -> Whereabouts:
    """What these users' records say of the people. A user is known by the owner's id, else by the address."""
    by_id = {one.id: one.email for one in people if one.email}
    known = set(by_id.values())
    absences: set[Absence] = set()
    hours: dict[str, WorkingHours] = {}
    odd: list[str] = []
    for row in rows:
        said = row["properties"]
        email = by_id.get(said.get(OWNER) or "") or address(said.get(EMAIL))
        if email not in known or email is None:
            continue
        away, work = f"{OUT_OF_OFFICE} of {email}", f"{HOURS} of {email}"
        for item in _read(partial(_items, said, OUT_OF_OFFICE), away, odd) or ():
            if absence := _read(partial(_absence, item, email), away, odd):
                absences.add(absence)
        if works := _read(partial(_working_hours, said, email), work, odd):
            hours[email] = works
    near = [one for one in absences if one.ends > since and one.starts < until]
    return Whereabouts(tuple(sorted(near, key=lambda one: (one.rep, one.starts, one.ends))), hours, tuple(odd))


def _read(read: Callable[[], T], what: str, odd: list[str]) -> T | None:
    try:
        return read()
    except KeyError as error:
        odd.append(f"{what} cannot be read: {error} is missing, or no day")
    except (ValueError, TypeError, RecursionError) as error:
        odd.append(f"{what} cannot be read: {error}")
    return None


def _items(said: Record, name: str) -> list[Any]:
    text = (said.get(name) or "").strip()
    items = json.loads(text) if text else []
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise ValueError(f"{storable(text)[:80]!r} is no list of times")
    return items


def _absence(item: Mapping[str, object], email: str) -> Absence:
    starts, ends = _moment(item["startTimestamp"]), _moment(item["endTimestamp"])
    if ends <= starts:
        raise ValueError(f"an absence ends at {ends} and begins at {starts}")
    return Absence(email, starts, ends, None, REASON)


def _moment(milliseconds: object) -> datetime:
    last = (NO_END - _EPOCH) // timedelta(milliseconds=1)
    return _EPOCH + timedelta(milliseconds=min(_whole(milliseconds), last))


def _whole(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"{number!r} is no time")
    return number


def _working_hours(said: Record, email: str) -> WorkingHours | None:
    """None for somebody who has set no hours."""
    week: list[list[tuple[int, int]]] = [[] for _ in _NAMES]
    items = _items(said, HOURS)
    for one in items:
        begin, finish = _whole(one["startMinute"]), _whole(one["endMinute"])
        if not begin < finish <= _LAST_MINUTE:
            raise ValueError(f"{begin} to {finish} are no minutes of a day")
        for day in _DAYS[one["days"]]:
            week[day].append((begin * 60, finish * 60))
    if not items:
        return None
    name = f"working hours of {email} in HubSpot"
    return WorkingHours(name, _zone(said.get(ZONE)).key, tuple(_joined(day) for day in week))


def _joined(day: Iterable[tuple[int, int]]) -> Intervals:
    """In order; two that meet or overlap are one."""
    found: list[tuple[int, int]] = []
    for begin, finish in sorted(day):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(finish, found[-1][1]))
        else:
            found.append((begin, finish))
    return tuple(found)


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{ZONE} is {storable(name or '')!r}, which is no time zone") from error
