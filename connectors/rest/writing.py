"""Writing owners, fields and tasks: up to 200 rows a call, each of them guarded by the CRM itself."""

from collections.abc import Sequence
from functools import partial

from connectors.base import ConnectorError, NotSignedIn, TaskWrite, Write, Written
from connectors.batches import Row as Sent
from connectors.batches import chunks
from connectors.rest.api import Api, Row, understood
from connectors.rest.records import field_name
from connectors.sent_before import Looked, there_already
from connectors.values import stamp
from connectors.written import native
from domain.leads import LeadKey, Value
from domain.mapping import CrmMapping

AT_ONCE = 200

UNPROVISIONED = 60.0
"""Seconds to wait for somebody to run `fairlead provision`."""

Named = tuple[str, LeadKey, Row]
"""A row with its name in the request, and the lead that it is about."""


def write(api: Api, mapping: CrmMapping, rows: Sequence[Write]) -> list[Written]:
    """What became of each row, in the order of the request."""
    became: dict[str, Written] = {}
    ready: list[Named] = []
    for row in rows:
        try:
            ready.append((row.key.id, row.key, _row(row, mapping)))
        except KeyError as error:
            became[row.key.id] = Written(row.key, "refused", f"crm/rest.yaml has no use for {error}")
    for chunk in chunks(ready, AT_ONCE):
        became |= _sent(api, "PATCH", "leads", chunk)
    return [became[row.key.id] for row in rows]


def create_tasks(api: Api, tasks: Sequence[TaskWrite]) -> list[Written]:
    """One task each, looked for first where it may be there."""
    became: dict[str, Written] = {}
    for chunk in chunks(tasks, AT_ONCE):
        doubtful = [task.token for task in chunk if task.again]
        found = there_already(chunk, partial(_there, api, doubtful))
        rows = [(task.token, task.key, _task(task)) for task in chunk if task.token not in found]
        became |= found | _sent(api, "POST", "tasks", rows)
    return [became[task.token] for task in tasks]


@understood
def _there(api: Api, keys: Sequence[str], _: Sequence[str]) -> Looked:
    """Tasks are found by their keys, whatever leads they are about."""
    return Looked(set(api.post("tasks/read", keys=list(keys))["keys"]))


def _row(row: Write, mapping: CrmMapping) -> Row:
    fields = native(row.fields, mapping, field_name, _encoded)
    guard: Row = {}
    if row.decision is not None:
        fields[field_name("decision")] = row.decision
        guard["if_owner"] = row.expected_owner
    if row.owner_id is not None:
        fields["owner"] = row.owner_id or None
    return {"id": row.key.id, "fields": fields, **guard}


def _encoded(value: Value) -> object:
    return ";".join(value) if isinstance(value, tuple) else value


def _task(task: TaskWrite) -> Row:
    return {
        "key": task.token,
        "lead": task.key.id,
        "owner": task.owner_id,
        "subject": task.subject,
        "due_at": stamp(task.due_at),
    }


def _sent(api: Api, method: str, path: str, rows: Sequence[Named]) -> dict[str, Written]:
    if not rows:
        return {}
    try:
        told = api.write(method, path, [row for _, _, row in rows])
    except NotSignedIn:
        raise
    except ConnectorError as error:
        return {name: Sent(name, key, {}).became(error) for name, key, _ in rows}
    return {name: _became(key, told.get(name)) for name, key, _ in rows}


def _became(key: LeadKey, told: Row | None) -> Written:
    if told is None:
        return Written(key, "unknown", "the CRM's answer does not name this row")
    detail = str(told.get("message") or "")
    match told.get("outcome"):
        case "applied":
            return Written(key, "applied")
        case "owner_changed":
            return Written(key, "lost", detail)
    if told.get("error") == "unknown_field" and str(told.get("field")).startswith("fairlead_"):
        return Written(key, "later", f"the CRM says: {detail}; run `fairlead provision`", UNPROVISIONED)
    return Written(key, "refused", f"the CRM says: {detail}")
