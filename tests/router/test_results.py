"""Weights from conversion: beside the pool's usual rate, and a few leads prove little."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.conditions import Facts
from router.results import REST, from_conversions, from_similar, kind_of


def test_whoever_converts_twice_as_often_comes_near_a_result_of_two_with_many_leads() -> None:
    found = from_conversions({"ana": (2000, 400), "ben": (2000, 100), "cho": (2000, 100)})

    assert found == {rep: pytest.approx(result, abs=0.01) for rep, result in (("ana", 2.0), ("ben", 0.5), ("cho", 0.5))}


def test_one_lead_that_converted_proves_little() -> None:
    found = from_conversions({"ana": (1, 1), "ben": (99, 9)})

    assert found["ana"] == pytest.approx((1 + 20 * 0.1) / 21 / 0.1)


@pytest.mark.parametrize("of", [{}, {"ana": (0, 0), "ben": (0, 0)}, {"ana": (5, 0), "ben": (0, 0)}])
def test_without_any_conversion_all_are_as_usual(of: dict[str, tuple[int, int]]) -> None:
    assert from_conversions(of) == dict.fromkeys(of, 1.0)


# --- results with similar leads -------------------------------------------------------------------------------------

BANKS, SHOPS = "industry banking", "industry retail"


def test_somebody_is_better_with_one_kind_of_lead_than_with_another() -> None:
    of = {BANKS: {"ana": (200, 40), "ben": (200, 20)}, SHOPS: {"ana": (200, 20), "ben": (200, 40)}}

    overall, by_kind = from_similar(of)

    assert overall == {"ana": pytest.approx(1.0), "ben": pytest.approx(1.0)}
    assert by_kind[BANKS] == {"ana": pytest.approx(43 / 220 / 0.15), "ben": pytest.approx(23 / 220 / 0.15)}
    assert by_kind[SHOPS]["ana"] == by_kind[BANKS]["ben"] < 1 < by_kind[SHOPS]["ben"] == by_kind[BANKS]["ana"]


def test_who_had_no_such_lead_is_as_good_with_them_as_with_all_others() -> None:
    of = {BANKS: {"ben": (50, 5), "cho": (50, 5)}, SHOPS: {"ana": (100, 30), "ben": (100, 10), "cho": (100, 10)}}

    overall, by_kind = from_similar(of)

    assert overall["ana"] > 1.5
    assert by_kind[BANKS]["ana"] == pytest.approx(overall["ana"])


def test_nobody_looks_good_because_of_easy_leads() -> None:
    """Ana converts as the pool does with each kind, and had more of the easy one."""
    of = {BANKS: {"ana": (90, 45), "ben": (30, 15)}, SHOPS: {"ana": (30, 3), "ben": (90, 9)}}

    overall, _ = from_similar(of)

    assert overall == {"ana": pytest.approx(1.0), "ben": pytest.approx(1.0)}
    assert from_conversions({"ana": (120, 48), "ben": (120, 24)})["ana"] > 1.2


def test_a_kind_with_few_leads_is_none_of_its_own_and_counts_with_the_rest() -> None:
    few = {f"industry {n}": {"ana": (9, 1), "ben": (10, 1)} for n in range(3)}

    overall, by_kind = from_similar(few)

    assert by_kind == {}
    assert overall == from_conversions({"ana": (27, 3), "ben": (30, 3)})


@pytest.mark.parametrize("banks", [(0, 0), (10, 0)])
def test_a_kind_of_which_nobody_converted_any_is_as_all_leads_are(banks: tuple[int, int]) -> None:
    of = {BANKS: {"ana": banks, "ben": (30, 0)}, SHOPS: {"ana": (50, 10), "ben": (50, 5)}}

    overall, by_kind = from_similar(of)

    assert by_kind[BANKS] == overall


@given(
    st.dictionaries(
        st.sampled_from([REST, BANKS, SHOPS, "industry -"]),
        st.dictionaries(
            st.sampled_from(["ana", "ben", "cho"]),
            st.integers(0, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        ),
    )
)
def test_every_result_is_a_number_of_at_least_nothing(of: dict[str, dict[str, tuple[int, int]]]) -> None:
    overall, by_kind = from_similar(of)

    assert all(0 <= one < inf for each in (overall, *by_kind.values()) for one in each.values())
    assert all(found.keys() == overall.keys() for found in by_kind.values())


def test_a_kind_is_told_by_its_values_in_words() -> None:
    facts: Facts = {"industry": " Banking", "segment": ("b", "A"), "custom.plan": 2.0}

    assert kind_of(["industry", "segment"], facts) == "industry banking, segment a+b"
    assert kind_of(["custom.plan", "country"], facts) == "custom.plan 2, country unknown"
    assert kind_of(["industry"], {"industry": "a\0\ud800"}) == "industry a??"
