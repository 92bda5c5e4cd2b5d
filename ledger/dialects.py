"""The few places where a statement differs between SQLite and PostgreSQL."""

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.tables import decider


def insert(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say ON CONFLICT, which is not part of the SQL that both share."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def lock_decider(tx: Connection) -> tuple[int, str]:
    """Hold the decider lock until the transaction ends; (sequence, hash) of the last decision.

    On SQLite a writing transaction is alone anyway (FOR UPDATE is left out). Asking again is free of harm.
    """
    row = tx.execute(select(decider.c.seq, decider.c.hash).with_for_update()).one()
    return row.seq, row.hash
