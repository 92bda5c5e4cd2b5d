"""Many rows in one call (sObject Collections) and many calls in one (Composite)."""

from typing import Any, cast
from urllib.parse import quote_plus

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import codes, collections


def refused(acme: Acme, path: str, body: Any) -> str:
    with pytest.raises(SalesforceMalformedRequest) as answer:
        acme.salesforce.restful(path, method="PATCH" if path.endswith("sobjects") else "POST", json=body)
    return cast(list[dict[str, str]], answer.value.content)[0]["errorCode"]


def test_each_row_has_its_own_result_in_order(acme: Acme) -> None:
    good, gone, done = acme.lead(), acme.lead(), acme.lead()
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": gone})
    acme.sandbox.control("POST", "/salesforce/convert", {"lead": done})
    rows = [
        {"id": good, "OwnerId": acme.ana},
        {"id": gone, "OwnerId": acme.ana},
        {"id": done, "OwnerId": acme.ana},
        {"id": "00Q5g0000000099", "OwnerId": acme.ana},
        {"id": good, "OwnerId": acme.zoe},
        {"id": "nonsense", "OwnerId": acme.ana},
        {"OwnerId": acme.ana},
    ]

    results = collections(acme.salesforce, "PATCH", rows)

    assert results[0] == {"id": good, "success": True, "errors": []}
    assert codes(results) == [
        "",
        "ENTITY_IS_DELETED",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "INVALID_CROSS_REFERENCE_KEY",
        "INACTIVE_OWNER_OR_USER",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
    ]
    assert "id" not in results[1]
    assert acme.seen(good)["owner"] == acme.ana


def test_one_bad_row_takes_all_back_where_all_or_none_was_asked_for(acme: Acme) -> None:
    first, second = acme.lead(), acme.lead()
    before = acme.seen(first)
    rows = [{"id": first, "OwnerId": acme.ana}, {"id": second, "OwnerId": acme.zoe}]

    results = collections(acme.salesforce, "PATCH", rows, all_or_none=True)

    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INACTIVE_OWNER_OR_USER"]
    assert acme.seen(first) == before


def test_two_hundred_rows_are_taken_and_one_more_is_not(acme: Acme) -> None:
    rows = [{"LastName": "Doe", "Company": "Acme"}] * 200

    made = collections(acme.salesforce, "POST", rows)

    assert codes(made) == [""] * 200
    assert len({row["id"] for row in made}) == 200
    body = {"records": [{"attributes": {"type": "Lead"}, **row} for row in [*rows, rows[0]]]}
    assert refused(acme, "composite/sobjects", body) == "EXCEEDED_ID_LIMIT"


def test_a_row_without_a_type_refuses_the_call(acme: Acme) -> None:
    assert refused(acme, "composite/sobjects", {"records": [{"id": acme.lead()}]}) == "INVALID_INPUT"


def test_the_thirteenth_update_of_one_row_is_refused(acme: Acme) -> None:
    lead = acme.lead()

    results = collections(acme.salesforce, "PATCH", [{"id": lead, "Company": f"{n}"} for n in range(13)])

    assert codes(results) == [""] * 12 + ["DUPLICATE_VALUE"]
    assert acme.seen(lead)["Company"] == "11"


def test_the_assignment_rule_runs_for_batches_too(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/salesforce/settings", {"assignment_owner": acme.inbound})

    collections(acme.salesforce, "PATCH", [{"id": lead, "OwnerId": acme.ana}])
    assert acme.seen(lead)["owner"] == acme.inbound

    acme.salesforce.session.headers["Sforce-Auto-Assign"] = "FALSE"
    collections(acme.salesforce, "PATCH", [{"id": lead, "OwnerId": acme.ana}])
    assert acme.seen(lead)["owner"] == acme.ana


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rows_are_read_by_id_and_unknown_ones_are_null(acme: Acme, method: str) -> None:
    known, gone = acme.lead(Company="Nord"), acme.lead()
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": gone})
    ids = [known, "00Q5g0000000099", gone]
    asked: dict[str, Any] = (
        {"params": {"ids": ",".join(ids), "fields": "Company"}}
        if method == "GET"
        else {"json": {"ids": ids, "fields": ["Company"]}}
    )

    rows = acme.salesforce.restful("composite/sobjects/Lead", method=method, **asked)

    assert cast(list[Any], rows)[1:] == [None, None]
    first = cast(list[dict[str, Any]], rows)[0]
    assert (first["Id"], first["Company"]) == (known, "Nord")


def test_rows_are_deleted_by_id(acme: Acme) -> None:
    lead = acme.lead()

    results = acme.salesforce.restful("composite/sobjects", method="DELETE", params={"ids": lead, "allOrNone": "false"})

    assert results == [{"id": lead, "success": True, "errors": []}]
    assert acme.rows("SELECT Id FROM Lead") == []


def part(reference: str, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    made = {"referenceId": reference, "method": method, "url": f"/services/data/v59.0/{path}"}
    return {**made, **({"body": body} if body else {}), **({"httpHeaders": headers} if headers else {})}


def composite(acme: Acme, *parts: dict[str, Any], all_or_none: bool = False) -> dict[str, tuple[int, Any]]:
    """By reference: (status, body)."""
    body = {"allOrNone": all_or_none, "compositeRequest": list(parts)}
    answer = cast(dict[str, Any], acme.salesforce.restful("composite", method="POST", json=body))
    return {row["referenceId"]: (row["httpStatusCode"], row["body"]) for row in answer["compositeResponse"]}


def test_several_queries_travel_in_one_call_and_fail_alone(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("DELETE", "/calls")

    answers = composite(
        acme,
        part("a", "GET", "query/?q=" + quote_plus("SELECT Id FROM Lead WHERE Company = 'Acme'")),
        part("b", "GET", "query/?q=" + quote_plus("SELECT Nope FROM Lead")),
    )

    assert [row["Id"] for row in answers["a"][1]["records"]] == [lead]
    assert (answers["b"][0], answers["b"][1][0]["errorCode"]) == (400, "INVALID_FIELD")
    assert acme.sandbox.control("GET", "/calls")["salesforce"] == 1


def test_a_later_request_can_name_what_an_earlier_one_made(acme: Acme) -> None:
    answers = composite(
        acme,
        part("account", "POST", "sobjects/Account", {"Name": "Nord"}),
        part("contact", "POST", "sobjects/Contact", {"LastName": "Doe", "AccountId": "@{account.id}"}),
        part("lost", "PATCH", "sobjects/Account/@{nobody.id}", {"Name": "x"}),
    )

    assert [row["Account"]["Name"] for row in acme.rows("SELECT Account.Name FROM Contact")] == ["Nord"]
    assert answers["lost"][0] == 400


def test_a_failure_takes_all_requests_back_where_all_or_none_was_asked_for(acme: Acme) -> None:
    answers = composite(
        acme,
        part("good", "POST", "sobjects/Account", {"Name": "Nord"}),
        part("bad", "POST", "sobjects/Lead", {"Company": "Nord"}),
        all_or_none=True,
    )

    assert answers["good"][1][0]["errorCode"] == "PROCESSING_HALTED"
    assert answers["bad"][1][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert acme.rows("SELECT Id FROM Account") == []


def test_a_part_goes_by_its_own_headers(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/salesforce/settings", {"assignment_owner": acme.inbound})
    headers = {"Sforce-Auto-Assign": "FALSE"}
    acme.salesforce.session.headers["Sforce-Auto-Assign"] = "FALSE"

    composite(acme, part("a", "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana}))
    assert acme.seen(lead)["owner"] == acme.inbound

    answers = composite(acme, part("a", "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana}, **headers))

    assert answers["a"] == (204, None)
    assert acme.seen(lead)["owner"] == acme.ana


@pytest.mark.parametrize(
    ("path", "count"),
    [pytest.param("limits", 26, id="26 requests"), pytest.param("query/?q=x", 6, id="six queries")],
)
def test_too_many_requests_in_one_are_refused(acme: Acme, path: str, count: int) -> None:
    parts = [part(f"r{number}", "GET", path) for number in range(count)]

    assert refused(acme, "composite", {"compositeRequest": parts}) == "LIMIT_EXCEEDED"
