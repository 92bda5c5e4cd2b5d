"""What people do in the stand-in HubSpot by hand, as its API shows it afterwards."""

import json
from typing import Any

import pytest

from tests.sandbox.hubspot_client import OWNER, client, send
from tests.sandbox_process import SandboxProcess

WORKDAYS = [{"days": "MONDAY_TO_FRIDAY", "startMinute": 540, "endMinute": 1020}]


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    return sandbox


@pytest.fixture
def ana(portal: SandboxProcess) -> str:
    person = {"email": "ana@acme.example", "name": "Ana Keller", "time_zone": "Europe/Berlin"}
    [owner] = portal.control("POST", "/hubspot/users", [{**person, "working_hours": WORKDAYS}])
    return str(owner)


@pytest.fixture
def ida(portal: SandboxProcess) -> str:
    [contact] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example", "firstname": "Ida"}])
    return str(contact)


def read(portal: SandboxProcess, kind: str, record: str, *names: str) -> dict[str, Any]:
    answer = send(portal, "GET", f"/crm/v3/objects/{kind}/{record}?properties={','.join(names)}")
    return dict(answer.json()["properties"])


def test_working_hours_are_json_in_a_text(portal: SandboxProcess, ana: str) -> None:
    names = ["hs_working_hours", "hs_standard_time_zone", "hubspot_owner_id"]
    [user] = client(portal).crm.objects.basic_api.get_page("0-115", properties=names).results
    assert json.loads(user.properties["hs_working_hours"]) == WORKDAYS
    assert (user.properties["hs_standard_time_zone"], user.properties[OWNER]) == ("Europe/Berlin", ana)


def test_a_person_who_leaves_is_an_archived_owner_and_stays_on_records(
    portal: SandboxProcess, ana: str, ida: str
) -> None:
    portal.control("POST", "/hubspot/owner", {"lead": ida, "owner": ana})
    portal.control("POST", "/hubspot/deactivate", {"owner": ana})
    [gone] = client(portal).crm.owners.owners_api.get_page(archived=True).results
    assert (gone.id, gone.user_id) == (ana, None)
    assert read(portal, "contacts", ida, OWNER)[OWNER] == ana


def test_a_team_is_shown_with_its_people_and_on_them(portal: SandboxProcess, ana: str) -> None:
    [team] = portal.control("POST", "/hubspot/teams", [{"name": "Sales Team", "members": [ana]}])
    [owner] = client(portal).crm.owners.owners_api.get_page().results
    assert [(one.id, one.name, one.primary) for one in owner.teams] == [(team, "Sales Team", True)]
    [shown] = client(portal).settings.users.teams_api.get_all().results
    assert (shown.name, shown.user_ids) == ("Sales Team", [ana])
    [user] = client(portal).settings.users.users_api.get_page().results
    assert (user.id, user.email, user.primary_team_id) == (ana, "ana@acme.example", team)


def test_a_lead_is_made_for_its_contact_and_starts_in_the_first_stage(portal: SandboxProcess, ida: str) -> None:
    row = {"kind": "leads", "properties": {"hs_lead_name": "Nord"}, "contact": ida}
    [lead] = portal.control("POST", "/hubspot/records", [row])
    [pipeline] = client(portal).crm.pipelines.pipelines_api.get_all("leads").results
    shown = read(portal, "leads", lead, "hs_pipeline", "hs_pipeline_stage")
    assert (shown["hs_pipeline"], shown["hs_pipeline_stage"]) == (pipeline.id, pipeline.stages[0].id)
    joined = send(portal, "GET", f"/crm/v4/objects/leads/{lead}/associations/contacts").json()["results"]
    assert joined[0]["associationTypes"] == [{"category": "HUBSPOT_DEFINED", "typeId": 578, "label": "Primary"}]


def test_a_sequence_is_named_as_the_source_of_its_mail(portal: SandboxProcess, ida: str) -> None:
    mail = {"hs_timestamp": "2026-06-01T09:00:00Z", "hs_email_direction": "EMAIL"}
    row = {"kind": "emails", "properties": mail, "contact": ida, "source": "SEQUENCES"}
    [email] = portal.control("POST", "/hubspot/records", [row])
    assert read(portal, "emails", email, "hs_object_source")["hs_object_source"] == "SEQUENCES"


def test_somebody_changes_what_a_record_says(portal: SandboxProcess, ida: str) -> None:
    change = {"kind": "contacts", "id": ida, "properties": {"hs_lead_status": "OPEN"}}
    portal.control("PUT", "/hubspot/records", change)
    assert read(portal, "contacts", ida, "hs_lead_status")["hs_lead_status"] == "OPEN"


def test_an_imported_contact_says_so(portal: SandboxProcess) -> None:
    [contact] = portal.control("POST", "/hubspot/imports", [{"email": "zoe@nord.example"}])
    assert read(portal, "contacts", contact, "hs_object_source")["hs_object_source"] == "IMPORT"


def test_two_contacts_become_one_that_either_id_leads_to(portal: SandboxProcess, ida: str) -> None:
    [zoe] = portal.control("POST", "/hubspot/leads", [{"email": "zoe@nord.example", "city": "Kiel"}])
    merged = portal.control("POST", "/hubspot/merge", {"primary": ida, "other": zoe})["id"]
    assert {read(portal, "contacts", former, "city")["hs_object_id"] for former in (ida, zoe)} == {merged}
    shown = read(portal, "contacts", merged, "city", "hs_merged_object_ids")
    assert (shown["city"], shown["hs_merged_object_ids"]) == ("Kiel", f"{ida};{zoe}")


def test_a_deleted_contact_may_come_back(portal: SandboxProcess, ida: str) -> None:
    portal.control("POST", "/hubspot/delete", {"lead": ida})
    portal.control("POST", "/hubspot/restore", {"lead": ida})
    assert read(portal, "contacts", ida, "firstname")["firstname"] == "Ida"
    assert send(portal, "POST", "/crm/v3/objects/contacts/search", {}).json()["total"] == 1


def test_nothing_is_left_of_a_contact_deleted_for_good(portal: SandboxProcess, ida: str) -> None:
    client(portal).crm.contacts.basic_api.purge({"objectId": ida})
    path = f"/crm/v3/objects/contacts/{ida}"
    assert [send(portal, "GET", path + query).status_code for query in ("", "?archived=true")] == [404, 404]
    assert send(portal, "GET", "/crm/v3/objects/contacts?archived=true").json()["results"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/hubspot/records", [{"kind": "dogs", "properties": {}}]),
        ("/hubspot/records", [{"kind": "contacts", "properties": {"collar": "red"}}]),
        ("/hubspot/restore", {"lead": "1"}),
        ("/hubspot/merge", {"primary": "1", "other": "2"}),
        ("/hubspot/deactivate", {"owner": "1"}),
        ("/hubspot/teams", [{"name": "Nobody", "members": ["1"]}]),
    ],
)
def test_what_cannot_be_done_by_hand_is_told(portal: SandboxProcess, path: str, body: Any) -> None:
    with pytest.raises(RuntimeError, match=r": 40[04] "):
        portal.control("POST", path, body)
