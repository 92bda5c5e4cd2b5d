"""HubSpot's webhooks: whether one is genuine, and which leads it names.

An event is a hint and nothing more: deliveries come twice, late and out of order, so the record is always read again.
"""

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Heard
from connectors.hubspot import rush
from connectors.hubspot.kinds import KINDS, Kind
from connectors.hubspot.records import OWNER, field_name
from domain.leads import LeadKey, Seen
from domain.mapping import CrmMapping

TOLERANCE = timedelta(minutes=5)

EPOCH = datetime.fromtimestamp(0, UTC)
BEGINNING, END = datetime(2006, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""No event happened before HubSpot was founded; one in a far year is a mistake of whoever made it."""

CREATION = "creation"
UNREADABLE = "an event that cannot be read"
MOST_MERGED = 100
"""Records that one event may name; each is read."""
NO_MERGE = f"a merge without a list of at most {MOST_MERGED} records"
ANSWER = field_name("answer")

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
    if abs(now_machine - EPOCH - timedelta(milliseconds=int(stamp))) > TOLERANCE:
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


def heard(body: bytes, account: str, mapping: CrmMapping) -> Heard:
    """The leads that a delivery names, for this portal and the mapped object, and why its other events were passed
    over.

    An event that cannot be read is passed over, too: its neighbours count, HubSpot would send it ten times more just
    as it is, and polling finds its lead. ValueError where the body is no list of events, or none of them can be read.
    """
    kind = KINDS[mapping.object.lower()]
    try:
        events = json.loads(body)
    except RecursionError:
        raise ValueError("the delivery is nested too deeply") from None
    if not isinstance(events, list):
        raise ValueError("a delivery is a list of events")
    matters = {OWNER, ANSWER, *mapping.fields.values()}
    passed_over: Counter[str] = Counter()
    taken: list[Event] = []
    for event in events:
        try:
            read = _event(event)
            why = _passed_over(read, account, kind, matters)
        except _NoMerge:
            why = NO_MERGE
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            why = UNREADABLE
        if why:
            passed_over[why] += 1
        else:
            taken.append(read)
    if events and passed_over[UNREADABLE] == len(events):
        raise ValueError("none of the delivery's events can be read")
    crowds = rush.crowds(event.origin for event in taken if event.what == CREATION)
    seen = [one for event in taken for one in _seen(event, account, mapping.object, crowds)]
    return Heard(tuple(seen), dict(passed_over))


class _NoMerge(Exception):
    """What was merged is no list, or longer than any."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as HubSpot sends it. `ids` are the records that it concerns: of a merge, all that took part."""

    portal: str
    about: str
    what: str
    ids: tuple[str, ...]
    changed: str
    event_id: str
    occurred: int
    at: datetime
    origin: rush.Origin
    app: str


def _event(told: Mapping[str, Any]) -> Event:
    # HubSpot's pages disagree about the name of this key.
    about, _, what = str(told.get("subscriptionType") or told.get("eventType") or "").partition(".")
    occurred = int(told["occurredAt"])
    at = EPOCH + timedelta(milliseconds=occurred)
    if not BEGINNING <= at < END:
        raise ValueError("an event of a time that cannot be")
    one = told.get("newObjectId") or told.get("primaryObjectId") or told["objectId"]
    others = told.get("mergedObjectIds")
    if others is not None and not (isinstance(others, list) and len(others) <= MOST_MERGED):
        raise _NoMerge
    return Event(
        portal=str(told["portalId"]),
        about=str(told.get("objectTypeId") or "") if about == "object" else about,
        what=what,
        ids=tuple(dict.fromkeys(map(_id, (one, *(others or []))))),
        changed=str(told.get("propertyName") or ""),
        event_id=_id(told["eventId"]),
        occurred=occurred,
        at=at,
        origin=rush.Origin(str(told.get("changeSource") or ""), str(told.get("sourceId") or ""), at),
        app=str(told.get("appId") or ""),
    )


def _id(told: object) -> str:
    text = str(told)
    if isinstance(told, bool) or not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError("an id that is none")
    return text


def _passed_over(event: Event, account: str, kind: Kind, matters: Collection[str]) -> str | None:
    if event.portal != account:
        return "another portal"
    if event.about not in (kind.name, kind.type_id):
        return "another object"
    if event.what in (CREATION, "restore", "merge"):
        return None
    if event.what in ("deletion", "privacyDeletion"):
        return "a deletion"
    if event.what != "propertyChange":
        return "another kind of event"
    if event.origin.source == "INTEGRATION" and event.origin.source_id == event.app:
        return "our own write"  # routing on it would never end
    return None if event.changed in matters else "a property that nothing depends on"


def _seen(event: Event, account: str, object: str, crowds: Collection[rush.Batch]) -> Iterator[Seen]:
    """`attemptNumber` is left out of what tells events apart, and HubSpot's own event ids are not unique."""
    asked = event.what == CREATION or event.changed == ANSWER
    hot = asked and rush.is_hot(event.origin, crowds, BEGINNING)
    for id in event.ids:
        told = f"{event.portal}:{event.about}.{event.what}:{id}:{event.changed}:{event.event_id}:{event.occurred}"
        yield Seen(LeadKey("hubspot", account, object, id), event.at, f"hubspot:{told}", hot)
