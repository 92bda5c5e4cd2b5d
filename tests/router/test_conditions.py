"""Conditions mean what docs/configuration.md says, and their reasons can be read aloud."""

import pytest

from domain.leads import Value
from router.conditions import (
    ALWAYS,
    All,
    Any,
    BadPattern,
    Compare,
    Condition,
    Facts,
    Held,
    InFile,
    Not,
    Operator,
    check,
    pattern,
)  # fmt: skip

FACTS: Facts = {
    "country": " de ",
    "employees": 120,
    "score": "60",
    "deal_size": 50000.0,
    "tags": ("Fintech", "Berlin"),
    "city": "Frankfurt am Main",
    "postcode": "60311",
    "consent": True,
    "phone": "   ",
    "languages": (),
}


@pytest.mark.parametrize(
    ("field", "operator", "operand", "held"),
    [
        pytest.param("country", "equals", "DE ", True, id="equals, without case and blanks"),
        pytest.param("country", "equals", "AT", False, id="does not equal"),
        pytest.param("employees", "equals", 120.0, True, id="equals as numbers"),
        pytest.param("postcode", "equals", 60311, True, id="text equals a number that says the same"),
        pytest.param("consent", "equals", True, True, id="equals yes"),
        pytest.param("consent", "equals", 1, False, id="yes is not the number 1"),
        pytest.param("consent", "equals", "TRUE", True, id="yes as a CRM writes it"),
        pytest.param("tags", "equals", "fintech", True, id="a list equals what it has in it"),
        pytest.param("country", "is_not", "AT", True, id="is not"),
        pytest.param("country", "is_not", "de", False, id="is after all"),
        pytest.param("tags", "is_not", "berlin", False, id="a list with it in"),
        pytest.param("country", "in", ("AT", "DE"), True, id="in"),
        pytest.param("country", "in", ("AT", "CH"), False, id="not in the list"),
        pytest.param("country", "not_in", ("AT", "CH"), True, id="not in"),
        pytest.param("country", "not_in", ("AT", "DE"), False, id="in the excluded list"),
        pytest.param("employees", "at_least", 120, True, id="at least: the end counts"),
        pytest.param("employees", "at_least", 121, False, id="not at least"),
        pytest.param("employees", "at_most", 120, True, id="at most: the end counts"),
        pytest.param("employees", "above", 120, False, id="above: the end does not count"),
        pytest.param("employees", "above", 119.5, True, id="above"),
        pytest.param("employees", "below", 120, False, id="below: the end does not count"),
        pytest.param("employees", "between", (120, 200), True, id="between: the lower end counts"),
        pytest.param("employees", "between", (50, 120), True, id="between: the upper end counts"),
        pytest.param("employees", "between", (121, 200), False, id="not between"),
        pytest.param("score", "at_least", 60, True, id="a number kept as text"),
        pytest.param("city", "at_least", 1, False, id="text that is no number"),
        pytest.param("employees", "at_least", "many", False, id="compared with what is no number"),
        pytest.param("city", "contains", "AM ", True, id="contains"),
        pytest.param("city", "starts_with", "frank", True, id="starts with"),
        pytest.param("postcode", "starts_with", ("94", "603"), True, id="starts with one of several"),
        pytest.param("city", "ends_with", "MAIN", True, id="ends with"),
        pytest.param("city", "ends_with", "oder", False, id="does not end with"),
        pytest.param("city", "matches", "^frank.*main$", True, id="matches, without case"),
        pytest.param("city", "matches", "am$", False, id="does not match"),
        pytest.param("tags", "matches", ("^paris", "^ber"), True, id="a thing in it matches one of several"),
        pytest.param("employees", "matches", "^1.0$", True, id="a number as it is written"),
        pytest.param("tags", "any_of", ("paris", "berlin"), True, id="any of"),
        pytest.param("tags", "any_of", ("paris",), False, id="none of these"),
        pytest.param("tags", "all_of", ("berlin", "fintech"), True, id="all of"),
        pytest.param("tags", "all_of", ("berlin", "paris"), False, id="only one of them"),
        pytest.param("city", "matches", "^FRANK.*t", True, id="a pattern, without case"),
        pytest.param("city", "matches", "furt$", False, id="a pattern that is not found at the end"),
        pytest.param("city", "matches", ("^berlin$", "furt"), True, id="one of several patterns, anywhere"),
        pytest.param("tags", "matches", "^ber", True, id="a pattern in one thing of a list"),
        pytest.param("tags", "none_of", ("paris",), True, id="none of"),
        pytest.param("tags", "none_of", ("paris", "berlin"), False, id="one that is excluded"),
        pytest.param("country", "is_empty", False, True, id="is not empty"),
        pytest.param("phone", "is_empty", True, True, id="blanks are empty"),
        pytest.param("languages", "is_empty", True, True, id="an empty list is empty"),
        pytest.param("", "missing", ("country", "phone"), True, id="one of the fields is missing"),
        pytest.param("", "missing", ("country", "city"), False, id="all fields are there"),
    ],
)
def test_an_operator_compares_as_documented(field: str, operator: Operator, operand: Value, held: bool) -> None:
    assert check(Compare(field, operator, operand), FACTS).held is held


@pytest.mark.parametrize("missing", ["nowhere", "phone", "languages"])
@pytest.mark.parametrize(
    ("operator", "operand", "held"),
    [
        ("equals", "", False), ("in", ("", "x"), False), ("at_least", 0, False), ("at_most", 0, False),
        ("above", -1, False), ("below", 1, False), ("between", (0, 1), False), ("contains", "", False),
        ("starts_with", "", False),
        ("ends_with", "", False), ("matches", "", False), ("any_of", ("",), False), ("all_of", (), False),
        ("is_empty", False, False), ("is_not", "x", True), ("not_in", ("x",), True), ("none_of", ("x",), True),
        ("is_empty", True, True), ("matches", ".*", False),
    ],
)  # fmt: skip
def test_a_missing_value_equals_nothing(missing: str, operator: Operator, operand: Value, held: bool) -> None:
    assert check(Compare(missing, operator, operand), FACTS).held is held


GERMAN = Compare("country", "equals", "DE")
LARGE = Compare("employees", "at_least", 200)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        pytest.param(LARGE, Held(False, "employees is 120, not at least 200"), id="a number too small"),
        pytest.param(GERMAN, Held(True, "country is de"), id="what matched"),
        pytest.param(
            Compare("country", "in", ("AT", "CH")), Held(False, "country is de, not one of AT, CH"), id="not in a list"
        ),
        pytest.param(
            Compare("country", "in", tuple("ABCDEFGH")),
            Held(False, "country is de, not one of A, B, C, D, E, F and 2 more"),
            id="a long list is cut",
        ),
        pytest.param(Compare("country", "is_not", "DE"), Held(False, "country is de"), id="excluded"),
        pytest.param(Compare("state", "equals", "BY"), Held(False, "state is missing"), id="missing"),
        pytest.param(
            Compare("deal_size", "between", (1, 2)),
            Held(False, "deal_size is 50000, not between 1 and 2"),
            id="between",
        ),
        pytest.param(
            Compare("city", "above", 5),
            Held(False, "city is Frankfurt am Main; city is not a number"),
            id="text where a number is needed",
        ),
        pytest.param(
            Compare("", "missing", ("email", "company")), Held(True, "email and company are missing"), id="both missing"
        ),
        pytest.param(
            All((GERMAN, LARGE)), Held(False, "employees is 120, not at least 200"), id="the part that failed"
        ),
        pytest.param(Any((LARGE, GERMAN)), Held(True, "country is de"), id="the part that held"),
        pytest.param(
            Any((LARGE, Not(GERMAN))),
            Held(False, "employees is 120, not at least 200; country is de"),
            id="every part that failed",
        ),
        pytest.param(Not(LARGE), Held(True, "employees is 120, not at least 200"), id="not"),
        pytest.param(ALWAYS, Held(True, "it matches every lead"), id="no condition"),
        pytest.param(Any(()), Held(False, "there is nothing to match"), id="any of nothing"),
    ],
)
def test_the_reason_names_the_part_that_decided(condition: Condition, answer: Held) -> None:
    assert check(condition, FACTS) == answer


CUSTOMERS = InFile("tags", "customers.csv", frozenset({"berlin", "60"}))


@pytest.mark.parametrize(
    ("field", "held", "because"),
    [
        ("tags", True, "tags is Fintech, Berlin, in customers.csv"),
        ("city", False, "city is Frankfurt am Main, not in customers.csv"),
        ("score", True, "score is 60, in customers.csv"),
        ("nowhere", False, "nowhere is missing"),
    ],
)
def test_a_field_is_looked_for_in_a_table(field: str, held: bool, because: str) -> None:
    assert check(InFile(field, CUSTOMERS.file, CUSTOMERS.values), FACTS) == Held(held, because)


def test_an_expression_that_keeps_others_busy_for_ever_is_answered_in_proportion_to_the_text() -> None:
    # With Python's `re` thirty letters take minutes, and each further one twice as long.
    assert not check(Compare("city", "matches", "(a+)+$"), {"city": "a" * 100_000 + "b"}).held
    assert not check(Compare("city", "matches", "^(a+)+$"), {"city": "a" * 1_000_000 + "\ud800\0!"}).held


def test_half_a_character_is_no_reason_to_stop() -> None:
    assert check(Compare("city", "matches", "bonn"), {"city": "Bonn \ud83d"}).held


@pytest.mark.parametrize("text", ["(", "(a", "(?=a)", r"(a)\1", "a{2000}", "((a{100}){100}){100}"])
def test_what_is_no_expression_of_re2_is_said(text: str) -> None:
    with pytest.raises(BadPattern, match=r".+"):
        pattern(text)
