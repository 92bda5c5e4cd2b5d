"""One token for all workers of an account."""

import threading
from collections.abc import Callable, Iterator

import pytest
import structlog
from redis import Redis

from connectors.base import NotSignedIn, Token
from connectors.wire import TIMEOUT
from runtime.reachable import Reachable
from runtime.tokens import LOCK_SECONDS, RedisTokens
from tests.runtime.test_budget import NINE, NOWHERE, Clock

Opened = Callable[..., RedisTokens]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(redis_url: str, clock: Clock) -> Iterator[Opened]:
    """What several workers hold of one account's token."""
    clients: list[Redis] = []

    def open_(url: str = redis_url, sleep: Callable[[float], object] | None = None) -> RedisTokens:
        client = Redis.from_url(url, retry=None, decode_responses=True)
        clients.append(client)
        reachable = Reachable(clock, structlog.get_logger())
        return RedisTokens(client, "hubspot:1", clock, sleep or clock.sleep, reachable)

    yield open_
    for client in clients:
        client.close()


class Door:
    """Signs in, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Token:
        self.times += 1
        return Token(f"token {self.times}", {"instance": "https://na1.example"}, NINE + 1800)


SIGN_IN_CALLS = 2
"""The most that a sign-in asks: Salesforce's token, and the organisation's id."""


def test_whoever_signs_in_holds_the_lock_for_as_long_as_that_may_take() -> None:
    assert SIGN_IN_CALLS * sum(TIMEOUT) < LOCK_SECONDS


def never() -> Token:
    raise AssertionError("nobody had to sign in")


def test_what_one_worker_brought_the_others_take(opened: Opened) -> None:
    brought = opened().renewed(None, Door())
    assert opened().renewed(None, never) == brought


def test_nobody_has_a_token_before_the_first_sign_in(opened: Opened) -> None:
    assert opened().current() is None


def test_a_stale_token_is_renewed_once_for_all(opened: Opened) -> None:
    door, tokens, others = Door(), opened(), opened()
    stale = tokens.renewed(None, door)
    renewed = tokens.renewed(stale, door)
    assert (others.renewed(stale, never), renewed.value) == (renewed, "token 2")


def test_of_many_workers_at_once_only_one_signs_in(opened: Opened) -> None:
    door, together, brought = Door(), threading.Barrier(8), []

    def work(tokens: RedisTokens) -> None:
        together.wait()
        brought.append(tokens.renewed(None, door))

    # Redis answers in real time, and so waits must be real, if short.
    workers = [threading.Thread(target=work, args=(opened(sleep=threading.Event().wait),)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (door.times, {token.value for token in brought}) == (1, {"token 1"})


def test_one_who_died_while_signing_in_is_waited_for_at_most_that_long(
    opened: Opened, redis_url: str, clock: Clock
) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("fairlead:token:hubspot:1:lock", "whoever died", px=600_000)
    assert opened().renewed(None, Door()).value == "token 1"
    assert clock.now - NINE == pytest.approx(LOCK_SECONDS, abs=0.1)


def test_a_sign_in_that_fails_leaves_the_door_to_the_next(opened: Opened) -> None:
    def refused() -> Token:
        raise NotSignedIn("the secret is wrong")

    with pytest.raises(NotSignedIn):
        opened().renewed(None, refused)
    assert opened().renewed(None, Door()).value == "token 1"


def test_a_lock_that_has_become_another_s_is_not_given_back(opened: Opened, redis_url: str) -> None:
    with Redis.from_url(redis_url, decode_responses=True) as client:

        def slow() -> Token:
            client.set("fairlead:token:hubspot:1:lock", "another")
            return Door()()

        opened().renewed(None, slow)
        assert client.get("fairlead:token:hubspot:1:lock") == "another"


def test_a_token_lies_in_redis_no_longer_than_it_is_good_for(opened: Opened, redis_url: str) -> None:
    opened().renewed(None, Door())
    with Redis.from_url(redis_url) as client:
        assert 0 < client.ttl("fairlead:token:hubspot:1") <= 1800  # type: ignore[operator]


def test_without_redis_each_process_signs_in_for_itself(opened: Opened) -> None:
    door, tokens = Door(), opened(NOWHERE)
    stale = tokens.renewed(None, door)
    assert (tokens.current(), tokens.renewed(stale, door).value) == (stale, "token 2")


def test_an_emptied_redis_costs_nothing_but_the_token_of_the_others(opened: Opened, redis_url: str) -> None:
    tokens = opened()
    brought = tokens.renewed(None, Door())
    with Redis.from_url(redis_url) as client:
        client.flushall()
    assert tokens.current() == brought
