"""What people do in the CRM by hand: the control API's verbs for this portal. A `lead` is a contact here."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.clock import instant
from sandbox.hubspot import times
from sandbox.hubspot.association_types import PRIMARY_CONTACT_OF_A_LEAD
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.authors import A_DIALER, A_FORM, AN_IMPORT, Author, person, source
from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Json
from sandbox.hubspot.kinds import CALL, COMPANY, CONTACT, EMAIL, LEAD, USER, Kind, kind_called
from sandbox.hubspot.portal import OWNER, Portal
from sandbox.store import Record

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
_HOURS = {
    "time_zone": "hs_standard_time_zone",
    "working_hours": "hs_working_hours",
    "out_of_office": "hs_out_of_office_hours",
}
_AN_ADMIN = person("9586504")


class ByHand:
    """Sales people, admins and visitors of the web site."""

    def __init__(self, portal: Portal, associations: Associations) -> None:
        self._portal = portal
        self._associations = associations

    def add_users(self, users: Sequence[Json]) -> list[str]:
        """Owners of {"email", "name", "active"?, "id"?, "user_id"?, "time_zone"?, "working_hours"?, "out_of_office"?},
        each with a user record; the owner ids. The last two are lists of what HubSpot keeps as JSON text.
        """
        return [self._add_user(user) for user in users]

    def add_accounts(self, accounts: Sequence[Json]) -> list[str]:
        """Companies with these properties."""
        return [self._create(COMPANY, account, _AN_ADMIN).id for account in accounts]

    def add_leads(self, leads: Sequence[Json]) -> list[str]:
        """Contacts with these properties, as if a form had been filled in; computed ones may be set.

        `associatedcompanyid` associates the contact with that company.
        """
        return [self._add_lead(lead) for lead in leads]

    def add_calls(self, calls: Sequence[Json]) -> list[str]:
        """Outbound calls of {"lead", "owner", "seconds", "at"?, "logged_at"?}; zero seconds is one nobody answered."""
        return [self._log(CALL, call, self._call(call)) for call in calls]

    def add_emails(self, emails: Sequence[Json]) -> list[str]:
        """E-mails sent by a person, of {"lead", "owner", "at"?, "logged_at"?}."""
        return [self._log(EMAIL, email, self._email(email)) for email in emails]

    def set_owner(self, lead: str, owner: str | None) -> None:
        """Somebody gives the contact to that owner (empty or null: to nobody)."""
        contact = self._contact(lead)
        if owner and owner not in self._portal.owners.active:
            raise LookupError(f"there is no active owner {owner}")
        author = person(str(self._user_id(owner))) if owner else _AN_ADMIN
        self._portal.change(CONTACT, contact, {OWNER: owner or ""}, author)

    def set_fields(self, lead: str, fields: Mapping[str, Any]) -> None:
        """Somebody changes these properties of the contact."""
        self._portal.change(CONTACT, self._contact(lead), fields, _AN_ADMIN)

    def convert(self, lead: str) -> None:
        """Somebody makes the contact an opportunity."""
        self._portal.change(CONTACT, self._contact(lead), {"lifecyclestage": "opportunity"}, _AN_ADMIN)

    def delete(self, lead: str) -> None:
        """Somebody deletes the contact."""
        self._portal.archive(CONTACT, self._contact(lead), _AN_ADMIN)

    def leads(self) -> list[Json]:
        """Every contact, deleted ones (`archived`) included, with who owned it when."""
        return [_seen(record) for archived in (False, True) for record in self._portal.all(CONTACT, archived)]

    def deactivate(self, owner: str) -> None:
        """The person has left: the owner is archived, the user record says so, and records stay as they are."""
        self._portal.owners.deactivate(str(owner), self._portal.world.clock.now())
        for user in self._portal.all(USER):
            if user.fields.get(OWNER) == str(owner):
                self._portal.change(USER, user, {"hs_deactivated": "true", OWNER: ""}, _AN_ADMIN)

    def import_leads(self, leads: Sequence[Json]) -> list[str]:
        """Contacts with these properties, as an admin's file brings them."""
        return [self._create(CONTACT, lead, AN_IMPORT).id for lead in leads]

    def add_records(self, rows: Sequence[Json]) -> list[str]:
        """Records of any kind, of {"kind", "properties", "contact"?, "company"?, "source"?}: their ids.

        `source` is HubSpot's word for who wrote it (CRM_UI and an admin by default); the record is associated with the
        contact and the company.
        """
        return [self._add_record(row) for row in rows]

    def change_record(self, asked: Json) -> None:
        """Somebody changes {"kind", "id", "properties", "source"?}; what HubSpot computes may be set as well."""
        kind = self._kind(asked)
        record = self._there(kind, asked["id"])
        checked = self._portal.checked(kind, asked["properties"], by_hand=True)
        if isinstance(checked, list):
            raise ValueError("; ".join(problem.message for problem in checked))
        self._refusing(lambda: self._portal.change(kind, record, checked, _author(asked)))

    def merge(self, asked: Json) -> str:
        """Somebody merges {"primary", "other", "kind"?: contacts}; the id of what they became."""
        kind = self._kind({"kind": "contacts", **asked})
        formers = [self._there(kind, asked[key]) for key in ("primary", "other")]
        if formers[0].id == formers[1].id:
            raise ValueError("a record cannot be merged with itself")
        merged = self._portal.merge(kind, *formers)
        for former in formers:
            self._associations.inherit(merged, former)
        return merged.id

    def restore(self, lead: str) -> None:
        """Somebody takes the contact out of the recycle bin."""
        record = self._portal.find(CONTACT, str(lead))
        if record is None or not record.deleted:
            raise LookupError(f"there is no deleted contact {lead}")
        self._refusing(lambda: self._portal.restore(CONTACT, record, _AN_ADMIN))

    def purge(self, lead: str) -> None:
        """An admin deletes the contact for good, as the GDPR lets people demand."""
        self._portal.purge(CONTACT, self._contact(lead), _AN_ADMIN)

    def _add_record(self, row: Json) -> str:
        kind = self._kind(row)
        ends = [self._there(end, row[end.name]) for end in (CONTACT, COMPANY) if row.get(end.name)]
        record = self._create(kind, row["properties"], _author(row))
        for end in ends:
            primary = PRIMARY_CONTACT_OF_A_LEAD if (kind, end.kind) == (LEAD, CONTACT.plural) else None
            self._associations.join(record, end, primary)
        return record.id

    def _kind(self, asked: Json) -> Kind:
        try:
            return kind_called(str(asked["kind"]))
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def _there(self, kind: Kind, record_id: object) -> Record:
        record = self._portal.live(kind, str(record_id))
        if record is None:
            raise LookupError(f"there is no {kind.name} {record_id}")
        return record

    def _refusing(self, act: Callable[[], Record]) -> Record:
        """The same, with HubSpot's reason as the control API tells it: ValueError."""
        try:
            return act()
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def _add_user(self, user: Json) -> str:
        added = self._portal.owners.add(user, self._portal.world.clock.now())
        owner = added.fields
        values = {
            "hs_email": owner["email"],
            "hs_given_name": owner["first"],
            "hs_family_name": owner["last"],
            "hs_internal_user_id": owner["user_id"],
            "hs_deactivated": not owner["active"],
            **({OWNER: added.id} if owner["active"] else {}),
            **{name: _json(user[key]) for key, name in _HOURS.items() if key in user},
        }
        self._create(USER, values, _AN_ADMIN)
        return added.id

    def _add_lead(self, lead: Json) -> str:
        company_id = str(lead.get("associatedcompanyid") or "")
        company = self._portal.live(COMPANY, company_id) if company_id else None
        if company_id and company is None:
            raise LookupError(f"there is no company {company_id}")
        contact = self._create(CONTACT, {k: v for k, v in lead.items() if k != "associatedcompanyid"}, A_FORM)
        if company:
            self._associations.join(contact, company)
        return contact.id

    def _log(self, kind: Kind, logged: Json, values: Mapping[str, Any]) -> str:
        contact = self._contact(logged["lead"])
        now = self._portal.world.clock.now()
        happened, known = (instant(logged[key]) if logged.get(key) else now for key in ("at", "logged_at"))
        common = {
            "hs_timestamp": times.written(times.in_ms(happened)),
            kind.created: times.written(times.in_ms(known)),
            OWNER: logged["owner"],
        }
        author = A_DIALER if logged.get("dialer") else person(str(self._user_id(logged["owner"])))
        activity = self._create(kind, {**common, **values}, author)
        self._associations.join(contact, activity)
        return activity.id

    def _call(self, call: Json) -> dict[str, Any]:
        seconds = float(call.get("seconds", 60))
        return {
            "hs_call_title": "Call",
            "hs_call_direction": "OUTBOUND",
            "hs_call_status": "COMPLETED" if seconds else "NO_ANSWER",
            "hs_call_disposition": CONNECTED if seconds else NO_ANSWER,
            "hs_call_duration": int(seconds * 1000),
            "hs_call_body": call.get("note") or "",
        }

    def _email(self, email: Json) -> dict[str, Any]:
        owner = self._portal.owners.get(str(email["owner"]))
        contact = self._contact(email["lead"])
        return {
            "hs_email_subject": "Your enquiry",
            "hs_email_direction": "EMAIL",
            "hs_email_status": "SENT",
            "hs_email_from_email": owner.fields["email"] if owner else "",
            "hs_email_to_email": contact.fields.get("email", ""),
        }

    def _create(self, kind: Kind, values: Mapping[str, Any], author: Author) -> Record:
        checked = self._portal.checked(kind, values, by_hand=True)
        if isinstance(checked, list):
            raise ValueError("; ".join(problem.message for problem in checked))
        return self._refusing(lambda: self._portal.create(kind, checked, author))

    def _contact(self, lead: str) -> Record:
        return self._there(CONTACT, lead)

    def _user_id(self, owner: str) -> int:
        record = self._portal.owners.get(str(owner))
        if record is None:
            raise LookupError(f"there is no owner {owner}")
        return int(record.fields["user_id"])


def _json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _author(asked: Json) -> Author:
    name = asked.get("source")
    return source(str(name)) if name else _AN_ADMIN


def _seen(record: Record) -> Json:
    written = next((change.real for change in record.owner_changes if change.by == "api" and change.owner), None)
    return {
        **record.fields,
        "id": record.id,
        "owner": record.fields.get(OWNER),
        "archived": record.deleted,
        "owner_changes": [
            {"at": change.at.isoformat(), "owner": change.owner, "by": change.by} for change in record.owner_changes
        ],
        "created_real": record.created_real,
        "owner_written_real": written,
    }
