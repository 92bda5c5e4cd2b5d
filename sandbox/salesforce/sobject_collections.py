"""Up to 200 rows in one call. The answer is 200 even when every row failed: each row has its own result, in order."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from sandbox.salesforce import external_ids, rows
from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, bad_request
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.schema import BY_PREFIX
from sandbox.salesforce.sobjects import row

Json = dict[str, Any]

MOST_ROWS = 200
MOST_READ = 2000
MOST_REPEATS = 12
MOST_CHUNKS = 10
"""runs of records of one type"""
ROLLED_BACK = Refused(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("composite/sobjects", POST=_create, PATCH=_update, DELETE=_delete)
    endpoints.add("composite/sobjects/{kind}", GET=_read_few, POST=_read)
    endpoints.add("composite/sobjects/{kind}/{field}", PATCH=_upsert)


def _create(call: Call) -> Answer:
    def one(record: Json) -> Json:
        return {"id": rows.created(call.org, _kind(call, record), record, call.author).id}

    return _each(call, _records(call), one, bool(call.object_body().get("allOrNone")))


def _update(call: Call) -> Answer:
    seen = Counter[str]()

    def one(record: Json) -> Json:
        id = next((value for name, value in record.items() if name.lower() == "id"), None)
        if id is None:
            raise Refused("MISSING_ARGUMENT", "Id not specified in an update call", [])
        seen[str(id)[:15]] += 1
        if seen[str(id)[:15]] > MOST_REPEATS:
            raise Refused(
                "DUPLICATE_VALUE",
                "Maximum number of duplicate updates in one batch (12 allowed). Attempt to update Id more than once in"
                f" this Api call: {id}",
                [],
            )
        return {"id": rows.updated(call.org, _kind(call, record), id, record, call.author).id}

    return _each(call, _records(call), one, bool(call.object_body().get("allOrNone")))


def _upsert(call: Call, kind: str, field: str) -> Answer:
    """By a field that names records. A row that has no value in it creates; each row tells whether it did."""
    seen = rows.kind_of(call.org, kind)
    naming = external_ids.naming_field(call.org, seen, field)

    def one(record: Json) -> Json:
        if record["attributes"]["type"].lower() != seen.name.lower():
            raise Refused("INVALID_TYPE", f"Each record has to be a {seen.name}", [])
        written, created = external_ids.upserted_row(call.org, seen, call.author, naming, record)
        return {"id": written.id, "created": created}

    return _each(call, _records(call), one, bool(call.object_body().get("allOrNone")))


def _delete(call: Call) -> Answer:
    def one(id: str) -> Json:
        name = BY_PREFIX.get(id[:3])
        if name is None:
            raise Refused("MALFORMED_ID", f"malformed id {id}", [])
        rows.deleted(call.org, rows.kind_of(call.org, name), id, call.author)
        return {"id": read_id(id)}

    ids = [id for id in call.params.get("ids", "").split(",") if id]
    return _each(call, _few_enough(ids), one, call.params.get("allOrNone", "").lower() == "true")


def _read_few(call: Call, kind: str) -> Answer:
    ids, fields = (call.params.get(name, "").split(",") for name in ("ids", "fields"))
    return _rows(call, kind, ids, fields)


def _read(call: Call, kind: str) -> Answer:
    return _rows(call, kind, call.listed("ids", str), call.listed("fields", str))


def _rows(call: Call, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Answer:
    """One element per id, null where there is no such record (any more)."""
    if len(ids) > MOST_READ:
        raise Refused("EXCEEDED_ID_LIMIT", f"record limit reached. cannot retrieve more than {MOST_READ} records")
    seen = rows.kind_of(call.org, kind)
    names = list(dict.fromkeys(["Id", *(name for name in fields if name.lower() != "id")]))
    records = [call.org.find(read_id(id)) for id in ids]
    return Answer(
        200,
        [
            row(record, seen, call.base, names) if record and not record.deleted and record.kind == seen.name else None
            for record in records
        ],
    )


def _records(call: Call) -> Sequence[Json]:
    records: list[Json] = call.listed("records", dict)
    for record in records:
        if not isinstance(record.get("attributes"), dict) or not isinstance(record["attributes"].get("type"), str):
            raise bad_request("The type of each record has to be given in its attributes")
    chunks = sum(1 for _ in groupby(records, key=lambda record: record["attributes"]["type"].lower()))
    if chunks > MOST_CHUNKS:
        raise bad_request(
            f"cannot process more than {MOST_CHUNKS} chunks of records of one type in this call", "LIMIT_EXCEEDED"
        )
    return _few_enough(records)


def _few_enough(items: list[Any]) -> list[Any]:
    if len(items) > MOST_ROWS:
        raise Refused(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST_ROWS} records into this call"
        )
    return items


def _kind(call: Call, record: Json) -> Any:
    name = record["attributes"]["type"]
    kind = call.org.visible(name)
    if kind is None:
        raise Refused("INVALID_TYPE", f"sObject type '{name}' is not supported.", [])
    return kind


class _OneFailed(Exception):
    """Takes everything back."""


def _each(call: Call, items: Sequence[Any], one: Callable[[Any], Json], all_or_none: bool) -> Answer:
    results: list[Json] = []
    try:
        with call.org.all_or_nothing():
            for item in items:
                try:
                    results.append({**one(item), "success": True, "errors": []})
                except Refused as refused:
                    results.append({"success": False, "errors": [refused.row()]})
            if all_or_none and not all(result["success"] for result in results):
                raise _OneFailed
    except _OneFailed:
        back = {"success": False, "errors": [ROLLED_BACK.row()]}
        results = [back if result["success"] else result for result in results]
    return Answer(200, results)
