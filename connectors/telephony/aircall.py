"""Aircall's webhooks: whether one is genuine, and which call it tells of.

Aircall signs nothing. It puts the webhook's token into every body (developer.aircall.io, Webhooks), and sends what was
not answered with 2xx again.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.base import Delivery, NotGenuine, NotReadable
from domain.activities import AnsweredBy, Call, Direction

ENDED = "call.ended"
"""Sent when the call is over and everything about it is known. Other events tell less of the same call."""

_DIRECTIONS: Mapping[str, Direction] = {"inbound": "inbound", "outbound": "outbound"}


def heard(delivery: Delivery, secret: str, _now: datetime) -> list[Call]:
    """The call that the delivery tells of; none of an event that is no end of a call. NotGenuine and NotReadable."""
    try:
        told = json.loads(delivery.body)
    except (ValueError, RecursionError) as problem:
        raise NotGenuine("the body is not JSON, so it carries no token") from problem
    token = told.get("token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not hmac.compare_digest(token.encode("utf-8", "replace"), secret.encode()):
        raise NotGenuine("the body does not carry the webhook's token")
    if told.get("event") != ENDED:
        return []
    try:
        return [_call(told["data"])]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as problem:
        raise NotReadable(f"a call that cannot be read ({type(problem).__name__}: {problem})") from problem


def _call(data: Mapping[str, Any]) -> Call:
    started, ended = _moment(data["started_at"]), _moment(data.get("ended_at"))
    if started is None:
        raise ValueError("it has no started_at")
    answered = _moment(data.get("answered_at"))
    talked = max(0, int((ended - answered).total_seconds())) if answered and ended else 0
    by: AnsweredBy = "nobody"
    if data.get("voicemail"):
        by = "machine"
    elif talked > 0:
        by = "human"
    user, contact, line = (data.get(name) or {} for name in ("user", "contact", "number"))
    addresses = (str(one.get("value") or "") for one in contact.get("emails") or ())
    return Call(
        id=str(data["id"]),
        started_at=started,
        direction=_DIRECTIONS.get(str(data.get("direction"))),
        number=str(data.get("raw_digits") or ""),
        agent=str(user.get("email") or "") or None,
        talk_seconds=talked,
        answered_by=by,
        own_number=str(line.get("digits") or ""),
        addresses=tuple(sorted({one.strip().lower() for one in addresses if "@" in one})),
    )


def _moment(seconds: Any) -> datetime | None:
    """Unix seconds, as a number or as text."""
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
