"""The configurations that the ledger keeps: what was in force when something was decided, and what is now."""

from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import Connection

from ledger import playbooks
from playbook.book import Playbook, load_texts

Books = Callable[[str | None], Playbook | None]
"""The configuration of a version; None where there is none, or this version of Fairlead cannot load it."""


def books(tx: Connection) -> Books:
    """Each is loaded once, for as long as the transaction lasts."""

    @lru_cache(maxsize=8)
    def book(version: str | None) -> Playbook | None:
        texts = playbooks.texts(tx, version) if version else None
        found = load_texts(texts) if texts else None
        return found if isinstance(found, Playbook) else None

    return book
