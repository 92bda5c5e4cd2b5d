"""POST /crm/v3/objects/{objectType}/search, over an index that may lag behind the records.

The index keeps, for each record, the values it had when it was last indexed: with a lag, an answer shows the record as
it was, and misses what is new. Reads by id know no lag.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sandbox.hubspot.associations import Associations
from sandbox.hubspot.definitions import Comparable, Definition, comparable
from sandbox.hubspot.errors import Refusal, invalid_json, invalid_request
from sandbox.hubspot.exchange import Answer, Call, Json, bounded, field_of, page
from sandbox.hubspot.kinds import COMPANY, CONTACT, KINDS, Kind, kind_called
from sandbox.hubspot.portal import Happening, Portal
from sandbox.hubspot.shown import as_json
from sandbox.store import Record

MOST_GROUPS, MOST_FILTERS_IN_GROUP, MOST_FILTERS = 5, 6, 18
LARGEST_PAGE, DEFAULT_PAGE = 200, 10
CAP = 10_000
LONGEST_BODY = 3_000

# What `query` looks into.
_SEARCHED = {
    CONTACT: ("firstname", "lastname", "email", "phone", "mobilephone", "company"),
    COMPANY: ("name", "domain", "website", "phone"),
}


@dataclass(slots=True)
class Indexed:
    """A record as the index knows it. Comparable values are worked out once and kept."""

    record: Record
    parsed: dict[str, Comparable | None] = field(default_factory=dict)

    def value(self, name: str, definition: Definition | None) -> Comparable | None:
        if name not in self.parsed:
            text = self.record.fields.get(name)
            self.parsed[name] = comparable(definition, text) if text else None
        return self.parsed[name]


Test = Callable[[Indexed], bool]


class Index:
    """Every live record by kind and id, as of `lag_seconds` of business time ago."""

    def __init__(self) -> None:
        self.lag_seconds = 0.0
        self._rows: dict[Kind, dict[str, Indexed]] = {kind: {} for kind in KINDS}
        self._waiting: deque[tuple[int, Kind, Record]] = deque()
        self._clock: Callable[[], int] = int

    def start(self, portal: Portal) -> None:
        """Index what there is, at once."""
        self._clock = portal.now
        self._waiting.clear()
        self._rows = {kind: {record.id: Indexed(record) for record in portal.all(kind)} for kind in KINDS}

    def wrote(self, kind: Kind, record: Record) -> None:
        self._waiting.append((self._clock(), kind, record))

    def happened(self, happening: Happening) -> None:
        """The index only cares for what a record is."""

    def rows(self, kind: Kind) -> list[Indexed]:
        """What a search sees now."""
        visible = self._clock() - int(self.lag_seconds * 1000)
        # Without a lag nothing waits, even where a test has put the clock back.
        while self._waiting and (not self.lag_seconds or self._waiting[0][0] <= visible):
            _, owner_kind, record = self._waiting.popleft()
            if record.deleted:
                self._rows[owner_kind].pop(record.id, None)
            else:
                self._rows[owner_kind][record.id] = Indexed(record)
        return list(self._rows[kind].values())


class Search:
    """The search call."""

    def __init__(self, portal: Portal, associations: Associations, index: Index) -> None:
        self._portal = portal
        self._associations = associations
        self._index = index

    def find(self, call: Call) -> Answer:
        """One page of what matches: the total, the records, and the offset of the next page as text."""
        kind, asked = kind_called(call.words["kind"]), call.json()
        if len(call.text) > LONGEST_BODY:
            raise invalid_request(f"The request body is too long: {len(call.text)} characters, at most {LONGEST_BODY}")
        limit = bounded("limit", asked.get("limit"), DEFAULT_PAGE, LARGEST_PAGE)
        after = _offset(asked.get("after"), limit)
        test = self._test(kind, asked.get("filterGroups") or [])
        words = str(asked.get("query") or "").lower().split()
        found = [row for row in self._index.rows(kind) if test(row) and _has_words(kind, row, words)]
        self._sort(kind, found, asked.get("sorts") or [])
        names = [str(name) for name in asked.get("properties") or []]
        results = [as_json(self._portal, kind, row.record, names) for row in found[after : after + limit]]
        more = str(after + limit) if len(found) > after + limit else None
        return Answer(200, {"total": len(found), **page(results, more)})

    def _sort(self, kind: Kind, found: list[Indexed], sorts: Sequence[Any]) -> None:
        if len(sorts) > 1:
            raise invalid_request("Only one sort is supported")
        by = sorts[0] if sorts else {"propertyName": kind.created}
        by = {"propertyName": by} if isinstance(by, str) else by
        name = field_of(by, "propertyName")
        definition = self._portal.properties.get(kind, name)
        if definition is None:
            raise _unknown_property(name)
        descending = by.get("direction", "ASCENDING") == "DESCENDING"
        # Records without the value come last either way; ids settle what is equal.
        having = [row for row in found if row.value(name, definition) is not None]
        lacking = [row for row in found if row.value(name, definition) is None]
        having.sort(key=lambda row: int(row.record.id))

        def place(row: Indexed) -> Any:  # of one type for all rows, because the property has one
            return row.value(name, definition)

        having.sort(key=place, reverse=descending)
        found[:] = [*having, *lacking]

    def _test(self, kind: Kind, groups: Sequence[Any]) -> Test:
        """Any group of which every filter holds."""
        filters = [group.get("filters") or [] for group in groups if isinstance(group, dict)]
        if len(groups) > MOST_GROUPS:
            raise invalid_request(f"The maximum number of filter groups is {MOST_GROUPS}, but there are {len(groups)}")
        if any(len(group) > MOST_FILTERS_IN_GROUP for group in filters) or sum(map(len, filters)) > MOST_FILTERS:
            raise invalid_request(
                f"At most {MOST_FILTERS_IN_GROUP} filters are allowed in a group, and {MOST_FILTERS} in all"
            )
        tests = [[self._filter(kind, one) for one in group] for group in filters]
        if not tests:
            return lambda _: True
        return lambda row: any(all(test(row) for test in group) for group in tests)

    def _filter(self, kind: Kind, asked: Json) -> Test:
        name, operator = field_of(asked, "propertyName"), field_of(asked, "operator")
        if name.startswith("associations."):
            return self._associated(kind_called(name.partition(".")[2]), operator, asked)
        definition = self._portal.properties.get(kind, name)
        if definition is None:
            raise _unknown_property(name)
        make = _OPERATORS.get(operator)
        if make is None:
            raise invalid_json(f"{operator} is not a known operator")
        accepts = make(definition, asked)
        return lambda row: accepts(row.value(name, definition))

    def _associated(self, to: Kind, operator: str, asked: Json) -> Test:
        if operator not in ("EQ", "IN"):
            raise invalid_request(f"{operator} is not supported for associations")
        wanted = {str(value) for value in asked.get("values") or [field_of(asked, "value")]}
        return lambda row: not wanted.isdisjoint(self._associations.of(row.record.id, to))


Accepts = Callable[[Comparable | None], bool]


def _one(definition: Definition, asked: Json, key: str = "value") -> Comparable:
    text = field_of(asked, key)
    try:
        value = comparable(definition, text)
    except (ValueError, OverflowError):
        raise invalid_request(f"{text} is not a value for the {definition.type} property {definition.name}") from None
    if definition.type == "datetime" and value == 0:
        # A quirk of the real search: the epoch itself is answered with a server error.
        raise Refusal(500, "internal error")
    return value


def _many(definition: Definition, asked: Json) -> set[Comparable]:
    values = asked.get("values")
    if not isinstance(values, list) or not values:
        raise invalid_json("Some required fields were not set: [values]")
    if definition.type == "string":
        # Text is indexed in lower case and these are not touched: a capital letter in them never matches.
        return {str(value) for value in values}
    return {_one(definition, {"value": value}) for value in values}


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Definition, Json], Accepts]:
    """An operator that never holds for a record without the value."""

    def make(definition: Definition, asked: Json) -> Accepts:
        wanted = _one(definition, asked)
        return lambda value: value is not None and holds(value, wanted)

    return make


def _between(definition: Definition, asked: Json) -> Accepts:
    low: Any = _one(definition, asked)
    high: Any = _one(definition, asked, "highValue")
    return lambda value: value is not None and low <= value <= high


def _in(definition: Definition, asked: Json) -> Accepts:
    wanted = _many(definition, asked)
    return lambda value: value in wanted


def _not_in(definition: Definition, asked: Json) -> Accepts:
    unwanted = _many(definition, asked)
    return lambda value: value is not None and value not in unwanted


def _has(_definition: Definition, _asked: Json) -> Accepts:
    return lambda value: value is not None


def _has_not(_definition: Definition, _asked: Json) -> Accepts:
    return lambda value: value is None


def _token(_definition: Definition, asked: Json) -> Accepts:
    pattern = field_of(asked, "value").lower()
    return lambda value: value is not None and _contains_token(str(value).lower(), pattern)


def _no_token(definition: Definition, asked: Json) -> Accepts:
    contains = _token(definition, asked)
    return lambda value: value is not None and not contains(value)


def _contains_token(text: str, pattern: str) -> bool:
    """Whole words, with `*` for any characters; a pattern with a mark in it (an address) is held against the text."""
    words = re.split(r"[^\w*]+", text)
    return fnmatchcase(text, pattern) or any(fnmatchcase(word, pattern) for word in words)


# NEQ and NOT_IN leave out records that have no value at all: whoever wants them adds a group with NOT_HAS_PROPERTY.
_OPERATORS: Mapping[str, Callable[[Definition, Json], Accepts]] = {
    "EQ": _compared(lambda value, wanted: value == wanted),
    "NEQ": _compared(lambda value, wanted: value != wanted),
    "LT": _compared(lambda value, wanted: value < wanted),
    "LTE": _compared(lambda value, wanted: value <= wanted),
    "GT": _compared(lambda value, wanted: value > wanted),
    "GTE": _compared(lambda value, wanted: value >= wanted),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": _not_in,
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _has_not,
    "CONTAINS_TOKEN": _token,
    "NOT_CONTAINS_TOKEN": _no_token,
}


def _offset(after: object, limit: int) -> int:
    text = "0" if after in (None, "") else str(after)
    if not text.isdigit():
        raise invalid_request(f"after must be a whole number, but was {text}")
    if int(text) + limit > CAP:
        raise Refusal(400, "There was a problem with the request.")
    return int(text)


def _has_words(kind: Kind, row: Indexed, words: Sequence[str]) -> bool:
    if not words:
        return True
    fields = row.record.fields
    text = " ".join(fields[name].lower() for name in _SEARCHED.get(kind, ()) if name in fields)
    return all(word in text for word in words)


def _unknown_property(name: str) -> Refusal:
    return Refusal(400, f"There was a problem with the request. Property {name} does not exist.", "VALIDATION_ERROR")
