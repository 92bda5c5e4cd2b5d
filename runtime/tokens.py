"""One account's token for all workers, in Redis: one of them signs in, the others take what it brought.

A CRM that hands out one token at a time would otherwise have the workers end each other's sessions. Where Redis is away
each process signs in for itself.
"""

import json
from collections.abc import Callable
from uuid import uuid4

from redis import Redis

from connectors.base import OwnTokens, Token
from runtime.reachable import Reachable

LOCK_SECONDS = 60.0
"""How long whoever signs in is waited for: longer than a sign-in with its time-outs, which may be two calls of 23
seconds each. Then it is taken for dead."""

LOOK_EVERY = 0.05

KEPT_SECONDS = 3600.0
"""How long a token is kept whose end the CRM does not tell."""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
"""Only who holds the lock gives it back: it may have run out and be another's by now."""


class RedisTokens:
    """`connectors.base.Tokens` of one account. `clock` is machine time (Unix seconds)."""

    def __init__(
        self,
        redis: "Redis",
        account: str,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
        reachable: Reachable,
    ) -> None:
        self._redis, self._clock, self._sleep, self._reachable = redis, clock, sleep, reachable
        self._token, self._lock = f"fairlead:token:{account}", f"fairlead:token:{account}:lock"
        self._release = redis.register_script(RELEASE)
        self._own = OwnTokens()

    def current(self) -> Token | None:
        """As `Tokens.current`; this process's own where Redis is away or was emptied."""
        text = self._reachable.ask(lambda: self._redis.get(self._token))
        return _read(str(text)) if text else self._own.current()

    def renewed(self, stale: Token | None, sign_in: Callable[[], Token]) -> Token:
        """As `Tokens.renewed`. It waits for another's sign-in for as long as that may last, and raises what `sign_in`
        raises: the next in line tries for itself then."""
        me = uuid4().hex
        gives_up = self._clock() + LOCK_SECONDS
        while True:
            found = self.current()
            if found is not None and found != stale:
                return found
            mine = self._reachable.ask(
                lambda: bool(self._redis.set(self._lock, me, nx=True, px=int(LOCK_SECONDS * 1000)))
            )
            if mine is None or self._clock() >= gives_up:
                return self._keep(self._own.renewed(stale, sign_in))
            if mine:
                break
            self._sleep(LOOK_EVERY)
        try:
            # Between the look and the lock another may have brought one.
            found = self.current()
            if found is not None and found != stale:
                return found
            return self._keep(self._own.renewed(self._own.current(), sign_in))
        finally:
            self._reachable.ask(lambda: self._release(keys=[self._lock], args=[me]))

    def _keep(self, token: Token) -> Token:
        lasts = (token.ends_at - self._clock()) if token.ends_at is not None else KEPT_SECONDS
        if lasts > 0:
            text = json.dumps([token.value, dict(token.facts), token.ends_at])
            self._reachable.ask(lambda: self._redis.set(self._token, text, px=max(1, int(lasts * 1000))))
        return token


def _read(text: str) -> Token:
    value, facts, ends_at = json.loads(text)
    return Token(value, facts, ends_at)
