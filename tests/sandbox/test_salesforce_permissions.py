"""Field-level security: what the integration user may not see is not there for him, what he may not edit he cannot."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import codes, collections


def permit(acme: Acme, **levels: str) -> None:
    wanted = {name.replace("_", ".", 1): level for name, level in levels.items()}
    acme.sandbox.control("PUT", "/salesforce/permissions", wanted)


def fields(acme: Acme) -> set[str]:
    described = cast(dict[str, Any], acme.salesforce.restful("sobjects/Lead/describe"))
    return {field["name"] for field in described["fields"]}


def test_a_field_that_may_not_be_read_is_not_described(acme: Acme) -> None:
    permit(acme, Lead_Email="none")

    assert "Email" not in fields(acme)


@pytest.mark.parametrize("soql", ["SELECT Email FROM Lead", "SELECT Id FROM Lead WHERE Email = null"])
def test_a_field_that_may_not_be_read_is_no_column(acme: Acme, soql: str) -> None:
    permit(acme, Lead_Email="none")

    with pytest.raises(SalesforceMalformedRequest, match=r"INVALID_FIELD|No such column 'Email' on entity 'Lead'"):
        acme.salesforce.query(soql)


def test_a_field_that_may_not_be_read_cannot_be_written(acme: Acme) -> None:
    permit(acme, Lead_Email="none")

    assert codes(collections(acme.salesforce, "PATCH", [{"id": acme.lead(), "Email": "x@y.example"}])) == [
        "INVALID_FIELD"
    ]


def test_a_field_that_may_only_be_read_is_refused_in_writes(acme: Acme) -> None:
    permit(acme, Lead_Email="read")
    lead = acme.lead(Email="ann@nord.example")

    results = collections(acme.salesforce, "PATCH", [{"id": lead, "Email": "x@y.example"}])

    assert codes(results) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert acme.rows("SELECT Email FROM Lead") == [{"Email": "ann@nord.example"}]


def test_an_object_that_may_not_be_read_is_no_type(acme: Acme) -> None:
    permit(acme, Task="none")

    with pytest.raises(SalesforceMalformedRequest, match="sObject type 'Task' is not supported"):
        acme.salesforce.query("SELECT Id FROM Task")
    with pytest.raises(SalesforceMalformedRequest, match="Didn't understand relationship 'Tasks'"):
        acme.salesforce.query("SELECT Id, (SELECT Id FROM Tasks) FROM Lead")
    with pytest.raises(SalesforceResourceNotFound):
        acme.salesforce.restful("sobjects/Task/describe")


def test_a_permission_can_be_given_back(acme: Acme) -> None:
    permit(acme, Lead_Email="none", Task="none")

    permit(acme, Lead_Email="edit", Task="edit")

    assert "Email" in fields(acme)
    assert acme.rows("SELECT Id FROM Task") == []


def test_hidden_fields_have_their_defaults_all_the_same(acme: Acme) -> None:
    permit(acme, Task_Status="none", Task_Priority="none")

    cast(Any, acme.salesforce).Task.create({"Subject": "x"})

    [task] = acme.sandbox.control("GET", "/salesforce/records/Task")
    assert (task["Status"], task["Priority"]) == ("Not Started", "Normal")


@pytest.mark.parametrize("name", ["Lead.OwnerId", "Lead.Company", "Lead.Nope", "Nope"])
def test_what_everybody_sees_cannot_be_hidden(acme: Acme, name: str) -> None:
    with pytest.raises(RuntimeError, match=name):
        acme.sandbox.control("PUT", "/salesforce/permissions", {"Lead.Email": "none", name: "none"})

    assert "Email" in fields(acme)
