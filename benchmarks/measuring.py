"""Timing two or more ways of doing one thing, and saying on which machine."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Table:
    """One benchmark's result: `rows` under `columns`, and what a reader must know to believe them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [f"### {self.title}", ""]
        lines += [_line(self.columns), _line(["---", *("---:" for _ in self.columns[1:])])]
        lines += [_line(row) for row in self.rows]
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def seconds(ways: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The seconds of each way's fastest round, because whatever else the machine does only makes one slower. The ways
    take turns; one round before the first is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for count in range(rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            if count:
                taken[name].append(time.perf_counter() - begun)
    return {name: min(each) for name, each in taken.items()}


def per_second(count: int, took: float) -> str:
    """So many in so many seconds, as a rate with three meaningful digits."""
    rate = count / took
    digits = max(0, 3 - len(str(int(rate))))
    return f"{round(rate, digits if rate < 100 else 3 - len(str(int(rate)))):,.{digits}f}"


def machine() -> str:
    """The machine in one line: processor, cores, load, system, Python."""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {os.cpu_count()} cores{load}; {platform.system()} {platform.release()} "
        f"{platform.machine()}; {platform.python_implementation()} {platform.python_version()}"
    )


def _processor() -> str:
    if sys.platform == "darwin":
        asked = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip() or "unknown processor"
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
