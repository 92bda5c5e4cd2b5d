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


def position(tx: Connection, crm: str, account: str, stream: str) -> str | None:
    """Where a list goes on that the CRM does not give in the order of time; None where none is under way."""
    where = (cursors.c.crm == crm, cursors.c.account == account, cursors.c.stream == stream)
    found: str | None = tx.execute(select(cursors.c.position).where(*where)).scalar()
    return found


def move(tx: Connection, crm: str, account: str, stream: str, to: datetime, position: str | None = None) -> None:
    """Move the cursor forward; never backwards, whoever comes late. `position` is kept with it, in the CRM's words."""
    where = {"crm": crm, "account": account, "stream": stream}
    tx.execute(insert_or_replace(tx, cursors, cursors.c["at"]), where | {"at": to, "position": position})


def forget(tx: Connection, crm: str, account: str, stream: str) -> None:
    """The stream starts from its beginning again."""
    tx.execute(delete(cursors).where(cursors.c.crm == crm, cursors.c.account == account, cursors.c.stream == stream))
