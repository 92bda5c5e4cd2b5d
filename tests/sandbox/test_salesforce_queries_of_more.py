"""Queries that reach beyond one object or one record: children, semi-joins, groups, dates, TYPEOF, FIELDS()."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.sandbox.conftest import Acme


def refusal(acme: Acme, soql: str) -> str:
    """CODE: text"""
    with pytest.raises(SalesforceMalformedRequest) as refused:
        acme.salesforce.query(soql)
    [error] = cast(list[dict[str, str]], refused.value.content)
    return f"{error['errorCode']}: {error['message']}"


def names(rows: list[dict[str, Any]]) -> str:
    return " ".join(row["LastName"] for row in rows)


@pytest.fixture
def called(acme: Acme) -> Acme:
    """Ann was called twice and mailed nobody; Bob has an open task; Cem nothing."""
    ids = {name: acme.lead(LastName=name) for name in ("ann", "bob", "cem")}
    for subject in ("first", "second"):
        acme.record("Task", WhoId=ids["ann"], Subject=subject, Status="Completed", OwnerId=acme.ana)
    acme.record("Task", WhoId=ids["bob"], Subject="todo", OwnerId=acme.inbound)
    return acme


def test_children_are_a_list_of_their_own_and_null_where_there_are_none(called: Acme) -> None:
    question = "SELECT LastName, (SELECT Subject FROM Tasks ORDER BY Subject DESC) FROM Lead ORDER BY LastName"

    ann, bob, cem = (row["Tasks"] for row in called.rows(question))

    assert (ann["totalSize"], ann["done"], [task["Subject"] for task in ann["records"]]) == (
        2,
        True,
        ["second", "first"],
    )
    assert ann["records"][0]["attributes"]["type"] == "Task"
    assert bob["totalSize"] == 1
    assert cem is None


def test_children_have_conditions_and_limits_of_their_own(called: Acme) -> None:
    question = "SELECT (SELECT Subject, Owner.Name FROM Tasks WHERE IsClosed = true LIMIT 1) FROM Lead"

    found = [
        row["Tasks"] and [task["Owner"]["Name"] for task in row["Tasks"]["records"]] for row in called.rows(question)
    ]

    assert found == [["Ana Keller"], None, None]


def test_a_relationship_without_children_is_refused(acme: Acme) -> None:
    text = refusal(acme, "SELECT Id, (SELECT Id FROM Nothings) FROM Lead")

    assert text.startswith("INVALID_TYPE:")
    assert "Didn't understand relationship 'Nothings' in FROM part of query call" in text


@pytest.mark.parametrize(
    ("where", "found"),
    [
        pytest.param("Id IN (SELECT WhoId FROM Task WHERE Status = 'Completed')", "ann", id="in"),
        pytest.param("Id NOT IN (SELECT WhoId FROM Task)", "cem", id="not in"),
        pytest.param(
            "Id IN (SELECT WhoId FROM Task) AND Id NOT IN (SELECT WhoId FROM Task WHERE IsClosed = true)",
            "bob",
            id="both",
        ),
        pytest.param("OwnerId IN (SELECT Id FROM User WHERE Name = 'Nobody')", "", id="of nobody"),
    ],
)
def test_a_semi_join_finds_those_that_another_query_names(called: Acme, where: str, found: str) -> None:
    assert names(called.rows(f"SELECT LastName FROM Lead WHERE {where}")) == found


@pytest.mark.parametrize(
    ("where", "about"),
    [
        pytest.param("Id IN (SELECT Id FROM User)", "should point to the same object type", id="of another object"),
        pytest.param("LastName IN (SELECT Id FROM Lead)", "should be an id field", id="of a text"),
        pytest.param("Id IN (SELECT WhoId, Id FROM Task)", "exactly one field", id="two fields"),
        pytest.param("Id IN (SELECT WhoId FROM Task LIMIT 1)", "no clause but WHERE", id="a limit inside"),
        pytest.param(
            "LastName = 'x' OR Id IN (SELECT WhoId FROM Task)", "only allowed at the top level", id="beside OR"
        ),
        pytest.param(
            " AND ".join(["Id IN (SELECT WhoId FROM Task)"] * 3), "Cannot have more than 2 semi join", id="three"
        ),
    ],
)
def test_a_semi_join_has_its_limits(acme: Acme, where: str, about: str) -> None:
    text = refusal(acme, f"SELECT Id FROM Lead WHERE {where}")

    assert text.startswith("MALFORMED_QUERY:")
    assert about in text


@pytest.fixture
def days(acme: Acme) -> Acme:
    """It is Monday 2026-06-01 11:00 in Berlin; each lead is named after when it came."""
    moments = {
        "lastyear": "2025-12-31T22:59:59Z",
        "january": "2025-12-31T23:00:00Z",
        "may": "2026-05-29T12:00:00Z",
        "sunday": "2026-05-31T21:59:59Z",
        "midnight": "2026-05-31T22:00:00Z",
        "today": "2026-06-01T09:00:00Z",
    }
    for name, at in moments.items():
        acme.lead(LastName=name, CreatedDate=at)
    return acme


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param("= TODAY", "midnight today", id="today begins at midnight of the user"),
        pytest.param("= YESTERDAY", "sunday", id="yesterday"),
        pytest.param("< TODAY", "lastyear january may sunday", id="before today"),
        pytest.param("!= TODAY", "lastyear january may sunday", id="not today"),
        pytest.param(">= YESTERDAY", "sunday midnight today", id="since yesterday"),
        pytest.param("<= YESTERDAY", "lastyear january may sunday", id="up to the end of yesterday"),
        pytest.param("> YESTERDAY", "midnight today", id="after yesterday"),
        pytest.param("= LAST_N_DAYS:3", "may sunday midnight today", id="the last days and today"),
        pytest.param("= N_DAYS_AGO:3", "may", id="a day"),
        pytest.param("= THIS_WEEK", "midnight today", id="a week begins on Monday here"),
        pytest.param("= LAST_WEEK", "may sunday", id="last week"),
        pytest.param("= LAST_MONTH", "may sunday", id="last month"),
        pytest.param("= THIS_QUARTER", "may sunday midnight today", id="this quarter"),
        pytest.param("= THIS_YEAR", "january may sunday midnight today", id="this year"),
        pytest.param("= LAST_N_YEARS:2", "lastyear", id="the last years without this one"),
        pytest.param("= NEXT_N_DAYS:7", "", id="the next days"),
    ],
)
def test_a_date_literal_means_days_of_the_user(days: Acme, condition: str, found: str) -> None:
    assert names(days.rows(f"SELECT LastName FROM Lead WHERE CreatedDate {condition}")) == found


def test_a_date_literal_beyond_the_calendar_is_refused(acme: Acme) -> None:
    assert refusal(acme, "SELECT Id FROM Lead WHERE CreatedDate < LAST_N_YEARS:999999").startswith("MALFORMED_QUERY:")


def test_leads_are_counted_per_hour_of_the_user(days: Acme) -> None:
    hour = "HOUR_IN_DAY(convertTimezone(CreatedDate))"

    rows = days.rows(f"SELECT {hour}, COUNT(Id) leads FROM Lead GROUP BY {hour} ORDER BY {hour}")

    assert [(row["expr0"], row["leads"]) for row in rows] == [(0, 2), (11, 1), (14, 1), (23, 2)]


def test_a_function_of_a_date_can_be_a_condition_in_utc(days: Acme) -> None:
    assert names(days.rows("SELECT LastName FROM Lead WHERE CALENDAR_YEAR(CreatedDate) = 2025")) == "lastyear january"


@pytest.mark.parametrize(
    ("clauses", "counts"),
    [
        pytest.param("ORDER BY COUNT(Id) DESC", [2, 1], id="in order"),
        pytest.param("HAVING COUNT(Id) > 1", [2], id="chosen by number"),
        pytest.param("HAVING COUNT(Id) > 1 OR MAX(Subject) = 'TODO' ORDER BY COUNT(Id)", [1, 2], id="chosen by either"),
        pytest.param("ORDER BY COUNT(Id) LIMIT 1", [1], id="the first alone"),
    ],
)
def test_groups_can_be_chosen_and_put_in_order(called: Acme, clauses: str, counts: list[int]) -> None:
    rows = called.rows(f"SELECT WhoId who, COUNT(Id) FROM Task GROUP BY WhoId {clauses}")

    assert [row["expr0"] for row in rows] == counts


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param("INCLUDES ('red;blue')", "both", id="both of them"),
        pytest.param("INCLUDES ('RED', 'green')", "both one", id="one of them"),
        pytest.param("EXCLUDES ('blue')", "one none", id="without it, empty ones too"),
    ],
)
def test_a_field_with_several_choices_includes_some(acme: Acme, condition: str, found: str) -> None:
    choices = {"label": "Colours", "type": "MultiselectPicklist"}
    body = {"FullName": "Lead.Colours__c", "Metadata": choices}
    acme.salesforce.restful("tooling/sobjects/CustomField/", method="POST", json=body)
    acme.sandbox.control("PUT", "/salesforce/permissions", {"Lead.Colours__c": "edit"})
    for name, colours in (("both", "red;green;blue"), ("one", "red"), ("none", None)):
        acme.lead(LastName=name, Colours__c=colours)

    assert names(acme.rows(f"SELECT LastName FROM Lead WHERE Colours__c {condition}")) == found


@pytest.mark.parametrize(
    ("soql", "about"),
    [
        pytest.param("SELECT SUM(LastName) FROM Lead", "does not support aggregate operator SUM", id="a sum of texts"),
        pytest.param(
            "SELECT AnnualRevenue FROM Lead GROUP BY AnnualRevenue", "can not be grouped in a query call", id="group"
        ),
        pytest.param("SELECT Id FROM Lead ORDER BY Description", "can not be sorted in a query call", id="order"),
        pytest.param("SELECT FIELDS(ALL) FROM Lead", "must have a LIMIT of at most 200", id="all fields of everything"),
        pytest.param("SELECT Id FROM Lead HAVING COUNT(Id) > 1", "unexpected token: 'HAVING'", id="having no groups"),
    ],
)
def test_what_a_field_cannot_do_is_refused(acme: Acme, soql: str, about: str) -> None:
    text = refusal(acme, soql)

    assert text.startswith("MALFORMED_QUERY:")
    assert about in text


def test_an_offset_has_a_limit(acme: Acme) -> None:
    assert refusal(acme, "SELECT Id FROM Lead LIMIT 1 OFFSET 2001") == (
        "NUMBER_OUTSIDE_VALID_RANGE: Maximum SOQL offset allowed is 2000, requested 2001"
    )


def test_typeof_asks_each_kind_of_parent_for_its_own_fields(called: Acme) -> None:
    question = (
        "SELECT Subject, TYPEOF Owner WHEN User THEN Username WHEN Group THEN DeveloperName ELSE Name END"
        " FROM Task WHERE Subject IN ('first', 'todo') ORDER BY Subject"
    )

    first, todo = (row["Owner"] for row in called.rows(question))

    assert (first["attributes"]["type"], first["Username"]) == ("User", "ana@acme.example")
    assert (todo["attributes"]["type"], todo["DeveloperName"]) == ("Group", "Inbound")


def test_fields_selects_what_describe_lists(acme: Acme) -> None:
    acme.lead()
    described = cast(dict[str, Any], acme.salesforce.restful("sobjects/Lead/describe"))

    [row] = acme.rows("SELECT FIELDS(ALL) FROM Lead LIMIT 200")

    assert list(row) == [field["name"] for field in described["fields"]]


def test_the_object_may_have_an_alias(called: Acme) -> None:
    assert names(called.rows("SELECT l.LastName FROM Lead l WHERE l.LastName = 'ann' FOR VIEW")) == "ann"


def test_all_rows_sees_deleted_records(called: Acme) -> None:
    lead = called.lead(LastName="gone")
    called.sandbox.control("POST", "/salesforce/delete", {"lead": lead})

    assert names(called.rows("SELECT LastName FROM Lead WHERE IsDeleted = true ALL ROWS")) == "gone"


def test_a_unicode_escape_is_its_character(acme: Acme) -> None:
    acme.lead(LastName="Müller")

    assert names(acme.rows("SELECT LastName FROM Lead WHERE LastName = 'M\\u00fcller'")) == "Müller"


def test_parentheses_without_end_are_refused_and_break_nothing(acme: Acme) -> None:
    assert refusal(acme, f"SELECT Id FROM Lead WHERE {'(' * 2000}").startswith("MALFORMED_QUERY:")


def test_many_long_texts_make_pages_short(acme: Acme) -> None:
    notes = {"label": "Notes", "type": "LongTextArea", "length": 32000}
    body = {"FullName": "Lead.Notes__c", "Metadata": notes}
    acme.salesforce.restful("tooling/sobjects/CustomField/", method="POST", json=body)
    acme.sandbox.control("PUT", "/salesforce/permissions", {"Lead.Notes__c": "edit"})
    rows = [{"LastName": f"{number}", "Company": "Acme"} for number in range(201)]
    acme.sandbox.control("POST", "/salesforce/leads", rows)

    page = acme.salesforce.query("SELECT Id, Description, Notes__c FROM Lead")

    assert (len(page["records"]), page["totalSize"], page["done"]) == (200, 201, False)


def test_a_page_is_no_longer_there_after_two_days(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"page_size": 1})
    more = acme.salesforce.query("SELECT Id FROM User")["nextRecordsUrl"]
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-03T09:00:01Z"})

    with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
        acme.salesforce.query_more(more, identifier_is_url=True)
