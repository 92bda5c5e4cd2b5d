"""Lists and who is on them: /crm/v3/lists.

A DYNAMIC list keeps its filter and nobody evaluates it: it has no members here.
"""

from collections.abc import Sequence
from datetime import datetime

from sandbox.hubspot import times
from sandbox.hubspot.errors import VALIDATION, Refusal, invalid_json, invalid_request
from sandbox.hubspot.exchange import Answer, Call, Json, bounded, field_of
from sandbox.hubspot.kinds import kind_called
from sandbox.hubspot.portal import CRM, Portal
from sandbox.store import Record

LISTS = "lists"
MOST_MEMBERS = 100_000
LARGEST_PAGE, LARGEST_SEARCH = 250, 500
_TYPES = ("MANUAL", "SNAPSHOT", "DYNAMIC")


class Lists:
    """Every list of the account, by id."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._store = portal.world.store

    def create(self, call: Call) -> Answer:
        """POST /crm/v3/lists: 200; 400 for a name that is taken."""
        asked = call.json()
        name, object_type = field_of(asked, "name"), kind_called(field_of(asked, "objectTypeId")).type_id
        processing = field_of(asked, "processingType")
        if processing not in _TYPES:
            raise invalid_json(f"{processing} is not a processing type")
        if self._named(object_type, name):
            raise Refusal(
                400, f"List names must be unique: '{name}'.", VALIDATION, subCategory="ILS.DUPLICATE_LIST_NAMES"
            )
        fields = {"name": name, "objectTypeId": object_type, "processingType": processing, "members": {}}
        if "filterBranch" in asked:
            fields["filterBranch"] = asked["filterBranch"]
        list_id = str(self._store.new_number(CRM, LISTS))
        return Answer(200, {"list": _as_json(self._store.add(CRM, LISTS, list_id, fields, self._now()))})

    def find(self, call: Call) -> Answer:
        """POST .../search: lists whose name contains the query, by id."""
        asked = call.json()
        count = bounded("count", asked.get("count"), 20, LARGEST_SEARCH)
        offset, words = int(asked.get("offset") or 0), str(asked.get("query") or "").lower()
        wanted = asked.get("processingTypes") or _TYPES
        there = [
            record
            for record in self._live()
            if words in record.fields["name"].lower() and record.fields["processingType"] in wanted
        ]
        shown = [_found(record) for record in there[offset : offset + count]]
        more = len(there) > offset + count
        return Answer(200, {"offset": offset + len(shown), "hasMore": more, "lists": shown, "total": len(there)})

    def one(self, call: Call) -> Answer:
        """GET .../{listId}"""
        return Answer(200, {"list": _as_json(self._known(call))})

    def named(self, call: Call) -> Answer:
        """GET .../object-type-id/{objectTypeId}/name/{listName}"""
        record = self._named(kind_called(call.words["kind"]).type_id, call.words["name"])
        if record is None:
            raise _no_list(call.words["name"])
        return Answer(200, {"list": _as_json(record)})

    def remove(self, call: Call) -> Answer:
        """DELETE .../{listId}: 204"""
        self._store.change(self._known(call), {}, self._now(), deleted=True)
        return Answer(204)

    def members(self, call: Call) -> Answer:
        """GET .../{listId}/memberships, by record id."""
        return self._members(call, sorted(self._known(call).fields["members"], key=int))

    def members_as_they_joined(self, call: Call) -> Answer:
        """GET .../{listId}/memberships/join-order"""
        return self._members(call, list(self._known(call).fields["members"]))

    def add(self, call: Call) -> Answer:
        """PUT .../{listId}/memberships/add: a list of ids."""
        return self._change_members(call, add=_ids(call.body), remove=())

    def take_off(self, call: Call) -> Answer:
        """PUT .../{listId}/memberships/remove: a list of ids."""
        return self._change_members(call, add=(), remove=_ids(call.body))

    def add_and_take_off(self, call: Call) -> Answer:
        """PUT .../{listId}/memberships/add-and-remove: {"recordIdsToAdd", "recordIdsToRemove"}."""
        asked = call.json()
        add, remove = (_ids(asked.get(name) or []) for name in ("recordIdsToAdd", "recordIdsToRemove"))
        return self._change_members(call, add, remove)

    def _change_members(self, call: Call, add: Sequence[str], remove: Sequence[str]) -> Answer:
        record = self._known(call)
        if record.fields["processingType"] == "DYNAMIC":
            raise invalid_request("Members of a DYNAMIC list cannot be changed by hand")
        kind, now = kind_called(record.fields["objectTypeId"]), self._portal.now()
        before = record.fields["members"]
        there = [one for one in add if self._portal.live(kind, one)]
        gone = [one for one in remove if one in before]
        members = {**before, **{one: now for one in there if one not in before}}
        members = {one: at for one, at in members.items() if one not in gone}
        self._store.change(record, {"members": members}, self._now())
        answer = {
            "recordsIdsAdded": [one for one in there if one not in before],
            "recordIdsRemoved": gone,
            "recordIdsMissing": [one for one in add if one not in there],
        }
        return Answer(200, answer)

    def _members(self, call: Call, ids: Sequence[str]) -> Answer:
        joined = self._known(call).fields["members"]
        limit, after = call.number("limit", 100, LARGEST_PAGE), call.after()
        rows = [{"recordId": one, "membershipTimestamp": times.written(joined[one])} for one in ids]
        body: Json = {"results": rows[after : after + limit], "total": len(rows)}
        if len(rows) > after + limit:
            body["paging"] = {"next": {"after": str(after + limit)}}
        return Answer(200, body)

    def _live(self) -> list[Record]:
        return [record for record in self._store.all(CRM, LISTS) if not record.deleted]

    def _named(self, object_type: str, name: str) -> Record | None:
        wanted = (object_type, name)
        return next((r for r in self._live() if (r.fields["objectTypeId"], r.fields["name"]) == wanted), None)

    def _known(self, call: Call) -> Record:
        record = self._store.get(CRM, LISTS, call.words["list"])
        if record is None or record.deleted:
            raise _no_list(call.words["list"])
        return record

    def _now(self) -> datetime:
        return self._portal.world.clock.now()


def _ids(body: object) -> list[str]:
    if not isinstance(body, list):
        raise invalid_json("a list of ids was expected")
    if len(body) > MOST_MEMBERS:
        raise invalid_request(f"At most {MOST_MEMBERS} records can be given at once")
    return [str(one) for one in body]


def _no_list(named: str) -> Refusal:
    return Refusal(404, f"List does not exist: {named}", "OBJECT_NOT_FOUND", subCategory="ILS.LIST_NOT_FOUND")


def _as_json(record: Record) -> Json:
    created, modified = (times.written(times.in_ms(at)) for at in (record.created, record.modified))
    fields = record.fields
    shown = {
        "listId": record.id,
        "listVersion": 1,
        "createdAt": created,
        "updatedAt": modified,
        "filtersUpdatedAt": created,
        "processingStatus": "COMPLETE",
        "processingType": fields["processingType"],
        "objectTypeId": fields["objectTypeId"],
        "name": fields["name"],
        "size": len(fields["members"]),
    }
    return {**shown, "filterBranch": fields["filterBranch"]} if "filterBranch" in fields else shown


def _found(record: Record) -> Json:
    """As a search shows it: the size stands among texts."""
    shown = _as_json(record)
    extra = {"hs_list_size": str(shown.pop("size")), "hs_list_reference_count": "0"}
    shown.pop("filterBranch", None)
    return {**shown, "additionalProperties": extra}
