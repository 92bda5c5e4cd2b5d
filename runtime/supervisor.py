"""Starts the parts of Fairlead in one terminal, in order, and ends them in the reverse order.

A part that is asked to end gets SIGTERM at its main process only, so that it can drain; when one dies by itself the
rest is ended too. No part outlives this process, however it dies: see `runtime.child`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import TracebackType

LOOK_EVERY = 0.1


class PartFailed(Exception):
    """A part did not start, or died. The message names it, and where its log is."""


class Stopped(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM) while we were starting."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process. `ready` is asked until it says yes; `start_within` and `drain_within` are real seconds. `loud` parts
    write on our standard output (notifications); everything else goes to the part's log. `environment` is all that a
    part gets (None: ours). The folder `remove` is deleted when the part has ended."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] | None = None
    start_within: float = 120.0
    # On a busy machine Python alone takes half a minute; a part that dies is noticed at once all the same.
    drain_within: float = 30.0
    loud: bool = False
    remove: Path | None = None


class Supervisor:
    """Holds the parts that run. Use it in a `with` block in the main thread: leaving it ends them all."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs, self._say = logs, say
        self._stop = Event()
        self._hurry = Event()
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []
        self._pipe, self._held = os.pipe()
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._asked)
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        os.close(self._pipe)
        os.close(self._held)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the parts that were started, by name."""
        return {part.name: process.pid for part, process in self._running}

    def start(self, part: Part) -> None:
        """Start a part and wait until it is ready. PartFailed where it is not in time, Stopped where we are to stop."""
        self._check()
        with self._new_log(part).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own words
                self._command(part),
                stdin=subprocess.DEVNULL,
                stdout=None if part.loud else log,
                stderr=log,
                env=part.environment,
                pass_fds=(self._pipe,),
                start_new_session=True,
            )
        self._running.append((part, process))
        until = monotonic() + part.start_within
        while not part.ready():
            self._check()
            if monotonic() > until:
                raise PartFailed(
                    f"{part.name} was not ready within {part.start_within:.0f} s; its log is {self._log(part)}"
                )
            self._stop.wait(LOOK_EVERY)
        self._check()

    def watch(self) -> None:
        """Wait until somebody asks us to stop. PartFailed as soon as a part dies."""
        while not self._stop.wait(LOOK_EVERY * 5):
            self._check()

    def pause(self, seconds: float) -> None:
        """Wait so long (not at all where negative). PartFailed where a part has died, Stopped where we are to stop."""
        self._stop.wait(max(0.0, seconds))
        self._check()

    def stop(self) -> None:
        """End all parts, last started first. A second Ctrl-C does not wait for any draining."""
        while self._running:
            part, process = self._running.pop()
            if process.poll() is None:
                self._say(f"stopping {part.name}")
                process.terminate()
                self._drain(part, process)
            # Whatever the part has left behind in its group goes too.
            _kill_group(process.pid)
            process.wait()

    def log_of(self, name: str) -> Path:
        """Where a part's log is."""
        return self._logs / f"{name}.log"

    def _drain(self, part: Part, process: "subprocess.Popen[bytes]") -> None:
        until = monotonic() + part.drain_within
        while process.poll() is None and monotonic() < until and not self._hurry.is_set():
            self._hurry.wait(LOOK_EVERY / 2)
        if process.poll() is None:
            self._say(f"{part.name} did not end by itself and was killed; the ledger knows what it had in hand")

    def _check(self) -> None:
        for part, process in self._running:
            if (status := process.poll()) is not None:
                raise PartFailed(
                    f"{part.name} has ended by itself (exit status {status}){_last_words(self._log(part))}\n"
                    f"  its log is {self._log(part)}"
                )
        if self._stop.is_set():
            raise Stopped

    def _command(self, part: Part) -> list[str]:
        words = [sys.executable, "-m", "runtime.child", str(self._pipe)]
        if part.remove:
            words += ["--remove", str(part.remove)]
        return [*words, "--", *part.command]

    def _log(self, part: Part) -> Path:
        return self.log_of(part.name)

    def _new_log(self, part: Part) -> Path:
        """A log begins anew with each start; the one before is kept."""
        log = self._log(part)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def _asked(self, *_: object) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(leader, signal.SIGKILL)


def _last_words(log: Path) -> str:
    """What the part said last, where that is a plain sentence."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:400]}" if lines and not lines[-1].startswith("{") else ""
