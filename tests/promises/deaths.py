"""A worker that is killed at its n-th commit or HTTP call, wherever that is.

The points are not named in the product: every commit of what writes and every request, before and after, is one. A
worker that dies nowhere any more has passed them all.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any

import urllib3
from sqlalchemy import event

from domain.leads import Lead, Unreadable
from runtime import ingest
from runtime import route as routing
from runtime import sweep as sweeping
from runtime.deliver import deliver
from runtime.route import route
from tests.promises.world import Place, wire

# Started before any thread of the test run exists, and with everything imported: a worker is up in milliseconds.
WORKERS = multiprocessing.get_context("forkserver")
WORKERS.set_forkserver_preload(["tests.promises.deaths"])

PATIENCE = 60.0
"""Seconds after which a worker no longer waits for the others, and fails."""


def work(place: Place, now: datetime, machine: datetime, die_at: int | None) -> None:
    """Poll, route and deliver once; with `die_at`, die by SIGKILL at that point."""
    services = wire(place, now, machine)
    if die_at is not None:
        _arm(services.ledger.engine, die_at)
    ingest.poll(services, place.crm)
    while route(services, place.crm, "bulk"):
        pass
    deliver(services, place.crm)


def sweep_up(place: Place, now: datetime, machine: datetime, at_once: int, die_at: int | None) -> None:
    """Sweep until nothing is due, handing on so many leads at once; with `die_at`, die by SIGKILL at that point."""
    sweeping.MOST_HANDED_ON = at_once
    services = wire(place, now, machine)
    if die_at is not None:
        _arm(services.ledger.engine, die_at)
    while sweeping.sweep(services, place.crm):
        pass


def work_with_others(place: Place, now: datetime, machine: datetime, batch: int, all_have_read: Barrier) -> None:
    """Route so many arrivals at a time; the first batch is decided when every other worker has read one, too."""
    routing.BATCH = batch
    services = wire(place, now, machine)
    connector = services.crms[place.crm]
    read = connector.read

    def read_and_meet(ids: Sequence[str]) -> list[Lead | Unreadable]:
        connector.read = read  # type: ignore[method-assign]
        found = read(ids)
        all_have_read.wait(PATIENCE)
        return found

    connector.read = read_and_meet  # type: ignore[method-assign]
    while route(services, place.crm, "bulk"):
        pass
    deliver(services, place.crm)


def _arm(engine: Any, die_at: int) -> None:
    passed = 0

    def point(*_: object) -> None:
        nonlocal passed
        if passed == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    event.listen(engine, "commit", point)
    event.listen(engine, "checkin", point)  # the connection comes back right after the commit
    pool = urllib3.connectionpool.HTTPConnectionPool
    send: Callable[..., Any] = pool.urlopen

    def urlopen(*args: Any, **kwargs: Any) -> Any:
        point()
        answer = send(*args, **kwargs)
        point()
        return answer

    pool.urlopen = urlopen  # type: ignore[method-assign]


def run_worker(place: Place, now: datetime, machine: datetime, die_at: int | None = None) -> int:
    """Run one worker to its end and return its exit code: 0, or -9 where it was killed."""
    process = WORKERS.Process(target=work, args=(place, now, machine, die_at))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def run_sweeper(place: Place, now: datetime, machine: datetime, at_once: int, die_at: int) -> int:
    """Run one worker that sweeps to its end and return its exit code, as `run_worker` does."""
    process = WORKERS.Process(target=sweep_up, args=(place, now, machine, at_once, die_at))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def run_together(place: Place, now: datetime, machine: datetime, workers: int, batch: int) -> list[int]:
    """Several workers who hold a batch each at the same moment; their exit codes."""
    meeting = WORKERS.Barrier(workers)
    words = (place, now, machine, batch, meeting)
    processes = [WORKERS.Process(target=work_with_others, args=words) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode if process.exitcode is not None else -1 for process in processes]
