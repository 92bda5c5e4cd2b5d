"""HubSpot's objects as values of ours. Its property values are text or null, whatever their type."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.hubspot.answers import Record
from connectors.hubspot.kinds import Kind
from connectors.values import NotUnderstood, address, domain_of, instant, lead_values, number, stamp
from domain.accounts import OPEN_OPPORTUNITY, Account, Role
from domain.activities import Activity
from domain.activities import Kind as ActivityKind
from domain.leads import Gone, Lead, LeadKey, Unreadable, Value
from domain.mapping import CrmMapping
from domain.people import CrmUser

CRM = "hubspot"

BEGINNING = datetime(2006, 1, 1, tzinfo=UTC)
"""Before any record: HubSpot was founded later in that year, and a filter on the epoch fails."""

OWNER = "hubspot_owner_id"
MERGED = "hs_merged_object_ids"
"""On the record that survived a merge: the ids of those that did not."""

OF_A_DEAL = (OWNER, "hs_is_closed", "createdate", "hs_lastmodifieddate", MERGED)
OF_A_COMPANY = (
    "name", "domain", "website", OWNER, "lifecyclestage", "hs_ideal_customer_profile", "industry", "numberofemployees",
    "country", "zip", "city", "phone", "hs_parent_company_id", "hs_lastmodifieddate", MERGED,
)  # fmt: skip
_OF_EVERY_ACTIVITY = (
    "hs_timestamp",
    "hs_createdate",
    "hs_lastmodifieddate",
    OWNER,
    "hs_object_source",
    "hs_engagement_source",
)
OF_AN_ACTIVITY = {
    "calls": (
        *_OF_EVERY_ACTIVITY, "hs_call_direction", "hs_call_duration", "hs_call_status", "hs_call_disposition",
        "hs_call_body",
    ),
    "emails": (
        *_OF_EVERY_ACTIVITY, "hs_email_direction", "hs_email_status", "hs_email_from_email", "hs_sequence_id",
        "hs_incoming_email_is_out_of_office",
    ),
    "meetings": (*_OF_EVERY_ACTIVITY, "hs_meeting_start_time", "hs_meeting_outcome"),
}  # fmt: skip

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
"""HubSpot's own dispositions have the same ids in every portal; portals may add theirs."""
NOBODY_ANSWERED = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "busy",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "left live message",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "left voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "no answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "wrong number",
}
NEVER_DIALLED = frozenset({"FAILED", "CANCELED", "QUEUED"})
BY_PROGRAMS = frozenset({"INTEGRATION", "API"})
"""Sources of a call that a program recorded: a telephone system that is connected to HubSpot, and no person's word."""

_TAGS = re.compile(r"<[^>]*>|&nbsp;")

MACHINES = frozenset({
    "SEQUENCES", "WORKFLOWS", "AUTOMATION_PLATFORM", "PROSPECTING_AGENT", "BREEZE_AGENT", "CUSTOMER_AGENT", "IMPORT",
    "CRM_UI_BULK_ACTION",
})  # fmt: skip
"""Sources of an activity behind which no person sat at that moment."""


def field_name(name: str) -> str:
    """What one of our fields is called here."""
    return f"fairlead_{name}"


def lead(
    row: Record, key: LeadKey, kind: Kind, mapping: CrmMapping, owner: CrmUser | None, nobodies: Collection[str]
) -> Lead | Unreadable:
    """One contact or lead. `owner` is who stands behind its owner id, `nobodies` are addresses that do not count."""
    properties = row["properties"]
    try:
        created_at = instant(properties.get(kind.created) or row["createdAt"])
        modified_at = instant(properties.get(kind.modified) or row["updatedAt"])
    except (KeyError, ValueError) as error:
        return Unreadable(key, f"the {kind.name}'s dates cannot be read: {error}")
    owner_id = properties.get(OWNER) or None
    person = owner if owner and owner.kind == "person" else None
    values, unreadable = lead_values(mapping, properties.get)
    return Lead(
        key=key,
        created_at=created_at,
        modified_at=modified_at,
        values=values,
        owner_id=owner_id,
        owner=person.email if person else None,
        unowned=owner_id is None or (owner is not None and (person is None or person.email in nobodies)),
        decision=properties.get(field_name("decision")) or None,
        gone=mapping.fate_of(values),
        unreadable=unreadable,
        answer=properties.get(field_name("answer")) or None,
    )


def values(row: Record, mapping: CrmMapping) -> dict[str, Value]:
    """The mapped fields that can be understood, as they are now."""
    return lead_values(mapping, row["properties"].get)[0]


def absorbed(row: Record) -> list[str]:
    """The ids of the records that were merged into this one."""
    ids = str(row["properties"].get(MERGED) or "").split(";")
    return [id.strip() for id in ids if id.strip() and id.strip() != str(row["id"])]


def missing(key: LeadKey, now: datetime, survivors: Collection[Record]) -> Lead:
    """What an id that was not found is read as: merged into one of the records that came back instead, or deleted."""
    gone = Lead(key=key, created_at=now, modified_at=now, values={}, gone=Gone.DELETED)
    survivor = next((row for row in survivors if key.id in absorbed(row)), None)
    if survivor is None:
        return gone
    properties = survivor["properties"]
    return replace(
        gone,
        gone=Gone.MERGED,
        became=replace(key, id=str(survivor["id"])),
        owner_id=properties.get(OWNER) or None,
        decision=properties.get(field_name("decision")) or None,
    )


def company(row: Record, owner_of: Callable[[str], CrmUser | None]) -> Account:
    """One company; the owner only while he is active. Customers are known by their lifecycle stage."""
    properties = row["properties"]
    owner = owner_of(properties[OWNER]) if properties.get(OWNER) else None
    return Account(
        crm=CRM,
        id=str(row["id"]),
        name=properties.get("name") or "",
        domain=domain_of(properties.get("domain") or properties.get("website")),
        owner=owner.email if owner and owner.active else None,
        is_customer=properties.get("lifecyclestage") == "customer",
        tier=properties.get("hs_ideal_customer_profile") or None,
        industry=properties.get("industry") or None,
        employees=_employees(properties.get("numberofemployees")),
        country=properties.get("country") or None,
        parent=properties.get("hs_parent_company_id") or None,
        postcode=properties.get("zip") or None,
        city=properties.get("city") or None,
        phone=properties.get("phone") or None,
    )


def is_open(row: Record) -> bool:
    """Whether a deal is neither won nor lost."""
    return bool(row["properties"].get("hs_is_closed") != "true")


def deal(row: Record, companies: Sequence[str], email_of: Callable[[str], str | None]) -> Role | None:
    """Whoever owns an open deal, in the first of its companies; None where there is no owner or no company."""
    properties = row["properties"]
    person = email_of(properties[OWNER]) if properties.get(OWNER) else None
    if person is None or not companies:
        return None
    since = _moment(properties.get("createdate")) or instant(properties["hs_lastmodifieddate"])
    return Role(CRM, str(row["id"]), companies[0], OPEN_OPPORTUNITY, person, since)


def _employees(text: str | None) -> int | None:
    try:
        return int(number(text)) if text else None
    except NotUnderstood:
        return None


def user(row: Record, *, active: bool) -> CrmUser:
    """One owner; HubSpot calls some of them queues."""
    name = f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip()
    email = address(row.get("email"))
    queue = row.get("type") == "QUEUE"
    return CrmUser(
        CRM,
        str(row["id"]),
        name or email or str(row["id"]),
        None if queue else email,
        active,
        "queue" if queue else "person",
    )


def activity(kind: str, row: Record, key: LeadKey, owner: str | None, not_people: Collection[str]) -> Activity | None:
    """One call, e-mail or meeting; None for what never took place (a call that failed, a draft) or was logged at no
    time that can be read.

    It happened when its author says (`hs_timestamp`, which can be put back) and was logged when HubSpot says
    (`hs_createdate`). `owner` is the address behind its owner id.
    """
    properties = row["properties"]
    one, read = _READERS[kind]
    logged_at = _moment(properties.get("hs_createdate") or row.get("createdAt"))
    if logged_at is None:
        return None
    by = owner or (address(properties.get("hs_email_from_email")) if one == "email" else None)
    sources = {properties.get("hs_engagement_source"), properties.get("hs_object_source")}
    common = Activity(
        id=str(row["id"]),
        crm=CRM,
        lead=key,
        kind=one,
        happened_at=_moment(properties.get("hs_timestamp")) or logged_at,
        logged_at=logged_at,
        by=by,
        automated=bool(sources & MACHINES) or by in not_people or bool(properties.get("hs_sequence_id")),
    )
    return read(properties, common)


def _call(properties: Record, common: Activity) -> Activity | None:
    if properties.get("hs_call_status") in NEVER_DIALLED:
        return None
    seconds = _whole_seconds(properties.get("hs_call_duration"))
    return replace(
        common,
        direction="inbound" if properties.get("hs_call_direction") == "INBOUND" else "outbound",
        talk_seconds=seconds,
        answered=_answered(properties.get("hs_call_disposition"), seconds),
        claimed=properties.get("hs_object_source") not in BY_PROGRAMS,
        noted=bool(_TAGS.sub("", properties.get("hs_call_body") or "").strip()),
    )


def _whole_seconds(milliseconds: str | None) -> int | None:
    try:
        return int(float(milliseconds)) // 1000 if milliseconds else None
    except (ValueError, OverflowError):
        return None


def _answered(disposition: str | None, seconds: int | None) -> bool | None:
    if disposition in NOBODY_ANSWERED:
        return False
    if disposition == CONNECTED:
        return True
    return None if seconds is None else seconds > 0


def _email(properties: Record, common: Activity) -> Activity | None:
    incoming = properties.get("hs_email_direction") == "INCOMING_EMAIL"
    if not incoming and properties.get("hs_email_status") not in (None, "", "SENT"):
        return None
    away = properties.get("hs_incoming_email_is_out_of_office") == "true"
    return replace(
        common,
        by=None if incoming else common.by,
        direction="inbound" if incoming else "outbound",
        reply=incoming and not away,
        automated=common.automated or away,
    )


def _meeting(properties: Record, common: Activity) -> Activity | None:
    return replace(
        common,
        happened_at=_moment(properties.get("hs_meeting_start_time")) or common.happened_at,
        held=properties.get("hs_meeting_outcome") == "COMPLETED",
    )


_READERS: dict[str, tuple[ActivityKind, Callable[[Record, Activity], Activity | None]]] = {
    "calls": ("call", _call),
    "emails": ("email", _email),
    "meetings": ("meeting", _meeting),
}


def _moment(text: str | None) -> datetime | None:
    """A date-time property: ISO text, or the milliseconds that some apps write; None where it is no time."""
    try:
        if text and text.isdecimal():
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        return instant(text) if text else None
    except (ValueError, OverflowError):
        return None


def seen_event(account: str, row: Record, kind: Kind) -> str:
    """What tells this sighting from every other: the record and when it last changed."""
    return f"{CRM}:{account}:{row['id']}:{stamp(modified_at(row, kind))}"


def modified_at(row: Record, kind: Kind) -> datetime:
    """When the record last changed; where that cannot be read, when it was made, which searches are in the order of."""
    told = (row["properties"].get(kind.modified), row.get("updatedAt"), row["properties"].get(kind.created))
    return next((moment for text in told if (moment := _moment(text))), BEGINNING)
