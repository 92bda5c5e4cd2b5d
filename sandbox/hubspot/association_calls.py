"""The associations API: /crm/v4/associations, and what of it lies under /crm/v4/objects."""

from collections.abc import Iterable

from sandbox.hubspot import times
from sandbox.hubspot.association_types import DEFINED, TYPES, Type, plain_type, type_of
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.errors import VALIDATION, failed_row, invalid_json, invalid_request, object_not_found
from sandbox.hubspot.exchange import Answer, Call, Json, batch, field_of, page
from sandbox.hubspot.kinds import Kind, kind_called
from sandbox.hubspot.portal import Portal
from sandbox.store import Record

MOST_READ, MOST_WRITTEN, MOST_ARCHIVED = 1000, 2000, 100


class AssociationCalls:
    """The calls on associations."""

    def __init__(self, portal: Portal, associations: Associations) -> None:
        self._portal = portal
        self._associations = associations

    def read_batch(self, call: Call) -> Answer:
        """POST /crm/v4/associations/{from}/{to}/batch/read. `None` is an error row, and makes the answer a 207."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        results: list[Json] = []
        errors: list[Json] = []
        for row in call.inputs(MOST_READ):
            record_id = field_of(row, "id")
            found = self._associations.of(record_id, end)
            if record_id in self._portal.unreadable.get("associations", ()):
                errors.append(failed_row(record_id, "fromObjectId"))
            elif found:
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
            types = [type_of(spec) for spec in row.get("types") or []]
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
                    self._associations.join(*pair, type_.id)
                results.append(_joined(start, pair[0], end, pair[1], types))
        return batch(results, errors, self._now(), done=201)

    def create_default(self, call: Call) -> Answer:
        """PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{toId}: the plain type, both ways."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        return batch(self._joined_plainly(start, end, self._pair_of(call, start, end)), [], self._now())

    def create_default_batch(self, call: Call) -> Answer:
        """POST .../batch/associate/default: 200, or 207; the plain type, both ways."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        results: list[Json] = []
        errors: list[Json] = []
        for row in call.inputs(MOST_WRITTEN):
            pair = self._pair(start, field_of(row, "from", "id"), end, field_of(row, "to", "id"))
            if isinstance(pair, list):
                errors += pair
            else:
                results += self._joined_plainly(start, end, pair)
        return batch(results, errors, self._now())

    def create_one(self, call: Call) -> Answer:
        """PUT /crm/v4/objects/{from}/{id}/associations/{to}/{toId}, a list of types: 201."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        types = [type_of(spec) for spec in call.body] if isinstance(call.body, list) else []
        if not types:
            raise invalid_json("a list of types was expected")
        for type_ in types:
            if (type_.start, type_.end) != (start, end):
                raise invalid_request(f"Association type {type_.id} is not one from {start.name} to {end.name}")
        pair = self._pair_of(call, start, end)
        for type_ in types:
            self._associations.join(*pair, type_.id)
        return Answer(201, _joined(start, pair[0], end, pair[1], types))

    def archive_one(self, call: Call) -> Answer:
        """DELETE of the same path: 204, also where there was nothing."""
        self._associations.part(call.words["id"], kind_called(call.words["to"]), call.words["to_id"])
        return Answer(204)

    def archive_batch(self, call: Call) -> Answer:
        """POST .../batch/archive of {"from", "to": several}: 204."""
        end = kind_called(call.words["to"])
        for row in call.inputs(MOST_ARCHIVED):
            ends = row.get("to")
            for one in ends if isinstance(ends, list) else [ends]:
                self._associations.part(field_of(row, "from", "id"), end, field_of({"to": one}, "to", "id"))
        return Answer(204)

    def archive_types_batch(self, call: Call) -> Answer:
        """POST .../batch/labels/archive of {"from", "to", "types"}: 204; other types between the two stay."""
        end = kind_called(call.words["to"])
        for row in call.inputs(MOST_ARCHIVED):
            gone = {type_of(spec).id for spec in row.get("types") or []}
            self._associations.part(field_of(row, "from", "id"), end, field_of(row, "to", "id"), gone)
        return Answer(204)

    def types(self, call: Call) -> Answer:
        """GET .../{from}/{to}/labels: the types there are from the one kind to the other."""
        start, end = kind_called(call.words["from"]), kind_called(call.words["to"])
        rows = [
            {"category": DEFINED, "typeId": type_.id, "label": type_.label}
            for type_ in TYPES.values()
            if (type_.start, type_.end) == (start, end)
        ]
        return Answer(200, {"results": rows})

    def of_one(self, call: Call) -> Answer:
        """GET /crm/v4/objects/{from}/{id}/associations/{to}: pages of 500."""
        start, end, record_id = kind_called(call.words["from"]), kind_called(call.words["to"]), call.words["id"]
        if self._portal.live(start, record_id) is None:
            raise object_not_found(record_id)
        limit, after = call.number("limit", 500, 500), call.after()
        found = sorted(
            (int(to), types) for to, types in self._associations.of(record_id, end).items() if int(to) > after
        )
        more = str(found[limit - 1][0]) if len(found) > limit else None
        return Answer(200, page([_end(str(to), types) for to, types in found[:limit]], more))

    def _pair_of(self, call: Call, start: Kind, end: Kind) -> tuple[Record, Record]:
        """The two that a path names. Refusal 404 where one is not there."""
        ids = call.words["id"], call.words["to_id"]
        pair = self._pair(start, ids[0], end, ids[1])
        if isinstance(pair, list):
            raise object_not_found(ids[0] if self._portal.live(start, ids[0]) is None else ids[1])
        return pair

    def _joined_plainly(self, start: Kind, end: Kind, pair: tuple[Record, Record]) -> list[Json]:
        self._associations.join(*pair)
        there = plain_type(start.plural, end.plural)
        both = ((pair[0], pair[1], there.id), (pair[1], pair[0], there.back))
        return [
            {
                "from": {"id": a.id},
                "to": {"id": b.id},
                "associationSpec": {"associationCategory": DEFINED, "associationTypeId": type_id},
            }
            for a, b, type_id in both
        ]

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

    def _now(self) -> str:
        return times.written(self._portal.now())


def _end(to: str, types: Iterable[int]) -> Json:
    shown = [{"category": DEFINED, "typeId": id, "label": TYPES[id].label} for id in types]
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
