"""How far each stream of a CRM has been read, in the CRM's own time."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from ledger.dialects import insert_or_replace
from ledger.tables import cursors


def get(tx: Connection, crm: str, account: str, stream: str) -> datetime | None:
    """Where the next window starts; None before the first."""
    moment: datetime | None = tx.execute(
        select(cursors.c.at).where(cursors.c.crm == crm, cursors.c.account == account, cursors.c.stream == stream)
    ).scalar()
    return moment


def move(tx: Connection, crm: str, account: str, stream: str, to: datetime) -> None:
    """Move the cursor forward; never backwards, whoever comes late."""
    where = {"crm": crm, "account": account, "stream": stream}
    tx.execute(insert_or_replace(tx, cursors, cursors.c["at"]), where | {"at": to})


def forget(tx: Connection, crm: str, account: str, stream: str) -> None:
    """The stream starts from its beginning again."""
    tx.execute(delete(cursors).where(cursors.c.crm == crm, cursors.c.account == account, cursors.c.stream == stream))
