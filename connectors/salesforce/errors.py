"""What Salesforce's refusals mean for us: every failure becomes one of the errors of `connectors.base`."""

from typing import Any, NamedTuple

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from connectors.base import ConnectorError, NotSignedIn, Refused, TryLater, Unknown
from connectors.wire import Hiccup, never_sent

LATER = {
    "REQUEST_LIMIT_EXCEEDED": 60.0,
    "SERVER_UNAVAILABLE": 5.0,
    "UNABLE_TO_LOCK_ROW": 2.0,
    "TXN_SECURITY_METERING_ERROR": 30.0,
    "QUERY_TIMEOUT": 30.0,
    "INVALID_QUERY_LOCATOR": 1.0,
}
"""Codes that ask for patience, with the seconds to wait where the answer carries no `Retry-After`."""

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
        return UNPROVISIONED if self.unprovisioned else LATER.get(self.code)


def complaint(content: Any) -> Complaint:
    """Code and sentence of an error body; Salesforce also sends objects, HTML and nothing at all."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return Complaint("", "")
    code = str(first.get("errorCode") or first.get("statusCode") or first.get("error") or "")
    message = _sentence(str(first.get("message") or first.get("error_description") or ""))
    told = Complaint(code, f"{message} ({code})" if code else message)
    return told._replace(sentence=f"{told.sentence}; run `fairlead provision`") if told.unprovisioned else told


def _sentence(message: str) -> str:
    """What is wrong, in one line: about a query Salesforce repeats it first, with a mark below the place."""
    lines = [line.strip() for line in message.strip().splitlines()]
    if any(line.startswith("ERROR at Row:") for line in lines):
        lines = lines[-1:]
    return " ".join(lines).replace(_WAFFLE, "")


def refusal(status: int, content: Any, *, writes: bool, after: float | None) -> ConnectorError:
    """The error for an HTTP answer that is none of 2xx. `after` is its `Retry-After` in seconds."""
    code, sentence = complaint(content)
    sentence = f"Salesforce: {sentence}" if sentence else f"Salesforce answered {status}"
    if status == 401:
        return NotSignedIn(sentence)
    # A 503 with Salesforce's own code was refused by Salesforce; one without comes from a gateway, behind which the
    # write may have been applied.
    if code in LATER or status in (420, 429) or (status == 503 and not writes):
        patience = Hiccup if status == 503 and not writes else TryLater
        return patience(sentence, after if after is not None else LATER.get(code))
    if status >= 500:
        return Unknown(sentence) if writes else Hiccup(sentence, after)
    return Refused(sentence)


def broken(error: requests.RequestException, *, writes: bool) -> ConnectorError:
    """The error for a connection that failed: with a write, only what surely never left may be tried again."""
    sentence = f"Salesforce did not answer: {type(error).__name__}"
    if never_sent(error):
        return TryLater(sentence)
    if writes:
        return Unknown(sentence)
    return TryLater(sentence) if isinstance(error, requests.Timeout) else Hiccup(sentence)


def not_signed_in(error: SalesforceAuthenticationFailed) -> ConnectorError:
    """The error for a sign-in that failed. The library puts the HTTP status in `code` where the body was no JSON."""
    status = error.code if isinstance(error.code, int) else 0
    if status == 429 or status >= 500 or error.code == "rate_limit_exceeded":
        return TryLater(f"Salesforce does not take sign-ins just now ({error.code})")
    return NotSignedIn(f"Salesforce: {error.auth_message} ({error.code})")


def translated(error: Exception, *, writes: bool, after: float | None) -> ConnectorError:
    """One of ours for one of theirs."""
    if isinstance(error, SalesforceAuthenticationFailed):
        return not_signed_in(error)
    if isinstance(error, SalesforceError):
        return refusal(error.status, error.content, writes=writes, after=after)
    assert isinstance(error, requests.RequestException)  # noqa: S101 - the callers catch just these
    return broken(error, writes=writes)
