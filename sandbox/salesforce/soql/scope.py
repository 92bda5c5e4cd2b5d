"""What names in a query mean: fields, fields of parents, and functions of either."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.salesforce.archive import ARCHIVED, is_archived
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import ANY_NAME, Field, Kind
from sandbox.salesforce.shown import Value, value_of
from sandbox.salesforce.soql import dates, syntax
from sandbox.salesforce.soql.errors import malformed, no_column, no_relationship
from sandbox.store import Record

_SUNDAY, _MONDAY = 6, 0
_SUNDAY_FIRST = frozenset({"en_US", "en_CA", "ja_JP", "pt_BR"})
_DATE_OF = {"day_only": "date", "converttimezone": "datetime"}


@dataclass(frozen=True)
class Scope:
    """The object that a query is about, and everything that can be reached from it."""

    org: Org
    kind: Kind
    query: syntax.Query
    api: str
    deleted: bool
    """whether deleted and archived records are seen too"""
    tooling: bool = False

    def inner(self, kind: Kind, query: syntax.Query) -> "Scope":
        """That of a query inside this one."""
        return replace(self, kind=kind, query=query)

    def seen(self, record: Record) -> bool:
        """Whether the record is there for this query. Asked of every record, so it looks at the clock for few."""
        if self.deleted:
            return True
        return not record.deleted and (record.kind not in ARCHIVED or not is_archived(record, self.org.now))

    @property
    def zone(self) -> tzinfo:
        """The user's time zone, in which date literals are."""
        return ZoneInfo(self._user.fields["TimeZoneSidKey"])

    @property
    def today(self) -> date:
        return self.org.now.astimezone(self.zone).date()

    @property
    def week_starts(self) -> int:
        return _SUNDAY if self._user.fields["LocaleSidKey"] in _SUNDAY_FIRST else _MONDAY

    @property
    def _user(self) -> Record:
        [user] = (record for record in [self.org.find(self.org.integration_user)] if record)
        return user

    def term(self, term: syntax.Term) -> tuple[Field, Value]:
        """What a term is and how to read it from a record of this query."""
        field, value = self.resolve(term.path, term.at)
        for function in reversed(term.functions):
            field, value = self._applied(function, term, field, value)
        return field, value

    def resolve(self, path: syntax.Path, at: int) -> tuple[Field, Value]:
        """The field at the end of a path, and how to read it from a record of this query."""
        kind, steps = self.kind, list[str]()
        path = self.without_alias(path)
        for name in path[:-1]:
            reference = kind.relationships.get(name.lower())
            if reference is None:
                raise no_relationship(self.query.text, at, name)
            steps.append(reference.name)
            kind = self.parent(reference)
        field = kind.field(path[-1])
        if field is None:
            raise no_column(self.query.text, at, path[-1], kind.name)
        value = self._value(kind, field)
        for reference_name in reversed(steps):
            value = self._through(reference_name, value)
        return field, value

    def without_alias(self, path: syntax.Path) -> syntax.Path:
        """A path may begin with the object's name, or with what FROM called it."""
        names = {self.kind.name.lower(), (self.query.alias or self.kind.name).lower()}
        first = path[0].lower()
        return path[1:] if len(path) > 1 and first in names and first not in self.kind.relationships else path

    def parent(self, reference: Field) -> Kind:
        """What can be asked of whatever it refers to."""
        if reference.polymorphic:
            return ANY_NAME
        kind = self.org.visible(reference.refers[0], self.tooling) or self.org.visible(reference.refers[0])
        return kind or ANY_NAME

    def _value(self, kind: Kind, field: Field) -> Value:
        if kind is ANY_NAME and field.name == "Type":
            return _type_of
        if field.name == "IsArchived":
            return lambda record: is_archived(record, self.org.now)
        return value_of(field)

    def _through(self, reference: str, value: Value) -> Value:
        find = self.org.find

        def of_parent(record: Record) -> Any:
            parent = find(record.fields.get(reference))
            return value(parent) if parent else None

        return of_parent

    def _applied(self, function: str, term: syntax.Term, field: Field, value: Value) -> tuple[Field, Value]:
        if function in ("tolabel", "format"):
            return field, value
        wanted = ("datetime",) if function in _DATE_OF else ("datetime", "date")
        if field.type not in wanted:
            raise malformed(
                self.query.text, term.at, f"field '{field.name}' does not support function {function.upper()}"
            )
        made = replace(field, type=_DATE_OF.get(function, "int"), function=True)
        if function == "converttimezone":
            return made, value
        # Without convertTimezone the parts are those of UTC.
        zone = self.zone if "converttimezone" in term.functions else UTC
        return made, _read(value, _part(function, zone))


def _part(function: str, zone: tzinfo) -> Callable[[str], Any]:
    if function == "day_only":
        return lambda text: dates.day_only(text, zone)
    return lambda text: dates.part(function, text, zone)


def _read(value: Value, take: Callable[[str], Any]) -> Value:
    def taken(record: Record) -> Any:
        text = value(record)
        return None if text is None else take(text)

    return taken


def _type_of(record: Record) -> str:
    """`Owner.Type` and `Who.Type`: a queue is a Group of that type, and is called Queue."""
    return str(record.fields.get("Type")) if record.kind == "Group" else record.kind


def not_here(query: syntax.Query, at: int, what: str) -> Refused:
    return malformed(query.text, at, f"{what} is not allowed here")
