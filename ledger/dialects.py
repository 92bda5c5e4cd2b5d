"""The few places where a statement differs between SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import Column, Connection, Dialect, Executable, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from ledger.tables import decider


def insert_new(tx: Connection, table: Table, *returning: Column[Any]) -> Executable:
    """An INSERT that leaves out rows that are there already; it returns these columns of those that were new."""
    return _insert_new(tx.dialect.name, table, returning)


def insert_or_replace(tx: Connection, table: Table, unless_older_by: Column[Any] | None = None) -> Executable:
    """An INSERT that replaces the row with the same primary key; or leaves it, where it is newer by that column."""
    return _insert_or_replace(tx.dialect.name, table, unless_older_by)


def insert_or_correct(tx: Connection, table: Table, facts: tuple[Column[Any], ...], noting: Column[Any]) -> Executable:
    """An INSERT that corrects the row with the same primary key where one of these facts differs, and notes when.

    It returns the primary keys of the rows that were new or corrected. No two of its rows may have the same.
    """
    return _insert_or_correct(tx.dialect.name, table, facts, noting)


def write_all(tx: Connection, statement: Executable, columns: Mapping[str, Sequence[Any]]) -> None:
    """Like `tx.execute(statement, rows)`, but a good deal cheaper for each row: they come column by column, every
    parameter of the statement with its values; as dictionaries they would cost as much as SQLite itself. The statement
    has to be the same object every time. ValueError for columns that are not equally long."""
    if not any(columns.values()):
        return
    sql, in_order, processors = _prepared(tx.dialect, statement, tuple(columns))
    written = {name: _processed(processors.get(name), values) for name, values in columns.items()}
    if in_order is None:
        tx.exec_driver_sql(sql, [dict(zip(written, row, strict=True)) for row in zip(*written.values(), strict=True)])
    else:
        tx.exec_driver_sql(sql, list(zip(*(written[name] for name in in_order), strict=True)))


def _processed(process: Callable[[Any], Any] | None, values: Sequence[Any]) -> Sequence[Any]:
    if process is None or not values:
        return values
    first = values[0]
    if all(value is first for value in values):  # such as when it was learnt
        return [process(first)] * len(values)
    return list(map(process, values))


_Prepared = tuple[str, Sequence[str] | None, Mapping[str, Callable[[Any], Any]]]
"""SQL; the names of its parameters in order, where they have to be; and how values become what the driver takes."""


@lru_cache(maxsize=100)
def _prepared(dialect: Dialect, statement: Executable, given: tuple[str, ...]) -> _Prepared:
    compiled = cast(SQLCompiler, cast(ClauseElement, statement).compile(dialect=dialect, column_keys=list(given)))
    made = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    return (
        compiled.string,
        compiled.positiontup if compiled.positional else None,
        {name: process for name, process in made.items() if process},
    )


def lock_decider(tx: Connection) -> tuple[int, str]:
    """Hold the decider lock until the transaction ends; (sequence, hash) of the last decision.

    On SQLite a writing transaction is alone anyway (FOR UPDATE is left out). Asking again is free of harm.
    """
    row = tx.execute(select(decider.c.seq, decider.c.hash).with_for_update()).one()
    return row.seq, row.hash


# Statements are kept, because to make one takes several times as long as to run it.


@cache
def _insert_new(dialect: str, table: Table, returning: tuple[Column[Any], ...]) -> Executable:
    statement = _insert(dialect, table).on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement


@cache
def _insert_or_replace(dialect: str, table: Table, unless_older_by: Column[Any] | None) -> Executable:
    statement = _insert(dialect, table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=table.primary_key.columns.keys(),
        set_={column.name: new[column.name] for column in table.columns if not column.primary_key},
        where=None if unless_older_by is None else unless_older_by <= new[unless_older_by.name],
    )


@cache
def _insert_or_correct(dialect: str, table: Table, facts: tuple[Column[Any], ...], noting: Column[Any]) -> Executable:
    statement = _insert(dialect, table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=table.primary_key.columns.keys(),
        set_={column.name: new[column.name] for column in (*facts, noting)},
        where=or_(*(fact.is_distinct_from(new[fact.name]) for fact in facts)),
    ).returning(*table.primary_key.columns)


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """ON CONFLICT is not part of the SQL that both share."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
