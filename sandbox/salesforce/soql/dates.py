"""Date literals (TODAY, LAST_N_DAYS:30) as ranges of days, and the parts of a date that functions take out of it."""

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo

from sandbox.salesforce.stamps import stamp

Days = tuple[date, date]
"""from the first day up to the other one, which is not in it"""


def is_span(text: str) -> bool:
    """Whether the text is a date literal."""
    name, colon, _ = text.lower().partition(":")
    return name in (_COUNTED if colon else _FIXED)


def days(text: str, today: date, week_starts: int) -> Days:
    """The days that a date literal means, `today` being that of the user's time zone.

    A week starts on that weekday (Monday is 0), which depends on the user's locale. OverflowError beyond the calendar.
    """
    name, _, number = text.lower().partition(":")
    if number:
        unit, first, past = _COUNTED[name](int(number))
    else:
        unit, first, past = _FIXED[name]
    start = _starts(unit, today, week_starts)
    return _moved(unit, start, first), _moved(unit, start, past)


def midnight(day: date, zone: tzinfo) -> str:
    """The moment at which the day begins there, in the form in which moments are stored."""
    return stamp(datetime.combine(day, time(), zone))


def part(function: str, value: str, zone: tzinfo) -> int:
    """What CALENDAR_MONTH and the like say of a stored date, or of a stored moment in a time zone."""
    return PARTS[function](_moment(value, zone))


def day_only(value: str, zone: tzinfo) -> str:
    """The date of a stored moment."""
    return _moment(value, zone).date().isoformat()


def _moment(value: str, zone: tzinfo) -> datetime:
    if len(value) == len("2026-06-01"):
        return datetime.combine(date.fromisoformat(value), time())
    return datetime.fromisoformat(value[:19]).replace(tzinfo=UTC).astimezone(zone)


def _starts(unit: str, today: date, week_starts: int) -> date:
    """The first day of today's day, week, month, quarter or year."""
    match unit:
        case "week":
            return today - timedelta(days=(today.weekday() - week_starts) % 7)
        case "month":
            return today.replace(day=1)
        case "quarter":
            return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(today.year, 1, 1)
    return today


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _moved(unit: str, start: date, by: int) -> date:
    if unit not in _MONTHS:
        return start + timedelta(days=by * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + by * _MONTHS[unit]
    if not MINYEAR <= months // 12 <= MAXYEAR:
        raise OverflowError(f"no year {months // 12}")
    return date(months // 12, months % 12 + 1, 1)


# unit, first of them and the one after the last, counted from today's
_FIXED: dict[str, tuple[str, int, int]] = {
    "yesterday": ("day", -1, 0),
    "today": ("day", 0, 1),
    "tomorrow": ("day", 1, 2),
    "last_90_days": ("day", -90, 1),
    "next_90_days": ("day", 1, 91),
}
_COUNTED: dict[str, Callable[[int], tuple[str, int, int]]] = {
    # Today counts as the last of the last days; of longer units the current one does not.
    "last_n_days": lambda n: ("day", -n, 1),
    "next_n_days": lambda n: ("day", 1, n + 1),
    "n_days_ago": lambda n: ("day", -n, 1 - n),
}


def _longer(unit: str) -> None:
    for prefix in ("", "fiscal_") if unit in ("quarter", "year") else ("",):  # a fiscal year starts in January here
        name = prefix + unit
        _FIXED.update({f"last_{name}": (unit, -1, 0), f"this_{name}": (unit, 0, 1), f"next_{name}": (unit, 1, 2)})
        _COUNTED.update(
            {
                f"last_n_{name}s": lambda n: (unit, -n, 0),
                f"next_n_{name}s": lambda n: (unit, 1, n + 1),
                f"n_{name}s_ago": lambda n: (unit, -n, 1 - n),
            }
        )


for _unit in ("week", "month", "quarter", "year"):
    _longer(_unit)

PARTS: Mapping[str, Callable[[datetime], int]] = {
    "calendar_year": lambda at: at.year,
    "calendar_quarter": lambda at: (at.month + 2) // 3,
    "calendar_month": lambda at: at.month,
    "fiscal_year": lambda at: at.year,
    "fiscal_quarter": lambda at: (at.month + 2) // 3,
    "fiscal_month": lambda at: at.month,
    "day_in_month": lambda at: at.day,
    "day_in_week": lambda at: at.isoweekday() % 7 + 1,  # Sunday is 1
    "day_in_year": lambda at: at.timetuple().tm_yday,
    "hour_in_day": lambda at: at.hour,
    "week_in_month": lambda at: (at.day + 6) // 7,
    "week_in_year": lambda at: (at.timetuple().tm_yday + 6) // 7,  # the first is always 1 to 7 January
}
