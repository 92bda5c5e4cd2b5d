"""The field history of leads: what LeadHistory remembers of a change."""

from collections.abc import Iterator, Mapping
from typing import Any

TRACKED = "Lead"
Json = dict[str, Any]


def rows(lead: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str | None]) -> list[Json]:
    """The rows for one change; `names` has the owners' names by id.

    A new owner makes two, one with ids and one with names; a conversion makes one without values.
    """
    return [{"LeadId": lead, **row} for row in _rows(before, after, names)]


def _rows(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str | None]) -> Iterator[Json]:
    old, new = before.get("OwnerId"), after.get("OwnerId")
    if old != new:
        yield _change("Owner", "EntityId", old, new)
        yield _change("Owner", "Text", names.get(str(old)), names.get(str(new)))
    if before.get("Status") != after.get("Status"):
        yield _change("Status", "Text", before.get("Status"), after.get("Status"))
    if after.get("IsConverted") and not before.get("IsConverted"):
        yield _change("leadConverted", "Text", None, None)


def _change(field: str, type: str, old: str | None, new: str | None) -> Json:
    return {"Field": field, "DataType": type, "OldValue": old, "NewValue": new}
