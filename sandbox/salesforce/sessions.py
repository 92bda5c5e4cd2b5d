"""Who is signed in, and on which instance.

A session ends when it is revoked, after the calls or the idle seconds that the org allows, and when the org moves to
another instance. The old instance's address then leads nowhere.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.salesforce.settings import Settings

HOUR = 3600.0


@dataclass(slots=True)
class Session:
    last_used: float
    calls: int = 0


@dataclass
class Sessions:
    """Tokens that are good. An emptied org keeps them, because it is the same org."""

    real: Callable[[], float] = time.monotonic
    instance: str | None = None
    """where the org lives since it moved, as in https://eu2.example; None: where it was asked"""
    moved_answer: int = 420
    """what the edge says at an address that the org has left"""
    _open: dict[str, Session] = field(default_factory=dict)
    _left: set[str] = field(default_factory=set)
    _logins: deque[float] = field(default_factory=deque)

    def may_sign_in(self, settings: Settings) -> bool:
        """Whether the hour's sign-ins are not used up; counts this one."""
        now = self.real()
        while self._logins and self._logins[0] <= now - HOUR:
            self._logins.popleft()
        self._logins.append(now)
        return len(self._logins) <= settings.logins_per_hour

    def begin(self, token: str) -> None:
        self._open[token] = Session(self.real())

    def use(self, token: str, settings: Settings) -> bool:
        """Whether the token is good for one more call, which counts."""
        session = self._open.get(token)
        if session is None:
            return False
        now = self.real()
        idle = settings.session_seconds is not None and now - session.last_used >= settings.session_seconds
        used_up = settings.session_calls is not None and session.calls >= settings.session_calls
        if idle or used_up:
            del self._open[token]
            return False
        session.last_used, session.calls = now, session.calls + 1
        return True

    def end(self, token: str) -> bool:
        """Revoke one; whether it was good."""
        return self._open.pop(token, None) is not None

    def end_all(self) -> None:
        self._open.clear()

    def move(self, old_host: str, to: str, answer: int) -> None:
        """The org lives at `to` (scheme and host) from now on; the old host answers with that status only."""
        new_host = to.partition("://")[2]
        if not new_host or new_host == old_host:
            raise ValueError(f"{to!r} is not the address of another instance")
        self.end_all()
        self._left.add(old_host)
        self._left.discard(new_host)
        self.instance, self.moved_answer = to, answer

    def stay(self) -> None:
        """The org lives where it is asked, and nowhere else ever."""
        self._left.clear()
        self._logins.clear()
        self.instance = None

    def has_left(self, host: str) -> bool:
        return host in self._left
