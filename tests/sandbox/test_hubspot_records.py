"""Records of the stand-in HubSpot, asked for through the real client: statuses, rows and refusals as recorded."""

import json
from typing import Any

import pytest

from tests.sandbox.hubspot_client import OWNER, client, send
from tests.sandbox_process import SandboxProcess

NOBODY = "999"


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    return sandbox


@pytest.fixture
def ana(portal: SandboxProcess) -> str:
    [owner] = portal.control("POST", "/hubspot/users", [{"email": "ana@acme.example", "name": "Ana Keller"}])
    return str(owner)


@pytest.fixture
def ida(portal: SandboxProcess) -> str:
    """A contact."""
    lead = {"email": "Ida@Nord.example", "firstname": "Ida", "lastname": "Berg", "company": "Nord"}
    [contact] = portal.control("POST", "/hubspot/leads", [lead])
    return str(contact)


def refused(portal: SandboxProcess, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    answer = send(portal, method, path, body)
    assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    return answer.status_code, answer.json()


def test_a_contact_is_created_with_what_hubspot_works_out_itself(portal: SandboxProcess) -> None:
    api = client(portal).crm.objects.basic_api
    made = api.create("contacts", {"properties": {"email": "Lily@Skinner.example", "firstname": "Lily"}})
    assert made.properties == {
        "createdate": "2026-06-01T09:00:00.000Z",
        "email": "lily@skinner.example",
        "firstname": "Lily",
        "hs_all_contact_vids": made.id,
        "hs_email_domain": "skinner.example",
        "hs_full_name_or_email": "Lily",
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_object_id": made.id,
        "hs_object_source": "INTEGRATION",
        "hs_object_source_id": "18221010",
        "hs_object_source_label": "INTEGRATION",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lastmodifieddate": "2026-06-01T09:00:00.000Z",
        "lifecyclestage": "lead",
        "num_notes": "0",
    }


@pytest.mark.parametrize("alias", ["contact", "contacts", "0-1"])
def test_an_object_type_answers_to_each_of_its_names(portal: SandboxProcess, ida: str, alias: str) -> None:
    assert client(portal).crm.objects.basic_api.get_by_id(alias, ida).id == ida


def test_a_read_names_what_is_empty_and_leaves_out_what_does_not_exist(portal: SandboxProcess, ida: str) -> None:
    found = client(portal).crm.objects.basic_api.get_by_id(
        "contacts", ida, properties=["company", "phone", "no_such_thing"]
    )
    assert found.properties == {
        "company": "Nord",
        "createdate": "2026-06-01T09:00:00.000Z",
        "hs_object_id": ida,
        "lastmodifieddate": "2026-06-01T09:00:00.000Z",
        "phone": None,
    }


def test_properties_may_be_listed_with_commas(portal: SandboxProcess, ida: str) -> None:
    answer = send(portal, "GET", f"/crm/v3/objects/contacts/{ida}/?properties=email,company&archived=False")
    assert (answer.status_code, answer.json()["properties"]["company"]) == (200, "Nord")


def test_an_update_answers_what_was_written_and_the_usual_rest(portal: SandboxProcess, ida: str) -> None:
    updated = client(portal).crm.objects.basic_api.update("contacts", ida, {"properties": {"firstname": "Ida Maria"}})
    assert updated.properties == {
        "createdate": "2026-06-01T09:00:00.000Z",
        "firstname": "Ida Maria",
        "hs_is_unworked": "true",
        "hs_object_id": ida,
        "hs_object_source": "FORM",
        "hs_object_source_id": "contact-us",
        "hs_object_source_label": "FORM",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lastmodifieddate": "2026-06-01T09:00:00.000Z",
        "lifecyclestage": "lead",
    }


def test_writing_what_is_there_already_moves_no_time(portal: SandboxProcess, ida: str) -> None:
    portal.control("PUT", "/clock", {"now": "2026-06-02T09:00:00Z"})
    api = client(portal).crm.objects.basic_api
    api.update("contacts", ida, {"properties": {"firstname": "Ida"}})
    assert api.get_by_id("contacts", ida).properties["lastmodifieddate"] == "2026-06-01T09:00:00.000Z"


def test_the_empty_text_clears_a_value(portal: SandboxProcess, ida: str) -> None:
    api = client(portal).crm.objects.basic_api
    api.update("contacts", ida, {"properties": {"company": ""}})
    assert api.get_by_id("contacts", ida, properties=["company"]).properties["company"] is None


def test_an_assignment_sets_its_date_a_moment_after_the_answer(portal: SandboxProcess, ida: str, ana: str) -> None:
    api = client(portal).crm.objects.basic_api
    portal.control("PUT", "/clock", {"now": "2026-06-01T10:00:00Z"})
    answered = api.update("contacts", ida, {"properties": {OWNER: ana}}).properties
    later = api.get_by_id("contacts", ida, properties=["hubspot_owner_assigneddate"]).properties
    assert "hubspot_owner_assigneddate" not in answered
    assert later["hubspot_owner_assigneddate"] == "2026-06-01T10:00:00.000Z"


def test_a_contact_that_is_created_with_an_owner_has_that_date_too(portal: SandboxProcess, ana: str) -> None:
    api = client(portal).crm.objects.basic_api
    made = api.create("contacts", {"properties": {"email": "lea@nord.example", OWNER: ana}})
    later = api.get_by_id("contacts", made.id, properties=["hubspot_owner_assigneddate"]).properties
    assert (made.properties[OWNER], "hubspot_owner_assigneddate" in made.properties) == (ana, False)
    assert later["hubspot_owner_assigneddate"] == "2026-06-01T09:00:00.000Z"


def test_the_history_tells_who_set_the_owner_newest_first(portal: SandboxProcess, ida: str, ana: str) -> None:
    api = client(portal).crm.objects.basic_api
    api.update("contacts", ida, {"properties": {OWNER: ana}})
    [ben] = portal.control("POST", "/hubspot/users", [{"email": "ben@acme.example", "name": "Ben", "user_id": "77"}])
    portal.control("POST", "/hubspot/owner", {"lead": ida, "owner": ben})
    found = api.get_by_id("contacts", ida, properties_with_history=[OWNER]).properties_with_history[OWNER]
    assert [(v.value, v.source_type, v.source_id, v.updated_by_user_id) for v in found] == [
        (ben, "CRM_UI", "userId:77", 77),
        (ana, "INTEGRATION", "18221010", None),
    ]


def test_the_history_comes_with_a_batch_too(portal: SandboxProcess, ida: str, ana: str) -> None:
    portal.control("POST", "/hubspot/owner", {"lead": ida, "owner": ana})
    asked = {"inputs": [{"id": ida}], "properties": [OWNER], "propertiesWithHistory": [OWNER]}
    [row] = client(portal).crm.objects.batch_api.read("contacts", asked).results
    assert [version.value for version in row.properties_with_history[OWNER]] == [ana]


def test_an_address_belongs_to_one_contact(portal: SandboxProcess, ida: str) -> None:
    status, body = refused(portal, "POST", "/crm/v3/objects/contacts", {"properties": {"email": "IDA@nord.example"}})
    assert (status, body["message"], body["category"]) == (
        409,
        f"Contact already exists. Existing ID: {ida}",
        "CONFLICT",
    )


def test_a_record_that_is_gone_is_not_found_and_its_address_is_free(portal: SandboxProcess, ida: str) -> None:
    api = client(portal).crm.objects.basic_api
    api.archive("contacts", ida)
    status, body = refused(portal, "GET", f"/crm/v3/objects/contacts/{ida}")
    assert (status, body["category"], body["context"]) == (404, "OBJECT_NOT_FOUND", {"id": [ida]})
    assert api.get_by_id("contacts", ida, archived=True).archived
    assert api.create("contacts", {"properties": {"email": "ida@nord.example"}}).id != ida


def test_deleting_what_was_never_there_is_no_error(portal: SandboxProcess) -> None:
    assert send(portal, "DELETE", f"/crm/v3/objects/contacts/{NOBODY}").status_code == 204


def test_merged_contacts_are_found_under_a_new_id_by_either_old_one(portal: SandboxProcess, ida: str) -> None:
    [twin] = portal.control("POST", "/hubspot/leads", [{"email": "ida@home.example", "phone": "+49 30 1"}])
    asked = {"primaryObjectId": ida, "objectIdToMerge": twin}
    merged = send(portal, "POST", "/crm/v3/objects/contacts/merge", asked).json()["id"]
    api = client(portal).crm.objects.basic_api
    found = [api.get_by_id("contacts", old, properties=["email", "phone"]) for old in (ida, twin)]
    assert merged not in (ida, twin)
    assert [(r.id, r.properties["email"], r.properties["phone"]) for r in found] == [
        (merged, "ida@nord.example", "+49 30 1")
    ] * 2


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        pytest.param("first000name", "x", "PROPERTY_DOESNT_EXIST", id="a property that does not exist"),
        pytest.param("hubspot_owner_assigneddate", "0", "READ_ONLY_VALUE", id="a property that HubSpot sets"),
        pytest.param("hs_lead_status", "FOO", "INVALID_OPTION", id="a choice that is not one"),
        pytest.param("numberofemployees", "many", "INVALID_INTEGER", id="a number that is not one"),
        pytest.param("email", "not an address", "INVALID_EMAIL", id="an address that is not one"),
        pytest.param(OWNER, NOBODY, "INVALID_OWNER_ID", id="an owner who does not exist"),
    ],
)
def test_a_bad_value_is_refused_with_its_code(
    portal: SandboxProcess, ida: str, name: str, value: str, code: str
) -> None:
    status, body = refused(portal, "PATCH", f"/crm/v3/objects/contacts/{ida}", {"properties": {name: value}})
    [row] = json.loads(body["message"].removeprefix("Property values were not valid: "))
    assert (status, body["category"]) == (400, "VALIDATION_ERROR")
    assert (row["error"], row["name"], row["isValid"]) == (code, name, False)
    assert body["errors"] == [{"message": row["message"], "code": code, "context": {"propertyName": [name]}}]


def test_a_deactivated_owner_cannot_be_given_anything(portal: SandboxProcess, ida: str) -> None:
    [gone] = portal.control("POST", "/hubspot/users", [{"email": "x@acme.example", "name": "X", "active": False}])
    _, body = refused(portal, "PATCH", f"/crm/v3/objects/contacts/{ida}", {"properties": {OWNER: gone}})
    assert body["errors"][0]["code"] == "INVALID_OWNER_ID"


def test_one_bad_property_refuses_the_whole_batch_in_the_recorded_words(portal: SandboxProcess, ida: str) -> None:
    rows = [{"id": ida, "properties": {"firstname": "New"}}, {"id": NOBODY, "properties": {"first000name": "x"}}]
    status, body = refused(portal, "POST", "/crm/v3/objects/contacts/batch/update", {"inputs": rows})
    assert (status, body["message"]) == (
        400,
        'Property values were not valid: [{"isValid":false,"message":"Property \\"first000name\\" does not exist",'
        '"error":"PROPERTY_DOESNT_EXIST","name":"first000name"}]',
    )
    assert client(portal).crm.objects.basic_api.get_by_id("contacts", ida).properties["firstname"] == "Ida"


def test_an_unknown_id_in_a_batch_is_a_row_of_its_own(portal: SandboxProcess, ida: str) -> None:
    rows = [{"id": ida, "properties": {"firstname": "New"}}, {"id": NOBODY, "properties": {"firstname": "New"}}]
    answer = client(portal).crm.objects.batch_api.update("contacts", {"inputs": rows})
    assert [row.id for row in answer.results] == [ida]
    assert answer.num_errors == 1
    assert (answer.errors[0].message, answer.errors[0].context) == (
        "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
        {"ids": [NOBODY]},
    )


def test_a_batch_read_tells_which_records_are_not_there(portal: SandboxProcess, ida: str) -> None:
    answer = send(
        portal, "POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": ida}, {"id": NOBODY}, {"id": "x"}]}
    )
    assert answer.status_code == 207
    assert [row["id"] for row in answer.json()["results"]] == [ida]
    assert answer.json()["errors"][0]["context"] == {"ids": [NOBODY, "x"]}


def test_a_record_that_cannot_be_shown_just_now_is_an_error_row_until_that_is_over(
    portal: SandboxProcess, ida: str
) -> None:
    portal.control("PUT", "/hubspot/unreadable", {"records": [ida]})
    asked = ("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": ida}, {"id": NOBODY}]})
    answer = send(portal, *asked)
    portal.control("PUT", "/hubspot/unreadable", {})

    assert (answer.status_code, answer.json()["results"]) == (207, [])
    assert [(row["category"], row["context"]) for row in answer.json()["errors"]] == [
        ("OBJECT_NOT_FOUND", {"ids": [NOBODY]}),
        ("INTERNAL_ERROR", {"ids": [ida]}),
    ]
    assert [row["id"] for row in send(portal, *asked).json()["results"]] == [ida]


def test_a_record_named_twice_in_an_update_refuses_the_batch(portal: SandboxProcess, ida: str) -> None:
    rows = [{"id": ida, "properties": {"firstname": name}} for name in ("One", "Two")]
    status, body = refused(portal, "POST", "/crm/v3/objects/contacts/batch/update", {"inputs": rows})
    assert (status, body["message"], body["context"]) == (
        400,
        f"Duplicate IDs found in batch input: [{ida}]. IDs must be unique",
        {"ids": [ida]},
    )


def test_an_update_may_find_its_contact_by_address(portal: SandboxProcess, ida: str) -> None:
    rows = [{"id": "ida@nord.example", "idProperty": "email", "properties": {"city": "Kiel"}}]
    [row] = client(portal).crm.objects.batch_api.update("contacts", {"inputs": rows}).results
    assert (row.id, row.properties["city"]) == (ida, "Kiel")


def test_only_what_is_unique_finds_a_record(portal: SandboxProcess, ida: str) -> None:
    assert refused(portal, "GET", "/crm/v3/objects/contacts/Ida?idProperty=firstname")[0] == 400


def test_a_batch_holds_at_most_a_hundred_rows(portal: SandboxProcess) -> None:
    rows = [{"id": str(number)} for number in range(101)]
    assert refused(portal, "POST", "/crm/v3/objects/contacts/batch/read", {"inputs": rows})[0] == 400


def test_a_batch_of_new_contacts_is_all_or_nothing(portal: SandboxProcess, ida: str) -> None:
    rows = [{"properties": {"email": address}} for address in ("new@nord.example", "ida@nord.example")]
    status, body = refused(portal, "POST", "/crm/v3/objects/contacts/batch/create", {"inputs": rows})
    assert (status, body["message"], body["category"]) == (409, "Contact already exists", "CONFLICT")
    assert [lead["id"] for lead in portal.control("GET", "/hubspot/leads")] == [ida]


def test_rows_with_trace_ids_stand_for_themselves(portal: SandboxProcess, ida: str) -> None:
    rows = [
        {"properties": {"email": address}, "objectWriteTraceId": trace}
        for trace, address in enumerate_as_text("ida@nord.example", "new@nord.example")
    ]
    answer = send(portal, "POST", "/crm/v3/objects/contacts/batch/create", {"inputs": rows})
    assert answer.status_code == 207
    assert [row["properties"]["email"] for row in answer.json()["results"]] == ["new@nord.example"]
    assert answer.json()["errors"] == [
        {
            "status": "error",
            "category": "CONFLICT",
            "message": f"Contact already exists. Existing ID: {ida}",
            "context": {"objectWriteTraceId": ["0"], "existingId": [ida]},
        }
    ]


def enumerate_as_text(*values: str) -> list[tuple[str, str]]:
    return [(str(number), value) for number, value in enumerate(values)]


def test_a_batch_of_new_tasks_is_created_with_its_contacts(portal: SandboxProcess, ida: str, ana: str) -> None:
    task = {
        "properties": {"hs_timestamp": "1780318800000", "hs_task_subject": "Call Ida", OWNER: ana},
        "associations": [
            {"to": {"id": ida}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}]}
        ],
    }
    answer = client(portal).crm.objects.batch_api.create("tasks", {"inputs": [task]})
    [made] = answer.results
    found = send(portal, "POST", "/crm/v4/associations/contacts/tasks/batch/read", {"inputs": [{"id": ida}]}).json()
    assert made.properties["hs_timestamp"] == "2026-06-01T13:00:00.000Z"
    assert [end["toObjectId"] for end in found["results"][0]["to"]] == [int(made.id)]


def test_an_activity_without_its_time_is_refused(portal: SandboxProcess) -> None:
    status, body = refused(portal, "POST", "/crm/v3/objects/calls", {"properties": {"hs_call_title": "Hello"}})
    assert (status, body["message"], body["context"]) == (
        400,
        "Error creating CALL. Some required properties were not set.",
        {"properties": ["hs_timestamp"]},
    )


def test_a_list_is_read_page_by_page_and_the_last_page_says_so(portal: SandboxProcess) -> None:
    made = portal.control("POST", "/hubspot/leads", [{"email": f"{n}@nord.example"} for n in range(5)])
    api = client(portal).crm.objects.basic_api
    first = api.get_page("contacts", limit=3)
    rest = api.get_page("contacts", limit=3, after=first.paging.next.after)
    assert [row.id for row in [*first.results, *rest.results]] == made
    assert rest.paging is None


def test_a_logged_call_marks_the_contact_as_worked(portal: SandboxProcess, ida: str, ana: str) -> None:
    call = {"lead": ida, "owner": ana, "seconds": 90, "at": "2026-06-01T08:30:00Z"}
    [call_id] = portal.control("POST", "/hubspot/calls", [call])
    api = client(portal).crm.objects.basic_api
    names = ["hs_is_unworked", "notes_last_contacted", "hs_first_outreach_date"]
    contact = api.get_by_id("contacts", ida, properties=names).properties
    logged = api.get_by_id(
        "calls", call_id, properties=["hs_timestamp", "hs_createdate", "hs_call_duration", "hs_call_direction"]
    ).properties
    assert [contact[name] for name in names] == ["false", "2026-06-01T08:30:00.000Z", "2026-06-01T08:30:00.000Z"]
    assert (logged["hs_timestamp"], logged["hs_createdate"]) == ("2026-06-01T08:30:00.000Z", "2026-06-01T09:00:00.000Z")
    assert (logged["hs_call_duration"], logged["hs_call_direction"]) == ("90000", "OUTBOUND")


def test_what_people_and_programs_did_with_a_contact_can_be_seen(portal: SandboxProcess, ida: str, ana: str) -> None:
    client(portal).crm.objects.basic_api.update("contacts", ida, {"properties": {OWNER: ana}})
    portal.control("POST", "/hubspot/owner", {"lead": ida, "owner": ""})
    [seen] = portal.control("GET", "/hubspot/leads")
    assert [(change["owner"], change["by"]) for change in seen["owner_changes"]] == [(ana, "api"), (None, "person")]
    assert (seen["owner"], seen["email"]) == (None, "ida@nord.example")
    assert seen["owner_written_real"] >= seen["created_real"]


@pytest.mark.parametrize(
    ("lead", "reason"),
    [
        pytest.param({"email": "ida@nord.example"}, "already exists", id="an address that is taken"),
        pytest.param({"emial": "ben@nord.example"}, "emial.* does not exist", id="a misspelt property"),
    ],
)
def test_a_person_is_told_why_a_lead_cannot_be_entered(
    portal: SandboxProcess, ida: str, lead: dict[str, str], reason: str
) -> None:
    with pytest.raises(RuntimeError, match=reason):
        portal.control("POST", "/hubspot/leads", [lead])


def test_a_deleted_contact_is_still_seen_as_such(portal: SandboxProcess, ida: str) -> None:
    portal.control("POST", "/hubspot/delete", {"lead": ida})
    [seen] = portal.control("GET", "/hubspot/leads")
    assert (seen["id"], seen["archived"]) == (ida, True)


def test_records_histories_and_fields_survive_a_restart(tmp_path: Any) -> None:
    field = {"name": "fit", "label": "Fit", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    with SandboxProcess(db=str(tmp_path / "crm.sqlite")) as before:
        [lead] = before.control("POST", "/hubspot/leads", [{"email": "ida@nord.example", "city": "Kiel"}])
        send(before, "POST", "/crm/v3/properties/contacts", field)
        send(before, "PATCH", f"/crm/v3/objects/contacts/{lead}", {"properties": {"fit": "good"}})
    with SandboxProcess(db=str(tmp_path / "crm.sqlite")) as after:
        found = send(after, "GET", f"/crm/v3/objects/contacts/{lead}?properties=city,fit&propertiesWithHistory=fit")
        searched = send(after, "POST", "/crm/v3/objects/contacts/search", {"query": "nord"})
    assert (found.json()["properties"]["city"], found.json()["properties"]["fit"]) == ("Kiel", "good")
    assert [version["value"] for version in found.json()["propertiesWithHistory"]["fit"]] == ["good"]
    assert searched.json()["total"] == 1


def test_an_upsert_changes_whom_it_finds_and_creates_the_others(portal: SandboxProcess, ida: str) -> None:
    rows = [
        {"id": address, "idProperty": "email", "properties": {"city": "Kiel"}, "objectWriteTraceId": trace}
        for trace, address in enumerate(("ida@nord.example", "zoe@nord.example"), start=1)
    ]
    answer = client(portal).crm.contacts.batch_api.upsert({"inputs": rows})
    assert [(row.new, row.object_write_trace_id) for row in answer.results] == [(False, "1"), (True, "2")]
    assert answer.results[0].id == ida


def test_an_upsert_that_names_one_record_twice_is_refused(portal: SandboxProcess) -> None:
    row = {"id": "ida@nord.example", "idProperty": "email", "properties": {}}
    status, body = refused(portal, "POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": [row, row]})
    assert (status, body["context"]["ids"]) == (400, ["ida@nord.example"])


def test_a_trace_id_comes_back_with_its_row(portal: SandboxProcess, ida: str) -> None:
    row = {"id": ida, "properties": {"city": "Kiel"}, "objectWriteTraceId": "7"}
    answer = client(portal).crm.contacts.batch_api.update({"inputs": [row]})
    assert answer.results[0].object_write_trace_id == "7"


def test_a_deal_belongs_to_its_contact(portal: SandboxProcess, ida: str) -> None:
    joined = {"to": {"id": ida}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]}
    deal = {"properties": {"dealname": "Nord", "pipeline": "default"}, "associations": [joined]}
    made = client(portal).crm.objects.basic_api.create("deals", deal)
    [end] = send(portal, "GET", f"/crm/v4/objects/contacts/{ida}/associations/deals").json()["results"]
    assert end["toObjectId"] == int(made.id)


def test_what_an_admin_set_up_survives_a_restart(tmp_path: Any) -> None:
    options = [{"label": "Nurture", "value": "NURTURE"}]
    listed = {"name": "SLA breached", "objectTypeId": "0-1", "processingType": "MANUAL"}
    with SandboxProcess(db=str(tmp_path / "crm.sqlite")) as before:
        send(before, "PATCH", "/crm/v3/properties/contacts/hs_lead_status", {"options": options})
        send(before, "POST", "/crm/v3/lists/", listed)
    with SandboxProcess(db=str(tmp_path / "crm.sqlite")) as after:
        status = send(after, "GET", "/crm/v3/properties/contacts/hs_lead_status").json()
        lists = send(after, "POST", "/crm/v3/lists/search", {}).json()
    assert [option["value"] for option in status["options"]] == ["NURTURE"]
    assert [one["name"] for one in lists["lists"]] == ["SLA breached"]
