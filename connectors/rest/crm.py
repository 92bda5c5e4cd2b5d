"""A company's own CRM as a `Crm`. It guards each row itself, and writes only while the owner is the expected one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    Noticed,
    Provisioned,
    Refused,
    RoleKind,
    Roles,
    Shared,
    SignIn,
    TaskWrite,
    TryLater,
    Way,
    Whereabouts,
    Write,
    Written,
)
from connectors.batches import chunks
from connectors.directory import Directory
from connectors.rest import records, writing
from connectors.rest.api import Api, Row, understood
from connectors.rest.records import field_name
from connectors.values import instant, lead_values, stamp
from connectors.wire import TIMEOUT, Timeout
from domain.activities import Activity
from domain.leads import History, Lead, LeadKey, Seen, Unreadable, Value
from domain.mapping import WRITTEN, CrmMapping
from domain.people import CrmUser

OVERLAP = timedelta(minutes=2)
LAG = timedelta(seconds=5)
"""How far the cursor stays behind the CRM's clock, which is told in whole seconds."""

FRESH = timedelta(hours=1)
"""A lead younger than this goes into the hot lane: somebody may still sit in front of the form."""

AT_ONCE = 200
PAGES = 5
"""After so many pages a window ends, where it can, so that what it found is kept."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Window:
    """Rows, and where the next window starts; with `more` there are further ones at once."""

    rows: Sequence[Row]
    cursor: datetime
    more: bool


class Rest:
    """One such CRM. See `connectors.base.Crm` for what each method promises."""

    name = records.CRM
    guards_itself = True
    activity_kinds: tuple[str, ...] = ("all",)
    signs_in_with: ClassVar[SignIn] = SignIn("REST_URL", ways=(Way("token", "REST_TOKEN"),))
    limits: ClassVar[Limits] = Limits()
    largest_delivery: ClassVar[int] = 0

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
        named = (entry.removeprefix("user:").lower() for entry in mapping.unowned_by if entry.startswith("user:"))
        self._nobodies = self._not_people | frozenset(named)
        self._api = Api(credentials, shared, timeout)
        self._directory = Directory(self._ask_users, "the CRM")

    @property
    def calls(self) -> int:
        return self._api.meter.calls

    @understood
    def sign_in(self) -> str:
        self.account = str(self._api.get("account")["id"])
        return self.account

    def now(self) -> datetime:
        if self._api.meter.told is None:
            self.sign_in()
        return self._told()

    def users(self) -> list[CrmUser]:
        return self._directory.renew()

    @understood
    def accounts(self, since: datetime | None) -> Companies:
        window = self._window("companies", since - OVERLAP if since else BEGINNING)
        there = tuple(records.account(row, self._directory.email) for row in window.rows if not row.get("gone"))
        gone = tuple(str(row["id"]) for row in window.rows if row.get("gone"))
        return Companies(there, gone, window.cursor, window.more)

    def roles(self, kind: RoleKind, since: datetime | None) -> Roles:  # noqa: ARG002 - a CRM without any
        """This API knows of no opportunities and no teams."""
        return Roles((), (), since or BEGINNING)

    def deleted(self, kind: DeletedKind, since: datetime, start: str | None) -> Deleted:  # noqa: ARG002 - told elsewhere
        return Deleted((), None, self.now())

    @understood
    def arrived(self, since: datetime) -> Found:
        return self._found(since - OVERLAP, "modified", OVERLAP, owner=self._unowned())

    @understood
    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        """All that carry a decision where something is watched, else those that somebody has answered."""
        account = self._signed_in()
        filled = field_name("decision" if watched or self._mapping.queues else "answer")
        window = self._window("leads", since - OVERLAP, filled=filled)
        noticed = [
            Noticed(
                self._seen(account, row, hot=False),
                self._values(row, watched),
                row.get(field_name("answer")),
                row.get("owner"),
            )
            for row in window.rows
            if row.get(field_name("decision"))
        ]
        return Changes(tuple(noticed), window.cursor, window.more)

    @understood
    def unrouted(self, since: datetime) -> Found:
        return self._found(since, "created", timedelta(), owner=self._unowned(), empty=field_name("decision"))

    @understood
    def read(self, ids: Sequence[str]) -> list[Lead | Unreadable]:
        account = self._signed_in()
        known: dict[str, Row] = {}
        for chunk in chunks([id for id in ids if id.isalnum()], AT_ONCE):
            known |= {str(row["id"]): row for row in self._api.post("leads/read", ids=list(chunk))["rows"]}
        return [self._as_read(LeadKey(self.name, account, self.object, id), known.get(id)) for id in ids]

    def write(self, rows: Sequence[Write]) -> list[Written]:
        return writing.write(self._api, self._mapping, rows)

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        """The CRM guards each row, so nobody can have come in between."""
        return [Written(row.key, "applied") for row in rows]

    def create_tasks(self, tasks: Sequence[TaskWrite]) -> list[Written]:
        return writing.create_tasks(self._api, tasks)

    @understood
    def activities(self, kind: str, since: datetime) -> Gathered:  # noqa: ARG002 - the protocol's
        account = self._signed_in()
        found: list[Activity] = []
        cursor: datetime | None = None
        for rows in self._pages("activities", since - OVERLAP, "modified"):
            cursor = cursor or self._told() - LAG
            found += self._activities(account, rows)
        return Gathered(tuple(found), cursor or self._told() - LAG)

    @understood
    def activities_of(self, ids: Sequence[str]) -> list[Activity]:
        account = self._signed_in()
        found: list[Activity] = []
        for chunk in chunks(ids, AT_ONCE):
            found += self._activities(account, self._api.post("activities/read", leads=list(chunk))["rows"])
        return found

    @understood
    def history(self, ids: Sequence[str]) -> list[History]:
        account = self._signed_in()
        status = self._mapping.fields.get("status", "status")
        changes: dict[str, list[Row]] = {}
        for chunk in chunks([id for id in ids if id.isalnum()], AT_ONCE):
            for row in self._api.post("leads/history", ids=list(chunk), fields=["owner", status])["rows"]:
                changes.setdefault(str(row["id"]), []).append(row)
        keys = [LeadKey(self.name, account, self.object, id) for id in ids]
        return [
            History(
                key,
                records.versions(changes.get(key.id, ()), "owner"),
                records.versions(changes.get(key.id, ()), status),
            )
            for key in keys
        ]

    @understood
    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        closed = [text for name in ("disqualified", "requalified") for text in self._mapping.statuses.get(name, ())]
        counts = self._api.post("leads/count", owners=list(owner_ids), not_status=closed)["counts"]
        return {id: int(counts.get(id, 0)) for id in owner_ids}

    def whereabouts(
        self,
        people: Sequence[CrmUser],  # noqa: ARG002 - a CRM without any
        since: datetime,  # noqa: ARG002
        until: datetime,  # noqa: ARG002
        meetings: tuple[datetime, datetime] | None,  # noqa: ARG002
    ) -> Whereabouts:
        """This API knows of no calendars."""
        return Whereabouts()

    def provision(self) -> list[Provisioned]:
        there = self._fields()
        missing = [field for field in WRITTEN if field_name(field.name) not in there]
        if missing:
            wanted = [
                {"name": field_name(one.name), "type": one.type, "choices": list(one.choices), "length": one.length}
                for one in missing
            ]
            self._api.post("fields", fields=wanted)
        table = Provisioned("the CRM's list of fields", "there")
        return [
            table,
            *(
                Provisioned(f"field {field_name(one.name)}", "created" if one in missing else "there")
                for one in WRITTEN
            ),
        ]

    def examine(self, follows: Collection[RoleKind] = ()) -> list[Finding]:  # noqa: ARG002 - no roles here
        try:
            account = self.sign_in()
            there = self._fields()
        except TryLater as problem:
            return [Finding("sign-in", None, str(problem), problem.way_out)]
        except ConnectorError as problem:
            return [Finding("sign-in", False, str(problem), "set REST_URL and REST_TOKEN to what the CRM accepts")]
        mapped = [name for name in self._mapping.fields.values() if name not in there]
        ours = [field_name(field.name) for field in WRITTEN if field_name(field.name) not in there]
        return [
            Finding("sign-in", True, f"account {account}"),
            Finding("mapped fields", not mapped, ", ".join(mapped) or "all there", "correct crm/rest.yaml"),
            Finding("our fields", not ours, ", ".join(ours) or "all there", "run `fairlead provision`"),
        ]

    @staticmethod
    def hear(
        delivery: Delivery,  # noqa: ARG004 - the protocol's
        credentials: Credentials,  # noqa: ARG004
        mapping: CrmMapping,  # noqa: ARG004
        account: str,  # noqa: ARG004
        now_machine: datetime,  # noqa: ARG004
    ) -> Heard:
        raise Refused("this CRM sends no webhooks: it is asked for its news")

    def _signed_in(self) -> str:
        return self.account or self.sign_in()

    def _told(self) -> datetime:
        told = self._api.meter.told
        if told is None:
            raise Refused("the CRM's answers carry no Date header, so nobody knows what time it is there")
        return told

    @understood
    def _ask_users(self) -> list[CrmUser]:
        return [records.user(row) for row in self._api.get("users")["users"]]

    @understood
    def _fields(self) -> set[str]:
        return {str(row["name"]) for row in self._api.get("fields")["fields"]}

    def _unowned(self) -> str:
        nobody, ids = self._directory.unowned(self._mapping.unowned_by)
        return ",".join([*(["none"] if nobody else []), *ids])

    def _found(self, since: datetime, by: str, overlap: timedelta, **asked: str) -> Found:
        account = self._signed_in()
        window = self._window("leads", since, by, overlap, **asked)
        seen = [self._seen(account, row, hot=by == "modified" and self._fresh(row)) for row in window.rows]
        return Found(tuple(seen), window.cursor, window.more)

    def _window(
        self, kind: str, since: datetime, by: str = "modified", overlap: timedelta = OVERLAP, **asked: str
    ) -> _Window:
        """The rows of a few pages.

        The next window starts `overlap` before the cursor. So a window that ends early gives the time of its last row
        and `overlap` on top, and never ends inside one instant, or the next would start where this one did.
        """
        rows: list[Row] = []
        end: datetime | None = None
        for number, page in enumerate(self._pages(kind, since, by, **asked), start=1):
            end = end or self._told() - LAG
            rows += page
            if number >= PAGES and len(page) == AT_ONCE and instant(rows[-1][by]) > since:
                return _Window(rows, min(end, instant(rows[-1][by]) + overlap), more=True)
        return _Window(rows, end or self._told() - LAG, more=False)

    def _pages(self, kind: str, since: datetime, by: str, **asked: str) -> Iterator[list[Row]]:
        """Rows in the order of (`by`, id), each page starting behind the last row of the one before."""
        start = {"from": stamp(since)}
        while True:
            page = self._api.get(kind, order=by, **start, **asked)
            yield page["rows"]
            if not page["more"]:
                return
            last = page["rows"][-1]
            behind = {"from": str(last[by]), "after": str(last["id"])}
            if behind == start:
                raise ValueError(f"the same page of {kind} comes again and again")
            start = behind

    def _seen(self, account: str, row: Row, *, hot: bool) -> Seen:
        at = instant(row["modified"])
        event = f"{self.name}:{account}:{row['id']}:{stamp(at)}"
        return Seen(LeadKey(self.name, account, self.object, str(row["id"])), at, event, hot)

    def _fresh(self, row: Row) -> bool:
        return self._told() - instant(row["created"]) < FRESH

    def _values(self, row: Row, watched: Sequence[str]) -> dict[str, Value]:
        values, _ = lead_values(self._mapping, row.get)
        return {name: values.get(name) for name in watched}

    def _as_read(self, key: LeadKey, row: Row | None) -> Lead | Unreadable:
        if not key.id.isalnum():
            return Unreadable(key, f"{key.id!r} is not the id of a record")
        gone = {"created": self._told().isoformat(), "modified": self._told().isoformat(), "gone": "deleted"}
        return records.lead(row or gone, key, self._mapping, self._directory.email, self._nobodies)

    def _activities(self, account: str, rows: Sequence[Row]) -> list[Activity]:
        kinds = {"call": "calls", "email": "emails"}
        wanted = self._mapping.activities or set(kinds.values())
        return [
            records.activity(
                row, LeadKey(self.name, account, self.object, str(row["lead"])), self._directory.email, self._not_people
            )
            for row in rows
            if kinds.get(str(row["kind"])) in wanted
        ]
