"""Opening the ledger of an installation, for commands that only look."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from ledger.store import Ledger, is_there, open_ledger
from runtime.settings import Settings


class NothingHere(Exception):
    """There is no ledger yet."""


def open_existing_ledger(settings: Settings) -> Ledger:
    """The ledger, which must be there: a command that looks leaves no empty one behind. NothingHere says what to do."""
    if not is_there(settings.database_url):
        raise NothingHere(
            f"there is no ledger at {place(settings)}: nothing has run here yet. Start `fairlead up`, or name another "
            "folder with FAIRLEAD_VAR, or another database with DATABASE_URL."
        )
    return open_ledger(settings.database_url)


@contextmanager
def ledger_to_plan_with(settings: Settings) -> Iterator[Ledger]:
    """The ledger; where there is none yet, an empty one that is gone afterwards."""
    if is_there(settings.database_url):
        with open_ledger(settings.database_url) as ledger:
            yield ledger
        return
    with TemporaryDirectory(prefix="fairlead-") as folder, open_ledger(f"sqlite:///{folder}/ledger.db") as ledger:
        yield ledger


def place(settings: Settings) -> str:
    """Where the ledger is, for a person: the file, or the database's address without its password."""
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return address.set(query={}).render_as_string(hide_password=True)
