"""Activities of more than a year ago are archived: there, but for queryAll alone."""

from datetime import datetime, timedelta

from sandbox.store import Record

ARCHIVED = frozenset({"Task", "Event"})
KEPT = timedelta(days=365)


def is_archived(record: Record, now: datetime) -> bool:
    """A task that was closed, or an event that took place, more than 365 days before `now`; or one that says so."""
    if record.kind not in ARCHIVED:
        return False
    if record.fields.get("IsArchived"):
        return True
    if record.kind == "Task" and not record.fields.get("IsClosed"):
        return False
    last = record.fields.get("EndDateTime") or record.fields.get("ActivityDate") or record.created.isoformat()
    return str(last)[:10] < (now - KEPT).date().isoformat()
