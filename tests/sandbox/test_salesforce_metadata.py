"""Custom fields, permission to see them, and validation rules: what provisioning does to an org."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import codes, collections

TEXT = {"label": "Decision", "type": "Text", "length": 40}
CHOICE = {
    "label": "State",
    "type": "Picklist",
    "valueSet": {"restricted": True, "valueSetDefinition": {"value": [{"valueName": "Met", "label": "Met"}]}},
}
GUARD = "AND(ISCHANGED(Decision__c), CASESAFEID(PRIORVALUE(OwnerId)) <> Expected__c)"


def made(acme: Acme, kind: str, name: str, metadata: dict[str, Any]) -> Any:
    body = {"FullName": name, "Metadata": metadata}
    return acme.salesforce.restful(f"tooling/sobjects/{kind}/", method="POST", json=body)


def refusal(acme: Acme, kind: str, name: str, metadata: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        made(acme, kind, name, metadata)
    [error] = cast(list[dict[str, str]], refused.value.content)
    return error["errorCode"], error["message"]


def permission_set(acme: Acme, assigned: bool = True) -> str:
    created = cast(Any, acme.salesforce).PermissionSet.create({"Name": "Fairlead", "Label": "Fairlead"})
    me = acme.rows("SELECT Id FROM User WHERE Username = 'integration@acme.example'")[0]["Id"]
    if assigned:
        row = {"PermissionSetId": created["id"], "AssigneeId": me}
        cast(Any, acme.salesforce).PermissionSetAssignment.create(row)
    return str(created["id"])


def grant(acme: Acme, to: str, field: str, edit: bool = True) -> None:
    row = {"ParentId": to, "SobjectType": "Lead", "Field": field, "PermissionsRead": True, "PermissionsEdit": edit}
    cast(Any, acme.salesforce).FieldPermissions.create(row)


@pytest.fixture
def guarded(acme: Acme) -> Acme:
    """With the two fields that the guard compares, granted, and the guard."""
    granted = permission_set(acme)
    for name in ("Decision__c", "Expected__c"):
        made(acme, "CustomField", f"Lead.{name}", TEXT)
        grant(acme, granted, f"Lead.{name}")
    rule = {"active": True, "errorConditionFormula": GUARD, "errorMessage": "lost the race"}
    made(acme, "ValidationRule", "Lead.Guard", rule)
    return acme


def sees(acme: Acme, field: str) -> bool:
    described = cast(dict[str, Any], acme.salesforce.restful("sobjects/Lead/describe"))
    return field in {shown["name"] for shown in described["fields"]}


def test_a_new_field_is_invisible_until_the_user_is_granted_it(acme: Acme) -> None:
    lead = acme.lead()
    assert made(acme, "CustomField", "Lead.Decision__c", TEXT)["success"] is True
    assert not sees(acme, "Decision__c")
    assert codes(collections(acme.salesforce, "PATCH", [{"id": lead, "Decision__c": "x"}])) == ["INVALID_FIELD"]
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Decision__c'"):
        acme.rows("SELECT Decision__c FROM Lead")

    grant(acme, permission_set(acme), "Lead.Decision__c")

    assert sees(acme, "Decision__c")
    assert codes(collections(acme.salesforce, "PATCH", [{"id": lead, "Decision__c": "x"}])) == [""]
    assert acme.rows("SELECT Decision__c FROM Lead WHERE Decision__c = 'X'") == [{"Decision__c": "x"}]


def test_a_grant_to_somebody_else_shows_nothing(acme: Acme) -> None:
    made(acme, "CustomField", "Lead.Decision__c", TEXT)

    grant(acme, permission_set(acme, assigned=False), "Lead.Decision__c")

    assert not sees(acme, "Decision__c")


def test_a_field_that_may_only_be_read_cannot_be_written(acme: Acme) -> None:
    made(acme, "CustomField", "Lead.Decision__c", TEXT)
    grant(acme, permission_set(acme), "Lead.Decision__c", edit=False)

    results = collections(acme.salesforce, "PATCH", [{"id": acme.lead(), "Decision__c": "x"}])

    assert codes(results) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]


def test_a_second_field_of_the_same_name_is_refused(acme: Acme) -> None:
    made(acme, "CustomField", "Lead.Decision__c", TEXT)

    assert refusal(acme, "CustomField", "Lead.decision__c", TEXT)[0] == "DUPLICATE_DEVELOPER_NAME"


@pytest.mark.parametrize("name", ["Lead.Decision", "Lead.2nd__c", "Lead.a__b__c", f"Lead.{'x' * 41}__c"])
def test_a_name_that_no_field_can_have_is_refused(acme: Acme, name: str) -> None:
    assert refusal(acme, "CustomField", name, TEXT)[0] == "FIELD_INTEGRITY_EXCEPTION"


def test_a_permission_for_a_field_that_is_not_there_is_refused(acme: Acme) -> None:
    granted = permission_set(acme)

    with pytest.raises(SalesforceMalformedRequest, match=r"bad value for restricted picklist field: Lead\.Nope__c"):
        grant(acme, granted, "Lead.Nope__c")


def test_a_restricted_choice_refuses_other_values(acme: Acme) -> None:
    made(acme, "CustomField", "Lead.State__c", CHOICE)
    grant(acme, permission_set(acme), "Lead.State__c")
    lead = acme.lead()

    results = collections(acme.salesforce, "PATCH", [{"id": lead, "State__c": "Met"}, {"id": lead, "State__c": "Lost"}])

    assert codes(results) == ["", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]


def tooling(acme: Acme, soql: str) -> list[dict[str, Any]]:
    answer = cast(dict[str, Any], acme.salesforce.restful("tooling/query/", params={"q": soql}))
    return [{name: value for name, value in row.items() if name != "attributes"} for row in answer["records"]]


def test_what_was_made_is_found_through_tooling(guarded: Acme) -> None:
    fields = tooling(guarded, "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Lead'")
    rules = tooling(
        guarded,
        "SELECT ValidationName, Active, EntityDefinition.QualifiedApiName FROM ValidationRule"
        " WHERE EntityDefinition.QualifiedApiName = 'Lead' AND ValidationName = 'Guard'",
    )

    assert [field["DeveloperName"] for field in fields] == ["Decision", "Expected"]
    assert [(rule["ValidationName"], rule["Active"]) for rule in rules] == [("Guard", True)]


def test_tooling_knows_the_objects_and_shows_one_piece_of_metadata(guarded: Acme) -> None:
    assert tooling(guarded, "SELECT QualifiedApiName, KeyPrefix FROM EntityDefinition WHERE KeyPrefix = '00Q'") == [
        {"QualifiedApiName": "Lead", "KeyPrefix": "00Q"}
    ]
    [rule] = tooling(guarded, "SELECT Id FROM ValidationRule")
    shown = cast(dict[str, Any], guarded.salesforce.restful(f"tooling/sobjects/ValidationRule/{rule['Id']}"))
    assert shown["Metadata"]["errorConditionFormula"] == GUARD


def test_the_guard_refuses_just_the_row_whose_owner_somebody_changed(guarded: Acme) -> None:
    free, taken = guarded.lead(OwnerId=guarded.inbound), guarded.lead(OwnerId=guarded.inbound)
    guarded.sandbox.control("POST", "/salesforce/owner", {"lead": taken, "owner": guarded.ben})
    write = {"OwnerId": guarded.ana, "Decision__c": "d1", "Expected__c": guarded.inbound}

    results = collections(guarded.salesforce, "PATCH", [{"id": taken, **write}, {"id": free, **write}])

    assert codes(results) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", ""]
    assert results[0]["errors"][0]["message"] == "lost the race"
    assert (guarded.seen(taken)["owner"], guarded.seen(free)["owner"]) == (guarded.ben, guarded.ana)


def test_the_guard_leaves_writes_without_a_new_decision_alone(guarded: Acme) -> None:
    lead = guarded.lead(OwnerId=guarded.inbound)

    assert codes(collections(guarded.salesforce, "PATCH", [{"id": lead, "Company": "Nord"}])) == [""]


def test_a_rule_that_is_not_active_is_not_asked(acme: Acme) -> None:
    rule = {"active": False, "errorConditionFormula": "true", "errorMessage": "never"}
    made(acme, "ValidationRule", "Lead.Never", rule)

    assert codes(collections(acme.salesforce, "PATCH", [{"id": acme.lead(), "Company": "Nord"}])) == [""]


def test_a_rule_may_point_at_a_field(acme: Acme) -> None:
    formula = "ISCHANGED(Company)"
    rule = {"active": True, "errorConditionFormula": formula, "errorMessage": "no", "errorDisplayField": "Company"}
    made(acme, "ValidationRule", "Lead.Fixed", rule)

    [result] = collections(acme.salesforce, "PATCH", [{"id": acme.lead(), "Company": "Nord"}])

    assert result["errors"][0]["fields"] == ["Company"]


def test_a_rule_is_asked_about_new_rows_too(acme: Acme) -> None:
    rule = {"active": True, "errorConditionFormula": "ISNEW() && ISBLANK(Email)", "errorMessage": "no address"}
    made(acme, "ValidationRule", "Lead.Address", rule)

    results = collections(acme.salesforce, "POST", [{"LastName": "Doe", "Company": "Acme"}])

    assert codes(results) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]


def test_a_second_rule_of_the_same_name_is_refused(guarded: Acme) -> None:
    rule = {"active": True, "errorConditionFormula": "true", "errorMessage": "no"}

    assert refusal(guarded, "ValidationRule", "Lead.Guard", rule)[0] == "DUPLICATE_DEVELOPER_NAME"


def test_a_rule_over_a_field_that_is_not_there_is_refused(acme: Acme) -> None:
    rule = {"active": True, "errorConditionFormula": "ISBLANK(Nope__c)", "errorMessage": "no"}

    code, message = refusal(acme, "ValidationRule", "Lead.Bad", rule)

    assert (code, "Field Nope__c does not exist" in message) == ("FIELD_INTEGRITY_EXCEPTION", True)


def test_a_rule_that_cannot_be_computed_refuses_its_row_and_nothing_else(acme: Acme) -> None:
    formula = "IF(Company = 'Nord', 1 / 0 > 2, false)"
    rule = {"active": True, "errorConditionFormula": formula, "errorMessage": "no"}
    made(acme, "ValidationRule", "Lead.Broken", rule)
    rows = [{"id": acme.lead(), "Company": "Nord"}, {"id": acme.lead(), "Company": "Sued"}]

    results = collections(acme.salesforce, "PATCH", rows)

    assert results[0]["errors"][0]["message"].startswith("The formula of Broken has no value")


def rule_id(acme: Acme, name: str) -> str:
    return str(tooling(acme, f"SELECT Id FROM ValidationRule WHERE ValidationName = '{name}'")[0]["Id"])


def test_a_rule_that_an_admin_switches_off_is_not_asked_any_more(guarded: Acme) -> None:
    lead = guarded.lead(OwnerId=guarded.ben)
    rule = {"active": False, "errorConditionFormula": GUARD, "errorMessage": "lost the race"}
    path = f"tooling/sobjects/ValidationRule/{rule_id(guarded, 'Guard')}"

    guarded.salesforce.restful(path, method="PATCH", json={"Metadata": rule})

    write = {"id": lead, "Decision__c": "d1", "Expected__c": guarded.inbound}
    assert codes(collections(guarded.salesforce, "PATCH", [write])) == [""]
    assert tooling(guarded, "SELECT Active FROM ValidationRule") == [{"Active": False}]


def test_a_rule_that_is_changed_goes_by_its_new_formula(guarded: Acme) -> None:
    rule = {"active": True, "errorConditionFormula": "Company = 'Nord'", "errorMessage": "not them"}
    path = f"tooling/sobjects/ValidationRule/{rule_id(guarded, 'Guard')}"
    collections(guarded.salesforce, "PATCH", [{"id": guarded.lead(), "Company": "Sued"}])  # it has been asked before

    guarded.salesforce.restful(path, method="PATCH", json={"Metadata": rule})

    [result] = collections(guarded.salesforce, "PATCH", [{"id": guarded.lead(), "Company": "Nord"}])
    assert result["errors"][0]["message"] == "not them"


def test_a_rule_that_is_deleted_is_gone(guarded: Acme) -> None:
    path = f"tooling/sobjects/ValidationRule/{rule_id(guarded, 'Guard')}"

    guarded.salesforce.restful(path, method="DELETE")

    assert tooling(guarded, "SELECT Id FROM ValidationRule") == []
    write = {"id": guarded.lead(), "Decision__c": "d1", "Expected__c": guarded.ben}
    assert codes(collections(guarded.salesforce, "PATCH", [write])) == [""]


def test_a_field_that_is_deleted_is_gone(guarded: Acme) -> None:
    [field] = tooling(guarded, "SELECT Id FROM CustomField WHERE DeveloperName = 'Decision'")

    guarded.salesforce.restful(f"tooling/sobjects/CustomField/{field['Id']}", method="DELETE")

    assert not sees(guarded, "Decision__c")


def test_a_field_gets_a_new_label(guarded: Acme) -> None:
    [field] = tooling(guarded, "SELECT Id FROM CustomField WHERE DeveloperName = 'Decision'")
    path = f"tooling/sobjects/CustomField/{field['Id']}"

    guarded.salesforce.restful(path, method="PATCH", json={"Metadata": {**TEXT, "label": "Verdict"}})

    described = cast(dict[str, Any], guarded.salesforce.restful("sobjects/Lead/describe"))
    assert "Verdict" in {shown["label"] for shown in described["fields"]}


def test_a_rule_knows_how_old_a_row_is(acme: Acme) -> None:
    rule = {"active": True, "errorConditionFormula": "NOW() - CreatedDate > 1", "errorMessage": "too late"}
    made(acme, "ValidationRule", "Lead.Old", rule)
    rows = [{"id": acme.lead(), "Company": "Nord"}, {"id": acme.lead(CreatedDate="2026-05-30T09:00:00Z")}]

    assert codes(collections(acme.salesforce, "PATCH", rows)) == ["", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]
