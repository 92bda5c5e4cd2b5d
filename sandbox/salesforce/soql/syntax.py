"""What a query says, as values. `at` is where in its text, for errors that point."""

from dataclasses import dataclass
from typing import Literal as OneOf

Path = tuple[str, ...]
"""Company, or Owner.Email as ("Owner", "Email")"""


@dataclass(frozen=True, slots=True)
class Literal:
    type: OneOf["string", "number", "date", "datetime", "boolean", "null", "span"]
    """`span` is a date literal such as TODAY or LAST_N_DAYS:30"""
    text: str
    """as written; of strings what is between the quotes, escapes included"""
    at: int


@dataclass(frozen=True, slots=True)
class Term:
    """A field, or a function of it: HOUR_IN_DAY(convertTimezone(CreatedDate)) has two functions, the outer one first.

    Their names are in lower case.
    """

    path: Path
    at: int
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT(Id) and the like; COUNT() has no term."""

    function: str
    term: Term | None
    at: int


Operand = Term | Aggregate


@dataclass(frozen=True, slots=True)
class Compare:
    operand: Operand
    sign: str
    """= != < <= > >= like"""
    literal: Literal


@dataclass(frozen=True, slots=True)
class In:
    operand: Operand
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class InQuery:
    """A semi-join, or negated an anti-join: Id IN (SELECT WhoId FROM Task)."""

    term: Term
    query: "Query"
    negated: bool


@dataclass(frozen=True, slots=True)
class Includes:
    """Of a field with several choices: it holds all of 'A;B', or all of another of the literals."""

    term: Term
    literals: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    conditions: tuple["Condition", ...]


Condition = Compare | In | InQuery | Includes | Not | All | Any


@dataclass(frozen=True, slots=True)
class Column:
    """A selected field or aggregate."""

    operand: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Fields:
    """FIELDS(STANDARD), FIELDS(CUSTOM) or FIELDS(ALL); `which` is in lower case."""

    which: str
    at: int


@dataclass(frozen=True, slots=True)
class Children:
    """(SELECT Id FROM Tasks): the query's `kind` is the name of a relationship."""

    query: "Query"


@dataclass(frozen=True, slots=True)
class Case:
    """WHEN User THEN Id, Email"""

    kind: str
    at: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class TypeOf:
    """TYPEOF Owner WHEN … THEN … ELSE … END"""

    relationship: str
    at: int
    cases: tuple[Case, ...]
    otherwise: tuple[Term, ...]


Selected = Column | Fields | Children | TypeOf


@dataclass(frozen=True, slots=True)
class Order:
    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    select: tuple[Selected, ...]
    kind: str
    kind_at: int
    alias: str | None
    where: Condition | None
    group_by: tuple[Term, ...]
    having: Condition | None
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int
    all_rows: bool

    @property
    def only_counts(self) -> bool:
        """SELECT COUNT() FROM …: the answer is `totalSize` alone."""
        first = self.select[0]
        return isinstance(first, Column) and isinstance(first.operand, Aggregate) and first.operand.term is None

    @property
    def groups(self) -> bool:
        """Whether its rows are groups of records."""
        return bool(self.group_by) or any(
            isinstance(item, Column) and isinstance(item.operand, Aggregate) for item in self.select
        )
