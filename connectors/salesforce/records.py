"""Rows of Salesforce as values of ours."""

from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce.org import Record
from connectors.values import address, domain_of, instant, lead_values, stamp
from domain.accounts import Account
from domain.activities import Activity
from domain.leads import Gone, Lead, LeadKey, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

CRM = "salesforce"

USERS = "SELECT Id, Name, Email, IsActive FROM User WHERE UserType = 'Standard'"
QUEUES = "SELECT Id, Name, DeveloperName FROM Group WHERE Type = 'Queue'"

OF_A_LEAD = (
    "Id", "IsDeleted", "MasterRecordId", "IsConverted", "CreatedDate", "SystemModstamp", "OwnerId",
    "Owner.Type", "Owner.Email",
)  # fmt: skip
OF_AN_ACCOUNT = (
    "Id", "Name", "Website", "OwnerId", "Owner.Email", "Owner.IsActive", "Type", "Industry", "NumberOfEmployees",
    "BillingCountry", "ParentId", "SystemModstamp",
)  # fmt: skip
OF_A_TASK = (
    "Id", "WhoId", "OwnerId", "Owner.Email", "CreatedBy.Email", "TaskSubtype", "CallType", "CallDurationInSeconds",
    "CallDisposition", "CompletedDateTime", "CreatedDate", "SystemModstamp",
)  # fmt: skip
OF_AN_EVENT = (
    "Id", "WhoId", "OwnerId", "Owner.Email", "CreatedBy.Email", "StartDateTime", "EndDateTime",
    "CreatedDate", "SystemModstamp",
)  # fmt: skip

QUEUE_PREFIX = "00G"
LEAD_PREFIX = "00Q"

_NOBODY_ANSWERED = ("voicemail", "voice mail", "no answer", "busy", "not reached", "left message")


def field_name(name: str) -> str:
    """What one of our fields is called here: `sla_state` -> `Fairlead_Sla_State__c`."""
    return "Fairlead_" + "_".join(word.capitalize() for word in name.split("_")) + "__c"


def at(record: Record, path: str) -> Any:
    """A field by its SOQL path; None where a relation on the way is empty."""
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def lead(row: Record, key: LeadKey, mapping: CrmMapping, not_people: frozenset[str]) -> Lead | Unreadable:
    """One row of the Lead query. Owned by nobody yet: by a queue, or by a user that stands for nobody."""
    try:
        created_at, modified_at = instant(row["CreatedDate"]), instant(row["SystemModstamp"])
    except (KeyError, ValueError) as error:
        return Unreadable(key, f"the lead's dates cannot be read: {error}")
    owner_id = row.get("OwnerId")
    in_queue = str(owner_id or "").startswith(QUEUE_PREFIX)
    owner = None if in_queue else address(at(row, "Owner.Email"))
    nobodies = not_people | {
        entry.removeprefix("user:").lower() for entry in mapping.unowned_by if entry.startswith("user:")
    }
    values, unreadable = lead_values(mapping, lambda field: at(row, field))
    return Lead(
        key=key,
        created_at=created_at,
        modified_at=modified_at,
        values=values,
        owner_id=owner_id,
        owner=owner,
        unowned=owner_id is None or in_queue or owner in nobodies,
        decision=row.get(field_name("decision")) or None,
        gone=_gone(row),
        unreadable=unreadable,
    )


def missing(key: LeadKey, now: datetime) -> Lead:
    """What an id that the org does not know is read as: a lead that is gone."""
    return Lead(key=key, created_at=now, modified_at=now, values={}, gone=Gone.DELETED)


def _gone(row: Record) -> Gone | None:
    if row.get("IsDeleted"):
        return Gone.MERGED if row.get("MasterRecordId") else Gone.DELETED
    return Gone.CONVERTED if row.get("IsConverted") else None


def account(row: Record) -> Account:
    """One row of the Account query; the owner only while he is active. Customers are the types that begin so."""
    return Account(
        crm=CRM,
        id=row["Id"],
        name=str(row.get("Name") or ""),
        domain=domain_of(row.get("Website")),
        owner=address(at(row, "Owner.Email")) if at(row, "Owner.IsActive") else None,
        is_customer=str(row.get("Type") or "").lower().startswith("customer"),
        industry=row.get("Industry") or None,
        employees=int(row["NumberOfEmployees"]) if row.get("NumberOfEmployees") is not None else None,
        country=row.get("BillingCountry") or None,
        parent=row.get("ParentId") or None,
    )


def person(row: Record) -> CrmUser:
    """One row of USERS."""
    return CrmUser(CRM, row["Id"], str(row.get("Name") or ""), address(row.get("Email")), active=bool(row["IsActive"]))


def queue(row: Record) -> CrmUser:
    """One row of QUEUES."""
    return CrmUser(CRM, row["Id"], str(row["Name"]), None, kind="queue")


def task(row: Record, key: LeadKey, not_people: frozenset[str]) -> Activity:
    """A completed Task: a logged call or an e-mail.

    A call's Task is completed when the call is over, so the call happened its duration earlier; that is what a
    promise to respond is about. CreatedDate would be wrong for calls that were planned as Tasks, and says when one
    was logged.
    """
    created = instant(row["CreatedDate"])
    completed = instant(row["CompletedDateTime"]) if row.get("CompletedDateTime") else created
    talked = row.get("CallDurationInSeconds")
    is_call = row["TaskSubtype"] == "Call"
    owner = address(at(row, "Owner.Email"))
    seconds = int(talked) if is_call and talked is not None else None
    happened = completed - timedelta(seconds=seconds or 0)
    return Activity(
        id=row["Id"],
        crm=CRM,
        lead=key,
        kind="call" if is_call else "email",
        happened_at=happened,
        logged_at=max(created, happened),
        by=owner,
        direction="inbound" if row.get("CallType") == "Inbound" else "outbound",
        talk_seconds=seconds,
        answered=_answered(seconds, str(row.get("CallDisposition") or "")) if is_call else None,
        # Dialers log calls under a user of their own in a rep's name; mail that such a user creates is a sequence's.
        automated=bool({owner, None if is_call else address(at(row, "CreatedBy.Email"))} & not_people),
    )


def _answered(seconds: int | None, disposition: str) -> bool | None:
    if any(words in disposition.lower() for words in _NOBODY_ANSWERED):
        return False
    return None if seconds is None else seconds > 0


def event(row: Record, key: LeadKey, now: datetime, not_people: frozenset[str]) -> Activity:
    """A meeting. Salesforce keeps no outcome: it was held when its end has passed and it is still in the calendar."""
    owner = address(at(row, "Owner.Email"))
    created, starts, ends = (instant(row[name]) for name in ("CreatedDate", "StartDateTime", "EndDateTime"))
    return Activity(
        id=row["Id"],
        crm=CRM,
        lead=key,
        kind="meeting",
        happened_at=starts,
        logged_at=max(created, ends),
        by=owner,
        held=ends <= now,
        automated=owner in not_people,
    )


def seen_event(account_id: str, row: Record) -> str:
    """What tells this sighting from every other: the record and when it last changed."""
    return f"{CRM}:{account_id}:{row['Id']}:{stamp(instant(row['SystemModstamp']))}"
