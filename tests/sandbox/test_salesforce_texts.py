"""Whatever text arrives as a query or a formula is understood or refused, and never breaks the sandbox."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.formula import NO_VALUE, BadFormula, Change, compiled
from sandbox.salesforce.schema import KINDS
from sandbox.salesforce.soql.parser import parsed
from tests.sandbox.conftest import Acme

LEAD = KINDS["Lead"]
WORDS = (
    "SELECT Id Name Owner.Name COUNT() COUNT(Id) FROM Lead WHERE Company = != < LIKE IN NOT AND OR ( ) , 'x' 'it\\'s'"
    " null true 1 -2.5 2026-01-01 2026-01-01T00:00:00Z GROUP BY ORDER DESC NULLS LAST LIMIT OFFSET '"
)
SIGNS = (
    "AND( OR( NOT( ISCHANGED( PRIORVALUE( CASESAFEID( ISBLANK( ISPICKVAL( TEXT( LEFT( RIGHT( MID( REGEX( CASE( VALUE("
    " ROUND( MAX( TODAY() NOW() ISNEW() + - * / ^ OwnerId Company Status ) ) ) , ="
    " <> && || ! 'x' \"y\" 1 true < & '"
)


def texts(words: str) -> st.SearchStrategy[str]:
    return st.one_of(st.text(), st.lists(st.sampled_from(words.split()), max_size=15).map(" ".join))


@given(texts(WORDS))
def test_any_text_is_a_query_or_malformed(text: str) -> None:
    try:
        parsed(text)
    except Refused as refused:
        assert refused.code == "MALFORMED_QUERY"


@given(texts(SIGNS))
def test_any_text_is_a_formula_or_cannot_be_saved(text: str) -> None:
    with suppress(BadFormula, *NO_VALUE):
        compiled(text, LEAD)(Change(LEAD, {}, None))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_quoted_in_a_formula(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")

    assert compiled(f"'{quoted}'", LEAD)(Change(LEAD, {}, None)) == text


@pytest.mark.parametrize(
    "company", ["O'Hara", "back\\slash", "100% _sure_", "日本 🙂", "line\nbreak", 'double "quotes"', "ends with \\"]
)
def test_any_text_that_is_quoted_right_finds_its_record(acme: Acme, company: str) -> None:
    lead = acme.lead(Company=company)
    acme.lead(Company="another")
    quoted = company.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")

    for condition in (f"Company = '{quoted}'", f"Company IN ('{quoted}')"):
        assert acme.rows(f"SELECT Id FROM Lead WHERE {condition}") == [{"Id": lead}]
