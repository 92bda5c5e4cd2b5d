"""teams.yaml: how a pool shares its leads."""

import pytest

from domain.hours import Span
from domain.people import CatchUp, Limit, PassOver, Pool, Results
from playbook.book import Playbook
from router.conditions import Compare
from router.fitting import Fit, Fits
from tests.playbook.writing import loaded, places, problems, with_words

POOL = "enterprise: { manager: tom@acme.example, members: [ { rep: ana@acme.example }, { rep: ben@acme.example } ] }"
ATTAINED = "email,attainment\nana@acme.example,120 %\nben@acme.example,0.8\n"


def pool_with(keys: str, attained: str = ATTAINED) -> dict[str, str]:
    """The good configuration, with these keys in its pool, skills of its people, and a table of results."""
    texts = with_words("teams", POOL, f"{POOL[:-2]}, {keys} }}")
    texts["teams.yaml"] = texts["teams.yaml"].replace(
        "level: senior }", "level: senior, started: 2026-11-02, languages: [de], skills: { industry: [banking] } }"
    )
    return {**texts, "quota.csv": attained}


def book_with(keys: str) -> Playbook:
    return loaded(pool_with(keys))


def the_pool(keys: str) -> Pool:
    return book_with(keys).rules.pools["enterprise"]


def test_a_pool_says_how_its_leads_are_shared() -> None:
    pool = the_pool(
        "ramp: [25 %, 50 %], balance_by: deal_size, limits_per_rep: { per_day: 20, per_rolling_hour: 4 }, "
        "pass_over: { meetings_longer_than: 2 h, away_within: 2 business days }"
    )

    assert (pool.ramp, pool.balance_by) == ((0.25, 0.5), "deal_size")
    assert pool.limits == (Limit(20, "day", 0, "per_day"), Limit(4, None, 3600, "per_rolling_hour"))
    assert pool.pass_over == PassOver(Span(7200), Span(2, "business_days"))
    assert the_pool("method: least_loaded").method == "least_loaded"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("fair_share", None, id="no catching up"),
        pytest.param("catch_up", CatchUp(), id="all of it"),
        pytest.param("{ credit: 5, expires: 2 business days }", CatchUp(5, Span(2, "business_days")), id="a credit"),
        pytest.param("{ credit: 50000 EUR }", CatchUp(50_000), id="a credit of value"),
    ],
)
def test_after_an_absence_the_pool_owes_nothing_all_or_a_credit(written: str, meant: CatchUp | None) -> None:
    assert the_pool(f"after_absence: {written}").after_absence == meant


def test_weights_may_come_from_a_table_of_results() -> None:
    of = {"ana@acme.example": 1.2, "ben@acme.example": 0.8}

    assert the_pool("weights: { from: quota.csv, floor: 0.7, ceiling: 3, every: week }").results == Results(
        0.7, 3, of, "week", "quota.csv"
    )
    assert the_pool("weights: { from: quota.csv }").results == Results(0.5, 2.0, of, None, "quota.csv")


def test_weights_from_conversion_are_worked_out_every_week_unless_said_otherwise() -> None:
    assert the_pool("weights: { from: conversion }").results == Results(0.5, 2.0, None, "week")


def test_a_pool_asks_for_what_a_rep_is_and_for_what_matches_the_lead() -> None:
    keys = "require: { level: senior, skills: match }, prefer: [ { languages: match }, { languages: de } ]"

    assert book_with(keys).rules.fits["enterprise"] == Fits(
        Fit(Compare("level", "equals", "senior"), ("skills",)),
        (Fit(match=("languages",)), Fit(Compare("languages", "equals", "de"))),
    )


def test_idle_is_said_once_for_everybody() -> None:
    texts = with_words("teams", "hours: berlin }", "hours: berlin, idle_after: 1 business day }")

    assert loaded(texts).rules.idle_after == Span(1, "business_days")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param(
            "method: least_loaded, ramp: [50 %]", "T104 write `method: weighted`, or take it out", id="a ramp"
        ),
        pytest.param(
            "method: least_loaded, weights: { from: quota.csv }",
            "T104 write `method: weighted`, or take it out",
            id="weights that load pays no regard to",
        ),
        pytest.param("limits_per_rep: { per_day: 0 }", "V106 ", id="a limit of nothing"),
        pytest.param("limits_per_rep: { per_dya: 2 }", "K101 did you mean 'per_day'?", id="a limit misspelt"),
        pytest.param("limits_per_rep: { per_day: .nan }", "V101 ", id="a limit of no number"),
        pytest.param(
            "weights: { from: quota.csv, floor: 3, ceiling: 2 }", "V106 swap `floor` and `ceiling`", id="upside down"
        ),
        pytest.param("weights: { from: quota.csv, floor: .nan }", "V101 ", id="a floor of no number"),
        pytest.param("weights: { from: quota.csv, ceiling: .inf }", "V101 ", id="no ceiling at all"),
        pytest.param("weights: { from: qouta.csv }", "S105 did you mean 'quota.csv'?", id="a table misspelt"),
        pytest.param("weights: { from: memory }", "V101 ", id="results from nowhere"),
        pytest.param("weights: { every: week }", "K102 ", id="results from nothing"),
        pytest.param("after_absence: { credit: 0 }", "V106 ", id="a credit of nothing"),
        pytest.param("after_absence: catchup", "V105 did you mean 'catch_up'?", id="an absence misspelt"),
        pytest.param("balance_by: deal_sise", "V105 did you mean 'deal_size'?", id="a value misspelt"),
        pytest.param(
            "require: { skills: banking }",
            "V101 a condition on one kind of skill is written `skills.industry: fintech`",
            id="a skill that is no kind",
        ),
        pytest.param("require: { levle: senior }", "K105 did you mean 'level'?", id="a condition misspelt"),
        pytest.param("prefer: [ {} ]", "V101 ", id="a preference for nothing"),
        pytest.param("ramp: []", "V101 ", id="a ramp of no week"),
        pytest.param("ramp: [0 %]", "V108 ", id="a ramp of nothing"),
    ],
)
def test_sharing_that_cannot_work_is_a_problem(keys: str, expected: str) -> None:
    found = [f"{problem.id} {problem.hint}" for problem in problems(pool_with(keys))]
    assert any(each.startswith(expected) for each in found), found


@pytest.mark.parametrize(
    ("attained", "expected"),
    [
        pytest.param("email,attainment\nana@acme.example,1\n", "teams.yaml:8:0", id="a member is lacking"),
        pytest.param(ATTAINED.replace("0.8", "nan"), "quota.csv:3:18 V108", id="no number"),
        pytest.param(ATTAINED.replace("0.8", "-1"), "quota.csv:3:18 V108", id="less than nothing"),
        pytest.param(ATTAINED.replace("0.8", "80"), "quota.csv:3:18 V108", id="a percent sign forgotten"),
        pytest.param(ATTAINED + "bem@acme.example,1\n", "quota.csv:4:1 N102", id="nobody we know"),
        pytest.param(ATTAINED + "ana@acme.example,1\n", "quota.csv:4:1 N201", id="somebody twice"),
        pytest.param("email,quota\nana@acme.example,1\n", "quota.csv:1:1 K102", id="another column"),
    ],
)
def test_a_table_of_results_that_cannot_be_meant_is_a_problem(attained: str, expected: str) -> None:
    found = places(pool_with("weights: { from: quota.csv }", attained))
    if expected == "teams.yaml:8:0":
        assert [each.split()[-1] for each in found] == ["T107"]
    else:
        assert expected in found


@pytest.mark.parametrize("keys", ["method: least_loaded", "weights: { from: quota.csv }"])
def test_weights_by_hand_that_change_nothing_are_a_problem(keys: str) -> None:
    texts = pool_with(keys)
    texts["teams.yaml"] = texts["teams.yaml"].replace(
        "{ rep: ana@acme.example }", "{ rep: ana@acme.example, weight: 2 }"
    )

    assert [problem.id for problem in problems(texts)] == ["T104"]


def test_a_ramp_where_nobody_started_is_a_problem() -> None:
    texts = with_words("teams", POOL, f"{POOL[:-2]}, ramp: [50 %] }}")

    assert [problem.id for problem in problems(texts)] == ["T108"]


@pytest.mark.parametrize("kind", ["skills", "languages"])
def test_a_match_on_what_nobody_has_is_a_problem(kind: str) -> None:
    texts = with_words("teams", POOL, f"{POOL[:-2]}, require: {{ {kind}: match }} }}")

    assert [problem.id for problem in problems(texts)] == ["T111"]


def test_pools_of_one_rotation_balance_the_same() -> None:
    other = "\n  small: { members: [ { rep: ana@acme.example } ], rotation: emea, balance_by: deal_size }"
    texts = with_words("teams", POOL, f"{POOL[:-2]}, rotation: emea }}{other}")

    (problem,) = problems(texts)
    assert problem.id == "T109"
    assert "they would share nothing" in problem.message


def test_weights_may_come_from_results_with_similar_leads() -> None:
    results = the_pool("weights: { from: conversion, similar: [industry, segment, custom.plan] }").results

    assert results and (results.similar, results.every) == (("industry", "segment", "custom.plan"), "week")
    assert results.source == "conversion by industry, segment, custom.plan"


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        pytest.param("{ from: conversion, similar: industri }", "K105", id="no such field"),
        pytest.param("{ from: conversion, similar: [email] }", "V105", id="a field that no two leads share"),
        pytest.param("{ from: conversion, similar: employees }", "V105", id="a number"),
        pytest.param("{ from: conversion, similar: [] }", "V101", id="no field"),
        pytest.param("{ from: quota.csv, similar: [industry] }", "T104", id="beside a table"),
    ],
)
def test_what_similar_leads_have_in_common_is_checked(weights: str, problem: str) -> None:
    assert [place.split()[1] for place in places(pool_with(f"weights: {weights}"))] == [problem]
