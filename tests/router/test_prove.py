"""What is proved about a rule set holds for every lead."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads import Value
from domain.people import Pool
from router.conditions import ALWAYS, All, Any, Compare, Condition, Not, Operator, check
from router.prove import Finding, implies, prove
from router.rules import Assign, Disqualify, Nurture, Rule, Territory
from tests.router.office import ANA, INBOUND, rules

GERMAN = Compare("country", "equals", "DE")
LARGE = Compare("employees", "at_least", 500)


def rule(name: str, when: Condition = ALWAYS, then: Assign | Nurture | Disqualify = Assign(pool="inbound")) -> Rule:  # noqa: B008
    return Rule(name, then, when)


def found(*ordered: Rule) -> list[tuple[int | None, str]]:
    return [(finding.rule_index, finding.id) for finding in prove(rules(*ordered))]


def test_a_rule_after_a_catch_all_is_found_with_its_place() -> None:
    after = replace(rule("Germany", GERMAN), at="routing.yaml:12:5")

    assert prove(rules(rule("All", then=Disqualify("test")), after)) == [
        Finding(1, "P101", "rule 'Germany' is never reached: 'All' before it matches every lead", "routing.yaml:12:5")
    ]


def test_after_a_catch_all_that_assigns_the_message_says_what_is_left() -> None:
    (finding,) = prove(rules(rule("All"), rule("Germany", GERMAN)))

    assert finding.message == "rule 'Germany' is reached only when nobody is there for 'All', which matches every lead"


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param(GERMAN, GERMAN, id="the same condition twice"),
        pytest.param(GERMAN, Compare("country", "equals", " de "), id="the same but for the case"),
        pytest.param(All((LARGE, GERMAN)), GERMAN, id="one more condition"),
        pytest.param(All((LARGE, GERMAN)), All((GERMAN, LARGE)), id="another order"),
        pytest.param(Compare("country", "in", ("DE", "AT")), Compare("country", "in", ("AT", "CH", "DE")), id="fewer"),
        pytest.param(GERMAN, Compare("country", "in", ("AT", "DE")), id="one of the list"),
        pytest.param(LARGE, Compare("employees", "above", 200), id="a higher limit"),
        pytest.param(Compare("score", "below", 5), Compare("score", "at_most", 5), id="a lower limit"),
        pytest.param(GERMAN, Any((LARGE, GERMAN)), id="one of several"),
        pytest.param(Any((GERMAN, All((GERMAN, LARGE)))), GERMAN, id="every one of several"),
        pytest.param(Not(Any((LARGE, GERMAN))), Not(GERMAN), id="excluded with more"),
    ],
)
def test_a_rule_whose_leads_an_earlier_one_takes_is_found(later: Condition, earlier: Condition) -> None:
    assert found(rule("first", earlier), rule("second", later)) == [(1, "P102")]


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        pytest.param(GERMAN, All((GERMAN, LARGE)), id="the earlier is narrower"),
        pytest.param(Compare("country", "in", ("DE", "FR")), GERMAN, id="more in the list"),
        pytest.param(Compare("employees", "above", 200), LARGE, id="a lower limit"),
        pytest.param(Compare("employees", "at_least", 500), Compare("employees", "above", 500), id="the limit itself"),
        pytest.param(Any((GERMAN, LARGE)), GERMAN, id="one of several only"),
        pytest.param(Compare("country", "not_in", ("FR",)), Compare("country", "equals", "DE"), id="no value"),
        pytest.param(Any(()), GERMAN, id="a condition that never holds is another matter"),
    ],
)
def test_a_rule_that_may_decide_is_not_found(later: Condition, earlier: Condition) -> None:
    assert found(rule("first", earlier), rule("second", later)) == []


def test_a_rule_with_dates_hides_nothing() -> None:
    campaign = rule("Campaign")

    assert found(replace(campaign, starts=date(2026, 12, 1)), rule("Germany", GERMAN)) == []
    assert found(replace(campaign, ends=date(2026, 12, 1)), rule("Germany", GERMAN)) == []


@pytest.mark.parametrize("to", ["account.owner", "duplicate.owner", "manager"])
def test_an_assignment_that_may_name_nobody_hides_nothing(to: str) -> None:
    open_ended = rule("Accounts", then=Assign(to=to))
    with_else = rule("Accounts", then=Assign(to=to, otherwise=Assign(pool="inbound")))

    assert found(open_ended, rule("Germany", GERMAN)) == []
    assert found(with_else, rule("Germany", GERMAN)) == [(1, "P101")]


def test_the_territorys_pool_hides_the_rest_only_where_every_territory_has_one() -> None:
    by_territory = rules(rule("By territory", then=Assign(pool="territory.pool")), rule("Germany", GERMAN))
    dach, rest = Territory("dach", GERMAN, "inbound"), Territory("rest", ALWAYS, "inbound")

    assert prove(replace(by_territory, territories=(dach,))) == []
    assert prove(replace(by_territory, territories=(dach, replace(rest, pool=None)))) == []
    assert [one.id for one in prove(replace(by_territory, territories=(dach, rest)))] == ["P101"]


def test_dates_in_the_wrong_order_are_found() -> None:
    never = replace(rule("Campaign", GERMAN), starts=date(2027, 2, 28), ends=date(2026, 12, 1))

    assert found(never) == [(0, "P103")]


@pytest.mark.parametrize(
    ("fallback", "ids"),
    [
        pytest.param(Assign(pool="inbound"), [], id="a pool with a manager"),
        pytest.param(Assign(to=ANA), [], id="a person"),
        pytest.param(Assign(pool="orphan"), ["P104"], id="a pool without a manager"),
        pytest.param(Assign(to="account.owner"), ["P104"], id="a reference"),
        pytest.param(Assign(to="account.owner", otherwise=Assign(pool="inbound")), [], id="a reference and a pool"),
    ],
)
def test_a_fallback_that_may_end_in_nobody_is_found(fallback: Assign, ids: list[str]) -> None:
    book = rules(pools=(INBOUND, Pool("orphan", INBOUND.members)), fallback=fallback)

    assert [finding.id for finding in prove(book)] == ids


values: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.integers(0, 4), st.sampled_from(["1", "2.0", "de", " DE", ""]), st.just(("2", "de")), st.booleans()
)
scalars = st.one_of(st.integers(0, 4), st.sampled_from(["1", "de", "DE "]))
comparisons = st.one_of(
    st.builds(Compare, st.sampled_from("ab"), st.sampled_from(["equals", "is_not"]), scalars),
    st.builds(
        Compare,
        st.sampled_from("ab"),
        st.sampled_from(["in", "not_in", "any_of", "all_of", "none_of"]),
        st.lists(scalars, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Compare, st.sampled_from("ab"), st.sampled_from(["at_least", "above", "at_most", "below"]), st.integers(0, 4)
    ),
    st.builds(Compare, st.sampled_from("ab"), st.just("is_empty"), st.booleans()),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(All),
        st.lists(inner, max_size=3).map(tuple).map(Any),
        inner.map(Not),
    ),
    max_leaves=5,
)


@given(conditions, conditions, values, values)
def test_what_is_implied_holds_for_every_lead(one: Condition, other: Condition, a: Value, b: Value) -> None:
    facts = {"a": a, "b": b}

    assert not (implies(one, other) and check(one, facts).held) or check(other, facts).held


@given(st.lists(conditions, max_size=7))
def test_the_first_rule_that_hides_another_is_found_among_many(ordered: list[Condition]) -> None:
    expected: list[tuple[int | None, str]] = []
    for place, later in enumerate(ordered):
        for earlier in ordered[:place]:
            if implies(ALWAYS, earlier) or implies(later, earlier):
                expected.append((place, "P101" if implies(ALWAYS, earlier) else "P102"))
                break

    assert found(*(rule(f"rule {place}", when) for place, when in enumerate(ordered))) == expected


@given(conditions, conditions)
def test_whatever_implies_a_condition_is_found(one: Condition, other: Condition) -> None:
    assert implies(ALWAYS, other) or found(rule("first", other), rule("second", one)) == (
        [(1, "P102")] if implies(one, other) else []
    )


@given(st.sampled_from(["equals", "in"]), st.integers(0, 4), values)
def test_every_condition_implies_itself_and_what_always_holds(operator: Operator, operand: int, value: Value) -> None:
    condition = Compare("a", operator, operand)

    assert implies(condition, condition)
    assert implies(condition, ALWAYS)
    assert not implies(ALWAYS, condition)
