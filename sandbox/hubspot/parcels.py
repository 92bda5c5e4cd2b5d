"""A batch of webhook events on its way: one signed POST, and whether it was taken."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import posting
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
    body = _body(parcel)
    answer = await posting.post(parcel.to.url, _headers(parcel, body), body, TIME_LIMIT)
    return answer is not None and 200 <= answer[0] < 300


def _body(parcel: Parcel) -> bytes:
    events: Sequence[Event] = [{**event, "attemptNumber": parcel.attempt} for event in parcel.events]
    return json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()


def _headers(parcel: Parcel, body: bytes) -> dict[str, str]:
    timestamp = int(time.time() * 1000)
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-HubSpot-Signature": signatures.v1(parcel.to.secret, body),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": signatures.v3(parcel.to.secret, "POST", parcel.to.url, body, timestamp),
        "X-HubSpot-Request-Timestamp": str(timestamp),
    }
