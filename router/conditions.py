"""Conditions over a lead's facts: `employees: { at_least: 200 }`, `all`, `any`, `not`.

CONTRACT STUB: types and signatures are fixed (operators may be added), bodies are being written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.leads import Value

Facts = Mapping[str, Value]
"""Canonical names, dotted ones included (`account.owner`, `duplicate.exists`), to values."""

Operator = Literal[
    "equals", "is_not", "in", "not_in", "at_least", "at_most", "above", "below", "between",
    "contains", "starts_with", "ends_with", "any_of", "all_of", "none_of", "is_empty", "missing",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compare:
    """One field against one operand. `operand` is a scalar, a tuple for list operators, two numbers for `between`,
    a bool for `is_empty`, field names for `missing` (whose `field` is empty)."""

    field: str
    operator: Operator
    operand: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Compare | All | Any | Not
ALWAYS = All(())


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a condition held, and the part that decided it, in words (`employees is 120, not at least 200`)."""

    held: bool
    because: str


def check(condition: Condition, facts: Facts) -> Held:
    """Text compares without case and outer blanks. A missing value equals nothing: `is_not`, `not_in`, `none_of` and
    `is_empty: true` hold for it, every other comparison does not."""
    raise NotImplementedError
