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
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from connectors.base import Heard
from connectors.hubspot import rush
from connectors.hubspot.kinds import KINDS
from connectors.hubspot.records import OWNER, field_name
from domain.leads import LeadKey, Seen
from domain.mapping import CrmMapping

TOLERANCE = timedelta(minutes=5)

EPOCH = datetime.fromtimestamp(0, UTC)
BEGINNING, END = 1_136_073_600_000, 4_102_444_800_000
"""2006 and 2100, in milliseconds since 1970: no event happened before HubSpot was founded, and one in a far year is a
mistake of whoever made it."""
MINUTE = 60_000

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
    try:
        events = json.loads(body)
    except RecursionError:
        raise ValueError("the delivery is nested too deeply") from None
    if not isinstance(events, list):
        raise ValueError("a delivery is a list of events")
    sorts = _Sorts(account, mapping)
    passed_over: Counter[str] = Counter()
    taken: list[_Event] = []
    for told in events:
        try:
            read = _event(told, sorts)
            why = read.sort.why
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
    crowds = rush.crowds(event.batch for event in taken if event.sort.creation)
    seen = [one for event in taken for one in _seen(event, account, mapping.object, crowds)]
    return Heard(tuple(seen), dict(passed_over))


class _NoMerge(Exception):
    """What was merged is no list, or longer than any."""


class _Sort(NamedTuple):
    """What the events of one subscription and one source have in common; `why` is why they are passed over."""

    why: str | None
    told: str
    changed: str
    source: str
    source_id: str
    creation: bool
    may_be_hot: bool


class _Sorts(dict[tuple[Any, ...], _Sort]):
    """Each sort of event in a delivery, made out once: a hundred events are mostly of one, and a CRM waits for us."""

    def __init__(self, account: str, mapping: CrmMapping) -> None:
        super().__init__()
        self._account, self._kind = account, KINDS[mapping.object.lower()]
        self._matters = {OWNER, ANSWER, *mapping.fields.values()}

    def __missing__(self, key: tuple[Any, ...]) -> _Sort:
        subscription, type_id, *others = key
        portal, changed, source, source_id, app = (str(one or "") for one in others)
        about, _, what = str(subscription or "").partition(".")
        if about == "object":
            about = str(type_id or "")
        sort = self[key] = _Sort(
            why=self._passed_over(portal, about, what, changed, source == "INTEGRATION" and source_id == app),
            told=f"hubspot:{portal}:{about}.{what}",
            changed=changed,
            source=source,
            source_id=source_id,
            creation=what == CREATION,
            may_be_hot=(what == CREATION or changed == ANSWER) and source != rush.IMPORT,
        )
        return sort

    def _passed_over(self, portal: str, about: str, what: str, changed: str, ours: bool) -> str | None:
        if portal != self._account:
            return "another portal"
        if about not in (self._kind.name, self._kind.type_id):
            return "another object"
        if what in (CREATION, "restore", "merge"):
            return None
        if what in ("deletion", "privacyDeletion"):
            return "a deletion"
        if what != "propertyChange":
            return "another kind of event"
        if ours:
            return "our own write"  # routing on it would never end
        return None if changed in self._matters else "a property that nothing depends on"


class _Event(NamedTuple):
    """One event. `ids` are the records that it concerns: of a merge, all that took part. `occurred` is in milliseconds
    since 1970."""

    sort: _Sort
    ids: tuple[str, ...]
    event_id: str
    occurred: int

    @property
    def batch(self) -> rush.Batch:
        return self.sort.source, self.sort.source_id, self.occurred // MINUTE


def _event(told: Mapping[str, Any], sorts: _Sorts) -> _Event:
    get = told.get
    occurred = int(told["occurredAt"])
    if not BEGINNING <= occurred < END:
        raise ValueError("an event of a time that cannot be")
    sort = sorts[
        # HubSpot's pages disagree about the name of the first.
        get("subscriptionType") or get("eventType"),
        get("objectTypeId"),
        told["portalId"],
        get("propertyName"),
        get("changeSource"),
        get("sourceId"),
        get("appId"),
    ]
    id = _id(get("newObjectId") or get("primaryObjectId") or told["objectId"])
    merged = get("mergedObjectIds")
    return _Event(sort, (id,) if merged is None else _with(id, merged), _id(told["eventId"]), occurred)


def _with(id: str, merged: object) -> tuple[str, ...]:
    if not (isinstance(merged, list) and len(merged) <= MOST_MERGED):
        raise _NoMerge
    return tuple(dict.fromkeys((id, *map(_id, merged))))


def _id(told: object) -> str:
    text = str(told)
    if isinstance(told, bool) or not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError("an id that is none")
    return text


def _seen(event: _Event, account: str, object: str, crowds: Collection[rush.Batch]) -> Iterator[Seen]:
    """`attemptNumber` is left out of what tells events apart, and HubSpot's own event ids are not unique."""
    sort, ids, event_id, occurred = event
    hot = sort.may_be_hot and (not crowds or event.batch not in crowds)
    at = EPOCH + timedelta(milliseconds=occurred)
    for id in ids:
        told = f"{sort.told}:{id}:{sort.changed}:{event_id}:{occurred}"
        yield Seen(LeadKey("hubspot", account, object, id), at, told, hot)
