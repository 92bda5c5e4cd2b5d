"""Fields of the contact behind a lead of the Sales Hub: `contact.email` in `crm/hubspot.yaml`.

A lead itself knows little more than its name. Its contact is found and read with two calls for a hundred leads, and
only where the mapping names a field of it: 0.02 calls a lead on top.
"""

from collections.abc import Iterable, Sequence

from connectors.batches import chunks
from connectors.hubspot.answers import Record
from connectors.hubspot.kinds import KINDS, Kind
from connectors.hubspot.portal import PAGE, Portal, Read

PREFIX = "contact."


def own(fields: Iterable[str]) -> list[str]:
    """The fields that stand on the record itself."""
    return [field for field in fields if not field.startswith(PREFIX)]


def with_theirs(portal: Portal, kind: Kind, rows: Sequence[Record], fields: Iterable[str]) -> Read[Record]:
    """The same records in their order, with the mapped fields of their contacts among the properties; those whose
    contacts could not be read just now are to be read later themselves."""
    wanted = [field.removeprefix(PREFIX) for field in fields if field.startswith(PREFIX)]
    if not wanted or not rows:
        return Read({row["id"]: row for row in rows}, {})
    path = KINDS["contact"].path
    contact_of: dict[str, str] = {}
    later: dict[str, str] = {}
    for chunk in chunks([row["id"] for row in rows], PAGE):
        associated = portal.associated_each(kind.path, path, chunk)
        contact_of |= {lead: ids[0] for lead, ids in associated.found.items() if ids}
        later |= associated.later
    contacts: dict[str, Record] = {}
    for part in chunks(sorted(set(contact_of.values())), PAGE):
        read = portal.read_each(path, part, wanted)
        contacts |= read.found
        later |= {lead: read.later[contact] for lead, contact in contact_of.items() if contact in read.later}
    there = [row for row in rows if row["id"] not in later]
    return Read({row["id"]: _with(row, contacts.get(contact_of.get(row["id"], "")), wanted) for row in there}, later)


def _with(row: Record, contact: Record | None, wanted: Sequence[str]) -> Record:
    theirs = {f"{PREFIX}{name}": contact["properties"].get(name) if contact else None for name in wanted}
    return {**row, "properties": {**row["properties"], **theirs}}
