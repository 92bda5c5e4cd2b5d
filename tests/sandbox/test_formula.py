"""The formula language of validation rules."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.salesforce.formula import NO_VALUE, BadFormula, Change, compiled
from sandbox.salesforce.schema import KINDS

LEAD = KINDS["Lead"]
ANA, BEN = "0055g0000000002AAA", "0055g0000000003AAA"
BEFORE: dict[str, Any] = {"OwnerId": ANA, "Company": "Acme", "Status": "New", "Title": None, "NumberOfEmployees": 40}
TIMES = {"ConvertedDate": "2026-05-01", "CreatedDate": "2026-05-02T09:00:00.000+0000"}
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
AFTER = {**BEFORE, **TIMES, "Industry": "Coal;Steel", "OwnerId": BEN, "Company": "ACME"}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        pytest.param("ISCHANGED(OwnerId)", True, id="a field that changed"),
        pytest.param("ISCHANGED(Status)", False, id="a field that did not"),
        pytest.param("PRIORVALUE(Company) = 'Acme'", True, id="the value before"),
        pytest.param("Company = 'Acme'", False, id="text is compared with regard to case"),
        pytest.param(f"OwnerId = '{BEN}'", False, id="an id reads as fifteen characters"),
        pytest.param(f"OwnerId == '{BEN[:15]}'", True, id="which is what it equals"),
        pytest.param(f"CASESAFEID(PRIORVALUE(OwnerId)) <> '{ANA}'", False, id="CASESAFEID makes eighteen of them"),
        pytest.param(f"CASESAFEID('{ANA}') = '{ANA}'", True, id="and leaves eighteen alone"),
        pytest.param("ISBLANK(Title) && Title = ''", True, id="an empty text is no text"),
        pytest.param("ISPICKVAL(Status, 'New')", True, id="a choice"),
        pytest.param("AND(true, OR(false, NOT(false)))", True, id="logic as functions"),
        pytest.param("!(true && false) || false", True, id="logic as signs"),
        pytest.param("AnnualRevenue > 5", False, id="nothing is not greater"),
        pytest.param("AnnualRevenue + 5", None, id="a sum with nothing is nothing"),
        pytest.param("NumberOfEmployees * 2 - 10 / 4 + 2 ^ 3", 85.5, id="calculations bind as at school"),
        pytest.param("-NumberOfEmployees + (1 - -2)", -37, id="signs"),
        pytest.param("Company + '-' + TEXT(NumberOfEmployees)", "ACME-40", id="texts are added too"),
        pytest.param("LEN(Company) = 4 && RIGHT(Company, 2) = 'ME' && MID(Company, 2, 2) = 'CM'", True, id="parts"),
        pytest.param("LOWER(Company) & UPPER('x') & TRIM(' y ')", "acmeXy", id="letters"),
        pytest.param("CONTAINS(Company, 'CM') && BEGINS(Company, 'AC') && FIND('E', Company) = 4", True, id="search"),
        pytest.param("SUBSTITUTE(Company, 'ME', 'T')", "ACT", id="something else instead"),
        pytest.param("REGEX(Company, '[A-Z]{4}') && !REGEX(Company, '[A-Z]')", True, id="a pattern of the whole text"),
        pytest.param("CASE(Status, 'Old', 1, 'New', 2, 3)", 2, id="a case"),
        pytest.param("CASE(Status, 'Old', 1, 3)", 3, id="no case"),
        pytest.param("ISNUMBER('4.5') && !ISNUMBER('x') && VALUE('4.5') = 4.5", True, id="texts as numbers"),
        pytest.param("TEXT(2.0) & TEXT(2.5) & TEXT(Title)", "22.5", id="numbers as texts"),
        pytest.param("ROUND(2.45, 1) + FLOOR(-0.5) + CEILING(0.2) + ABS(-1) + MOD(7, 4)", 6.5, id="whole numbers"),
        pytest.param("MAX(1, 3, 2) - MIN(2, 1)", 2, id="the most and the least"),
        pytest.param("1 + /* a comment,\n 'in' two lines */ 2", 3, id="a comment"),
        pytest.param("TODAY() - ConvertedDate", 31, id="days between two dates"),
        pytest.param("DATEVALUE(CreatedDate) = ConvertedDate + 1", True, id="the day of a time"),
        pytest.param("NOW() > CreatedDate && CreatedDate + 0.5 < NOW()", True, id="times"),
        pytest.param("TEXT(CreatedDate)", "2026-05-02 09:00:00Z", id="a time as text"),
        pytest.param("INCLUDES(Industry, 'Steel') && !INCLUDES(Industry, 'Ste')", True, id="one of several choices"),
        pytest.param("IF(ISNEW(), 'a', \"b\") & 'c'", "bc", id="texts joined"),
        pytest.param("1 < 2 = true", True, id="orderings bind tighter than equality"),
        pytest.param("LEFT(Company, 2) = 'AC'", True, id="the beginning of a text"),
        pytest.param("BLANKVALUE(Title, 'none') = 'none'", True, id="something instead of nothing"),
        pytest.param("'it\\'s' = \"it's\"", True, id="an escaped quote"),
    ],
)
def test_a_formula_means_what_it_says(formula: str, value: object) -> None:
    assert compiled(formula, LEAD)(Change(LEAD, AFTER, BEFORE, NOW)) == value


def test_nothing_has_changed_on_a_new_record() -> None:
    new = Change(LEAD, AFTER, None)

    assert compiled("ISNEW() && !ISCHANGED(OwnerId) && PRIORVALUE(Company) = 'ACME'", LEAD)(new)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        pytest.param("Nope__c = 1", "Field Nope__c does not exist", id="unknown field"),
        pytest.param("ISCHANGED(Nope__c)", "Field Nope__c does not exist", id="unknown field in a function"),
        pytest.param("NOPE(1)", "Unknown function NOPE", id="unknown function"),
        pytest.param("AND(true", "Missing ','", id="a call that stays open"),
        pytest.param("NOT(true, false)", "Incorrect number of parameters", id="too many parameters"),
        pytest.param("ISNEW(1)", "Missing '\\)'", id="a parameter for none"),
        pytest.param("(" * 4000, "nested too deeply", id="too deep"),
        pytest.param("1 +" * 2000, "too long", id="too long"),
        pytest.param("true true", "Extra 'true'", id="something left over"),
        pytest.param("1 =", "end of formula", id="something missing"),
        pytest.param("1 # 2", "Found '#'", id="a sign that it has not"),
    ],
)
def test_a_formula_that_cannot_be_saved_says_why(formula: str, reason: str) -> None:
    with pytest.raises(BadFormula, match=reason):
        compiled(formula, LEAD)


@pytest.mark.parametrize(
    "formula", ["1 / 0", "'a' * LEN('bc')", "TODAY() + 'x' > 5", "REGEX('a', '(')", "2 ^ 9999", "1" + "+1" * 2400]
)
def test_a_formula_that_comes_to_nothing_says_so_in_one_of_few_ways(formula: str) -> None:
    with pytest.raises(NO_VALUE):
        compiled(formula, LEAD)(Change(LEAD, AFTER, BEFORE, NOW))
