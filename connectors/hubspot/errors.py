"""What HubSpot's refusals mean for us: every failure becomes one of the errors of `connectors.base`.

Every key of an error body is optional in practice, so the status decides first, then `category`, `policyName` and
`errors[].code`.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    TimeoutError,
)

from connectors.base import ConnectorError, NotSignedIn, Refused, TryLater, Unknown
from connectors.batches import BadField
from connectors.wire import Hiccup

ANY_VALUE = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
"""Codes that are about the property, whatever is written to it."""

ABSENT = frozenset({"OBJECT_NOT_FOUND", "VALIDATION_ERROR"})
"""Categories of a row's error that say that there is nothing to read, now or later."""

PASSING = frozenset({"RATE_LIMITS", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT", "MIGRATION"})
"""Categories of a row's error that are about the moment and not about the row."""

MIGRATING = 477
LOCKED = 423

OURS = "fairlead_"
"""How the names of our own properties begin."""

UNPROVISIONED = 60.0
"""Seconds to wait for somebody to run `fairlead provision`."""


class TokenRefused(NotSignedIn):
    """A 401: the token is not taken (any more)."""


def refusal(status: int, body: object, after: float | None, *, writes: bool) -> ConnectorError:
    """The error for an HTTP answer that is none of 2xx; `after` is the wait in seconds, where one is known."""
    told = parsed(body)
    sentence = f"HubSpot: {told['message']}" if told.get("message") else f"HubSpot answered {status}"
    if status == 401:
        return TokenRefused(sentence)
    if status == 429:
        return TryLater(sentence if told.get("message") else "HubSpot answered 429: too many requests", after)
    if status in (LOCKED, MIGRATING):
        return TryLater(sentence, after if after is not None else 2.0)
    if status == 503:
        return TryLater(sentence, after) if writes or after is not None else Hiccup(sentence)
    if status >= 500:
        return Unknown(sentence) if writes else Hiccup(sentence, after)
    if told.get("category") == "MISSING_SCOPES":
        return Refused(f"{sentence} {' '.join(_scopes(told))}".strip())
    return _bad_field(sentence, told) or Refused(_with_way_out(sentence))


def _bad_field(sentence: str, told: Mapping[str, Any]) -> ConnectorError | None:
    """The properties that HubSpot will not take, where it names them. One of ours that is not there is a fault of the
    portal and of no row: whatever is written waits until it is."""
    errors = _errors(told)
    named = {name: str(error.get("code")) for error in errors for name in _context(error, "propertyName")}
    if not named:
        return None
    absent = sorted(name for name, code in named.items() if name.startswith(OURS) and code == "PROPERTY_DOESNT_EXIST")
    if absent:
        properties = "property" if len(absent) == 1 else "properties"
        lacking = f"HubSpot does not have the {properties} {', '.join(absent)}"
        return TryLater(f"{lacking}: run `fairlead provision`", UNPROVISIONED)
    missing = frozenset(name for name, code in named.items() if code in ANY_VALUE)
    plain = "; ".join(str(error["message"]) for error in errors if error.get("message"))
    return BadField(f"HubSpot: {plain}" if plain else sentence, missing or frozenset(named), any_value=bool(missing))


def _with_way_out(sentence: str) -> str:
    """Whatever of ours is not there, one command creates."""
    ours = OURS in sentence and "does not exist" in sentence
    return f"{sentence.rstrip('.')}; run `fairlead provision`" if ours else sentence


def _scopes(told: Mapping[str, Any]) -> list[str]:
    return [scope for place in (told, *_errors(told)) for scope in _context(place, "requiredGranularScopes")]


def _errors(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = told.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _context(place: Mapping[str, Any], name: str) -> list[str]:
    context = place.get("context")
    found = context.get(name) if isinstance(context, dict) else None
    return [str(each) for each in found] if isinstance(found, list) else []


def refused_rows(answer: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a 207 says about the rows that it refuses: the sentence by the row's id or trace id (`name` in the
    context). A row that failed for a reason of the moment is left out, as if nothing had been said about it."""
    return {
        id: str(error.get("message") or "")
        for error in _errors(answer)
        if str(error.get("category")) not in PASSING
        for id in _context(error, name)
    }


def not_now(answer: Mapping[str, Any], asked: Collection[str], answered: Collection[str]) -> dict[str, str]:
    """Which of the ids that were `asked` about could not be looked at just now, and why: who is neither among the
    `answered` nor said to be absent. An error that names nobody may be about any of them."""
    absent = {id for error in _errors(answer) if _is_absent(error) for id in _ids(error)}
    waits: dict[str, str] = {}
    for error in _errors(answer):
        if not _is_absent(error):
            about = _ids(error) or set(asked) - absent
            waits |= dict.fromkeys(about, f"HubSpot: {error.get('message')}")
    return {id: waits[id] for id in asked if id in waits and id not in answered}


def _is_absent(error: Mapping[str, Any]) -> bool:
    return str(error.get("category")) in ABSENT


def _ids(error: Mapping[str, Any]) -> set[str]:
    return {id for name in ("ids", "id", "fromObjectId") for id in _context(error, name)}


def parsed(body: object) -> dict[str, Any]:
    """An error body; empty where a gateway sent HTML, or nothing."""
    try:
        told = json.loads(body) if isinstance(body, str | bytes) else None
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def broken(error: HTTPError, *, writes: bool) -> ConnectorError:
    """The error for a connection that failed: with a write, only what surely never left may be tried again."""
    reason = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    sentence = f"HubSpot did not answer: {type(reason).__name__}"
    if isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError):
        return TryLater(sentence)
    if writes:
        return Unknown(sentence)
    return TryLater(sentence) if isinstance(reason, TimeoutError) else Hiccup(sentence)
