"""Faults on request: which calls they hit. What then goes wrong is in `trouble`.

A rule that is spent stays in the list and does nothing; `clear` takes all away. The same seed, the same rules and the
same calls in the same order give the same faults: each rule draws from a chance of its own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox import trouble
from sandbox.latency import Seconds
from sandbox.storms import STORMS
from sandbox.trouble import Ending, Trouble, number, whole

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, as rules look at it."""

    crm: str
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens to one call: `latency` in real seconds, and the names of all that struck, for the log."""

    ending: Ending | None = None
    latency: float = 0.0
    skew: float = 0.0
    date: str | None = None
    names: tuple[str, ...] = ()


NOTHING = Strike()


@dataclass(slots=True)
class Rule:
    """Which calls: of this CRM, with this method, whose path and body contain these texts, from `since` until `until`
    on the real clock; of those, after `skip`, each `every`-th with this probability, `times` times."""

    id: int
    trouble: Trouble
    chance: Random
    crm: str | None
    method: str | None
    path: str
    body: bytes
    since: float
    until: float | None
    skip: int
    every: int
    probability: float
    times: int | None
    seen: int = 0

    def describes(self, call: Asked, now: float) -> bool:
        """Whether it is about this call at all, at this time."""
        if self.times == 0 or now < self.since or (self.until is not None and now >= self.until):
            return False
        same = (self.crm or call.crm, self.method or call.method) == (call.crm, call.method)
        return same and self.path in call.path and self.body in call.body

    def hits(self) -> bool:
        """Whether it strikes a call that it describes; counts the call as passed over or struck."""
        if self.skip:
            self.skip -= 1
            return False
        self.seen += 1
        if self.seen % self.every or self.chance.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    def __init__(self, seed: int = 0, real: Callable[[], float] = time.monotonic) -> None:
        self._seed = seed
        self._real = real
        self._rules: list[Rule] = []
        self._last = 0
        self.clear()

    def add(self, wish: Any) -> int:
        """A rule as the control API takes it; its number. It strikes once, unless `times` (null: for ever), `every`,
        `probability` or `for_seconds` say otherwise.

        ValueError says which part of the wish is not understood.
        """
        rule = self._read(wish)
        self._rules.append(rule)
        return rule.id

    def begin(self, storm: str) -> list[int]:
        """Add every rule of a named collection; their numbers. LookupError names those that there are."""
        if storm not in STORMS:
            raise LookupError(f"there are no faults named {storm!r}; there are {sorted(STORMS)}")
        return [self.add(wish) for wish in STORMS[storm]]

    def strike(self, call: Asked) -> Strike:
        """What happens to this call: latencies and skews add up, and of the rest the oldest rule wins."""
        now, hit = self._real(), list[Rule]()
        ended = False
        for rule in self._rules:
            ends = rule.trouble.ending is not None
            if ended and ends:
                continue
            if rule.describes(call, now) and rule.hits():
                hit.append(rule)
                ended = ended or ends
        return _together(hit) if hit else NOTHING

    def clear(self) -> None:
        """No rules, and chance starts again from the seed."""
        self._rules.clear()
        self._chance = Random(self._seed)  # noqa: S311  (nothing here is secret)

    def _read(self, wish: Any) -> Rule:
        if not isinstance(wish, Mapping):
            raise ValueError(f"a fault is an object with {sorted(_PARTS)}")
        if unknown := sorted(set(wish) - _PARTS):
            raise ValueError(f"a fault does not know {unknown}; it knows {sorted(_PARTS)}")
        what = trouble.read(wish.get("do"))
        method = _text("method", wish.get("method", "")) or None
        if method and method not in METHODS:
            raise ValueError(f"method is {method!r}; it may be {', '.join(METHODS)}")
        now = self._real()
        since = now + number("after_seconds", wish.get("after_seconds", 0))
        lasts = None if "for_seconds" not in wish else number("for_seconds", wish["for_seconds"])
        probability = number("probability", wish.get("probability", 1))
        if probability > 1:
            raise ValueError(f"probability is {probability:g}; it may be from 0 to 1")
        often = bool(wish.keys() & {"every", "probability", "for_seconds"})
        times = wish.get("times", None if often else 1)
        self._last += 1
        return Rule(
            id=self._last,
            trouble=what,
            chance=Random(self._chance.getrandbits(64)),  # noqa: S311  (nothing here is secret)
            crm=_text("crm", wish.get("crm", "")) or None,
            method=method,
            path=_text("path", wish.get("path", "")),
            body=_text("body", wish.get("body", "")).encode(),
            since=since,
            until=None if lasts is None else since + lasts,
            skip=whole("skip", wish.get("skip", 0)),
            every=whole("every", wish.get("every", 1), least=1),
            probability=probability,
            times=None if times is None else whole("times", times),
        )


def _together(hit: list[Rule]) -> Strike:
    dates = [rule.trouble.date for rule in hit if rule.trouble.date is not None]
    return Strike(
        ending=next((rule.trouble.ending for rule in hit if rule.trouble.ending), None),
        latency=sum(_drawn(rule.trouble.latency, rule.chance) for rule in hit),
        skew=sum(rule.trouble.skew for rule in hit),
        date=dates[0] if dates else None,
        names=tuple(dict.fromkeys(name for rule in hit for name in rule.trouble.names)),
    )


def _drawn(seconds: Seconds | None, chance: Random) -> float:
    return seconds(chance) if seconds else 0.0


def _text(word: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{word} is {value!r}; it may be a text")
    return value


_PARTS = {
    "crm", "method", "path", "body", "skip", "every", "times", "probability", "after_seconds", "for_seconds", "do",
}  # fmt: skip
