"""Records named by another field than their id, for reading and for writing whatever is there (upsert)."""

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce import rows
from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import Author
from sandbox.salesforce.schema import Field, Kind
from sandbox.salesforce.sobjects import row
from sandbox.store import Record

LOOKED_UP = frozenset({"Id", "Email", "Username"})
"""standard fields that name records; of custom ones those whose metadata says `externalId`"""


class Several(Exception):
    """More than one record has the value; the answer is 300 with their addresses."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__()
        self.ids = ids


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("sobjects/{kind}/{field}/{value}", GET=_get, PATCH=_upsert)


def naming_field(org: Org, kind: Kind, name: str) -> Field:
    """The field by which records can be named; NOT_FOUND where it is none."""
    field = kind.field(name)
    if field is None or not (field.name in LOOKED_UP or _is_external(org, kind, field)):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def upserted(
    org: Org, kind: Kind, author: Author, field: Field, value: Any, values: Mapping[str, Any]
) -> tuple[Record, bool]:
    """The record, and whether it was created. MISSING_ARGUMENT without a value, but by id that creates."""
    if value is None and field.name != "Id":
        raise Refused("MISSING_ARGUMENT", f"{field.name} not specified", [])
    record = named(org, kind, field, value)
    others = {name: given for name, given in values.items() if name.lower() != field.name.lower()}
    if record:
        return rows.updated(org, kind, record.id, others, author), False
    if field.name != "Id":
        others[field.name] = value
    elif value is not None:
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [], 404)
    return rows.created(org, kind, others, author), True


def upserted_row(org: Org, kind: Kind, author: Author, field: Field, values: Mapping[str, Any]) -> tuple[Record, bool]:
    """The same for one row among many, which holds the value too and where an ambiguous one is an error of the row."""
    value = next((given for name, given in values.items() if name.lower() == field.name.lower()), None)
    try:
        return upserted(org, kind, author, field, value, values)
    except Several as several:
        text = f"{field.name}: more than one record found for external id field: {several.ids}"
        raise Refused("DUPLICATE_EXTERNAL_ID", text, []) from several


def named(org: Org, kind: Kind, field: Field, value: Any) -> Record | None:
    """The record whose field says so, whatever the case of its letters."""
    if field.name == "Id":
        record = org.find(read_id(value))
        return record if record and record.kind == kind.name and not record.deleted else None
    wanted = str(value).lower()
    found = [
        record
        for record in org.all(kind.name)
        if not record.deleted and str(record.fields.get(field.name, "")).lower() == wanted
    ]
    if len(found) > 1:
        raise Several([record.id for record in found])
    return found[0] if found else None


def _get(call: Call, kind: str, field: str, value: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    try:
        record = named(call.org, seen, naming_field(call.org, seen, field), value)
    except Several as several:
        return _which(call, seen, several)
    if record is None:
        raise not_found()
    names = call.params["fields"].split(",") if call.params.get("fields") else None
    return Answer(200, row(record, seen, call.base, names))


def _upsert(call: Call, kind: str, field: str, value: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    naming = naming_field(call.org, seen, field)
    try:
        record, created = upserted(call.org, seen, call.author, naming, value, call.object_body())
    except Several as several:
        return _which(call, seen, several)
    body = {"id": record.id, "success": True, "errors": [], "created": created}
    return Answer(201 if created else 200, body)


def _which(call: Call, kind: Kind, several: Several) -> Answer:
    return Answer(300, [f"{call.base}/sobjects/{kind.name}/{id}" for id in several.ids])


def _is_external(org: Org, kind: Kind, field: Field) -> bool:
    return any(
        made.fields["TableEnumOrId"] == kind.name and not made.deleted and made.fields["Metadata"].get("externalId")
        for made in org.where("CustomField", "DeveloperName", field.name.removesuffix("__c"))
    )
