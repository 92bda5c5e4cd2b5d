"""Experiments: the same person is in the same arm, the arms are as large as they should be, and what came of them."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.hours import Span
from domain.leads import Lead
from router.experiments import Entered, arm_of, compare, difference, wilson
from router.rules import Arm, Assign, Experiment
from tests.router.office import case

TRIAL = Experiment("trial", "person", (Arm("old", 3, Assign(pool="a")), Arm("new", 1, Assign(pool="b"))))


def lead(number: int, email: str) -> Lead:
    one = case().lead
    return replace(one, key=replace(one.key, id=f"00Q{number}"), values={"email": email})


def test_a_person_is_always_in_the_same_arm() -> None:
    arms = {arm_of(TRIAL, lead(number, " Kim@One.example"), frozenset()).name for number in range(50)}
    assert len(arms) == 1


def test_a_company_is_always_in_the_same_arm_and_free_mail_is_no_company() -> None:
    per_company = replace(TRIAL, per="company")
    people = [lead(number, f"p{number}@one.example") for number in range(50)]
    assert len({arm_of(per_company, one, frozenset()).name for one in people}) == 1
    assert len({arm_of(per_company, one, frozenset({"one.example"})).name for one in people}) == 2


def test_arms_have_the_shares_of_their_weights() -> None:
    counted = Counter(arm_of(TRIAL, lead(n, f"p{n}@f{n}.example"), frozenset()).name for n in range(4000))
    assert 0.22 < counted["new"] / 4000 < 0.28


def test_two_experiments_divide_the_same_people_differently() -> None:
    other = replace(TRIAL, name="another")
    both = Counter(
        (arm_of(TRIAL, one, frozenset()).name, arm_of(other, one, frozenset()).name)
        for one in (lead(n, f"p{n}@f{n}.example") for n in range(2000))
    )
    assert len(both) == 4


# --- what came of it ------------------------------------------------------------------------------------------------

FOUR_WEEKS = replace(TRIAL, within=Span(28, "calendar_days"))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def came(unit: str, arm: str, days_ago: int, after: int | None = None) -> Entered:
    at = NOW - timedelta(days=days_ago)
    return Entered(unit, arm, at, None if after is None else at + timedelta(days=after))


def counts(*entered: Entered, experiment: Experiment = FOUR_WEEKS) -> dict[str, tuple[int, int, int]]:
    """(units, whose time is over, who reached it) by arm."""
    return {one.arm: (one.units, one.over, one.reached) for one in compare(experiment, entered, NOW).arms}


@pytest.mark.parametrize(
    ("entered", "old"),
    [
        pytest.param([came("kim", "old", 28, after=27)], (1, 1, 1), id="in time"),
        pytest.param([came("kim", "old", 40, after=28)], (1, 1, 1), id="at the very end"),
        pytest.param([came("kim", "old", 40, after=29)], (1, 1, 0), id="too late"),
        pytest.param([came("kim", "old", 27, after=1)], (1, 0, 0), id="the time is not over: not counted yet"),
        pytest.param([came("kim", "old", 40), came("kim", "old", 20, after=1)], (1, 1, 1), id="by a later lead"),
        pytest.param([came("kim", "old", 20, after=1), came("kim", "old", 60)], (1, 1, 0), id="from the first lead on"),
        pytest.param([came("kim", "old", 40, after=3), came("kim", "old", 39, after=1)], (1, 1, 1), id="twice is once"),
    ],
)
def test_a_person_counts_once_and_only_when_the_whole_time_is_over(
    entered: list[Entered], old: tuple[int, int, int]
) -> None:
    assert counts(*entered) == {"old": old, "new": (0, 0, 0)}


def test_a_person_who_changes_arms_with_the_weights_counts_in_the_first_and_is_told() -> None:
    entered = [came("kim", "new", 40), came("kim", "old", 35, after=1)]
    assert counts(*entered) == {"old": (0, 0, 0), "new": (1, 1, 1)}
    assert compare(FOUR_WEEKS, entered, NOW).moved == 1


def test_an_arm_that_is_no_more_is_still_told() -> None:
    assert counts(came("kim", "third", 40))["third"] == (1, 1, 0)


def test_without_a_time_everybody_is_compared_at_once() -> None:
    assert counts(came("kim", "old", 0, after=0), experiment=TRIAL)["old"] == (1, 1, 1)


def test_nothing_is_compared_before_both_arms_have_somebody_whose_time_is_over() -> None:
    one = compare(FOUR_WEEKS, [came("kim", "old", 40), came("lee", "new", 3)], NOW)
    assert (one.differences, one.arms[1].rate, one.arms[1].interval) == ((), None, None)


@pytest.mark.parametrize(
    ("reached", "of", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)]
)
def test_the_interval_of_a_rate_is_wilsons_as_published(reached: int, of: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17, 1998, p. 857, table I, method 3."""
    assert wilson(reached, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_interval_of_a_difference_is_newcombes_as_published() -> None:
    """Statistics in Medicine 17, 1998, p. 873, table II, method 10: 56/70 and 48/80."""
    by, interval = difference((56, 70), (48, 80))
    assert (by, *interval) == tuple(pytest.approx(each, abs=5e-5) for each in (0.2, 0.0524, 0.3339))


def test_a_difference_is_shown_only_where_its_interval_leaves_out_zero() -> None:
    few = [
        came(f"{arm}{n}", arm, 40, after=1 if n < reached else None)
        for arm, reached in (("old", 2), ("new", 5))
        for n in range(10)
    ]
    many = [replace(one, unit=f"{one.unit} {time}") for one in few for time in range(20)]
    assert [compare(FOUR_WEEKS, entered, NOW).differences[0].shown for entered in (few, many)] == [False, True]


def test_of_several_arms_the_differences_hold_together_and_so_each_is_wider() -> None:
    third = replace(FOUR_WEEKS, arms=(*FOUR_WEEKS.arms, Arm("third", 1, Assign(pool="c"))))
    entered = [came(f"{arm}{n}", arm, 40) for arm in ("old", "new", "third") for n in range(50)]
    two, three = (compare(one, entered[: 100 + more], NOW).differences for one, more in ((FOUR_WEEKS, 0), (third, 50)))
    assert three[0].interval[1] > two[0].interval[1]
    assert [(one.arm, one.against) for one in three] == [("new", "old"), ("third", "old")]
