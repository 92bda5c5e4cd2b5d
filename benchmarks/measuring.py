"""Timing two or more ways of doing one thing, and saying on which machine."""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5

PEERS_PYTHON = Path(".venv-peers/bin/python")


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


def cpu_seconds(way: Callable[[], object], rounds: int) -> float:
    """Seconds of CPU of the fastest round: another process on the same core is nobody's merit."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        way()
        taken.append(time.process_time() - begun)
    return min(taken)


def ask_peers(script: str, wanted: Iterable[str], given: Mapping[str, object], target: str) -> Mapping[str, Any]:
    """What a script beside this file answers in the environment that holds the peers; for each that is wanted, `error`
    where it cannot be asked. `target` of the Makefile installs them."""
    if not PEERS_PYTHON.exists():
        return {peer: {"error": f"not installed; `make {target}` does it"} for peer in wanted}
    process = subprocess.run(  # noqa: S603
        [PEERS_PYTHON, Path(__file__).with_name(script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        return {peer: {"error": process.stderr.strip().rpartition("\n")[2]} for peer in wanted}
    answers: Mapping[str, Any] = json.loads(process.stdout)
    return {peer: answers.get(peer, {"error": "it gave no answer"}) for peer in wanted}


def per_second(count: int, took: float) -> str:
    """So many in so many seconds, as a rate with three meaningful digits."""
    rate = count / took
    digits = max(0, 3 - len(str(int(rate))))
    return f"{round(rate, digits if rate < 100 else 3 - len(str(int(rate)))):,.{digits}f}"


def kept_or_not(kept: bool) -> str:
    """Whether a promise was kept."""
    return "yes" if kept else "**no**"


def megabytes(who: int) -> float:
    """The most that was in memory at once; of whom, as `resource.getrusage` names them."""
    largest = resource.getrusage(who).ru_maxrss
    return largest / (1_048_576 if sys.platform == "darwin" else 1_024)


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
