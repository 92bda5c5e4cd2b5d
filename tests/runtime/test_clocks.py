"""Business time and machine time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.clocks import REAL_TIME, BusinessClock, parse

MONDAY_NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
EPOCH = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 10**15).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def test_a_minute_is_an_hour_at_speed_sixty() -> None:
    clock = BusinessClock(MONDAY_NINE, 60.0, EPOCH)
    assert clock.at(EPOCH + timedelta(minutes=1)) == MONDAY_NINE + timedelta(hours=1)


def test_business_time_stands_still_at_speed_zero() -> None:
    clock = BusinessClock(MONDAY_NINE, 0.0, EPOCH)
    assert clock.at(EPOCH + timedelta(days=3)) == MONDAY_NINE


def test_business_time_is_real_time_where_nothing_else_is_said() -> None:
    assert REAL_TIME.at(EPOCH) == EPOCH


@given(
    MOMENTS,
    st.floats(0, 10_000),
    MOMENTS,
)
def test_every_process_that_is_told_the_clock_tells_the_same_time(
    start: datetime, speed: float, epoch: datetime
) -> None:
    clock = BusinessClock(start, speed, epoch)
    assert parse(str(clock)) == clock


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("2026-06-01T09:00:00Z,60", "three parts", id="no epoch"),
        pytest.param("2026-06-01T09:00:00,60,0", "names no time zone", id="no time zone"),
        pytest.param("2026-06-01T09:00:00Z,-1,0", "does not run backwards", id="backwards"),
        pytest.param("2026-06-01T09:00:00Z,nan,0", "does not run backwards", id="not a number"),
        pytest.param("yesterday,60,0", "yesterday", id="no time at all"),
    ],
)
def test_a_clock_that_makes_no_sense_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(text)
