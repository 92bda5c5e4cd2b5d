"""Twilio's status callbacks: whether one is genuine, and which call it tells of.

Twilio signs the address that it called and the form's values (twilio.com/docs/usage/security). A call through Twilio
has a leg for each side: the child leg names its parent, and both are one call here.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from connectors.base import Delivery, NotGenuine, NotReadable
from domain.activities import AnsweredBy, Call, Direction

SIGNATURE, SETTINGS = "x-twilio-signature", "x-twilio-webhooks-signature-settings"

_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_OURS = ("client:", "sip:")
"""How the side of somebody of ours begins: a phone in the browser, or on a desk."""

_PORTS = {"https": 443, "http": 80}


def heard(delivery: Delivery, secret: str, now: datetime) -> list[Call]:
    """The call that the delivery tells of; none while it is not over. `now` is machine time, for a callback that tells
    none of its own. NotGenuine and NotReadable."""
    headers = {name.lower(): value for name, value in delivery.headers.items()}
    given = headers.get(SIGNATURE, "")
    if not given:
        raise NotGenuine("the delivery is not signed")
    try:
        values = parse_qsl(delivery.body.decode(), keep_blank_values=True, max_num_fields=500)
    except ValueError as problem:
        raise NotGenuine("the body is no form that anybody could have signed") from problem
    algorithm = "sha256" if "HMAC_SHA256" in headers.get(SETTINGS, "").upper() else "sha1"
    expected = [signed(secret, url, values, algorithm) for url in _addresses(delivery.url)]
    if not any(hmac.compare_digest(one.encode(), given.encode("utf-8", "replace")) for one in expected):
        raise NotGenuine("the delivery's signature is wrong")
    told = dict(reversed(values))
    if told.get("CallStatus", "") not in _OVER:
        return []
    try:
        return [_call(told, now)]
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        raise NotReadable(f"a call that cannot be read ({type(problem).__name__}: {problem})") from problem


def signed(secret: str, url: str, values: Sequence[tuple[str, str]], algorithm: str = "sha1") -> str:
    """Base64 of the HMAC over the address and, by name, every value with its name before it."""
    by_name: dict[str, set[str]] = {}
    for name, value in values:
        by_name.setdefault(name, set()).add(value)
    message = url + "".join(f"{name}{value}" for name in sorted(by_name) for value in sorted(by_name[name]))
    return base64.b64encode(hmac.new(secret.encode(), message.encode(), algorithm).digest()).decode()


def _addresses(url: str) -> Iterator[str]:
    """The address as it is, and with and without the usual port: Twilio signs either."""
    yield url
    parts = urlsplit(url)
    usual = _PORTS.get(parts.scheme)
    host = parts.netloc.rpartition("@")[2]
    if parts.port is None and usual:
        yield urlunsplit(parts._replace(netloc=f"{host}:{usual}"))
    elif parts.port == usual:
        yield urlunsplit(parts._replace(netloc=host.rpartition(":")[0]))


def _call(told: Mapping[str, str], now: datetime) -> Call:
    caller, callee = told.get("From") or told.get("Caller") or "", told.get("To") or told.get("Called") or ""
    talked = int(told.get("CallDuration") or 0) if told["CallStatus"] == "completed" else 0
    at = parsedate_to_datetime(told["Timestamp"]) if told.get("Timestamp") else now
    direction, number, agent, own = _sides(told.get("Direction", ""), caller, callee)
    return Call(
        id=told.get("ParentCallSid") or told["CallSid"],
        started_at=(at if at.tzinfo else at.replace(tzinfo=UTC)) - timedelta(seconds=talked),
        direction=direction,
        number=number,
        agent=agent,
        talk_seconds=talked,
        answered_by=_answered_by(told, talked, caller),
        own_number=own,
    )


def _sides(kind: str, caller: str, callee: str) -> tuple[Direction | None, str, str | None, str]:
    """Direction, the other side's number, who of ours, our number."""
    if caller.startswith(_OURS):
        # A phone in the browser calls Twilio, which then calls out for it.
        return "outbound", callee, caller, ""
    if callee.startswith(_OURS):
        return "inbound", caller, callee, ""
    if kind == "inbound":
        return "inbound", caller, None, callee
    if kind == "outbound-api":
        return "outbound", callee, None, caller
    # A leg that a call made: out to the lead, or on to somebody's own telephone.
    return None, callee, None, caller


def _answered_by(told: Mapping[str, str], talked: int, caller: str) -> AnsweredBy:
    """A first leg is answered by Twilio's own instructions, whoever else comes in later: only the leg that they make
    tells of a person."""
    if talked <= 0:
        return "nobody"
    if told.get("AnsweredBy", "").startswith(("machine", "fax")):
        return "machine"
    if told.get("ParentCallSid") or told.get("Direction", "") == "outbound-api":
        return "human"
    return "nobody" if caller.startswith(_OURS) else "machine"
