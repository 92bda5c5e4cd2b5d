"""Bulk API 2.0 of the stand-in Salesforce: jobs by hand, and by the real client."""

import csv
import io
from typing import Any, cast

import pytest
import requests

from tests.sandbox.conftest import Acme


def ask(acme: Acme, method: str, path: str, body: Any = None, text: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {acme.salesforce.session_id}"}
    url = f"{acme.sandbox.url}/services/data/v59.0/jobs/{path}"
    if text is not None:
        headers["Content-Type"] = "text/csv; charset=UTF-8"
        return requests.request(method, url, data=text.encode(), headers=headers, timeout=10)
    return requests.request(method, url, json=body, headers=headers, timeout=10)


def rows(answer: requests.Response | str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer if isinstance(answer, str) else answer.content.decode())))


def taken(acme: Acme, text: str, **wish: str) -> str:
    """A job that took the text in and is done; its id."""
    acme.sandbox.control("PUT", "/salesforce/settings", {"bulk_polls": 0})
    job = ask(acme, "POST", "ingest", {"object": "Lead", "operation": "insert", **wish}).json()["id"]
    ask(acme, "PUT", f"ingest/{job}/batches", text=text)
    ask(acme, "PATCH", f"ingest/{job}", {"state": "UploadComplete"})
    ask(acme, "GET", f"ingest/{job}")
    return str(job)


def test_a_job_is_done_after_it_was_looked_at_often_enough(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"bulk_polls": 1})
    made = ask(acme, "POST", "ingest", {"object": "Lead", "operation": "insert"}).json()
    job = made["id"]
    uploaded = ask(acme, "PUT", f"ingest/{job}/batches", text="LastName,Company\nDoe,Acme\n")
    closed = ask(acme, "PATCH", f"ingest/{job}", {"state": "UploadComplete"}).json()

    looks = [ask(acme, "GET", f"ingest/{job}").json() for _ in range(2)]

    assert (made["state"], uploaded.status_code, closed["state"]) == ("Open", 201, "UploadComplete")
    assert [look["state"] for look in looks] == ["InProgress", "JobComplete"]
    assert (looks[1]["numberRecordsProcessed"], looks[1]["numberRecordsFailed"]) == (1, 0)
    assert acme.rows("SELECT Company FROM Lead") == [{"Company": "Acme"}]


def test_a_bad_row_fails_alone_and_comes_back_with_its_reason(acme: Acme) -> None:
    job = taken(acme, 'LastName,Company,IsUnreadByOwner\nDoe,"A, ""B""",false\n,Acme,true\nRoe,Acme,maybe\n')

    [good] = rows(ask(acme, "GET", f"ingest/{job}/successfulResults"))
    missing, misread = rows(ask(acme, "GET", f"ingest/{job}/failedResults"))

    assert (good["sf__Created"], good["Company"]) == ("true", 'A, "B"')
    assert acme.rows("SELECT Id, Company, IsUnreadByOwner FROM Lead") == [
        {"Id": good["sf__Id"], "Company": 'A, "B"', "IsUnreadByOwner": False}
    ]
    assert missing["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert misread["sf__Error"].startswith("JSON_PARSER_ERROR:")
    assert rows(ask(acme, "GET", f"ingest/{job}/unprocessedRecords")) == []


def test_a_locked_row_has_the_recorded_form_of_error(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/salesforce/locks", {"id": lead, "writes": 1})

    job = taken(acme, f"Id,Company\n{lead},Nord\n", operation="update")

    [failed] = rows(ask(acme, "GET", f"ingest/{job}/failedResults"))
    assert failed["sf__Error"] == (
        f"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {lead}:--"
    )


def test_an_empty_cell_leaves_a_field_and_a_sign_empties_it(acme: Acme) -> None:
    lead = acme.lead(Title="CEO", Email="jo@acme.example", NumberOfEmployees=5)
    text = f"Id;Title;Email;NumberOfEmployees\r\n{lead};#N/A;;7\r\n"

    taken(acme, text, operation="update", columnDelimiter="SEMICOLON", lineEnding="CRLF")

    assert acme.rows("SELECT Title, Email, NumberOfEmployees FROM Lead") == [
        {"Title": None, "Email": "jo@acme.example", "NumberOfEmployees": 7}
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("LastName,Nope\nDoe,x\n", "Field name not found : Nope", id="a column that is no field"),
        pytest.param("LastName,Company\nDoe\n", "Row 1 has 1 columns", id="a row that is too short"),
        pytest.param("\n", "no header row", id="nothing"),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_job(acme: Acme, text: str, reason: str) -> None:
    job = taken(acme, text)

    shown = ask(acme, "GET", f"ingest/{job}").json()

    assert (shown["state"], reason in shown["errorMessage"]) == ("Failed", True)


def test_the_assignment_rule_runs_only_where_the_job_names_one(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"assignment_owner": acme.inbound})
    text = f"LastName,Company,OwnerId\nDoe,Acme,{acme.ana}\n"

    taken(acme, text)
    taken(acme, text, assignmentRuleId="01Q5g000000000AEAQ")

    assert [row["OwnerId"] for row in acme.rows("SELECT OwnerId FROM Lead ORDER BY Id")] == [acme.ana, acme.inbound]


def test_an_upsert_tells_which_rows_are_new(acme: Acme) -> None:
    acme.lead(Email="jo@acme.example")
    text = "LastName,Company,Email\nDoe,Nord,jo@acme.example\nRoe,Nord,al@acme.example\n"

    job = taken(acme, text, operation="upsert", externalIdFieldName="Email")

    assert [row["sf__Created"] for row in rows(ask(acme, "GET", f"ingest/{job}/successfulResults"))] == [
        "false",
        "true",
    ]


def test_a_job_that_was_aborted_leaves_its_rows_unprocessed(acme: Acme) -> None:
    job = ask(acme, "POST", "ingest", {"object": "Lead", "operation": "insert"}).json()["id"]
    ask(acme, "PUT", f"ingest/{job}/batches", text="LastName,Company\nDoe,Acme\n")

    ask(acme, "PATCH", f"ingest/{job}", {"state": "Aborted"})

    assert rows(ask(acme, "GET", f"ingest/{job}/unprocessedRecords")) == [{"LastName": "Doe", "Company": "Acme"}]
    assert acme.rows("SELECT Id FROM Lead") == []


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        pytest.param("ingest", {"object": "Lead", "operation": "merge"}, id="no operation"),
        pytest.param("ingest", {"object": "Leed", "operation": "insert"}, id="no object"),
        pytest.param("ingest", {"object": "Lead", "operation": "insert", "lineEnding": "CR"}, id="no line ending"),
        pytest.param("query", {"operation": "query"}, id="no query"),
    ],
)
def test_a_job_that_cannot_be_is_refused(acme: Acme, path: str, wish: dict[str, str]) -> None:
    answer = ask(acme, "POST", path, wish)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALIDJOB")


def test_results_of_a_query_come_in_pages(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"bulk_polls": 0})
    for company in ("A", "B", "C"):
        acme.lead(Company=company)
    wish = {"operation": "query", "query": "SELECT Company, Owner.Name FROM Lead ORDER BY Company"}
    job = ask(acme, "POST", "query", wish).json()["id"]
    assert ask(acme, "GET", f"query/{job}/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    ask(acme, "GET", f"query/{job}")

    first = ask(acme, "GET", f"query/{job}/results?maxRecords=2")
    last = ask(acme, "GET", f"query/{job}/results?maxRecords=2&locator={first.headers['Sforce-Locator']}")

    assert [row["Company"] for row in rows(first)] == ["A", "B"]
    assert rows(last) == [{"Company": "C", "Owner.Name": "Integration"}]
    assert (first.headers["Sforce-NumberOfRecords"], last.headers["Sforce-NumberOfRecords"]) == ("2", "1")
    assert last.headers["Sforce-Locator"] == "null"


def test_a_malformed_query_is_refused_at_once(acme: Acme) -> None:
    answer = ask(acme, "POST", "query", {"operation": "query", "query": "SELECT Id FROM"})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")


def test_the_real_client_brings_rows_in_and_out(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"bulk_polls": 0})
    bulk = cast(Any, acme.salesforce.bulk2).Lead

    [told] = bulk.insert(records=[{"LastName": "Doe", "Company": "Acme"}, {"LastName": "Roe"}], wait=0)

    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (2, 1)
    assert [row["LastName"] for page in bulk.query("SELECT LastName FROM Lead", wait=0) for row in rows(page)] == [
        "Doe"
    ]
    [failed] = rows(bulk.get_failed_records(told["job_id"]))
    assert failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
