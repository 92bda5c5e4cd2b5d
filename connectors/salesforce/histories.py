"""Who had a lead when, and what its status was: the field history of its object, as far as an admin has it tracked."""

from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.base import Refused
from connectors.batches import chunks
from connectors.salesforce import records, soql
from connectors.salesforce.lead_objects import LeadObject
from connectors.salesforce.org import Org, Record
from connectors.values import instant
from domain.leads import History, LeadKey, Version

OWNER = "Owner"
"""How a change of `OwnerId` is called there."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 200


def of(org: Org, kind: LeadObject, status: str | None, ids: Sequence[str], account: str) -> list[History]:
    """The histories of these leads, one call for 200. Nothing of a field that is not tracked, nor where the object has
    no history, or our user does not see it. `status` is the field that holds it, where there is one."""
    rows: dict[str, list[Record]] = {}
    for chunk in chunks([id for id in ids if soql.is_id(id)], _AT_ONCE):
        for row in _rows(org, kind, [OWNER, *([status] if status else [])], chunk):
            rows.setdefault(soql.short(row[kind.history[1]]), []).append(row)
    return [_history(rows.get(soql.short(id), ()), status, LeadKey(records.CRM, account, kind.name, id)) for id in ids]


def _rows(org: Org, kind: LeadObject, fields: Sequence[str], ids: Sequence[str]) -> list[Record]:
    of, link = kind.history
    where = f"{link} IN {soql.texts(ids)} AND Field IN {soql.texts(fields)}"
    asked = (link, "Field", "OldValue", "NewValue", "CreatedDate")
    try:
        return org.query(soql.select(asked, of, where, "ORDER BY CreatedDate, Id"))
    except Refused as problem:
        if "INVALID_TYPE" not in str(problem):
            raise
        return []


def _history(rows: Sequence[Record], status: str | None, key: LeadKey) -> History:
    # A new owner makes two rows: one with ids, one with names.
    owners = [row for row in rows if row["Field"] == OWNER and soql.is_id(str(row["NewValue"]))]
    statuses = [row for row in rows if row["Field"] == status]
    return History(
        key,
        tuple(Version(one.at, soql.long(one.value) if one.value else None) for one in _versions(owners)),
        tuple(_versions(statuses)),
    )


def _versions(rows: Sequence[Record]) -> list[Version]:
    """There is no row of how a record began: the first change tells what was there before."""
    before = [Version(_BEGINNING, _text(rows[0]["OldValue"]))] if rows else []
    return [*before, *(Version(instant(row["CreatedDate"]), _text(row["NewValue"])) for row in rows)]


def _text(value: object) -> str | None:
    return str(value) if value not in (None, "") else None
