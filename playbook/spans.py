"""The units of time of `config/`: `15 min`, `1 business day`, `24 h elapsed`, `30 calendar days`; hours of a day."""

import re
from fractions import Fraction

from domain.hours import Span

PATTERN = r"^\s*-?\d+(\.\d+)?\s*(s|min|h|s elapsed|min elapsed|h elapsed|business days?|calendar days?)\s*$"

_SECONDS = {"s": 1, "min": 60, "h": 3600}
_SPAN = re.compile(r"(-?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?")
_DAY = 86_400

_HINTS = {
    "": "say of what: `15 min`, `4 h`, `1 business day`",
    **dict.fromkeys(("d", "day", "days"), "say which days: `business days` or `calendar days`"),
    **dict.fromkeys(("w", "week", "weeks"), "a week is `5 business days` or `7 calendar days`"),
    **dict.fromkeys(("m", "minute", "minutes", "mins"), "minutes are written `min`"),
    **dict.fromkeys(("hour", "hours", "hrs", "hr"), "hours are written `h`"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "seconds are written `s`"),
    **dict.fromkeys(("business hours", "business hour"), "`h` alone is working time already: `4 h`"),
    **dict.fromkeys(("day elapsed", "days elapsed"), "a day of real time is `24 h elapsed`"),
}
_UNITS = "units are s, min, h (working time; with `elapsed`: real time), business days, calendar days"


class NotASpan(ValueError):
    """The text is not an amount of time; `hint` says how one is written."""

    def __init__(self, message: str, hint: str = _UNITS) -> None:
        super().__init__(message)
        self.hint = hint


def parse(text: str) -> Span:
    """`4 h` is 14,400 seconds of working time. Raises NotASpan."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise NotASpan(f"{text!r} is not an amount of time")
    # Not a float: 1.1 h are 3,960 seconds, and no billionth more.
    amount, unit = Fraction(found[1]), " ".join(found[2].split())
    match unit.split():
        case [("s" | "min" | "h") as each]:
            return Span(_whole(text, amount * _SECONDS[each], "seconds"))
        case [("s" | "min" | "h") as each, "elapsed"]:
            return Span(_whole(text, amount * _SECONDS[each], "seconds"), "elapsed")
        case ["business", "day" | "days"]:
            return Span(_whole(text, amount, "days"), "business_days")
        case ["calendar", "day" | "days"]:
            return Span(_whole(text, amount, "days"), "calendar_days")
    raise NotASpan(f"{text!r} is not an amount of time", _HINTS.get(unit, _UNITS))


def _whole(text: str, amount: Fraction, of: str) -> int:
    if amount.denominator != 1:
        raise NotASpan(f"{text!r} is not a whole number of {of}")
    return int(amount)


def interval(text: str) -> tuple[int, int]:
    """`09:00-12:30` as seconds from local midnight, half-open; `22:00-06:00` ends beyond 86,400. Raises ValueError."""
    begins, dash, ends = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not two times of day with a dash, such as 09:00-17:30")
    start, end = _seconds(begins), _seconds(ends)
    if start == _DAY:
        raise ValueError(f"{text!r} begins at 24:00, which is 00:00 of the next day")
    if start == end:
        raise ValueError(f"{text!r} ends when it begins; a whole day is 00:00-24:00")
    return start, end if end > start else end + _DAY


def _seconds(text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > _DAY:
        raise ValueError(f"{text.strip()!r} is not a time of day, such as 09:00 or 17:30")
    return total
