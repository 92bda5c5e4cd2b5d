"""One Salesforce org: its records, who is signed in, and what the integration user may see of its schema."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from sandbox.salesforce import history
from sandbox.salesforce.formula import Formula
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.late import LateCommits
from sandbox.salesforce.locks import Locks
from sandbox.salesforce.permissions import Permissions
from sandbox.salesforce.schema import BY_PREFIX, KINDS, Children, Kind, custom_field, kind_name
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.settings import Settings
from sandbox.salesforce.standard_objects import CHOICES, CONVERTED
from sandbox.store import Author, OwnerChange, Record
from sandbox.world import World

NAME = "salesforce"
INTEGRATION_USER = "integration@acme.example"
REFRESH_TOKEN = "sandbox-refresh-token"  # noqa: S105 - of a stand-in, and no secret
"""the first one, which an admin got by authorizing the app"""
BEGINNING = datetime.min.replace(tzinfo=UTC)
NEVER_LATE = frozenset({"Organization", "User", "Group", "GroupMember", "QueueSobject", "PermissionSet"})
"""what admins set up, which is there at once"""


class Watcher(Protocol):
    """Whoever is told of every write, and of those that were taken back."""

    def wrote(self, record: Record, before: Record | None, by: Author) -> None: ...

    def position(self) -> int:
        """How much has been told so far."""
        ...

    def take_back(self, to: int) -> None:
        """What was told since that position did not happen."""
        ...


@dataclass(frozen=True)
class Grants:
    """What field permissions say about custom fields: names as in `Lead.Some_Field__c`."""

    read: frozenset[str] = frozenset()
    edit: frozenset[str] = frozenset()


@dataclass
class Org:
    world: World
    settings: Settings = field(default_factory=Settings)
    sessions: Sessions = field(default_factory=Sessions)
    private_key: str | None = None
    """of the connected app, in PEM form; made in this process when somebody asks for it"""
    certificate: str | None = None
    """the public key that the app's assertions are checked with; None: none has been uploaded"""
    refresh_token: str | None = REFRESH_TOKEN
    """the one that is good; None: it was revoked"""
    schema_changed: datetime = BEGINNING
    """at the latest; fields, rules or permissions"""
    calls_used: int = 0
    """of the daily ones; signing in is none"""
    locks: Locks = field(default_factory=Locks)
    late: LateCommits = field(default_factory=LateCommits)
    watcher: Watcher | None = None
    permissions: Permissions = field(default_factory=Permissions)
    formulas: dict[str, Formula] = field(default_factory=dict)
    """of validation rules, by the rule's id"""

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def begin(self) -> None:
        """Settings as new, and the records that every org has, where they are not there yet."""
        self.settings = Settings()
        self.sessions.stay()
        self.refresh_token = REFRESH_TOKEN
        self.calls_used = 0
        self.locks.clear()
        self.late.forget()
        self.permissions.clear()
        self.forget_schema()
        if self.world.store.all(NAME, "Organization"):
            return
        self.add("Organization", {"Name": "Acme", "OrganizationType": "Enterprise Edition", "IsSandbox": True})
        self.add(
            "User",
            {"Username": INTEGRATION_USER, "Email": INTEGRATION_USER, "LastName": "Integration", "Name": "Integration"},
        )
        profile = {"Name": "X00ex00000018ozT_128_09_43_34_1", "Label": "Integration", "IsOwnedByProfile": True}
        owned = self.add("PermissionSet", profile)
        self.add("PermissionSetAssignment", {"PermissionSetId": owned.id, "AssigneeId": self.integration_user})
        for position, status in enumerate(CHOICES["Lead.Status"], 1):
            which = {"IsDefault": position == 1, "IsConverted": status == CONVERTED}
            self.add("LeadStatus", {"MasterLabel": status, "ApiName": status, "SortOrder": position, **which})
        for kind in KINDS.values():
            entity = {"DurableId": kind.name, "QualifiedApiName": kind.name, "DeveloperName": kind.name}
            self.world.store.add(
                NAME, "EntityDefinition", kind.name, {**entity, "Label": kind.name, "KeyPrefix": kind.prefix}, self.now
            )

    @property
    def id(self) -> str:
        return self.world.store.all(NAME, "Organization")[0].id

    @property
    def integration_user(self) -> str:
        return self.world.store.where(NAME, "User", "Username", INTEGRATION_USER)[0].id

    def sign_in(self) -> str:
        """A new session's token."""
        token = f"{self.id[:15]}!{self.world.chance.getrandbits(256):064x}"
        self.sessions.begin(token)
        return token

    def next_refresh_token(self) -> str:
        """In place of the one that was good until now."""
        self.refresh_token = f"5Aep{self.world.chance.getrandbits(256):064x}"
        return self.refresh_token

    def all(self, kind: str) -> list[Record]:
        return self.world.store.all(NAME, kind)

    def where(self, kind: str, field: str, value: Any) -> list[Record]:
        return self.world.store.where(NAME, kind, field, value)

    def find(self, id: str | None) -> Record | None:
        """The record with this 18-character id, deleted ones included. The id of an EntityDefinition is its name."""
        if id is None:
            return None
        return self.world.store.get(NAME, BY_PREFIX.get(id[:3], "EntityDefinition"), id)

    def add(
        self,
        kind: str,
        fields: Mapping[str, Any],
        at: datetime | None = None,
        user: str | None = None,
        by: Author = "person",
    ) -> Record:
        """A new record as it is given, with an id, an author and the defaults of what is missing."""
        number = self.world.store.new_number(NAME, kind)
        defaults = {f.name: f.default for f in self.full(kind).fields.values() if f.default is not None}
        id = new_id(KINDS[kind].prefix, number)
        author = user or (self.integration_user if kind not in ("Organization", "User") else id)
        values = {**defaults, "CreatedById": author, "LastModifiedById": author, **fields}
        at = at or self.now
        record = Record(NAME, kind, id, values, at, at, time.time())
        self._commit(kind, by, lambda: self._put(record, None, by))
        return record

    def change(
        self,
        record: Record,
        fields: Mapping[str, Any],
        by: Author,
        user: str,
        deleted: bool | None = None,
        at: datetime | None = None,
    ) -> Record:
        """Lay these fields over the record's own. A new owner goes into its history with who said so.

        The record as it is then; where the org commits late, as it will be.
        """
        stamped = at or self.now
        owner = None
        if fields.get("OwnerId", record.fields.get("OwnerId")) != record.fields.get("OwnerId"):
            owner = OwnerChange(stamped, fields["OwnerId"], by, time.time())
        self._remember(record, fields, user, by)

        def laid_over(current: Record) -> Record:
            return replace(
                current,
                fields={**current.fields, **fields, "LastModifiedById": user},
                modified=max(current.modified, stamped),
                owner_changes=(*current.owner_changes, owner) if owner else current.owner_changes,
                deleted=current.deleted if deleted is None else deleted,
            )

        def commit() -> None:
            current = self.find(record.id) or record
            self._put(laid_over(current), current, by)

        self._commit(record.kind, by, commit)
        return laid_over(record)

    def _commit(self, kind: str, by: Author, commit: Callable[[], object]) -> None:
        if by == "person" and self.settings.commit_delay and kind not in NEVER_LATE:
            self.late.wait(self.now + timedelta(seconds=self.settings.commit_delay), commit)
        else:
            commit()

    def _put(self, record: Record, before: Record | None, by: Author) -> None:
        self.world.store.put(record)
        if self.watcher:
            self.watcher.wrote(record, before, by)

    def settle(self) -> None:
        """What is committed by now can be seen."""
        if self.late:
            self.late.settle(self.now)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What the block wrote stays only if the block ends without an exception, which goes on to the caller."""
        told = self.watcher.position() if self.watcher else 0
        try:
            with self.world.store.all_or_nothing():
                yield
        except BaseException:
            if self.watcher:
                self.watcher.take_back(told)
            self.forget_schema()
            raise

    def _remember(self, record: Record, fields: Mapping[str, Any], user: str, by: Author) -> None:
        """Field history, where this object has one."""
        tracked = history.TRACKED.get(record.kind)
        if tracked is None or not self.settings.tracks_history:
            return
        after = {**record.fields, **fields}
        owners = (self.find(row.get("OwnerId")) for row in (record.fields, after))
        names = {owner.id: owner.fields.get("Name") for owner in owners if owner}
        for row in history.rows(tracked, record.id, record.fields, after, names):
            self.add(tracked.by, row, user=user, by=by)

    def full(self, kind: str) -> Kind:
        """The object with every custom field, whoever may see it."""
        return self._full.get(kind, KINDS[kind])

    def visible(self, kind: str, tooling: bool = False) -> Kind | None:
        """The object as the integration user sees it, or None where this API has no such object."""
        name = kind_name(kind)
        if name is None or (KINDS[name].where == "tooling") != tooling or self.permissions.hides(name):
            return None
        return self._visible.get(name, KINDS[name])

    def children(self, kind: str) -> Mapping[str, Children]:
        """By lower-case name: what refers to the records of this object, as far as the integration user sees it."""
        return self._children.get(kind, {})

    def may_edit(self, kind: str, field: str) -> bool:
        """Whether field-level security lets the integration user write it; fields that were there first are open."""
        said = self.permissions.of(kind, field)
        if said is not None:
            return said == "edit"
        return field.lower() in KINDS[kind].fields or f"{kind}.{field}".lower() in self.grants.edit

    def _may_read(self, kind: str, field: str) -> bool:
        said = self.permissions.of(kind, field)
        if said is not None:
            return said != "none"
        return field.lower() in KINDS[kind].fields or f"{kind}.{field}".lower() in self.grants.read

    def forget_schema(self) -> None:
        """Somebody changed fields or permissions."""
        for name in ("_full", "_visible", "_children", "grants"):
            self.__dict__.pop(name, None)
        self.formulas.clear()
        self.schema_changed = self.now

    @cached_property
    def grants(self) -> Grants:
        mine = {r.fields["PermissionSetId"] for r in self._alive("PermissionSetAssignment", self.integration_user)}
        granted = [r.fields for r in self.all("FieldPermissions") if not r.deleted and r.fields["ParentId"] in mine]
        return Grants(
            frozenset(grant["Field"].lower() for grant in granted if grant["PermissionsRead"]),
            frozenset(grant["Field"].lower() for grant in granted if grant["PermissionsEdit"]),
        )

    def _alive(self, kind: str, assignee: str) -> list[Record]:
        return [r for r in self.where(kind, "AssigneeId", assignee) if not r.deleted]

    @cached_property
    def _full(self) -> dict[str, Kind]:
        """The objects that have custom fields."""
        kinds = dict[str, Kind]()
        for record in self.all("CustomField"):
            if record.deleted:
                continue
            name = record.fields["TableEnumOrId"]
            made = custom_field(f"{record.fields['DeveloperName']}__c", record.fields["Metadata"])
            kinds[name] = kinds.get(name, KINDS[name]).with_fields([made])
        return kinds

    @cached_property
    def _visible(self) -> dict[str, Kind]:
        kinds = {name: self.full(name) for name in {*self._full, *self.permissions.kinds()}}
        return {
            name: kind.without(low for low, f in kind.fields.items() if not self._may_read(name, f.name))
            for name, kind in kinds.items()
        }

    @cached_property
    def _children(self) -> dict[str, dict[str, Children]]:
        found = dict[str, dict[str, Children]]()
        for name in KINDS:
            kind = self.visible(name)
            for reference in kind.fields.values() if kind else ():
                for parent in reference.refers if reference.children else ():
                    children = Children(str(reference.children), name, reference.name)
                    found.setdefault(parent, {})[children.name.lower()] = children
        return found
