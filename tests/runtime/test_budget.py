"""One budget for all workers: what the CRM counts is never too much, and hot leads never wait for an import."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from connectors.base import Lane, Limits, Told, TryLater, Window, lane
from runtime.budget import BLINK, DAY_TOLD_FOR, RedisBudget
from runtime.own_budget import OwnBudget
from runtime.reachable import LEFT_ALONE_SECONDS, Reachable
from runtime.reserves import Reserves

NINE = 1_795_000_000.0
LIMITS = Limits(calls=Window(190, 10), searches=Window(5, 1, others=1))
NOWHERE = "redis://127.0.0.1:9/0"


@dataclass
class Clock:
    """Machine time that moves by hand, and by what is slept."""

    now: float = NINE
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


Opened = Callable[..., RedisBudget]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(redis_url: str, clock: Clock) -> Iterator[Opened]:
    """Budgets of workers of one account on an empty server; by default on one clock."""
    clients: list[Redis] = []

    def open_(url: str = redis_url, limits: Limits = LIMITS, workers: int = 2, log: Any = None) -> RedisBudget:
        client = Redis.from_url(url, retry=None, decode_responses=True)
        clients.append(client)
        reachable = Reachable(clock, log or structlog.get_logger())
        alone = OwnBudget(limits, workers, clock)
        return RedisBudget(client, "hubspot:1", limits, Reserves(), clock, clock.sleep, reachable, alone)

    yield open_
    for client in clients:
        client.close()


def takes(budget: RedisBudget, lane_: Lane, times: int, what: Any = "call") -> int:
    """How many of so many calls, asked for at once, are allowed."""
    allowed = 0
    with lane(lane_):
        for _ in range(times):
            try:
                budget.take(what)
                allowed += 1
            except TryLater:
                pass
    return allowed


def wait_of(budget: RedisBudget, lane_: Lane = "hot", what: Any = "call") -> float:
    """For how long this lane is told to wait."""
    with lane(lane_), pytest.raises(TryLater) as told:
        budget.take(what)
    assert told.value.after is not None
    return told.value.after


# --- what the CRM counts


@dataclass
class Simulated:
    """Workers that ask for calls one after the other, over a network that is now slow and now quick."""

    arrived: list[float] = field(default_factory=list)
    hot_waits: list[float] = field(default_factory=list)
    lanes: Counter[str] = field(default_factory=Counter)


def simulate(
    budget: RedisBudget,
    clock: Clock,
    lanes: Sequence[Lane],
    what: Any,
    seconds: float,
    seed: int,
    jitter: float,
    rest: float = 2.0,
) -> Simulated:
    """Each worker's call lasts from 20 to 120 ms; one of the hot lane then rests for up to `rest` seconds."""
    chance, found = random.Random(seed), Simulated()
    waiting = [(NINE + chance.random(), number) for number in range(len(lanes))]
    heapq.heapify(waiting)
    while waiting[0][0] < NINE + seconds:
        at, number = heapq.heappop(waiting)
        clock.now = at
        with lane(lanes[number]):
            try:
                budget.take(what)
            except TryLater as later:
                if lanes[number] == "hot":
                    found.hot_waits.append(later.after or 0)
                heapq.heappush(waiting, (at + (later.after or 0) + chance.random() / 10, number))
                continue
        found.lanes[lanes[number]] += 1
        found.arrived.append(clock.now + 0.01 + chance.random() * jitter)
        thinks = chance.uniform(rest / 4, rest) if lanes[number] == "hot" else 0.0
        heapq.heappush(waiting, (clock.now + chance.uniform(0.02, 0.12) + thinks, number))
    found.arrived.sort()
    return found


def busiest(arrived: Sequence[float], seconds: float) -> int:
    """The most calls in any sliding window of this length."""
    first = most = 0
    for last, at in enumerate(arrived):
        while arrived[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


workers = st.lists(st.sampled_from(["hot", "bulk", "bulk"]), min_size=1, max_size=12)
QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@QUICK
@given(workers, st.integers(0, 2**32))
def test_no_ten_seconds_ever_hold_more_calls_than_the_limit(
    opened: Opened, clock: Clock, redis_url: str, lanes: list[Lane], seed: int
) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushall()
    found = simulate(opened(), clock, lanes, "call", 40, seed, jitter=0.25)
    assert busiest(found.arrived, 10) <= 190


@QUICK
@given(st.integers(0, 2**32))
def test_no_ten_seconds_hold_more_than_the_limit_when_many_hot_leads_come_at_once(
    opened: Opened, clock: Clock, redis_url: str, seed: int
) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushall()
    found = simulate(opened(), clock, ["hot"] * 12, "call", 40, seed, jitter=0.25, rest=0)
    assert busiest(found.arrived, 10) <= 190


@QUICK
@given(workers, st.integers(0, 2**32))
def test_no_second_ever_holds_more_searches_than_are_ours(
    opened: Opened, clock: Clock, redis_url: str, lanes: list[Lane], seed: int
) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushall()
    found = simulate(opened(), clock, lanes, "search", 20, seed, jitter=0.1)
    assert busiest(found.arrived, 1) <= 4


def test_hot_calls_beside_an_import_of_many_workers_go_at_once(opened: Opened, clock: Clock) -> None:
    found = simulate(opened(), clock, ["bulk"] * 10 + ["hot"] * 2, "call", 60, seed=4, jitter=0.1)
    assert (found.lanes["hot"] > 50, found.hot_waits) == (True, [])


@pytest.mark.parametrize("number", [1, 2, 8])
def test_an_import_uses_more_than_eighty_percent_of_the_limit(opened: Opened, clock: Clock, number: int) -> None:
    with_workers = ["bulk"] * max(2, number)
    found = simulate(opened(), clock, with_workers, "call", 60, seed=4, jitter=0.1)  # type: ignore[arg-type]
    assert found.lanes["bulk"] / 60 >= 0.8 * 190 / 10


def test_an_import_is_spread_and_not_sent_as_it_comes(opened: Opened, clock: Clock) -> None:
    found = simulate(opened(), clock, ["bulk"] * 10, "call", 10, seed=4, jitter=0.0)
    assert busiest(found.arrived, 1) <= 19


def test_turns_of_an_import_that_nobody_could_use_are_made_up_for(opened: Opened, clock: Clock) -> None:
    budget = opened()
    takes(budget, "bulk", 1)
    clock.now += 0.2
    takes(budget, "bulk", 3)
    assert clock.slept == []


def test_no_more_than_a_blink_of_an_import_s_turns_is_made_up_for(opened: Opened, clock: Clock) -> None:
    budget = opened()
    takes(budget, "bulk", 1)
    clock.now += 5
    takes(budget, "bulk", 6)
    assert 0 < sum(clock.slept) < 0.1


def test_nobody_waits_for_longer_than_a_blink(opened: Opened, clock: Clock) -> None:
    simulate(opened(), clock, ["bulk"] * 10 + ["hot"] * 2, "call", 20, seed=4, jitter=0.1)
    assert 0 < max(clock.slept) <= BLINK


@pytest.mark.parametrize("name", ["hot", "bulk"])
def test_a_worker_that_searches_alone_gets_through(opened: Opened, name: Lane) -> None:
    assert takes(opened(), name, 20, "search") == 20


def test_the_wait_that_is_told_is_exactly_long_enough(opened: Opened, clock: Clock) -> None:
    budget = opened()
    assert takes(budget, "hot", 200) == 190
    clock.now += wait_of(budget) + 0.000_01
    assert takes(budget, "hot", 1) == 1


def test_the_wait_is_long_enough_where_the_limit_has_become_smaller(opened: Opened, clock: Clock) -> None:
    budget = opened()
    takes(budget, "hot", 10)
    clock.now += 5
    takes(budget, "hot", 100)
    budget.told([Told("ten_seconds", 50, None)])
    clock.now += wait_of(budget) + 0.000_01
    assert clock.now - NINE > 15


def test_workers_of_one_account_share_one_limit(opened: Opened) -> None:
    assert takes(opened(), "hot", 100) + takes(opened(), "hot", 100) == 190


def test_a_limit_that_no_answer_has_told_is_none_where_the_crm_has_none(opened: Opened) -> None:
    assert takes(opened(limits=Limits()), "bulk", 500) == 500


# --- what answers tell


def test_a_limit_that_an_answer_tells_takes_the_place_of_the_expected_one(opened: Opened) -> None:
    budget = opened()
    budget.told([Told("ten_seconds", 110, 110)])
    assert takes(budget, "hot", 200) == 110


def test_what_others_have_used_is_not_used_again(opened: Opened) -> None:
    budget = opened()
    assert takes(budget, "hot", 40) == 40
    budget.told([Told("ten_seconds", 190, 50)])
    assert takes(budget, "hot", 200) == 50


def test_what_others_have_used_is_forgotten_with_its_window(opened: Opened, clock: Clock) -> None:
    budget = opened()
    budget.told([Told("ten_seconds", 190, 0)])
    clock.now += wait_of(budget) + 0.000_01
    assert takes(budget, "hot", 1) == 1


def test_a_redis_that_was_emptied_learns_from_the_next_answer(opened: Opened, redis_url: str) -> None:
    budget = opened()
    assert takes(budget, "hot", 180) == 180
    with Redis.from_url(redis_url) as client:
        client.flushall()
    budget.told([Told("ten_seconds", 190, 10)])
    assert takes(budget, "hot", 200) == 10


@pytest.mark.parametrize(
    ("left", "hot", "bulk"),
    [
        pytest.param(15_001, 1, 1, id="there is enough for everybody"),
        pytest.param(15_000, 1, 0, id="what is kept for hot leads is left alone by bulk"),
        pytest.param(5_000, 0, 0, id="what is kept for other tools is left alone by all"),
    ],
)
def test_the_last_calls_of_a_day_are_kept(opened: Opened, left: int, hot: int, bulk: int) -> None:
    budget = opened()
    budget.told([Told("day", 100_000, left)])
    assert (takes(budget, "hot", 1), takes(budget, "bulk", 1)) == (hot, bulk)


def test_a_day_that_has_become_better_is_believed(opened: Opened) -> None:
    budget = opened()
    budget.told([Told("day", 100_000, 0)])
    budget.told([Told("day", 100_000, 99_000)])
    assert takes(budget, "bulk", 1) == 1


def test_somebody_asks_again_whether_a_day_is_over(opened: Opened, clock: Clock) -> None:
    budget = opened()
    budget.told([Told("day", 100_000, 0)])
    assert wait_of(budget) == pytest.approx(DAY_TOLD_FOR)
    clock.now += DAY_TOLD_FOR
    assert takes(budget, "hot", 1) == 1


def test_a_refusal_holds_for_everybody_until_it_is_over(opened: Opened, clock: Clock) -> None:
    opened().refused("call", 12)
    assert wait_of(opened()) == pytest.approx(12)
    clock.now += 12
    assert takes(opened(), "bulk", 1) == 1


def test_a_shorter_refusal_does_not_end_a_longer_one(opened: Opened) -> None:
    budget = opened()
    budget.refused("call", 60)
    budget.refused("call", 1)
    assert wait_of(budget) == pytest.approx(60)


def test_a_refused_search_does_not_hold_up_calls(opened: Opened) -> None:
    budget = opened()
    budget.refused("search", 12)
    assert takes(budget, "hot", 1) == 1


# --- without Redis


def test_without_redis_each_process_keeps_to_its_part(opened: Opened) -> None:
    assert takes(opened(NOWHERE, workers=4), "hot", 100) == 47


def test_without_redis_a_refusal_still_holds(opened: Opened) -> None:
    budget = opened(NOWHERE)
    budget.refused("call", 12)
    assert wait_of(budget) == pytest.approx(12)


def test_a_redis_that_is_away_is_logged_once(opened: Opened, clock: Clock) -> None:
    with structlog.testing.capture_logs() as logged:
        budget = opened(NOWHERE, log=structlog.get_logger())
        takes(budget, "hot", 5)
        clock.now += LEFT_ALONE_SECONDS
        takes(budget, "hot", 5)
    assert [line["event"] for line in logged] == ["Redis is away: each process keeps to its part of the limits"]


# --- what status shows


def test_how_it_stands_is_told(opened: Opened, clock: Clock) -> None:
    budget = opened()
    budget.told([Told("day", 100_000, 99_000)])
    takes(budget, "hot", 30)
    budget.refused("call", 20)
    standing = budget.standing()
    assert (standing.left_today, standing.a_day, standing.in_window, standing.window_limit) == (
        99_000,
        100_000,
        30,
        190,
    )
    assert standing.refused_until == NINE + 20


def test_the_rate_is_the_mean_of_the_minutes_since_the_first_call(opened: Opened, clock: Clock) -> None:
    clock.now = NINE - NINE % 60
    budget = opened()
    for _ in range(3):
        takes(budget, "hot", 40)
        clock.now += 60
    assert budget.standing().per_minute == pytest.approx(40)


def test_a_budget_that_nobody_has_used_says_so(opened: Opened) -> None:
    standing = opened().standing()
    assert (standing.left_today, standing.per_minute, standing.refused_until) == (None, 0.0, None)
