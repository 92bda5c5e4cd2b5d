"""What a CRM account still lets us ask: one budget for all workers, in Redis, and what is kept for whom.

Nothing that matters lies here. Where Redis is away each process keeps to its part of the limit; where it was emptied,
the next answers tell what was used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import floor
from typing import Any, Literal
from uuid import uuid4

from redis import Redis

from connectors.base import LANE, Credentials, Lane, Limits, Paced, Told, Window
from runtime.budget_scripts import TAKE, TOLD
from runtime.own_budget import LONGEST_REFUSAL, OwnBudget
from runtime.reachable import Reachable
from runtime.reserves import Reserves

What = Literal["call", "search"]

BLINK = 0.25
"""How long a call may wait for its turn, in seconds."""
SEARCH_TURN = 1.25
"""The same for a search. They are counted by the second: whoever finds one second's share taken has the next one."""

DAY_TOLD_FOR = 600.0
"""What was told about the day is believed for so many seconds. Then a call may ask again, for nobody else would tell
that the day is over."""

MINUTES_KEPT = 10


def padded(seconds: float) -> float:
    """A window as we count it. We count when a call is sent and the CRM when it comes in: one that was slow on its way
    and one that was quick are nearer to each other there than here."""
    return seconds * 1.02 + 0.1


def account_key(crm: str, credentials: Credentials) -> str:
    """What tells this account's keys in Redis from those of others. The secret cannot be read from it."""
    told = "\0".join((crm, credentials.url, credentials.way, credentials.secret))
    return f"{crm}:{sha256(told.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands. `left_today` of `a_day` as last told (None: not told within ten minutes); `per_minute` is
    the mean of the last ten minutes; `refused_until` is machine time (Unix seconds)."""

    left_today: int | None
    a_day: int | None
    per_minute: float
    in_window: int
    window_limit: int | None
    window_seconds: float | None
    refused_until: float | None


class RedisBudget:
    """`connectors.base.Budget` of one account. `clock` is machine time (Unix seconds)."""

    def __init__(
        self,
        redis: "Redis",
        account: str,
        limits: Limits,
        reserves: Reserves,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
        reachable: Reachable,
        alone: OwnBudget,
    ) -> None:
        self._redis, self._account = redis, account
        self._windows: Mapping[What, Window | None] = {"call": limits.calls, "search": limits.searches}
        self._reserves, self._clock, self._sleep = reserves, clock, sleep
        self._reachable, self._alone = reachable, alone
        self._take, self._told = redis.register_script(TAKE), redis.register_script(TOLD)

    def take(self, what: What) -> None:
        """As `Budget.take`. It waits for BLINK at most; for the turn of a search, of which there are so few that the
        jobs of one tick want all of them, for SEARCH_TURN."""
        lane = LANE.get()
        answer = self._reachable.ask(lambda: self._ask(what, lane))
        if answer is None:
            self._alone.take(what)
            return
        granted, seconds, why = int(answer[0]), float(answer[1]), str(answer[2])
        if not granted:
            raise Paced(f"{WHY[why]} (for {lane} leads)", seconds)
        if seconds > 0:
            self._sleep(seconds)

    def _ask(self, what: What, lane: Lane) -> Any:
        now, window = self._clock(), self._windows[what]
        keys = [
            self._key("state"),
            self._key(what),
            self._key(f"minute:{floor(now / 60)}"),
            self._key(f"refused:{what}"),
        ]
        share = self._reserves.of_window(lane, 1_000_000) / 1_000_000
        # Hot calls go at once while there is room. Searches are so few that all of them are spread.
        spread = lane == "bulk" or what == "search"
        arguments = [
            now,
            what,
            lane,
            padded(window.seconds) if window else 0,
            window.calls if window else 0,
            window.others if window else 0,
            share,
            int(spread),
            SEARCH_TURN if what == "search" else BLINK,
            self._reserves.of_day(lane),
            DAY_TOLD_FOR,
            uuid4().hex,
        ]
        return self._take(keys=keys, args=arguments)

    def told(self, limits: Sequence[Told]) -> None:
        """As `Budget.told`. The newest answer is believed: what is left falls and rises (answers overtake each other, a
        day begins, others call)."""
        # HubSpot's limits by the second are deprecated, and not those of searches.
        kept = [one for one in limits if one.window != "second"]
        if kept:
            self._reachable.ask(lambda: [self._keep(one) for one in kept])

    def _keep(self, one: Told) -> object:
        window = self._windows["call"]
        limit, left = ("" if number is None else number for number in (one.limit, one.left))
        arguments = [self._clock(), one.window, limit, left, padded(window.seconds) if window else 0]
        return self._told(keys=[self._key("state"), self._key("call")], args=arguments)

    def refused(self, what: What, seconds: float) -> None:
        """As `Budget.refused`; of two refusals the longer one holds, and none beyond LONGEST_REFUSAL."""
        self._alone.refused(what, seconds)
        seconds = min(seconds, LONGEST_REFUSAL)
        until = self._clock() + seconds
        self._reachable.ask(lambda: self._refuse(what, until, seconds))

    def _refuse(self, what: What, until: float, seconds: float) -> object:
        key = self._key(f"refused:{what}")
        known = self._redis.get(key)
        if known is None or float(str(known)) < until:
            self._redis.set(key, until, ex=floor(seconds) + 60)
        return True

    def standing(self) -> Standing:
        """How it stands now. RedisError where Redis does not answer."""
        now, window = self._clock(), self._windows["call"]
        state = {str(name): str(value) for name, value in dict(self._redis.hgetall(self._key("state"))).items()}
        fresh = now - float(state.get("day_at", 0)) < DAY_TOLD_FOR
        refusals = [
            float(str(until)) for what in self._windows if (until := self._redis.get(self._key(f"refused:{what}")))
        ]
        seconds = window.seconds if window else 0.0
        return Standing(
            left_today=_whole(state.get("day_left")) if fresh else None,
            a_day=_whole(state.get("day_limit")) if fresh else None,
            per_minute=self._per_minute(now),
            in_window=int(str(self._redis.zcount(self._key("call"), f"({now - seconds}", now))) if window else 0,
            window_limit=int(state.get("limit", window.calls)) if window else None,
            window_seconds=window.seconds if window else None,
            refused_until=max((until for until in refusals if until > now), default=None),
        )

    def _per_minute(self, now: float) -> float:
        this = floor(now / 60)
        minutes = list(range(this - MINUTES_KEPT, this + 1))
        told = self._redis.mget([self._key(f"minute:{minute}") for minute in minutes])
        counts = {minute: int(str(count)) for minute, count in zip(minutes, list(told), strict=True) if count}
        return sum(counts.values()) / max(1.0, now / 60 - min(counts)) if counts else 0.0

    def _key(self, name: str) -> str:
        return f"fairlead:budget:{self._account}:{name}"


WHY: Mapping[str, str] = {
    "refused": "the CRM has asked us to wait",
    "day": "the day's calls that may be used are used up",
    "window": "the CRM's limit is used up for the moment",
}


def _whole(text: str | None) -> int | None:
    return int(text) if text else None
