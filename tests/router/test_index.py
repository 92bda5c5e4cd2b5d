"""The index answers as `conditions.check` does, only faster."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decisions import RuleTried
from domain.leads import Value
from router.batch import NONE, first_for_each
from router.conditions import ALWAYS, All, Any, Compare, Condition, Facts, InFile, Not, Operator, check
from router.index import HOLDS, RuleIndex
from router.meaning import understand
from router.rules import Disqualify, Named, Rule, Territory
from router.tried import in_words
from tests.router.office import MONDAY_TEN, RULES, case, decided, rules

NAN = float("nan")
TEXTS = ["", "  ", "de", " DE", "Deutsche Bank", "bank", "1", "01", "1.0", "true", "nan", "inf", "-2", "1e3"]
NUMBERS = [0, 1, 1.0, -2, 2.5, -0.0, 1000, 10**400, float("inf"), float("-inf"), NAN]

FIELDS = st.sampled_from("abc")
texts = st.sampled_from(TEXTS)
scalars: st.SearchStrategy[Value] = st.one_of(texts, st.sampled_from(NUMBERS), st.booleans())
values: st.SearchStrategy[Value] = st.one_of(st.none(), scalars, st.lists(texts, max_size=3).map(tuple))
leads = st.dictionaries(FIELDS, values)
operands = st.lists(scalars, min_size=1, max_size=3).map(tuple)


def compare(
    operators: Sequence[Operator], operand: st.SearchStrategy[Value | tuple[Value, ...]]
) -> st.SearchStrategy[Condition]:
    return st.builds(Compare, FIELDS, st.sampled_from(operators), operand)


comparisons: st.SearchStrategy[Condition] = st.one_of(
    compare(["equals", "is_not", "at_least", "at_most", "above", "below"], scalars),
    compare(["in", "not_in", "any_of", "all_of", "none_of", "contains", "starts_with", "ends_with"], operands),
    compare(["contains", "starts_with", "ends_with"], texts),
    compare(["matches"], st.sampled_from(["", "^d", "bank$", "[0-9]", "(a+)+$"])),
    compare(["between"], st.tuples(scalars, scalars)),
    compare(["is_empty"], st.booleans()),
    st.builds(InFile, FIELDS, st.sampled_from(["t.csv", "u.csv"]), st.frozensets(st.sampled_from(["de", "bank", "1"]))),
    st.builds(Compare, st.just(""), st.just("missing"), st.lists(FIELDS, min_size=1, max_size=3).map(tuple)),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.lists(inner, max_size=11).map(tuple).map(All),
        st.lists(inner, max_size=3).map(tuple).map(Any),
        inner.map(Not),
    ),
    max_leaves=12,
)
rule_sets = st.lists(conditions, max_size=8)


def first(ordered: Sequence[Condition], facts: Facts) -> int | None:
    """By trying one after the other."""
    return next((place for place, rule in enumerate(ordered) if check(rule, facts).held), None)


@given(rule_sets, st.lists(leads, min_size=1, max_size=6))
def test_it_finds_the_rule_that_trying_one_after_the_other_finds(ordered: list[Condition], seen: list[Facts]) -> None:
    index = RuleIndex(ordered)

    # Twice: the second time from what was remembered.
    assert [index.first(facts) for facts in chain(seen, seen)] == [first(ordered, facts) for facts in chain(seen, seen)]


@given(rule_sets, st.lists(leads, max_size=6))
def test_it_finds_the_same_for_many_leads_at_once(ordered: list[Condition], seen: list[Facts]) -> None:
    found = first_for_each(RuleIndex(ordered), seen)

    assert [None if place == NONE else place for place in found.tolist()] == [first(ordered, facts) for facts in seen]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_many_rules_and_more_leads_than_are_worked_on_at_once(count: int) -> None:
    ordered = [Compare("a", "equals", place) for place in range(count)]
    seen = [{"a": number % (count + 1)} for number in range(5000)]

    expected = [number % (count + 1) if number % (count + 1) < count else NONE for number in range(5000)]
    assert first_for_each(RuleIndex(ordered), seen).tolist() == expected


@given(rule_sets, st.lists(leads, min_size=1, max_size=6))
def test_it_gives_the_same_words_for_every_rule(ordered: list[Condition], seen: list[Facts]) -> None:
    index = RuleIndex(ordered)

    for facts in chain(seen, seen):
        marks = index.marks(facts)
        said = [index.check(place, mark, facts) for place, mark in enumerate(marks)]
        assert said == [check(rule, facts) for rule in ordered]


OPERATORS: Sequence[Operator] = get_args(Operator)
SCALARS: Sequence[Value] = [*TEXTS, *NUMBERS, True, False]


def test_every_operator_with_every_operand_agrees_on_every_value() -> None:
    one = [Compare("a", operator, each) for operator in OPERATORS if operator != "between" for each in SCALARS]
    two = [Compare("a", operator, pair) for operator in OPERATORS for pair in product(SCALARS, repeat=2)]
    ordered = [each for each in (*one, *two) if each.operator not in ("is_empty", "missing", "matches")]
    index = RuleIndex(ordered)

    for value in (*SCALARS, None, (), ("de", "1"), ("nan",)):
        marks = index.marks({"a": value})
        held = [check(condition, {"a": value}).held for condition in ordered]
        assert [mark == HOLDS for mark in marks] == held


def test_columns_of_numbers_agree_for_every_operator_and_limit() -> None:
    of_numbers: Sequence[Operator] = ["at_least", "at_most", "above", "below", "between"]
    leads_ = [{"a": value} for value in (*NUMBERS[:7], *NUMBERS[8:], None)]
    for operator in of_numbers:
        for operand in product(NUMBERS, repeat=2) if operator == "between" else NUMBERS:
            condition = Compare("a", operator, operand)
            expected = [0 if check(condition, lead).held else NONE for lead in leads_]
            assert first_for_each(RuleIndex([condition]), leads_).tolist() == expected, condition


LEAD_FIELDS = {"a": "source", "b": "employees", "c": "custom.c"}


def on_a_lead(condition: Condition) -> Condition:
    match condition:
        case All(parts):
            return All(tuple(on_a_lead(part) for part in parts))
        case Any(parts):
            return Any(tuple(on_a_lead(part) for part in parts))
        case Not(part):
            return Not(on_a_lead(part))
        case Compare("", operator, tuple(names)):
            return Compare("", operator, tuple(LEAD_FIELDS[str(name)] for name in names))
        case Compare(field, operator, operand):
            return Compare(LEAD_FIELDS[field], operator, operand)
        case InFile(field, file, found):
            return InFile(LEAD_FIELDS[field], file, found)
    raise TypeError(condition)


@given(rule_sets, leads)
def test_a_decision_explains_every_rule_that_was_tried(found: list[Condition], facts: Facts) -> None:
    conditions = [on_a_lead(condition) for condition in found]
    ordered = [Rule(f"rule {place}", Disqualify("test"), when) for place, when in enumerate(conditions)]
    book = rules(*ordered)
    decision = decided(case(**{LEAD_FIELDS[field]: value for field, value in facts.items()}), book)

    known = decision.explanation.values
    decides = first(conditions, known)
    tried = conditions[: None if decides is None else decides + 1]
    answers = [check(condition, known) for condition in tried]
    expected = [RuleTried(f"rule {place}", held.held, held.because) for place, held in enumerate(answers)]
    fallback = [RuleTried("fallback", True, "no rule decides")] if decides is None else []
    assert list(in_words(decision, book)) == expected + fallback


@given(st.lists(rule_sets, min_size=4, max_size=4), leads)
def test_names_that_config_defines_are_found_as_trying_one_after_the_other_finds_them(
    found: list[list[Condition]], facts: Facts
) -> None:
    lands, *others = [[on_a_lead(condition) for condition in each] for each in found]
    segments, intent, fit = ([Named(f"{place}", when) for place, when in enumerate(each)] for each in others)
    book = replace(
        RULES,
        territories=tuple(Territory(f"{place}", when) for place, when in enumerate(lands)),
        segments=tuple(segments),
        intent=tuple(intent),
        fit=tuple(fit),
    )

    known = understand(case(**{LEAD_FIELDS[field]: value for field, value in facts.items()}), book, MONDAY_TEN).facts

    holding = {
        field: tuple(one.name for one in each if check(one.when, known).held)
        for field, each in (("territory", book.territories), ("segment", segments), ("intent", intent), ("fit", fit))
    }
    assert known.get("segment", ()) == holding.pop("segment")
    assert {field: known.get(field) for field in holding} == {
        field: next(iter(names), None) for field, names in holding.items()
    }


def test_beginnings_are_found_whatever_their_length() -> None:
    starts = ["", "9", "94", "940", "9401", "50", "D-1"]
    index = RuleIndex([Compare("postcode", "starts_with", each) for each in starts])

    for code in ("94016", "94", "9", "5", "50667", "d-10115", " 940 ", None, ("10", "9402"), 94016):
        facts: Facts = {"postcode": code}
        assert index.all(facts) == [at for at, rule in enumerate(index.conditions) if check(rule, facts).held]


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        pytest.param(Compare("a", "is_not", "x"), None, True, id="nothing is not x"),
        pytest.param(Compare("a", "not_in", ("x",)), " ", True, id="blanks are in no list"),
        pytest.param(Compare("a", "none_of", ("x",)), (), True, id="an empty list has none of them"),
        pytest.param(Compare("a", "is_empty", True), None, True, id="nothing is empty"),
        pytest.param(Compare("a", "equals", ""), None, False, id="nothing equals nothing"),
        pytest.param(Compare("a", "below", 5), None, False, id="nothing is not below five"),
        pytest.param(Compare("a", "equals", 1), True, False, id="yes is not one"),
        pytest.param(Compare("a", "below", 0), -5, True, id="a negative number is below zero"),
        pytest.param(Compare("a", "at_least", 0), NAN, False, id="NaN is no number"),
        pytest.param(Compare("a", "below", 0), NAN, False, id="NaN is no number below zero either"),
        pytest.param(Compare("a", "at_least", 0), 10**400, False, id="nor is what no float holds"),
    ],
)
def test_odd_values(condition: Condition, value: Value, holds: bool) -> None:
    index = RuleIndex([condition])

    assert check(condition, {"a": value}).held is holds
    assert (index.first({"a": value}) == 0) is holds


def test_one_and_yes_are_told_apart_however_often_they_are_seen() -> None:
    index = RuleIndex([Compare("a", "equals", True), Compare("a", "equals", 1)])

    seen = [{"a": value} for value in (True, 1, 1.0, "1", True, 1)]
    assert [index.first(facts) for facts in seen] == [0, 1, 1, 1, 0, 1]
    assert first_for_each(index, seen).tolist() == [0, 1, 1, 1, 0, 1]


def test_a_rule_with_more_parts_than_a_byte_has_bits_says_which_part_failed() -> None:
    parts = [Compare("a", "is_not", str(number)) for number in range(12)]

    index = RuleIndex([All(tuple(parts))])

    assert index.check(0, index.marks({"a": "10"})[0], {"a": "10"}) == check(parts[10], {"a": "10"})


def test_more_values_than_are_remembered_change_nothing() -> None:
    ordered: list[Condition] = [Compare("a", "ends_with", "77"), Compare("a", "equals", "12345"), ALWAYS]
    index = RuleIndex(ordered)
    seen = [{"a": str(number)} for number in range(13000)]

    assert [index.first(facts) for facts in seen] == [first(ordered, facts) for facts in seen]


def test_without_rules_nothing_is_found() -> None:
    assert RuleIndex([]).first({"a": 1}) is None
