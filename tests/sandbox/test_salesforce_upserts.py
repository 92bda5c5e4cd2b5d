"""Rows of the stand-in Salesforce that are named by another field than their id; batches; runs of one type."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceError, SalesforceMoreThanOneRecord, SalesforceResourceNotFound

from tests.sandbox.conftest import Acme

TEXT = {"label": "Form", "type": "Text", "length": 40, "externalId": True}


@pytest.fixture
def forms(acme: Acme) -> Acme:
    """With an external id that the integration user may write."""
    body = {"FullName": "Lead.Form__c", "Metadata": TEXT}
    acme.salesforce.restful("tooling/sobjects/CustomField/", method="POST", json=body)
    sf = cast(Any, acme.salesforce)
    [mine] = acme.rows("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true")
    grant = {"SobjectType": "Lead", "Field": "Lead.Form__c", "PermissionsRead": True, "PermissionsEdit": True}
    sf.FieldPermissions.create({"ParentId": mine["Id"], **grant})
    return acme


def upsert(acme: Acme, kind: str, field: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{"attributes": {"type": kind}, **record} for record in records]
    answer = acme.salesforce.restful(
        f"composite/sobjects/{kind}/{field}", method="PATCH", json={"allOrNone": False, "records": rows}
    )
    return cast(list[dict[str, Any]], answer)


def test_an_upsert_creates_once_and_then_changes(forms: Acme) -> None:
    row = {"LastName": "Doe", "Company": "Acme"}
    lead = cast(Any, forms.salesforce).Lead

    statuses = [lead.upsert("Form__c/f 1", {**row, "Company": company}) for company in ("Acme", "Nord")]

    assert statuses == [201, 200]
    assert forms.rows("SELECT Form__c, Company FROM Lead") == [{"Form__c": "f 1", "Company": "Nord"}]


def test_a_row_is_read_by_its_external_id(forms: Acme) -> None:
    forms.lead(Form__c="f1")

    row = cast(Any, forms.salesforce).Lead.get_by_custom_id("Form__c", "F1")

    assert row["Form__c"] == "f1"


def test_many_rows_are_upserted_in_one_call_and_each_tells_whether_it_is_new(acme: Acme) -> None:
    known = upsert(acme, "Contact", "Email", {"LastName": "Doe", "Email": "jo@acme.example"})[0]["id"]

    results = upsert(
        acme,
        "Contact",
        "Email",
        {"LastName": "Roe", "Email": "JO@acme.example"},
        {"LastName": "Poe", "Email": "al@acme.example"},
        {"LastName": "Moe"},
    )

    assert [row.get("created") for row in results] == [False, True, None]
    assert (results[0]["id"], results[2]["errors"][0]["statusCode"]) == (known, "MISSING_ARGUMENT")
    assert acme.rows("SELECT LastName FROM Contact ORDER BY LastName") == [{"LastName": "Poe"}, {"LastName": "Roe"}]


def test_an_upsert_by_id_creates_where_none_is_given(acme: Acme) -> None:
    results = upsert(acme, "Contact", "Id", {"LastName": "Doe"}, {"LastName": "Doe", "Id": "0035g0000000099"})

    assert results[0]["created"] is True
    assert results[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_a_value_that_names_several_records_is_answered_with_all_of_them(acme: Acme) -> None:
    leads = [acme.lead(Email="jo@acme.example") for _ in range(2)]

    with pytest.raises(SalesforceMoreThanOneRecord) as several:
        cast(Any, acme.salesforce).Lead.get_by_custom_id("Email", "jo@acme.example")

    assert [address.rpartition("/")[2] for address in cast(list[str], several.value.content)] == leads
    [result] = upsert(acme, "Lead", "Email", {"LastName": "Doe", "Email": "jo@acme.example"})
    assert result["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


@pytest.mark.parametrize("field", ["Company", "Nope__c"])
def test_a_field_that_names_nothing_is_not_found(acme: Acme, field: str) -> None:
    with pytest.raises(SalesforceResourceNotFound, match="Provided external ID field does not exist"):
        cast(Any, acme.salesforce).Lead.upsert(f"{field}/x", {"LastName": "Doe"})


@pytest.mark.parametrize(
    ("runs", "code"), [pytest.param(10, "", id="ten"), pytest.param(11, "LIMIT_EXCEEDED", id="11")]
)
def test_a_call_may_hold_ten_runs_of_one_type(acme: Acme, runs: int, code: str) -> None:
    rows = [
        {"attributes": {"type": "Account"}, "Name": "Acme"}
        if number % 2
        else {"attributes": {"type": "Contact"}, "LastName": "Doe"}
        for number in range(runs)
    ]

    assert said(acme, "composite/sobjects", {"records": rows}) == code


def test_requests_of_a_batch_are_answered_each_for_itself(acme: Acme) -> None:
    lead = acme.lead()
    parts = [
        {"method": "PATCH", "url": f"v59.0/sobjects/Lead/{lead}", "richInput": {"Company": "Nord"}},
        {"method": "GET", "url": "v59.0/sobjects/Lead/00Q5g0000000099"},
    ]

    answer = acme.salesforce.restful("composite/batch", method="POST", json={"batchRequests": parts})

    results = cast(dict[str, Any], answer)["results"]
    assert cast(dict[str, Any], answer)["hasErrors"] is True
    assert (results[0], results[1]["statusCode"]) == ({"statusCode": 204, "result": None}, 404)


def test_a_batch_stops_at_the_first_error_where_asked_to(acme: Acme) -> None:
    parts = [{"method": "GET", "url": url} for url in ("v59.0/nothing", "v59.0/limits")]

    answer = acme.salesforce.restful(
        "composite/batch", method="POST", json={"batchRequests": parts, "haltOnError": True}
    )

    assert [part["statusCode"] for part in cast(dict[str, Any], answer)["results"]] == [404, 412]


def said(acme: Acme, path: str, body: Any) -> str:
    """The refusal's code, or empty where there is none."""
    try:
        acme.salesforce.restful(path, method="POST", json=body)
    except SalesforceError as refused:
        return cast(list[dict[str, str]], refused.content)[0]["errorCode"]
    return ""
