"""One row written by the API: everything that Salesforce checks before it does, in its order, and what it does besides.

Whether the row is locked, field names and rights, then values, then the owner, then duplicates and validation rules,
and last the active assignment rule, which overwrites the owner that was just set unless the request said
`Sforce-Auto-Assign: FALSE`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.salesforce import duplicates, rules
from sandbox.salesforce.errors import (
    Refused,
    no_such_column,
    no_such_record,
    no_write_access,
    not_found,
    unreadable_value,
)
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import BY_PREFIX, KINDS, NUMBER_TYPES, TEXT_TYPES, Field, Kind
from sandbox.salesforce.stamps import read_date, read_datetime, stamp
from sandbox.store import Record

Values = Mapping[str, Any]

CLOSED = frozenset({"Completed"})
"""statuses that close a task"""
WON, LOST = "Closed Won", "Closed Lost"
"""stages that close an opportunity"""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, whether the request lets assignment rules run, and whether it insists on a duplicate."""

    user: str
    assignment_rules: bool = True
    allows_duplicates: bool = False


def kind_of(org: Org, name: str) -> Kind:
    """The object that the path or `attributes.type` names, as its user sees it."""
    kind = org.visible(name)
    if kind is None:
        raise not_found()
    return kind


def created(org: Org, kind: Kind, values: Values, author: Author) -> Record:
    """A new record. Refused where Salesforce would."""
    wanted = _accepted(org, kind, values, lambda field: field.createable)
    _complete(kind, wanted)
    if kind.owned:
        wanted.setdefault("OwnerId", author.user)
    # Fields that the user does not see have their defaults as well.
    defaults = {f.name: f.default for f in org.full(kind.name).fields.values() if f.default is not None}
    row = _finished(org, kind, {**defaults, **wanted}, {})
    _owner_can_own(org, kind, row, {})
    _unique(org, kind, row)
    duplicates.check(org, kind.name, row, None, author.allows_duplicates)
    rules.check(org, kind.name, row, None)
    record = org.add(kind.name, _assigned(org, kind, row, author), user=author.user, by="api")
    _schema_may_have_changed(org, kind)
    return record


def updated(org: Org, kind: Kind, id: object, values: Values, author: Author) -> Record:
    """The record with these values, `LastModifiedDate` and `SystemModstamp` moved even where nothing differs."""
    record = alive(org, kind, id)
    org.locks.check(record.id)
    if record.fields.get("IsConverted"):
        raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
    wanted = _accepted(org, kind, values, lambda field: field.updateable)
    _complete(kind, {**record.fields, **wanted})
    row = _finished(org, kind, {**record.fields, **wanted}, record.fields)
    _owner_can_own(org, kind, row, record.fields)
    duplicates.check(org, kind.name, row, record, author.allows_duplicates)
    rules.check(org, kind.name, row, record)
    changed = org.change(record, _assigned(org, kind, row, author), "api", author.user)
    _schema_may_have_changed(org, kind)
    return changed


def deleted(org: Org, kind: Kind, id: object, author: Author) -> None:
    """Into the recycle bin: only queryAll still sees it."""
    record = alive(org, kind, id)
    org.locks.check(record.id)
    org.change(record, {}, "api", author.user, deleted=True)
    _schema_may_have_changed(org, kind)


def alive(org: Org, kind: Kind, id: object) -> Record:
    """The record that a write is about."""
    long = read_id(id)
    if long is None:
        raise Refused("MALFORMED_ID", f"{kind.name} ID: id value of incorrect type: {id}", ["Id"])
    record = org.find(long)
    if record is None or record.kind != kind.name:
        raise no_such_record()
    if record.deleted:
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", [], 404)
    return record


def _accepted(org: Org, kind: Kind, values: Values, open_to: Callable[[Field], bool]) -> dict[str, Any]:
    """The values under their fields' own names, in stored form."""
    fields, closed = list[tuple[Field, Any]](), list[str]()
    for name, value in values.items():
        if name == "attributes" or name.lower() == "id":
            continue
        field = kind.field(name)
        if field is None:
            raise no_such_column(name, kind.name)
        if not open_to(field) or not org.may_edit(kind.name, field.name):
            closed.append(field.name)
        fields.append((field, value))
    if closed:
        raise no_write_access(closed)
    return {field.name: _stored(org, field, value) for field, value in fields}


def _complete(kind: Kind, row: Values) -> None:
    missing = [field.name for field in kind.fields.values() if field.required and row.get(field.name) is None]
    if missing:
        raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def _stored(org: Org, field: Field, value: Any) -> Any:
    """A JSON value as this field keeps it; empty text is no text."""
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise unreadable_value("boolean", value)
        return value
    if value is None or value == "":
        return None
    if field.type == "reference":
        return _reference(org, field, value)
    if field.type in TEXT_TYPES:
        return _text(field, value)
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    if field.type in ("datetime", "date"):
        read = (read_datetime if field.type == "datetime" else read_date)(value)
        if read is None:
            raise unreadable_value(field.type, value)
        return read
    return value


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise unreadable_value("string", value)
    if field.length and len(value) > field.length:
        raise Refused(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value} (max length={field.length})",
            [field.name],
        )
    chosen = value.split(";") if field.type == "multipicklist" else [value]
    if field.restricted and not set(chosen) <= set(field.values):
        raise Refused(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            [field.name],
        )
    return value


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise unreadable_value("int" if field.type == "int" else "double", value)
    if field.precision and abs(value) >= 10 ** (field.precision - field.scale):
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: value outside of valid range on numeric field", [])
    return int(value) if field.type == "int" else round(float(value), field.scale) if field.precision else value


def _reference(org: Org, field: Field, value: Any) -> str:
    id = read_id(value)
    kind = BY_PREFIX.get(id[:3]) if id else None
    if id is None or (kind is not None and kind not in field.refers):
        raise Refused("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    there = org.find(id) if kind else None
    if there is None or there.deleted:
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])
    return id


def _finished(org: Org, kind: Kind, row: dict[str, Any], before: Values) -> dict[str, Any]:
    """With the fields that follow from others."""
    if "firstname" in kind.fields:
        row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    if kind.name == "Task":
        row |= following("Task", row)
        row["IsHighPriority"] = row["Priority"] == "High"
        if row["IsClosed"] and not before.get("IsClosed"):
            row["CompletedDateTime"] = stamp(org.now)
        if not row["IsClosed"]:
            row["CompletedDateTime"] = None
    if kind.name in ("Opportunity", "Event"):
        row |= following(kind.name, row)
    if kind.name == "EmailMessageRelation":
        row["RelationObjectType"] = BY_PREFIX[row["RelationId"][:3]] if row.get("RelationId") else None
    if kind.name == "Group" and not row.get("DeveloperName"):
        row["DeveloperName"] = "".join(char if char.isalnum() else "_" for char in row["Name"])
    if kind.name == "FieldPermissions":
        _known_field(org, row)
    return row


def following(kind: str, row: Values) -> dict[str, Any]:
    """Whether the record is closed, which its status or stage says; how long an event lasts, or when it ends."""
    if kind == "Task" and "Status" in row:
        return {"IsClosed": row["Status"] in CLOSED}
    if kind == "Opportunity" and "StageName" in row:
        return {"IsClosed": row["StageName"] in (WON, LOST), "IsWon": row["StageName"] == WON}
    return _length(row) if kind == "Event" and row.get("StartDateTime") else {}


def _length(row: Values) -> dict[str, Any]:
    """Of whole days `EndDateTime` is the last of them, so that a single day ends when it begins."""
    starts, whole = datetime.fromisoformat(row["StartDateTime"]), timedelta(days=1 if row.get("IsAllDayEvent") else 0)
    if row.get("EndDateTime"):
        lasts = datetime.fromisoformat(row["EndDateTime"]) - starts + whole
        return {"DurationInMinutes": lasts // timedelta(minutes=1)}
    if row.get("DurationInMinutes") is None:
        return {}
    return {"EndDateTime": stamp(starts + timedelta(minutes=row["DurationInMinutes"]) - whole)}


def _known_field(org: Org, row: Values) -> None:
    kind, _, field = str(row["Field"]).partition(".")
    if kind not in KINDS or not org.full(kind).field(field):
        raise Refused(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Field Name: bad value for restricted picklist field: {row['Field']}",
            ["Field"],
        )


def _owner_can_own(org: Org, kind: Kind, row: Values, before: Values) -> None:
    """A new owner is an active user, or a queue that takes this object."""
    if not kind.owned or row.get("OwnerId") == before.get("OwnerId"):
        return
    id = row.get("OwnerId")
    if id is None:
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ["OwnerId"])
    owner = org.find(id)
    if owner and owner.kind == "User" and not owner.fields["IsActive"]:
        raise Refused(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{id}] as owner of {kind.name.lower()}",
            ["OwnerId"],
        )
    if owner and owner.kind == "Group" and not _queue_takes(org, id, kind.name):
        raise Refused("OP_WITH_INVALID_USER_TYPE_EXCEPTION", "operation not valid for this user type", ["OwnerId"])


def _queue_takes(org: Org, queue: str, kind: str) -> bool:
    return any(
        taken.fields["SobjectType"] == kind and not taken.deleted
        for taken in org.where("QueueSobject", "QueueId", queue)
    )


def _unique(org: Org, kind: Kind, row: Values) -> None:
    if not kind.unique:
        return
    for other in org.where(kind.name, kind.unique[0], row.get(kind.unique[0])):
        if not other.deleted and all(other.fields.get(name) == row.get(name) for name in kind.unique):
            raise Refused(
                "DUPLICATE_VALUE",
                f"duplicate value found: {kind.unique[-1]} duplicates value on record with id: {other.id}",
                list(kind.unique),
            )


def _assigned(org: Org, kind: Kind, row: dict[str, Any], author: Author) -> dict[str, Any]:
    rule_owner = org.settings.assignment_owner
    if kind.name == "Lead" and rule_owner and author.assignment_rules:
        return {**row, "OwnerId": rule_owner}
    return row


def _schema_may_have_changed(org: Org, kind: Kind) -> None:
    if kind.name in ("FieldPermissions", "PermissionSetAssignment"):
        org.forget_schema()
