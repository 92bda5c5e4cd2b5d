"""Rows that are groups of records: GROUP BY, aggregates, HAVING."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.schema import NUMBER_TYPES, Field
from sandbox.salesforce.shown import Value
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.conditions import Conditions, folded
from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.scope import Scope, not_here
from sandbox.salesforce.soql.selection import cut, ordered
from sandbox.store import Record

Group = list[Record]

MOST_GROUPS = 2000


@dataclass(frozen=True)
class Groups:
    scope: Scope

    def rows(self, records: list[Record]) -> tuple[list[Group], Callable[[Group], dict[str, Any]]]:
        """The groups in the query's order, and what makes a row of each; one group in all without GROUP BY."""
        query, columns = self.scope.query, self._columns()
        keys = [folded(*self._key(term)) for term in query.group_by]
        groups: dict[tuple[Any, ...], Group] = {} if keys else {(): records}
        for record in records if keys else ():
            groups.setdefault(tuple(key(record) for key in keys), []).append(record)
        there = list(groups.values())
        if query.having:
            there = list(filter(Conditions(self.scope, self.read, self._no_join).test(query.having), there))
        if query.limit is None and len(there) > MOST_GROUPS:
            raise Refused(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )

        def row(members: Group) -> dict[str, Any]:
            return {"attributes": {"type": "AggregateResult"}, **{name: make(members) for name, make in columns}}

        return cut(query, ordered(query, there, self.read)), row

    def read(self, operand: syntax.Operand) -> tuple[Field, Value]:
        """A group's aggregate, or what all its records have in common."""
        if isinstance(operand, syntax.Aggregate):
            return self._aggregate(operand)
        field, value = self.scope.term(operand)
        if _same(self.scope, operand) not in {_same(self.scope, term) for term in self.scope.query.group_by}:
            raise malformed(self.scope.query.text, operand.at, f"Field must be grouped or aggregated: {field.name}")
        return field, lambda members: value(members[0])

    def _key(self, term: syntax.Term) -> tuple[Field, Value]:
        field, value = self.scope.term(term)
        if not field.groupable:
            raise malformed(self.scope.query.text, term.at, f"field '{field.name}' can not be grouped in a query call")
        return field, value

    def _columns(self) -> list[tuple[str, Value]]:
        columns: list[tuple[str, Value]] = []
        unnamed = 0
        for item in self.scope.query.select:
            if not isinstance(item, syntax.Column):
                raise not_here(self.scope.query, 0, "anything but fields and aggregates")
            field, value = self.read(item.operand)
            plain = isinstance(item.operand, syntax.Term) and not item.operand.functions
            name = item.alias or (field.name if plain else f"expr{unnamed}")
            unnamed += not plain and item.alias is None
            columns.append((name, value))
        return columns

    def _aggregate(self, aggregate: syntax.Aggregate) -> tuple[Field, Value]:
        function, at = aggregate.function, aggregate.at
        if aggregate.term is None:
            raise not_here(self.scope.query, at, "COUNT()")
        field, value = self.scope.term(aggregate.term)
        summed = function in ("sum", "avg")
        allowed = field.type in NUMBER_TYPES if summed else field.aggregatable or function == "count"
        if not allowed or not field.filterable:
            raise malformed(
                self.scope.query.text,
                at,
                f"field {field.name} does not support aggregate operator {function.upper()}",
            )
        compute, fold = _AGGREGATES[function], folded(field, value) if function == "count_distinct" else value
        type = "int" if function.startswith("count") else field.type
        made = replace(field, type=type, function=True)
        return made, lambda members: compute([here for here in map(fold, members) if here is not None])

    def _no_join(self, join: syntax.InQuery) -> frozenset[str]:
        raise not_here(self.scope.query, join.term.at, "a sub-select")


def _same(scope: Scope, term: syntax.Term) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(part.lower() for part in scope.without_alias(term.path)), term.functions


_AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
}
