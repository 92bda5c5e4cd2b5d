"""Webhook deliveries: what happened to records, POSTed to whoever subscribed.

Events leave in batches of up to a hundred, signed, a moment after they happened. An answer that is not a 2xx within
five seconds is a failure, after which the batch comes again with the next `attemptNumber`: up to ten times, over
24 hours in HubSpot and over some seconds here. As in HubSpot, nothing promises an order, and the same event may come
twice.
"""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.hubspot import signatures
from sandbox.hubspot.authors import APP_ID
from sandbox.hubspot.kinds import COMPANY, CONTACT, DEAL, KINDS, Kind
from sandbox.hubspot.portal import CRM, PORTAL_ID, Happening
from sandbox.store import Record
from sandbox.world import World

Event = dict[str, Any]

LARGEST_BATCH = 100
TIME_LIMIT = 5.0
RETRIES = 10
CONCURRENT = 10
FIRST_RETRY, LONGEST_RETRY = 0.25, 8.0
GATHERING = 0.02
"""seconds that an event waits for others to share its batch"""

USER_AGENT = "HubSpot Connect 2.0 (http://dev.hubspot.com/)"
DEFAULT_SUBSCRIPTIONS = ("contact.creation", "contact.propertyChange:hubspot_owner_id")
# Objects with subscription types of their own; all others share `object.creation` and so on, with an objectTypeId.
_NAMED_IN_EVENTS = (CONTACT, COMPANY, DEAL)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to, signed with what, and which events: `contact.creation`, `contact.propertyChange:email` …"""

    url: str
    secret: str
    topics: tuple[str, ...] = DEFAULT_SUBSCRIPTIONS


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch on its way. `not_before` is machine time (monotonic seconds)."""

    to: Subscription
    events: tuple[Event, ...]
    attempt: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class Tally:
    """Events delivered, and events of failed attempts."""

    delivered: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Desk:
    """What is subscribed and what is on its way; replaced as a whole by a reset."""

    subscriptions: list[Subscription] = field(default_factory=list)
    fresh: dict[Subscription, list[Event]] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    under_way: int = 0
    last: Parcel | None = None
    tally: Tally = field(default_factory=Tally)
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
            fields = kept.fields
            self._desk.subscriptions.append(Subscription(fields["url"], fields["secret"], tuple(fields["topics"])))

    def subscribe(self, asked: dict[str, Any]) -> None:
        """Deliver from now on. ValueError for a topic that is not one, or a URL that cannot be called."""
        topics = tuple(asked.get("subscriptions") or DEFAULT_SUBSCRIPTIONS)
        for topic in topics:
            _check(topic)
        url = urlsplit(asked["url"])
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(f"{asked['url']!r} is not a URL that can be called")
        subscription = Subscription(asked["url"], asked["secret"], topics)
        number = str(self._store.new_number(CRM, "webhooks"))
        fields = {"url": subscription.url, "secret": subscription.secret, "topics": list(topics)}
        self._store.add(CRM, "webhooks", number, fields, self._clock.now())
        self._desk.subscriptions.append(subscription)

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
        for subscription in self._desk.subscriptions:
            if _topic(happening) in subscription.topics:
                self._desk.fresh.setdefault(subscription, []).append(self._event(subscription, happening))
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
        for subscription, events in desk.fresh.items():
            for start in range(0, len(events), LARGEST_BATCH):
                desk.parcels.append(Parcel(subscription, tuple(events[start : start + LARGEST_BATCH])))
        desk.fresh = {}
        now = time.monotonic()
        due = [parcel for parcel in desk.parcels if parcel.not_before <= now][:most]
        desk.parcels = [parcel for parcel in desk.parcels if not any(parcel is one for one in due)]
        desk.under_way += sum(len(parcel.events) for parcel in due)
        return due

    async def _send(self, desk: _Desk, parcel: Parcel) -> None:
        try:
            accepted = await _post(parcel)
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
        delay = min(FIRST_RETRY * 2**parcel.attempt, LONGEST_RETRY) * self._chance.uniform(0.5, 1.5)
        return replace(parcel, attempt=parcel.attempt + 1, not_before=time.monotonic() + delay)

    def _event(self, subscription: Subscription, happening: Happening) -> Event:
        self._desk.numbers += 1
        event: Event = {
            "eventId": self._desk.numbers,
            "subscriptionId": 3_329_277 + subscription.topics.index(_topic(happening)),
            "portalId": PORTAL_ID,
            "appId": APP_ID,
            "occurredAt": happening.at,
            "attemptNumber": 0,
            "objectId": int(happening.id),
            "changeSource": happening.author.source,
            "sourceId": happening.author.id,
            **_type(happening),
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
        return {**event, "propertyName": happening.property, "propertyValue": happening.value}


def _type(happening: Happening) -> Event:
    if happening.kind in _NAMED_IN_EVENTS:
        return {"subscriptionType": f"{happening.kind.name}.{happening.what}"}
    return {"subscriptionType": f"object.{happening.what}", "objectTypeId": happening.kind.type_id}


def _topic(happening: Happening) -> str:
    topic = f"{happening.kind.name}.{happening.what}"
    return f"{topic}:{happening.property}" if happening.property else topic


def _check(topic: str) -> None:
    name, _, property_name = topic.partition(":")
    kind, _, what = name.partition(".")
    if kind not in {known.name for known in KINDS}:
        raise ValueError(f"{topic!r} is not a subscription: objects are {', '.join(known.name for known in KINDS)}")
    if what not in ("creation", "deletion", "merge", "propertyChange"):
        raise ValueError(f"{topic!r} is not a subscription: creation, deletion, merge or propertyChange:NAME")
    if (what == "propertyChange") is not bool(property_name):
        raise ValueError(f"{topic!r} is not a subscription: a property change, and nothing else, names its property")


async def _post(parcel: Parcel) -> bool:
    """Whether it was taken: a 2xx within the time limit."""
    try:
        async with asyncio.timeout(TIME_LIMIT):
            status = await _exchange(parcel)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return False
    return 200 <= status < 300


async def _exchange(parcel: Parcel) -> int:
    """One HTTP/1.1 request on a connection of its own; the status of the answer."""
    url = urlsplit(parcel.to.url)
    body = _body(parcel)
    secure = ssl.create_default_context() if url.scheme == "https" else None
    port = url.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=secure)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        head = [f"POST {path} HTTP/1.1", f"Host: {url.netloc}", *_headers(parcel, body), "Connection: close"]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()
        status_line = (await reader.readuntil(b"\r\n")).split()
        return int(status_line[1])
    finally:
        writer.close()


def _body(parcel: Parcel) -> bytes:
    events: Sequence[Event] = [{**event, "attemptNumber": parcel.attempt} for event in parcel.events]
    return json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()


def _headers(parcel: Parcel, body: bytes) -> Iterable[str]:
    timestamp = int(time.time() * 1000)
    return (
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"User-Agent: {USER_AGENT}",
        f"X-HubSpot-Signature: {signatures.v1(parcel.to.secret, body)}",
        "X-HubSpot-Signature-Version: v1",
        f"X-HubSpot-Signature-v3: {signatures.v3(parcel.to.secret, 'POST', parcel.to.url, body, timestamp)}",
        f"X-HubSpot-Request-Timestamp: {timestamp}",
    )
