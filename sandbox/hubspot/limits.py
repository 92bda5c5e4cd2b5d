"""HubSpot's request limits: what is counted, the headers that tell, and the answers when it is too much.

Windows are in real time, because the clients that wait for them do so in real time; the day is business time's, and
ends at midnight of the account's time zone. Nothing is enforced until the knob is turned: a test that is not about
limits should not meet them by accident.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.clock import BusinessClock
from sandbox.hubspot.errors import Refusal
from sandbox.hubspot.exchange import Json
from sandbox.hubspot.sign_in import Token

SEARCHES_PER_SECOND = 5
OAUTH_PER_TEN_SECONDS = 110
# Per ten seconds and app, and per day and account.
_TIERS = {
    "free": (100, 250_000),
    "starter": (100, 250_000),
    "professional": (190, 625_000),
    "enterprise": (190, 1_000_000),
    "increased": (250, 2_000_000),
}
# Until a tier is set: the window of the paid ones, and the day that recorded headers show.
PER_TEN_SECONDS, PER_DAY = 190, 250_000


class Limits:
    """Sliding windows. `enforced` turns refusals on; the numbers follow the tier, or are set one by one."""

    def __init__(self, clock: BusinessClock, zone: str, real: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._real = real
        self.reset()

    def reset(self) -> None:
        self._enforced = False
        self._searches_per_second = SEARCHES_PER_SECOND
        self._per_ten_seconds, self._per_day = PER_TEN_SECONDS, PER_DAY
        self._oauth_per_ten_seconds = OAUTH_PER_TEN_SECONDS
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._searches: deque[float] = deque()
        self._today: tuple[date | None, int] = (None, 0)

    def set(self, asked: Json) -> Json:
        """The control API's {"enforced"?, "tier"?, "per_ten_seconds"?, "per_day"?, "searches_per_second"?};
        `per_ten_seconds` is every app's. ValueError for a tier that is none."""
        if "tier" in asked:
            if asked["tier"] not in _TIERS:
                raise ValueError(f"{asked['tier']!r} is no tier: {', '.join(_TIERS)}")
            self._per_ten_seconds, self._per_day = _TIERS[asked["tier"]]
        self._enforced = bool(asked.get("enforced", self._enforced))
        self._searches_per_second = int(asked.get("searches_per_second", self._searches_per_second))
        self._per_day = int(asked.get("per_day", self._per_day))
        if "per_ten_seconds" in asked:
            self._per_ten_seconds = self._oauth_per_ten_seconds = int(asked["per_ten_seconds"])
        return {
            "enforced": self._enforced,
            "searches_per_second": self._searches_per_second,
            "per_ten_seconds": self._per_ten_seconds,
            "per_day": self._per_day,
        }

    def count(self, token: Token, searching: bool) -> None:
        """Count a call. Refusal 429 when its window or the day had its share; the refused one does not count.

        Searches have a window of their own, which all apps share. An OAuth app does not count towards the day.
        """
        window, seconds, most = self._window(token, searching)
        _forget(window, self._real() - seconds)
        if self._enforced and not token.oauth and self.used_today >= self._per_day:
            raise _gateway("daily", "DAILY")
        if self._enforced and len(window) >= most:
            raise secondly() if searching else ten_secondly()
        window.append(self._real())
        if not token.oauth:
            self._today = (self._date(), self.used_today + 1)

    def headers(self, token: Token, searching: bool) -> Mapping[str, str]:
        """What an answer tells. Searches are not counted by the ten-second window, and say only the day's."""
        daily = {
            "X-HubSpot-RateLimit-Daily": str(self._per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(self._per_day - self.used_today, 0)),
        }
        told = {} if token.oauth else daily
        if searching:
            return {**told, "X-HubSpot-Rate-Limit-Exemptions": "TEN_SECONDLY_ROLLING"}
        window, seconds, most = self._window(token, searching)
        left = max(most - len(window), 0)
        return {
            **told,
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(seconds * 1000)),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(left),
            # Deprecated, still sent and no limit: a tenth of the others.
            "X-HubSpot-RateLimit-Secondly": str(most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(left // 10),
        }

    @property
    def used_today(self) -> int:
        """Calls since midnight of the account's time zone."""
        day, count = self._today
        return count if day == self._date() else 0

    @property
    def per_day(self) -> int:
        return self._per_day

    @property
    def day_ends(self) -> datetime:
        """The account's next midnight."""
        return datetime.combine(self._date() + timedelta(days=1), datetime.min.time(), self._zone)

    def _window(self, token: Token, searching: bool) -> tuple[deque[float], float, int]:
        if searching:
            return self._searches, 1, self._searches_per_second
        return self._calls[token.app], 10, self._oauth_per_ten_seconds if token.oauth else self._per_ten_seconds

    def _date(self) -> date:
        return self._clock.now().astimezone(self._zone).date()


def secondly() -> Refusal:
    """429 of the search limit: no policy name, no Retry-After."""
    return Refusal(429, "You have reached your secondly limit.", "RATE_LIMITS")


def ten_secondly() -> Refusal:
    """429 of the gateway: `errorType` and `policyName` in place of a category."""
    return _gateway("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")


def _gateway(limit: str, policy: str) -> Refusal:
    return Refusal(
        429,
        f"You have reached your {limit} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
        requestId="0d1c7f0e5a2b4c6d8e9f",
    )


def _forget(window: deque[float], before: float) -> None:
    while window and window[0] <= before:
        window.popleft()
