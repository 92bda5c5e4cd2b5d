"""A record as the API answers it."""

from collections.abc import Iterable, Sequence

from sandbox.hubspot import times
from sandbox.hubspot.exchange import Json
from sandbox.hubspot.kinds import CONTACT, Kind
from sandbox.hubspot.portal import PORTAL_ID, Change, Portal
from sandbox.store import Record

# How many versions of a property HubSpot keeps.
_VERSIONS_OF_A_CONTACT, _VERSIONS = 45, 20

# A write answers these beside what was written (recorded).
_ANSWERED_AFTER_A_WRITE = (
    "hs_is_unworked",
    "hs_object_source",
    "hs_object_source_id",
    "hs_object_source_label",
    "hs_pipeline",
    "lifecyclestage",
)
# Worked out a moment after the write that causes it, so the answer to that write does not have it yet.
_NOT_YET_ANSWERED = frozenset({"hubspot_owner_assigneddate"})


def as_json(
    portal: Portal, kind: Kind, record: Record, names: Sequence[str] = (), histories: Sequence[str] = ()
) -> Json:
    """The record with these properties, or the object type's few default ones. What is empty is null, what does not
    exist is left out. `histories` names the properties whose versions are wanted.
    """
    known = portal.properties.all(kind)
    wanted = {*(name for name in (names or kind.shown) if name in known), *_always(kind)}
    shown = _frame(kind, record, {name: record.fields.get(name) for name in sorted(wanted)})
    if histories:
        shown["propertiesWithHistory"] = {
            name: _versions(portal, kind, record, name) for name in histories if name in known
        }
    return shown


def after_creation(kind: Kind, record: Record) -> Json:
    """All that the new record has."""
    return _frame(kind, record, _settled(record, record.fields))


def after_a_change(kind: Kind, record: Record, written: Iterable[str]) -> Json:
    """What was written, and what HubSpot always adds to it."""
    return _frame(kind, record, _settled(record, {*written, *_ANSWERED_AFTER_A_WRITE, *_always(kind)}))


def _always(kind: Kind) -> tuple[str, str, str]:
    return kind.created, kind.modified, "hs_object_id"


def _settled(record: Record, names: Iterable[str]) -> dict[str, str]:
    return {name: record.fields[name] for name in sorted(names) if name in record.fields.keys() - _NOT_YET_ANSWERED}


def _frame(kind: Kind, record: Record, properties: Json) -> Json:
    shown = {
        "id": record.id,
        "properties": properties,
        "createdAt": times.written(times.in_ms(record.created)),
        "updatedAt": times.written(times.in_ms(record.modified)),
        "archived": record.deleted,
        "url": f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{kind.type_id}/{record.id}",
    }
    if record.deleted:
        shown["archivedAt"] = shown["updatedAt"]
    return shown


def _versions(portal: Portal, kind: Kind, record: Record, name: str) -> list[Json]:
    """Newest first."""
    kept = _VERSIONS_OF_A_CONTACT if kind is CONTACT else _VERSIONS
    return [_version(change) for change in portal.history(record, name)[-kept:][::-1]]


def _version(change: Change) -> Json:
    shown: Json = {
        "value": change.value,
        "timestamp": times.written(change.at),
        "sourceType": change.author.source,
        "sourceId": change.author.id,
    }
    if change.author.user_id is not None:
        shown["updatedByUserId"] = change.author.user_id
    return shown
