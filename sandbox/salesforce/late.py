"""Writes that are stamped now and seen by others later, as SystemModstamp is set before a transaction commits."""

from collections.abc import Callable
from datetime import datetime


class LateCommits:
    """What has been written and not committed yet, in the order of writing."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, Callable[[], object]]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def wait(self, until: datetime, commit: Callable[[], object]) -> None:
        self._waiting.append((until, commit))

    def settle(self, now: datetime) -> None:
        """Commit what is due."""
        due = [commit for until, commit in self._waiting if until <= now]
        self._waiting = [(until, commit) for until, commit in self._waiting if until > now]
        for commit in due:
            commit()

    def forget(self) -> None:
        self._waiting.clear()
