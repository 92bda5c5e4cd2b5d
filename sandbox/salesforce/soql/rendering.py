"""What an answer's rows look like: fields, nested objects for parents, lists for children."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.schema import Field, Kind
from sandbox.salesforce.shown import Value, row_attributes
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.errors import malformed, no_children, no_relationship, no_type, pointed
from sandbox.salesforce.soql.scope import Scope, not_here
from sandbox.salesforce.soql.selection import cut, finder, ordered, record_reader
from sandbox.store import Record

Row = dict[str, Any]
Part = Callable[[Record, Row], None]
"""adds to a record's row what one item of the select list asks for"""

MOST_WITH_ALL_FIELDS = 200
MANY_LONG_TEXTS = 2


class Rendering:
    """Rows of a query, with names as the schema writes them, whatever the query wrote. `long_texts` is how many of
    the selected fields are long."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._parents: dict[str, _Parent] = {}
        self._seen = set[tuple[str, ...]]()
        self.long_texts = 0
        self._parts: list[Part] = [part for item in scope.query.select for part in self._selected(item)]

    def row(self, record: Record) -> Row:
        made: Row = {"attributes": row_attributes(record, self._scope.api)}
        for part in self._parts:
            part(record, made)
        return made

    def _selected(self, item: syntax.Selected) -> list[Part]:
        match item:
            case syntax.Column(operand):
                return self._column(operand)
            case syntax.Fields():
                return self._fields(item)
            case syntax.Children(query):
                return [_children(self._scope, query)]
            case syntax.TypeOf():
                return [self._type_of(item)]

    def _column(self, term: syntax.Operand) -> list[Part]:
        if isinstance(term, syntax.Aggregate):
            raise not_here(self._scope.query, term.at, f"the aggregate {term.function.upper()}()")
        path = tuple(part.lower() for part in self._scope.without_alias(term.path))
        if path in self._seen:
            raise self._twice(".".join(term.path), term.at)
        self._seen.add(path)
        if any(function not in ("tolabel", "format") for function in term.functions):
            raise malformed(self._scope.query.text, term.at, "date functions are only allowed where rows are grouped")
        field, value = self._scope.term(term)
        self.long_texts += not field.filterable
        if len(path) == 1:
            return [_own(field, value)]
        names = self._scope.without_alias(term.path)
        added = _add_parent(self._parents, self._scope, self._scope.kind, names, field.name, value)
        return [added.into(self._scope)] if added else []

    def _fields(self, item: syntax.Fields) -> list[Part]:
        query = self._scope.query
        if item.which != "standard" and (query.limit is None or query.limit > MOST_WITH_ALL_FIELDS):
            raise malformed(query.text, item.at, "The SOQL FIELDS function must have a LIMIT of at most 200")
        wanted = [
            field
            for field in self._scope.kind.fields.values()
            if item.which == "all" or field.custom is (item.which == "custom")
        ]
        return [part for field in wanted for part in self._column(syntax.Term((field.name,), item.at))]

    def _type_of(self, item: syntax.TypeOf) -> Part:
        scope = self._scope
        reference = scope.kind.relationships.get(item.relationship.lower())
        if reference is None or not reference.polymorphic:
            raise no_relationship(scope.query.text, item.at, item.relationship)
        name = str(reference.relationship)
        if (name.lower(),) in self._seen:
            raise self._twice(name, item.at)
        self._seen.add((name.lower(),))
        cases = {}
        for case in item.cases:
            kind = scope.org.visible(case.kind)
            if kind is None or kind.name not in reference.refers:
                raise no_type(scope.query.text, case.at, case.kind)
            cases[kind.name] = _columns(scope, kind, case.terms)
        otherwise = _columns(scope, scope.parent(reference), item.otherwise)

        def part(record: Record, row: Row) -> None:
            there = scope.org.find(record.fields.get(reference.name))
            columns = cases.get(there.kind, otherwise) if there else []
            values = {column: value(there) for column, value in columns}
            row[name] = {"attributes": row_attributes(there, scope.api), **values} if there and columns else None

        return part

    def _twice(self, name: str, at: int) -> Exception:
        return pointed("INVALID_FIELD", self._scope.query.text, at, f"duplicate field selected: {name}")


def _own(field: Field, value: Value) -> Part:
    def part(record: Record, row: Row) -> None:
        row[field.name] = value(record)

    return part


def _columns(scope: Scope, kind: Kind, terms: tuple[syntax.Term, ...]) -> list[tuple[str, Value]]:
    """Fields of an object that the query reaches by TYPEOF."""
    there = scope.inner(kind, scope.query)
    found = [there.term(term) for term in terms]
    return [(field.name, value) for field, value in found]


@dataclass(frozen=True, slots=True)
class _Parent:
    """The nested object of one reference. Its columns' values are read from the query's own record."""

    name: str
    reference: Field
    columns: list[tuple[str, Value]]
    parents: "dict[str, _Parent]"

    def into(self, scope: Scope) -> Part:
        def part(record: Record, row: Row) -> None:
            row[self.name] = self._row(record, record, scope)

        return part

    def _row(self, record: Record, root: Record, scope: Scope) -> Row | None:
        there = scope.org.find(record.fields.get(self.reference.name))
        if there is None:
            return None
        made: Row = {"attributes": row_attributes(there, scope.api, "Name" if self.reference.polymorphic else None)}
        made |= {name: value(root) for name, value in self.columns}
        for parent in self.parents.values():
            made[parent.name] = parent._row(there, root, scope)
        return made


def _add_parent(
    parents: dict[str, _Parent], scope: Scope, kind: Kind, path: syntax.Path, name: str, value: Value
) -> _Parent | None:
    """Put the column under its parent; the parent where it is new among these."""
    reference = kind.relationships[path[0].lower()]
    new = reference.name not in parents
    parent = parents.setdefault(reference.name, _Parent(str(reference.relationship), reference, [], {}))
    if len(path) == 2:
        parent.columns.append((name, value))
    else:
        _add_parent(parent.parents, scope, scope.parent(reference), path[1:], name, value)
    return parent if new else None


def _children(scope: Scope, query: syntax.Query) -> Part:
    """A subquery over one of the relationships that end at this object; null where nothing is found."""
    relationship = scope.org.children(scope.kind.name).get(query.kind.lower())
    kind = scope.org.visible(relationship.kind) if relationship else None
    if relationship is None or kind is None:
        raise no_children(query.text, query.kind_at, query.kind)
    if query.groups:
        raise not_here(query, query.kind_at, "an aggregate")
    inner = scope.inner(kind, query)
    pick, rendering, read = finder(inner), Rendering(inner), record_reader(inner)

    def part(record: Record, row: Row) -> None:
        found = pick(scope.org.where(kind.name, relationship.field, record.id))
        rows = [rendering.row(child) for child in cut(query, ordered(query, found, read))]
        row[relationship.name] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None

    return part
