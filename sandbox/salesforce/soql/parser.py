"""SOQL by recursive descent: one method per rule of the grammar, so that a new clause is a new method."""

from collections.abc import Callable
from typing import Literal as OneOf
from typing import TypeVar

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.soql import dates
from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.syntax import (
    Aggregate,
    All,
    Any,
    Case,
    Children,
    Column,
    Compare,
    Condition,
    Fields,
    In,
    Includes,
    InQuery,
    Literal,
    Not,
    Operand,
    Order,
    Query,
    Selected,
    Term,
    TypeOf,
)
from sandbox.salesforce.soql.tokens import Reader, Token

T = TypeVar("T")

MOST_CHARACTERS = 100_000
MOST_NESTED = 50
"""parentheses and subqueries inside each other"""
AGGREGATES = frozenset({"count", "count_distinct", "min", "max", "sum", "avg"})
FUNCTIONS = frozenset({*dates.PARTS, "day_only", "converttimezone", "tolabel", "format"})
FIELD_SETS = frozenset({"standard", "custom", "all"})
SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_LITERALS: dict[str, OneOf["string", "number", "date", "datetime", "span"]] = {
    "string": "string",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "span": "span",
}


def parsed(text: str) -> Query:
    """The query. Refused (MALFORMED_QUERY) with the place where it stops making sense."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters")
    return _Parser(text).whole()


class _Parser(Reader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def whole(self) -> Query:
        query = self._query()
        if self._here.type != "end":
            raise self._unexpected()
        return query

    def _query(self) -> Query:
        self._must("select")
        select = self._select()
        self._must("from")
        kind = self._object()
        alias = self._alias("all")
        where = self._condition() if self._has("where") else None
        group_by = self._group_by() if self._has("group") else ()
        having = self._condition() if group_by and self._has("having") else None
        order_by = self._order_by() if self._has("order") else ()
        limit = self._whole_number() if self._has("limit") else None
        offset = self._whole_number() if self._has("offset") else 0
        all_rows = self._all_rows()
        self._for()
        return Query(
            self._text, select, kind.text, kind.at, alias, where, group_by, having, order_by, limit, offset, all_rows
        )

    def _nested(self, rule: Callable[[], T]) -> T:
        """What is between these parentheses; the opening one has been taken."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise self._unexpected()
        inner = rule()
        self._must(")")
        self._depth -= 1
        return inner

    def _many(self, rule: Callable[[], T]) -> tuple[T, ...]:
        items = [rule()]
        while self._has(","):
            items.append(rule())
        return tuple(items)

    def _select(self) -> tuple[Selected, ...]:
        items = self._many(self._selected)
        for item in items:
            match item:
                case Column(Aggregate(_, None, at), alias) if alias or len(items) > 1:
                    raise malformed(self._text, at, "count() must be the only element in the select list")
        return items

    def _selected(self) -> Selected:
        if self._has("("):
            return Children(self._nested(self._query))
        if self._here.word == "typeof" and self._after.type == "name" and self._after.word != "from":
            return self._type_of()
        if self._here.word == "fields" and self._after.word == "(":
            return self._fields()
        return Column(self._operand(), self._alias())

    def _fields(self) -> Fields:
        at = self._take().at
        self._must("(")
        which = self._nested(self._name)
        if which.word not in FIELD_SETS:
            raise malformed(self._text, which.at, f"unexpected token: '{which.text}'")
        return Fields(which.word, at)

    def _type_of(self) -> TypeOf:
        self._must("typeof")
        reference = self._name()
        cases = []
        while self._has("when"):
            kind = self._object()
            self._must("then")
            cases.append(Case(kind.text, kind.at, self._many(self._plain)))
        if not cases:
            raise self._unexpected()
        otherwise = self._many(self._plain) if self._has("else") else ()
        self._must("end")
        return TypeOf(reference.text, reference.at, tuple(cases), otherwise)

    def _plain(self) -> Term:
        name = self._name()
        return Term(name.path, name.at)

    def _operand(self) -> Operand:
        """A field, a function of one, or an aggregate."""
        name = self._name()
        if not self._has("("):
            return Term(name.path, name.at)
        if name.word in FUNCTIONS:
            inner = self._nested(self._operand)
            if isinstance(inner, Aggregate):
                raise malformed(self._text, inner.at, f"unexpected token: '{inner.function.upper()}'")
            return Term(inner.path, name.at, (name.word, *inner.functions))
        if name.word not in AGGREGATES:
            raise malformed(self._text, name.at, f"unexpected token: '{name.text}'")
        if name.word == "count" and self._has(")"):
            return Aggregate("count", None, name.at)
        term = self._nested(self._operand)
        if isinstance(term, Aggregate):
            raise malformed(self._text, term.at, f"unexpected token: '{term.function.upper()}'")
        return Aggregate(name.word, term, name.at)

    def _condition(self) -> Condition:
        """One condition, or several joined by one of AND and OR; the other at the same level is left for the caller,
        who expects something else there and refuses it, as the real language does."""
        conditions = [self._negatable()]
        joint = self._here.word if self._here.word in ("and", "or") else ""
        while joint and self._has(joint):
            conditions.append(self._negatable())
        if not joint:
            return conditions[0]
        return (All if joint == "and" else Any)(tuple(conditions))

    def _negatable(self) -> Condition:
        times = 0
        while self._has("not"):
            times += 1
        condition = self._nested(self._condition) if self._has("(") else self._comparison()
        return Not(condition) if times % 2 else condition

    def _comparison(self) -> Condition:
        operand = self._operand()
        if self._here.word in SIGNS:
            sign = self._take().text.replace("<>", "!=")
            return Compare(operand, sign, self._literal())
        if self._has("like"):
            return Compare(operand, "like", self._literal())
        if isinstance(operand, Term) and self._here.word in ("includes", "excludes"):
            negated = self._take().word == "excludes"
            return Includes(operand, self._literals(), negated)
        negated = self._has("not")
        self._must("in")
        if isinstance(operand, Term) and self._here.word == "(" and self._after.word == "select":
            self._must("(")
            return InQuery(operand, self._nested(self._query), negated)
        return In(operand, self._literals(), negated)

    def _literals(self) -> tuple[Literal, ...]:
        self._must("(")
        return self._nested(lambda: self._many(self._literal))

    def _literal(self) -> Literal:
        token = self._here
        type = _LITERALS.get(token.type)
        if type == "span" and not dates.is_span(token.text):
            raise self._unexpected()
        if type:
            self._take()
            return Literal(type, token.text, token.at)
        if token.word in ("true", "false"):
            return Literal("boolean", self._take().word, token.at)
        if token.word == "null":
            self._take()
            return Literal("null", "", token.at)
        if dates.is_span(token.word):
            return Literal("span", self._take().text, token.at)
        raise self._unexpected()

    def _group_by(self) -> tuple[Term, ...]:
        self._must("by")
        return self._many(self._grouped_by)

    def _grouped_by(self) -> Term:
        operand = self._operand()
        if isinstance(operand, Aggregate):
            raise malformed(self._text, operand.at, f"unexpected token: '{operand.function.upper()}'")
        return operand

    def _order_by(self) -> tuple[Order, ...]:
        self._must("by")
        return self._many(self._order)

    def _order(self) -> Order:
        operand = self._operand()
        descending = self._has("desc")
        if not descending:
            self._has("asc")
        nulls_last = False
        if self._has("nulls"):
            nulls_last = self._has("last")
            if not nulls_last:
                self._must("first")
        return Order(operand, descending, nulls_last)

    def _all_rows(self) -> bool:
        there = self._has("all")
        if there:
            self._must("rows")
        return there

    def _for(self) -> None:
        """FOR VIEW and FOR REFERENCE only move dates that nobody here looks at."""
        if self._has("for") and not self._has("view"):
            self._must("reference")

    def _object(self) -> Token:
        """What follows FROM may be called like a clause: Group and Order are objects."""
        if self._here.type != "name":
            raise self._unexpected()
        return self._take()
