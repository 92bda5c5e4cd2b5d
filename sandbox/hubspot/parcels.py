"""A batch of webhook events on its way: one signed POST, and whether it was taken."""

import asyncio
import json
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.hubspot import signatures
from sandbox.hubspot.subscriptions import Event, Subscription

TIME_LIMIT = 5.0
USER_AGENT = "HubSpot Connect 2.0 (http://dev.hubspot.com/)"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch on its way. `not_before` is machine time (monotonic seconds)."""

    to: Subscription
    events: tuple[Event, ...]
    attempt: int = 0
    not_before: float = 0.0


async def post(parcel: Parcel) -> bool:
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
