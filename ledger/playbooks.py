"""Every configuration that was ever active, word for word, and which one is."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy import insert as plain_insert

from ledger.dialects import insert_new, lock_decider
from ledger.tables import activations, playbooks


def activate(tx: Connection, version: str, texts: Mapping[str, str], at: datetime) -> None:
    """From `at` (business time) on, decisions are made with this version only. Waits for one that is being made."""
    lock_decider(tx)
    tx.execute(insert_new(tx, playbooks), {"version": version, "texts": dict(texts)})
    if active(tx) != version:
        tx.execute(plain_insert(activations), {"version": version, "at": at})


def active(tx: Connection) -> str | None:
    """The version with which decisions are made; None before the first activation."""
    version: str | None = tx.execute(select(activations.c.version).order_by(activations.c.id.desc()).limit(1)).scalar()
    return version


def activation(tx: Connection) -> int:
    """The number of the present activation: it goes up with each, also where an earlier version comes back."""
    return int(tx.execute(select(activations.c.id).order_by(activations.c.id.desc()).limit(1)).scalar() or 0)


def texts(tx: Connection, version: str) -> dict[str, str] | None:
    """The files of that version, by name."""
    found: dict[str, str] | None = tx.execute(select(playbooks.c.texts).where(playbooks.c.version == version)).scalar()
    return found
