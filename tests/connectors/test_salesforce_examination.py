"""What `fairlead doctor` is told of a Salesforce org."""

from dataclasses import replace

import pytest

from connectors.base import Finding
from connectors.registry import connect
from tests.connectors.stage import INTEGRATION, NOT_PEOPLE, Stage, mapping_of
from tests.crm_example import credentials
from tests.sandbox_process import SandboxProcess


def found(stage: Stage, **changes: object) -> dict[str, Finding]:
    mapping = replace(mapping_of("salesforce"), **changes)  # type: ignore[arg-type]
    crm = connect("salesforce", credentials("salesforce", stage.sandbox.url), mapping, NOT_PEOPLE)
    return {finding.what: finding for finding in crm.examine()}


def test_an_org_that_is_ready_has_nothing_wrong_but_what_this_sandbox_does_not_tell(salesforce: Stage) -> None:
    wrong = [finding for finding in found(salesforce).values() if finding.ok is False]

    assert [finding.what for finding in wrong if finding.what != "calls of the day"] == []


def test_an_object_that_a_rule_follows_and_our_user_does_not_see_is_named(salesforce: Stage) -> None:
    salesforce.control("PUT", "permissions", {"Opportunity": "none"})

    told = {one.what: one for one in salesforce.crm.examine({"opportunities", "team"})}

    assert told["the object AccountTeamMember"].ok
    assert told["the object Opportunity"].ok is False
    assert "Read" in told["the object Opportunity"].way_out
    assert "the object Opportunity" not in {one.what for one in salesforce.crm.examine()}


def test_all_that_is_wrong_says_what_to_do(sandbox: SandboxProcess) -> None:
    bare = Stage(sandbox, "salesforce", provisioned=False)

    wrong = [finding for finding in found(bare).values() if finding.ok is False]

    assert all(finding.way_out and finding.detail for finding in wrong)


def test_fields_and_guard_that_are_missing_are_found(sandbox: SandboxProcess) -> None:
    told = found(Stage(sandbox, "salesforce", provisioned=False))

    assert told["our 25 fields of Lead"].ok is False
    assert "fairlead provision" in told["our 25 fields of Lead"].way_out
    assert told["validation rule Lead.Fairlead_Owner_Guard"].ok is False


def test_a_field_of_the_mapping_that_is_not_there_is_named(salesforce: Stage) -> None:
    told = found(salesforce, fields={"email": "Email", "score": "Score__c"})

    assert told["`score` is Lead.Score__c"].ok is False
    assert "Score__c" in told["`score` is Lead.Score__c"].way_out
    assert told["`email` is Lead.Email"].ok


def test_a_field_of_a_type_that_cannot_hold_the_value_is_named(salesforce: Stage) -> None:
    told = found(salesforce, fields={"revenue": "CreatedDate"}, types={"revenue": "amount"})

    assert told["`revenue` is Lead.CreatedDate"].ok is False


@pytest.mark.parametrize(
    "mapping",
    [
        pytest.param({"fields": {"custom.seats": "Company"}, "types": {"custom.seats": "number"}}, id="typed"),
        pytest.param({"fields": {"employees": "Company"}}, id="a number by its name"),
    ],
)
def test_a_number_that_is_read_from_text_is_named_with_its_place_and_a_way_out(
    salesforce: Stage, mapping: dict[str, object]
) -> None:
    [told] = [one for what, one in found(salesforce, **mapping).items() if what.endswith(" is Lead.Company")]

    assert (told.ok, "it is text" in told.detail) == (None, True)
    assert "crm/salesforce.yaml" in told.way_out


def test_a_queue_that_is_not_there_or_takes_no_leads_is_named(salesforce: Stage) -> None:
    salesforce.control("POST", "queues", [{"name": "Cases", "objects": ["Case"]}])

    told = found(salesforce, unowned_by=("queue:Inbound", "queue:Nowhere", "queue:Cases"))

    assert told["queue 'Inbound'"].ok
    assert told["queue 'Nowhere'"].ok is False
    assert told["queue 'Cases'"].ok is False


def test_a_user_who_is_inactive_or_unknown_is_named(salesforce: Stage) -> None:
    salesforce.control("POST", "users", [{"email": "gone@acme.example", "name": "Gone Girl", "active": False}])

    told = found(salesforce, unowned_by=("user:gone@acme.example", "user:never@acme.example", f"user:{INTEGRATION}"))

    assert told["user gone@acme.example"].ok is False
    assert told["user never@acme.example"].ok is False
    assert told[f"user {INTEGRATION}"].ok


def test_a_sign_in_that_is_refused_is_all_there_is_to_tell(salesforce: Stage) -> None:
    wrong = replace(credentials("salesforce", salesforce.sandbox.url), secret="wrong")
    crm = connect("salesforce", wrong, mapping_of("salesforce"), NOT_PEOPLE)

    [finding] = crm.examine()

    assert (finding.what, finding.ok) == ("sign-in", False)
    assert "SALESFORCE_CONSUMER_SECRET" in finding.detail


def test_looking_changes_nothing(salesforce: Stage) -> None:
    salesforce.sandbox.control("DELETE", "/calls")

    found(salesforce)

    log = salesforce.sandbox.control("GET", "/calls")["log"]
    assert {call["path"].rpartition("/")[2] for call in log if call["method"] != "GET"} <= {"token", "composite"}
