"""Rows one at a time."""

from typing import Any

from sandbox.salesforce import conditional, describe, replication, rows
from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, no_such_column, not_found
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.schema import Kind
from sandbox.salesforce.shown import row_attributes, value_of
from sandbox.store import Record

Json = dict[str, Any]


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("sobjects", GET=describe.every_kind)
    endpoints.add("sobjects/{kind}", GET=describe.kind, POST=_create)
    endpoints.add("sobjects/{kind}/describe", GET=describe.fields_of_kind)
    endpoints.add("sobjects/{kind}/updated", GET=replication.updated)
    endpoints.add("sobjects/{kind}/deleted", GET=replication.deleted)
    endpoints.add("sobjects/{kind}/{id}", GET=_get, PATCH=_update, DELETE=_delete)


def row(record: Record, kind: Kind, base: str, names: list[str] | None = None) -> Json:
    """The record as the API shows it: every field, or those that were named. Refused for a name that is not there."""
    fields = []
    for name in names if names is not None else kind.fields:
        field = kind.field(name)
        if field is None:
            raise no_such_column(name, kind.name)
        fields.append(field)
    values = {field.name: value_of(field)(record) for field in fields}
    return {"attributes": row_attributes(record, base), **values}


def _get(call: Call, kind: str, id: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    record = call.org.find(read_id(id))
    if record is None or record.kind != seen.name:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {id}")
    if record.deleted:
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", [], 404)
    conditional.check(call.headers, record)
    names = call.params["fields"].split(",") if call.params.get("fields") else None
    return Answer(200, row(record, seen, call.base, names))


def _create(call: Call, kind: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    record = rows.created(call.org, seen, call.object_body(), call.author)
    location = {"Location": f"{call.base}/sobjects/{seen.name}/{record.id}"}
    return Answer(201, {"id": record.id, "success": True, "errors": []}, location)


def _update(call: Call, kind: str, id: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    conditional.check(call.headers, rows.alive(call.org, seen, id))
    rows.updated(call.org, seen, id, call.object_body(), call.author)
    return Answer(204)


def _delete(call: Call, kind: str, id: str) -> Answer:
    rows.deleted(call.org, rows.kind_of(call.org, kind), id, call.author)
    return Answer(204)
