"""Records by id, one at a time or a hundred: /crm/v3/objects/{objectType}."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sandbox.hubspot import times
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.authors import THE_API
from sandbox.hubspot.errors import (
    Refusal,
    contact_exists_in_batch,
    duplicate_ids,
    failed_row,
    invalid_json,
    invalid_request,
    missing_ids_row,
    object_not_found,
)
from sandbox.hubspot.exchange import Answer, Call, Json, batch, field_of, page
from sandbox.hubspot.kinds import CONTACT, Kind, kind_called
from sandbox.hubspot.portal import Portal, all_or_refuse
from sandbox.hubspot.shown import after_a_change, after_creation, as_json
from sandbox.store import Record

MOST_ROWS = 100
LARGEST_PAGE, LARGEST_PAGE_WITH_HISTORY = 100, 50


class Objects:
    """The calls on records."""

    def __init__(self, portal: Portal, associations: Associations) -> None:
        self._portal = portal
        self._associations = associations

    def page(self, call: Call) -> Answer:
        """GET /crm/v3/objects/{objectType}: in order of id; `after` is the last id of the page before."""
        kind, histories = kind_called(call.words["kind"]), call.listed("propertiesWithHistory")
        limit = call.number("limit", 10, LARGEST_PAGE_WITH_HISTORY if histories else LARGEST_PAGE)
        after = call.after()
        found = [r for r in self._portal.all(kind, archived=call.flag("archived")) if int(r.id) > after]
        shown = [self._shown(call, kind, record) for record in found[:limit]]
        more = found[limit - 1].id if len(found) > limit else None
        link = f"https://api.hubapi.com/crm/v3/objects/{call.words['kind']}?limit={limit}&after={more}"
        return Answer(200, page(shown, more, link))

    def one(self, call: Call) -> Answer:
        """GET .../{id}: 404 where it is unknown or archived (unless `archived=true` asks for it)."""
        kind, key = kind_called(call.words["kind"]), call.words["id"]
        record = self._portal.find(kind, key, call.query.get("idProperty"))
        if record is None or record.deleted is not call.flag("archived"):
            raise object_not_found(key)
        return Answer(200, self._shown(call, kind, record))

    def create(self, call: Call) -> Answer:
        """POST /crm/v3/objects/{objectType}: 201; 409 for a contact whose address is taken."""
        kind = kind_called(call.words["kind"])
        record = self._create(kind, call.json(), call.version)
        return Answer(201, after_creation(kind, record))

    def update(self, call: Call) -> Answer:
        """PATCH .../{id}"""
        kind, key = kind_called(call.words["kind"]), call.words["id"]
        record = self._live(kind, key, call.query.get("idProperty"))
        [values] = all_or_refuse([self._portal.checked(kind, _properties(call.json()))])
        self._portal.refuse_against_rules(kind, {**record.fields, **values}, call.version)
        record = self._portal.change(kind, record, values, THE_API)
        return Answer(200, after_a_change(kind, record, values))

    def archive(self, call: Call) -> Answer:
        """DELETE .../{id}: 204, for an unknown id as well."""
        kind = kind_called(call.words["kind"])
        record = self._portal.live(kind, call.words["id"])
        if record:
            self._portal.archive(kind, record, THE_API)
        return Answer(204)

    def merge(self, call: Call) -> Answer:
        """POST .../merge: the record under its new id."""
        kind, asked = kind_called(call.words["kind"]), call.json()
        ids = field_of(asked, "primaryObjectId"), field_of(asked, "objectIdToMerge")
        if ids[0] == ids[1]:
            raise invalid_request("A record cannot be merged with itself")
        formers = [self._live(kind, key) for key in ids]
        merged = self._portal.merge(kind, *formers)
        for former in formers:
            self._associations.inherit(merged, former)
        return Answer(200, as_json(self._portal, kind, merged))

    def read_batch(self, call: Call) -> Answer:
        """POST .../batch/read: 200, or 207 with one row that names the ids which are not there, and one for each that
        cannot be read just now."""
        kind, asked = kind_called(call.words["kind"]), call.json()
        histories = asked.get("propertiesWithHistory") or []
        rows = call.inputs(LARGEST_PAGE_WITH_HISTORY if histories else MOST_ROWS)
        keys = list(dict.fromkeys(field_of(row, "id") for row in rows))
        failing = [key for key in keys if key in self._portal.unreadable.get("records", ())]
        found = {key: self._portal.find(kind, key, asked.get("idProperty")) for key in keys if key not in failing}
        there = [r for r in found.values() if r is not None and r.deleted is call.flag("archived")]
        shown = [as_json(self._portal, kind, r, asked.get("properties") or [], histories) for r in there]
        missing = [key for key, record in found.items() if record not in there]
        errors = [missing_ids_row(kind.shouted, missing)] if missing else []
        return batch(shown, [*errors, *map(failed_row, failing)], self._now())

    def create_batch(self, call: Call) -> Answer:
        """POST .../batch/create. One bad row refuses all, unless each row brings an objectWriteTraceId: then 207."""
        kind, rows = kind_called(call.words["kind"]), call.inputs(MOST_ROWS)
        if rows and all(row.get("objectWriteTraceId") for row in rows):
            return self._create_each(kind, rows, call.version)
        values = all_or_refuse(self._portal.checked(kind, _properties(row)) for row in rows)
        wanted = [self._associations.given_at_creation(kind, row.get("associations")) for row in rows]
        for row_values in values:
            self._portal.refuse_incomplete(kind, row_values)
            self._portal.refuse_against_rules(kind, row_values, call.version)
        addresses = [row_values["email"] for row_values in values if kind is CONTACT and row_values.get("email")]
        if len(set(addresses)) < len(addresses) or any(self._portal.live(kind, one, "email") for one in addresses):
            raise contact_exists_in_batch()
        records = [self._write_new(kind, *row) for row in zip(values, wanted, strict=True)]
        return batch([after_creation(kind, record) for record in records], [], self._now(), done=201)

    def update_batch(self, call: Call) -> Answer:
        """POST .../batch/update. One bad value refuses all rows; an unknown id only its own (207)."""
        kind, rows = kind_called(call.words["kind"]), call.inputs(MOST_ROWS)
        keys = [(field_of(row, "id"), row.get("idProperty")) for row in rows]
        _refuse_twice(keys)
        values = all_or_refuse(self._portal.checked(kind, _properties(row)) for row in rows)
        found = [self._portal.live(kind, key, id_property) for key, id_property in keys]
        for record, row_values in zip(found, values, strict=True):
            if record:
                self._portal.refuse_against_rules(kind, {**record.fields, **row_values}, call.version)
                self._portal.refuse_taken_address(kind, row_values, record.id)
        results: list[Json] = []
        missing: list[str] = []
        for (key, _), row, record, row_values in zip(keys, rows, found, values, strict=True):
            if record is None:
                missing.append(key)
            else:
                record = self._portal.change(kind, record, row_values, THE_API)
                results.append({**after_a_change(kind, record, row_values), **_trace_of(row)})
        return batch(results, [missing_ids_row(kind.shouted, missing)] if missing else [], self._now())

    def upsert_batch(self, call: Call) -> Answer:
        """POST .../batch/upsert: each row is found by its unique property, or created; `new` says which."""
        kind, rows = kind_called(call.words["kind"]), call.inputs(MOST_ROWS)
        keys = [(field_of(row, "id"), field_of(row, "idProperty")) for row in rows]
        _refuse_twice(keys)
        values = all_or_refuse(
            self._portal.checked(kind, {name: key, **_properties(row)})
            for (key, name), row in zip(keys, rows, strict=True)
        )
        results: list[Json] = []
        errors: list[Json] = []
        for (key, name), row, row_values in zip(keys, rows, values, strict=True):
            try:
                results.append({**self._put(kind, key, name, row_values, call.version), **_trace_of(row)})
            except Refusal as refusal:
                errors.append(_traced(refusal, str(row.get("objectWriteTraceId", key))))
        return batch(results, errors, self._now())

    def _put(self, kind: Kind, key: str, name: str, values: dict[str, str], version: str) -> Json:
        known = self._portal.live(kind, key, name)
        if known:
            return {**after_a_change(kind, self._portal.change(kind, known, values, THE_API), values), "new": False}
        self._portal.refuse_against_rules(kind, values, version)
        return {**after_creation(kind, self._write_new(kind, values, [])), "new": True}

    def purge(self, call: Call) -> Answer:
        """POST .../gdpr-delete of {"objectId", "idProperty"?}: 204; nothing of the record is left."""
        kind, asked = kind_called(call.words["kind"]), call.json()
        record = self._portal.find(kind, field_of(asked, "objectId"), asked.get("idProperty"))
        if record:
            self._portal.purge(kind, record, THE_API)
        return Answer(204)

    def archive_batch(self, call: Call) -> Answer:
        """POST .../batch/archive: 204."""
        kind = kind_called(call.words["kind"])
        for row in call.inputs(MOST_ROWS):
            record = self._portal.live(kind, field_of(row, "id"))
            if record:
                self._portal.archive(kind, record, THE_API)
        return Answer(204)

    def _create(self, kind: Kind, row: Json, version: str) -> Record:
        [values] = all_or_refuse([self._portal.checked(kind, _properties(row))])
        self._portal.refuse_against_rules(kind, values, version)
        return self._write_new(kind, values, self._associations.given_at_creation(kind, row.get("associations")))

    def _write_new(self, kind: Kind, values: dict[str, str], wanted: Sequence[tuple[str, int]]) -> Record:
        record = self._portal.create(kind, values, THE_API)
        self._associations.join_new(record, wanted)
        return self._portal.live(kind, record.id) or record

    def _create_each(self, kind: Kind, rows: Sequence[Json], version: str) -> Answer:
        results: list[Json] = []
        errors: list[Json] = []
        for row in rows:
            try:
                results.append({**after_creation(kind, self._create(kind, row, version)), **_trace_of(row)})
            except Refusal as refusal:
                errors.append(_traced(refusal, str(row["objectWriteTraceId"])))
        return batch(results, errors, self._now(), done=201)

    def _live(self, kind: Kind, key: str, id_property: str | None = None) -> Record:
        record = self._portal.live(kind, key, id_property)
        if record is None:
            raise object_not_found(key)
        return record

    def _shown(self, call: Call, kind: Kind, record: Record) -> Json:
        shown = as_json(self._portal, kind, record, call.listed("properties"), call.listed("propertiesWithHistory"))
        joined = {
            to.plural: {"results": self._associations.as_v3(kind, record.id, to)}
            for to in map(kind_called, call.listed("associations"))
        }
        joined = {name: rows for name, rows in joined.items() if rows["results"]}
        return {**shown, "associations": joined} if joined else shown

    def _now(self) -> str:
        return times.written(self._portal.now())


def _refuse_twice(keys: Sequence[tuple[str, Any]]) -> None:
    twice = [key for (key, _), times_seen in Counter(keys).items() if times_seen > 1]
    if twice:
        raise duplicate_ids(twice)


def _trace_of(row: Json) -> Json:
    trace = row.get("objectWriteTraceId")
    return {"objectWriteTraceId": str(trace)} if trace else {}


def _properties(row: Json) -> dict[str, Any]:
    properties = row.get("properties")
    if not isinstance(properties, dict):
        raise invalid_json("Some required fields were not set: [properties]")
    return properties


def _traced(refusal: Refusal, trace_id: str) -> Json:
    """A refusal as a row of a 207 (recorded for an address that is taken)."""
    existing = refusal.message.rpartition("Existing ID: ")[2] if refusal.status == 409 else ""
    context = {"objectWriteTraceId": [trace_id], **({"existingId": [existing]} if existing else {})}
    return {"status": "error", "category": refusal.category, "message": refusal.message, "context": context}
