"""Metadata through the Tooling API: custom fields and validation rules.

A field that was just created is invisible, also to its creator, until a permission set of the user grants it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.formula import BadFormula, compiled
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS, Kind, custom_field
from sandbox.salesforce.sobjects import row
from sandbox.store import Record

Json = dict[str, Any]

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("tooling/sobjects/{kind}", POST=_create)
    endpoints.add("tooling/sobjects/{kind}/{id}", GET=_get, PATCH=_change, DELETE=_delete)


def _create(call: Call, kind: str) -> Answer:
    read = _MADE.get(kind)
    if read is None:
        raise not_found()
    body = call.object_body()
    owner, _, name = str(body.get("FullName", "")).partition(".")
    metadata = body.get("Metadata")
    if owner not in KINDS or KINDS[owner].where != "data":
        raise Refused("INVALID_CROSS_REFERENCE_KEY", f"Entity Enumeration Or ID: bad value for {owner}", [])
    if not isinstance(metadata, dict):
        raise Refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", ["Metadata"])
    fields = read(call.org, owner, name, metadata)
    record = call.org.add(kind, {**fields, "FullName": body["FullName"], "Metadata": metadata}, by="api")
    call.org.forget_schema()
    return Answer(201, {"id": record.id, "success": True, "errors": [], "warnings": [], "infos": []})


def _get(call: Call, kind: str, id: str) -> Answer:
    seen, record = _known(call, kind, id)
    return Answer(200, row(record, seen, f"{call.base}/tooling"))


def _change(call: Call, kind: str, id: str) -> Answer:
    """Other metadata, as a whole; the name stays."""
    seen, record = _known(call, kind, id)
    metadata = call.object_body().get("Metadata")
    if seen.name not in _MADE or not isinstance(metadata, dict):
        raise Refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", ["Metadata"])
    owner, _, name = record.fields["FullName"].partition(".")
    if seen.name == "ValidationRule":
        fields = _rule_fields(call.org, owner, name, metadata)
    else:
        fields = {}
        _check_field(name, metadata)
    call.org.change(record, {**fields, "Metadata": metadata}, "api", call.author.user)
    call.org.forget_schema()
    return Answer(204)


def _delete(call: Call, kind: str, id: str) -> Answer:
    _, record = _known(call, kind, id)
    call.org.change(record, {}, "api", call.author.user, deleted=True)
    call.org.forget_schema()
    return Answer(204)


def _known(call: Call, kind: str, id: str) -> tuple[Kind, Record]:
    seen = call.org.visible(kind, tooling=True)
    record = call.org.find(read_id(id))
    if seen is None or record is None or record.kind != seen.name or record.deleted:
        raise not_found()
    return seen, record


def _field(org: Org, owner: str, name: str, metadata: Mapping[str, Any]) -> Json:
    developer_name = name.removesuffix("__c")
    if name == developer_name or not _NAME.fullmatch(developer_name) or len(developer_name) > 40:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Custom Field Name: {name} must begin with a letter, hold letters, digits and single underscores, and end"
            " with __c",
            ["FullName"],
        )
    if org.full(owner).field(name):
        raise Refused("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {developer_name} on {owner}.", [])
    _check_field(name, metadata)
    return {"DeveloperName": developer_name, "TableEnumOrId": owner, "EntityDefinitionId": owner}


def _check_field(name: str, metadata: Mapping[str, Any]) -> None:
    try:
        custom_field(name, metadata)
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:  # whatever somebody sent
        raise Refused("FIELD_INTEGRITY_EXCEPTION", f"Custom Field Definition: {wrong}", ["Metadata"]) from wrong


def _rule(org: Org, owner: str, name: str, metadata: Mapping[str, Any]) -> Json:
    if any(
        r.fields["ValidationName"].lower() == name.lower() and not r.deleted
        for r in org.where("ValidationRule", "EntityDefinitionId", owner)
    ):
        raise Refused("DUPLICATE_DEVELOPER_NAME", f"There is already a Validation Rule with this Name: {name}", [])
    return _rule_fields(org, owner, name, metadata)


def _rule_fields(org: Org, owner: str, name: str, metadata: Mapping[str, Any]) -> Json:
    missing = [part for part in ("errorConditionFormula", "errorMessage") if not isinstance(metadata.get(part), str)]
    if missing or not _NAME.fullmatch(name):
        raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing or ['FullName']}", missing)
    try:
        compiled(metadata["errorConditionFormula"], org.full(owner))
    except BadFormula as bad:
        raise Refused("FIELD_INTEGRITY_EXCEPTION", f"Error in formula: {bad}", []) from bad
    return {
        "ValidationName": name,
        "EntityDefinitionId": owner,
        "Active": bool(metadata.get("active")),
        "ErrorMessage": metadata["errorMessage"],
        "ErrorDisplayField": metadata.get("errorDisplayField"),
        "Description": metadata.get("description"),
    }


_MADE: Mapping[str, Callable[[Org, str, str, Mapping[str, Any]], Json]] = {
    "CustomField": _field,
    "ValidationRule": _rule,
}
