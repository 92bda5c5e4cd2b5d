"""Salesforce as a `Crm`: leads in, owners and fields out, activities back.

Polling asks by SystemModstamp, which moves on every change (LastModifiedDate does not).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.base import (
    Changes,
    Companies,
    ConnectorError,
    Credentials,
    Deleted,
    DeletedKind,
    Delivery,
    Finding,
    Found,
    Gathered,
    Heard,
    Limits,
    NotSignedIn,
    Provisioned,
    Refused,
    RoleKind,
    Roles,
    Shared,
    SignIn,
    TaskWrite,
    Whereabouts,
    Write,
    Written,
)
from connectors.batches import Row, chunks
from connectors.directory import Directory
from connectors.salesforce import absences, histories, outbound_messages, records, sightings, soql, tasks, writing
from connectors.salesforce.activities import Activities
from connectors.salesforce.errors import UNPROVISIONED, understood
from connectors.salesforce.examination import examine
from connectors.salesforce.guard import Guard
from connectors.salesforce.lead_objects import lead_object
from connectors.salesforce.org import Org, Record
from connectors.salesforce.provisioning import provision
from connectors.salesforce.records import field_name
from connectors.salesforce.sign_in import SIGNS_IN_WITH
from connectors.salesforce.windows import LAG, OVERLAP, Window, walk
from connectors.wire import TIMEOUT, Timeout
from domain.accounts import Role
from domain.activities import Activity
from domain.leads import History, Lead, LeadKey, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

READ_AT_ONCE = 200

_ROLES: Mapping[RoleKind, tuple[str, Sequence[str], Callable[[Record], Role | None]]] = {
    "opportunities": ("Opportunity", records.OF_AN_OPPORTUNITY, records.opportunity),
    "team": ("AccountTeamMember", records.OF_A_TEAM_MEMBER, records.team_member),
}


class Salesforce:
    """One Salesforce org. See `connectors.base.Crm` for what each method promises."""

    name = records.CRM
    guards_itself = True
    # One Composite asks for Tasks and Events.
    activity_kinds: tuple[str, ...] = ("all",)
    signs_in_with: ClassVar[SignIn] = SIGNS_IN_WITH
    # Only the day is counted, and every answer tells how much of it is left. 25 calls at once that last 20 s are the
    # other limit: a worker makes one at a time.
    limits: ClassVar[Limits] = Limits()
    largest_delivery: ClassVar[int] = outbound_messages.LARGEST

    def __init__(
        self,
        credentials: Credentials,
        mapping: CrmMapping,
        not_people: frozenset[str],
        shared: Shared,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        self.object = mapping.object
        self._kind = lead_object(mapping.object)
        self.account = ""
        self._mapping = mapping
        self._not_people = frozenset(email.lower() for email in not_people)
        self._org = Org(credentials, shared, timeout)
        self._guard = Guard(self._org, mapping.object)
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
            self._org.user()
        return self._told()

    def users(self) -> list[CrmUser]:
        return self._directory.renew()

    @understood("accounts")
    def accounts(self, since: datetime | None) -> Companies:
        window = walk(
            lambda where, then: self._org.query(
                soql.select(records.OF_AN_ACCOUNT, "Account", where, then), deleted=since is not None
            ),
            self._told,
            by="SystemModstamp",
            since=since,
        )
        there = tuple(records.account(row) for row in window.rows if not row.get("IsDeleted"))
        gone = tuple(row["Id"] for row in window.rows if row.get("IsDeleted"))
        return Companies(there, gone, window.cursor, window.more)

    @understood("roles in companies")
    def roles(self, kind: RoleKind, since: datetime | None) -> Roles:
        of, fields, read = _ROLES[kind]
        try:
            window = walk(
                lambda where, then: self._org.query(soql.select(fields, of, where, then), deleted=since is not None),
                self._told,
                by="SystemModstamp",
                since=since,
            )
        except Refused as problem:
            if "INVALID_TYPE" not in str(problem):
                raise
            # An org without account teams has no such object.
            return Roles((), (), self.now() - LAG)
        found = {row["Id"]: read(row) for row in window.rows}
        gone = tuple(id for id, role in found.items() if role is None)
        return Roles(tuple(role for role in found.values() if role), gone, window.cursor, window.more)

    def deleted(self, kind: DeletedKind, since: datetime, start: str | None) -> Deleted:  # noqa: ARG002 - told elsewhere
        return Deleted((), None, self.now())

    @understood("leads that arrived")
    def arrived(self, since: datetime) -> Found:
        window = self._window(f"OwnerId IN {self._unowned()}", sightings.FIELDS, by="SystemModstamp", since=since)
        return self._found(window, hot=True)

    @understood("changed leads")
    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        fields = {name: self._mapping.fields[name] for name in watched if name in self._mapping.fields}
        where = f"{field_name('decision')} != null"
        if not fields and not self._mapping.queues:
            where += " AND " + self._kind.or_converted(f"{field_name('answer')} != null")
        asked = dict.fromkeys(
            (*sightings.FIELDS, "OwnerId", field_name("answer"), *self._kind.conversion, *fields.values())
        )
        window = self._window(where, tuple(asked), by="SystemModstamp", since=since, converted=True)
        noticed = sightings.noticed(window.rows, self._signed_in(), self._mapping, fields, self._told())
        return Changes(noticed, window.cursor, window.more)

    def examine(self, follows: Collection[RoleKind] = ()) -> list[Finding]:
        return examine(self._org, self._mapping, self._not_people, [_ROLES[kind][0] for kind in sorted(follows)])

    @understood("leads without a decision")
    def unrouted(self, since: datetime) -> Found:
        where = f"OwnerId IN {self._unowned()} AND {field_name('decision')} = null"
        window = self._window(where, sightings.FIELDS, by="CreatedDate", since=since, overlap=timedelta(0))
        return self._found(window, hot=False)

    @understood("leads")
    def read(self, ids: Sequence[str]) -> list[Lead | Unreadable]:
        account = self._signed_in()
        known: dict[str, Record] = {}
        for chunk in chunks([id for id in ids if soql.is_id(id)], READ_AT_ONCE):
            known |= {soql.short(row["Id"]): row for row in self._org.query(self._reading(chunk), deleted=True)}
        return [self._as_read(account, id, known.get(soql.short(id))) for id in ids]

    def write(self, rows: Sequence[Write]) -> list[Written]:
        """Where nothing guards people's choices, rows that change an owner wait."""
        waiting = self._unguarded([row for row in rows if row.decision is not None])
        sent = [row for row in rows if row.key not in waiting]
        became = waiting | {one.key: one for one in writing.write(self._org, self._mapping, sent)}
        return [became[row.key] for row in rows]

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        """The org itself guards each row, so nobody can have come in between."""
        return [Written(row.key, "applied") for row in rows]

    def create_tasks(self, wanted: Sequence[TaskWrite]) -> list[Written]:
        return tasks.create(self._org, self._kind, wanted)

    @understood("activities")
    def activities(self, kind: str, since: datetime) -> Gathered:  # noqa: ARG002 - the protocol's
        found = self._activities.since(since - OVERLAP, self._signed_in(), self.now())
        return Gathered(tuple(found), self._told() - LAG)

    @understood("activities of leads")
    def activities_of(self, ids: Sequence[str]) -> list[Activity]:
        return self._activities.of([id for id in ids if soql.is_id(id)], self._signed_in(), self.now())

    @understood("the history of leads")
    def history(self, ids: Sequence[str]) -> list[History]:
        status = self._mapping.fields.get("status", self._kind.status)
        return histories.of(self._org, self._kind, status, ids, self._signed_in())

    @understood("open leads")
    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        counts = dict.fromkeys(owner_ids, 0)
        for chunk in chunks([id for id in owner_ids if soql.is_id(id)], READ_AT_ONCE):
            where = f"{self._kind.unconverted}OwnerId IN {soql.texts(chunk)}{self._still_open()}"
            rows = self._org.query(soql.select(["OwnerId", "COUNT(Id) open"], self.object, where, "GROUP BY OwnerId"))
            counts |= {row["OwnerId"]: int(row["open"]) for row in rows}
        return counts

    def whereabouts(
        self, people: Sequence[CrmUser], since: datetime, until: datetime, meetings: tuple[datetime, datetime] | None
    ) -> Whereabouts:
        return absences.whereabouts(self._org, people, since, until, meetings)

    @understood("our fields")
    def provision(self) -> list[Provisioned]:
        return provision(self._org, self.object, self._mapping.queues)

    @staticmethod
    def hear(
        delivery: Delivery, credentials: Credentials, mapping: CrmMapping, account: str, now_machine: datetime
    ) -> Heard:
        return outbound_messages.hear(delivery, credentials, mapping, account, now_machine)

    def _signed_in(self) -> str:
        self.account = self._org.account()
        return self.account

    def _told(self) -> datetime:
        told = self._org.meter.told
        if told is None:
            raise Refused("Salesforce's answers carry no Date header, so nobody knows what time it is there")
        return told

    @understood("users and queues")
    def _ask_users(self) -> list[CrmUser]:
        people, queues = self._org.queries(records.USERS, records.QUEUES)
        return [*map(records.person, people), *map(records.queue, queues)]

    def _unguarded(self, rows: Sequence[Write]) -> dict[LeadKey, Written]:
        try:
            lacking = self._guard.lacking() if rows else ""
        except NotSignedIn:
            raise
        except ConnectorError as problem:
            return {row.key: Row(row.key.id, row.key, {}).became(problem) for row in rows}
        return {row.key: Written(row.key, "later", lacking, UNPROVISIONED) for row in rows} if lacking else {}

    def _unowned(self) -> str:
        _, ids = self._directory.unowned(self._mapping.unowned_by)  # in Salesforce a lead always has an owner
        if not ids:
            raise Refused(
                "crm/salesforce.yaml: a lead always has an owner; new_when.owner has to name a queue or a user"
            )
        return soql.texts(ids)

    def _still_open(self) -> str:
        closed = [text for name in ("disqualified", "requalified") for text in self._mapping.statuses.get(name, ())]
        status = self._mapping.fields.get("status", self._kind.status)
        return f" AND {status} NOT IN {soql.texts(closed)}" if closed and status else ""

    def _window(
        self,
        where: str,
        fields: Sequence[str],
        *,
        by: str,
        since: datetime,
        overlap: timedelta = OVERLAP,
        converted: bool = False,
    ) -> Window:
        """Rows of our object that are still leads; with `converted`, those that are none any more too."""
        rest = where if converted else f"{self._kind.unconverted}{where}"
        return walk(
            lambda within, then: self._org.query(soql.select(fields, self.object, f"{within} AND {rest}", then)),
            self._told,
            by=by,
            since=since,
            overlap=overlap,
        )

    def _found(self, window: Window, *, hot: bool) -> Found:
        seen = sightings.seen(window.rows, self._signed_in(), self.object, self._told(), hot=hot)
        return Found(seen, window.cursor, window.more)

    def _reading(self, ids: Sequence[str]) -> str:
        fields = dict.fromkeys(
            (
                *records.OF_A_LEAD,
                *self._kind.fate,
                field_name("decision"),
                field_name("answer"),
                *self._mapping.fields.values(),
            )
        )
        return soql.select(fields, self.object, f"Id IN {soql.texts(ids)}")

    def _as_read(self, account: str, id: str, row: Record | None) -> Lead | Unreadable:
        if not soql.is_id(id):
            return Unreadable(
                LeadKey(self.name, account, self.object, id), f"{id!r} is not the id of a Salesforce record"
            )
        if row is None:
            return records.missing(LeadKey(self.name, account, self.object, id), self._told())
        return records.lead(row, LeadKey(self.name, account, self.object, row["Id"]), self._mapping, self._not_people)
