"""The people (and queues) who can own records: GET /crm/v3/owners."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Answer, Call, Json, page
from sandbox.store import Record, Store

CRM, OWNERS = "hubspot", "owners"
_FIRST_ID = 88_842_094


class Owners:
    """Owner ids. New ones equal the user id, as in every recent portal; older portals have pairs that differ."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def active(self) -> Collection[str]:
        """The ids that a record may be given to."""
        return {record.id for record in self._store.where(CRM, OWNERS, "active", True)}

    def add(self, person: Json, at: datetime) -> Record:
        """A new owner of {"email", "name", "active"?, "id"?, "user_id"?}. ValueError when the id is taken."""
        first, _, last = str(person.get("name", "")).partition(" ")
        owner_id = str(person.get("id") or _FIRST_ID + self._store.new_number(CRM, OWNERS))
        if self._store.get(CRM, OWNERS, owner_id):
            raise ValueError(f"there is an owner {owner_id} already")
        fields = {
            "email": person["email"],
            "first": first,
            "last": last,
            "user_id": int(person.get("user_id") or owner_id),
            "active": bool(person.get("active", True)),
        }
        return self._store.add(CRM, OWNERS, owner_id, fields, at)

    def get(self, owner_id: str) -> Record | None:
        """The owner, deactivated ones included."""
        return self._store.get(CRM, OWNERS, owner_id)

    def page(self, call: Call) -> Answer:
        """GET /crm/v3/owners: active owners by id, or the deactivated ones with `archived=true`."""
        limit, after = call.number("limit", 100, 500), call.after()
        found = [
            record
            for record in sorted(self._store.where(CRM, OWNERS, "active", not call.flag("archived")), key=_by_id)
            if int(record.id) > after and call.query.get("email") in (None, "", record.fields["email"])
        ]
        more = found[limit - 1].id if len(found) > limit else None
        return Answer(200, page([_as_json(record) for record in found[:limit]], more))

    def one(self, call: Call) -> Answer:
        """GET /crm/v3/owners/{ownerId}: by owner id, or by user id with `idProperty=userId`."""
        wanted, archived = call.words["owner"], call.flag("archived")
        if call.query.get("idProperty") == "userId":
            found = [record for record in self._store.all(CRM, OWNERS) if str(record.fields["user_id"]) == wanted]
        else:
            found = [record for record in [self.get(wanted)] if record]
        for record in found:
            if record.fields["active"] is not archived:
                return Answer(200, _as_json(record))
        raise Refusal(404, "resource not found", "OBJECT_NOT_FOUND")


def _by_id(record: Record) -> int:
    return int(record.id)


def _as_json(record: Record) -> dict[str, Any]:
    fields = record.fields
    return {
        "id": record.id,
        "email": fields["email"],
        "type": "PERSON",
        "firstName": fields["first"],
        "lastName": fields["last"],
        "userId": fields["user_id"] if fields["active"] else None,
        "userIdIncludingInactive": fields["user_id"],
        "createdAt": times.written(times.in_ms(record.created)),
        "updatedAt": times.written(times.in_ms(record.modified)),
        "archived": not fields["active"],
        "teams": [],
    }
