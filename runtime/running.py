"""Which `fairlead up` runs in a folder, and how other commands reach its embedded parts.

The launcher holds a lock on `up.lock` for as long as it lives. The kernel takes it away from a launcher that was
killed, so a record that was left behind is recognised and ignored.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


class AlreadyRunning(Exception):
    """Another launcher works in this folder."""


class NoFolder(Exception):
    """The folder for what Fairlead keeps cannot be used."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a launcher tells the other commands: its process id, those of its parts, and the environment variables that
    name its embedded parts (never anybody's credentials, except the sandbox's, which are public)."""

    pid: int
    started: str = ""
    web: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the folder for this launcher. AlreadyRunning where another one does, NoFolder where it cannot be written."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        file = (var / "up.lock").open("a")
    except OSError as problem:
        raise NoFolder(
            f"the folder {var} cannot be used ({problem.strerror}): set FAIRLEAD_VAR to one that this user may write to"
        ) from problem
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            found = find(var)
            who = f" (process {found.pid})" if found else ""
            raise AlreadyRunning(
                f"another `fairlead up` runs in {var}{who}: stop it first, or set FAIRLEAD_VAR to another folder"
            ) from problem
        _record(var).unlink(missing_ok=True)  # of a launcher that was killed
        try:
            yield
        finally:
            _record(var).unlink(missing_ok=True)


def tell(var: Path, running: Running) -> None:
    """Let other commands find this launcher. Readers never see half a record."""
    new = _record(var).with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(running), indent=2), "utf-8")
    os.replace(new, _record(var))  # noqa: PTH105 - Path.replace says the same


def find(var: Path) -> Running | None:
    """The launcher that works in this folder, or None."""
    lock, record = var / "up.lock", _record(var)
    if not lock.exists() or not record.exists():
        return None
    with lock.open("a") as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _read(record)
    return None


def _read(record: Path) -> Running | None:
    try:
        return Running(**json.loads(record.read_text("utf-8")))
    except FileNotFoundError:  # it has just ended
        return None


def _record(var: Path) -> Path:
    return var / "running.json"
