"""Walking HubSpot's search in the order of a time property, however many records there are.

A search gives 10,000 records at most, and pages by offset skip records when one before them drops out meanwhile (as
leads do that get their owner). So each page starts at the time of the last record of the one before, and what was
seen already is left out. Where one millisecond holds more than a page (an import), its records are walked by id.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.hubspot.portal import SEARCH_PAGE, Portal, Record
from connectors.values import instant

Filter = dict[str, object]

_MILLISECOND = timedelta(milliseconds=1)
_ID = "hs_object_id"


def walk(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], by: str, since: datetime, properties: Sequence[str]
) -> Iterator[list[Record]]:
    """Records since then that pass all filters of any group, page by page, each once. A first page always comes."""
    start = since
    seen: set[str] = set()
    while True:
        page = _search(portal, kind, _with(groups, _since(by, start)), by, properties)
        rows = page["results"]
        yield _unseen(rows, seen)
        if not page.get("paging"):
            return
        first, last = (instant(row["properties"][by]) for row in (rows[0], rows[-1]))
        if first == last:
            yield from _one_millisecond(portal, kind, _with(groups, _at(by, last)), properties, seen)
            start = last + _MILLISECOND
        else:
            start = last


def by_id(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], properties: Sequence[str]
) -> Iterator[tuple[list[Record], int]]:
    """All records that pass all filters of any group, in the order of their ids, each page with the total."""
    after = "0"
    counted: int | None = None
    while True:
        page = _search(
            portal, kind, _with(groups, {"propertyName": _ID, "operator": "GT", "value": after}), _ID, properties
        )
        counted = int(page["total"]) if counted is None else counted
        yield page["results"], counted
        if not page.get("paging"):
            return
        after = str(page["results"][-1]["id"])


def milliseconds(moment: datetime) -> str:
    """A time as search filters take it."""
    return str(round(moment.timestamp() * 1000))


def _one_millisecond(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], properties: Sequence[str], seen: set[str]
) -> Iterator[list[Record]]:
    for rows, _ in by_id(portal, kind, groups, properties):
        yield _unseen(rows, seen)


def _unseen(rows: Sequence[Record], seen: set[str]) -> list[Record]:
    fresh = [row for row in rows if row["id"] not in seen]
    seen |= {row["id"] for row in fresh}
    return fresh


def _with(groups: Sequence[Sequence[Filter]], also: Filter) -> list[list[Filter]]:
    return [[*group, also] for group in groups]


def _since(by: str, moment: datetime) -> Filter:
    return {"propertyName": by, "operator": "GTE", "value": milliseconds(moment)}


def _at(by: str, moment: datetime) -> Filter:
    return {"propertyName": by, "operator": "EQ", "value": milliseconds(moment)}


def _search(
    portal: Portal, kind: str, groups: Sequence[Sequence[Filter]], by: str, properties: Sequence[str]
) -> Record:
    return portal.search(
        kind,
        {
            "filterGroups": [{"filters": list(group)} for group in groups],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_PAGE,
        },
    )
