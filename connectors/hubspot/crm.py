"""HubSpot as a `Crm`: leads in, owners and fields out, activities back.

Search runs on an index that lags behind the records by seconds, so it only finds ids, and each window starts two
minutes before the last one ended; what a decision needs is read by id. How windows follow each other is told in
`searching`.
"""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.base import (
    AsRead,
    Changes,
    Companies,
    Credentials,
    Deleted,
    DeletedKind,
    Delivery,
    Finding,
    Found,
    Gathered,
    Heard,
    Limits,
    NotGenuine,
    Noticed,
    NotReadable,
    Provisioned,
    Refused,
    RoleKind,
    Roles,
    Shared,
    SignIn,
    TaskWrite,
    Whereabouts,
    Window,
    Write,
    Written,
)
from connectors.batches import chunks
from connectors.directory import Directory
from connectors.hubspot import (
    contacts,
    counting,
    examining,
    history,
    presence,
    records,
    rush,
    searching,
    tasks,
    webhooks,
    writing,
)
from connectors.hubspot.access import SIGNS_IN_WITH
from connectors.hubspot.answers import Record
from connectors.hubspot.kinds import kind_of
from connectors.hubspot.portal import Portal
from connectors.hubspot.provisioning import provision
from connectors.hubspot.records import BEGINNING, OWNER, field_name
from connectors.hubspot.searching import OVERLAP, Filter
from connectors.values import instant
from connectors.wire import TIMEOUT, Timeout
from domain.activities import Activity
from domain.leads import History, Lead, LeadKey, ReadLater, Seen, Unreadable
from domain.mapping import CrmMapping
from domain.people import CrmUser

FRESH = timedelta(hours=1)
"""A lead younger than this goes into the hot lane: somebody may still sit in front of the form."""

COMPANY_PAGES = 25
DELETED_PAGES = 10
READ_AT_ONCE = 100
ASSOCIATED_AT_ONCE = 1000


class HubSpot:
    """One HubSpot portal. See `connectors.base.Crm` for what each method promises."""

    name = records.CRM
    guards_itself = False
    signs_in_with: ClassVar[SignIn] = SIGNS_IN_WITH
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
        self.activity_kinds = tuple(self._kinds)
        self._credentials = credentials
        self._portal = Portal(credentials, shared, timeout)
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

    def accounts(self, since: datetime | None) -> Companies:
        began = since - OVERLAP if since else BEGINNING
        found = searching.window(
            self._portal, "companies", [[]], "hs_lastmodifieddate", began, records.OF_A_COMPANY, COMPANY_PAGES
        )
        accounts = tuple(records.company(row, self._directory.user) for row in found.rows)
        gone = {id for row in found.rows for id in records.absorbed(row)}
        return Companies(accounts, tuple(sorted(gone)), found.cursor, found.more)

    def deleted(self, kind: DeletedKind, since: datetime, start: str | None) -> Deleted:
        """They are listed in the order of their ids and for 90 days only, a hundred a call; no search finds them."""
        asked_at, following = self.now(), start
        path = "companies" if kind == "companies" else "deals"
        gone: list[str] = []
        for page in itertools.islice(self._portal.archived(path, start), DELETED_PAGES):
            gone += [row["id"] for row in page.rows if instant(row["archivedAt"]) >= since - OVERLAP]
            following = page.after
        return Deleted(tuple(gone), following, asked_at)

    def roles(self, kind: RoleKind, since: datetime | None) -> Roles:
        """Owners of open deals. A company has no team here, but one owner."""
        began = since - OVERLAP if since else BEGINNING
        if kind == "team":
            return Roles((), (), since or self.now())
        found = searching.window(
            self._portal, "deals", [[]], "hs_lastmodifieddate", began, records.OF_A_DEAL, COMPANY_PAGES
        )
        rows = {str(row["id"]): row for row in found.rows}
        companies: dict[str, list[str]] = {}
        later: set[str] = set()
        for chunk in chunks([id for id, row in rows.items() if records.is_open(row)], ASSOCIATED_AT_ONCE):
            theirs = self._portal.associated_each("deals", "companies", chunk)
            companies |= theirs.found
            later |= theirs.later.keys()
        roles = [role for id, ids in companies.items() if (role := records.deal(rows[id], ids, self._directory.email))]
        told = {role.id for role in roles} | later
        gone = rows.keys() - told | {id for row in found.rows for id in records.absorbed(row)}
        cursor = searching.held_back(found, "hs_lastmodifieddate", later)
        return Roles(tuple(roles), tuple(sorted(gone)), cursor, found.more)

    def arrived(self, since: datetime) -> Found:
        return self._found(self._unowned(), by=self._kind.modified, began=since - OVERLAP, overlap=OVERLAP)

    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        account = self._signed_in()
        decided: list[Filter] = [_set("decision")]
        if not watched and not self._mapping.queues:
            decided.append(_set("answer"))
        fields = {name: self._mapping.fields[name] for name in watched if name in self._mapping.fields}
        mapping = replace(self._mapping, fields=fields)
        wanted = (*self._times, OWNER, field_name("decision"), field_name("answer"), *contacts.own(fields.values()))
        began = max(since - OVERLAP, BEGINNING)
        found = searching.window(self._portal, self._kind.path, [decided], self._kind.modified, began, wanted)
        whole = contacts.with_theirs(self._portal, self._kind, found.rows, fields.values()).found
        noticed = tuple(
            Noticed(
                Seen(
                    self._key(account, row["id"]),
                    records.modified_at(row, self._kind),
                    records.seen_event(account, row, self._kind),
                    hot=True,
                ),
                records.values(whole[row["id"]], mapping) if row["id"] in whole else None,
                row["properties"].get(field_name("answer")) or None,
                row["properties"].get(OWNER) or None,
            )
            for row in found.rows
        )
        return Changes(noticed, found.cursor, found.more)

    def examine(self, follows: Collection[RoleKind] = ()) -> list[Finding]:
        deals = "opportunities" in follows
        return examining.examine(
            self._portal, self._credentials, self._kind, self._mapping, self._ask_users, deals=deals
        )

    def unrouted(self, since: datetime) -> Found:
        undecided: Filter = {"propertyName": field_name("decision"), "operator": "NOT_HAS_PROPERTY"}
        groups = [[*group, undecided] for group in self._unowned()]
        return self._found(groups, by=self._kind.created, began=since, overlap=timedelta(0), fresh=timedelta(0))

    def read(self, ids: Sequence[str]) -> list[AsRead]:
        self._signed_in()
        found: dict[str, Record] = {}
        later: dict[str, str] = {}
        fields = self._mapping.fields.values()
        ours = (field_name("decision"), field_name("answer"))
        wanted = (*self._times, OWNER, records.MERGED, *ours, *contacts.own(fields))
        properties = list(dict.fromkeys(wanted))
        for chunk in chunks([id for id in ids if _is_id(id)], READ_AT_ONCE):
            read = self._portal.read_each(self._kind.path, chunk, properties)
            theirs = contacts.with_theirs(self._portal, self._kind, list(read.found.values()), fields)
            found |= theirs.found
            later |= read.later | theirs.later
        survivors = [row for row in found.values() if row["properties"].get(records.MERGED)]
        return [
            ReadLater(self._key(self.account, id), later[id])
            if id in later
            else self._as_read(id, found.get(id), survivors)
            for id in ids
        ]

    def write(self, rows: Sequence[Write]) -> list[Written]:
        return writing.write(self._portal, self._kind, self._mapping, rows)

    def confirm(self, rows: Sequence[Write]) -> list[Written]:
        return writing.confirm(self._portal, self._kind, rows)

    def create_tasks(self, wanted: Sequence[TaskWrite]) -> list[Written]:
        return tasks.create(self._portal, self._kind, wanted)

    def activities(self, kind: str, since: datetime) -> Gathered:
        self._signed_in()
        properties = self._kinds[kind]
        walked = searching.window(self._portal, kind, [[]], "hs_lastmodifieddate", since - OVERLAP, properties)
        leads: dict[str, list[str]] = {}
        later: set[str] = set()
        for chunk in chunks([row["id"] for row in walked.rows], ASSOCIATED_AT_ONCE):
            theirs = self._portal.associated_each(kind, self._kind.path, chunk)
            leads |= theirs.found
            later |= theirs.later.keys()
        found = self._activities(kind, walked.rows, leads)
        return Gathered(tuple(found), searching.held_back(walked, "hs_lastmodifieddate", later))

    def activities_of(self, ids: Sequence[str]) -> list[Activity | ReadLater]:
        self._signed_in()
        found: list[Activity] = []
        later: dict[str, str] = {}
        for kind, properties in self._kinds.items():
            leads: dict[str, list[str]] = {}
            for chunk in chunks([id for id in ids if _is_id(id)], ASSOCIATED_AT_ONCE):
                theirs = self._portal.associated_each(self._kind.path, kind, chunk)
                later |= theirs.later
                for lead, activities in theirs.found.items():
                    for id in activities:
                        leads.setdefault(id, []).append(lead)
            for part in chunks(list(leads), READ_AT_ONCE):
                read = self._portal.read_each(kind, part, properties)
                later |= {lead: why for id, why in read.later.items() for lead in leads[id]}
                found += self._activities(kind, list(read.found.values()), leads)
        return [*found, *(ReadLater(self._key(self.account, id), why) for id, why in later.items())]

    def history(self, ids: Sequence[str]) -> list[History | ReadLater]:
        self._signed_in()
        status = contacts.own([field for name, field in self._mapping.fields.items() if name == "status"])
        names = (OWNER, *status)
        told: dict[str, dict[str, list[Record]]] = {}
        later: dict[str, str] = {}
        for chunk in chunks([id for id in ids if _is_id(id)], writing.WITH_HISTORY):
            read = self._portal.read_each(self._kind.path, chunk, names, history=names)
            told |= {id: row["propertiesWithHistory"] for id, row in read.found.items()}
            later |= read.later
        return [
            ReadLater(self._key(self.account, id), later[id])
            if id in later
            else History(
                self._key(self.account, id),
                history.in_order(told.get(id, {}).get(OWNER, ())),
                history.in_order([one for name in status for one in told.get(id, {}).get(name, ())]),
            )
            for id in ids
        ]

    def open_leads(self, owner_ids: Sequence[str]) -> dict[str, int]:
        return counting.open_leads(self._portal, self._kind, self._mapping, owner_ids)

    def whereabouts(
        self,
        people: Sequence[CrmUser],
        since: datetime,
        until: datetime,
        meetings: tuple[datetime, datetime] | None,  # noqa: ARG002 - no calendar tells of them
    ) -> Whereabouts:
        return presence.whereabouts(self._portal.listed(presence.USERS, presence.ASKED), people, since, until)

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
            return webhooks.heard(delivery.body, account, mapping)
        except ValueError as error:
            raise NotReadable(str(error)) from error

    @property
    def _times(self) -> tuple[str, str]:
        return self._kind.created, self._kind.modified

    def _signed_in(self) -> str:
        return self.account or self.sign_in()

    def _told(self) -> datetime:
        return searching.told(self._portal)

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

    def _found(
        self, groups: list[list[Filter]], *, by: str, began: datetime, overlap: timedelta, fresh: timedelta = FRESH
    ) -> Found:
        account = self._signed_in()
        wanted = (*self._times, *rush.WANTED)
        found = searching.window(
            self._portal, self._kind.path, groups, by, max(began, BEGINNING), wanted, overlap=overlap
        )
        crowds = rush.crowds(rush.of_a_record(row, self._kind).batch for row in found.rows)
        seen = tuple(
            Seen(
                key=self._key(account, row["id"]),
                at=records.modified_at(row, self._kind),
                event=records.seen_event(account, row, self._kind),
                hot=rush.is_hot(rush.of_a_record(row, self._kind), crowds, found.asked_at - fresh),
            )
            for row in found.rows
        )
        return Found(seen, found.cursor, found.more)

    def _as_read(self, id: str, row: Record | None, survivors: Sequence[Record]) -> Lead | Unreadable:
        key = self._key(self.account, id)
        if not _is_id(id):
            return Unreadable(key, f"{id!r} is not the id of a HubSpot record")
        if row is None:
            return records.missing(key, self._told(), survivors)
        owner_id = row["properties"].get(OWNER)
        owner = self._directory.user(owner_id) if owner_id else None
        return records.lead(row, key, self._kind, self._mapping, owner, self._nobodies)

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


def _set(ours: str) -> Filter:
    return {"propertyName": field_name(ours), "operator": "HAS_PROPERTY"}


def _is_id(text: str) -> bool:
    """Whether HubSpot can have a record of that id: a number that fits."""
    return text.isascii() and text.isdecimal() and len(text) < 20
