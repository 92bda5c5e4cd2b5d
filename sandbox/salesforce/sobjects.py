"""Rows one at a time, and what the org says about its objects."""

from typing import Any

from sandbox.salesforce import conditional, rows
from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, no_such_column, not_found
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS, NUMBER_TYPES, Field, Kind
from sandbox.salesforce.soql.plan import row_attributes, value_of
from sandbox.store import Record

Json = dict[str, Any]


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("sobjects", GET=_every_kind)
    endpoints.add("sobjects/{kind}", GET=_kind, POST=_create)
    endpoints.add("sobjects/{kind}/describe", GET=_describe)
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


def _every_kind(call: Call) -> Answer:
    conditional.check_read(call.headers, call.org.schema_changed)
    seen = [kind for name in KINDS if (kind := call.org.visible(name))]
    described = [_about(kind, call.base) for kind in seen]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": described}, _changed(call))


def _kind(call: Call, kind: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    return Answer(200, {"objectDescribe": _about(seen, call.base), "recentItems": []})


def _describe(call: Call, kind: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    conditional.check_read(call.headers, call.org.schema_changed)
    fields = [_about_field(call.org, seen, field) for field in seen.fields.values()]
    return Answer(200, {**_about(seen, call.base), "fields": fields, "childRelationships": []}, _changed(call))


def _changed(call: Call) -> dict[str, str]:
    return {"Last-Modified": conditional.http_date(call.org.schema_changed)}


def _about(kind: Kind, base: str) -> Json:
    urls = {
        "sobject": f"{base}/sobjects/{kind.name}",
        "describe": f"{base}/sobjects/{kind.name}/describe",
        "rowTemplate": f"{base}/sobjects/{kind.name}/{{ID}}",
    }
    able = dict.fromkeys(("createable", "updateable", "deletable", "queryable", "retrieveable", "replicateable"), True)
    names = {"name": kind.name, "label": kind.name, "labelPlural": f"{kind.name}s", "keyPrefix": kind.prefix}
    return {**names, "custom": kind.name.endswith("__c"), **able, "urls": urls}


def _about_field(org: Org, kind: Kind, field: Field) -> Json:
    editable = org.may_edit(kind.name, field.name)
    long_text = field.type == "textarea" and field.length > 255
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "length": field.length,
        "precision": field.precision,
        "scale": field.scale,
        "custom": field.custom,
        "createable": field.createable and editable,
        "updateable": field.updateable and editable,
        "nillable": not field.required and field.type not in ("id", "boolean") and field.name != "OwnerId",
        "defaultedOnCreate": field.default is not None or field.name == "OwnerId",
        "filterable": not long_text,
        "sortable": not long_text,
        "groupable": not long_text and field.type not in NUMBER_TYPES - {"int"} and field.type != "datetime",
        "polymorphicForeignKey": field.polymorphic,
        "referenceTo": list(field.refers),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in field.values
        ],
    }
