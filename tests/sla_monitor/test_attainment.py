"""What people have kept of what was promised: a rate instead of a number, streaks, and what nobody answers for."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.clocks import ClockKind
from domain.hours import Span
from sla_monitor.attainment import Chronic, Count, Ended, attained, in_words, is_chronic, streaks

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TENTH = Chronic(0.1, 20, Span(30, "calendar_days"), 10)


@pytest.mark.parametrize(
    ("count", "chronic"),
    [
        pytest.param(Count(20, 2), True, id="a tenth of enough"),
        pytest.param(Count(30, 3), True, id="a tenth exactly, whatever floats make of it"),
        pytest.param(Count(19, 19), False, id="too few to tell"),
        pytest.param(Count(200, 19), False, id="many breaches of very many leads"),
        pytest.param(Count(0, 0), False, id="nothing at all"),
    ],
)
def test_a_habit_is_a_rate_of_at_least_so_many_promises(count: Count, chronic: bool) -> None:
    assert is_chronic(count, TENTH) is chronic


def test_the_words_tell_the_numbers_and_the_way_out() -> None:
    said = "4 of 30 promises broken (13%) within 30 calendar days; until 10 are met in a row"
    assert in_words(Count(30, 4), TENTH) == said


def ended(minute: int, cause: str | None = None, *, retracted: bool = False) -> Ended:
    at = NINE + timedelta(minutes=minute)
    met_at = None if cause else at
    return Ended("ana", ClockKind.FIRST_RESPONSE, at, met_at, cause, retracted, None if cause else minute * 60.0)


def test_only_one_s_own_breaches_end_a_streak_and_count() -> None:
    found = attained(
        [
            ended(4),
            ended(1),
            ended(2, "owner did not act"),
            ended(3),
            ended(5, "owner absent"),
            ended(6, retracted=True),
        ]
    )

    assert (found.owed, found.met, found.broken, found.retracted) == (6, 4, 1, 1)
    assert (found.streak, found.longest) == (3, 3)
    assert found.causes == {"owner did not act": 1, "owner absent": 1}
    assert found.median_seconds == 3.5 * 60


def test_a_streak_is_what_was_met_last_and_the_longest_may_be_an_older_one() -> None:
    assert streaks([True, True, True, False, True]) == (1, 3)
    assert streaks([]) == (0, 0)
