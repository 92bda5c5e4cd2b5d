"""One HubSpot account: its records, and the verbs that change them. Nothing here knows HTTP.

A record's current values are the fields of its row in the store, empty ones absent; what they were before lies beside
it in a row of its own, because only histories are asked for and only a few of them.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sandbox.hubspot import times
from sandbox.hubspot.authors import A_CALCULATION, A_MERGE, THE_API, Author
from sandbox.hubspot.computed import after_an_owner_change, at_creation
from sandbox.hubspot.definitions import Definition, stored
from sandbox.hubspot.errors import Invalid, contact_exists, invalid_request, invalid_values, missing_properties
from sandbox.hubspot.kinds import CONTACT, Kind
from sandbox.hubspot.owners import Owners
from sandbox.hubspot.properties import PropertyBook
from sandbox.store import Author as Hand
from sandbox.store import OwnerChange, Record
from sandbox.world import World

CRM = "hubspot"
PORTAL_ID = 147893286
OWNER = "hubspot_owner_id"
PURGED = "purged"
VALIDATED_SINCE = "2026-09"

# Ids are one sequence for all objects, so that an association can never be mistaken for another's.
_FIRST_ID = 211_762_804_601


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one property; `at` in ms. The empty text is a cleared value."""

    value: str
    at: int
    author: Author


@dataclass(frozen=True, slots=True)
class Happening:
    """Something webhooks may tell: `what` is creation, deletion, restore, privacyDeletion, propertyChange or merge."""

    what: str
    kind: Kind
    id: str
    at: int
    author: Author
    property: str = ""
    value: str = ""
    merged: tuple[str, ...] = ()


class Watcher(Protocol):
    """Whoever has to know about changes: the search index and the webhooks."""

    def wrote(self, kind: Kind, record: Record) -> None:
        """The record stands like this now."""
        ...

    def happened(self, happening: Happening) -> None:
        """This is why."""
        ...


class Portal:
    """The records of one account. Each verb is one step: it validates first, and then writes all of it."""

    def __init__(self, world: World, properties: PropertyBook, owners: Owners, watchers: Sequence[Watcher]) -> None:
        self.world = world
        self.properties = properties
        self.owners = owners
        self._store = world.store
        self._watchers = watchers
        self.rules: dict[str, list[str]] = {}
        """properties that an admin demands, by plural name; only paths of 2026-09 hold writes against them"""
        self.unreadable: dict[str, frozenset[str]] = {}
        """ids of which batch reads cannot show the `records`, or the `associations`, just now"""

    def now(self) -> int:
        """Business time in ms."""
        return times.in_ms(self.world.clock.now())

    def find(self, kind: Kind, key: str, id_property: str | None = None) -> Record | None:
        """The record of that id, archived ones included, and a merged one as what it became; or the live one that has
        this value in a property which no two records share. Refusal 400 for another property.
        """
        if id_property and id_property != "hs_object_id":
            definition = self.properties.get(kind, id_property)
            if definition is None or not definition.unique:
                raise invalid_request(f"{id_property} is not a unique property of {kind.shouted}")
            found = self._store.where(CRM, kind.plural, id_property, key.lower() if id_property == "email" else key)
            return next((record for record in found if not record.deleted), None)
        merged = self._store.get(CRM, "merges", key)
        record = self._store.get(CRM, kind.plural, merged.fields["into"] if merged else key)
        return None if record is None or PURGED in record.fields else record

    def live(self, kind: Kind, key: str, id_property: str | None = None) -> Record | None:
        """The same, unless it is archived."""
        record = self.find(kind, key, id_property)
        return None if record is None or record.deleted else record

    def all(self, kind: Kind, archived: bool = False) -> list[Record]:
        """Every record of a kind in order of creation."""
        return [
            record
            for record in self._store.all(CRM, kind.plural)
            if record.deleted is archived and PURGED not in record.fields
        ]

    def history(self, record: Record, name: str) -> list[Change]:
        """The property's versions, oldest first."""
        kept = self._store.get(CRM, f"{record.kind}.history", record.id)
        versions = kept.fields.get(name, ()) if kept else ()
        return [Change(value, at, Author(source, by, user)) for value, at, source, by, user in versions]

    def checked(self, kind: Kind, sent: Mapping[str, Any], by_hand: bool = False) -> dict[str, str] | list[Invalid]:
        """The values as they will be stored, or everything that is wrong with them. A null changes nothing.

        `by_hand`: through the control API, where a test may set what HubSpot computes.
        """
        values: dict[str, str] = {}
        problems: list[Invalid] = []
        owners = self.owners.active
        for name, raw in sent.items():
            definition = self.properties.get(kind, name)
            if raw is None and definition:
                continue
            value = _checked_value(definition, name, raw, owners, by_hand)
            if isinstance(value, Invalid):
                problems.append(value)
            else:
                values[name] = value
        return problems or values

    def refuse_incomplete(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Refusal 400 where a new record lacks what its object type demands."""
        missing = [name for name in kind.required if not values.get(name)]
        if missing:
            raise missing_properties(kind.shouted, missing)

    def refuse_against_rules(self, kind: Kind, values: Mapping[str, str], version: str) -> None:
        """Refusal 400 where a write by a path of 2026-09 leaves a property empty that an admin demands."""
        missing = [name for name in self.rules.get(kind.plural, ()) if not values.get(name)]
        if missing and version >= VALIDATED_SINCE and not version.startswith("v"):
            raise missing_properties(kind.shouted, missing)

    def refuse_taken_address(self, kind: Kind, values: Mapping[str, str], own_id: str | None) -> None:
        """Refusal 409 where another contact has this e-mail address."""
        address = values.get("email") if kind is CONTACT else None
        holder = self.live(kind, address, "email") if address else None
        if holder and holder.id != own_id:
            raise contact_exists(holder.id)

    def create(self, kind: Kind, values: Mapping[str, str], author: Author) -> Record:
        """A new record of checked values. Refusal 400 without a required property, 409 for an address taken."""
        self.refuse_incomplete(kind, values)
        self.refuse_taken_address(kind, values, None)
        at = self.now()
        sent = {name: value for name, value in values.items() if value}
        born = times.read(sent[kind.created]) if kind.created in sent else at
        record_id = str(_FIRST_ID + self._store.new_number(CRM, "ids"))
        record = Record(CRM, kind.plural, record_id, {}, times.moment(born), times.moment(at), time.time())
        record = self._write(kind, record, {**at_creation(kind, record_id, sent, at, author), **sent}, at, author)
        self._tell(Happening("creation", kind, record_id, at, author))
        self._tell_changes(kind, record, sent, at, author)
        return self._compute(kind, record, sent)

    def change(self, kind: Kind, record: Record, values: Mapping[str, str], author: Author) -> Record:
        """The record with checked values laid over it. What does not differ is not a change: no time moves, no history
        grows, no webhook is sent (recorded: an update repeated a day later answered the first one's updatedAt).
        """
        values = {name: value for name, value in values.items() if value != record.fields.get(name, "")}
        if not values:
            return record
        self.refuse_taken_address(kind, values, record.id)
        at = self.now()
        record = self._write(kind, record, {**values, kind.modified: times.written(at)}, at, author)
        self._tell_changes(kind, record, values, at, author)
        return self._compute(kind, record, values)

    def archive(self, kind: Kind, record: Record, author: Author) -> None:
        """Into the recycle bin: reads by id answer as for an unknown one."""
        gone = self._store.change(record, {}, self.world.clock.now(), deleted=True)
        for watcher in self._watchers:
            watcher.wrote(kind, gone)
        self._tell(Happening("deletion", kind, record.id, self.now(), author))

    def restore(self, kind: Kind, record: Record, author: Author) -> Record:
        """Out of the recycle bin, as it was. Refusal 409 where its address has been taken meanwhile."""
        self.refuse_taken_address(kind, record.fields, record.id)
        back = self._store.change(record, {}, self.world.clock.now(), deleted=False)
        for watcher in self._watchers:
            watcher.wrote(kind, back)
        self._tell(Happening("restore", kind, record.id, self.now(), author))
        return back

    def purge(self, kind: Kind, record: Record, author: Author) -> None:
        """Nothing of the record is left, nor of its history; not even an archived read finds it."""
        now = self.world.clock.now()
        gone = self._store.put(replace(record, fields={PURGED: "true"}, modified=now, deleted=True, owner_changes=()))
        kept = self._store.get(CRM, f"{record.kind}.history", record.id)
        if kept:
            self._store.put(replace(kept, fields={}))
        for watcher in self._watchers:
            watcher.wrote(kind, gone)
        self._tell(Happening("privacyDeletion", kind, record.id, self.now(), author))

    def merge(self, kind: Kind, primary: Record, other: Record) -> Record:
        """One record of two, under a new id, which both former ids lead to from now on. The primary's values win."""
        values = {**other.fields, **primary.fields}
        for former in (primary, other):
            gone = self._store.change(former, {}, self.world.clock.now(), deleted=True)
            for watcher in self._watchers:
                watcher.wrote(kind, gone)
        own = {name for name, definition in self.properties.all(kind).items() if definition.read_only}
        merged = self.create(kind, {name: value for name, value in values.items() if name not in own}, A_MERGE)
        ids = (primary.id, other.id)
        merged = self._write(kind, merged, {"hs_merged_object_ids": ";".join(ids)}, self.now(), A_CALCULATION)
        for former_id in ids:
            self._store.add(CRM, "merges", former_id, {"into": merged.id}, self.world.clock.now())
        self._tell(Happening("merge", kind, primary.id, self.now(), A_MERGE, value=merged.id, merged=ids))
        return merged

    def set_computed(self, kind: Kind, record: Record, values: Mapping[str, str]) -> Record:
        """Values that HubSpot works out itself. They move the record's modified time, as any change does."""
        return self.change(kind, record, values, A_CALCULATION)

    def _compute(self, kind: Kind, record: Record, values: Mapping[str, str]) -> Record:
        if OWNER not in values:
            return record
        return self.set_computed(kind, record, after_an_owner_change(kind, values[OWNER], self.now()))

    def _write(self, kind: Kind, record: Record, values: Mapping[str, str], at: int, author: Author) -> Record:
        fields = {name: value for name, value in {**record.fields, **values}.items() if value}
        changes = record.owner_changes
        if OWNER in values:
            by: Hand = "api" if author is THE_API else "person"
            changes = (*changes, OwnerChange(times.moment(at), values[OWNER] or None, by, time.time()))
        record = self._store.put(replace(record, fields=fields, modified=times.moment(at), owner_changes=changes))
        self._remember(record, values, at, author)
        for watcher in self._watchers:
            watcher.wrote(kind, record)
        return record

    def _remember(self, record: Record, values: Mapping[str, str], at: int, author: Author) -> None:
        kind, when = f"{record.kind}.history", times.moment(at)
        kept = self._store.get(CRM, kind, record.id) or self._store.add(CRM, kind, record.id, {}, when)
        version = (at, author.source, author.id, author.user_id)
        self._store.change(
            kept, {name: [*kept.fields.get(name, ()), (value, *version)] for name, value in values.items()}, when
        )

    def _tell_changes(self, kind: Kind, record: Record, values: Mapping[str, str], at: int, author: Author) -> None:
        for name, value in values.items():
            self._tell(Happening("propertyChange", kind, record.id, at, author, name, value))

    def _tell(self, happening: Happening) -> None:
        for watcher in self._watchers:
            watcher.happened(happening)


def _checked_value(
    definition: Definition | None, name: str, raw: object, owners: Collection[str], by_hand: bool
) -> str | Invalid:
    if definition is None:
        return Invalid(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST")
    if definition.read_only and not by_hand:
        return Invalid(name, f'"{name}" is a read only property; its value cannot be set.', "READ_ONLY_VALUE")
    return stored(definition, raw, owners)


def all_or_refuse(checked: Iterable[dict[str, str] | list[Invalid]]) -> list[dict[str, str]]:
    """The values of every row, or one refusal that names what is wrong in all of them: how HubSpot takes a batch."""
    rows, problems = [], []
    for row in checked:
        if isinstance(row, list):
            problems += row
        else:
            rows.append(row)
    if problems:
        raise invalid_values(problems)
    return rows
