"""SOQL by recursive descent: one method per rule of the grammar, so that a new clause is a new method."""

import re
from typing import Literal as OneOf
from typing import NamedTuple

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.syntax import (
    Aggregate,
    All,
    Any,
    Column,
    Compare,
    Condition,
    In,
    Literal,
    Not,
    Order,
    Path,
    Query,
)

MOST_CHARACTERS = 100_000
FUNCTIONS = frozenset({"count", "count_distinct", "min", "max", "sum", "avg"})
SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})

_TOKEN = re.compile(
    r"""\s*(?: '(?P<string>(?:[^'\\]|\\.)*)'
        | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:?\d\d))(?![\w.])
        | (?P<date>\d{4}-\d\d-\d\d)(?![\w.:-])
        | (?P<number>[-+]?\d+(?:\.\d+)?)(?![\w.:-])
        | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
        | (?P<sign><=|>=|!=|<>|[=<>(),]) )""",
    re.VERBOSE | re.DOTALL,
)
_LITERALS: dict[str, OneOf["string", "number", "date", "datetime"]] = {
    "string": "string",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
}
_CLAUSES = frozenset(
    {"from", "where", "group", "order", "limit", "offset", "and", "or", "nulls", "asc", "desc", "having"}
)


class Token(NamedTuple):
    type: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """In lower case where it is a name or a sign; empty for literals, so that 'and' is not AND."""
        return self.text.lower() if self.type in ("name", "sign") else ""


def parsed(text: str) -> Query:
    """The query. Refused (MALFORMED_QUERY) with the place where it stops making sense."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters")
    return _Parser(text).query()


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while found := _TOKEN.match(text, at):
        type = str(found.lastgroup)
        tokens.append(Token(type, found[type], found.start(type) - (type == "string")))
        at = found.end()
    rest = text[at:]
    if rest.strip():
        at += len(rest) - len(rest.lstrip())
        raise malformed(text, at, f"unexpected token: '{text[at:].split()[0]}'")
    return [*tokens, Token("end", "<EOF>", len(text.rstrip()))]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0

    def query(self) -> Query:
        self._must("select")
        select = self._select()
        self._must("from")
        kind = self._object()
        where = self._condition() if self._has("where") else None
        group_by = self._group_by() if self._has("group") else ()
        order_by = self._order_by() if self._has("order") else ()
        limit = self._whole_number() if self._has("limit") else None
        offset = self._whole_number() if self._has("offset") else 0
        if self._here.type != "end":
            raise self._unexpected()
        return Query(self._text, select, kind.text, kind.at, where, group_by, order_by, limit, offset)

    def _select(self) -> tuple[Column | Aggregate, ...]:
        items = [self._selected()]
        while self._has(","):
            items.append(self._selected())
        alone = items[0]
        if isinstance(alone, Aggregate) and alone.path is None and (len(items) > 1 or alone.alias):
            raise malformed(self._text, alone.at, "count() must be the only element in the select list")
        return tuple(items)

    def _selected(self) -> Column | Aggregate:
        name = self._name()
        if not self._has("("):
            return Column(_path(name), self._alias(), name.at)
        function = name.text.lower()
        if function not in FUNCTIONS:
            raise malformed(self._text, name.at, f"unexpected token: '{name.text}'")
        if self._has(")"):
            if function != "count":
                raise malformed(self._text, name.at, f"unexpected token: '{name.text}'")
            return Aggregate(function, None, self._alias(), name.at)
        path = _path(self._name())
        self._must(")")
        return Aggregate(function, path, self._alias(), name.at)

    def _alias(self) -> str | None:
        return self._take().text if self._here.type == "name" and self._here.word not in _CLAUSES else None

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
        if self._has("not"):
            return Not(self._negatable())
        if self._has("("):
            inner = self._condition()
            self._must(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._name()
        if self._here.word in SIGNS:
            sign = self._take().text.replace("<>", "!=")
            return Compare(_path(name), sign, self._literal(), name.at)
        if self._has("like"):
            return Compare(_path(name), "like", self._literal(), name.at)
        negated = self._has("not")
        self._must("in")
        return In(_path(name), self._literals(), negated, name.at)

    def _literals(self) -> tuple[Literal, ...]:
        self._must("(")
        literals = [self._literal()]
        while self._has(","):
            literals.append(self._literal())
        self._must(")")
        return tuple(literals)

    def _literal(self) -> Literal:
        token = self._here
        type = _LITERALS.get(token.type)
        if type:
            self._take()
            return Literal(type, token.text, token.at)
        if token.word in ("true", "false"):
            self._take()
            return Literal("boolean", token.word, token.at)
        if token.word == "null":
            self._take()
            return Literal("null", "", token.at)
        raise self._unexpected()

    def _group_by(self) -> tuple[Column, ...]:
        self._must("by")
        names = [self._name()]
        while self._has(","):
            names.append(self._name())
        return tuple(Column(_path(name), None, name.at) for name in names)

    def _order_by(self) -> tuple[Order, ...]:
        self._must("by")
        orders = [self._order()]
        while self._has(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        name = self._name()
        descending = self._has("desc")
        if not descending:
            self._has("asc")
        nulls_last = False
        if self._has("nulls"):
            nulls_last = self._has("last")
            if not nulls_last:
                self._must("first")
        return Order(_path(name), descending, nulls_last, name.at)

    def _whole_number(self) -> int:
        if self._here.type != "number" or not self._here.text.isdigit():
            raise self._unexpected()
        return int(self._take().text)

    def _object(self) -> Token:
        """What follows FROM may be called like a clause: Group and Order are objects."""
        if self._here.type != "name":
            raise self._unexpected()
        return self._take()

    def _name(self) -> Token:
        if self._here.type != "name" or self._here.word in _CLAUSES:
            raise self._unexpected()
        return self._take()

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _has(self, word: str) -> bool:
        """Take it if it is there."""
        there = self._here.word == word
        self._next += there
        return there

    def _must(self, word: str) -> None:
        if not self._has(word):
            raise self._unexpected()

    def _unexpected(self) -> Refused:
        return malformed(self._text, self._here.at, f"unexpected token: '{self._here.text}'")


def _path(name: Token) -> Path:
    return tuple(name.text.split("."))
