"""Outbound messages: what was written, POSTed as SOAP to whoever an admin named, without a session id.

A message holds up to a hundred notifications. It is redelivered until the answer acknowledges it: with growing pauses,
over 24 hours in Salesforce and over some seconds here. Order and uniqueness are not promised. The data is that of the
moment of sending, not of the change; a record that was deleted meanwhile has none.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.posting import post
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.notifications import Notification, acknowledged, envelope
from sandbox.salesforce.org import NAME, Org
from sandbox.salesforce.schema import KINDS
from sandbox.store import Author, Record

LARGEST_MESSAGE = 100
CONCURRENT = 5
GATHERING = 0.02
"""seconds that a notification waits for others to share its message"""
LATE = 0.1
"""seconds between looks at what commits late"""

DEFAULT_FIELDS = ("Company", "Email", "FirstName", "LastName", "OwnerId", "Status", "SystemModstamp")
WHEN = ("created", "changed", "both")


@dataclass(slots=True)
class Habits:
    """How deliveries go, as PUT /sandbox/salesforce/deliveries sets it; all seconds are real ones."""

    duplicates: float = 0.0
    """the chance that a message which was acknowledged comes once more"""
    reorder: bool = False
    """whether notifications and messages change places"""
    first_retry: float = 0.25
    longest_retry: float = 8.0
    given_up_after: float = 60.0
    patience: float = 60.0
    """for an answer"""

    def change(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """What is named changes; all of them as they are then. ValueError for a name that is none."""
        known = [field.name for field in fields(self)]
        for name in wishes:
            if name not in known:
                raise ValueError(f"deliveries have no {name!r}; there are {', '.join(known)}")
        for name, value in wishes.items():
            setattr(self, name, value)
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Message:
    """One outbound message that an admin set up: where to, about which object and changes, with which fields."""

    action: str
    url: str
    kind: str
    fields: tuple[str, ...]
    when: str

    def tells(self, record: Record, before: Record | None) -> bool:
        """Whether this write is told. Workflows run when a record is saved, and a deletion is no save."""
        if record.kind != self.kind or record.deleted:
            return False
        return self.when == "both" or (self.when == "created") == (before is None)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Notifications on their way: (id of the notification, id of the record). Machine time, in monotonic seconds."""

    message: Message
    notifications: tuple[tuple[str, str], ...]
    since: float
    attempt: int = 0
    not_before: float = 0.0
    repeated: bool = False
    """acknowledged already, and sent once more all the same"""


@dataclass(slots=True)
class _Desk:
    """What is set up and on its way; replaced as a whole by a reset."""

    messages: list[Message] = field(default_factory=list)
    fresh: list[tuple[Message, str]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    under_way: int = 0
    habits: Habits = field(default_factory=Habits)
    tally: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("delivered", "failed", "given_up"), 0))


class OutboundMessages:
    """Watches the org, and delivers in the background."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._desk = _Desk()
        self._something_to_do = asyncio.Event()

    def reset(self) -> None:
        """Nothing on its way; the messages that the store holds."""
        self._desk = _Desk()
        for kept in self._org.world.store.all(NAME, "OutboundMessage"):
            self._desk.messages.append(Message(**{**kept.fields, "fields": tuple(kept.fields["fields"])}))

    def set_up(self, wish: Mapping[str, Any]) -> dict[str, str]:
        """Deliver from now on; the id of the action. ValueError for an object, field or URL that is none."""
        url, kind = urlsplit(wish["url"]), wish.get("object", "Lead")
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"{wish['url']!r} is not a URL that can be called")
        if kind not in KINDS:
            raise ValueError(f"there is no object {kind!r}")
        named = tuple(wish.get("fields") or (name for name in DEFAULT_FIELDS if KINDS[kind].field(name)))
        unknown = [name for name in named if not self._org.full(kind).field(name)]
        when = wish.get("when", "both")
        if unknown or when not in WHEN:
            raise ValueError(f"{kind} has no {unknown}" if unknown else f"{when!r} is none of {', '.join(WHEN)}")
        action = new_id("04k", self._org.world.store.new_number(NAME, "OutboundMessage"))
        message = Message(action, wish["url"], kind, named, when)
        self._org.world.store.add(NAME, "OutboundMessage", action, asdict(message), self._org.now)
        self._desk.messages.append(message)
        return {"action": action}

    @property
    def habits(self) -> Habits:
        return self._desk.habits

    def tally(self) -> dict[str, int]:
        """Notifications delivered, of failed attempts, given up, and still waiting or under way."""
        desk = self._desk
        waiting = len(desk.fresh) + sum(len(parcel.notifications) for parcel in desk.parcels) + desk.under_way
        return {**desk.tally, "waiting": waiting}

    def wrote(self, record: Record, before: Record | None, by: Author) -> None:
        if by == "api" and not self._org.settings.api_sends_outbound:
            return
        for message in self._desk.messages:
            if message.tells(record, before):
                self._desk.fresh.append((message, record.id))
                self._something_to_do.set()

    def position(self) -> int:
        return len(self._desk.fresh)

    def take_back(self, to: int) -> None:
        del self._desk.fresh[to:]

    async def deliver(self) -> None:
        """Deliver until cancelled."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._wait()
                await asyncio.sleep(GATHERING)
                self._org.settle()
                for parcel in self._due(CONCURRENT - len(under_way)):
                    task = asyncio.create_task(self._send(self._desk, parcel))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _wait(self) -> None:
        """Until something new happened, a parcel came back, a retry falls due, or something may commit late."""
        now = time.monotonic()
        dues = [max(parcel.not_before - now, 0.0) for parcel in self._desk.parcels]
        if self._org.late and self._desk.messages:
            dues.append(LATE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._something_to_do.wait(), min(dues, default=None))
        self._something_to_do.clear()

    def _due(self, most: int) -> list[Parcel]:
        desk, now = self._desk, time.monotonic()
        desk.parcels += self._packed(now)
        desk.fresh = []
        due = [parcel for parcel in desk.parcels if parcel.not_before <= now][: max(most, 0)]
        desk.parcels = [parcel for parcel in desk.parcels if not any(parcel is one for one in due)]
        desk.under_way += sum(len(parcel.notifications) for parcel in due)
        return due

    def _packed(self, now: float) -> list[Parcel]:
        """The fresh notifications in messages of a hundred; in any order, if that is the habit."""
        desk, chance = self._desk, self._org.world.chance
        store = self._org.world.store
        by_message: dict[Message, list[tuple[str, str]]] = {}
        for message, record in desk.fresh:
            notification = new_id("04l", store.new_number(NAME, "Notification"))
            by_message.setdefault(message, []).append((notification, record))
        parcels = []
        for message, told in by_message.items():
            if desk.habits.reorder:
                chance.shuffle(told)
            for start in range(0, len(told), LARGEST_MESSAGE):
                later = chance.uniform(0, desk.habits.first_retry) if desk.habits.reorder else 0.0
                parcels.append(Parcel(message, tuple(told[start : start + LARGEST_MESSAGE]), now, 0, now + later))
        return parcels

    async def _send(self, desk: _Desk, parcel: Parcel) -> None:
        try:
            answer = await post(parcel.message.url, _HEADERS, self._envelope(parcel), desk.habits.patience)
        finally:
            desk.under_way -= len(parcel.notifications)
            self._something_to_do.set()
        if answer and acknowledged(*answer):
            desk.tally["delivered"] += len(parcel.notifications)
            if not parcel.repeated and self._org.world.chance.random() < desk.habits.duplicates:
                later = time.monotonic() + desk.habits.first_retry
                desk.parcels.append(replace(parcel, not_before=later, repeated=True))
            return
        desk.tally["failed"] += len(parcel.notifications)
        again = self._again(desk.habits, parcel)
        if again.not_before - parcel.since < desk.habits.given_up_after:
            desk.parcels.append(again)
        else:
            desk.tally["given_up"] += len(parcel.notifications)

    def _again(self, habits: Habits, parcel: Parcel) -> Parcel:
        delay = min(habits.first_retry * 2.0**parcel.attempt, habits.longest_retry)
        delay *= self._org.world.chance.uniform(0.5, 1.5)
        return replace(parcel, attempt=parcel.attempt + 1, not_before=time.monotonic() + delay)

    def _envelope(self, parcel: Parcel) -> bytes:
        """As the records are now."""
        records = [(id, self._org.find(record)) for id, record in parcel.notifications]
        told = [Notification(id, record if record and not record.deleted else None) for id, record in records]
        message, org = parcel.message, self._org
        return envelope(org.id, message.action, org.full(message.kind), message.fields, told)


_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "User-Agent": "salesforce.com/1.0",
    "SOAPAction": '""',
    "Accept": "text/xml",
}
