"""HubSpot's webhooks: whether one is genuine, and which leads it names.

An event is a hint and nothing more: deliveries come twice, late and out of order, so the record is always read again.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot.kinds import KINDS, Kind
from domain.leads import LeadKey, Seen

TOLERANCE = timedelta(minutes=5)

SIGNATURE = "x-hubspot-signature-v3"
TIMESTAMP = "x-hubspot-request-timestamp"

# HubSpot signs the address with just these decoded, once; %20, %25, %26, %2B and %3D stay as they are.
_DECODED = {
    "3A": ":", "2F": "/", "3F": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")", "2A": "*",
    "2C": ",", "3B": ";",
}  # fmt: skip
_ESCAPES = re.compile("%(" + "|".join(_DECODED) + ")", re.IGNORECASE)


def verify(
    secret: str, method: str, url: str, body: bytes, headers: Mapping[str, str], now_machine: datetime
) -> str | None:
    """None where the delivery is HubSpot's and fresh, else why not.

    `url` is the public address that HubSpot called, from configuration (a proxy changes what arrives), with its
    query. `now_machine` is real time: HubSpot's stamp is, too. Old and future stamps are refused alike, or a copied
    delivery could be kept for later.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    stamp, signature = lower.get(TIMESTAMP, ""), lower.get(SIGNATURE, "")
    if not stamp or not signature:
        return "the delivery is not signed (version 3)"
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 15:
        return "the delivery's time stamp is no time"
    if abs(now_machine - datetime.fromtimestamp(0, UTC) - timedelta(milliseconds=int(stamp))) > TOLERANCE:
        return "the delivery was signed more than five minutes from now"
    expected = signed(secret, method, url, body, stamp)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return "the delivery's signature is wrong"
    return None


def signed(secret: str, method: str, url: str, body: bytes, stamp: str) -> str:
    """Signature version 3: base64 of HMAC-SHA256 over method, decoded address, the raw body and the stamp."""
    decoded = _ESCAPES.sub(lambda match: _DECODED[match.group(1).upper()], url)
    message = method.upper().encode() + decoded.encode() + body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def seen(body: bytes, account: str, object: str) -> list[Seen]:
    """The leads that a delivery names, for this portal and the mapped object.

    Left out: other portals and objects, deletions and the like, and the echo of our own writes. ValueError where
    the body is not a list of whole events, each with a time that there is.
    """
    kind = KINDS[object.lower()]
    events = json.loads(body)
    if not isinstance(events, list):
        raise ValueError("a delivery is a list of events")
    try:
        return [_seen(event, account, object) for event in events if _matters(event, account, kind)]
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"an event of the delivery is incomplete, or its time is none: {error}") from error


def _matters(event: Mapping[str, Any], account: str, kind: Kind) -> bool:
    about, _, what = _type(event).partition(".")
    ours = about == kind.name or (about == "object" and event.get("objectTypeId") in (kind.type_id, kind.name))
    if str(event.get("portalId")) != account or not ours:
        return False
    return what == "creation" or (what == "propertyChange" and not _echo(event))


def _echo(event: Mapping[str, Any]) -> bool:
    """Whether our own app made this change: routing on it would never end."""
    return event.get("changeSource") == "INTEGRATION" and str(event.get("sourceId")) == str(event.get("appId"))


def _seen(event: Mapping[str, Any], account: str, object: str) -> Seen:
    told = (
        event["portalId"],
        _type(event),
        event["objectId"],
        event.get("propertyName", ""),
        event["eventId"],
        event["occurredAt"],
    )
    return Seen(
        key=LeadKey("hubspot", account, object, str(event["objectId"])),
        at=datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(event["occurredAt"])),
        event="hubspot:" + ":".join(map(str, told)),
        hot=_type(event).endswith(".creation"),
    )


def _type(event: Mapping[str, Any]) -> str:
    """HubSpot's pages disagree about the name of this key."""
    return str(event.get("subscriptionType") or event.get("eventType") or "")
