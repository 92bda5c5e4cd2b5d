"""How values lie in the database: exact times, documents, and the four columns that name a lead."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    RowMapping,
    String,
    Text,
    and_,
    bindparam,
    type_coerce,
)
from sqlalchemy.types import TypeDecorator

from domain.leads import LeadKey
from ledger.codec import text, whole
from ledger.lists import is_in_list

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

MOST_IN_A_LIST = 5_000
"""Values in one IN list. SQLite takes 32,766 variables in a statement, PostgreSQL 65,535; a query has a few lists."""

LEAD = ("crm", "account", "object", "record")

T = TypeVar("T")


class Moment(TypeDecorator[datetime]):
    """A UTC time as microseconds since 1970: exact, and it sorts, on both databases. A naive time is refused."""

    impl = BigInteger
    cache_ok = True

    # Processors and not `process_bind_param`: a sweep reads and writes some twenty times for each clock, and what
    # SQLAlchemy would put around each call takes as long as the call.
    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _microseconds

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        return moment_in


def _microseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"{moment} does not say in which time zone it is")
    return (moment - EPOCH) // MICROSECOND


def moment_in(microseconds: Any) -> datetime | None:
    """The time that a `Moment` holds."""
    return None if microseconds is None else EPOCH + microseconds * MICROSECOND


class Document(TypeDecorator[Any]):
    """A domain value as JSON text. What is read is plain data, for `codec.load`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[Any], str]:
        return text

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Callable[[Any], Any]:
        return _data


def _data(text: Any) -> Any:
    return None if text is None else json.loads(text)


class Words(TypeDecorator[str]):
    """Text that comes from elsewhere: what a database does not take (U+0000, halves of characters) becomes `?`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[str | None], str | None]:
        return _taken


def _taken(value: str | None) -> str | None:
    return None if value is None else whole(value.replace("\0", "?"))


def as_stored(column: Column[Any]) -> ColumnElement[Any]:
    """The column's bare value, for whoever makes a time or a document of it himself: of a row with many of them, most
    of the time that it takes to read goes into making each."""
    match column.type:
        case Moment():
            return type_coerce(column, BigInteger)
        case Document():
            return type_coerce(column, Text)
        case _:
            return column


def lead_columns(primary_key: bool = False) -> list[Column[str]]:
    """The columns of a LeadKey."""
    return [Column(name, String, primary_key=primary_key, nullable=False) for name in LEAD]


def naming(key: LeadKey) -> dict[str, str]:
    """The values of a lead's columns."""
    return {"crm": key.crm, "account": key.account, "object": key.object, "record": key.id}


def naming_all(keys: Sequence[LeadKey]) -> dict[str, Sequence[Any]]:
    """The same of many leads, column by column."""
    return {
        "crm": [key.crm for key in keys],
        "account": [key.account for key in keys],
        "object": [key.object for key in keys],
        "record": [key.id for key in keys],
    }


def key_in(row: RowMapping | Mapping[str, Any]) -> LeadKey:
    """The lead that a row names."""
    return LeadKey(row["crm"], row["account"], row["object"], row["record"])


def with_tuples(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they were before they became JSON, which has lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


def is_lead(table: FromClause, key: LeadKey) -> ColumnElement[bool]:
    """The condition that a row belongs to this lead."""
    return and_(*(table.c[name] == value for name, value in naming(key).items()))


def is_the_lead(table: FromClause) -> ColumnElement[bool]:
    """The same condition for a statement that is made once: `of_the_lead` are its parameters."""
    return and_(*(table.c[name] == bindparam(f"of_{name}") for name in LEAD))


def of_the_lead(key: LeadKey) -> dict[str, str]:
    """The parameters of `is_the_lead`."""
    return {"of_crm": key.crm, "of_account": key.account, "of_object": key.object, "of_record": key.id}


def among_leads(table: FromClause, keys: Iterable[LeadKey]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together pick the rows of these leads; each is one query that uses the index on the lead."""
    for of in of_these_leads(keys):
        yield and_(
            table.c.crm == of["of_crm"],
            table.c.account == of["of_account"],
            table.c.object == of["of_object"],
            table.c.record.in_(of["of_records"]),
        )


def is_one_of_these_leads(table: FromClause) -> ColumnElement[bool]:
    """The same condition for a statement that is made once: `of_these_leads` are its parameters."""
    place = (table.c[name] == bindparam(f"of_{name}") for name in LEAD if name != "record")
    return and_(*place, is_in_list(table.c.record, "of_records"))


def of_these_leads(keys: Iterable[LeadKey]) -> Iterator[dict[str, Any]]:
    """The parameters of `is_one_of_these_leads`, for one query after the other."""
    return (these for these, _ in of_leads_by_record(keys))


def of_leads_by_record(keys: Iterable[LeadKey]) -> Iterator[tuple[dict[str, Any], Mapping[str, LeadKey]]]:
    """The same, each with the leads that it asks for by their record ids: a row of the query need not say more."""
    among: dict[tuple[str, str, str], dict[str, LeadKey]] = {}
    for key in keys:
        among.setdefault((key.crm, key.account, key.object), {}).setdefault(key.id, key)
    for crm, account, object_ in sorted(among):
        by_record = among[crm, account, object_]
        for part in in_parts(sorted(by_record)):
            yield {"of_crm": crm, "of_account": account, "of_object": object_, "of_records": part}, by_record


def in_parts(values: Sequence[T], most: int = MOST_IN_A_LIST) -> Iterator[Sequence[T]]:
    """The values in runs short enough for an IN list."""
    for start in range(0, len(values), most):
        yield values[start : start + most]
