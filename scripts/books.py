"""The configurations that the ledger keeps: each is compiled once, however often a command asks for it."""

from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import Connection

from ledger import playbooks
from playbook.book import Playbook, load_texts


def books(tx: Connection) -> Callable[[str | None], Playbook | None]:
    """The configuration of a version; None for None, and where this version of Fairlead cannot load it."""

    @lru_cache(maxsize=8)
    def book(version: str | None) -> Playbook | None:
        found = load_texts(playbooks.texts(tx, version) or {}) if version else None
        return found if isinstance(found, Playbook) else None

    return book
