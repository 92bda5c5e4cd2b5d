"""The people (and queues) who can own records, and their teams: /crm/v3/owners and /settings/v3/users."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Answer, Call, Json, page
from sandbox.store import Record, Store

CRM, OWNERS, TEAMS = "hubspot", "owners", "teams"
_FIRST_ID = 88_842_094
_FIRST_TEAM = 368_388


class Owners:
    """Owner ids. New ones equal the user id, as in every recent portal; older portals have pairs that differ."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def active(self) -> Collection[str]:
        """The ids that a record may be given to."""
        return {record.id for record in self._store.where(CRM, OWNERS, "active", True)}

    def add(self, person: Json, at: datetime) -> Record:
        """A new owner of {"email", "name", "active"?, "id"?, "user_id"?, "type"?: "QUEUE"}.

        ValueError when the id is taken.
        """
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
            "type": str(person.get("type", "PERSON")),
        }
        return self._store.add(CRM, OWNERS, owner_id, fields, at)

    def deactivate(self, owner_id: str, at: datetime) -> None:
        """The person has left: the owner is archived, and stays on what it owns. LookupError for no such owner."""
        record = self.get(owner_id)
        if record is None:
            raise LookupError(f"there is no owner {owner_id}")
        self._store.change(record, {"active": False}, at)

    def add_team(self, team: Json, at: datetime) -> str:
        """A team of {"name", "members": owner ids, "secondary"?: owner ids}; its id. LookupError for no such owner."""
        members, secondary = ([str(one) for one in team.get(key, ())] for key in ("members", "secondary"))
        for one in (*members, *secondary):
            if self.get(one) is None:
                raise LookupError(f"there is no owner {one}")
        team_id = str(_FIRST_TEAM + self._store.new_number(CRM, TEAMS))
        fields = {"name": team["name"], "members": members, "secondary": secondary}
        self._store.add(CRM, TEAMS, team_id, fields, at)
        return team_id

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
        return Answer(200, page([self._as_json(record) for record in found[:limit]], more))

    def one(self, call: Call) -> Answer:
        """GET /crm/v3/owners/{ownerId}: by owner id, or by user id with `idProperty=userId`."""
        wanted, archived = call.words["owner"], call.flag("archived")
        if call.query.get("idProperty") == "userId":
            found = [record for record in self._store.all(CRM, OWNERS) if str(record.fields["user_id"]) == wanted]
        else:
            found = [record for record in [self.get(wanted)] if record]
        for record in found:
            if record.fields["active"] is not archived:
                return Answer(200, self._as_json(record))
        raise Refusal(404, "resource not found", "OBJECT_NOT_FOUND")

    def users(self, call: Call) -> Answer:
        """GET /settings/v3/users: everybody who can sign in, by user id."""
        limit, after = call.number("limit", 100, 100), call.after()
        people = (r for r in self._store.where(CRM, OWNERS, "active", True) if r.fields["type"] == "PERSON")
        found = sorted((r for r in people if r.fields["user_id"] > after), key=lambda r: int(r.fields["user_id"]))
        more = str(found[limit - 1].fields["user_id"]) if len(found) > limit else None
        return Answer(200, page([self._as_user(record) for record in found[:limit]], more))

    def teams(self, _: Call) -> Answer:
        """GET /settings/v3/users/teams"""
        rows = [
            {
                "id": team.id,
                "name": team.fields["name"],
                "userIds": [self._user_id(one) for one in team.fields["members"]],
                "secondaryUserIds": [self._user_id(one) for one in team.fields["secondary"]],
            }
            for team in self._store.all(CRM, TEAMS)
        ]
        return Answer(200, {"results": rows})

    def _user_id(self, owner_id: str) -> str:
        record = self.get(owner_id)
        return str(record.fields["user_id"]) if record else ""

    def _teams_of(self, owner_id: str) -> list[Json]:
        return [
            {"id": team.id, "name": team.fields["name"], "primary": owner_id in team.fields["members"]}
            for team in self._store.all(CRM, TEAMS)
            if owner_id in (*team.fields["members"], *team.fields["secondary"])
        ]

    def _as_user(self, record: Record) -> Json:
        teams = self._teams_of(record.id)
        shown: Json = {
            "id": str(record.fields["user_id"]),
            "email": record.fields["email"],
            "firstName": record.fields["first"],
            "lastName": record.fields["last"],
            "roleIds": [],
            "superAdmin": False,
        }
        if primary := [team["id"] for team in teams if team["primary"]]:
            shown["primaryTeamId"] = primary[0]
        if secondary := [team["id"] for team in teams if not team["primary"]]:
            shown["secondaryTeamIds"] = secondary
        return shown

    def _as_json(self, record: Record) -> dict[str, Any]:
        fields = record.fields
        return {
            "id": record.id,
            "email": fields["email"],
            "type": fields["type"],
            "firstName": fields["first"],
            "lastName": fields["last"],
            "userId": fields["user_id"] if fields["active"] else None,
            "userIdIncludingInactive": fields["user_id"],
            "createdAt": times.written(times.in_ms(record.created)),
            "updatedAt": times.written(times.in_ms(record.modified)),
            "archived": not fields["active"],
            "teams": self._teams_of(record.id),
        }


def _by_id(record: Record) -> int:
    return int(record.id)
