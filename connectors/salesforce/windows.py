"""Walking a window of changes: in pages, to an upper bound, and in parts where it holds too much.

Salesforce stamps a row when its transaction runs and shows it when that commits. So each window starts OVERLAP before
the place where the last one ended, and what is found twice is recognised by its event.

A window that holds many rows ends early, so that they can be stored before the next are asked for; its cursor is made
such that the next one starts at the last row's own time. This leaves the overlap out, which is right where that row is
older than the overlap: everything stamped before it has been committed. In a younger crowd the walk goes on, and so it
does within the stamp that the window started at, which would otherwise be read from its beginning for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.salesforce import soql
from connectors.salesforce.org import Record
from connectors.values import readable

OVERLAP = timedelta(minutes=5)
LAG = timedelta(seconds=5)
"""How far the cursor stays behind the CRM's clock, which is told in whole seconds."""

PAGE = 2000
PAGES = 2
"""After so many a window may end early."""


@dataclass(frozen=True, slots=True)
class Window:
    """Rows in the order of their time and id, the next cursor, and whether there is more at once."""

    rows: tuple[Record, ...]
    cursor: datetime
    more: bool = False


def walk(
    ask: Callable[[str, str], list[Record]],
    now: Callable[[], datetime],
    *,
    by: str,
    since: datetime | None,
    overlap: timedelta = OVERLAP,
    page: int = PAGE,
) -> Window:
    """The window from `since` less `overlap` on. `ask(where, then)` returns the rows of one query, `now` the org's time
    as the latest answer told it. ValueError where Salesforce gives the same page again and again."""
    start = since - overlap if since else None
    rows: list[Record] = []
    where, told = (f"{by} >= {soql.moment(start)}" if start else ""), None
    pages = 0
    ends: set[tuple[object, object]] = set()
    while True:
        found, pages = ask(where, f"ORDER BY {by}, Id LIMIT {page}"), pages + 1
        # Later pages may miss what changes while they are read: the next window starts from the first answer's time.
        told = told or now()
        rows += found
        # A time that nobody can read is none which anybody lives to see: rows come in its order, so none of today's is
        # behind it.
        last = readable(found[-1][by]) if len(found) == page else None
        if last is None:
            return Window(tuple(rows), told - LAG)
        if pages >= PAGES and last <= told - OVERLAP and (start is None or last > start):
            return Window(tuple(rows), last + overlap, more=True)
        end = (last, found[-1]["Id"])
        if end in ends:
            raise ValueError("the same page came again")
        ends.add(end)
        stamp = soql.moment(last)
        where = (
            f"{by} <= {soql.moment(told)} AND "
            f"({by} > {stamp} OR ({by} = {stamp} AND Id > {soql.text(found[-1]['Id'])}))"
        )
