"""What a worker holds after 10,000 leads, and after 100,000: it must not grow with what it has done.

The worker is that of `fairlead up --sandbox`: it polls, routes and delivers against the stand-in Salesforce.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from benchmarks.backlog import fill
from benchmarks.installed import installed, until_all_is_written
from benchmarks.measuring import Table, kept_or_not
from scripts.up import Installation

CRM = "salesforce"
FIRST, LAST = 10_000, 100_000
AT_ONCE = 5_000
MOST_GROWTH = 0.10
LOOK_EVERY = 0.5
"""Seconds."""
WORKER = "runtime.worker"
LAUNCHER = "runtime.child"
"""The small process that ends the worker when `fairlead up` is gone."""


def run() -> Table:
    """Resident memory of the worker's processes while the leads up to both counts were worked on, and the growth
    between them. The most that was seen counts: processes are replaced, and a new one is small, or not there yet."""
    held: dict[int, list[float]] = {}
    begun = time.perf_counter()
    with installed(_as_it_is) as installation, ThreadPoolExecutor(1) as beside:
        for done in range(AT_ONCE, LAST + 1, AT_ONCE):
            written = Event()
            most = beside.submit(_most, written) if done in (FIRST, LAST) else None
            fill(str(installation.sandbox), CRM, AT_ONCE, first=done - AT_ONCE)
            until_all_is_written(installation, done)
            written.set()
            if most:
                held[done] = most.result()
    took = time.perf_counter() - begun
    growth = sum(held[LAST]) / sum(held[FIRST]) - 1
    return Table(
        f"Memory of a worker, {LAST:,} leads in {took:,.0f} s",
        ("after leads", "MB resident", "of its processes", "growth", "promised", "kept"),
        [
            (f"{FIRST:,}", f"{sum(held[FIRST]):.0f}", _told(held[FIRST]), "", "", ""),
            (
                f"{LAST:,}",
                f"{sum(held[LAST]):.0f}",
                _told(held[LAST]),
                f"{growth:+.1%}",
                f"{MOST_GROWTH:.0%}",
                kept_or_not(growth <= MOST_GROWTH),
            ),
        ],
        [
            f"The most that was seen while {AT_ONCE:,} leads up to that count were worked on. Pages that the processes "
            "share are counted in each of them."
        ],
    )


def _most(written: Event) -> list[float]:
    """The processes at the moment when they held most together, until all is written."""
    most: list[float] = []
    while not written.wait(LOOK_EVERY):
        most = max(most, sorted(_resident()), key=sum)
    return most


def _as_it_is(_: Installation) -> None:
    """Nothing is prepared."""


def _told(each: list[float]) -> str:
    return ", ".join(f"{one:.0f}" for one in each)


def _resident() -> Iterator[float]:
    """Megabytes in memory of the worker and its children, as `ps` tells (on Linux and macOS alike)."""
    told = subprocess.run(["ps", "-Ao", "pid=,ppid=,rss=,command="], capture_output=True, text=True, check=True)  # noqa: S607
    rows = [line.split(None, 3) for line in told.stdout.splitlines()]
    ours = {str(os.getpid())}
    for pid, ppid, rss, command in sorted(rows, key=lambda row: int(row[0])):
        if ppid in ours:
            ours.add(pid)
            if WORKER in command and LAUNCHER not in command:
                yield int(rss) / 1024
