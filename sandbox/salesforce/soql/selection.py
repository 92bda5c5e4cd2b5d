"""The records that a query is about: found, tested, put in order and cut."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TypeVar

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.schema import Field
from sandbox.salesforce.shown import Value
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.conditions import Conditions, folded
from sandbox.salesforce.soql.errors import malformed, no_type
from sandbox.salesforce.soql.scope import Scope, not_here
from sandbox.store import Record

T = TypeVar("T")
Read = Callable[[syntax.Operand], tuple[Field, Value]]

FARTHEST_OFFSET = 2000
MOST_JOINS = 2


def finder(scope: Scope) -> Callable[[Iterable[Record]], list[Record]]:
    """What picks those of some records that the query may see and that pass WHERE."""
    where = scope.query.where
    if where is None:
        return lambda records: [record for record in records if scope.seen(record)]
    _check_joins(scope, where)
    conditions = Conditions(scope, record_reader(scope), lambda join: _joined(scope, join))
    test = conditions.test(where)
    return lambda records: [record for record in records if scope.seen(record) and test(record)]


def candidates(scope: Scope) -> Iterable[Record]:
    """Every record that can pass: by id or by a reference's index where a condition that must hold says so."""
    where = scope.query.where
    for condition in where.conditions if isinstance(where, syntax.All) else (where,):
        wanted = _wanted(scope, condition)
        if wanted is None:
            continue
        field, ids = wanted
        if field.type == "id":
            found = (scope.org.find(id) for id in ids)
            return [record for record in found if record and record.kind == scope.kind.name]
        return [record for id in ids for record in scope.org.where(scope.kind.name, field.name, id)]
    return scope.org.all(scope.kind.name)


def _wanted(scope: Scope, condition: syntax.Condition | None) -> tuple[Field, list[str | None]] | None:
    """The id field that this condition pins down, and to which ids, each once."""
    match condition:
        case syntax.Compare(syntax.Term(path, functions=()), "=", literal):
            literals: tuple[syntax.Literal, ...] = (literal,)
        case syntax.In(syntax.Term(path, functions=()), literals, False):
            pass
        case _:
            return None
    field = scope.kind.field(path[0]) if len(path) == 1 else None
    if field is None or field.type not in ("id", "reference") or scope.kind.where == "tooling":
        return None
    return field, list(dict.fromkeys(read_id(literal.text) for literal in literals))


def record_reader(scope: Scope) -> Read:
    """What reads a term of a single record; aggregates are of groups."""

    def read(operand: syntax.Operand) -> tuple[Field, Value]:
        if isinstance(operand, syntax.Aggregate):
            raise not_here(scope.query, operand.at, f"the aggregate {operand.function.upper()}()")
        return scope.term(operand)

    return read


def ordered(query: syntax.Query, rows: Sequence[T], read: Read) -> list[T]:
    """By every ORDER BY term; the last one first, because sorting is stable. Empty values come first by default."""
    rows = list(rows)
    for order in reversed(query.order_by):
        field, value = read(order.operand)
        if not field.sortable:
            raise malformed(query.text, order.operand.at, f"field '{field.name}' can not be sorted in a query call")
        fold = folded(field, value)
        keyed = [(fold(row), row) for row in rows]
        empty = [row for key, row in keyed if key is None]
        there = [(key, row) for key, row in keyed if key is not None]
        full = [row for _, row in sorted(there, key=itemgetter(0), reverse=order.descending)]
        rows = [*full, *empty] if order.nulls_last else [*empty, *full]
    return rows


def cut(query: syntax.Query, rows: list[T]) -> list[T]:
    """From OFFSET on, at most LIMIT of them."""
    if query.offset > FARTHEST_OFFSET:
        raise Refused(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"Maximum SOQL offset allowed is {FARTHEST_OFFSET}, requested {query.offset}",
        )
    return rows[query.offset : None if query.limit is None else query.offset + query.limit]


def _check_joins(scope: Scope, where: syntax.Condition) -> None:
    """At most two, and none but in conditions that must hold."""
    top = where.conditions if isinstance(where, syntax.All) else (where,)
    joins = list(_joins(where))
    if len(joins) > MOST_JOINS:
        raise _refused(scope, joins[MOST_JOINS], f"Cannot have more than {MOST_JOINS} semi join sub-selects")
    for join in joins:
        if not any(join is condition for condition in top):
            raise _refused(
                scope,
                join,
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not nested WHERE"
                " expressions.",
            )
        if join.query.where and any(_joins(join.query.where)):
            raise _refused(scope, join, "Nesting of semi join sub-selects is not supported")


def _joins(condition: syntax.Condition) -> Iterator[syntax.InQuery]:
    match condition:
        case syntax.InQuery():
            yield condition
        case syntax.All(parts) | syntax.Any(parts):
            for part in parts:
                yield from _joins(part)
        case syntax.Not(part):
            yield from _joins(part)


def _joined(scope: Scope, join: syntax.InQuery) -> frozenset[str]:
    """The ids that the inner query selects."""
    query = join.query
    kind = scope.org.visible(query.kind, scope.tooling)
    if kind is None:
        raise no_type(query.text, query.kind_at, query.kind)
    if query.limit is not None or query.offset or query.order_by or query.groups:
        raise _refused(scope, join, "Semi join sub-selects may have no clause but WHERE")
    [selected, *more] = query.select
    if more or not isinstance(selected, syntax.Column) or not isinstance(selected.operand, syntax.Term):
        raise _refused(scope, join, "Semi join sub-selects must select exactly one field")
    inner = scope.inner(kind, query)
    outer_field, _ = scope.term(join.term)
    field, value = inner.term(selected.operand)
    if outer_field.type not in ("id", "reference"):
        raise _refused(
            scope,
            join,
            "The left operand field in the where expression for outer query should be an id field, cannot use:"
            f" '{outer_field.name}'",
        )
    if not _points_to(scope.kind.name, outer_field) & _points_to(kind.name, field):
        raise _refused(
            scope,
            join,
            f"The selected field '{field.name}' in the subquery and the left operand field '{outer_field.name}' in the"
            " where expression in the outer query should point to the same object type",
        )
    return frozenset(id for id in map(value, finder(inner)(candidates(inner))) if id is not None)


def _points_to(kind: str, field: Field) -> set[str]:
    return {kind} if field.type == "id" else set(field.refers)


def _refused(scope: Scope, join: syntax.InQuery, message: str) -> Refused:
    return malformed(scope.query.text, join.term.at, message)
