"""Walking HubSpot's search in the order of a time property, however many records there are.

A search gives 10,000 records at most, and pages by offset skip records when one before them drops out meanwhile (as
leads do that get their owner). So each page starts at the time of the last record of the one before, and what was
seen already is left out. Where one millisecond holds more than a page (an import), its records are walked by id.

A window ends where HubSpot's clock stood when it began: what changes meanwhile is the next one's. It may end early,
after so many pages or because the budget is used up. The next one then begins at the last record; but never later than
two minutes before HubSpot's clock, because the index may still show records late that changed since then. So a crowd of
the last two minutes is walked to its end, and where the budget ends before that, the next window sees it again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Refused, TryLater
from connectors.hubspot.answers import Record, SearchPage
from connectors.hubspot.portal import SEARCH_PAGE, Portal
from connectors.values import instant

Filter = dict[str, object]

OVERLAP = timedelta(minutes=2)
"""How much each window repeats of the one before: the index may lag so far behind the records."""

LAG = timedelta(seconds=5)
"""How far the cursor stays behind HubSpot's clock, which is told in whole seconds."""

PAGES = 10
"""A window ends after so many, so that what was found is stored before more is asked."""

PATIENCE = timedelta(hours=1)
"""A row that cannot be read to its end holds the cursor back while it is younger than this."""

_MILLISECOND = timedelta(milliseconds=1)
_WHOLE_SECOND = timedelta(seconds=1)
_ID = "hs_object_id"


@dataclass(frozen=True, slots=True)
class Window:
    """The records of a window, each once, in the order of their times. `began` is where it began, `overlap` before the
    cursor that it was asked from; `asked_at` HubSpot's time then, `reached` the time of the last record where it was
    cut short.

    One that was cut short and cannot move the cursor has nothing more to give at once: the next begins there again, as
    soon as time has passed, and sees less of it when the leads that were found have their owners."""

    rows: Sequence[Record]
    began: datetime
    asked_at: datetime
    reached: datetime | None
    overlap: timedelta = OVERLAP

    @property
    def more(self) -> bool:
        return self.reached is not None and self.cursor > self.began + self.overlap

    @property
    def cursor(self) -> datetime:
        """Where the next window starts, less the overlap. Cursors never move backwards, so one that went too far would
        lose what the index shows late."""
        ended = self.asked_at - LAG
        if self.reached is None:
            return ended
        return max(min(self.reached + self.overlap, ended), self.began + self.overlap)


def window(
    portal: Portal,
    kind: str,
    groups: Sequence[Sequence[Filter]],
    by: str,
    began: datetime,
    properties: Sequence[str],
    pages: int | None = PAGES,
    overlap: timedelta = OVERLAP,
) -> Window:
    """Records from `began` on that pass all filters of any group. It ends after so many `pages`, or later, where the
    next window could not begin at the last record. TryLater only before the first page."""
    rows: list[Record] = []
    asked_at: datetime | None = None
    walked = _walk(portal, kind, groups, by, began, properties)
    count = 0
    while True:
        try:
            page = next(walked, None)
        except TryLater:
            reached = instant(rows[-1]["properties"][by]) if rows else began
            if asked_at is None:
                raise
            return Window(rows, began, asked_at, max(reached, began), overlap)
        asked_at = asked_at or told(portal)
        if page is None:
            return Window(rows, began, asked_at, None, overlap)
        rows += page.rows
        count += 1
        if pages is not None and count >= pages and page.next_at is not None:
            cut = Window(rows, began, asked_at, page.next_at, overlap)
            if cut.more and page.next_at + overlap <= cut.cursor:
                return cut


def held_back(window: Window, by: str, later: Collection[str]) -> datetime:
    """The cursor of a window of which these rows could not be read to their end just now: the next begins at the first
    of them. One that fails for longer than PATIENCE would make windows longer and longer, and holds nothing back."""
    waiting = [instant(row["properties"][by]) for row in window.rows if row["id"] in later]
    recent = [at + window.overlap for at in waiting if at > window.asked_at - PATIENCE]
    return min([window.cursor, *recent])


def told(portal: Portal) -> datetime:
    """HubSpot's time, as its latest answer told."""
    now = portal.meter.told
    if now is None:
        raise Refused("HubSpot's answers carry no Date header, so nobody knows what time it is there")
    return now


@dataclass(frozen=True, slots=True)
class _Page:
    """`next_at` is the time at which the next page starts; None where the walk cannot stop after this one."""

    rows: list[Record]
    next_at: datetime | None


def _walk(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], by: str, since: datetime, properties: Sequence[str]
) -> Iterator[_Page]:
    """Page by page, each record once. The first page has no upper bound: only its answer tells what time it is."""
    start, until = since, None
    seen: set[str] = set()
    while True:
        page = _search(portal, kind, _with(groups, _between(by, start, until)), by, properties)
        until = until or told(portal) + _WHOLE_SECOND
        rows = page.rows
        if not page.more:
            yield _Page(_unseen(rows, seen), None)
            return
        first, last = (instant(row["properties"][by]) for row in (rows[0], rows[-1]))
        following = last + _MILLISECOND if first == last else last
        if following <= start:
            raise portal.wire.no_answer("is of records before the time that was asked for")
        fresh = _unseen(rows, seen)
        if first == last:
            yield _Page(fresh, None)
            for found, _ in by_id(portal, kind, _with(groups, _at(by, last)), properties):
                yield _Page(_unseen(found, seen), None)
        else:
            yield _Page(fresh, last)
        start = following
        if start > until:
            return


def by_id(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], properties: Sequence[str]
) -> Iterator[tuple[list[Record], int]]:
    """All records that pass all filters of any group, in the order of their ids, each page with the total."""
    after = 0
    counted: int | None = None
    while True:
        page = _search(
            portal, kind, _with(groups, {"propertyName": _ID, "operator": "GT", "value": str(after)}), _ID, properties
        )
        counted = page.total if counted is None else counted
        yield page.rows, counted
        if not page.more:
            return
        last = page.rows[-1]["id"]
        if not last.isdecimal() or int(last) <= after:
            raise portal.wire.no_answer("is of records before the id that was asked for")
        after = int(last)


def milliseconds(moment: datetime) -> str:
    """A time as search filters take it."""
    return str(round(moment.timestamp() * 1000))


def _unseen(rows: Sequence[Record], seen: set[str]) -> list[Record]:
    fresh = [row for row in rows if row["id"] not in seen]
    seen |= {row["id"] for row in fresh}
    return fresh


def _with(groups: Sequence[Sequence[Filter]], also: Filter) -> list[list[Filter]]:
    return [[*group, also] for group in groups]


def _between(by: str, start: datetime, until: datetime | None) -> Filter:
    if until is None:
        return {"propertyName": by, "operator": "GTE", "value": milliseconds(start)}
    bounds = {"value": milliseconds(start), "highValue": milliseconds(max(start, until))}
    return {"propertyName": by, "operator": "BETWEEN", **bounds}


def _at(by: str, moment: datetime) -> Filter:
    return {"propertyName": by, "operator": "EQ", "value": milliseconds(moment)}


def _search(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], by: str, properties: Sequence[str]
) -> SearchPage:
    return portal.search(
        kind,
        {
            "filterGroups": [{"filters": list(group)} for group in groups],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_PAGE,
        },
        None if by == _ID else by,
    )
