"""Faults on request: which calls they hit, and what goes wrong with them.

A rule that is spent stays in the list and does nothing; `clear` takes all away.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with one call. Latency (real seconds) may come with any one of the others."""

    latency: float = 0.0
    status: int | None = None
    retry_after: float | None = None
    drop_before: bool = False
    """the connection closes and nothing was done"""
    drop_after_write: bool = False
    """everything was done and the connection closes without an answer"""

    @property
    def ends_the_call(self) -> bool:
        return self.status is not None or self.drop_before or self.drop_after_write


NOTHING = Trouble()


@dataclass(slots=True)
class Rule:
    """Which calls: of this CRM, with this method, whose path contains this text; after `skip` of them, for `times`
    calls or until `until` on the real clock."""

    id: int
    trouble: Trouble
    crm: str | None
    method: str | None
    path: str
    skip: int
    times: int | None
    until: float | None

    def hits(self, crm: str, method: str, path: str, now: float) -> bool:
        """Whether it strikes this call; counts the call as skipped or struck."""
        if (self.crm or crm, self.method or method) != (crm, method) or self.path not in path:
            return False
        if self.times == 0 or (self.until is not None and now >= self.until):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._rules: list[Rule] = []
        self._last = 0

    def add(self, wish: Mapping[str, Any]) -> int:
        """A rule as the control API takes it; its number. Without `times` and `for_seconds` it strikes once.

        ValueError says which part of the wish is not understood.
        """
        do = dict(wish.get("do") or {})
        unknown = [*(do.keys() - _TROUBLES), *(wish.keys() - _PARTS)]
        if unknown or not do:
            raise ValueError(f"a fault needs 'do' and knows {sorted(_PARTS)}, do: {sorted(_TROUBLES)}; not {unknown}")
        for_seconds = wish.get("for_seconds")
        self._last += 1
        self._rules.append(
            Rule(
                id=self._last,
                trouble=Trouble(**do),
                crm=wish.get("crm"),
                method=wish.get("method"),
                path=wish.get("path") or "",
                skip=int(wish.get("skip", 0)),
                times=wish.get("times", None if for_seconds is not None else 1),
                until=None if for_seconds is None else self._real() + for_seconds,
            )
        )
        return self._last

    def strike(self, crm: str, method: str, path: str) -> Trouble:
        """What happens to this call: latencies add up, and of the rest the oldest rule wins."""
        now, latency, worst = self._real(), 0.0, NOTHING
        for rule in self._rules:
            if worst.ends_the_call and rule.trouble.ends_the_call:
                continue
            if rule.hits(crm, method, path, now):
                latency += rule.trouble.latency
                worst = rule.trouble if rule.trouble.ends_the_call else worst
        return Trouble(latency, worst.status, worst.retry_after, worst.drop_before, worst.drop_after_write)

    def clear(self) -> None:
        self._rules.clear()


_TROUBLES = {"latency", "status", "retry_after", "drop_before", "drop_after_write"}
_PARTS = {"crm", "method", "path", "skip", "times", "for_seconds", "do"}
