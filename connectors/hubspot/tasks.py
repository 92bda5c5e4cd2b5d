"""Tasks for reps. A task is recognised by its token, which stands in the last line of its body."""

from collections.abc import Sequence
from html import escape

from connectors.base import TaskWrite, Written
from connectors.batches import Row, chunks, deliver
from connectors.hubspot.answers import Record
from connectors.hubspot.errors import refused_rows
from connectors.hubspot.kinds import Kind
from connectors.hubspot.portal import Portal
from connectors.sent_before import Looked, there_already
from connectors.values import stamp

AT_ONCE = 100

SIGNATURE = "Fairlead task "


def create(portal: Portal, kind: Kind, wanted: Sequence[TaskWrite]) -> list[Written]:
    """One task each, looked for first where it may be there. The look-up follows associations, which do not lag."""
    became: dict[str, Written] = {}
    for chunk in chunks(wanted, AT_ONCE):
        found = there_already(chunk, lambda leads: _looked(portal, kind, leads))
        rows = [Row(task.token, task.key, properties(task)) for task in chunk if task.token not in found]
        became |= found | deliver(rows, lambda batch: _posted(portal, kind, batch))
    return [became[task.token] for task in wanted]


def properties(task: TaskWrite) -> dict[str, object]:
    """The task as HubSpot takes it; `hs_timestamp` is when it is due."""
    return {
        "hs_timestamp": stamp(task.due_at),
        "hs_task_subject": task.subject,
        "hs_task_body": f"{escape(task.subject)}<br>{SIGNATURE}{task.token}",
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": "HIGH",
        "hs_task_type": "CALL",
        "hubspot_owner_id": task.owner_id,
    }


def _looked(portal: Portal, kind: Kind, leads: Sequence[str]) -> Looked:
    """Tokens of the tasks on these leads."""
    theirs = portal.associated_each(kind.path, "tasks", leads)
    lead_of = {id: lead for lead, tasks in theirs.found.items() for id in tasks}
    found: set[str] = set()
    later = dict(theirs.later)
    for chunk in chunks(list(lead_of), AT_ONCE):
        read = portal.read_each("tasks", chunk, ("hs_task_body",))
        bodies = [row["properties"].get("hs_task_body") or "" for row in read.found.values()]
        found |= {body.rpartition(SIGNATURE)[2].partition("<")[0].strip() for body in bodies if SIGNATURE in body}
        later |= {lead_of[id]: why for id, why in read.later.items()}
    return Looked(found, later)


def _posted(portal: Portal, kind: Kind, batch: Sequence[Row]) -> list[Written]:
    """Create and associate in one call. The trace ids make HubSpot answer row by row instead of refusing the batch."""
    answer = portal.create("tasks", [_input(kind, row) for row in batch])
    refused = refused_rows(answer, "objectWriteTraceId")
    whole = len(answer["results"]) + len(refused) >= len(batch)
    return [_became(row, refused.get(row.id), whole) for row in batch]


def _became(row: Row, refused: str | None, whole: bool) -> Written:
    if refused is not None:
        return Written(row.key, "refused", f"HubSpot: {refused}")
    return Written(row.key, "applied") if whole else Written(row.key, "unknown", "HubSpot's answer lacks some tasks")


def _input(kind: Kind, row: Row) -> Record:
    association = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind.from_task}
    return {
        "properties": dict(row.properties),
        "associations": [{"to": {"id": row.key.id}, "types": [association]}],
        "objectWriteTraceId": row.id,
    }
