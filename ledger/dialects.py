"""The few places where a statement differs between SQLite and PostgreSQL."""

from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Executable, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite

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
