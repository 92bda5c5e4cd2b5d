"""Places for bulk jobs: one process of a worker is always left for fresh leads.

A mirror or a reconciliation lasts for a minute or two. Two of them in a worker of two processes would keep a demo
request waiting for that long. So a bulk job takes a place first, and ends at once where it gets none; it is woken when
one is free. Each worker counts its own places, for nobody knows how many other workers live; what runs and what waits
is known to all. Both lie in Redis, which is only a hint: where it is away or was emptied everybody gets a place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError

from runtime.pacing import LEASE_SECONDS

TAKE = """
-- KEYS: this worker's places by when they end, what runs on any worker by when it ends, jobs that wait
-- ARGV: now, when this place ends, how many, the place, the job
for key = 1, 2 do redis.call('ZREMRANGEBYSCORE', KEYS[key], '-inf', ARGV[1]) end
if redis.call('ZSCORE', KEYS[2], ARGV[4]) or redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
    redis.call('ZADD', KEYS[3], 'NX', ARGV[1], ARGV[5])
    redis.call('EXPIRE', KEYS[3], 600)
    return 0
end
for key = 1, 2 do
    redis.call('ZADD', KEYS[key], ARGV[2], ARGV[4])
    redis.call('EXPIRE', KEYS[key], 600)
end
redis.call('ZREM', KEYS[3], ARGV[5])
return 1
"""

GIVE_BACK = """
-- KEYS: as above. ARGV: now, how many, the place
for key = 1, 2 do redis.call('ZREM', KEYS[key], ARGV[3]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local next = {}
for _ = 1, tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[1]) do
    local first = redis.call('ZPOPMIN', KEYS[3])
    if first[1] then next[#next + 1] = first[1] end
end
return next
"""
"""Those who have waited longest, as many as there are free places."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a bulk job holds while it runs."""

    name: str


class Places:
    """The places of one worker, whose processes all name the same `worker`. `clock` is machine time (Unix seconds);
    `wake(job, crm)` sends a wake-up of the bulk lane."""

    def __init__(
        self,
        redis: "Redis",
        worker: str,
        processes: int,
        clock: Callable[[], float],
        wake: Callable[[str, str], None],
        log: Any,
    ) -> None:
        self._most = max(1, processes - 1)
        self._clock, self._wake, self._log = clock, wake, log
        self._keys = [f"fairlead:places:{worker}", "fairlead:running", "fairlead:waiting"]
        self._take, self._give_back = redis.register_script(TAKE), redis.register_script(GIVE_BACK)

    def take(self, job: str, crm: str, *, several: bool = False) -> Place | None:
        """A place; None where all are taken, or where this job of this CRM has one already, on whatever worker, unless
        `several` may run at once. Who gets none is woken later. A process that was killed leaves its place when its
        lease ends."""
        now, name = self._clock(), f"{job} {crm}"
        place = Place(f"{name} {uuid4().hex}" if several else name)
        arguments: list[str | float] = [now, now + LEASE_SECONDS, self._most, place.name, name]
        try:
            return place if self._take(keys=self._keys, args=arguments) else None
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))
            return place

    def give_back(self, place: Place) -> None:
        """The place is free, and whoever has waited longest is woken."""
        try:
            waiting = self._give_back(keys=self._keys, args=[self._clock(), self._most, place.name])
        except RedisError as problem:
            self._log.warning("the queue does not answer", place=place.name, problem=str(problem))
            return
        for name in waiting:
            job, _, crm = str(name).partition(" ")
            self._wake(job, crm)
