"""Weights from conversion: beside the pool's usual rate, and a few leads prove little."""

import pytest

from router.results import from_conversions


def test_whoever_converts_twice_as_often_comes_near_a_result_of_two_with_many_leads() -> None:
    found = from_conversions({"ana": (2000, 400), "ben": (2000, 100), "cho": (2000, 100)})

    assert found == {rep: pytest.approx(result, abs=0.01) for rep, result in (("ana", 2.0), ("ben", 0.5), ("cho", 0.5))}


def test_one_lead_that_converted_proves_little() -> None:
    found = from_conversions({"ana": (1, 1), "ben": (99, 9)})

    assert found["ana"] == pytest.approx((1 + 20 * 0.1) / 21 / 0.1)


@pytest.mark.parametrize("of", [{}, {"ana": (0, 0), "ben": (0, 0)}, {"ana": (5, 0), "ben": (0, 0)}])
def test_without_any_conversion_all_are_as_usual(of: dict[str, tuple[int, int]]) -> None:
    assert from_conversions(of) == dict.fromkeys(of, 1.0)
