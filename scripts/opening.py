"""Opening the ledger of an installation: for commands that only look, and for those that act on what is in it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from tempfile import TemporaryDirectory

import click
from sqlalchemy import make_url

from ledger.store import Ledger, is_there, open_ledger
from runtime.deciding import StalePlaybook
from runtime.services import Services
from runtime.settings import Settings
from runtime.wiring import open_process


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


@contextmanager
def services_in_force(settings: Settings) -> Iterator[Services]:
    """Everything that deciding and writing need, by the configuration in force. NothingHere where there is no ledger.

    Notifications for the terminal go to standard error: what is printed may be data.
    """
    open_existing_ledger(settings).close()
    process = open_process(settings, activate=False)
    try:
        with redirect_stdout(sys.stderr):
            yield process.services
    except StalePlaybook as problem:
        raise click.ClickException(
            "the configuration has changed just now, nothing was done: run it again"
        ) from problem
    finally:
        process.close()


def place(settings: Settings) -> str:
    """Where the ledger is, for a person: the file, or the database's address without its password."""
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return address.set(query={}).render_as_string(hide_password=True)
