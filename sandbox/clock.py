"""Business time: a start instant and a speed. The stand-in CRMs stamp records with it and answer it as `Date`.

Limits, latency and Retry-After stay in real time, because the clients that wait for them wait in real time.
"""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class BusinessClock:
    """A clock that can be set, sped up or stopped. `speed` is business seconds per real second; 0 stands still."""

    def __init__(self, start: datetime, speed: float = 1.0, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self.set(start, speed)

    @property
    def speed(self) -> float:
        return self._speed

    def set(self, now: datetime, speed: float) -> None:
        """It is `now` (aware), and time goes on at `speed` from here."""
        if now.tzinfo is None:
            raise ValueError(f"{now.isoformat()} names no time zone; write it with one, such as Z")
        if speed < 0:
            raise ValueError(f"speed is {speed}, but time does not run backwards")
        self._since, self._at, self._speed = now.astimezone(UTC), self._real(), speed

    def now(self) -> datetime:
        """Business time, aware, in UTC."""
        return self._since + timedelta(seconds=(self._real() - self._at) * self._speed)


def instant(text: str) -> datetime:
    """An ISO 8601 instant with a time zone, in UTC. ValueError says what is wrong with it."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone; write it with one, such as {text}Z")
    return at.astimezone(UTC)


def start_and_speed(text: str) -> tuple[datetime, float]:
    """`START,SPEED`, or START alone for real time from then on. ValueError says what is wrong with it."""
    start, _, speed = text.partition(",")
    try:
        at = datetime.fromisoformat(start.strip())
    except ValueError:
        raise ValueError(f"{start!r} is no time; write START,SPEED, such as 2026-06-01T09:00Z,60") from None
    try:
        times = float(speed or 1)
    except ValueError:
        times = math.nan
    if not 0 <= times < math.inf:
        raise ValueError(f"the speed is {speed!r}; write business seconds per real second, such as 60")
    return instant(at.isoformat()), times
