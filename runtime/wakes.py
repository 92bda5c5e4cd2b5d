"""Data-free wake-ups. Losing one is harmless: beat sends the same again within seconds.

One wake-up of a kind waits at a time: a mark beside it says so, the task takes the mark away before it looks for work.
Thus a storm of webhooks leaves one message and not thousands.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Celery
from redis import Redis
from redis.exceptions import RedisError

from runtime.celery_app import BROKER_IS_AWAY, BULK, HOT, NAMES, application
from runtime.clocks import machine_now
from runtime.pacing import LEASE_SECONDS
from runtime.places import Places

MARK_SECONDS = 5
"""After this long a mark is not believed any more: its wake-up was lost, or waits behind long work."""

EXPIRES_SECONDS = 60

PULSE = "fairlead:pulse"
CALLS = "fairlead:calls"
PROBLEMS = "fairlead:problems"


@dataclass(frozen=True, slots=True)
class LastProblem:
    """What ended the last run of a job: `at` is machine time, `what` one sentence."""

    job: str
    at: datetime
    what: str


class Wakes:
    """Sends wake-ups and keeps their marks in the broker's Redis."""

    def __init__(self, celery: Celery, redis: "Redis", log: Any) -> None:
        self._celery, self._redis, self._log = celery, redis, log

    @classmethod
    def at(cls, redis_url: str, log: Any) -> "Wakes":
        """On the broker at this URL; nothing is connected yet."""
        # redis-py 8 tries ten times by default: a webhook that waits for its answer wants one try.
        redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2, retry=None, decode_responses=True)
        return cls(application(redis_url), redis, log)

    def places(self, worker: str, processes: int) -> Places:
        """The places for bulk jobs of the worker of that name, which has so many processes."""
        return Places(self._redis, worker, processes, _seconds, lambda job, crm: self.send(job, crm, BULK), self._log)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
        self._celery.close()

    def send(self, job: str, crm: str, lane: str) -> None:
        """Wake a job. Only connection errors of the broker are swallowed, and logged."""
        try:
            if self._redis.set(_mark(job, crm, lane), 1, nx=True, ex=MARK_SECONDS):
                self._celery.send_task(
                    NAMES + job, (crm, lane), queue=lane, expires=EXPIRES_SECONDS, retry=False, ignore_result=True
                )
        except (*BROKER_IS_AWAY, RedisError) as problem:
            self._log.warning("wake-up lost, beat will send the next", job=job, crm=crm, problem=str(problem))

    def woken(self, job: str, crm: str, lane: str) -> None:
        """The wake-up has arrived: from now on new work wakes again."""
        try:
            self._redis.delete(_mark(job, crm, lane))
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))

    def alone(self, job: str, crm: str, lane: str, seconds: float = LEASE_SECONDS) -> bool:
        """Whether nobody else does this job now; from now on it is ours until `finished`, or for so many seconds: who
        is killed at it does not finish. Where the queue's memory cannot be asked, everybody is alone: the ledger's
        leases keep two from the same work."""
        try:
            # A task ends before its lease, so that by default nobody ever frees the place of another.
            return bool(self._redis.set(_busy(job, crm, lane), 1, nx=True, ex=int(seconds)))
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))
            return True

    def finished(self, job: str, crm: str, lane: str, rest: float = 0.0) -> None:
        """The next one may do it, after so many seconds of `rest`."""
        try:
            if milliseconds := int(rest * 1000):
                self._redis.set(_busy(job, crm, lane), 1, px=milliseconds)
            else:
                self._redis.delete(_busy(job, crm, lane))
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))

    def beat(self, at: float) -> None:
        """Note that a tick of beat has reached a worker (Unix time)."""
        try:
            self._redis.set(PULSE, at, ex=3600)
        except RedisError as problem:
            self._log.warning("the queue does not answer", problem=str(problem))

    def count_calls(self, crm: str, calls: int) -> None:
        """Add to the number of requests that all workers together have sent to a CRM."""
        try:
            self._redis.hincrby(CALLS, crm, calls)
        except RedisError as problem:
            self._log.warning("the queue does not answer", problem=str(problem))

    def calls(self) -> dict[str, int]:
        """Requests sent to each CRM since the broker's memory began."""
        return {str(crm): int(str(calls)) for crm, calls in dict(self._redis.hgetall(CALLS)).items()}

    def failed(self, job: str, crm: str, at: datetime, what: str) -> None:
        """Note what ended this run of a job (machine time)."""
        try:
            self._redis.hset(PROBLEMS, f"{crm} {job}", json.dumps([at.isoformat(), what]))
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))

    def ran_through(self, job: str, crm: str) -> None:
        """The job did its work: what ended the run before is over."""
        try:
            self._redis.hdel(PROBLEMS, f"{crm} {job}")
        except RedisError as problem:
            self._log.warning("the queue does not answer", job=job, crm=crm, problem=str(problem))

    def last_problems(self) -> dict[str, LastProblem]:
        """The newest problem of each CRM, among the jobs whose last run ended in one."""
        found: dict[str, LastProblem] = {}
        for name, told in dict(self._redis.hgetall(PROBLEMS)).items():
            crm, _, job = str(name).partition(" ")
            at, what = json.loads(str(told))
            one = LastProblem(job, datetime.fromisoformat(at), what)
            if crm not in found or found[crm].at < one.at:
                found[crm] = one
        return found

    def last_beat(self) -> float | None:
        """When a tick of beat last reached a worker (Unix time), None where that is not known."""
        told = self._redis.get(PULSE)
        return float(str(told)) if told else None

    def waiting(self) -> dict[str, int]:
        """How many wake-ups wait in each lane."""
        return {lane: int(str(self._redis.llen(f"fairlead:{lane}"))) for lane in (HOT, BULK)}


def _seconds() -> float:
    return machine_now().timestamp()


def _busy(job: str, crm: str, lane: str) -> str:
    return f"fairlead:busy:{job}:{crm}:{lane}"


def _mark(job: str, crm: str, lane: str) -> str:
    return f"fairlead:awake:{job}:{crm}:{lane}"
