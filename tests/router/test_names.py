"""How alike two company names are, by words and letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.names import Likeness, alike, forms_differ, may_be_one, one_slip, read_name, slips


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        pytest.param("Mueller GmbH", "Müller", Likeness.SAME, id="two letters for one with dots"),
        pytest.param("Muller", "Müller AG", Likeness.SAME, id="dots left off"),
        pytest.param("Aarhus Foods", "Århus Foods A/S", Likeness.SAME, id="Danish"),
        pytest.param("Face Book", "Facebook Inc", Likeness.SAME, id="a blank that went astray"),
        pytest.param("Smith Bros Intl", "Smith Brothers International", Likeness.SAME, id="abbreviations"),
        pytest.param("Bank of America", "Bank America", Likeness.SAME, id="small words"),
        pytest.param("Birmingham University", "University of Birmingham", Likeness.REORDERED, id="another order"),
        pytest.param("Rosenbaur Fire", "Rosenbauer Fire", Likeness.MISSPELT, id="a letter left out"),
        pytest.param("Cagrill Foods", "Cargill Foods", Likeness.MISSPELT, id="two letters swapped"),
        pytest.param("Multi Academy Trut", "Multi Academy Trust", Likeness.NEARLY, id="a letter of a short word"),
        pytest.param("FCA", "Financial Conduct Authority", Likeness.INITIALS, id="initials"),
        pytest.param("BoA", "Bank of America", Likeness.INITIALS, id="initials of the small words too"),
        pytest.param("UBS", "UBS Business Solutions", Likeness.SHORTER, id="initials that are its first word"),
        pytest.param("Rosenbauer", "Rosenbauer Fire", Likeness.SHORTER, id="a word less"),
        pytest.param("Rosenbauer Fire", "Rosenbauer", Likeness.RELATED, id="a word more"),
        pytest.param("Essex Water", "Essex Power", Likeness.RELATED, id="another word"),
        pytest.param("Hall 1990", "Hall 1991", Likeness.RELATED, id="another figure"),
        pytest.param("Unit 1 10", "Unit 11 0", Likeness.RELATED, id="figures between blanks"),
        pytest.param("Electric A", "Electric B", Likeness.RELATED, id="one letter is a word"),
        pytest.param("Acme", "Асме", Likeness.DIFFERENT, id="Cyrillic letters that look Latin"),
        pytest.param("", "Acme", Likeness.UNKNOWN, id="no name"),
    ],
)
def test_names_are_as_alike_as_a_reader_would_say(one: str, other: str, likeness: Likeness) -> None:
    assert alike(read_name(one), read_name(other)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        pytest.param("Acme Ltd", "Acme Limited", False, id="one form in two spellings"),
        pytest.param("Acme Co., Ltd.", "Acme Ltd", False, id="a part left off"),
        pytest.param("Acme", "Acme plc", False, id="none"),
        pytest.param("Acme GmbH", "Acme GmbH & Co. KG", True, id="two companies side by side"),
        pytest.param("Acme LLP", "Acme Ltd", True, id="another form"),
    ],
)
def test_legal_forms_differ_only_where_both_are_named(one: str, other: str, differ: bool) -> None:
    assert forms_differ(read_name(one), read_name(other)) == differ


def distance(one: str, other: str) -> int:
    """The textbook's whole table (optimal string alignment)."""
    rows = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            cost = min(cost, rows[i - 1][j] + 1, rows[i][j - 1] + 1)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            rows[i][j] = cost
    return rows[-1][-1]


@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(0, 3))
def test_slips_are_counted_as_the_textbook_counts_them(one: str, other: str, most: int) -> None:
    assert slips(one, other, most) == min(distance(one, other), most + 1)


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_the_quick_look_for_one_slip_finds_what_the_textbook_finds(one: str, other: str) -> None:
    assert one_slip(one, other) == (distance(one, other) <= 1)


@given(st.text("ab c", max_size=12), st.text("ab c", max_size=12))
def test_the_quick_look_loses_no_name_that_needs_nothing_to_confirm_it(one: str, other: str) -> None:
    if alike(read_name(one), read_name(other)) == Likeness.SAME:
        assert may_be_one(read_name(one), read_name(other))
