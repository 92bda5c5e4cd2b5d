"""What a query says, as values. `at` is where in its text, for errors that point."""

from dataclasses import dataclass
from typing import Literal as OneOf

Path = tuple[str, ...]
"""Company, or Owner.Email as ("Owner", "Email")"""


@dataclass(frozen=True, slots=True)
class Literal:
    type: OneOf["string", "number", "date", "datetime", "boolean", "null"]
    text: str
    """as written; of strings what is between the quotes, escapes included"""
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    sign: str
    """= != < <= > >= like"""
    literal: Literal
    at: int


@dataclass(frozen=True, slots=True)
class In:
    path: Path
    literals: tuple[Literal, ...]
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    conditions: tuple["Condition", ...]


Condition = Compare | In | Not | All | Any


@dataclass(frozen=True, slots=True)
class Column:
    """A selected field."""

    path: Path
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A selected COUNT(Id) and the like; COUNT() has no path."""

    function: str
    path: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Order:
    path: Path
    descending: bool
    nulls_last: bool
    at: int


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    select: tuple[Column | Aggregate, ...]
    kind: str
    kind_at: int
    where: Condition | None
    group_by: tuple[Column, ...]
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int

    @property
    def only_counts(self) -> bool:
        """SELECT COUNT() FROM …: the answer is `totalSize` alone."""
        first = self.select[0]
        return isinstance(first, Aggregate) and first.path is None
