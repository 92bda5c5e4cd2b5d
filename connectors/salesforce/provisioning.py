"""Creating what we write to: the fields, the permission to use them, and the rule that guards the owner.

A new field is invisible even to who created it until a permission set grants it, so both belong together. What is
there is left as it is: an admin may have changed labels or page layouts.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from connectors.base import Provisioned, Refused
from connectors.salesforce import soql
from connectors.salesforce.errors import complaint
from connectors.salesforce.guard import rules
from connectors.salesforce.org import Org, Record
from connectors.salesforce.records import field_name
from connectors.salesforce.writing import EXPECTED_OWNER, GUARD_FORMULA, GUARD_MESSAGE, GUARD_NAME
from domain.mapping import WRITTEN, WrittenField

PERMISSIONS = "Fairlead"
"""The permission set's name."""

_ALREADY = ("DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE")


def provision(org: Org, kind: str, queues: Mapping[str, Sequence[str]]) -> list[Provisioned]:
    """Look at each thing and create what is missing; the guard after the fields, since its formula names two of them.
    `queues` are names with the addresses of those who may take leads from them."""
    metadata = {field_name(field.name): _metadata(field) for field in WRITTEN}
    metadata[EXPECTED_OWNER] = {"label": "Fairlead expected owner", "type": "Text", "length": 40, "required": False}
    where = f"EntityDefinition.QualifiedApiName = {soql.text(kind)} AND DeveloperName LIKE 'Fairlead%'"
    there = {
        f"{row['DeveloperName']}__c" for row in org.tooling_query(soql.select(["DeveloperName"], "CustomField", where))
    }
    done = [_field(org, kind, name, shape, there=name in there) for name, shape in metadata.items()]
    done += _permissions(org, kind, list(metadata))
    done.append(_guard(org, kind))
    return [*done, *(_queue(org, kind, name, people) for name, people in queues.items())]


def _field(org: Org, kind: str, name: str, shape: Mapping[str, Any], *, there: bool) -> Provisioned:
    what = f"field {kind}.{name}"
    if there:
        return Provisioned(what, "there")
    return _created(org, what, "CustomField", {"FullName": f"{kind}.{name}", "Metadata": dict(shape)})


def _metadata(field: WrittenField) -> Record:
    common: Record = {"label": field.label, "required": False}
    if field.type == "choice":
        values = [{"valueName": choice, "label": choice, "default": False} for choice in field.choices]
        definition = {"sorted": False, "value": values}
        return common | {"type": "Picklist", "valueSet": {"restricted": True, "valueSetDefinition": definition}}
    shapes: dict[str, Record] = {
        "text": {"type": "Text", "length": field.length},
        "long_text": {"type": "LongTextArea", "length": field.length, "visibleLines": 3},
        "datetime": {"type": "DateTime"},
        "number": {"type": "Number", "precision": 18, "scale": 2},
    }
    return common | shapes[field.type]


def _guard(org: Org, kind: str) -> Provisioned:
    what = f"validation rule {kind}.{GUARD_NAME}"
    if rules(org, kind):
        return Provisioned(what, "there")
    rule = {"active": True, "errorConditionFormula": GUARD_FORMULA, "errorMessage": GUARD_MESSAGE}
    return _created(org, what, "ValidationRule", {"FullName": f"{kind}.{GUARD_NAME}", "Metadata": rule})


def _created(org: Org, what: str, kind: str, body: Record) -> Provisioned:
    try:
        org.tooling_create(kind, body)
    except Refused as error:
        result: Literal["there", "refused"] = "there" if any(code in str(error) for code in _ALREADY) else "refused"
        return Provisioned(what, result, str(error))
    return Provisioned(what, "created")


def _permissions(org: Org, kind: str, names: list[str]) -> list[Provisioned]:
    """One permission set with all fields, assigned to the user we sign in as."""
    what = f"permission set {PERMISSIONS}"
    sets = org.query(soql.select(["Id"], "PermissionSet", f"Name = {soql.text(PERMISSIONS)}"))
    done: list[Provisioned] = []
    if sets:
        parent = str(sets[0]["Id"])
        done.append(Provisioned(what, "there"))
    else:
        row = {"attributes": {"type": "PermissionSet"}, "Name": PERMISSIONS, "Label": "Fairlead"}
        result = org.create([row])[0]
        done.append(_told(what, result))
        if not result["success"]:
            return done
        parent = str(result["id"])
    return [*done, _granted(org, kind, names, parent), _assigned(org, parent)]


def _granted(org: Org, kind: str, names: list[str], parent: str) -> Provisioned:
    what = f"permission to edit {len(names)} fields of {kind}"
    where = f"ParentId = {soql.text(parent)} AND SobjectType = {soql.text(kind)} AND PermissionsEdit = true"
    there = {row["Field"] for row in org.query(soql.select(["Field"], "FieldPermissions", where))}
    missing = [f"{kind}.{name}" for name in names if f"{kind}.{name}" not in there]
    if not missing:
        return Provisioned(what, "there")
    grants = [_grant(parent, kind, field) for field in missing]
    refused = [result for result in org.create(grants) if not result["success"]]
    return _told(what, refused[0]) if refused else Provisioned(what, "created")


def _grant(parent: str, kind: str, field: str) -> Record:
    return {
        "attributes": {"type": "FieldPermissions"},
        "ParentId": parent,
        "SobjectType": kind,
        "Field": field,
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }


def _assigned(org: Org, parent: str) -> Provisioned:
    what = f"permission set {PERMISSIONS} for our user"
    me = org.user()
    where = f"PermissionSetId = {soql.text(parent)} AND AssigneeId = {soql.text(me)}"
    if org.query(soql.select(["Id"], "PermissionSetAssignment", where)):
        return Provisioned(what, "there")
    row = {"attributes": {"type": "PermissionSetAssignment"}, "AssigneeId": me, "PermissionSetId": parent}
    return _told(what, org.create([row])[0])


def _queue(org: Org, kind: str, name: str, people: Sequence[str]) -> Provisioned:
    """The queue, open to records of this object, with these people as members. Members that an admin has added stay."""
    what = f"queue {name!r} with {len(people)} members"
    found = org.query(soql.select(["Id"], "Group", f"Type = 'Queue' AND Name = {soql.text(name)}"))
    if found:
        id = str(found[0]["Id"])
    else:
        made = org.create(
            [{"attributes": {"type": "Group"}, "Name": name, "DeveloperName": _developer_name(name), "Type": "Queue"}]
        )[0]
        if not made["success"]:
            return _told(what, made)
        id = str(made["id"])
    missing = _open_to(org, kind, id) + _members(org, id, people)
    refused = [result for result in org.create(missing) if not result["success"]] if missing else []
    if refused:
        return _told(what, refused[0])
    return Provisioned(what, "created" if missing or not found else "there")


def _developer_name(name: str) -> str:
    """A name as Salesforce's own names are: it begins with a letter, and holds letters, digits and single _."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"Fairlead_{plain[:50]}_{digest}" if plain else f"Fairlead_{digest}"


def _open_to(org: Org, kind: str, queue: str) -> list[Record]:
    where = f"QueueId = {soql.text(queue)} AND SobjectType = {soql.text(kind)}"
    if org.query(soql.select(["Id"], "QueueSobject", where)):
        return []
    return [{"attributes": {"type": "QueueSobject"}, "QueueId": queue, "SobjectType": kind}]


def _members(org: Org, queue: str, people: Sequence[str]) -> list[Record]:
    if not people:
        return []
    there = {
        row["UserOrGroupId"]
        for row in org.query(soql.select(["UserOrGroupId"], "GroupMember", f"GroupId = {soql.text(queue)}"))
    }
    users = org.query(soql.select(["Id"], "User", f"IsActive = true AND Email IN {soql.texts(people)}"))
    return [
        {"attributes": {"type": "GroupMember"}, "GroupId": queue, "UserOrGroupId": str(user["Id"])}
        for user in users
        if user["Id"] not in there
    ]


def _told(what: str, result: Record) -> Provisioned:
    if result["success"]:
        return Provisioned(what, "created")
    code, sentence = complaint(result.get("errors"))
    sentence = sentence or "Salesforce gave no reason that can be read"
    return Provisioned(what, "there" if code in _ALREADY else "refused", sentence)
