"""Refresh tokens that a CRM has put in the place of a configured one. They are secrets, and lie here as they are.

Of the configured one only a digest is kept: when an operator sets another, what had come of the old one does not count.
"""

from hashlib import sha256

from sqlalchemy import Connection, select

from ledger.dialects import insert_or_replace
from ledger.tables import refresh_tokens


def newest(tx: Connection, crm: str, configured: str) -> str | None:
    """What has come of the configured one; None where nothing has."""
    of_it = (refresh_tokens.c.crm == crm) & (refresh_tokens.c.configured == _digest(configured))
    found: str | None = tx.execute(select(refresh_tokens.c.newest).where(of_it)).scalar()
    return found


def keep(tx: Connection, crm: str, configured: str, newest: str) -> None:
    """This one has come of it, in the place of any that came before."""
    row = {"crm": crm, "configured": _digest(configured), "newest": newest}
    tx.execute(insert_or_replace(tx, refresh_tokens), row)


def _digest(configured: str) -> str:
    return sha256(configured.encode()).hexdigest()
