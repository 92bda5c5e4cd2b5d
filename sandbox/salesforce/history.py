"""Field history: what LeadHistory and its like remember of a change, while an admin has it tracked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tracked:
    """The object that remembers, where it names the record, and the status that is tracked beside the owner."""

    by: str
    link: str
    status: str = ""


TRACKED: Mapping[str, Tracked] = {
    "Lead": Tracked("LeadHistory", "LeadId", "Status"),
    "Contact": Tracked("ContactHistory", "ContactId"),
    "Inquiry__c": Tracked("Inquiry__History", "ParentId", "Status__c"),
}


def rows(
    of: Tracked, record: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str | None]
) -> list[Json]:
    """The rows for one change; `names` has the owners' names by id.

    A new owner makes two, one with ids and one with names; a conversion makes one without values.
    """
    return [{of.link: record, **row} for row in _rows(of, before, after, names)]


def _rows(
    of: Tracked, before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str | None]
) -> Iterator[Json]:
    old, new = before.get("OwnerId"), after.get("OwnerId")
    if old != new:
        yield _change("Owner", "EntityId", old, new)
        yield _change("Owner", "Text", names.get(str(old)), names.get(str(new)))
    if of.status and before.get(of.status) != after.get(of.status):
        yield _change(of.status, "Text", before.get(of.status), after.get(of.status))
    if after.get("IsConverted") and not before.get("IsConverted"):
        yield _change("leadConverted", "Text", None, None)


def _change(field: str, type: str, old: str | None, new: str | None) -> Json:
    return {"Field": field, "DataType": type, "OldValue": old, "NewValue": new}
