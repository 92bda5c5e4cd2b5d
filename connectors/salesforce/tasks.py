"""Tasks for reps. A task is recognised by its token, which stands in the last line of its description."""

from collections.abc import Sequence

from connectors.base import TaskWrite, Written
from connectors.batches import Row, chunks, deliver
from connectors.salesforce import soql
from connectors.salesforce.lead_objects import LeadObject
from connectors.salesforce.org import Org
from connectors.salesforce.writing import outcome
from connectors.sent_before import Looked, there_already
from connectors.values import stamp

AT_ONCE = 200
LONGEST_SUBJECT = 255

SIGNATURE = "Fairlead task "


def create(org: Org, kind: LeadObject, wanted: Sequence[TaskWrite]) -> list[Written]:
    """One task each, looked for first where it may be there."""
    became: dict[str, Written] = {}
    for chunk in chunks(wanted, AT_ONCE):
        found = there_already(chunk, lambda leads: Looked(_tokens(org, kind, leads)))
        rows = [Row(task.token, task.key, properties(kind, task)) for task in chunk if task.token not in found]
        became |= found | deliver(rows, lambda batch: _posted(org, batch))
    return [became[task.token] for task in wanted]


def properties(kind: LeadObject, task: TaskWrite) -> dict[str, object]:
    """The task as Salesforce takes it. Tasks are due on a day; the reminder carries the time."""
    return {
        kind.link: task.key.id,
        "OwnerId": task.owner_id,
        "Subject": task.subject[:LONGEST_SUBJECT],
        "Status": "Not Started",
        "Priority": "High",
        "ActivityDate": task.due_at.date().isoformat(),
        "IsReminderSet": True,
        "ReminderDateTime": stamp(task.due_at),
        "Description": f"{task.subject}\n\n{SIGNATURE}{task.token}",
    }


def _tokens(org: Org, kind: LeadObject, leads: Sequence[str]) -> set[str]:
    """Tokens of the tasks on these leads. A description cannot be filtered on, so all are read."""
    rows = org.query(soql.select(["Id", "Description"], "Task", f"{kind.link} IN {soql.texts(leads)}"))
    last_lines = [str(row.get("Description") or "").rpartition("\n")[2] for row in rows]
    return {line.removeprefix(SIGNATURE) for line in last_lines if line.startswith(SIGNATURE)}


def _posted(org: Org, batch: Sequence[Row]) -> list[Written]:
    results = org.create([{"attributes": {"type": "Task"}, **row.properties} for row in batch])
    return [outcome(row.key, result, "POST") for row, result in zip(batch, results, strict=True)]
