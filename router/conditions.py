"""Conditions over a lead's facts: `employees: { at_least: 200 }`, `all`, `any`, `not`.

Every answer says why, in words that somebody who has never programmed can hold against the lead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isnan
from typing import Literal, Protocol

import re2

from domain.leads import Value

Facts = Mapping[str, Value]
"""Canonical names, dotted ones included (`account.owner`, `duplicate.exists`), to values."""

Operator = Literal[
    "equals", "is_not", "in", "not_in", "at_least", "at_most", "above", "below", "between",
    "contains", "starts_with", "ends_with", "matches", "any_of", "all_of", "none_of", "is_empty", "missing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compare:
    """One field against one operand. `operand` is a scalar, a tuple for list operators, two numbers for `between`,
    a bool for `is_empty`, field names for `missing` (whose `field` is empty).

    `contains`, `starts_with`, `ends_with` and `matches` take a tuple too: any of them. A field that holds a list
    equals each thing in it.
    """

    field: str
    operator: Operator
    operand: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class InFile:
    """One field against the lines of a table, which may be many. `values` are `plain_text`."""

    field: str
    file: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Compare | InFile | All | Any | Not
ALWAYS = All(())


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a condition held, and the part that decided it, in words (`employees is 120, not at least 200`)."""

    held: bool
    because: str


def check(condition: Condition, facts: Facts) -> Held:
    """Text compares without case and outer blanks. A missing value equals nothing: `is_not`, `not_in`, `none_of` and
    `is_empty: true` hold for it, every other comparison does not."""
    match condition:
        case All(parts):
            return _all(parts, facts)
        case Any(parts):
            return _any(parts, facts)
        case Not(part):
            inner = check(part, facts)
            return Held(not inner.held, inner.because)
        case Compare():
            return _compare(condition, facts)
        case InFile(field, file, values):
            return _in_file(field, file, values, facts.get(field))


def _all(parts: tuple[Condition, ...], facts: Facts) -> Held:
    reasons = []
    for part in parts:
        answer = check(part, facts)
        if not answer.held:
            return answer
        reasons.append(answer.because)
    return Held(True, "; ".join(reasons) or "it matches every lead")


def _any(parts: tuple[Condition, ...], facts: Facts) -> Held:
    reasons = []
    for part in parts:
        answer = check(part, facts)
        if answer.held:
            return answer
        reasons.append(answer.because)
    return Held(False, "; ".join(reasons) or "there is nothing to match")


def is_missing(value: Value) -> bool:
    """None, blank text and an empty list are all no value."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def fields_of(condition: Condition) -> frozenset[str]:
    """The fields on which it depends whether the condition holds."""
    match condition:
        case All(parts) | Any(parts):
            return frozenset().union(*(fields_of(part) for part in parts))
        case Not(part):
            return fields_of(part)
        case Compare(operator="missing", operand=operand):
            return frozenset(str(name) for name in operands_of(operand))
        case Compare(field) | InFile(field):
            return frozenset((field,))


def _compare(compare: Compare, facts: Facts) -> Held:
    operands = operands_of(compare.operand)
    if compare.operator == "missing":
        return _missing(tuple(str(name) for name in operands), facts)
    value = facts.get(compare.field)
    if compare.operator == "is_empty":
        return _is_empty(compare.field, value, bool(compare.operand))
    if is_missing(value):
        return Held(compare.operator in _HOLD_WHEN_MISSING, f"{compare.field} is missing")
    if compare.operator in _ON_NUMBERS:
        return _compare_number(compare, value, operands)
    test, words = _ON_TEXT[compare.operator]
    held = test(items_of(value), operands)
    one_of = "one of " if not words and len(operands) > 1 else ""
    return Held(held, _because(compare.field, value, held, compare.operator, f"{words}{one_of}{_listed(operands)}"))


def _in_file(field: str, file: str, values: frozenset[str], value: Value) -> Held:
    if is_missing(value):
        return Held(False, f"{field} is missing")
    held = any(plain_text(item) in values for item in items_of(value))
    return Held(held, f"{field} is {said(value)}, {'' if held else 'not '}in {file}")


def _missing(names: tuple[str, ...], facts: Facts) -> Held:
    absent = [name for name in names if is_missing(facts.get(name))]
    if absent:
        return Held(True, f"{_and(absent)} {'is' if len(absent) == 1 else 'are'} missing")
    return Held(False, f"{_and(names)} {'is' if len(names) == 1 else 'are'} there")


def _is_empty(name: str, value: Value, wanted: bool) -> Held:
    missing = is_missing(value)
    return Held(missing == wanted, f"{name} is missing" if missing else f"{name} is {said(value)}")


_HOLD_WHEN_MISSING = frozenset({"is_not", "not_in", "none_of"})
_EXCLUDING = _HOLD_WHEN_MISSING


def _because(name: str, value: Value, held: bool, operator: Operator, operand: str) -> str:
    """`country is FR, not DE`; where the value alone says it (`country is DE`), no more than that."""
    plain = f"{name} is {said(value)}"
    if operator in _EXCLUDING or (held and operator in {"equals", "in"}):
        return plain
    return f"{plain}, {'' if held else 'not '}{operand}"


# Text and lists -------------------------------------------------------------------------------------------------


def items_of(value: Value) -> tuple[Value, ...]:
    """Each thing in a field that holds a list, else the one that it holds."""
    return value if isinstance(value, tuple) else (value,)


def operands_of(operand: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    """Each thing that a field is compared with."""
    return operand if isinstance(operand, tuple) else (operand,)


def _same(one: Value, other: Value) -> bool:
    """Numbers compare as numbers, everything else as text; true is not 1."""
    if _is_number(one) and _is_number(other):
        return one == other
    return plain_text(one) == plain_text(other)


def plain_text(value: Value) -> str:
    """The value without case and outer blanks; a whole number without a fraction, yes and no as `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().casefold()


_Items = tuple[Value, ...]


def _shares_one(items: _Items, operands: _Items) -> bool:
    return any(_same(item, operand) for item in items for operand in operands)


def _shares_none(items: _Items, operands: _Items) -> bool:
    return not _shares_one(items, operands)


def _has_all(items: _Items, operands: _Items) -> bool:
    return all(_shares_one(items, (operand,)) for operand in operands)


def _text_test(test: Callable[[str, str], bool]) -> Callable[[_Items, _Items], bool]:
    return lambda items, operands: any(
        test(plain_text(item), plain_text(operand)) for item in items for operand in operands
    )


class Pattern(Protocol):
    def search(self, text: str) -> object: ...


class BadPattern(ValueError):
    """Not a regular expression of RE2; the message says what about it is not."""


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """The regular expression, without case. RE2 needs time in proportion to the text, whatever the expression: Python's
    own takes for ever over `(a+)+$`. Raises BadPattern."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(_whole(text), options)
    except re2.error as problem:
        said_by_it = problem.args[0] if problem.args else b""
        message = said_by_it.decode(errors="replace") if isinstance(said_by_it, bytes) else str(said_by_it)
        raise BadPattern(message) from problem
    return compiled


def _matches(items: _Items, operands: _Items) -> bool:
    texts = [_whole(str(item).strip()) if isinstance(item, str) else plain_text(item) for item in items]
    return any(pattern(str(operand)).search(text) for text in texts for operand in operands)


def _whole(text: str) -> str:
    """RE2 reads UTF-8, which has no halves of characters; a CRM sends one where it cut an emoji in two."""
    return text.encode(errors="replace").decode()


_ON_TEXT: Mapping[str, tuple[Callable[[_Items, _Items], bool], str]] = {
    "equals": (_shares_one, ""),
    "is_not": (_shares_none, ""),
    "in": (_shares_one, ""),
    "not_in": (_shares_none, ""),
    "any_of": (_shares_one, "with any of "),
    "all_of": (_has_all, "with all of "),
    "none_of": (_shares_none, ""),
    "contains": (_text_test(lambda text, part: part in text), "containing "),
    "starts_with": (_text_test(str.startswith), "starting with "),
    "ends_with": (_text_test(str.endswith), "ending with "),
    "matches": (_matches, "matching "),
}


# Numbers --------------------------------------------------------------------------------------------------------

_ON_NUMBERS: Mapping[str, tuple[Callable[[float, Sequence[float]], bool], str]] = {
    "at_least": (lambda number, operands: number >= operands[0], "at least "),
    "at_most": (lambda number, operands: number <= operands[0], "at most "),
    "above": (lambda number, operands: number > operands[0], "above "),
    "below": (lambda number, operands: number < operands[0], "below "),
    "between": (lambda number, operands: operands[0] <= number <= operands[1], "between "),
}


def _compare_number(compare: Compare, value: Value, operands: tuple[Value, ...]) -> Held:
    number, limits = as_number(value), [limit for operand in operands if (limit := as_number(operand)) is not None]
    if number is None or len(limits) < len(operands):
        what = compare.field if number is None else "what it is compared with"
        return Held(False, f"{compare.field} is {said(value)}; {what} is not a number")
    test, words = _ON_NUMBERS[compare.operator]
    held = test(number, limits)
    said_limits = " and ".join(said(operand) for operand in operands)
    return Held(held, _because(compare.field, value, held, compare.operator, f"{words}{said_limits}"))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(value: Value) -> float | None:
    """The number that the value is or plainly says (`"60"`); None for all else, for NaN and for what no float holds."""
    if value is None or isinstance(value, bool | tuple):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if isnan(number) else number


# Words ----------------------------------------------------------------------------------------------------------

_MOST_LISTED = 6


def said(value: Value) -> str:
    """The value as a sentence has it: 50000 rather than 50000.0, yes and no, lists with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    return "nothing" if value is None else str(value).strip()


def _listed(operands: tuple[Value, ...]) -> str:
    shown = ", ".join(said(operand) for operand in operands[:_MOST_LISTED])
    more = len(operands) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def _and(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(names)
