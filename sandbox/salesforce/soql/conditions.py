"""WHERE and HAVING as plain functions, of a record or of a group of them.

Kept of the real language: text is compared without regard to case, `!=` and NOT IN include empty values, orderings
with an empty value are false, ids compare in either length.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field
from sandbox.salesforce.shown import Value
from sandbox.salesforce.soql import dates, strings, syntax
from sandbox.salesforce.soql.errors import malformed, pointed
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.stamps import read_date, read_datetime

Test = Callable[[Any], bool]

ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """`read` says what an operand is and how it is read; `joined` which ids a semi-join's query gives."""

    scope: Scope
    read: Callable[[syntax.Operand], tuple[Field, Value]]
    joined: Callable[[syntax.InQuery], frozenset[str]]

    def test(self, condition: syntax.Condition) -> Test:
        match condition:
            case syntax.All(conditions):
                tests = [self.test(part) for part in conditions]
                return lambda row: all(test(row) for test in tests)
            case syntax.Any(conditions):
                tests = [self.test(part) for part in conditions]
                return lambda row: any(test(row) for test in tests)
            case syntax.Not(part):
                test = self.test(part)
                return lambda row: not test(row)
            case syntax.In(operand, literals, negated):
                field, value = self.read(operand)
                return _is_in(folded(field, value), frozenset(self._constant(field, one) for one in literals), negated)
            case syntax.InQuery(term, _, negated):
                return _is_in(self.read(term)[1], self.joined(condition), negated)
            case syntax.Includes(term, literals, negated):
                return self._includes(term, literals, negated)
            case syntax.Compare(operand, sign, literal):
                return self._compare(self.read(operand), sign, literal)

    def _compare(self, resolved: tuple[Field, Value], sign: str, literal: syntax.Literal) -> Test:
        field, value = resolved
        if field.type == "multipicklist" and sign == "like":
            raise _wrong_operator(field)
        if sign == "like":
            return self._like(field, value, literal)
        if literal.type == "span":
            return _during(value, sign, self._span(field, literal))
        fold, constant = folded(field, value), self._constant(field, literal)
        if sign == "=":
            return lambda row: bool(fold(row) == constant)
        if sign == "!=":
            return lambda row: bool(fold(row) != constant)
        if field.type in ("boolean", "reference") or constant is None:  # ids can be ordered: people page through them
            raise _wrong_operator(field)
        compare = ORDERINGS[sign]

        def test(row: Any) -> bool:
            here = fold(row)
            return here is not None and compare(here, constant)

        return test

    def _like(self, field: Field, value: Value, literal: syntax.Literal) -> Test:
        if literal.type != "string" or field.type not in TEXT_TYPES:
            raise _wrong_operator(field)
        self._can_be_filtered(field, literal)
        matches = strings.pattern(self.scope.query.text, literal).fullmatch
        return lambda row: matches(value(row) or "") is not None and value(row) is not None

    def _includes(self, term: syntax.Term, literals: tuple[syntax.Literal, ...], negated: bool) -> Test:
        field, value = self.read(term)
        if field.type != "multipicklist":
            raise _wrong_operator(field)
        wanted = [frozenset((self._constant(field, literal) or "").split(";")) for literal in literals]
        fold = folded(field, value)

        def test(row: Any) -> bool:
            there = frozenset((fold(row) or "").split(";"))
            return any(choices <= there for choices in wanted) is not negated

        return test

    def _constant(self, field: Field, literal: syntax.Literal) -> Any:
        """The literal in the form that values of this field are compared in. Refused where it is of another type."""
        self._can_be_filtered(field, literal)
        text = self.scope.query.text
        match field.type, literal.type:
            case _, "null":
                return None
            case type, "string" if type in TEXT_TYPES:
                return strings.text(text, literal).casefold() or None  # an empty text is no text
            case (("id" | "reference"), "string"):
                return self._id(literal)
            case type, "number" if type in NUMBER_TYPES:
                return float(literal.text)
            case "boolean", "boolean":
                return literal.text == "true"
            case "datetime", "datetime":
                return self._readable(read_datetime(literal.text), literal)
            case "date", "date":
                return self._readable(read_date(literal.text), literal)
        quotes = "be enclosed in quotes" if field.type in TEXT_TYPES else "not be enclosed in quotes"
        type = {"datetime": "dateTime"}.get(field.type, "string" if field.type in TEXT_TYPES else field.type)
        raise self._refused(
            literal, f"value of filter criterion for field '{field.name}' must be of type {type} and should {quotes}"
        )

    def _span(self, field: Field, literal: syntax.Literal) -> tuple[str, str]:
        """Where a date literal begins and where it has just ended, in the form in which the field's values are."""
        self._can_be_filtered(field, literal)
        if field.type not in ("date", "datetime"):
            raise self._refused(
                literal, f"value of filter criterion for field '{field.name}' must be of type {field.type}"
            )
        zone = self.scope.zone
        try:
            first, past = dates.days(literal.text, self.scope.today, self.scope.week_starts)
            if field.type == "date":
                return first.isoformat(), past.isoformat()
            return dates.midnight(first, zone), dates.midnight(past, zone)
        except OverflowError as beyond:
            raise malformed(self.scope.query.text, literal.at, f"invalid date: {literal.text}") from beyond

    def _can_be_filtered(self, field: Field, literal: syntax.Literal) -> None:
        if not field.filterable:
            raise self._refused(literal, f"field '{field.name}' can not be filtered in a query call")

    def _id(self, literal: syntax.Literal) -> str:
        id = read_id(literal.text)
        if self.scope.tooling and id is None:  # metadata names standard objects by name where records have ids
            return literal.text
        if id is None:
            raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.text}")
        return id

    def _readable(self, value: str | None, literal: syntax.Literal) -> str:
        if value is None:
            raise malformed(self.scope.query.text, literal.at, f"invalid date: {literal.text}")
        return value

    def _refused(self, literal: syntax.Literal, message: str) -> Refused:
        return pointed("INVALID_FIELD", self.scope.query.text, literal.at, message)


def folded(field: Field, value: Value) -> Value:
    """The value in the form in which it is compared and sorted; an empty text is no text."""
    if field.type not in TEXT_TYPES:
        return value

    def fold(row: Any) -> str | None:
        text = value(row)
        return text.casefold() if text else None

    return fold


def _is_in(value: Value, wanted: frozenset[Any], negated: bool) -> Test:
    return lambda row: (value(row) in wanted) is not negated


def _during(value: Value, sign: str, span: tuple[str, str]) -> Test:
    """Equal is any moment of the span, less before its beginning, greater from its end on."""
    first, past = span
    if sign in ("=", "!="):

        def inside(row: Any) -> bool:
            here = value(row)
            return (here is not None and first <= here < past) is (sign == "=")

        return inside
    compare, edge = {
        "<": (operator.lt, first),
        "<=": (operator.lt, past),
        ">": (operator.ge, past),
        ">=": (operator.ge, first),
    }[sign]

    def test(row: Any) -> bool:
        here = value(row)
        return here is not None and bool(compare(here, edge))

    return test


def _wrong_operator(field: Field) -> Refused:
    return Refused("INVALID_FIELD", f"invalid operator on {field.type} field: {field.name}")
