"""Waiting for another process: as long as it takes, and no longer than a generous limit."""

import os
import subprocess
import time
from collections.abc import Callable, Iterable


def until(happened: Callable[[], bool], limit: float = 60.0) -> bool:
    """Ask until the answer is yes; False where it never was within the limit (real seconds)."""
    ends = time.monotonic() + limit
    while not happened():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def lives(pid: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.strip().startswith("Z")


def alive(pids: Iterable[int]) -> set[int]:
    return {pid for pid in pids if lives(pid)}


def descendants(pid: int) -> set[int]:
    """Every process below this one."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found - {os.getpid()}
