"""Rows of the stand-in Salesforce, one at a time: what is kept, what is refused and with which words."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceError

from tests.sandbox.conftest import Acme

LEAD = {"LastName": "Doe", "Company": "Acme"}


def ask(acme: Acme, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return acme.salesforce.restful(path, method=method, json=body, headers=headers)


def refusal(acme: Acme, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
    """(status, code, text)"""
    with pytest.raises(SalesforceError) as refused:
        ask(acme, method, path, body)
    [error] = cast(list[dict[str, str]], refused.value.content)
    return refused.value.status, error["errorCode"], error["message"]


def test_a_created_row_has_an_id_with_its_prefix_and_checksum(acme: Acme) -> None:
    made = ask(acme, "POST", "sobjects/Lead/", {**LEAD, "FirstName": "Jo"})

    assert made == {"id": made["id"], "success": True, "errors": []}
    assert (made["id"][:3], len(made["id"])) == ("00Q", 18)
    row = ask(acme, "GET", f"sobjects/Lead/{made['id'][:15]}")
    assert (row["Id"], row["Name"], row["Status"]) == (made["id"], "Jo Doe", "Open - Not Contacted")


def test_a_changed_row_is_stamped(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T10:30:00Z"})

    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"Company": "Nord"})

    row = ask(acme, "GET", f"sobjects/Lead/{lead}?fields=Company,CreatedDate,LastModifiedDate,SystemModstamp")
    del row["attributes"]
    assert row == {
        "Company": "Nord",
        "CreatedDate": "2026-06-01T09:00:00.000+0000",
        "LastModifiedDate": "2026-06-01T10:30:00.000+0000",
        "SystemModstamp": "2026-06-01T10:30:00.000+0000",
    }


def test_a_task_is_completed_when_its_status_says_so(acme: Acme) -> None:
    task = ask(acme, "POST", "sobjects/Task/", {"Subject": "Call back", "WhoId": acme.lead(), "OwnerId": acme.ana})
    assert acme.rows("SELECT IsClosed, CompletedDateTime FROM Task") == [{"IsClosed": False, "CompletedDateTime": None}]

    ask(acme, "PATCH", f"sobjects/Task/{task['id']}", {"Status": "Completed"})

    assert acme.rows("SELECT IsClosed, CompletedDateTime FROM Task") == [
        {"IsClosed": True, "CompletedDateTime": "2026-06-01T09:00:00.000+0000"}
    ]

    ask(acme, "PATCH", f"sobjects/Task/{task['id']}", {"Status": "In Progress"})
    assert acme.rows("SELECT IsClosed, CompletedDateTime FROM Task") == [{"IsClosed": False, "CompletedDateTime": None}]


def test_two_users_cannot_share_a_name_to_sign_in_with(acme: Acme) -> None:
    ana = {"Username": "ana@acme.example", "Email": "ana@acme.example", "LastName": "Keller"}

    assert refusal(acme, "POST", "sobjects/User/", ana)[1] == "DUPLICATE_VALUE"


REFUSED = [
    pytest.param({"OwnerId": "zoe"}, "INACTIVE_OWNER_OR_USER", "inactive user", id="an owner who has left"),
    pytest.param({"OwnerId": None}, "INVALID_CROSS_REFERENCE_KEY", "owner cannot be blank", id="no owner"),
    pytest.param(
        {"OwnerId": "0055g0000000099"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", id="unknown owner"
    ),
    pytest.param({"OwnerId": "lead"}, "MALFORMED_ID", "Owner ID: id value of incorrect type", id="a lead as owner"),
    pytest.param(
        {"OwnerId": "other"}, "OP_WITH_INVALID_USER_TYPE_EXCEPTION", "user type", id="a queue that takes no leads"
    ),
    pytest.param({"Company": None}, "REQUIRED_FIELD_MISSING", "[Company]", id="a required field emptied"),
    pytest.param({"Nope": 1}, "INVALID_FIELD", "No such column 'Nope' on sobject of type Lead", id="unknown field"),
    pytest.param(
        {"ConvertedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "ConvertedDate", id="a read-only field"
    ),
    pytest.param({"Company": "x" * 256}, "STRING_TOO_LONG", "(max length=255)", id="a text that is too long"),
    pytest.param({"NumberOfEmployees": "x"}, "JSON_PARSER_ERROR", "instance of int", id="a text for a number"),
    pytest.param({"IsUnreadByOwner": 1}, "JSON_PARSER_ERROR", "instance of boolean", id="a number for a boolean"),
]


@pytest.mark.parametrize(("values", "code", "text"), REFUSED)
def test_a_bad_value_is_refused_and_nothing_is_written(
    acme: Acme, values: dict[str, Any], code: str, text: str
) -> None:
    lead = acme.lead()
    [other] = acme.sandbox.control("POST", "/salesforce/queues", [{"name": "Cases", "objects": ["Case"]}])
    people = {"zoe": acme.zoe, "lead": lead, "other": other}
    before = acme.seen(lead)

    status, said, message = refusal(
        acme, "PATCH", f"sobjects/Lead/{lead}", {name: people.get(value, value) for name, value in values.items()}
    )

    assert (status, said) == (400, code)
    assert text in message
    assert acme.seen(lead) == before


def test_a_date_that_is_none_is_refused(acme: Acme) -> None:
    body = {"Subject": "x", "ReminderDateTime": "2026-13-01T00:00:00Z"}

    _, code, message = refusal(acme, "POST", "sobjects/Task/", body)

    assert (code, "instance of datetime" in message) == ("JSON_PARSER_ERROR", True)


def test_a_row_without_its_required_fields_is_refused(acme: Acme) -> None:
    assert refusal(acme, "POST", "sobjects/Lead/", {"Email": "x@acme.example"}) == (
        400,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [LastName, Company]",
    )


def test_a_deleted_row_is_gone_for_reading_and_writing(acme: Acme) -> None:
    lead = acme.lead()
    ask(acme, "DELETE", f"sobjects/Lead/{lead}")

    for method, body in (("GET", None), ("PATCH", {"Company": "x"}), ("DELETE", None)):
        assert refusal(acme, method, f"sobjects/Lead/{lead}", body) == (404, "ENTITY_IS_DELETED", "entity is deleted")


def test_an_unknown_row_has_one_code_for_reading_and_another_for_writing(acme: Acme) -> None:
    nobody = "00Q5g0000000099"

    assert refusal(acme, "GET", f"sobjects/Lead/{nobody}")[:2] == (404, "NOT_FOUND")
    assert refusal(acme, "PATCH", f"sobjects/Lead/{nobody}", {"Company": "x"}) == (
        404,
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
    )


def test_a_converted_lead_cannot_be_changed(acme: Acme) -> None:
    lead = acme.lead(Email="jo@acme.example")
    acme.sandbox.control("POST", "/salesforce/convert", {"lead": lead})

    assert refusal(acme, "PATCH", f"sobjects/Lead/{lead}", {"Company": "x"}) == (
        400,
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "cannot reference converted lead",
    )
    [row] = acme.rows("SELECT IsConverted, ConvertedAccount.Name, ConvertedContact.Email FROM Lead")
    assert row["IsConverted"] is True
    assert (row["ConvertedAccount"]["Name"], row["ConvertedContact"]["Email"]) == ("Acme", "jo@acme.example")


def test_a_method_that_a_path_does_not_have_is_not_allowed(acme: Acme) -> None:
    assert refusal(acme, "DELETE", "limits")[:2] == (405, "METHOD_NOT_ALLOWED")


def test_the_assignment_rule_overwrites_the_owner_unless_it_is_told_not_to(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/salesforce/settings", {"assignment_owner": acme.inbound})

    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana})
    assert acme.seen(lead)["owner"] == acme.inbound

    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana}, **{"Sforce-Auto-Assign": "FALSE"})
    assert acme.seen(lead)["owner"] == acme.ana


def test_a_user_who_is_deactivated_gets_no_more_leads(acme: Acme) -> None:
    lead = acme.lead()

    ask(acme, "PATCH", f"sobjects/User/{acme.ana}", {"IsActive": False})

    assert refusal(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana})[1] == "INACTIVE_OWNER_OR_USER"


def test_no_assignment_rule_is_active_at_first(acme: Acme) -> None:
    lead = acme.lead()

    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana})

    assert acme.seen(lead)["owner"] == acme.ana


def test_the_history_tells_people_from_programs(acme: Acme) -> None:
    lead = acme.lead()
    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.inbound})
    acme.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": acme.ben})
    assert acme.seen(lead)["owner_written_real"] is None
    ask(acme, "PATCH", f"sobjects/Lead/{lead}", {"OwnerId": acme.ana})

    seen = acme.seen(lead)

    assert [(change["owner"], change["by"]) for change in seen["owner_changes"]] == [
        (acme.inbound, "api"),
        (acme.ben, "person"),
        (acme.ana, "api"),
    ]
    assert seen["owner_written_real"] >= seen["created_real"]


def test_a_logged_call_is_a_completed_task_on_the_lead(acme: Acme) -> None:
    lead = acme.lead()
    times = {"at": "2026-06-01T09:10:00Z", "logged_at": "2026-06-01T11:00:00Z"}

    acme.sandbox.control("POST", "/salesforce/calls", [{"lead": lead, "owner": acme.ana, "seconds": 90, **times}])

    fields = "WhoId, OwnerId, TaskSubtype, CallDurationInSeconds, IsClosed, CompletedDateTime, CreatedDate"
    assert acme.rows(f"SELECT {fields} FROM Task") == [
        {
            "WhoId": lead,
            "OwnerId": acme.ana,
            "TaskSubtype": "Call",
            "CallDurationInSeconds": 90,
            "IsClosed": True,
            "CompletedDateTime": "2026-06-01T09:11:30.000+0000",
            "CreatedDate": "2026-06-01T11:00:00.000+0000",
        }
    ]


def test_an_email_is_a_message_to_the_lead_and_a_task(acme: Acme) -> None:
    lead = acme.lead(Email="jo@nord.example")

    [task] = acme.sandbox.control("POST", "/salesforce/emails", [{"lead": lead, "owner": acme.ana}])

    assert acme.rows("SELECT Id, TaskSubtype FROM Task") == [{"Id": task, "TaskSubtype": "Email"}]
    [row] = acme.rows(
        "SELECT RelationId, EmailMessage.ActivityId, EmailMessage.Incoming FROM EmailMessageRelation"
        f" WHERE RelationId IN ('{lead}') AND RelationType = 'ToAddress' AND EmailMessage.Incoming = false"
    )
    assert (row["RelationId"], row["EmailMessage"]["ActivityId"]) == (lead, task)


def test_acting_on_a_lead_that_is_not_there_is_said_so(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match=r"404 .*there is no record 00Q5g0000000099"):
        acme.sandbox.control("POST", "/salesforce/owner", {"lead": "00Q5g0000000099", "owner": acme.ana})


def test_describe_tells_what_a_field_is(acme: Acme) -> None:
    described = ask(acme, "GET", "sobjects/Lead/describe")
    fields = {field["name"]: field for field in described["fields"]}

    assert described["keyPrefix"] == "00Q"
    assert (fields["OwnerId"]["referenceTo"], fields["OwnerId"]["polymorphicForeignKey"]) == (["Group", "User"], True)
    assert (fields["Company"]["length"], fields["Company"]["nillable"]) == (255, False)
    assert (fields["Name"]["createable"], fields["Name"]["updateable"]) == (False, False)


def test_the_list_of_objects_has_no_metadata_in_it(acme: Acme) -> None:
    names = {kind["name"] for kind in ask(acme, "GET", "sobjects")["sobjects"]}

    assert {"Lead", "Account", "Task", "User"} <= names
    assert not {"CustomField", "ValidationRule"} & names
