"""Whatever text arrives as a query or a formula is understood or refused, and never breaks the sandbox."""

from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import BusinessClock
from sandbox.faults import Faults
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.formula import NO_VALUE, BadFormula, Change, compiled
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS
from sandbox.salesforce.soql.parser import parsed
from sandbox.salesforce.soql.plan import answered
from sandbox.store import Store
from sandbox.world import World
from tests.sandbox.conftest import Acme

LEAD = KINDS["Lead"]
REVENUES: tuple[dict[str, object], ...] = ({"AnnualRevenue": 5.0, "Company": "x"}, {"LastActivityDate": "2026-05-01"})
WORDS = (
    "SELECT Id Name Owner.Name COUNT() COUNT(Id) FROM Lead WHERE Company = != < LIKE IN NOT AND OR ( ) , 'x' 'it\\'s'"
    " null true 1 -2.5 2026-01-01 2026-01-01T00:00:00Z GROUP BY ORDER DESC NULLS LAST LIMIT OFFSET '"
    " (SELECT FROM Tasks ) Task TYPEOF Who WHEN THEN ELSE END FIELDS(ALL) HAVING TODAY LAST_N_DAYS:3 NEXT_N_YEARS:99999"
    " CreatedDate HOUR_IN_DAY( convertTimezone( MAX( SUM( INCLUDES EXCLUDES FOR VIEW ALL ROWS WhoId Description Status"
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


SELECTED = (
    "Id",
    "Owner.Name",
    "LastName n",
    "COUNT(Id)",
    "MAX(CreatedDate)",
    "SUM(AnnualRevenue) s",
    "COUNT()",
    "CALENDAR_MONTH(CreatedDate)",
    "(SELECT Id FROM Tasks LIMIT 1)",
    "(SELECT COUNT(Id) FROM Tasks)",
    "TYPEOF Owner WHEN User THEN Id ELSE Name END",
    "FIELDS(STANDARD)",
    "toLabel(Status)",
)
OPERANDS = (
    "Id",
    "OwnerId",
    "Owner.Type",
    "LastName",
    "AnnualRevenue",
    "IsConverted",
    "CreatedDate",
    "LastActivityDate",
    "Description",
    "HOUR_IN_DAY(CreatedDate)",
    "COUNT(Id)",
    "DAY_ONLY(convertTimezone(CreatedDate))",
)
VALUES = (
    "= 'x'",
    "!= null",
    "< 3",
    ">= TODAY",
    "= LAST_N_QUARTERS:2",
    "LIKE '_%\\\\'",
    "IN (null, 'x')",
    "NOT IN (SELECT WhoId FROM Task)",
    "INCLUDES ('a;b')",
    "= true",
    "> 2026-01-01",
    "<= 2026-01-01T00:00:00+14:00",
    "= '00Q5g0000000001'",
)
CLAUSES = st.one_of(
    st.builds("WHERE {} {}".format, st.sampled_from(OPERANDS), st.sampled_from(VALUES)),
    st.builds("WHERE {} {} AND NOT {} {}".format, *[st.sampled_from(OPERANDS), st.sampled_from(VALUES)] * 2),
    st.just(""),
)
GROUPED = st.one_of(
    st.just(""),
    st.builds(
        "GROUP BY {} HAVING {} {}".format,
        st.sampled_from(OPERANDS),
        st.sampled_from(OPERANDS),
        st.sampled_from(VALUES),
    ),
)
ORDERED = st.one_of(st.just(""), st.builds("ORDER BY {} DESC".format, st.sampled_from(OPERANDS)))


@pytest.fixture(scope="module")
def org() -> Org:
    """Two leads, one of them with a task and a revenue."""
    org = Org(World(BusinessClock(datetime(2026, 6, 1, 9, tzinfo=UTC), 0), Store(), Random(0), Faults()))
    org.begin()
    leads = [org.add("Lead", {"LastName": "x", "OwnerId": org.integration_user, **more}) for more in REVENUES]
    org.add("Task", {"WhoId": leads[0].id, "OwnerId": org.integration_user, "Subject": "x"})
    return org


@given(st.lists(st.sampled_from(SELECTED), min_size=1, max_size=3), CLAUSES, GROUPED, ORDERED)
def test_any_query_is_answered_or_refused(org: Org, selected: list[str], where: str, group: str, order: str) -> None:
    with suppress(Refused):
        answer = answered(org, parsed(f"SELECT {', '.join(selected)} FROM Lead {where} {group} {order}"), "/api")
        assert len([answer.render(record) for record in answer.records]) <= answer.total


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
