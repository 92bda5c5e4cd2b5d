"""Salesforce as a `Crm`: leads in, owners and fields out, activities back.

Polling asks by SystemModstamp, which moves on every change (LastModifiedDate does not). A row is stamped when its
transaction runs and seen when it commits, so each window starts five minutes before the last one ended.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.base import (
    Changes,
    Credentials,
    Delivery,
    Finding,
    Found,
    Gathered,
    Heard,
    Limits,
    Provisioned,
    Refused,
    Shared,
    SignIn,
    TaskWrite,
    Way,
    Write,
    Written,
)
from connectors.batches import chunks
from connectors.directory import Directory
from connectors.salesforce import records, soql, tasks, writing
from connectors.salesforce.activities import Activities
from connectors.salesforce.org import Org, Record
from connectors.salesforce.provisioning import provision
from connectors.salesforce.records import field_name
from connectors.values import instant
from connectors.wire import TIMEOUT, Timeout
from domain.accounts import Account
from domain.activities import Activity
from domain.leads import Lead, LeadKey, Seen, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

OVERLAP = timedelta(minutes=5)
LAG = timedelta(seconds=5)
"""How far the cursor stays behind the CRM's clock, which is told in whole seconds."""

FRESH = timedelta(hours=1)
"""A lead younger than this goes into the hot lane: somebody may still sit in front of the form."""

PAGE = 2000
READ_AT_ONCE = 200

_OF_A_SIGHTING = ("Id", "CreatedDate", "SystemModstamp")


class Salesforce:
    """One Salesforce org. See `connectors.base.Crm` for what each method promises."""

    name = records.CRM
    guards_itself = True
    signs_in_with: ClassVar[SignIn] = SignIn(
        "SALESFORCE_URL",
        ways=(Way("client credentials", "SALESFORCE_CONSUMER_SECRET", {"consumer_key": "SALESFORCE_CONSUMER_KEY"}),),
    )
    # Only the day is counted, and every answer tells how much of it is left. 25 calls at once that last 20 s are the
    # other limit: a worker makes one at a time.
    limits: ClassVar[Limits] = Limits()
    largest_delivery: ClassVar[int] = 1 << 20

    def __init__(
        self,
        credentials: Credentials,
        mapping: CrmMapping,
        not_people: frozenset[str],
        shared: Shared,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        self.object = mapping.object
        self.account = ""
        self._mapping = mapping
        self._not_people = frozenset(email.lower() for email in not_people)
        self._org = Org(credentials, timeout)
        self._activities = Activities(self._org, mapping, self._not_people)
        self._directory = Directory(self._ask_users, "Salesforce")

    @property
    def calls(self) -> int:
        return self._org.meter.calls

    def sign_in(self) -> str:
        self.account = self._org.sign_in()
        return self.account

    def now(self) -> datetime:
        if self._org.meter.told is None:
            self.sign_in()
        return self._told()

    def users(self) -> list[CrmUser]:
        return self._directory.renew()

    def accounts(self, since: datetime | None) -> tuple[list[Account], datetime]:
        changed = f"SystemModstamp >= {soql.moment(since - OVERLAP)}" if since else ""
        rows = self._org.query(soql.select(records.OF_AN_ACCOUNT, "Account", changed, "ORDER BY SystemModstamp, Id"))
        return [records.account(row) for row in rows], self._told() - LAG

    def arrived(self, since: datetime) -> Found:
        return self._found(f"OwnerId IN {self._unowned()}", by="SystemModstamp", since=since - OVERLAP, fresh=FRESH)

    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        return Changes((), since)

    def examine(self) -> list[Finding]:
        return []

    def unrouted(self, since: datetime) -> Found:
        where = f"OwnerId IN {self._unowned()} AND {field_name('decision')} = null"
        return self._found(where, by="CreatedDate", since=since, fresh=timedelta(0))

    def read(self, ids: Sequence[str]) -> list[Lead | Unreadable]:
        account = self._signed_in()
        known: dict[str, Record] = {}
        for chunk in chunks([id for id in ids if soql.is_id(id)], READ_AT_ONCE):
            known |= {soql.short(row["Id"]): row for row in self._org.query(self._reading(chunk), deleted=True)}
        return [self._as_read(account, id, known.get(soql.short(id))) for id in ids]

    def write(self, rows: Sequence[Write]) -> list[Written]:
        return writing.write(self._org, self._mapping, rows)

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        """The org itself guards each row, so nobody can have come in between."""
        return [Written(row.key, "applied") for row in rows]

    def create_tasks(self, wanted: Sequence[TaskWrite]) -> list[Written]:
        return tasks.create(self._org, wanted)

    def activities(self, since: datetime) -> Gathered:
        found = self._activities.since(since - OVERLAP, self._signed_in(), self.now())
        return Gathered(tuple(found), self._told() - LAG)

    def activities_of(self, ids: Sequence[str]) -> list[Activity]:
        return self._activities.of([id for id in ids if soql.is_id(id)], self._signed_in(), self.now())

    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        counts = dict.fromkeys(owner_ids, 0)
        for chunk in chunks([id for id in owner_ids if soql.is_id(id)], READ_AT_ONCE):
            where = f"OwnerId IN {soql.texts(chunk)} AND IsConverted = false{self._still_open()}"
            rows = self._org.query(soql.select(["OwnerId", "COUNT(Id) open"], self.object, where, "GROUP BY OwnerId"))
            counts |= {row["OwnerId"]: int(row["open"]) for row in rows}
        return counts

    def provision(self) -> list[Provisioned]:
        return provision(self._org, self.object)

    @staticmethod
    def hear(
        delivery: Delivery, credentials: Credentials, mapping: CrmMapping, account: str, now_machine: datetime
    ) -> Heard:
        raise Refused("Salesforce's outbound messages are not taken yet")

    def _signed_in(self) -> str:
        self.account = self._org.account()
        return self.account

    def _told(self) -> datetime:
        told = self._org.meter.told
        if told is None:
            raise Refused("Salesforce's answers carry no Date header, so nobody knows what time it is there")
        return told

    def _ask_users(self) -> list[CrmUser]:
        people, queues = self._org.queries(records.USERS, records.QUEUES)
        return [*map(records.person, people), *map(records.queue, queues)]

    def _unowned(self) -> str:
        _, ids = self._directory.unowned(self._mapping.unowned_by)  # in Salesforce a lead always has an owner
        if not ids:
            raise Refused(
                "crm/salesforce.yaml: a lead always has an owner; new_when.owner has to name a queue or a user"
            )
        return soql.texts(ids)

    def _still_open(self) -> str:
        closed = [text for name in ("disqualified", "requalified") for text in self._mapping.statuses.get(name, ())]
        status = self._mapping.fields.get("status", "Status")
        return f" AND {status} NOT IN {soql.texts(closed)}" if closed else ""

    def _found(self, where: str, *, by: str, since: datetime, fresh: timedelta) -> Found:
        """Walk the window; the cursor is the time of the first answer, for later pages may miss what came meanwhile."""
        account = self._signed_in()
        seen: list[Seen] = []
        cursor: datetime | None = None
        for page in self._pages(where, by, since):
            cursor = cursor or self._told() - LAG
            seen += [self._seen(account, row, fresh) for row in page]
        return Found(tuple(seen), cursor or self._told() - LAG)

    def _pages(self, where: str, by: str, since: datetime) -> Iterator[list[Record]]:
        """Rows in the order of (`by`, id), each page starting behind the last row of the one before."""
        start = f"{by} >= {soql.moment(since)}"
        while True:
            wanted = f"{start} AND IsConverted = false AND {where}"
            page = self._org.query(soql.select(_OF_A_SIGHTING, self.object, wanted, f"ORDER BY {by}, Id LIMIT {PAGE}"))
            yield page
            if len(page) < PAGE:
                return
            last = soql.moment(instant(page[-1][by]))
            start = f"({by} > {last} OR ({by} = {last} AND Id > {soql.text(page[-1]['Id'])}))"

    def _seen(self, account: str, row: Record, fresh: timedelta) -> Seen:
        return Seen(
            key=LeadKey(self.name, account, self.object, row["Id"]),
            at=instant(row["SystemModstamp"]),
            event=records.seen_event(account, row),
            hot=self._told() - instant(row["CreatedDate"]) < fresh,
        )

    def _reading(self, ids: Sequence[str]) -> str:
        fields = dict.fromkeys((*records.OF_A_LEAD, field_name("decision"), *self._mapping.fields.values()))
        return soql.select(fields, self.object, f"Id IN {soql.texts(ids)}")

    def _as_read(self, account: str, id: str, row: Record | None) -> Lead | Unreadable:
        if not soql.is_id(id):
            return Unreadable(
                LeadKey(self.name, account, self.object, id), f"{id!r} is not the id of a Salesforce record"
            )
        if row is None:
            return records.missing(LeadKey(self.name, account, self.object, id), self._told())
        return records.lead(row, LeadKey(self.name, account, self.object, row["Id"]), self._mapping, self._not_people)
