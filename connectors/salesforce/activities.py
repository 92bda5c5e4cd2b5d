"""Calls, e-mails and meetings on leads: completed Tasks, and Events that are over.

One whose dates nobody can read is passed over: it cannot show when somebody did anything.
"""

from collections.abc import Sequence
from datetime import datetime

from connectors.batches import chunks
from connectors.salesforce import records, soql
from connectors.salesforce.lead_objects import lead_object
from connectors.salesforce.org import Org, Record
from domain.activities import Activity
from domain.leads import LeadKey
from domain.mapping import CrmMapping

SUBTYPES = {"calls": "Call", "emails": "Email"}
"""Kinds of activity in crm/salesforce.yaml, and their Task.TaskSubtype. ListEmail and Cadence are machines."""

MEETINGS = "meetings"
MESSAGES = "EmailMessage"

_AT_ONCE = 200


class Activities:
    """Reads the kinds of activity that the mapping names; all of them where it names none."""

    def __init__(self, org: Org, mapping: CrmMapping, not_people: frozenset[str]) -> None:
        wanted = mapping.activities or {*SUBTYPES, MEETINGS}
        self._org = org
        self._kind = lead_object(mapping.object)
        self._not_people = not_people
        self._subtypes = [subtype for kind, subtype in SUBTYPES.items() if kind in wanted]
        self._meetings = MEETINGS in wanted
        self._messages = mapping.activities.get("emails") == MESSAGES

    def since(self, begin: datetime, account: str, now: datetime) -> list[Activity]:
        """What was logged or changed since then, and meetings that ended since: nothing touches one at its end."""
        moment = soql.moment(begin)
        changed = f"SystemModstamp >= {moment}"
        return self._read(changed, f"({changed} OR EndDateTime >= {moment})", account, now)

    def of(self, leads: Sequence[str], account: str, now: datetime) -> list[Activity]:
        """Everything on these leads."""
        found: list[Activity] = []
        for chunk in chunks(leads, _AT_ONCE):
            theirs = f"{self._kind.link} IN {soql.texts(chunk)}"
            found += self._read(theirs, theirs, account, now)
        return found

    def _read(self, tasks_where: str, events_where: str, account: str, now: datetime) -> list[Activity]:
        queries = []
        if self._subtypes:
            logged = f"IsClosed = true AND TaskSubtype IN {soql.texts(self._subtypes)} AND {self._kind.linked}"
            queries.append(soql.select((*records.OF_A_TASK, self._kind.link), "Task", f"{tasks_where} AND {logged}"))
        if self._meetings:
            over = f"EndDateTime <= {soql.moment(now)} AND IsChild = false AND {self._kind.linked}"
            queries.append(soql.select((*records.OF_AN_EVENT, self._kind.link), "Event", f"{events_where} AND {over}"))
        rows = [row for page in self._org.queries(*queries) for row in page] if queries else []
        messages = self._messages_of([row["Id"] for row in rows if row.get("TaskSubtype") == "Email"])
        made = [self._made(row, account, now, messages.get(row["Id"])) for row in rows]
        return [activity for activity in made if activity]

    def _made(self, row: Record, account: str, now: datetime, message: Record | None) -> Activity | None:
        key = LeadKey(records.CRM, account, self._kind.name, row[self._kind.link])
        try:
            if "TaskSubtype" in row:
                return records.task(row, key, self._not_people, message)
            return records.event(row, key, now, self._not_people)
        except (ValueError, OverflowError):
            return None

    def _messages_of(self, tasks: Sequence[str]) -> dict[str, Record]:
        """The mails behind Tasks, where the org keeps them: a Task does not tell whether a mail came in or went out."""
        found: dict[str, Record] = {}
        for chunk in chunks(tasks if self._messages else (), _AT_ONCE):
            rows = self._org.query(
                soql.select(("ActivityId", "Incoming", "MessageDate"), MESSAGES, f"ActivityId IN {soql.texts(chunk)}")
            )
            found |= {row["ActivityId"]: row for row in rows}
        return found
