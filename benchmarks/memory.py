"""What a worker holds after 10,000 leads, and after 100,000: it must not grow with what it has done.

This process is the worker: it polls, routes and delivers against the stand-in Salesforce, one batch after the other.
"""

import gc
import os
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.backlog import fill, installation, nobody_hears, sandbox
from benchmarks.measuring import Table
from runtime import ingest
from runtime.deliver import deliver
from runtime.route import route
from scripts.sandbox import settle

CRM = "salesforce"
FIRST, LAST = 10_000, 100_000
AT_ONCE = 5_000
MOST_GROWTH = 0.10


def run() -> Table:
    """Resident memory at both counts, and the growth between them."""
    with sandbox() as url, tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        services = replace(installation(url, Path(folder)), tell=nobody_hears)
        settle(url, services.crms[CRM], services.playbook())
        ingest.mirror(services, CRM)
        held: dict[int, float] = {}
        begun = time.perf_counter()
        for done in range(AT_ONCE, LAST + 1, AT_ONCE):
            fill(url, CRM, AT_ONCE, first=done - AT_ONCE)
            while ingest.poll(services, CRM):
                pass
            while route(services, CRM, "bulk"):
                pass
            deliver(services, CRM)
            if done in (FIRST, LAST):
                gc.collect()
                held[done] = _resident()
        took = time.perf_counter() - begun
        services.ledger.close()
    growth = held[LAST] / held[FIRST] - 1
    return Table(
        f"Memory of a worker, {LAST:,} leads in {took:,.0f} s",
        ("after leads", "MB resident", "growth", "promised", "kept"),
        [
            (f"{FIRST:,}", f"{held[FIRST]:.0f}", "", "", ""),
            (
                f"{LAST:,}",
                f"{held[LAST]:.0f}",
                f"{growth:+.1%}",
                f"{MOST_GROWTH:.0%}",
                "yes" if growth <= MOST_GROWTH else "**no**",
            ),
        ],
    )


def _resident() -> float:
    """Megabytes of this process in memory, as `ps` tells (on Linux and macOS alike)."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True)  # noqa: S603,S607
    return int(told.stdout) / 1024
