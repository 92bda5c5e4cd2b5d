"""A parsed query over the org's records: names are resolved once, then every record passes through plain functions.

Kept of the real language: text is compared without regard to case, `!=` and NOT IN include empty values, orderings
with an empty value are false, empty values sort first, ids compare in either length.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import ANY_NAME, NUMBER_TYPES, TEXT_TYPES, Field, Kind
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.errors import malformed, no_column, no_relationship, no_type, pointed
from sandbox.salesforce.stamps import read_date, read_datetime, stamp
from sandbox.store import Record

Value = Callable[[Record], Any]
Test = Callable[[Record], bool]
Row = dict[str, Any]

MOST_GROUPS = 2000

_SYSTEM: Mapping[str, Value] = {
    "Id": lambda record: record.id,
    "IsDeleted": lambda record: record.deleted,
    "CreatedDate": lambda record: stamp(record.created),
    "LastModifiedDate": lambda record: stamp(record.modified),
    "SystemModstamp": lambda record: stamp(record.modified),
}


def value_of(field: Field) -> Value:
    """How to read a field of its own record."""
    name = field.name
    return _SYSTEM.get(name) or (lambda record: record.fields.get(name))


def row_attributes(record: Record, api: str, type: str | None = None) -> dict[str, str]:
    """`attributes` of a row; `api` is the path up to `/sobjects`."""
    return {"type": type or record.kind, "url": f"{api}/sobjects/{record.kind}/{record.id}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows of a query; a page of them is rendered when somebody asks for it."""

    total: int
    records: Sequence[Any]
    render: Callable[[Any], Row]


def answered(org: Org, query: syntax.Query, api: str, *, deleted: bool = False, tooling: bool = False) -> Answer:
    """The query's rows; deleted records only if asked for. Refused with INVALID_TYPE, INVALID_FIELD and the like."""
    kind = org.visible(query.kind, tooling)
    if kind is None:
        raise no_type(query.text, query.kind_at, query.kind)
    plan = _Plan(org, kind, query, api, tooling)
    test = plan.test(query.where) if query.where else None
    rows = [
        record for record in plan.candidates() if (deleted or not record.deleted) and (test is None or test(record))
    ]
    if query.only_counts:
        return Answer(len(rows), (), dict)
    if query.group_by or any(isinstance(item, syntax.Aggregate) for item in query.select):
        return plan.grouped(rows)
    ordered = plan.ordered(rows)
    page = ordered[query.offset : None if query.limit is None else query.offset + query.limit]
    return Answer(len(page), page, plan.rendering())


class _Plan:
    def __init__(self, org: Org, kind: Kind, query: syntax.Query, api: str, tooling: bool) -> None:
        self._org, self._kind, self._query, self._api, self._tooling = org, kind, query, api, tooling

    def candidates(self) -> Iterable[Record]:
        """Every record that can pass: by id or by a reference's index where a condition that must hold says so."""
        where = self._query.where
        for condition in where.conditions if isinstance(where, syntax.All) else (where,):
            wanted = self._wanted(condition)
            if wanted is None:
                continue
            field, ids = wanted
            if field.type == "id":
                found = (self._org.find(id) for id in ids)
                return [record for record in found if record and record.kind == self._kind.name]
            return [record for id in ids for record in self._org.where(self._kind.name, field.name, id)]
        return self._org.all(self._kind.name)

    def _wanted(self, condition: syntax.Condition | None) -> tuple[Field, list[str | None]] | None:
        """The id field that this condition pins down, and to which ids, each once."""
        if isinstance(condition, syntax.Compare) and condition.sign == "=":
            literals: tuple[syntax.Literal, ...] = (condition.literal,)
        elif isinstance(condition, syntax.In) and not condition.negated:
            literals = condition.literals
        else:
            return None
        field = self._kind.field(condition.path[0]) if len(condition.path) == 1 else None
        if field is None or field.type not in ("id", "reference") or self._kind.where == "tooling":
            return None
        return field, list(dict.fromkeys(read_id(literal.text) for literal in literals))

    def resolve(self, path: syntax.Path, at: int) -> tuple[Field, Value]:
        """The field at the end of a path, and how to read it from a record of this query."""
        kind, steps = self._kind, list[str]()
        for name in path[:-1]:
            reference = kind.relationships.get(name.lower())
            if reference is None:
                raise no_relationship(self._query.text, at, name)
            steps.append(reference.name)
            kind = self._parent(reference)
        field = kind.field(path[-1])
        if field is None:
            raise no_column(self._query.text, at, path[-1], kind.name)
        value = _type_of if kind is ANY_NAME and field.name == "Type" else value_of(field)
        for reference_name in reversed(steps):
            value = self._through(reference_name, value)
        return field, value

    def _parent(self, reference: Field) -> Kind:
        if reference.polymorphic:
            return ANY_NAME
        kind = self._org.visible(reference.refers[0], self._tooling) or self._org.visible(reference.refers[0])
        return kind or ANY_NAME

    def _through(self, reference: str, value: Value) -> Value:
        find = self._org.find

        def of_parent(record: Record) -> Any:
            parent = find(record.fields.get(reference))
            return value(parent) if parent else None

        return of_parent

    def test(self, condition: syntax.Condition) -> Test:
        match condition:
            case syntax.All(conditions):
                tests = [self.test(part) for part in conditions]
                return lambda record: all(test(record) for test in tests)
            case syntax.Any(conditions):
                tests = [self.test(part) for part in conditions]
                return lambda record: any(test(record) for test in tests)
            case syntax.Not(part):
                test = self.test(part)
                return lambda record: not test(record)
            case syntax.In(path, literals, negated, at):
                field, value = self.resolve(path, at)
                wanted = frozenset(self._constant(field, literal) for literal in literals)
                fold = _folded(field, value)
                return lambda record: (fold(record) in wanted) is not negated
            case syntax.Compare(path, sign, literal, at):
                return self._compare(self.resolve(path, at), sign, literal)

    def _compare(self, resolved: tuple[Field, Value], sign: str, literal: syntax.Literal) -> Test:
        field, value = resolved
        if sign == "like":
            return self._like(field, value, literal)
        fold, constant = _folded(field, value), self._constant(field, literal)
        if sign == "=":
            return lambda record: bool(fold(record) == constant)
        if sign == "!=":
            return lambda record: bool(fold(record) != constant)
        if field.type in ("boolean", "reference") or constant is None:  # ids can be ordered: people page through them
            raise Refused("INVALID_FIELD", f"invalid operator on {field.type} field: {field.name}")
        compare = _ORDERINGS[sign]

        def test(record: Record) -> bool:
            here = fold(record)
            return here is not None and compare(here, constant)

        return test

    def _like(self, field: Field, value: Value, literal: syntax.Literal) -> Test:
        if literal.type != "string" or field.type not in TEXT_TYPES:
            raise Refused("INVALID_FIELD", f"invalid operator on {field.type} field: {field.name}")
        matches = _pattern(self._query.text, literal).fullmatch
        return lambda record: matches(value(record) or "") is not None and value(record) is not None

    def _constant(self, field: Field, literal: syntax.Literal) -> Any:
        """The literal in the form that values of this field are compared in. Refused where it is of another type."""
        if field.type == "textarea" and field.length > 255:
            raise self._refused(literal, f"field '{field.name}' can not be filtered in a query call")
        if literal.type == "null":
            return None
        if field.type in TEXT_TYPES and literal.type == "string":
            return _text(self._query.text, literal).casefold() or None  # an empty text is no text
        if field.type in ("id", "reference") and literal.type == "string":
            return self._id(literal)
        if field.type in NUMBER_TYPES and literal.type == "number":
            return float(literal.text)
        if field.type == "boolean" and literal.type == "boolean":
            return literal.text == "true"
        if field.type == "datetime" and literal.type == "datetime":
            return self._readable(read_datetime(literal.text), literal)
        if field.type == "date" and literal.type == "date":
            return self._readable(read_date(literal.text), literal)
        quotes = "be enclosed in quotes" if field.type in TEXT_TYPES else "not be enclosed in quotes"
        type = {"datetime": "dateTime"}.get(field.type, "string" if field.type in TEXT_TYPES else field.type)
        raise self._refused(
            literal, f"value of filter criterion for field '{field.name}' must be of type {type} and should {quotes}"
        )

    def _id(self, literal: syntax.Literal) -> str:
        id = read_id(literal.text)
        if self._tooling and id is None:  # metadata names standard objects by name where records have ids
            return literal.text
        if id is None:
            raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.text}")
        return id

    def _readable(self, value: str | None, literal: syntax.Literal) -> str:
        if value is None:
            raise malformed(self._query.text, literal.at, f"invalid date: {literal.text}")
        return value

    def _refused(self, literal: syntax.Literal, message: str) -> Refused:
        return pointed("INVALID_FIELD", self._query.text, literal.at, message)

    def ordered(self, rows: list[Record]) -> list[Record]:
        """By every ORDER BY term; the last one first, because sorting is stable."""
        for order in reversed(self._query.order_by):
            field, value = self.resolve(order.path, order.at)
            fold = _folded(field, value)
            keyed = [(fold(record), record) for record in rows]
            empty = [record for key, record in keyed if key is None]
            there = [(key, record) for key, record in keyed if key is not None]
            full = [record for _, record in sorted(there, key=itemgetter(0), reverse=order.descending)]
            rows = [*full, *empty] if order.nulls_last else [*empty, *full]
        return rows

    def rendering(self) -> Callable[[Record], Row]:
        """What makes an answer's row of a record: nested objects for parents, names as the schema writes them."""
        own, parents = list[tuple[str, Value]](), dict[str, _Parent]()
        seen = set[tuple[str, ...]]()
        for item in self._query.select:
            item = cast(syntax.Column, item)
            path = tuple(part.lower() for part in item.path)
            if path in seen:
                raise self._twice(item)
            seen.add(path)
            field, value = self.resolve(item.path, item.at)
            if len(item.path) == 1:
                own.append((field.name, value))
            else:
                self._add_parent(parents, self._kind, item.path, field.name, value)
        api, find = self._api, self._org.find

        def row(record: Record) -> Row:
            made: Row = {"attributes": row_attributes(record, api)}
            for name, value in own:
                made[name] = value(record)
            for parent in parents.values():
                made[parent.name] = parent.row(record, record, find, api)
            return made

        return row

    def _twice(self, item: syntax.Column) -> Refused:
        return pointed("INVALID_FIELD", self._query.text, item.at, f"duplicate field selected: {'.'.join(item.path)}")

    def _add_parent(
        self, parents: "dict[str, _Parent]", kind: Kind, path: syntax.Path, name: str, value: Value
    ) -> None:
        reference = kind.relationships[path[0].lower()]
        parent = parents.setdefault(reference.name, _Parent(str(reference.relationship), reference, [], {}))
        if len(path) == 2:
            parent.columns.append((name, value))
        else:
            self._add_parent(parent.parents, self._parent(reference), path[1:], name, value)

    def grouped(self, rows: list[Record]) -> Answer:
        """One row per group, or one in all without GROUP BY."""
        keys = [self.resolve(column.path, column.at) for column in self._query.group_by]
        groups: dict[tuple[Any, ...], list[Record]] = {} if keys else {(): rows}
        for record in rows if keys else ():
            groups.setdefault(tuple(value(record) for _, value in keys), []).append(record)
        limit = self._query.limit
        if limit is None and len(groups) > MOST_GROUPS:
            raise Refused(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        columns = self._group_columns()

        def row(members: list[Record]) -> Row:
            return {"attributes": {"type": "AggregateResult"}, **{name: make(members) for name, make in columns}}

        made = list(groups.values())[: limit if limit is not None else None]
        return Answer(len(made), made, row)

    def _group_columns(self) -> list[tuple[str, Callable[[list[Record]], Any]]]:
        grouped_by = {tuple(part.lower() for part in column.path) for column in self._query.group_by}
        columns: list[tuple[str, Callable[[list[Record]], Any]]] = []
        unnamed = 0
        for item in self._query.select:
            field, value = self.resolve(item.path or ("Id",), item.at)
            if isinstance(item, syntax.Aggregate):
                columns.append((item.alias or f"expr{unnamed}", _aggregate(item.function, value)))
                unnamed += item.alias is None
            elif tuple(part.lower() for part in item.path) not in grouped_by:
                raise malformed(self._query.text, item.at, f"Field must be grouped or aggregated: {field.name}")
            else:
                columns.append((item.alias or field.name, _first(value)))
        return columns


@dataclass(frozen=True, slots=True)
class _Parent:
    """The nested object of one reference. Its columns' values are read from the query's own record."""

    name: str
    reference: Field
    columns: list[tuple[str, Value]]
    parents: "dict[str, _Parent]"

    def row(self, record: Record, root: Record, find: Callable[[str | None], Record | None], api: str) -> Row | None:
        there = find(record.fields.get(self.reference.name))
        if there is None:
            return None
        made: Row = {"attributes": row_attributes(there, api, "Name" if self.reference.polymorphic else None)}
        made |= {name: value(root) for name, value in self.columns}
        for parent in self.parents.values():
            made[parent.name] = parent.row(there, root, find, api)
        return made


_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}


def _type_of(record: Record) -> str:
    """`Owner.Type` and `Who.Type`: a queue is a Group of that type, and is called Queue."""
    return str(record.fields.get("Type")) if record.kind == "Group" else record.kind


def _folded(field: Field, value: Value) -> Value:
    """The value in the form in which it is compared and sorted; an empty text is no text."""
    if field.type not in TEXT_TYPES:
        return value

    def fold(record: Record) -> str | None:
        text = value(record)
        return text.casefold() if text else None

    return fold


def _characters(query: str, literal: syntax.Literal) -> list[tuple[str, bool]]:
    """The characters of a string literal, each with whether it was escaped."""
    found, escaped = [], False
    for character in literal.text:
        if escaped:
            if character.lower() not in _ESCAPES:
                raise malformed(query, literal.at, f"Invalid string literal '{literal.text}'. Illegal escape sequence")
            found.append((_ESCAPES[character.lower()], True))
        elif character != "\\":
            found.append((character, False))
        escaped = character == "\\" and not escaped
    return found


def _text(query: str, literal: syntax.Literal) -> str:
    if "\\" not in literal.text:
        return literal.text
    return "".join(character for character, _ in _characters(query, literal))


def _pattern(query: str, literal: syntax.Literal) -> re.Pattern[str]:
    """LIKE's pattern: % is any text and _ any character, unless escaped."""
    wild = {"%": ".*", "_": "."}
    parts = (
        re.escape(character) if escaped else wild.get(character, re.escape(character))
        for character, escaped in _characters(query, literal)
    )
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _first(value: Value) -> Callable[[list[Record]], Any]:
    return lambda members: value(members[0])


def _aggregate(function: str, value: Value) -> Callable[[list[Record]], Any]:
    compute = _AGGREGATES[function]
    return lambda members: compute([here for here in map(value, members) if here is not None])


_AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
}
