"""What both CRMs want from the wire: a limit on every wait, a count of what was sent, the CRM's own time, and one
second try for reads. Nothing here ever repeats a write."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from connectors.base import TryLater

P = ParamSpec("P")
T = TypeVar("T")

Timeout = tuple[float, float]
"""Seconds to connect, and seconds to wait for each part of the answer."""

TIMEOUT: Timeout = (3.05, 20.0)


LONGEST = 7 * 24 * 3600.0
"""Seconds: a `Retry-After` beyond this is no time that anybody means."""


JUMP = timedelta(hours=1)
"""Between two answers no more time passes than this, as a rule; where it does, the second one of them settles it."""
UNHEARD_OF = datetime.min.replace(tzinfo=UTC)


class Hiccup(TryLater):
    """The connection broke or the CRM stumbled: a read is worth a second try at once."""


class Meter:
    """How many requests went to one CRM, and what time it is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self.told: datetime | None = None
        """The `Date` of the latest answer that is to be believed (UTC, whole seconds); None before the first."""
        self._doubted: datetime | None = None

    @property
    def calls(self) -> int:
        """Requests sent since the start, sign-ins and failures among them."""
        return self._sent

    def sent(self) -> None:
        """One more request is on its way."""
        with self._lock:
            self._sent += 1

    def answered(self, headers: Mapping[str, str]) -> None:
        """Take the time from an answer, whatever its status. Gateways may leave it out or spoil it: a jump is believed
        once the next answer says the same, for a cursor that went ahead with it would pass over leads."""
        try:
            told = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            return
        with self._lock:
            if any(before is None or abs(told - before) < JUMP for before in (self.told, self._doubted or UNHEARD_OF)):
                self.told, self._doubted = told, None
            else:
                self._doubted = told


def understood(otherwise: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """For whatever takes an answer apart. One that is not as the CRM promises is its stumble, and must not end the job
    that asked: a Hiccup says `otherwise`, and what was wrong with it."""

    def wrapped(reads: Callable[P, T]) -> Callable[P, T]:
        @wraps(reads)
        def read(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return reads(*args, **kwargs)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise Hiccup(f"{otherwise}: {type(error).__name__}: {error}") from error

        return read

    return wrapped


def twice(ask: Callable[[], T]) -> T:
    """The answer to a short read; one more try after a hiccup, never after a time-out or a rate limit."""
    tries = Retrying(
        stop=stop_after_attempt(2),
        wait=wait_random(0.05, 0.25),
        retry=retry_if_exception_type(Hiccup),
        reraise=True,
    )
    return tries(ask)


def never_sent(error: requests.RequestException) -> bool:
    """Whether not even a connection came about, so that nothing can have been done."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError)


def seconds(retry_after: str | None) -> float | None:
    """A `Retry-After` header in seconds (RFC 9110: a number; the date form is not used by either CRM)."""
    try:
        told = float(retry_after) if retry_after else None
    except ValueError:
        return None
    return told if told is not None and 0 <= told < LONGEST else None
