"""The two clocks, and the only place in the project that asks what time it is.

Business time decides about SLAs, is shared with the sandbox and may run faster in a demo. Machine time is for leases,
retries, signatures and limits. Neither ever decides anything here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def machine_now() -> datetime:
    """Real time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """Business time: at the real instant `epoch` it was `start`, and since then `speed` business seconds pass per real
    second (1: real time; 0: it stands still). A value, so that every process that is given it agrees on the time."""

    start: datetime
    speed: float
    epoch: datetime

    def at(self, machine: datetime) -> datetime:
        """Business time at that moment of machine time."""
        return self.start + (machine - self.epoch) * self.speed

    def now(self) -> datetime:
        return self.at(machine_now())

    def __str__(self) -> str:
        """As in FAIRLEAD_CLOCK; `parse` reads it back exactly."""
        return f"{self.start.isoformat()},{self.speed!r},{self.epoch.timestamp()!r}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REAL_TIME = BusinessClock(_EPOCH, 1.0, _EPOCH)
"""Business time is real time: everywhere but in a demo or a test."""


def parse(text: str) -> BusinessClock:
    """`START,SPEED,EPOCH`: an ISO 8601 instant with its zone, business seconds per real second, and the Unix time in
    seconds at which it was START. ValueError says what is wrong with it."""
    words = [word.strip() for word in text.split(",")]
    if len(words) != 3:
        raise ValueError("it has three parts: START,SPEED,EPOCH")
    start = datetime.fromisoformat(words[0])
    if start.tzinfo is None:
        raise ValueError(f"{words[0]!r} names no time zone; write it with one, such as {words[0]}Z")
    speed, epoch = float(words[1]), float(words[2])
    if not 0 <= speed < float("inf"):
        raise ValueError(f"the speed is {words[1]}, but time does not run backwards")
    return BusinessClock(start.astimezone(UTC), speed, _EPOCH + timedelta(seconds=epoch))
