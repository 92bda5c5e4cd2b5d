"""What describe says: like recorded answers of real orgs, and never other than what queries do."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from sandbox.salesforce.schema import KINDS
from tests.sandbox.conftest import Acme

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "facts" / "recorded" / "salesforce"
SAID_ALIKE = (
    "type length precision scale nillable createable updateable filterable sortable groupable polymorphicForeignKey"
    " relationshipName custom nameField"
).split()
# The recorded org has person accounts, whose names need not be there.
DIFFERENT = {("Account", "Name", "nillable")}


def described(acme: Acme, kind: str) -> dict[str, Any]:
    return cast(dict[str, Any], acme.salesforce.restful(f"sobjects/{kind}/describe"))


def recorded(kind: str) -> dict[str, Any]:
    path = RECORDED / f"cumulusci__GET_sobjects_{kind}_describe.json"
    if not path.exists():
        pytest.skip(f"the recorded describe of {kind} is not on this machine")
    return cast(dict[str, Any], json.loads(path.read_text())["response"]["body"])


@pytest.mark.parametrize("kind", ["Lead", "Contact", "Account", "Opportunity", "Event"])
def test_each_field_is_described_as_a_real_org_does(acme: Acme, kind: str) -> None:
    real = {field["name"]: field for field in recorded(kind)["fields"]}

    ours = described(acme, kind)["fields"]

    different = {
        (kind, field["name"], said)
        for field in ours
        for said in SAID_ALIKE
        if field["name"] not in real or field[said] != real[field["name"]][said]
    }
    assert different - DIFFERENT == set()


def test_children_are_called_as_in_a_real_org(acme: Acme) -> None:
    real = {(child["relationshipName"], child["childSObject"]) for child in recorded("Lead")["childRelationships"]}

    ours = {
        (child["relationshipName"], child["childSObject"]) for child in described(acme, "Lead")["childRelationships"]
    }

    assert ours <= real


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.where == "data"])
def test_a_field_can_be_filtered_where_describe_says_so(acme: Acme, kind: str) -> None:
    for field in described(acme, kind)["fields"]:
        query = f"SELECT Id FROM {kind} WHERE {field['name']} = null LIMIT 1"
        if field["filterable"]:
            acme.salesforce.query(query)
        else:
            with pytest.raises(SalesforceMalformedRequest, match="can not be filtered"):
                acme.salesforce.query(query)


def test_a_picklist_names_its_values_and_which_is_the_default(acme: Acme) -> None:
    [status] = [field for field in described(acme, "Lead")["fields"] if field["name"] == "Status"]

    assert [(value["value"], value["defaultValue"]) for value in status["picklistValues"]] == [
        ("Open - Not Contacted", True),
        ("Working - Contacted", False),
        ("Closed - Converted", False),
        ("Closed - Not Converted", False),
    ]


def test_an_object_that_only_the_system_writes_says_so(acme: Acme) -> None:
    said = described(acme, "LoginHistory")

    assert (said["createable"], said["updateable"], said["deletable"], said["queryable"]) == (False, False, False, True)
