"""What the org says about its objects and their fields, as far as the integration user sees them.

Queries ask the same `schema`, so that what describe calls filterable can be filtered.
"""

from typing import Any

from sandbox.salesforce import conditional, rows
from sandbox.salesforce.api import Answer, Call
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS, Field, Kind

Json = dict[str, Any]

MERGED = frozenset({"Lead", "Contact", "Account"})
STAMPS = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"})
NEVER_NULL = frozenset({"OwnerId", "Name", "Status", "Priority", *STAMPS})
DEFAULTED = frozenset({"OwnerId", *STAMPS})
NAMES = frozenset({"Name", "Subject"})
"""fields that records are called by"""


def every_kind(call: Call) -> Answer:
    conditional.check_read(call.headers, call.org.schema_changed)
    seen = [kind for name in KINDS if (kind := call.org.visible(name))]
    described = [_about(kind, call.base) for kind in seen]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": described}, _changed(call))


def kind(call: Call, kind: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    return Answer(200, {"objectDescribe": _about(seen, call.base), "recentItems": []})


def fields_of_kind(call: Call, kind: str) -> Answer:
    seen = rows.kind_of(call.org, kind)
    conditional.check_read(call.headers, call.org.schema_changed)
    fields = [_about_field(call.org, seen, field) for field in seen.fields.values()]
    children = [
        {
            "childSObject": children.kind,
            "field": children.field,
            "relationshipName": children.name,
            "cascadeDelete": False,
            "restrictedDelete": False,
            "deprecatedAndHidden": False,
        }
        for children in call.org.children(seen.name).values()
    ]
    return Answer(200, {**_about(seen, call.base), "fields": fields, "childRelationships": children}, _changed(call))


def _changed(call: Call) -> dict[str, str]:
    return {"Last-Modified": conditional.http_date(call.org.schema_changed)}


def _about(kind: Kind, base: str) -> Json:
    urls = {
        "sobject": f"{base}/sobjects/{kind.name}",
        "describe": f"{base}/sobjects/{kind.name}/describe",
        "rowTemplate": f"{base}/sobjects/{kind.name}/{{ID}}",
    }
    stamped = "systemmodstamp" in kind.fields
    able = {
        "createable": kind.writable,
        "updateable": kind.writable,
        "deletable": kind.writable and "isdeleted" in kind.fields,
        "undeletable": kind.writable and "isdeleted" in kind.fields,
        "mergeable": kind.name in MERGED,
        "queryable": True,
        "retrieveable": True,
        "replicateable": stamped and "isdeleted" in kind.fields,
    }
    names = {"name": kind.name, "label": kind.name, "labelPlural": f"{kind.name}s", "keyPrefix": kind.prefix}
    return {**names, "custom": kind.name.endswith("__c"), **able, "urls": urls}


def _about_field(org: Org, kind: Kind, field: Field) -> Json:
    editable = org.may_edit(kind.name, field.name)
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
        "nillable": not field.required and field.type not in ("id", "boolean") and field.name not in NEVER_NULL,
        "defaultedOnCreate": field.default is not None or field.name in DEFAULTED or field.type in ("id", "boolean"),
        "filterable": field.filterable,
        "sortable": field.sortable,
        "groupable": field.groupable,
        "aggregatable": field.aggregatable,
        "nameField": field.name in NAMES,
        "polymorphicForeignKey": field.polymorphic,
        "referenceTo": list(field.refers),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.values
        ],
    }
