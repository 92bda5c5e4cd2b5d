"""Which records changed or went in a window of time: /updated and /deleted.

Seconds are ignored on either end. `latestDateCovered` is where the next window has to start.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sandbox.salesforce import rows
from sandbox.salesforce.api import Answer, Call
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.stamps import stamp
from sandbox.store import Record

FARTHEST_BACK = timedelta(days=30)
MOST_IDS = 600_000


def updated(call: Call, kind: str) -> Answer:
    """Ids of what was created or changed, and still is there."""
    found, covered = _window(call, kind, lambda record: not record.deleted)
    return Answer(200, {"ids": [record.id for record in found], "latestDateCovered": covered})


def deleted(call: Call, kind: str) -> Answer:
    """What is in the recycle bin since then, merged records included."""
    found, covered = _window(call, kind, lambda record: record.deleted)
    gone = [{"id": record.id, "deletedDate": stamp(record.modified)} for record in found]
    earliest = stamp(_minute(call.org.now - FARTHEST_BACK))
    return Answer(200, {"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": covered})


def _window(call: Call, kind: str, wanted: Callable[[Record], bool]) -> tuple[list[Record], str]:
    seen = rows.kind_of(call.org, kind)
    if not {"systemmodstamp", "isdeleted"} <= seen.fields.keys():
        raise Refused("INVALID_TYPE_FOR_OPERATION", f"object {seen.name} is not replicable")
    start, end = _moment(call, "start"), _moment(call, "end")
    if start >= end:
        raise Refused("INVALID_REPLICATION_DATE", "startDate must precede endDate by at least one minute")
    if start < call.org.now - FARTHEST_BACK - timedelta(minutes=1):
        raise Refused("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    found = [r for r in call.org.all(seen.name) if wanted(r) and start <= r.modified < end]
    if len(found) > MOST_IDS:
        raise Refused("EXCEEDED_ID_LIMIT", f"too many ids between startDate and endDate: more than {MOST_IDS}")
    return found, stamp(min(end, _minute(call.org.now)))


def _moment(call: Call, name: str) -> datetime:
    text = call.params.get(name, "")
    try:
        at = datetime.fromisoformat(text)
        return _minute(at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as wrong:
        raise Refused("INVALID_REPLICATION_DATE", f"{name}: {text!r} is not a date and time") from wrong


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
