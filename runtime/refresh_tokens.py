"""Refresh tokens in the ledger. Redis forgets, and without the newest one somebody has to authorize the app anew."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from connectors.base import TryLater
from ledger import refresh_tokens
from ledger.store import Ledger, LedgerUnavailable, is_there, open_ledger


class KeptRefreshTokens:
    """`connectors.base.RefreshTokens` of one CRM. The ledger is opened for each question, a few times an hour: commands
    sign in before they open one, and some never do.

    TryLater where the ledger does not answer. What could not be written is kept by this process until it can be.
    """

    def __init__(self, crm: str, database_url: str) -> None:
        self._crm, self._url = crm, database_url
        self._unwritten: dict[str, str] = {}

    def newest(self, given: str) -> str:
        """As `RefreshTokens.newest`. It makes no ledger where there is none."""
        if unwritten := self._unwritten.get(given):
            self.keep(given, unwritten)
        if not is_there(self._url):
            return given
        with self._ledger() as ledger, ledger.reading() as tx:
            return refresh_tokens.newest(tx, self._crm, given) or given

    def keep(self, given: str, newest: str) -> None:
        """As `RefreshTokens.keep`."""
        self._unwritten[given] = newest
        with self._ledger() as ledger, ledger.writing() as tx:
            refresh_tokens.keep(tx, self._crm, given, newest)
        self._unwritten.pop(given, None)

    @contextmanager
    def _ledger(self) -> Iterator[Ledger]:
        try:
            with open_ledger(self._url) as ledger:
                yield ledger
        except (LedgerUnavailable, SQLAlchemyError) as problem:
            raise TryLater(f"the ledger, which keeps the refresh token, does not answer: {problem}") from problem
