"""SOQL over the stand-in org, through the real client."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.soql import syntax
from sandbox.salesforce.soql.parser import parsed
from tests.sandbox.conftest import Acme

PEOPLE = {
    "ann": {"Company": "Nord", "NumberOfEmployees": 10, "Email": "ann@nord.example"},
    "bob": {"Company": "nord", "NumberOfEmployees": 200},
    "cem": {"Company": "Süd 100%", "Email": "cem@o'hara.example"},
    "dan": {"Company": "Sued_x", "NumberOfEmployees": 3000, "Email": "dan@sued.example"},
}


@pytest.fixture
def leads(acme: Acme) -> dict[str, str]:
    """By last name; Ann's belongs to Ana, Bob's waits in the queue, Dan's was created a year later."""
    late = {"CreatedDate": "2027-06-01T09:00:00Z"}
    owners = {"ann": {"OwnerId": acme.ana}, "bob": {"OwnerId": acme.inbound}, "dan": late}
    return {
        name: acme.lead(LastName=name, **fields, **owners.get(name, {}))  # type: ignore[arg-type]
        for name, fields in PEOPLE.items()
    }


WHERE = [
    pytest.param("Company = 'NORD'", "ann bob", id="text is compared without regard to case"),
    pytest.param("Company != 'nord'", "cem dan", id="not equal"),
    pytest.param("Email != 'ann@nord.example'", "bob cem dan", id="not equal includes empty values"),
    pytest.param("Email = null", "bob", id="null"),
    pytest.param("Email != null", "ann cem dan", id="not null"),
    pytest.param("Email = ''", "bob", id="an empty text is no text"),
    pytest.param("Email = 'cem@o\\'hara.example'", "cem", id="an escaped quote"),
    pytest.param("Company LIKE 'nor%'", "ann bob", id="like at the start"),
    pytest.param("Email LIKE '%'", "ann cem dan", id="like anything is not like nothing"),
    pytest.param("Company LIKE '%100\\%'", "cem", id="like with an escaped percent sign"),
    pytest.param("Company LIKE 'sued\\_x'", "dan", id="like with an escaped underscore"),
    pytest.param("Company LIKE 'sue__x'", "dan", id="like with any character"),
    pytest.param("LastName IN ('ANN', 'dan')", "ann dan", id="in"),
    pytest.param("Email NOT IN ('ann@nord.example')", "bob cem dan", id="not in includes empty values"),
    pytest.param("NumberOfEmployees > 100", "bob dan", id="greater, where empty is never greater"),
    pytest.param("NumberOfEmployees <= 200", "ann bob", id="at most"),
    pytest.param("IsConverted = false", "ann bob cem dan", id="boolean"),
    pytest.param("CreatedDate >= 2027-06-01T11:00:00+02:00", "dan", id="a moment in another time zone"),
    pytest.param("CreatedDate < 2027-06-01T09:00:00Z", "ann bob cem", id="a moment in UTC"),
    pytest.param("Owner.Type = 'Queue'", "bob", id="a queue's type"),
    pytest.param("Owner.Type = 'User'", "ann cem dan", id="a user's type"),
    pytest.param("Owner.Email = 'ana@acme.example'", "ann", id="a parent's field"),
    pytest.param("NOT Company = 'nord'", "cem dan", id="not"),
    pytest.param("NOT (Company = 'nord' OR Email = null)", "cem dan", id="not before parentheses"),
    pytest.param("Company = 'nord' AND (Email = null OR Email = 'x')", "bob", id="both joints, with parentheses"),
    pytest.param("LastName = 'ann' OR LastName = 'bob' OR LastName = 'cem'", "ann bob cem", id="or"),
]


@pytest.mark.parametrize(("where", "found"), WHERE)
def test_a_condition_finds_what_the_real_language_finds(
    acme: Acme, leads: dict[str, str], where: str, found: str
) -> None:
    rows = acme.rows(f"SELECT LastName FROM Lead WHERE {where}")

    assert " ".join(row["LastName"] for row in rows) == found


def test_ids_compare_in_either_length(acme: Acme, leads: dict[str, str]) -> None:
    short, long = leads["ann"][:15], leads["bob"]

    rows = acme.rows(f"SELECT Id FROM Lead WHERE Id IN ('{short}', '{long}')")

    assert [row["Id"] for row in rows] == [leads["ann"], leads["bob"]]


def test_an_id_of_another_object_finds_nothing(acme: Acme, leads: dict[str, str]) -> None:
    assert acme.rows(f"SELECT Id FROM Account WHERE Id = '{leads['ann']}'") == []


def test_records_are_found_by_a_reference_after_it_moved(acme: Acme, leads: dict[str, str]) -> None:
    question = f"SELECT Id FROM Lead WHERE OwnerId = '{acme.ana}'"
    assert [row["Id"] for row in acme.rows(question)] == [leads["ann"]]

    acme.sandbox.control("POST", "/salesforce/owner", {"lead": leads["dan"], "owner": acme.ana})

    assert {row["Id"] for row in acme.rows(question)} == {leads["ann"], leads["dan"]}


def test_a_parent_is_an_object_of_its_own_and_null_where_there_is_none(acme: Acme, leads: dict[str, str]) -> None:
    acme.sandbox.control("POST", "/salesforce/calls", [{"lead": leads["ann"], "owner": acme.ana, "seconds": 1}])

    [row] = acme.rows("SELECT Subject, Who.Type, Owner.Email, What.Name FROM Task")

    assert row["Who"] == {"attributes": {"type": "Name", "url": url("Lead", leads["ann"])}, "Type": "Lead"}
    assert row["Owner"]["Email"] == "ana@acme.example"
    assert row["What"] is None


def test_a_parent_that_can_only_be_a_user_is_called_one(acme: Acme) -> None:
    acme.sandbox.control("POST", "/salesforce/accounts", [{"Name": "Nord", "OwnerId": acme.ana}])

    [row] = acme.rows("SELECT Owner.Username FROM Account")

    assert row["Owner"] == {
        "attributes": {"type": "User", "url": url("User", acme.ana)},
        "Username": "ana@acme.example",
    }


def url(kind: str, id: str) -> str:
    return f"/services/data/v59.0/sobjects/{kind}/{id}"


def test_order_puts_empty_values_first_and_ignores_case(acme: Acme, leads: dict[str, str]) -> None:
    rows = acme.rows("SELECT LastName FROM Lead ORDER BY Company, NumberOfEmployees DESC NULLS LAST LIMIT 3 OFFSET 0")
    assert [row["LastName"] for row in rows] == ["bob", "ann", "dan"]

    empty_first = acme.rows("SELECT LastName FROM Lead ORDER BY Email LIMIT 1")
    assert empty_first == [{"LastName": "bob"}]


def test_count_answers_with_a_number_alone(acme: Acme, leads: dict[str, str]) -> None:
    answer = acme.salesforce.query("SELECT COUNT() FROM Lead WHERE Company = 'nord'")

    assert answer == {"totalSize": 2, "done": True, "records": []}


def test_groups_are_counted(acme: Acme, leads: dict[str, str]) -> None:
    rows = acme.rows("SELECT OwnerId, Status, COUNT(Id) FROM Lead GROUP BY OwnerId, Status")

    assert {(row["OwnerId"], row["expr0"]) for row in rows if row["OwnerId"] in (acme.ana, acme.inbound)} == {
        (acme.ana, 1),
        (acme.inbound, 1),
    }


def test_unnamed_aggregates_are_numbered_and_named_ones_are_not(acme: Acme, leads: dict[str, str]) -> None:
    question = "SELECT COUNT(Id), MAX(NumberOfEmployees) biggest, COUNT_DISTINCT(Status), MIN(Email) FROM Lead"

    assert acme.rows(question) == [{"expr0": 4, "biggest": 3000, "expr1": 1, "expr2": "ann@nord.example"}]


def test_the_server_decides_how_long_a_page_is(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"page_size": 200})
    rows = [{"LastName": f"{number:03}", "Company": "Acme"} for number in range(450)]
    ids = acme.sandbox.control("POST", "/salesforce/leads", rows)
    ask = acme.salesforce

    pages = [ask.query("SELECT Id FROM Lead")]
    while not pages[-1]["done"]:
        pages.append(ask.query_more(pages[-1]["nextRecordsUrl"], identifier_is_url=True))

    assert [(page["totalSize"], len(page["records"])) for page in pages] == [(450, 200), (450, 200), (450, 50)]
    assert [row["Id"] for page in pages for row in page["records"]] == ids
    assert "nextRecordsUrl" not in pages[-1]


def test_a_page_that_is_not_there_is_refused(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"page_size": 1})
    more = acme.salesforce.query("SELECT Id FROM User")["nextRecordsUrl"].rpartition("/")[2].rpartition("-")[0]
    for locator in ("0r85g0000000009AAA-1", f"{more}-4", more):
        assert refusal(acme, path=f"query/{locator}").startswith("INVALID_QUERY_LOCATOR")

    acme.sandbox.reset()
    assert refusal(acme, path=f"query/{more}-1").startswith("INVALID_QUERY_LOCATOR")


def test_deleted_records_are_seen_by_query_all_alone(acme: Acme, leads: dict[str, str]) -> None:
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": leads["ann"]})
    question = "SELECT Id, IsDeleted FROM Lead WHERE Company = 'nord'"

    assert [row["Id"] for row in acme.rows(question)] == [leads["bob"]]
    everything = acme.salesforce.query_all(question, include_deleted=True)["records"]
    assert [(row["Id"], row["IsDeleted"]) for row in everything] == [(leads["ann"], True), (leads["bob"], False)]


def refusal(acme: Acme, soql: str = "", path: str = "query/") -> str:
    """CODE: text"""
    with pytest.raises(SalesforceMalformedRequest) as refused:
        acme.salesforce.restful(path, params={"q": soql})
    [error] = cast(list[dict[str, str]], refused.value.content)
    return f"{error['errorCode']}: {error['message']}"


def test_an_unknown_object_is_refused_with_the_recorded_text(acme: Acme) -> None:
    assert refusal(acme, "select count() from XYZZY") == (
        "INVALID_TYPE: \nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type"
        " 'XYZZY' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the"
        " entity name. Please reference your WSDL or the describe call for the appropriate names."
    )


@pytest.mark.parametrize(
    ("soql", "code", "about"),
    [
        pytest.param("SELECT Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope' on entity 'Lead'", id="column"),
        pytest.param("SELECT Nope.Id FROM Lead", "INVALID_FIELD", "relationship 'Nope'", id="relationship"),
        pytest.param("SELECT Owner.Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope'", id="a parent's column"),
        pytest.param("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD", "'Nope'", id="column in a condition"),
        pytest.param("SELECT Id, Id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id", id="a column twice"),
        pytest.param(
            "SELECT Id FROM Lead WHERE CreatedDate > '2026'", "INVALID_FIELD", "must be of type dateTime", id="type"
        ),
        pytest.param("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered", id="long"),
        pytest.param("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID", id="no id"),
        pytest.param("SELECT Company FROM Lead GROUP BY Status", "MALFORMED_QUERY", "grouped", id="not grouped"),
        pytest.param("SELECT Id FROM CustomField", "INVALID_TYPE", "'CustomField'", id="metadata is under tooling"),
    ],
)
def test_a_query_that_cannot_be_is_refused(acme: Acme, soql: str, code: str, about: str) -> None:
    text = refusal(acme, soql)

    assert text.startswith(f"{code}:")
    assert about in text


@pytest.mark.parametrize(
    ("soql", "column", "token"),
    [
        pytest.param("SELECT Id FROM Lead WHERE A = 1 AND B = 2 OR C = 3", 43, "OR", id="AND beside OR"),
        pytest.param("SELECT Id FROM Lead WHERE A = 1 OR B = 2 AND C = 3", 42, "AND", id="OR beside AND"),
        pytest.param("SELECT Id Lead", 15, "<EOF>", id="no FROM"),
        pytest.param("SELECT FROM Lead", 8, "FROM", id="nothing selected"),
        pytest.param("SELECT Id FROM Lead WHERE A = 'x", 31, "'x", id="a text without an end"),
        pytest.param("SELECT Id FROM Lead WHERE A IN ()", 33, ")", id="nothing to be in"),
        pytest.param("SELECT Id FROM Lead LIMIT x", 27, "x", id="a limit that is no number"),
        pytest.param("SELECT Id FROM Lead; DROP", 20, ";", id="more than a query"),
        pytest.param("SELECT Id FROM Lead WHERE (A = 1", 33, "<EOF>", id="a parenthesis that stays open"),
    ],
)
def test_a_malformed_query_is_refused_at_the_place(soql: str, column: int, token: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(soql)

    assert refused.value.code == "MALFORMED_QUERY"
    assert refused.value.message.endswith(f"ERROR at Row:1:Column:{column}\nunexpected token: '{token}'")


def test_objects_may_be_called_like_clauses(acme: Acme) -> None:
    assert acme.rows("SELECT Name FROM Group WHERE Type = 'Queue'") == [{"Name": "Inbound"}]


def test_a_literal_keeps_its_place_and_its_type() -> None:
    condition: Any = parsed("SELECT Id FROM Lead WHERE A = 'and'").where

    assert condition.literal == syntax.Literal("string", "and", 30)
