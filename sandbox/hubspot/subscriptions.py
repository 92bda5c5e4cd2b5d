"""What an app wants to be told by webhook, and how an event says what happened.

Contacts, companies and deals have events of their own (`contact.creation`). All objects share the newer ones
(`object.creation`), which name their object type; those that have no others always get these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.hubspot.kinds import COMPANY, CONTACT, DEAL, KINDS, Kind
from sandbox.hubspot.portal import Happening

Event = dict[str, Any]

DEFAULT = ("contact.creation", "contact.propertyChange:hubspot_owner_id")
FIRST_ID = 3_329_277
_NAMED = (CONTACT, COMPANY, DEAL)
_WHATS = ("creation", "deletion", "merge", "restore", "privacyDeletion", "propertyChange")
_KINDS = {kind.name: kind for kind in KINDS}
_BY_TYPE_ID = {kind.type_id: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Topic:
    """One subscription of an app. `shared`: told as `object.…`."""

    kind: Kind
    what: str
    property: str
    shared: bool

    def hears(self, happening: Happening) -> bool:
        """Whether this is about what it wants to know."""
        return (self.kind, self.what, self.property) == (happening.kind, happening.what, happening.property)

    def named(self) -> Event:
        """The keys of an event that say what it is about."""
        if not self.shared:
            return {"subscriptionType": f"{self.kind.name}.{self.what}"}
        named: Event = {"subscriptionType": f"object.{self.what}", "objectTypeId": self.kind.type_id}
        return {**named, "isSensitive": False} if self.what == "propertyChange" else named


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to, signed with what, and which events."""

    url: str
    secret: str
    topics: tuple[Topic, ...]
    ids: tuple[int, ...]
    """of the topics"""


def subscription(asked: Mapping[str, Any]) -> Subscription:
    """Of {"url", "secret", "subscriptions"?}. ValueError for a topic that is none, or a URL that cannot be called."""
    url = urlsplit(asked["url"])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"{asked['url']!r} is not a URL that can be called")
    topics = tuple(map(_topic, asked.get("subscriptions") or DEFAULT))
    return Subscription(asked["url"], asked["secret"], topics, tuple(range(FIRST_ID, FIRST_ID + len(topics))))


def _topic(asked: object) -> Topic:
    """Of `contact.propertyChange:email`, or of {"subscriptionType": "object.propertyChange", "objectType": "contact",
    "propertyName": "email"} as a project's webhooks component says it.
    """
    if isinstance(asked, Mapping):
        name, property_name = str(asked["subscriptionType"]), str(asked.get("propertyName") or "")
        shared, what = name.startswith("object."), name.partition(".")[2]
        kind_name = str(asked.get("objectType") or "") if shared else name.partition(".")[0]
    else:
        name, _, property_name = str(asked).partition(":")
        kind_name, _, what = name.partition(".")
        shared = False
    kind = _KINDS.get(kind_name) or _BY_TYPE_ID.get(kind_name)
    if kind is None:
        raise ValueError(f"{asked!r} is not a subscription: objects are {', '.join(_KINDS)}")
    if what not in _WHATS or (what == "privacyDeletion" and (kind is not CONTACT or shared)):
        raise ValueError(f"{asked!r} is not a subscription: {', '.join(_WHATS)} (privacyDeletion of contacts alone)")
    if (what == "propertyChange") is not bool(property_name):
        raise ValueError(f"{asked!r} is not a subscription: a property change, and nothing else, names its property")
    return Topic(kind, what, property_name, shared or kind not in _NAMED)
