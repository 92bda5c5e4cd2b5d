"""A CRM's windows, page after page: what a page held and where the next one starts are committed together.

A crash anywhere repeats a page and never skips one; whoever keeps a page recognises what he has kept before.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from connectors.base import Crm
from ledger import cursors
from runtime.services import Services

MOST_PAGES = 10
"""Pages that one run walks. Then it wakes itself, so that no job holds a worker for minutes."""


class Page(Protocol):
    """What a window held, and where the next one starts (the CRM's time); with `more` there is more to come at once."""

    @property
    def cursor(self) -> datetime: ...

    @property
    def more(self) -> bool: ...


P = TypeVar("P", bound=Page)


def last_cursor(services: Services, connector: Crm, stream: str) -> datetime | None:
    """Where the next window of this stream starts; None before the first. A cursor beyond the CRM's own time was moved
    there by an answer with a wrong date: the window starts at that time, until the cursor is the past again."""
    with services.ledger.reading() as tx:
        kept = cursors.get(tx, connector.name, connector.account, stream)
    if kept is None or kept <= (now := connector.now()):
        return kept
    services.log.warning("a cursor lies in the future", crm=connector.name, stream=stream, cursor=kept.isoformat())
    return now


def walk(
    services: Services,
    connector: Crm,
    stream: str,
    ask: Callable[[datetime | None], P],
    keep: Callable[[Connection, P], None],
    since: datetime | None,
) -> bool:
    """Keep page after page, each in one transaction with the stream's cursor. False where there is more to come: the
    caller wakes his job again."""
    for _ in range(MOST_PAGES):
        page = ask(since)
        with services.ledger.writing() as tx:
            keep(tx, page)
            cursors.move(tx, connector.name, connector.account, stream, page.cursor)
        if not page.more:
            return True
        if since is not None and page.cursor <= since:
            services.log.error("a window does not move on; the next tick asks again", crm=connector.name, stream=stream)
            return True
        since = page.cursor
    return False
