"""Asking a Redis that may be away: nobody waits for it again and again, and the log says it once."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from redis.exceptions import RedisError

T = TypeVar("T")

LEFT_ALONE_SECONDS = 5.0
"""How long a Redis that did not answer is not asked: each try would cost its time-out."""


class Reachable:
    """`ask` questions of a Redis; None where it is away. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float], log: Any) -> None:
        self._clock, self._log = clock, log
        self._lock = Lock()
        self._away_until: float | None = None

    def ask(self, question: Callable[[], T]) -> T | None:
        """The answer, None where there is none."""
        with self._lock:
            if self._away_until is not None and self._clock() < self._away_until:
                return None
        try:
            answer = question()
        except RedisError as problem:
            with self._lock:
                first, self._away_until = self._away_until is None, self._clock() + LEFT_ALONE_SECONDS
            if first:
                self._log.warning("Redis is away: each process keeps to its part of the limits", problem=str(problem))
            return None
        with self._lock:
            back, self._away_until = self._away_until is not None, None
        if back:
            self._log.info("Redis is back: the limits are shared again")
        return answer
