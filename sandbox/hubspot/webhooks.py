"""Webhook deliveries: what happened to records, POSTed to whoever subscribed.

Events leave in batches of up to a hundred, signed, a moment after they happened. An answer that is not a 2xx within
five seconds is a failure, after which the batch comes again with the next `attemptNumber`: up to ten times, over
24 hours in HubSpot and over some seconds here. As in HubSpot, nothing promises an order, and the same event may come
twice; how much of both there is can be said.
"""

import asyncio
import contextlib
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sandbox.hubspot.authors import APP_ID
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.parcels import Parcel, post
from sandbox.hubspot.portal import CRM, PORTAL_ID, Happening
from sandbox.hubspot.subscriptions import Event, Subscription, Topic, subscription
from sandbox.store import Record
from sandbox.world import World

LARGEST_BATCH = 100
RETRIES = 10
CONCURRENT = 10
GATHERING = 0.02
"""seconds that an event waits for others to share its batch"""
HELD_BACK = 0.5
"""seconds that a batch may be held back where order is not kept"""


@dataclass(frozen=True, slots=True)
class Manners:
    """How deliveries behave: the part of events that comes twice, whether order is lost, and the first wait for a
    retry in real seconds, which doubles up to 32 times that."""

    duplicates: float = 0.0
    reorder: bool = False
    retry_seconds: float = 0.25


@dataclass(slots=True)
class Tally:
    """Events delivered, and events of failed attempts."""

    delivered: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Desk:
    """What is subscribed and what is on its way; replaced as a whole by a reset."""

    subscriptions: list[Subscription] = field(default_factory=list)
    apps: dict[str, Subscription] = field(default_factory=dict)
    fresh: dict[Subscription, list[Event]] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    under_way: int = 0
    last: Parcel | None = None
    tally: Tally = field(default_factory=Tally)
    manners: Manners = field(default_factory=Manners)
    numbers: int = 3_400_564_480


class Webhooks:
    """Watches the portal, and delivers in the background."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self._clock = world.clock
        self._chance = world.chance
        self._desk = _Desk()
        self._something_to_do = asyncio.Event()

    def reset(self) -> None:
        """Nothing on its way; the subscriptions that the store holds."""
        self._desk = _Desk()
        for kept in self._store.all(CRM, "webhooks"):
            self._desk.subscriptions.append(subscription(kept.fields))

    def subscribe(self, asked: dict[str, Any]) -> None:
        """Deliver from now on. ValueError for a topic that is not one, or a URL that cannot be called."""
        wanted = subscription(asked)
        number = str(self._store.new_number(CRM, "webhooks"))
        kept: dict[str, Any] = {key: asked[key] for key in ("url", "secret", "subscriptions") if key in asked}
        self._store.add(CRM, "webhooks", number, kept, self._clock.now())
        self._desk.subscriptions.append(wanted)

    def deliver_to(self, app: str, wanted: Subscription | None) -> None:
        """What this app wants from now on; None: nothing."""
        if wanted is None:
            self._desk.apps.pop(app, None)
        else:
            self._desk.apps[app] = wanted

    def set_manners(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The control API's {"duplicates"?, "reorder"?, "retry_seconds"?}. ValueError for impossible numbers."""
        manners = replace(self._desk.manners, **asked)
        if not 0 <= manners.duplicates <= 1 or manners.retry_seconds <= 0:
            raise ValueError("duplicates is a part of all events, from 0 to 1, and retry_seconds more than 0")
        self._desk.manners = manners
        return asdict(manners)

    def redeliver(self) -> None:
        """Send the batch that was delivered last once more, as it was. LookupError where there was none."""
        if self._desk.last is None:
            raise LookupError("nothing has been delivered yet")
        self._desk.parcels.append(self._desk.last)
        self._something_to_do.set()

    def tally(self) -> dict[str, int]:
        """Events delivered, events of failed attempts, events still waiting or under way."""
        desk = self._desk
        waiting = sum(map(len, desk.fresh.values())) + sum(len(parcel.events) for parcel in desk.parcels)
        return {
            "delivered": desk.tally.delivered,
            "failed": desk.tally.failed,
            "waiting": waiting + desk.under_way,
        }

    def wrote(self, kind: Kind, record: Record) -> None:
        """What a record is does not matter here; only what happened to it."""

    def happened(self, happening: Happening) -> None:
        for wanted in (*self._desk.subscriptions, *self._desk.apps.values()):
            for topic, topic_id in zip(wanted.topics, wanted.ids, strict=True):
                if topic.hears(happening):
                    self._desk.fresh.setdefault(wanted, []).append(self._event(topic, topic_id, happening))
                    self._something_to_do.set()

    async def deliver(self) -> None:
        """Deliver until cancelled."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                await self._wait()
                await asyncio.sleep(GATHERING)
                for parcel in self._due(CONCURRENT - len(under_way)):
                    task = asyncio.create_task(self._send(self._desk, parcel))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _wait(self) -> None:
        """Until something new happened, a parcel came back, or a retry falls due."""
        due = min((parcel.not_before for parcel in self._desk.parcels), default=None)
        with contextlib.suppress(TimeoutError):
            seconds = None if due is None else max(due - time.monotonic(), 0)
            await asyncio.wait_for(self._something_to_do.wait(), seconds)
        self._something_to_do.clear()

    def _due(self, most: int) -> list[Parcel]:
        desk = self._desk
        for wanted, events in desk.fresh.items():
            desk.parcels += self._packed(wanted, events)
        desk.fresh = {}
        now = time.monotonic()
        due = [parcel for parcel in desk.parcels if parcel.not_before <= now][:most]
        desk.parcels = [parcel for parcel in desk.parcels if not any(parcel is one for one in due)]
        desk.under_way += sum(len(parcel.events) for parcel in due)
        return due

    def _packed(self, wanted: Subscription, events: list[Event]) -> list[Parcel]:
        """The events in batches: in order and once each, unless other manners are asked for."""
        manners, chance = self._desk.manners, self._chance
        again = [event for event in events if manners.duplicates and chance.random() < manners.duplicates]
        if manners.reorder:
            chance.shuffle(events)
        batches = [
            tuple(some[start : start + LARGEST_BATCH])
            for some in (events, again)
            for start in range(0, len(some), LARGEST_BATCH)
        ]
        now = time.monotonic()
        return [
            Parcel(wanted, batch, not_before=now + chance.uniform(0, HELD_BACK) if manners.reorder else 0.0)
            for batch in batches
        ]

    async def _send(self, desk: _Desk, parcel: Parcel) -> None:
        try:
            accepted = await post(parcel)
        finally:
            desk.under_way -= len(parcel.events)
            self._something_to_do.set()
        if accepted:
            desk.last = parcel
            desk.tally.delivered += len(parcel.events)
            return
        desk.tally.failed += len(parcel.events)
        if parcel.attempt < RETRIES:
            desk.parcels.append(self._again(parcel))

    def _again(self, parcel: Parcel) -> Parcel:
        delay = self._desk.manners.retry_seconds * min(2**parcel.attempt, 32) * self._chance.uniform(0.5, 1.5)
        return replace(parcel, attempt=parcel.attempt + 1, not_before=time.monotonic() + delay)

    def _event(self, topic: Topic, topic_id: int, happening: Happening) -> Event:
        self._desk.numbers += 1
        event: Event = {
            "eventId": self._desk.numbers,
            "subscriptionId": topic_id,
            "portalId": PORTAL_ID,
            "appId": APP_ID,
            "occurredAt": happening.at,
            "attemptNumber": 0,
            "objectId": int(happening.id),
            "changeSource": happening.author.source,
            "sourceId": happening.author.id,
            **topic.named(),
        }
        match happening.what:
            case "creation":
                return {**event, "changeFlag": "CREATED"}
            case "deletion":
                return {**event, "changeFlag": "DELETED"}
            case "merge":
                return {
                    **event,
                    "primaryObjectId": int(happening.id),
                    "mergedObjectIds": [int(former) for former in happening.merged if former != happening.id],
                    "newObjectId": int(happening.value),
                    "numberOfPropertiesMoved": 0,
                }
            case "restore" | "privacyDeletion":
                return event
        return {**event, "propertyName": happening.property, "propertyValue": happening.value}
