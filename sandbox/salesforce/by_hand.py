"""What people do in the org: reps log calls and take leads, visitors fill in forms, admins add users and queues."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import instant
from sandbox.salesforce import lives_of_leads, rows
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.stamps import stamp
from sandbox.store import OwnerChange, Record

Json = dict[str, Any]


def add_users(org: Org, users: Sequence[Json]) -> list[str]:
    return [_user(org, user) for user in users]


def _user(org: Org, user: Json) -> str:
    first, _, last = user["name"].rpartition(" ")
    if org.where("User", "Username", user["email"]):
        raise ValueError(f"there is a user {user['email']} already")
    names = {"FirstName": first or None, "LastName": last, "Name": user["name"]}
    return org.add(
        "User",
        {"Username": user["email"], "Email": user["email"], **names, "IsActive": user.get("active", True)},
    ).id


def add_queues(org: Org, queues: Sequence[Json]) -> list[str]:
    """Queues that take leads, or the objects under `objects`."""
    ids = []
    for queue in queues:
        developer_name = "".join(char if char.isalnum() else "_" for char in queue["name"])
        record = org.add("Group", {"Name": queue["name"], "DeveloperName": developer_name, "Type": "Queue"})
        for kind in queue.get("objects", ["Lead"]):
            org.add("QueueSobject", {"QueueId": record.id, "SobjectType": kind})
        ids.append(record.id)
    return ids


def add_records(org: Org, kind: str, records: Sequence[Json]) -> list[str]:
    """Records as somebody typed them in, or a form did. The owner is the integration user unless named.

    `CreatedDate` may be given for one that has been there for a while. ValueError for a field that does not exist.
    """
    return [_record(org, kind, dict(record)).id for record in records]


def _record(org: Org, kind: str, values: Json) -> Record:
    at = instant(values.pop("CreatedDate")) if "CreatedDate" in values else org.now
    known = org.full(kind)
    unknown = [name for name in values if not known.field(name)]
    values = {field.name: _stored(field, value) for name, value in values.items() if (field := known.field(name))}
    missing = [field.name for field in known.fields.values() if field.required and not values.get(field.name)]
    if unknown or missing:
        raise ValueError(f"a {kind} has no {unknown}" if unknown else f"a {kind} needs {missing}")
    values |= _whole_name(org, kind, values)
    if known.owned:
        values.setdefault("OwnerId", org.integration_user)
    values = {**rows.following(kind, values), **values}
    record = org.add(kind, values, at)
    if kind == "LoginHistory":
        _last_login(org, values)
    return record


def _stored(field: Field, value: Any) -> Any:
    """Moments in the form in which they are kept, ids with 18 characters."""
    if field.type == "datetime" and value is not None:
        return stamp(instant(value))
    return read_id(value) or value if field.type == "reference" else value


def _last_login(org: Org, login: Json) -> None:
    """A user's last login is the latest that has been recorded."""
    user, at = org.find(login.get("UserId")), login.get("LoginTime")
    if user and at and (user.fields.get("LastLoginDate") or "") < at:
        org.change(user, {"LastLoginDate": at}, "person", user.id)


def _whole_name(org: Org, kind: str, values: Mapping[str, Any]) -> Json:
    """What `Name` is, where it follows from its parts."""
    if "firstname" not in org.full(kind).fields:
        return {}
    return {"Name": " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)}


def add_calls(org: Org, calls: Sequence[Json]) -> list[str]:
    """Completed tasks. `at` is when the call began, CompletedDateTime when it ended, `logged_at` CreatedDate."""
    return [_call(org, call) for call in calls]


def _call(org: Org, call: Json) -> str:
    at, logged_at = _times(org, call)
    over = stamp(at + timedelta(seconds=call["seconds"]))  # a dialer completes the task when the call ends
    facts = {
        "CallType": call.get("type", "Outbound"),
        "CallDurationInSeconds": call["seconds"],
        "CompletedDateTime": over,
        "Description": call.get("note"),
    }
    by = org.integration_user if call.get("dialer") else None
    return _task(org, call, at, logged_at, {"Subject": "Call", "TaskSubtype": "Call", **facts}, by).id


def add_emails(org: Org, emails: Sequence[Json]) -> list[str]:
    """Outbound e-mails: an EmailMessage with its relation to the lead, and the task that Enhanced Email makes of it."""
    return [_email(org, email) for email in emails]


def _email(org: Org, email: Json) -> str:
    at, logged_at = _times(org, email)
    subject = email.get("subject", "Re: your request")
    task = _task(org, email, at, logged_at, {"Subject": f"Email: {subject}", "TaskSubtype": "Email"})
    lead, owner = _prospect(org, email["lead"]), _known(org, email["owner"])
    message = org.add(
        "EmailMessage",
        {
            "ActivityId": task.id,
            "Incoming": False,
            "MessageDate": stamp(at),
            "Subject": subject,
            "FromAddress": owner.fields["Email"],
            "ToAddress": lead.fields.get("Email"),
        },
        logged_at,
        owner.id,
    )
    related = {"EmailMessageId": message.id, "RelationId": lead.id, "RelationObjectType": lead.kind}
    address = {"RelationType": "ToAddress", "RelationAddress": lead.fields.get("Email")}
    org.add("EmailMessageRelation", {**related, **address}, logged_at, owner.id)
    return task.id


def _task(
    org: Org, wish: Json, at: datetime, logged_at: datetime, fields: Mapping[str, Any], by: str | None = None
) -> Record:
    owner, lead = _known(org, wish["owner"]).id, _prospect(org, wish["lead"])
    common = {
        _about(lead): lead.id,
        "OwnerId": owner,
        "Status": "Completed",
        "IsClosed": True,
        "ActivityDate": at.date().isoformat(),
        "CompletedDateTime": stamp(at),
    }
    return org.add("Task", {**common, **fields}, logged_at, by or owner)


def _about(record: Record) -> str:
    """Which field of an activity refers to it: people are a Who, everything else is a What."""
    return "WhoId" if record.kind in ("Lead", "Contact") else "WhatId"


def _times(org: Org, wish: Json) -> tuple[datetime, datetime]:
    at = instant(wish["at"]) if wish.get("at") else org.now
    return at, instant(wish["logged_at"]) if wish.get("logged_at") else org.now


def change(org: Org, id: str, fields: Mapping[str, Any]) -> None:
    """A person edits a record. ValueError for a field that does not exist."""
    record = _known(org, id)
    unknown = [name for name in fields if not org.full(record.kind).field(name)]
    if unknown:
        raise ValueError(f"a {record.kind} has no {unknown}")
    name = _whole_name(org, record.kind, {**record.fields, **fields})
    org.change(record, {**fields, **name}, "person", org.integration_user)


def set_owner(org: Org, lead: str, owner: str) -> None:
    new = _known(org, owner)
    user = new.id if new.kind == "User" else org.integration_user
    org.change(_prospect(org, lead), {"OwnerId": new.id}, "person", user)


def convert(org: Org, lead: str) -> None:
    lives_of_leads.convert(org, _lead(org, lead))


def merge(org: Org, master: str, losers: Sequence[str]) -> None:
    lives_of_leads.merge(org, _lead(org, master), [_lead(org, loser) for loser in losers])


def delete(org: Org, lead: str) -> None:
    org.change(_prospect(org, lead), {}, "person", org.integration_user, deleted=True)


def leads(org: Org) -> list[Json]:
    return [shown(record) for record in org.all("Lead")]


def shown(record: Record) -> Json:
    """Everything that the store knows of a record."""
    changes = [_change(change) for change in record.owner_changes]
    first = next((c for c in record.owner_changes if c.by == "api" and (c.owner or "").startswith("005")), None)
    return {
        **record.fields,
        "id": record.id,
        "owner": record.fields.get("OwnerId"),
        "IsDeleted": record.deleted,
        "CreatedDate": stamp(record.created),
        "SystemModstamp": stamp(record.modified),
        "owner_changes": changes,
        "created_real": record.created_real,
        "owner_written_real": first.real if first else None,
    }


def _change(change: OwnerChange) -> Json:
    return {"at": change.at.isoformat(), "owner": change.owner, "by": change.by}


def _lead(org: Org, id: str) -> Record:
    record = _known(org, id)
    if record.kind != "Lead":
        raise LookupError(f"{id} is a {record.kind} and not a lead")
    return record


def _prospect(org: Org, id: str) -> Record:
    """A lead, or whatever has an owner and is taken for one."""
    record = _known(org, id)
    if "OwnerId" not in record.fields:
        raise LookupError(f"{id} is a {record.kind} and has no owner")
    return record


def _known(org: Org, id: str) -> Record:
    record = org.find(read_id(id))
    if record is None:
        raise LookupError(f"there is no record {id} in this Salesforce")
    return record
