"""What the demo counts at its end, from the owners that a CRM remembers; and the storms that it knows."""

from pathlib import Path
from typing import Any

import pytest

from scripts.demo.owners import given, overwritten
from tests.runtime.installation import fairlead

ANA, BEN, QUEUE = "005A", "005B", "00GQ"
PEOPLE = {ANA, BEN}


def us(owner: str | None) -> dict[str, Any]:
    return {"owner": owner, "by": "api"}


def person(owner: str | None) -> dict[str, Any]:
    return {"owner": owner, "by": "person"}


@pytest.mark.parametrize(
    ("changes", "wronged"),
    [
        pytest.param([], False, id="nothing happened"),
        pytest.param([us(ANA), us(BEN)], False, id="handed on, and nobody had chosen"),
        pytest.param([us(ANA), person(BEN)], False, id="a person has the last word"),
        pytest.param([person(BEN), us(ANA)], True, id="our write won"),
        pytest.param([person(BEN), us(BEN)], False, id="we wrote the owner whom a person had chosen"),
        pytest.param([person(BEN), us(ANA), us(BEN)], False, id="put back"),
        pytest.param([person(BEN), us(ANA), us(QUEUE)], True, id="put back to somebody else"),
        pytest.param([person(BEN), us(ANA), person(ANA)], True, id="another choice does not heal the first"),
        pytest.param([person(None), us(ANA)], True, id="nobody is a choice too"),
    ],
)
def test_a_choice_is_overwritten_where_ours_came_after_it_and_stayed(changes: list[Any], wronged: bool) -> None:
    assert overwritten(changes) is wronged


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        pytest.param([], 0, id="nothing happened"),
        pytest.param([us(QUEUE), us(ANA)], 1, id="a queue is nobody"),
        pytest.param([us(ANA), us(ANA)], 1, id="the same write twice"),
        pytest.param([us(ANA), us(BEN)], 2, id="handed on"),
        pytest.param([us(ANA), person(BEN)], 1, id="taken afterwards"),
        pytest.param([person(BEN), us(ANA), us(BEN)], 0, id="written over a choice that was put back"),
        pytest.param([us(ANA), person(BEN), us(ANA)], 2, id="written again over a choice"),
    ],
)
def test_a_lead_was_given_as_often_as_our_owners_stayed(changes: list[Any], times: int) -> None:
    assert given(changes, PEOPLE) == times


def test_a_storm_that_is_not_known_is_wrong_usage_that_names_those_that_are(tmp_path: Path) -> None:
    ran = fairlead(tmp_path, "demo", "--faults", "strom")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'strom' is not" in ran.stderr
    assert "'storm'" in ran.stderr
