"""The formula language of validation rules."""

from typing import Any

import pytest

from sandbox.salesforce.formula import BadFormula, Change, compiled
from sandbox.salesforce.schema import KINDS

LEAD = KINDS["Lead"]
ANA, BEN = "0055g0000000002AAA", "0055g0000000003AAA"
BEFORE: dict[str, Any] = {"OwnerId": ANA, "Company": "Acme", "Status": "New", "Title": None}
AFTER = {**BEFORE, "OwnerId": BEN, "Company": "ACME"}


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
        pytest.param("NumberOfEmployees > 5", False, id="nothing is not greater"),
        pytest.param("IF(ISNEW(), 'a', \"b\") & 'c'", "bc", id="texts joined"),
        pytest.param("1 < 2 = true", True, id="orderings bind tighter than equality"),
        pytest.param("LEFT(Company, 2) = 'AC'", True, id="the beginning of a text"),
        pytest.param("BLANKVALUE(Title, 'none') = 'none'", True, id="something instead of nothing"),
        pytest.param("'it\\'s' = \"it's\"", True, id="an escaped quote"),
    ],
)
def test_a_formula_means_what_it_says(formula: str, value: object) -> None:
    assert compiled(formula, LEAD)(Change(LEAD, AFTER, BEFORE)) == value


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
        pytest.param("true true", "Extra 'true'", id="something left over"),
        pytest.param("1 =", "end of formula", id="something missing"),
        pytest.param("1 # 2", "Found '#'", id="a sign that it has not"),
    ],
)
def test_a_formula_that_cannot_be_saved_says_why(formula: str, reason: str) -> None:
    with pytest.raises(BadFormula, match=reason):
        compiled(formula, LEAD)
