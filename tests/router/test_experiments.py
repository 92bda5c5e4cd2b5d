"""Experiments: the same person is in the same arm, and the arms are as large as they should be."""

from collections import Counter
from dataclasses import replace

from domain.leads import Lead
from router.experiments import arm_of
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
