"""`calendars.yaml`: when people work, with holidays as plain dates, so that the core needs no package to know them."""

import re
import warnings
from datetime import date
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from domain.hours import Calendar
from playbook import spans
from playbook.kinds import Given, Kind, day, list_of, mapping_of, record, text
from playbook.problems import Id
from playbook.reading import Node
from playbook.suggest import did_you_mean

FILE = "calendars.yaml"
YEARS = range(2000, 2051)
"""Years for which holidays are known. Before and after, holidays are ordinary days."""

Intervals = tuple[tuple[int, int], ...]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = re.compile(rf"({'|'.join(_WEEKDAYS)})(?:-({'|'.join(_WEEKDAYS)}))?")


def _interval(node: Node) -> tuple[int, int] | None:
    if not isinstance(node.value, str):
        node.expected("hours such as 09:00-17:30")
        return None
    try:
        return spans.interval(node.value)
    except ValueError as error:
        node.problem(Id.BAD_HOURS, f"{node.subject_prefix}{error}")
        return None


_hours_of_a_day = list_of(Kind(_interval, {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?-\d\d:\d\d(:\d\d)?$"}))


def _intervals(node: Node) -> Intervals:
    found = sorted(_hours_of_a_day.read(node) or ())
    for earlier, later in pairwise(found):
        if later[0] < earlier[1]:
            node.problem(Id.BAD_HOURS, f"{node.subject_prefix}two of the hours under {node.label} overlap")
    return tuple(found)


def _week(node: Node) -> tuple[Intervals, ...] | None:
    if not isinstance(node.value, dict):
        node.expected("a mapping of weekdays to hours, such as `mon-fri: 09:00-17:30`")
        return None
    week: list[Intervals | None] = [None] * 7
    for key, each in node.entries():
        for weekday in _weekdays(key, each):
            if week[weekday] is not None:
                each.key_problem(Id.DAY_TWICE, f"{node.subject_prefix}{_WEEKDAYS[weekday]} has its hours already")
            week[weekday] = _intervals(each)
    return tuple(hours or () for hours in week)


def _weekdays(key: str, node: Node) -> list[int]:
    found = _DAYS.fullmatch(key.lower().replace(" ", ""))
    if not found:
        hint = "days are mon tue wed thu fri sat sun, alone or as a range such as mon-thu"
        node.key_problem(Id.BAD_HOURS, f"{node.subject_prefix}{key!r} is not a weekday", hint)
        return []
    first, last = _WEEKDAYS.index(found[1]), _WEEKDAYS.index(found[2] or found[1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _timezone(node: Node) -> str | None:
    name = text.read(node)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(name, sorted(available_timezones())) if "/" in name else "such as Europe/Berlin"
        node.problem(Id.BAD_TIMEZONE, f"{node.subject_prefix}{name!r} is not a time zone", hint)
        return None
    return name


timezone = Kind(_timezone, {"type": "string"})


def _holidays(node: Node) -> frozenset[date] | None:
    code = text.read(node)
    if code is None:
        return None
    try:
        return holidays_of(code)
    except UnknownHolidays as error:
        node.problem(Id.BAD_HOLIDAYS, f"{node.subject_prefix}{error}", error.hint)
        return None


class UnknownHolidays(ValueError):
    """No such country, or no such part of it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@lru_cache
def holidays_of(code: str) -> frozenset[date]:
    """Public holidays of a country (`DE`) or a part of it (`DE-BE`) in YEARS, as the `holidays` package lists them.
    Raises UnknownHolidays."""
    import holidays  # noqa: PLC0415 -- loads slowly, and most commands are done without a calendar

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise UnknownHolidays(f"{country!r} is not a country code", "two capital letters, such as DE, GB or US")
    if part and part not in known[country]:
        hint = (
            did_you_mean(part, known[country]) or f"{country} has no parts with holidays of their own: write {country}"
        )
        raise UnknownHolidays(f"{part!r} is not a part of {country} with holidays of its own", hint)
    with warnings.catch_warnings():
        # Of some countries the package knows fewer years, and says so on standard error.
        warnings.simplefilter("ignore", UserWarning)
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=YEARS))


def _by_day(node: Node) -> dict[date, Intervals] | None:
    if not isinstance(node.value, dict):
        node.expected("a mapping of dates to hours, such as `2026-12-19: 10:00-14:00`")
        return None
    found = {}
    for key, each in node.entries():
        try:
            found[date.fromisoformat(key)] = _intervals(each)
        except ValueError:
            message = f"{node.subject_prefix}{key!r} is not a date"
            each.key_problem(Id.NOT_A_DATE, message, "dates are written 2026-12-24")
    return found


_BY_DAY = Kind(_by_day, {"type": "object", "additionalProperties": _hours_of_a_day.schema})
_CALENDAR = record(
    {
        "timezone": timezone,
        "hours": Kind(_week, {"type": "object", "additionalProperties": _hours_of_a_day.schema}),
        "holidays": list_of(Kind(_holidays, {"type": "string", "pattern": "^[A-Z]{2}(-.+)?$"})),
        "closed": list_of(day),
        "open": _BY_DAY,
        "breaks": _BY_DAY,
    },
    required=("timezone", "hours"),
)


def _calendar(given: Given) -> Calendar:
    name = str(given.node.path[-1])
    week = given.get("hours", ((),) * 7)
    opened = given.get("open", {})
    if not any(each.value for _, each in given.at("hours").entries()) and "hours" in given.values and not opened:
        given.at("hours").problem(Id.BAD_HOURS, f"{given.node.subject_prefix}it never opens")
    return Calendar(
        name=name,
        timezone=given.get("timezone", "UTC"),
        week=week,
        holidays=frozenset().union(*given.get("holidays", ())),
        closed=frozenset(given.get("closed", ())),
        open=opened,
        breaks=given.get("breaks", {}),
    )


CALENDARS = record({"calendars": mapping_of(_CALENDAR.then(_calendar), "calendar", defines="calendar")})


def read(root: Node | None) -> dict[str, Calendar]:
    """The calendars of the file."""
    given = CALENDARS.read(root) if root else None
    return given.get("calendars", {}) if given else {}
