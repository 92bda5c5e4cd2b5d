"""The budget of one process, for as long as Redis is away: its part of the limit, and no more."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from connectors.base import Limits, Paced, Told

LONGEST_REFUSAL = 900.0
"""Seconds. After that a call asks anew: one wrong answer must not silence an account for a week, and a day's limit that
is still used up says so again."""


class OwnBudget:
    """`connectors.base.Budget` for one of so many `workers` that cannot talk to each other. `clock` in seconds."""

    def __init__(self, limits: Limits, workers: int, clock: Callable[[], float]) -> None:
        self._windows = {"call": limits.calls, "search": limits.searches}
        self._workers, self._clock = workers, clock
        self._lock = Lock()
        self._sent: dict[str, deque[float]] = {"call": deque(), "search": deque()}
        self._refused = {"call": 0.0, "search": 0.0}

    def take(self, what: str) -> None:
        """Paced where this process has had its part. Both lanes are alike here: it lasts for seconds."""
        now, window = self._clock(), self._windows[what]
        with self._lock:
            if self._refused[what] > now:
                raise Paced("the CRM has asked us to wait", self._refused[what] - now)
            if window is None:
                return
            sent, most = self._sent[what], max(1, (window.calls - window.others) // self._workers)
            while sent and sent[0] <= now - window.seconds:
                sent.popleft()
            if len(sent) >= most:
                wait = sent[0] + window.seconds - now
                raise Paced("this process has used its part of the CRM's limit, and Redis is away", wait)
            sent.append(now)

    def told(self, limits: Sequence[Told]) -> None:
        """Not kept: what others use is not known here."""

    def refused(self, what: str, seconds: float) -> None:
        """Nobody in this process asks again before that, or before LONGEST_REFUSAL."""
        with self._lock:
            self._refused[what] = max(self._refused[what], self._clock() + min(seconds, LONGEST_REFUSAL))
