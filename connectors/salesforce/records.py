"""Rows of Salesforce as values of ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce.org import Record
from connectors.values import address, domain_of, instant, lead_values, readable, storable
from domain.accounts import OPEN_OPPORTUNITY, Account, Role, role_key
from domain.activities import Activity
from domain.leads import Gone, Lead, LeadKey, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

CRM = "salesforce"

USERS = "SELECT Id, Name, Email, IsActive, LastLoginDate FROM User WHERE UserType = 'Standard'"
QUEUES = "SELECT Id, Name, DeveloperName FROM Group WHERE Type = 'Queue'"

OF_A_LEAD = ("Id", "CreatedDate", "SystemModstamp", "OwnerId", "Owner.Email")
OF_AN_ACCOUNT = (
    "Id", "Name", "Website", "OwnerId", "Owner.Email", "Owner.IsActive", "Type", "Industry", "NumberOfEmployees",
    "BillingPostalCode", "BillingCity", "BillingCountry", "Phone", "ParentId", "IsDeleted", "SystemModstamp",
)  # fmt: skip
OF_AN_OPPORTUNITY = (
    "Id", "AccountId", "Owner.Email", "IsClosed", "CreatedDate", "IsDeleted", "SystemModstamp",
)  # fmt: skip
OF_A_TEAM_MEMBER = (
    "Id", "AccountId", "User.Email", "TeamMemberRole", "CreatedDate", "IsDeleted", "SystemModstamp",
)  # fmt: skip
OF_A_TASK = (
    "Id", "OwnerId", "Owner.Email", "CreatedBy.Email", "LastModifiedBy.Email", "TaskSubtype", "CallType",
    "CallDurationInSeconds", "CallDisposition", "Description", "CompletedDateTime", "CreatedDate", "SystemModstamp",
)  # fmt: skip
OF_AN_EVENT = (
    "Id", "OwnerId", "Owner.Email", "CreatedBy.Email", "StartDateTime", "EndDateTime",
    "CreatedDate", "SystemModstamp",
)  # fmt: skip

UNKNOWN = datetime(1999, 1, 1, tzinfo=UTC)
"""In place of a date that nobody can read: before any record, for Salesforce was founded later in that year."""

QUEUE_PREFIX = "00G"

TICKED_OFF = "created and completed by an integration user, and nothing says that anybody called"

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
    """One row of our object. Owned by nobody yet: by a queue, or by a user that stands for nobody."""
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
        gone=_gone(row) or mapping.fate_of(values),
        unreadable=unreadable,
        answer=row.get(field_name("answer")) or None,
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
        name=storable(str(row.get("Name") or "")),
        domain=domain_of(row.get("Website")),
        owner=address(at(row, "Owner.Email")) if at(row, "Owner.IsActive") else None,
        is_customer=str(row.get("Type") or "").lower().startswith("customer"),
        industry=row.get("Industry") or None,
        employees=int(row["NumberOfEmployees"]) if row.get("NumberOfEmployees") is not None else None,
        country=row.get("BillingCountry") or None,
        parent=row.get("ParentId") or None,
        postcode=row.get("BillingPostalCode") or None,
        city=row.get("BillingCity") or None,
        phone=row.get("Phone") or None,
    )


def opportunity(row: Record) -> Role | None:
    """Whoever owns an open opportunity of a company; None for one that is closed, deleted, or of no company."""
    if row.get("IsClosed") or row.get("IsDeleted"):
        return None
    return _role(row, OPEN_OPPORTUNITY, at(row, "Owner.Email"))


def team_member(row: Record) -> Role | None:
    """A member of a company's team; None for one that was taken out, or has no role there."""
    return (
        None
        if row.get("IsDeleted")
        else _role(row, role_key(str(row.get("TeamMemberRole") or "")), at(row, "User.Email"))
    )


def _role(row: Record, role: str, email: object) -> Role | None:
    person, company = address(email), row.get("AccountId")
    return Role(CRM, row["Id"], company, role, person, _since(row)) if role and person and company else None


def _since(row: Record) -> datetime:
    """When it was created; where nobody can read that, when it last changed, and else before all others: of several
    opportunities the newest counts."""
    return readable(row.get("CreatedDate")) or readable(row.get("SystemModstamp")) or UNKNOWN


def person(row: Record) -> CrmUser:
    """One row of USERS."""
    return CrmUser(
        CRM,
        row["Id"],
        storable(str(row.get("Name") or "")),
        address(row.get("Email")),
        active=bool(row["IsActive"]),
        last_login=readable(row.get("LastLoginDate")),
    )


def queue(row: Record) -> CrmUser:
    """One row of QUEUES."""
    return CrmUser(CRM, row["Id"], str(row["Name"]), None, kind="queue")


def task(row: Record, key: LeadKey, not_people: frozenset[str], message: Record | None = None) -> Activity:
    """A completed Task: a logged call or an e-mail, with the EmailMessage behind it where there is one."""
    common = Activity(
        id=row["Id"],
        crm=CRM,
        lead=key,
        kind="call" if row["TaskSubtype"] == "Call" else "email",
        happened_at=instant(row.get("CompletedDateTime") or row["CreatedDate"]),
        logged_at=instant(row["CreatedDate"]),
        by=address(at(row, "Owner.Email")),
    )
    made = _call(row, common, not_people) if common.kind == "call" else _email(row, common, not_people, message)
    # A Task that was planned before it was done is there earlier than what it tells of.
    return replace(made, logged_at=max(made.logged_at, made.happened_at))


def _call(row: Record, common: Activity, not_people: frozenset[str]) -> Activity:
    """A call's Task is completed when the call is over, so the call began its duration earlier, and beginning is what a
    promise to respond is about. CreatedDate would be wrong for calls that were planned, and says when one was logged.

    Dialers log calls under a user of their own in a rep's name: who created the Task says nothing about who called. But
    a dialer knows how long a call took, or how it ended. Where such a user has created the Task and completed it and
    nothing else stands there, a program has ticked it off.
    """
    talked = row.get("CallDurationInSeconds")
    seconds = None if talked is None else int(talked)
    silent = seconds is None and not row.get("CallDisposition")
    hands = {address(at(row, "CreatedBy.Email")), address(at(row, "LastModifiedBy.Email"))}
    ticked_off = silent and hands <= not_people
    return replace(
        common,
        happened_at=common.happened_at - timedelta(seconds=seconds or 0),
        direction="inbound" if row.get("CallType") == "Inbound" else "outbound",
        talk_seconds=seconds,
        answered=_answered(seconds, str(row.get("CallDisposition") or "")),
        automated=common.by in not_people or ticked_off,
        why_automated=TICKED_OFF if ticked_off else "",
        claimed=not hands & not_people,
        noted=bool(str(row.get("Description") or "").strip()),
    )


def _email(row: Record, common: Activity, not_people: frozenset[str], message: Record | None) -> Activity:
    """An e-mail; mail that a user created who stands for nobody is a sequence's."""
    incoming = bool(message and message.get("Incoming"))
    sent_at = message.get("MessageDate") if message else None
    return replace(
        common,
        happened_at=instant(sent_at) if sent_at else common.happened_at,
        by=None if incoming else common.by,
        direction="inbound" if incoming else "outbound",
        reply=incoming,
        automated=bool({common.by, address(at(row, "CreatedBy.Email"))} & not_people),
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
