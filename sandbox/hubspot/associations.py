"""Which records belong together: the v4 associations API, and associations given when a record is created.

An association has two ends and a type id for each direction. One direction is stored per row; both are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.hubspot import times
from sandbox.hubspot.computed import after_an_activity
from sandbox.hubspot.errors import VALIDATION, invalid_json, invalid_request, object_not_found
from sandbox.hubspot.exchange import Answer, Call, Json, batch, field_of, page
from sandbox.hubspot.kinds import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    EMAIL,
    LEAD,
    MEETING,
    NOTE,
    TASK,
    Kind,
    kind_called,
)
from sandbox.hubspot.portal import CRM, Portal
from sandbox.store import Record

ROWS = "associations"
MOST_READ, MOST_WRITTEN = 1000, 2000
DEFINED = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class Type:
    """One direction of one kind of association. `back` is the type id of the other direction."""

    id: int
    start: Kind
    end: Kind
    back: int
    label: str | None = None


# The plain (unlabelled) type of each pair is what `default` makes. Ids from a lead are documented; those back to it are
# not, and stand here only so that both directions have one.
_PAIRS = (
    (CONTACT, 279, COMPANY, 280, None),
    (CONTACT, 1, COMPANY, 2, "Primary"),
    (CONTACT, 193, CALL, 194, None),
    (CONTACT, 197, EMAIL, 198, None),
    (CONTACT, 199, MEETING, 200, None),
    (CONTACT, 201, NOTE, 202, None),
    (CONTACT, 203, TASK, 204, None),
    (CONTACT, 82, COMMUNICATION, 81, None),
    (COMPANY, 181, CALL, 182, None),
    (COMPANY, 185, EMAIL, 186, None),
    (COMPANY, 187, MEETING, 188, None),
    (COMPANY, 189, NOTE, 190, None),
    (COMPANY, 191, TASK, 192, None),
    (COMPANY, 88, COMMUNICATION, 87, None),
    (LEAD, 608, CONTACT, 607, None),
    (LEAD, 578, CONTACT, 579, "Primary"),
    (LEAD, 610, COMPANY, 609, None),
    (LEAD, 596, CALL, 595, None),
    (LEAD, 598, EMAIL, 597, None),
    (LEAD, 600, MEETING, 599, None),
    (LEAD, 854, NOTE, 855, None),
    (LEAD, 646, TASK, 647, None),
    (LEAD, 602, COMMUNICATION, 601, None),
)
_TYPES = {
    type_.id: type_
    for start, there, end, back, label in _PAIRS
    for type_ in (Type(there, start, end, back, label), Type(back, end, start, there, label))
}
_PRIMARY_CONTACT_OF_A_LEAD = 578
_PLAIN_COMPANY, _PLAIN_COMPANY_OF = 279, 280
_PRIMARY_COMPANY, _PRIMARY_COMPANY_OF = 1, 2


class Associations:
    """Every association of the account."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._store = portal.world.store

    def of(self, record_id: str, to: Kind) -> dict[str, list[int]]:
        """Ids of the live records of that kind that belong to this one, with the type ids, in order of association."""
        return {
            row.fields["to"]: row.fields["types"]
            for row in self._store.where(CRM, ROWS, "from", record_id)
            if row.fields["kind"] == to.plural and self._portal.live(to, row.fields["to"])
        }

    def join(self, start: Record, end: Record, type_id: int | None = None) -> tuple[int, ...]:
        """Associate both ways, and let what follows follow; the type ids the first has to the second afterwards.

        A contact's first company is its primary one. Doing it again changes nothing.
        """
        type_id = type_id or _plain_type(start.kind, end.kind).id
        wanted = [type_id]
        if type_id in (_PLAIN_COMPANY, _PLAIN_COMPANY_OF):
            contact = start if start.kind == CONTACT.plural else end
            if not any(_PRIMARY_COMPANY in types for types in self.of(contact.id, COMPANY).values()):
                wanted = [_PRIMARY_COMPANY if contact is start else _PRIMARY_COMPANY_OF, type_id]
        known = self.of(start.id, kind_called(end.kind)).get(end.id, [])
        types = tuple(dict.fromkeys([*wanted, *known]))
        if set(types) == set(known):
            return types
        self._write(start, end, types)
        self._write(end, start, [_TYPES[id].back for id in types])
        self._follow(start, end, types, fresh=not known)
        return types

    def given_at_creation(self, kind: Kind, rows: object) -> list[tuple[str, int]]:
        """The (id, type id) pairs of a create's `associations`. Refusal 400 for a type that does not fit."""
        wanted: list[tuple[str, int]] = []
        for row in rows if isinstance(rows, list) else []:
            to = field_of(row, "to", "id")
            for spec in row.get("types") or []:
                type_ = _type(spec)
                if type_.start is not kind:
                    raise invalid_request(f"Association type {type_.id} does not start at {kind.shouted}")
                if self._portal.live(type_.end, to) is None:
                    raise object_not_found(to)
                wanted.append((to, type_.id))
        if kind is LEAD and all(type_id != _PRIMARY_CONTACT_OF_A_LEAD for _, type_id in wanted):
            raise invalid_request("A lead must be associated with a primary contact when it is created")
        return wanted

    def join_new(self, record: Record, wanted: Iterable[tuple[str, int]]) -> None:
        """Associate a record that has just been created with what `given_at_creation` found."""
        for to, type_id in wanted:
            end = self._portal.live(_TYPES[type_id].end, to)
            if end:
                self.join(record, end, type_id)

    def inherit(self, record: Record, former: Record) -> None:
        """What belonged to the former record belongs to this one as well: a merge. Nothing new has happened by that."""
        for row in self._store.where(CRM, ROWS, "from", former.id):
            end = self._portal.live(kind_called(row.fields["kind"]), row.fields["to"])
            if end:
                self._write(record, end, row.fields["types"])
                self._write(end, record, [_TYPES[id].back for id in row.fields["types"]])

    def read_batch(self, call: Call) -> Answer:
        """POST /crm/v4/associations/{from}/{to}/batch/read. `None` is an error row, and makes the answer a 207."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        results: list[Json] = []
        errors: list[Json] = []
        for row in call.inputs(MOST_READ):
            record_id = field_of(row, "id")
            found = self.of(record_id, end)
            if found:
                results.append({"from": {"id": record_id}, "to": [_end(to, types) for to, types in found.items()]})
            else:
                errors.append(_none_found(start, end, record_id))
        return batch(results, errors, self._now())

    def create_batch(self, call: Call) -> Answer:
        """POST .../batch/create: 201, or 207 with a row for each pair that cannot be."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        results: list[Json] = []
        errors: list[Json] = []
        for row in call.inputs(MOST_WRITTEN):
            types = [_type(spec) for spec in row.get("types") or []]
            if not types:
                raise invalid_json("Some required fields were not set: [types]")
            wrong = next((type_ for type_ in types if (type_.start, type_.end) != (start, end)), None)
            pair = self._pair(start, field_of(row, "from", "id"), end, field_of(row, "to", "id"))
            if wrong:
                errors.append(_row_error(f"Association type {wrong.id} is not one from {start.name} to {end.name}"))
            elif isinstance(pair, list):
                errors += pair
            else:
                for type_ in types:
                    self.join(*pair, type_.id)
                results.append(_joined(start, pair[0], end, pair[1], types))
        return batch(results, errors, self._now(), done=201)

    def create_default(self, call: Call) -> Answer:
        """PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{toId}: the plain type, both ways."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        ids = call.words["id"], call.words["to_id"]
        pair = self._pair(start, ids[0], end, ids[1])
        if isinstance(pair, list):
            raise object_not_found(ids[0] if self._portal.live(start, ids[0]) is None else ids[1])
        self.join(*pair)
        there = _plain_type(start.plural, end.plural)
        both = ((pair[0], pair[1], there.id), (pair[1], pair[0], there.back))
        results: list[Json] = [
            {
                "from": {"id": a.id},
                "to": {"id": b.id},
                "associationSpec": {"associationCategory": DEFINED, "associationTypeId": type_id},
            }
            for a, b, type_id in both
        ]
        return batch(results, [], self._now())

    def of_one(self, call: Call) -> Answer:
        """GET /crm/v4/objects/{from}/{id}/associations/{to}: pages of 500."""
        start, end, record_id = kind_called(call.words["from"]), kind_called(call.words["to"]), call.words["id"]
        if self._portal.live(start, record_id) is None:
            raise object_not_found(record_id)
        limit, after = call.number("limit", 500, 500), call.after()
        found = sorted((int(to), types) for to, types in self.of(record_id, end).items() if int(to) > after)
        more = str(found[limit - 1][0]) if len(found) > limit else None
        return Answer(200, page([_end(str(to), types) for to, types in found[:limit]], more))

    def _pair(self, start: Kind, from_id: str, end: Kind, to_id: str) -> tuple[Record, Record] | list[Json]:
        if from_id == to_id:
            return [_row_error(f"Object {from_id} cannot be associated to itself ({to_id})")]
        ends = [(from_id, self._portal.live(start, from_id)), (to_id, self._portal.live(end, to_id))]
        match ends:
            case [(_, Record() as one), (_, Record() as other)]:
                return one, other
        return [
            {
                **_row_error(f"{record_id} is not a valid ID"),
                "subCategory": "crm.associations.INVALID_IDENTIFIER",
                "context": {"id": [record_id]},
            }
            for record_id, record in ends
            if record is None
        ]

    def _write(self, start: Record, end: Record, types: Sequence[int]) -> None:
        row_id, now = f"{start.id}:{end.id}", self._portal.world.clock.now()
        fields = {"from": start.id, "to": end.id, "kind": end.kind, "types": list(types)}
        known = self._store.get(CRM, ROWS, row_id)
        if known:
            self._store.change(known, fields, now)
        else:
            self._store.add(CRM, ROWS, row_id, fields, now)

    def _follow(self, start: Record, end: Record, types: tuple[int, ...], fresh: bool) -> None:
        for one, other in ((start, end), (end, start)):
            # Read again: an earlier step of the same request may have changed it.
            contact = self._portal.live(CONTACT, one.id) if one.kind == CONTACT.plural else None
            if contact is None:
                continue
            values: Mapping[str, str] = {}
            if other.kind == COMPANY.plural:
                values = (
                    {"associatedcompanyid": other.id}
                    if _PRIMARY_COMPANY in types or _PRIMARY_COMPANY_OF in types
                    else {}
                )
            elif fresh:
                values = after_an_activity(kind_called(other.kind), other.fields, contact.fields)
            self._portal.set_computed(CONTACT, contact, values)

    def _now(self) -> str:
        return times.written(self._portal.now())


def _type(spec: Json) -> Type:
    type_id = field_of(spec, "associationTypeId")
    type_ = _TYPES.get(int(type_id)) if type_id.isdigit() else None
    if type_ is None:
        raise invalid_request(f"Association type {type_id} does not exist")
    return type_


def _plain_type(start: str, end: str) -> Type:
    """The unlabelled type between two kinds (by plural name)."""
    for type_ in _TYPES.values():
        if (type_.start.plural, type_.end.plural, type_.label) == (start, end, None):
            return type_
    raise invalid_request(f"{start} cannot be associated with {end}")


def _end(to: str, types: Iterable[int]) -> Json:
    shown = [{"category": DEFINED, "typeId": id, "label": _TYPES[id].label} for id in types]
    return {"toObjectId": int(to), "associationTypes": shown}


def _joined(start: Kind, one: Record, end: Kind, other: Record, types: list[Type]) -> Json:
    return {
        "fromObjectTypeId": start.type_id,
        "fromObjectId": int(one.id),
        "toObjectTypeId": end.type_id,
        "toObjectId": int(other.id),
        "labels": [type_.label for type_ in types if type_.label],
    }


def _row_error(message: str) -> Json:
    return {"status": "error", "category": VALIDATION, "message": message}


def _none_found(start: Kind, end: Kind, record_id: str) -> Json:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {end.name} is associated with {start.name} {record_id}.",
        "context": {"fromObjectId": [record_id], "fromObjectType": [start.name], "toObjectType": [end.name]},
    }
