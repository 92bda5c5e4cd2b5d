"""What the company's own CRM holds, and what people do in it by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import time
from typing import Any

from sandbox.clock import instant
from sandbox.store import Author, OwnerChange, Record
from sandbox.world import Json, World

CRM = "rest"

FIELDS: Mapping[str, Sequence[str]] = {
    "leads": ("name", "email", "company", "country", "industry", "employees", "source", "status"),
    "companies": ("name", "website", "customer", "industry", "employees", "country", "parent"),
}
"""The fields that are there from the start; `POST /fields` adds others to leads."""


class Refusal(Exception):
    """What a caller did wrong: an HTTP status, a code, a sentence, and the field where one is to blame."""

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field

    def body(self) -> Json:
        return {"error": self.code, "message": self.message} | ({"field": self.field} if self.field else {})


class Office:
    """Users, companies, leads and what was done with them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.added: dict[str, Json] = {}

    def reset(self) -> None:
        self.added = {}

    @property
    def now(self) -> datetime:
        return self._world.clock.now()

    # what the API asks

    def users(self) -> list[Json]:
        return [{"id": one.id, **one.fields} for one in self._world.store.all(CRM, "users")]

    def rows(self, kind: str) -> list[Record]:
        """Records that are not deleted."""
        return [record for record in self._world.store.all(CRM, kind) if not record.deleted]

    def find(self, kind: str, id: str) -> Record | None:
        """A record, deleted ones included."""
        return self._world.store.get(CRM, kind, id)

    def known(self, kind: str, field: str) -> None:
        """Refusal where there is no such field."""
        if field not in FIELDS.get(kind, ()) and field not in self.added and field != "owner":
            raise Refusal(400, "unknown_field", f"there is no field {field}", field)

    def write(self, lead: Record, fields: Mapping[str, Any], by: Author) -> Record:
        """The lead with these fields. Refusal where one is unknown, or does not take what it is given."""
        for name, value in fields.items():
            self.known("leads", name)
            self._fits(name, value)
        owner = fields.get("owner", lead.fields.get("owner"))
        if owner is not None and not self._active(owner):
            raise Refusal(400, "unknown_owner", f"{owner} is not an active user", "owner")
        change = OwnerChange(self.now, owner, by, time()) if owner != lead.fields.get("owner") else None
        self._remember(lead.id, {name: value for name, value in fields.items() if value != lead.fields.get(name)})
        return self._world.store.change(lead, fields, self.now, owner=change)

    def changes(self, lead: str) -> list[Json]:
        """Who changed what of a lead is not kept, but what it became and when, oldest first."""
        kept = self.find("changes", lead)
        return (
            [{"id": lead, "field": field, "value": value, "at": at} for field, value, at in kept.fields["rows"]]
            if kept
            else []
        )

    def _remember(self, lead: str, fields: Mapping[str, Any]) -> None:
        rows = [[name, value, self.now.isoformat()] for name, value in fields.items()]
        kept = self.find("changes", lead)
        if kept is None:
            self._world.store.add(CRM, "changes", lead, {"rows": rows}, self.now)
        else:
            self._world.store.change(kept, {"rows": [*kept.fields["rows"], *rows]}, self.now)

    def add_task(self, task: Json) -> None:
        """A task; the same key a second time is the same task."""
        lead = self.find("leads", str(task["lead"]))
        if lead is None or lead.deleted:
            raise Refusal(404, "unknown_lead", f"there is no lead {task['lead']}")
        if self.find("tasks", str(task["key"])) is None:
            self._world.store.add(CRM, "tasks", str(task["key"]), task, self.now)

    def _fits(self, name: str, value: object) -> None:
        field = self.added.get(name, {})
        if value is not None and field.get("choices") and value not in field["choices"]:
            raise Refusal(400, "bad_value", f"{value!r} is none of the choices of {name}", name)
        if isinstance(value, str) and len(value) > int(field.get("length") or 65_536):
            raise Refusal(400, "bad_value", f"{name} is longer than {field['length']} characters", name)

    def _active(self, owner: object) -> bool:
        user = self.find("users", str(owner))
        return user is not None and bool(user.fields["active"])

    # by hand

    def add_users(self, users: Sequence[Json]) -> list[str]:
        """People of {"email", "name", "active"?}; their ids."""
        return [
            self._add("users", {"kind": "person", "active": True, **user} | {"email": user["email"].lower()})
            for user in users
        ]

    def add_accounts(self, accounts: Sequence[Json]) -> list[str]:
        """Companies with these fields and perhaps an `owner`."""
        return [self._add("companies", account) for account in accounts]

    def add_leads(self, leads: Sequence[Json]) -> list[str]:
        """Leads with these fields, without an owner unless one is named."""
        for lead in leads:
            for name in lead:
                self.known("leads", name)
        made = [(self._add("leads", {"owner": None, **lead}), {"owner": None, **lead}) for lead in leads]
        for id, fields in made:
            self._remember(id, fields)
        return [id for id, _ in made]

    def add_calls(self, calls: Sequence[Json]) -> list[str]:
        """Outbound calls of {"lead", "owner", "seconds", "note"?, "at"?, "logged_at"?}."""
        return [self._log("call", call) for call in calls]

    def add_emails(self, emails: Sequence[Json]) -> list[str]:
        """E-mails by a person, of {"lead", "owner", "at"?, "logged_at"?}."""
        return [self._log("email", email) for email in emails]

    def set_owner(self, lead: str, owner: str | None) -> None:
        """Somebody gives the lead to that owner; None to nobody."""
        self.write(self._lead(lead), {"owner": owner or None}, "person")

    def set_fields(self, lead: str, fields: Mapping[str, Any]) -> None:
        """Somebody changes these fields."""
        self.write(self._lead(lead), fields, "person")

    def convert(self, lead: str) -> None:
        """Somebody makes the lead a customer."""
        self._world.store.change(self._lead(lead), {"gone": "converted"}, self.now)

    def delete(self, lead: str) -> None:
        """Somebody deletes the lead."""
        self._world.store.change(self._lead(lead), {"gone": "deleted"}, self.now, deleted=True)

    def leads(self) -> list[Json]:
        """Every lead, deleted ones included, with who owned it when."""
        return [_seen(record) for record in self._world.store.all(CRM, "leads")]

    def _lead(self, id: str) -> Record:
        lead = self.find("leads", str(id))
        if lead is None or lead.deleted:
            raise LookupError(f"there is no lead {id}")
        return lead

    def _add(self, kind: str, fields: Json) -> str:
        id = f"{kind[0]}{self._world.store.new_number(CRM, kind):06}"
        self._world.store.add(CRM, kind, id, fields, self.now)
        return id

    def _log(self, kind: str, logged: Json) -> str:
        happened, known = (instant(logged[key]) if logged.get(key) else self.now for key in ("at", "logged_at"))
        seconds = logged.get("seconds", 60) if kind == "call" else None
        return self._add(
            "activities",
            {
                "kind": kind,
                "lead": self._lead(logged["lead"]).id,
                "by": logged["owner"],
                "at": happened.isoformat(),
                "logged_at": known.isoformat(),
                "direction": "outbound",
                "seconds": seconds,
                "note": logged.get("note"),
            },
        )


def _seen(record: Record) -> Json:
    written = [change.real for change in record.owner_changes if change.by == "api" and change.owner]
    return {
        **record.fields,
        "id": record.id,
        "deleted": record.deleted,
        "created_real": record.created_real,
        "owner_changes": [
            {"at": change.at.isoformat(), "owner": change.owner, "by": change.by} for change in record.owner_changes
        ],
        "owner_written_real": written[0] if written else None,
    }
