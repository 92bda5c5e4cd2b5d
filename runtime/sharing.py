"""What the workers of a CRM account have in common: one budget and one token, in the Redis of the queue."""

import time
from typing import Any

from redis import Redis

from connectors.base import Credentials, Limits, Shared
from runtime.budget import RedisBudget, account_key
from runtime.clocks import machine_now
from runtime.own_budget import OwnBudget
from runtime.reachable import Reachable
from runtime.reserves import Reserves
from runtime.tokens import RedisTokens

TIMEOUT_SECONDS = 1.0


class Sharing:
    """Opens the shared parts of accounts on one Redis, for one of so many `workers`."""

    def __init__(self, redis_url: str, workers: int, reserves: Reserves, log: Any) -> None:
        # As in runtime.wakes: one try, for a call waits for the answer.
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=None,
            decode_responses=True,
        )
        self._workers, self._reserves = workers, reserves
        self._reachable = Reachable(_seconds, log)

    def of_account(self, crm: str, credentials: Credentials, limits: Limits) -> Shared:
        """What all who sign in with these credentials share; nothing is asked yet."""
        account = account_key(crm, credentials)
        tokens = RedisTokens(self._redis, account, _seconds, time.sleep, self._reachable)
        return Shared(self.budget(account, limits), tokens)

    def budget(self, account: str, limits: Limits) -> RedisBudget:
        """The budget behind `of_account`, to look at."""
        alone = OwnBudget(limits, self._workers, _seconds)
        return RedisBudget(self._redis, account, limits, self._reserves, _seconds, time.sleep, self._reachable, alone)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def _seconds() -> float:
    return machine_now().timestamp()
