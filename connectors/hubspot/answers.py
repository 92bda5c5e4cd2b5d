"""What HubSpot promises to answer, looked at where an answer is taken in and nowhere else.

A gateway, a fault or a version to come may answer 200 with something else. Nobody acts on a part of such an answer: it
is none, for a read as for a write. What passes here has ids and properties that are text, so that nothing behind it
asks again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.values import instant

Record = dict[str, Any]
"""One object as HubSpot sends it: `id`, `properties` (text or null), times, perhaps `propertiesWithHistory`."""

T = TypeVar("T")
Take = Callable[[Record], T]
"""Takes in the body of an answer. NotAsPromised says what is wrong with it."""

PRIMARY_CONTACT = 578
"""The association type that every lead has with one contact."""

META = "modificationMetadata"
TIMES = ("createdAt", "updatedAt", "archivedAt")


class NotAsPromised(ValueError):
    """The answer is not what HubSpot's API promises; the message goes on after "HubSpot's answer"."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page starts (None: this is the last one)."""

    rows: list[Record]
    after: str | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Rows of a search, how many there are in all, and whether there are more than these."""

    rows: list[Record]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """What belongs to one object: ids, a lead's primary contact first, and where the next of them start."""

    id: str
    to: list[str]
    after: str | None


def body(data: bytes) -> Record:
    """The JSON object that an answer is."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAsPromised("is no JSON") from error
    if not isinstance(told, dict) or told.get("status") == "error":
        said = told.get("message") if isinstance(told, dict) else None
        raise NotAsPromised(f"is an error in place of a result: {said}")
    return told


def anything(told: Record) -> Record:
    """Any answer will do."""
    return told


def account(told: Record) -> Record:
    """An account: its `portalId` as text."""
    return {**told, "portalId": _id(told, "portalId")}


def texts(name: str) -> Take[list[str]]:
    """A list of texts by that name."""
    return lambda told: [str(each) for each in _list(told, name)]


def records(told: Record) -> list[Record]:
    """Objects, each with its id and its properties."""
    return [_record(row) for row in _rows(told)]


def records_with_history(names: Sequence[str]) -> Take[list[Record]]:
    """Objects with all versions of these properties. A value that stands there has one at least."""

    def take(told: Record) -> list[Record]:
        found = records(told)
        for row in found:
            row["propertiesWithHistory"] = {name: _versions(row, name) for name in names}
        return found

    return take


def page(told: Record) -> Page:
    """One page of a list of objects."""
    rows = records(told)
    return Page(rows, _after(told, rows))


def owners(told: Record) -> Page:
    """One page of owners."""
    rows = [{**row, "id": _id(row, "id")} for row in _rows(told)]
    return Page(rows, _after(told, rows))


def found(by: str | None) -> Take[SearchPage]:
    """One page of a search. Each row has the time property `by` (None: the search is not in the order of time)."""

    def take(told: Record) -> SearchPage:
        rows = records(told)
        total = told.get("total")
        if not isinstance(total, int):
            raise NotAsPromised(f"has {total!r} as 'total'")
        if by:
            for row in rows:
                _time(row["properties"], by)
        return SearchPage(rows, total, _after(told, rows) is not None)

    return take


def archived(told: Record) -> Page:
    """One page of deleted objects, each with the time of its deletion as `archivedAt`."""
    given = page(told)
    for row in given.rows:
        row["archivedAt"] = row.get("archivedAt") or row.get("updatedAt")
        _time(row, "archivedAt")
    return given


def linked(told: Record) -> list[Linked]:
    """What belongs to each object of a batch."""
    return [_linked(row) for row in _rows(told)]


def named(told: Record) -> dict[str, Record]:
    """Definitions by their name."""
    return {_name(row): {**row, META: row[META] if isinstance(row.get(META), dict) else {}} for row in _rows(told)}


def written(told: Record) -> Record:
    """The answer to a write: `results` are the rows that name a record; of the others nobody knows what they are."""
    rows = [row for row in _list(told, "results") if isinstance(row, dict) and _is_id(row.get("id"))]
    return {**told, "results": [{**row, "id": str(row["id"])} for row in rows]}


def _rows(told: Record) -> list[Record]:
    rows = _list(told, "results")
    for row in rows:
        if not isinstance(row, dict):
            raise NotAsPromised(f"has a row that is none: {row!r}")
    return rows


def _list(told: Record, name: str) -> list[Any]:
    rows = told.get(name)
    if not isinstance(rows, list):
        raise NotAsPromised(f"has no list {name!r}")
    return rows


def _record(row: Record) -> Record:
    properties = row.get("properties")
    if not isinstance(properties, dict):
        raise NotAsPromised("has a row without 'properties'")
    times = {name: row[name] for name in TIMES if isinstance(row.get(name), str)}
    rest = {name: value for name, value in row.items() if name not in TIMES}
    return {
        **rest,
        **times,
        "id": _id(row, "id"),
        "properties": {name: _text(name, value) for name, value in properties.items()},
    }


def _id(row: Record, name: str) -> str:
    value = row.get(name)
    if not _is_id(value):
        raise NotAsPromised(f"has {value!r} in the place of {name!r}")
    return str(value)


def _is_id(value: object) -> bool:
    return bool(value) and isinstance(value, str | int) and not isinstance(value, bool)


def _name(row: Record) -> str:
    name = row.get("name")
    if not isinstance(name, str):
        raise NotAsPromised(f"has {name!r} in the place of 'name'")
    return name


def _text(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    raise NotAsPromised(f"has no text as property {name!r}")


def _time(row: Record, name: str) -> None:
    try:
        instant(row.get(name))
    except ValueError as error:
        raise NotAsPromised(f"has {row.get(name)!r} as the time {name!r}") from error


def _versions(row: Record, name: str) -> list[Record]:
    """None are given where the property never had a value."""
    history = row.get("propertiesWithHistory")
    versions = (history.get(name) or []) if isinstance(history, dict) else None if history else []
    if not isinstance(versions, list) or not all(_is_version(version) for version in versions):
        raise NotAsPromised(f"has a row whose history of {name!r} is none")
    if row["properties"].get(name) and not versions:
        raise NotAsPromised(f"has a row without the history of {name!r}")
    return versions


def _is_version(version: object) -> bool:
    return isinstance(version, dict) and isinstance(version.get("sourceType"), str | None)


def _linked(row: Record) -> Linked:
    others = _list(row, "to")
    if not isinstance(row.get("from"), dict) or not all(isinstance(other, dict) for other in others):
        raise NotAsPromised("has a row that associates nothing")
    return Linked(
        _id(row["from"], "id"),
        [_id(other, "toObjectId") for other in sorted(others, key=_secondary)],
        _after(row, others),
    )


def _secondary(other: Record) -> bool:
    types = other.get("associationTypes")
    known = [type_.get("typeId") for type_ in types if isinstance(type_, dict)] if isinstance(types, list) else []
    return PRIMARY_CONTACT not in known


def _after(told: Record, rows: Sequence[Record]) -> str | None:
    """Where the next page starts. Without any row on this one there is none that could end."""
    paging = told.get("paging") or {}
    following = (paging.get("next") or {}) if isinstance(paging, dict) else None
    if not isinstance(following, dict):
        raise NotAsPromised("has a 'paging' that is none")
    after = following.get("after")
    if after is None:
        return None
    if not rows:
        raise NotAsPromised("is an empty page that says there is more")
    return _id(following, "after")
