"""HubSpot's request limits: what is counted, the headers that tell, and the answers when it is too much.

Real time, because the clients that wait do so in real time. Nothing is enforced until the knob is turned: a test that
is not about limits should not meet them by accident.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping

from sandbox.hubspot.errors import Refusal

PER_TEN_SECONDS = 190
PER_DAY = 250_000
SEARCHES_PER_SECOND = 5


class Limits:
    """Sliding windows. `enforced` turns refusals on; the numbers can be changed."""

    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self.reset()

    def reset(self) -> None:
        self.enforced = False
        self.searches_per_second = SEARCHES_PER_SECOND
        self.per_ten_seconds = PER_TEN_SECONDS
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._today = 0

    def search(self) -> None:
        """Count a search. Refusal 429 when this second had its share; the refused one does not count."""
        _forget(self._searches, self._real() - 1)
        if self.enforced and len(self._searches) >= self.searches_per_second:
            raise secondly()
        self._searches.append(self._real())
        self._today += 1

    def call(self) -> None:
        """Count any other call. Refusal 429 when these ten seconds had their share."""
        _forget(self._calls, self._real() - 10)
        if self.enforced and len(self._calls) >= self.per_ten_seconds:
            raise ten_secondly()
        self._calls.append(self._real())
        self._today += 1

    def headers(self, searching: bool) -> Mapping[str, str]:
        """What an answer tells. Searches are not counted by the ten-second window, and say only the day's."""
        daily = {
            "X-HubSpot-RateLimit-Daily": str(PER_DAY),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(PER_DAY - self._today, 0)),
        }
        if searching:
            return {**daily, "X-HubSpot-RateLimit-Exemptions": "TEN_SECONDLY_ROLLING"}
        return {
            **daily,
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.per_ten_seconds),
            "X-HubSpot-RateLimit-Remaining": str(max(self.per_ten_seconds - len(self._calls), 0)),
        }


def secondly() -> Refusal:
    """429 of the search limit: no policy name, no Retry-After."""
    return Refusal(429, "You have reached your secondly limit.", "RATE_LIMITS")


def ten_secondly() -> Refusal:
    """429 of the gateway: `errorType` and `policyName` in place of a category."""
    return Refusal(
        429,
        "You have reached your ten_secondly_rolling limit.",
        errorType="RATE_LIMIT",
        policyName="TEN_SECONDLY_ROLLING",
    )


def _forget(window: deque[float], before: float) -> None:
    while window and window[0] <= before:
        window.popleft()
