"""From the CRM's rows to what the rest of Fairlead knows: leads, companies, users, activities."""

from collections.abc import Callable, Iterable
from typing import Literal

from connectors.rest.api import Row
from connectors.values import address, domain_of, instant, lead_values
from domain.accounts import Account
from domain.activities import Activity
from domain.leads import Gone, Lead, LeadKey, Unreadable, Version
from domain.mapping import CrmMapping
from domain.people import CrmUser

CRM = "rest"

Who = Callable[[str | None], str | None]
"""The address of the person behind an owner id."""


def field_name(name: str) -> str:
    """What one of our fields is called here."""
    return f"fairlead_{name}"


def user(row: Row) -> CrmUser:
    """One row of the users."""
    kind: Literal["person", "queue"] = "queue" if row.get("kind") == "queue" else "person"
    email = address(row.get("email")) if kind == "person" else None
    return CrmUser(CRM, str(row["id"]), str(row.get("name") or ""), email, bool(row.get("active")), kind)


def lead(row: Row, key: LeadKey, mapping: CrmMapping, who: Who, nobodies: frozenset[str]) -> Lead | Unreadable:
    """One lead as it was read; owned by nobody yet where its owner is none, or stands for nobody."""
    try:
        created_at, modified_at = instant(row["created"]), instant(row["modified"])
        gone = Gone(row["gone"]) if row.get("gone") else None
    except (KeyError, ValueError) as error:
        return Unreadable(key, f"the lead cannot be read: {error}")
    owner_id = str(row["owner"]) if row.get("owner") else None
    owner = who(owner_id)
    values, unreadable = lead_values(mapping, row.get)
    return Lead(
        key=key,
        created_at=created_at,
        modified_at=modified_at,
        values=values,
        owner_id=owner_id,
        owner=owner,
        unowned=owner_id is None or owner in nobodies,
        decision=row.get(field_name("decision")) or None,
        answer=row.get(field_name("answer")) or None,
        gone=gone or mapping.fate_of(values),
        unreadable=unreadable,
    )


def versions(changes: Iterable[Row], field: str) -> tuple[Version, ...]:
    """What one field of a lead held, from its changes, which come in order of time."""
    return tuple(
        Version(instant(one["at"]), str(one["value"]) if one["value"] else None)
        for one in changes
        if one["field"] == field
    )


def account(row: Row, who: Who) -> Account:
    """One company."""
    return Account(
        crm=CRM,
        id=str(row["id"]),
        name=str(row.get("name") or ""),
        domain=domain_of(row.get("website")),
        owner=who(row.get("owner")),
        is_customer=bool(row.get("customer")),
        industry=row.get("industry") or None,
        employees=row.get("employees"),
        country=row.get("country") or None,
        parent=row.get("parent") or None,
    )


def activity(row: Row, key: LeadKey, who: Who, not_people: frozenset[str]) -> Activity:
    """A call or an e-mail."""
    by, talked = who(row.get("by")), row.get("seconds")
    return Activity(
        id=str(row["id"]),
        crm=CRM,
        lead=key,
        kind="call" if row["kind"] == "call" else "email",
        happened_at=instant(row["at"]),
        logged_at=instant(row["logged_at"]),
        by=by,
        direction="inbound" if row.get("direction") == "inbound" else "outbound",
        talk_seconds=talked,
        answered=None if talked is None else talked > 0,
        reply=row["kind"] == "email" and row.get("direction") == "inbound",
        automated=by in not_people,
        claimed=row["kind"] == "call",
        noted=bool(row.get("note")),
    )
