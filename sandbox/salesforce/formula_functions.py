"""The operators and functions of the formula language, over plain values.

Nothing (None) and an empty text are the same. A calculation with nothing is nothing, an ordering with nothing is false.
Errors of Python's (TypeError, ValueError, ZeroDivisionError …) come through: the formula then has no value.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.salesforce.ids import read_id

Binary = Callable[[Any, Any], Any]
Compute = Callable[[list[Any]], Any]

MANY = 99
LONGEST_REPEAT = 1000
"""digits of a power; more is an error and not a long calculation"""


def same(left: Any, right: Any) -> bool:
    return bool(("" if left is None else left) == ("" if right is None else right))


def _ordered(compare: Binary) -> Binary:
    return lambda left, right: left is not None and right is not None and compare(left, right)


def _calculated(compute: Binary) -> Binary:
    return lambda left, right: None if left is None or right is None else compute(left, right)


def _plus(left: Any, right: Any) -> Any:
    """Texts are joined; a number is added to a date as days."""
    if isinstance(left, str) or isinstance(right, str):
        return _joined(left, right)
    if isinstance(left, date):
        return left + timedelta(days=right)
    if isinstance(right, date):
        return right + timedelta(days=left)
    return left + right


def _minus(left: Any, right: Any) -> Any:
    """Between two dates: days."""
    if not isinstance(left, date):
        return left - right
    if not isinstance(right, date):
        return left - timedelta(days=right)
    return (left - right) / timedelta(days=1)


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, str) or isinstance(right, str):  # Python would repeat it
        raise TypeError("a text cannot be multiplied")
    return left * right


def _power(left: Any, right: Any) -> Any:
    if abs(right) > LONGEST_REPEAT:
        raise ValueError("the exponent is too large")
    return float(left) ** right


def _joined(left: Any, right: Any) -> str:
    return f"{'' if left is None else left}{'' if right is None else right}"


LEVELS: tuple[Mapping[str, Binary], ...] = (
    {"||": lambda left, right: bool(left) or bool(right)},
    {"&&": lambda left, right: bool(left) and bool(right)},
    {"=": same, "==": same, "<>": lambda a, b: not same(a, b), "!=": lambda a, b: not same(a, b)},
    {
        "<": _ordered(lambda left, right: left < right),
        ">": _ordered(lambda left, right: left > right),
        "<=": _ordered(lambda left, right: left <= right),
        ">=": _ordered(lambda left, right: left >= right),
    },
    {"&": _joined},
    {"+": _calculated(_plus), "-": _calculated(_minus)},
    {"*": _calculated(_times), "/": _calculated(lambda left, right: left / right)},
    {"^": _calculated(_power)},
)
"""binary operators from the loosest binding to the tightest"""


def _blank(value: Any) -> bool:
    return value is None or value == ""


def _text(value: Any) -> str:
    """What TEXT makes of it: whole numbers have no point, a time of day is followed by Z."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _case(values: list[Any]) -> Any:
    """CASE(value, one, result, another, result …, otherwise)"""
    value, *rest = values
    for index in range(0, len(rest) - 1, 2):
        if same(value, rest[index]):
            return rest[index + 1]
    return rest[-1]


def _number(value: Any) -> float | None:
    return None if _blank(value) else float(value)


def _is_number(value: Any) -> bool:
    try:
        return _number(value) is not None
    except (TypeError, ValueError):
        return False


def _date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def _includes(values: list[Any]) -> bool:
    """Multi-select picklists are kept as texts with semicolons."""
    return values[1] in (values[0] or "").split(";")


def _round(value: Any, digits: Any) -> float:
    """Halves go away from zero."""
    factor = 10.0 ** int(digits)
    return math.copysign(math.floor(abs(value) * factor + 0.5) / factor, value)


FUNCTIONS: Mapping[str, tuple[int, int, Compute]] = {
    "AND": (1, MANY, all),
    "OR": (1, MANY, any),
    "NOT": (1, 1, lambda values: not values[0]),
    "IF": (3, 3, lambda values: values[1] if values[0] else values[2]),
    "CASE": (4, MANY, _case),
    "ISBLANK": (1, 1, lambda values: _blank(values[0])),
    "ISNULL": (1, 1, lambda values: _blank(values[0])),
    "ISNUMBER": (1, 1, lambda values: _is_number(values[0])),
    "ISPICKVAL": (2, 2, lambda values: same(values[0], values[1])),
    "INCLUDES": (2, 2, _includes),
    "BLANKVALUE": (2, 2, lambda values: values[1] if _blank(values[0]) else values[0]),
    "NULLVALUE": (2, 2, lambda values: values[1] if _blank(values[0]) else values[0]),
    "CASESAFEID": (1, 1, lambda values: read_id(values[0]) or values[0]),
    "BEGINS": (2, 2, lambda values: (values[0] or "").startswith(values[1] or "")),
    "CONTAINS": (2, 2, lambda values: (values[1] or "") in (values[0] or "")),
    "FIND": (2, 2, lambda values: (values[1] or "").find(values[0] or "") + 1),
    "LEFT": (2, 2, lambda values: (values[0] or "")[: max(int(values[1]), 0)]),
    "RIGHT": (2, 2, lambda values: (values[0] or "")[-int(values[1]) :] if values[1] > 0 else ""),
    "MID": (3, 3, lambda values: (values[0] or "")[max(int(values[1]) - 1, 0) :][: max(int(values[2]), 0)]),
    "LEN": (1, 1, lambda values: len(values[0] or "")),
    "LOWER": (1, 1, lambda values: (values[0] or "").lower()),
    "UPPER": (1, 1, lambda values: (values[0] or "").upper()),
    "TRIM": (1, 1, lambda values: (values[0] or "").strip()),
    "SUBSTITUTE": (3, 3, lambda values: (values[0] or "").replace(values[1], values[2])),
    "REGEX": (2, 2, lambda values: re.fullmatch(values[1], values[0] or "") is not None),
    "TEXT": (1, 1, lambda values: _text(values[0])),
    "VALUE": (1, 1, lambda values: _number(values[0])),
    "DATEVALUE": (1, 1, lambda values: _date(values[0])),
    "ABS": (1, 1, lambda values: abs(values[0])),
    "CEILING": (1, 1, lambda values: math.ceil(values[0])),
    "FLOOR": (1, 1, lambda values: math.floor(values[0])),
    "ROUND": (2, 2, lambda values: _round(values[0], values[1])),
    "MOD": (2, 2, lambda values: values[0] % values[1]),
    "MAX": (1, MANY, max),
    "MIN": (1, MANY, min),
}
"""by name: how many parameters at least and at most, and what they come to"""
