"""What Salesforce's refusals mean for us: every failure becomes one of the errors of `connectors.base`."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar

import requests
from simple_salesforce.exceptions import SalesforceError

from connectors import wire
from connectors.base import ConnectorError, NotSignedIn, Refused, TryLater, Unknown
from connectors.wire import Hiccup, never_sent

P = ParamSpec("P")
T = TypeVar("T")

Outcome = Literal["later", "refused", "unknown"]

TOO_MANY = (429, 503)
"""Statuses that stand for the account, or the whole instance, and not for the one request."""

LATER = {
    "REQUEST_LIMIT_EXCEEDED": 60.0,
    "SERVER_UNAVAILABLE": 5.0,
    "UNABLE_TO_LOCK_ROW": 2.0,
    "TXN_SECURITY_METERING_ERROR": 30.0,
    "QUERY_TIMEOUT": 30.0,
    "INVALID_QUERY_LOCATOR": 1.0,
    # A neighbour was wrong, or the whole was stopped: nothing is said about this row.
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": 2.0,
    "PROCESSING_HALTED": 2.0,
}
"""Codes that ask for patience, with the seconds to wait where the answer carries no `Retry-After`."""

UNKNOWN = frozenset({"UNKNOWN_EXCEPTION"})
"""Codes that leave open whether a row was written."""

BUSY = 5.0
"""Seconds to leave Salesforce alone when it has too much to do just now, and does not say for how long."""

WAYS_OUT = {
    "API_CURRENTLY_DISABLED": "give the user of the sign-in the permission API Enabled",
    "API_DISABLED_FOR_ORG": "this edition has no API: ask Salesforce to enable it",
    "CANNOT_UPDATE_CONVERTED_LEAD": "it is no lead any more: see its contact and opportunity",
    "DUPLICATES_DETECTED": "a duplicate rule blocks it: let that rule allow the save for the user of the sign-in",
    "ENTITY_IS_DELETED": "it was deleted in the meantime",
    "INACTIVE_OWNER_OR_USER": "take that person out of config/teams.yaml, or activate the user",
    "INSUFFICIENT_ACCESS": "give the user of the sign-in Edit on the object and Transfer Record",
    "INSUFFICIENT_ACCESS_OR_READONLY": "give the user of the sign-in Edit on the object and Transfer Record",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "give the user of the sign-in access to that record too",
    "INVALID_FIELD": "correct that field in crm/salesforce.yaml, or let a permission set show it to our user",
    "INVALID_TYPE": "correct the object in crm/salesforce.yaml, or give the user of the sign-in Read on it",
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": "the new owner has to be a standard user, or a queue for this object",
    "STORAGE_LIMIT_EXCEEDED": "the org's storage is full: ask its admin",
    "TRANSFER_REQUIRES_READ": "give the new owner Read on the object, or the queue this object",
    "TXN_SECURITY_NO_ACCESS": "exempt the user of the sign-in from that transaction security policy",
}
"""What somebody has to do before the same is accepted."""

_WAFFLE = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    " Please reference your WSDL or the describe call for the appropriate names."
)

MISSING_FIELDS = ("INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE")

UNPROVISIONED = 60.0
"""Seconds to wait for somebody to run `fairlead provision`."""


class Complaint(NamedTuple):
    """The first error of an answer."""

    code: str
    sentence: str

    @property
    def unprovisioned(self) -> bool:
        """Whether one of our own fields is not there, or not for us: a fault of the org and of no row."""
        return self.code in MISSING_FIELDS and "Fairlead_" in self.sentence

    @property
    def wait(self) -> float | None:
        """Seconds after which the same may be accepted; None where it never will be."""
        if self.unprovisioned:
            return UNPROVISIONED
        if "(Concurrent" in self.sentence or "ConcurrentRequests" in self.sentence:
            return BUSY
        # A flow or a trigger that met a locked row says so in its text, under a code of its own.
        return LATER.get("UNABLE_TO_LOCK_ROW" if "UNABLE_TO_LOCK_ROW" in self.sentence else self.code)

    @property
    def outcome(self) -> Outcome:
        """What the complaint means for the row that it is about."""
        if self.code in UNKNOWN:
            return "unknown"
        return "refused" if self.wait is None else "later"


def complaint(content: Any) -> Complaint:
    """Code and sentence of an error body; Salesforce also sends objects, HTML and nothing at all."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return Complaint("", "")
    code = str(first.get("errorCode") or first.get("statusCode") or first.get("error") or "")
    message = _sentence(str(first.get("message") or first.get("error_description") or ""))
    told = Complaint(code, f"{message} ({code})" if code else message)
    way_out = "run `fairlead provision`" if told.unprovisioned else WAYS_OUT.get(code)
    return told._replace(sentence=f"{told.sentence}; {way_out}") if way_out else told


def _sentence(message: str) -> str:
    """What is wrong, in one line: about a query Salesforce repeats it first, with a mark below the place."""
    lines = [line.strip() for line in message.strip().splitlines()]
    if any(line.startswith("ERROR at Row:") for line in lines):
        lines = lines[-1:]
    return " ".join(lines).replace(_WAFFLE, "")


def refusal(status: int, content: Any, *, writes: bool, after: float | None) -> ConnectorError:
    """The error for an HTTP answer that is none of 2xx. `after` is its `Retry-After` in seconds."""
    told = complaint(content)
    plain = "Salesforce answered 429: too many requests" if status == 429 else f"Salesforce answered {status}"
    sentence = f"Salesforce: {told.sentence}" if told.sentence else plain
    if status == 401:
        return NotSignedIn(sentence)
    # A 503 with Salesforce's own code was refused by Salesforce; one without comes from a gateway, behind which the
    # write may have been applied.
    if told.code in LATER or status in (420, 429) or (status == 503 and not writes):
        # A place in a result that the server has forgotten: the question can be asked anew at once.
        patience = Hiccup if told.code == "INVALID_QUERY_LOCATOR" else TryLater
        wait = told.wait if told.wait is not None else pause(status, told.sentence, None)
        return patience(sentence, after if after is not None else wait)
    if status >= 500:
        return Unknown(sentence) if writes else Hiccup(sentence, after)
    return Refused(sentence)


def pause(status: int, text: str, after: float | None) -> float | None:
    """For how many seconds nobody should ask the account again; None where the answer says nothing of that kind."""
    limited = "REQUEST_LIMIT_EXCEEDED" in text
    if not limited and status not in TOO_MANY:
        return None
    if after is not None:
        return after
    return LATER["REQUEST_LIMIT_EXCEEDED"] if limited and "Concurrent" not in text else BUSY


def not_understood(answer: Any, call: str, *, writes: bool) -> ConnectorError:
    """The error for an answer of 2xx that is not what was asked for: an error inside, or a gateway's own words."""
    told = complaint(answer)
    sentence = f"Salesforce's answer to {call} was not understood"
    if told.sentence:
        sentence = f"Salesforce, asked for {call}: {told.sentence}"
    if writes:
        return Unknown(sentence)
    passing = not told.code or told.code in UNKNOWN or told.wait is not None
    return Hiccup(sentence) if passing else Refused(sentence)


def understood(what: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """For whatever takes apart what Salesforce says about `what`."""
    return wire.understood(f"Salesforce's answer about {what} was not understood")


def broken(error: requests.RequestException, *, writes: bool) -> ConnectorError:
    """The error for a connection that failed: with a write, only what surely never left may be tried again."""
    sentence = f"Salesforce did not answer: {type(error).__name__}"
    if never_sent(error):
        return TryLater(sentence)
    if writes:
        return Unknown(sentence)
    return TryLater(sentence) if isinstance(error, requests.Timeout) else Hiccup(sentence)


def translated(error: Exception, *, writes: bool, after: float | None) -> ConnectorError:
    """One of ours for one of theirs."""
    if isinstance(error, SalesforceError):
        return refusal(error.status, error.content, writes=writes, after=after)
    assert isinstance(error, requests.RequestException)  # noqa: S101 - the callers catch just these
    return broken(error, writes=writes)
