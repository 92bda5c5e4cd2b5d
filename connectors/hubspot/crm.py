"""HubSpot as a `Crm`: leads in, owners and fields out, activities back.

Search runs on an index that lags behind the records by seconds, so it only finds ids, and each window starts two
minutes before the last one ended; what a decision needs is read by id.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
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
    NotGenuine,
    NotReadable,
    Provisioned,
    Refused,
    Shared,
    SignIn,
    TaskWrite,
    Way,
    Window,
    Write,
    Written,
)
from connectors.batches import chunks
from connectors.directory import Directory
from connectors.hubspot import records, searching, tasks, webhooks, writing
from connectors.hubspot.kinds import kind_of
from connectors.hubspot.portal import SEARCH_PAGE, Portal, Record
from connectors.hubspot.provisioning import provision
from connectors.hubspot.records import OWNER, field_name
from connectors.hubspot.searching import Filter
from connectors.values import instant
from connectors.wire import TIMEOUT, Timeout
from domain.accounts import Account
from domain.activities import Activity
from domain.leads import Lead, LeadKey, Seen, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

OVERLAP = timedelta(minutes=2)
LAG = timedelta(seconds=5)
"""How far the cursor stays behind HubSpot's clock, which is told in whole seconds."""

FRESH = timedelta(hours=1)
"""A lead younger than this goes into the hot lane: somebody may still sit in front of the form."""

BEGINNING = datetime(2006, 1, 1, tzinfo=UTC)
"""Before any record: HubSpot was founded later in that year, and a filter on the epoch fails."""

READ_AT_ONCE = 100
ASSOCIATED_AT_ONCE = 1000


class HubSpot:
    """One HubSpot portal. See `connectors.base.Crm` for what each method promises."""

    name = records.CRM
    guards_itself = False
    signs_in_with: ClassVar[SignIn] = SignIn(
        "HUBSPOT_URL",
        ways=(Way("token", "HUBSPOT_TOKEN"),),
        optional={"client_secret": "HUBSPOT_CLIENT_SECRET"},
        url_default="https://api.hubapi.com",
    )
    """A service key's or private app's token; the client secret is for webhooks only."""
    # The day's limit is told by every answer, and depends on what was bought. The search limit is the account's, and
    # other apps search too.
    limits: ClassVar[Limits] = Limits(calls=Window(190, 10), searches=Window(5, 1, others=1))
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
        self._kind = kind_of(mapping)
        self._mapping = mapping
        self._not_people = frozenset(email.lower() for email in not_people)
        named = (entry.removeprefix("user:").lower() for entry in mapping.unowned_by if entry.startswith("user:"))
        self._nobodies = self._not_people | frozenset(named)
        self._kinds = {
            kind: properties
            for kind, properties in records.OF_AN_ACTIVITY.items()
            if kind in (mapping.activities or records.OF_AN_ACTIVITY)
        }
        self._portal = Portal(credentials, timeout)
        self._directory = Directory(self._ask_users, "HubSpot")

    @property
    def calls(self) -> int:
        return self._portal.meter.calls

    def sign_in(self) -> str:
        self.account = self._portal.sign_in()
        return self.account

    def now(self) -> datetime:
        if self._portal.meter.told is None:
            self.sign_in()
        return self._told()

    def users(self) -> list[CrmUser]:
        return self._directory.renew()

    def accounts(self, since: datetime | None) -> tuple[list[Account], datetime]:
        begin = since - OVERLAP if since else BEGINNING
        found: list[Account] = []
        cursor: datetime | None = None
        for page in searching.walk(self._portal, "companies", [[]], "hs_lastmodifieddate", begin, records.OF_A_COMPANY):
            cursor = cursor or self._told() - LAG
            found += [records.company(row, self._directory.user) for row in page]
        return found, cursor or self._told() - LAG

    def arrived(self, since: datetime) -> Found:
        return self._found(self._unowned(), by=self._kind.modified, since=since - OVERLAP, fresh=FRESH)

    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        return Changes((), since)

    def examine(self) -> list[Finding]:
        return []

    def unrouted(self, since: datetime) -> Found:
        undecided: Filter = {"propertyName": field_name("decision"), "operator": "NOT_HAS_PROPERTY"}
        groups = [[*group, undecided] for group in self._unowned()]
        return self._found(groups, by=self._kind.created, since=since, fresh=timedelta(0))

    def read(self, ids: Sequence[str]) -> list[Lead | Unreadable]:
        self._signed_in()
        found: dict[str, Record] = {}
        wanted = (self._kind.created, self._kind.modified, OWNER, records.MERGED, field_name("decision"))
        properties = list(dict.fromkeys((*wanted, *self._mapping.fields.values())))
        for chunk in chunks([id for id in ids if id.isdecimal()], READ_AT_ONCE):
            found |= self._portal.read(self._kind.path, chunk, properties)
        survivors = [row for row in found.values() if row["properties"].get(records.MERGED)]
        return [self._as_read(id, found.get(id), survivors) for id in ids]

    def write(self, rows: Sequence[Write]) -> list[Written]:
        return writing.write(self._portal, self._kind, self._mapping, rows)

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        return writing.confirm(self._portal, self._kind, rows)

    def create_tasks(self, wanted: Sequence[TaskWrite]) -> list[Written]:
        return tasks.create(self._portal, self._kind, wanted)

    def activities(self, since: datetime) -> Gathered:
        self._signed_in()
        found: list[Activity] = []
        cursor: datetime | None = None
        for kind, properties in self._kinds.items():
            rows: list[Record] = []
            for page in searching.walk(self._portal, kind, [[]], "hs_lastmodifieddate", since - OVERLAP, properties):
                cursor = cursor or self._told() - LAG
                rows += page
            found += self._activities(kind, rows, self._leads_of(kind, [row["id"] for row in rows]))
        return Gathered(tuple(found), cursor or self._told() - LAG)

    def activities_of(self, ids: Sequence[str]) -> list[Activity]:
        self._signed_in()
        found: list[Activity] = []
        for kind, properties in self._kinds.items():
            leads: dict[str, list[str]] = {}
            for chunk in chunks([id for id in ids if id.isdecimal()], ASSOCIATED_AT_ONCE):
                for lead, activities in self._portal.associated(self._kind.path, kind, chunk).items():
                    for id in activities:
                        leads.setdefault(id, []).append(lead)
            for part in chunks(list(leads), READ_AT_ONCE):
                rows = self._portal.read(kind, part, properties)
                found += self._activities(kind, list(rows.values()), leads)
        return found

    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        counts = dict.fromkeys(owner_ids, 0)
        for chunk in chunks(owner_ids, READ_AT_ONCE):
            counts |= self._counted(chunk)
        return counts

    def provision(self) -> list[Provisioned]:
        return provision(self._portal, self._kind)

    @staticmethod
    def hear(
        delivery: Delivery, credentials: Credentials, mapping: CrmMapping, account: str, now_machine: datetime
    ) -> Heard:
        secret = credentials.extra.get("client_secret")
        if not secret:
            raise Refused("webhooks are refused: HUBSPOT_CLIENT_SECRET is not set")
        wrong = webhooks.verify(secret, delivery.method, delivery.url, delivery.body, delivery.headers, now_machine)
        if wrong:
            raise NotGenuine(wrong)
        try:
            return Heard(tuple(webhooks.seen(delivery.body, account, mapping.object)))
        except ValueError as error:
            raise NotReadable(str(error)) from error

    def _signed_in(self) -> str:
        return self.account or self.sign_in()

    def _told(self) -> datetime:
        told = self._portal.meter.told
        if told is None:
            raise Refused("HubSpot's answers carry no Date header, so nobody knows what time it is there")
        return told

    def _ask_users(self) -> list[CrmUser]:
        active = [records.user(row, active=True) for row in self._portal.owners(archived=False)]
        gone = [records.user(row, active=False) for row in self._portal.owners(archived=True)]
        return [*active, *gone]

    def _unowned(self) -> list[list[Filter]]:
        nobody, ids = self._directory.unowned(self._mapping.unowned_by)
        groups: list[list[Filter]] = []
        if nobody:
            groups.append([{"propertyName": OWNER, "operator": "NOT_HAS_PROPERTY"}])
        if ids:
            groups.append([{"propertyName": OWNER, "operator": "IN", "values": ids}])
        if not groups:
            raise Refused("new_when.owner in crm/hubspot.yaml names nobody: without it no record is new")
        return groups

    def _open(self, owner: Filter) -> list[list[Filter]]:
        """Records of that owner which are not closed. NOT_IN alone may leave out those without a status."""
        owned: list[Filter] = [{"propertyName": OWNER, **owner}]
        closed = [text for name in ("disqualified", "requalified") for text in self._mapping.statuses.get(name, ())]
        if not closed:
            return [owned]
        status = self._mapping.fields.get("status", "hs_lead_status")
        return [
            [*owned, {"propertyName": status, "operator": "NOT_HAS_PROPERTY"}],
            [*owned, {"propertyName": status, "operator": "NOT_IN", "values": closed}],
        ]

    def _counted(self, owner_ids: Sequence[str]) -> dict[str, int]:
        """By walking all of their records; where these are very many, by asking for the number of each owner's."""
        counts = dict.fromkeys(owner_ids, 0)
        owned = self._open({"operator": "IN", "values": list(owner_ids)})
        for rows, total in searching.by_id(self._portal, self._kind.path, owned, (OWNER,)):
            if total > SEARCH_PAGE * (len(owner_ids) + 1):
                return {id: self._total(id) for id in owner_ids}
            for row in rows:
                counts[row["properties"][OWNER]] += 1
        return counts

    def _total(self, owner_id: str) -> int:
        groups = self._open({"operator": "EQ", "value": owner_id})
        page = self._portal.search(
            self._kind.path,
            {"filterGroups": [{"filters": group} for group in groups], "properties": [OWNER], "limit": 1},
        )
        return int(page["total"])

    def _found(self, groups: list[list[Filter]], *, by: str, since: datetime, fresh: timedelta) -> Found:
        """Walk the window; the cursor is the time of the first answer, for later pages may miss what came meanwhile."""
        account = self._signed_in()
        seen: list[Seen] = []
        cursor: datetime | None = None
        for page in self._pages(groups, by, since):
            cursor = cursor or self._told() - LAG
            seen += [self._seen(account, row, fresh) for row in page]
        return Found(tuple(seen), cursor or self._told() - LAG)

    def _pages(self, groups: list[list[Filter]], by: str, since: datetime) -> Iterator[list[Record]]:
        times = (self._kind.created, self._kind.modified)
        return searching.walk(self._portal, self._kind.path, groups, by, max(since, BEGINNING), times)

    def _seen(self, account: str, row: Record, fresh: timedelta) -> Seen:
        created = instant(row["properties"].get(self._kind.created) or row["createdAt"])
        return Seen(
            key=self._key(account, row["id"]),
            at=records.modified_at(row, self._kind),
            event=records.seen_event(account, row, self._kind),
            hot=self._told() - created < fresh,
        )

    def _as_read(self, id: str, row: Record | None, survivors: Sequence[Record]) -> Lead | Unreadable:
        key = self._key(self.account, id)
        if not id.isdecimal():
            return Unreadable(key, f"{id!r} is not the id of a HubSpot record")
        if row is None:
            return records.missing(key, self._told(), survivors)
        owner_id = row["properties"].get(OWNER)
        owner = self._directory.user(owner_id) if owner_id else None
        return records.lead(row, key, self._kind, self._mapping, owner, self._nobodies)

    def _leads_of(self, kind: str, ids: Sequence[str]) -> dict[str, list[str]]:
        leads: dict[str, list[str]] = {}
        for chunk in chunks(ids, ASSOCIATED_AT_ONCE):
            leads |= self._portal.associated(kind, self._kind.path, chunk)
        return leads

    def _activities(self, kind: str, rows: Sequence[Record], leads: dict[str, list[str]]) -> list[Activity]:
        """One activity per lead that it belongs to, read with the properties of its kind."""
        made = [
            records.activity(
                kind,
                row,
                self._key(self.account, lead),
                self._directory.email(row["properties"].get(OWNER)),
                self._not_people,
            )
            for row in rows
            for lead in leads.get(row["id"], ())
        ]
        return [activity for activity in made if activity is not None]

    def _key(self, account: str, id: str) -> LeadKey:
        return LeadKey(self.name, account, self.object, id)
