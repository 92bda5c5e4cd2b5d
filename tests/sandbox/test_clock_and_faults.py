"""Business time and the rules of faults, with real time moved by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import BusinessClock
from sandbox.faults import NOTHING, Faults, Trouble

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
CALL = ("salesforce", "PATCH", "/services/data/v59.0/composite/sobjects")


class RealTime:
    """Seconds on a clock that only a test moves."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_business_time_passes_at_its_own_speed() -> None:
    real = RealTime()
    clock = BusinessClock(NINE, 60, real)

    real.seconds += 2

    assert clock.now() == NINE + timedelta(minutes=2)


def test_a_new_speed_counts_from_the_moment_it_is_set() -> None:
    real = RealTime()
    clock = BusinessClock(NINE, 3600, real)
    real.seconds += 1
    clock.set(clock.now(), 0)

    real.seconds += 1000

    assert clock.now() == NINE + timedelta(hours=1)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        BusinessClock(NINE, -1)


def test_a_fault_for_a_while_ends_with_it() -> None:
    real = RealTime()
    faults = Faults(real)
    faults.add({"for_seconds": 20, "do": {"status": 429, "retry_after": 1}})
    assert [faults.strike(*CALL).status for _ in range(3)] == [429, 429, 429]

    real.seconds += 20

    assert faults.strike(*CALL) == NOTHING


def test_a_fault_strikes_once_unless_it_is_told_how_often() -> None:
    faults = Faults()
    faults.add({"do": {"drop_before": True}})

    assert [faults.strike(*CALL).drop_before for _ in range(2)] == [True, False]


def test_latencies_add_up_and_the_oldest_of_the_rest_wins() -> None:
    faults = Faults()
    for do in ({"latency": 1}, {"status": 500}, {"status": 503}, {"latency": 2}):
        faults.add({"do": do})

    assert faults.strike(*CALL) == Trouble(latency=3, status=500)
    assert faults.strike(*CALL) == Trouble(status=503)
