"""Opening the ledger of an installation, for commands that only look."""

from pathlib import Path

from sqlalchemy import make_url

from ledger.store import Ledger, open_ledger
from runtime.settings import Settings


class NothingHere(Exception):
    """There is no ledger yet."""


def open_existing_ledger(settings: Settings) -> Ledger:
    """The ledger, which must be there: a command that looks leaves no empty one behind. NothingHere says what to do."""
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        raise NothingHere(
            f"there is no ledger at {address.database}: nothing has run here yet. Start `fairlead up`, or name another "
            "folder with FAIRLEAD_VAR, or another database with DATABASE_URL."
        )
    return open_ledger(settings.database_url)
