"""Business time and the rules of faults, with real time moved by hand."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from sandbox import latency
from sandbox.clock import BusinessClock
from sandbox.faults import NOTHING, Asked, Faults, Strike
from sandbox.storms import STORMS
from sandbox.trouble import DropBefore, Status

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
CALL = Asked("salesforce", "PATCH", "/services/data/v59.0/composite/sobjects", b'{"records": []}')
STRUCK, SPARED = True, False


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


def struck(faults: Faults, calls: int) -> list[bool]:
    """Which of so many equal calls a fault struck."""
    return [faults.strike(CALL) != NOTHING for _ in range(calls)]


def test_a_fault_for_a_while_ends_with_it() -> None:
    real = RealTime()
    faults = Faults(real=real)
    faults.add({"for_seconds": 20, "do": {"status": 429, "retry_after": 1}})
    assert struck(faults, 3) == [STRUCK] * 3

    real.seconds += 20

    assert faults.strike(CALL) == NOTHING


def test_a_fault_can_begin_later_and_lasts_from_then_on() -> None:
    real = RealTime()
    faults = Faults(real=real)
    faults.add({"after_seconds": 10, "for_seconds": 20, "do": {"status": 429}})

    seen = []
    for seconds in (9, 1, 19, 1):
        real.seconds += seconds
        seen += struck(faults, 1)

    assert seen == [SPARED, STRUCK, STRUCK, SPARED]


def test_a_fault_strikes_once_unless_it_is_told_how_often() -> None:
    faults = Faults()
    faults.add({"do": {"drop_before": True}})

    assert [faults.strike(CALL).ending for _ in range(2)] == [DropBefore(), None]


def test_every_third_call_is_struck_for_ever() -> None:
    faults = Faults()
    faults.add({"every": 3, "do": {"drop_after_write": True}})

    assert struck(faults, 6) == [SPARED, SPARED, STRUCK] * 2


def test_every_third_call_is_struck_after_the_skipped_ones_and_as_often_as_told() -> None:
    faults = Faults()
    faults.add({"every": 3, "skip": 1, "times": 2, "do": {"drop_after_write": True}})

    assert [at for at, hit in enumerate(struck(faults, 12)) if hit] == [3, 6]


def test_a_fault_finds_its_calls_by_a_part_of_their_body() -> None:
    faults = Faults()
    faults.add({"body": "Émile", "do": {"status": 500}})
    calls = [Asked("hubspot", "POST", "/crm/v3/objects/contacts", name.encode()) for name in ("Emile", "Émile")]

    assert [faults.strike(call).ending for call in calls] == [None, Status(500)]


def test_the_same_seed_and_the_same_calls_give_the_same_faults() -> None:
    seen = []
    for seed in (7, 7, 8):
        faults = Faults(seed)
        faults.add({"probability": 0.5, "do": {"latency": {"uniform": [0, 1]}}})
        seen.append([faults.strike(CALL) for _ in range(50)])

    assert seen[0] == seen[1] != seen[2]


def test_calls_that_a_rule_does_not_describe_do_not_change_its_chance() -> None:
    alone, in_company = Faults(7), Faults(7)
    for faults in (alone, in_company):
        faults.add({"crm": "salesforce", "probability": 0.5, "do": {"status": 500}})
        faults.add({"crm": "hubspot", "probability": 0.5, "do": {"status": 500}})
    seen = []
    for _ in range(50):
        in_company.strike(Asked("hubspot", "GET", "/crm/v3/owners"))
        seen.append(in_company.strike(CALL))

    assert seen == [alone.strike(CALL) for _ in range(50)]


def test_clearing_the_faults_starts_chance_again() -> None:
    faults = Faults(7)
    seen = []
    for _ in range(2):
        faults.clear()
        faults.add({"probability": 0.5, "do": {"status": 500}})
        seen.append(struck(faults, 50))

    assert seen[0] == seen[1]


def test_a_probability_is_kept_to() -> None:
    faults = Faults()
    faults.add({"probability": 0.1, "do": {"status": 500}})

    assert 60 < sum(struck(faults, 1000)) < 140


def test_latencies_add_up_and_the_oldest_of_the_rest_wins() -> None:
    faults = Faults()
    for do in ({"latency": 1}, {"status": 500}, {"status": 503}, {"latency": 2}):
        faults.add({"do": do})

    assert faults.strike(CALL) == Strike(Status(500), latency=3, names=("latency", "status"))
    assert faults.strike(CALL) == Strike(Status(503), names=("status",))


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        pytest.param([], "an object", id="no rule at all"),
        pytest.param({}, "needs 'do'", id="nothing to do"),
        pytest.param({"do": {"stats": 500}}, "stats", id="a misspelt trouble"),
        pytest.param({"evry": 3, "do": {"status": 500}}, "evry", id="a misspelt part"),
        pytest.param({"do": {"status": 500, "drop_before": True}}, "one way only", id="two endings"),
        pytest.param({"do": {"retry_after": 3}}, "goes with a status", id="a wait without a refusal"),
        pytest.param({"do": {"status": "500"}}, "a status is '500'", id="a status as text"),
        pytest.param({"do": {"drop_before": 1}}, "drop_before is 1", id="a switch that is a number"),
        pytest.param({"do": {"cut_after": -1}}, "cut_after is -1", id="less than nothing"),
        pytest.param({"do": {"apply_late": {"seconds": 3, "time": "local"}}}, "real or business", id="a third time"),
        pytest.param({"do": {"apply_late": {"minutes": 3}}}, "minutes", id="a misspelt wait"),
        pytest.param({"do": {"latency": {"normal": 3}}}, "lognormal", id="a distribution that is not known"),
        pytest.param({"do": {"latency": {"uniform": [3, 1]}}}, "latency is", id="a distribution upside down"),
        pytest.param({"do": {"date": "a\nb"}}, "date is", id="a header of two lines"),
        pytest.param({"every": 0, "do": {"status": 500}}, "every is 0", id="every none"),
        pytest.param({"probability": 2, "do": {"status": 500}}, "from 0 to 1", id="more than certain"),
        pytest.param({"times": 1.5, "do": {"status": 500}}, "times is 1.5", id="one and a half times"),
        pytest.param({"for_seconds": "20", "do": {"status": 500}}, "for_seconds is '20'", id="seconds as text"),
        pytest.param({"method": "FETCH", "do": {"status": 500}}, "method is 'FETCH'", id="a method that is none"),
        pytest.param({"path": 3, "do": {"status": 500}}, "path is 3", id="a path that is a number"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_by_name(wish: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Faults().add(wish)


@pytest.mark.parametrize("storm", STORMS)
def test_every_named_collection_is_understood(storm: str) -> None:
    assert len(Faults().begin(storm)) == len(STORMS[storm])


def test_a_collection_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="'storm'"):
        Faults().begin("strom")


def test_a_lognormal_latency_has_the_percentiles_that_were_asked_for() -> None:
    chance, seconds = Random(7), latency.read({"lognormal": {"p50": 0.05, "p99": 1.0}})

    drawn = sorted(seconds(chance) for _ in range(10_000))

    assert drawn[5_000] == pytest.approx(0.05, rel=0.1)
    assert drawn[9_900] == pytest.approx(1.0, rel=0.2)


@pytest.mark.parametrize("wish", [0.2, {"fixed": 0.2}, {"uniform": [0.2, 0.2]}], ids=["number", "fixed", "uniform"])
def test_a_latency_is_seconds_however_it_is_written(wish: Any) -> None:
    assert latency.read(wish)(Random(7)) == 0.2
