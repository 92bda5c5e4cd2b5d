"""Associations in the stand-in HubSpot."""

import pytest

from tests.sandbox.hubspot_client import client, send
from tests.sandbox_process import SandboxProcess

READ = "/crm/v4/associations/contacts/companies/batch/read"


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    return sandbox


@pytest.fixture
def ida(portal: SandboxProcess) -> str:
    [contact] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    return str(contact)


@pytest.fixture
def nord(portal: SandboxProcess) -> str:
    [company] = portal.control("POST", "/hubspot/accounts", [{"name": "Nord", "domain": "nord.example"}])
    return str(company)


def types_of(portal: SandboxProcess, contact: str) -> dict[int, list[int]]:
    answer = send(portal, "POST", READ, {"inputs": [{"id": contact}]}).json()
    return {
        end["toObjectId"]: sorted(type_["typeId"] for type_ in end["associationTypes"])
        for row in answer["results"]
        for end in row["to"]
    }


def test_no_association_is_an_error_row_and_a_207(portal: SandboxProcess, ida: str) -> None:
    answer = send(portal, "POST", READ, {"inputs": [{"id": ida}]})
    assert (answer.status_code, answer.json()["results"], answer.json()["numErrors"]) == (207, [], 1)
    assert answer.json()["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No company is associated with contact {ida}.",
            "context": {"fromObjectId": [ida], "fromObjectType": ["contact"], "toObjectType": ["company"]},
        }
    ]


def test_associations_that_cannot_be_shown_just_now_are_an_error_row_of_their_own(
    portal: SandboxProcess, ida: str
) -> None:
    portal.control("PUT", "/hubspot/unreadable", {"associations": [ida]})
    answer = send(portal, "POST", READ, {"inputs": [{"id": ida}]})
    assert (answer.status_code, answer.json()["results"]) == (207, [])
    [error] = answer.json()["errors"]
    assert (error["category"], error["context"]) == ("INTERNAL_ERROR", {"fromObjectId": [ida]})


def test_the_first_company_of_a_contact_is_its_primary_one(portal: SandboxProcess, ida: str, nord: str) -> None:
    [other] = portal.control("POST", "/hubspot/accounts", [{"name": "Other"}])
    api = client(portal).crm.associations.v4.basic_api
    for company in (nord, other):
        api.create_default("contacts", ida, "companies", company)
    contact = client(portal).crm.objects.basic_api.get_by_id("contacts", ida, properties=["associatedcompanyid"])
    assert types_of(portal, ida) == {int(nord): [1, 279], int(other): [279]}
    assert contact.properties["associatedcompanyid"] == nord


def test_an_association_reads_from_both_ends(portal: SandboxProcess, ida: str, nord: str) -> None:
    client(portal).crm.associations.v4.basic_api.create_default("contacts", ida, "companies", nord)
    page = client(portal).crm.associations.v4.basic_api.get_page("companies", nord, "contacts")
    assert [str(end.to_object_id) for end in page.results] == [ida]


def test_a_batch_of_associations_answers_what_it_joined(portal: SandboxProcess, ida: str, nord: str) -> None:
    row = {
        "from": {"id": ida},
        "to": {"id": nord},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    answer = client(portal).crm.associations.v4.batch_api.create("contacts", "companies", {"inputs": [row]})
    [joined] = answer.results
    assert (str(joined.from_object_id), joined.from_object_type_id) == (ida, "0-1")
    assert (str(joined.to_object_id), joined.to_object_type_id, joined.labels) == (nord, "0-2", [])


def test_an_id_that_leads_nowhere_is_an_error_row(portal: SandboxProcess, ida: str) -> None:
    row = {
        "from": {"id": ida},
        "to": {"id": "unknown"},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    answer = send(portal, "POST", "/crm/v4/associations/contacts/companies/batch/create", {"inputs": [row]})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["subCategory"]) == (207, "crm.associations.INVALID_IDENTIFIER")
    assert error["message"] == "unknown is not a valid ID"


def test_a_lead_needs_its_primary_contact(portal: SandboxProcess, ida: str) -> None:
    link = {"to": {"id": ida}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]}
    lead = {"properties": {"hs_lead_name": "Ida at Nord"}}
    alone = send(portal, "POST", "/crm/v3/objects/leads", lead)
    joined = send(portal, "POST", "/crm/v3/objects/0-136", {**lead, "associations": [link]})
    assert (alone.status_code, joined.status_code) == (400, 201)


def test_a_merged_contact_keeps_what_either_had(portal: SandboxProcess, ida: str, nord: str) -> None:
    [twin] = portal.control("POST", "/hubspot/leads", [{"email": "ida@home.example"}])
    client(portal).crm.associations.v4.basic_api.create_default("contacts", twin, "companies", nord)
    asked = {"primaryObjectId": ida, "objectIdToMerge": twin}
    merged = send(portal, "POST", "/crm/v3/objects/contacts/merge", asked).json()["id"]
    assert types_of(portal, merged) == {int(nord): [1, 279]}


def test_a_deleted_record_is_associated_with_nothing(portal: SandboxProcess, ida: str, nord: str) -> None:
    client(portal).crm.associations.v4.basic_api.create_default("contacts", ida, "companies", nord)
    client(portal).crm.objects.basic_api.archive("companies", nord)
    assert types_of(portal, ida) == {}


def test_a_label_is_put_on_and_the_pair_is_parted(portal: SandboxProcess, ida: str, nord: str) -> None:
    api = client(portal).crm.associations.v4.basic_api
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
    assert api.create("contacts", ida, "companies", nord, [spec]).labels == ["Primary"]
    assert types_of(portal, ida) == {int(nord): [1]}
    api.archive("contacts", ida, "companies", nord)
    assert types_of(portal, ida) == {}


def test_a_contact_without_its_primary_company_has_none(portal: SandboxProcess, ida: str, nord: str) -> None:
    client(portal).crm.associations.v4.basic_api.create_default("contacts", ida, "companies", nord)
    client(portal).crm.associations.v4.batch_api.archive(
        "companies", "contacts", {"inputs": [{"from": {"id": nord}, "to": [{"id": ida}]}]}
    )
    shown = send(portal, "GET", f"/crm/v3/objects/contacts/{ida}?properties=associatedcompanyid").json()
    assert shown["properties"]["associatedcompanyid"] is None


def test_one_label_goes_and_the_other_stays(portal: SandboxProcess, ida: str, nord: str) -> None:
    client(portal).crm.associations.v4.basic_api.create_default("contacts", ida, "companies", nord)
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    row = {"from": {"id": ida}, "to": {"id": nord}, "types": primary}
    client(portal).crm.associations.v4.batch_api.archive_labels("contacts", "companies", {"inputs": [row]})
    assert types_of(portal, ida) == {int(nord): [279]}


def test_many_are_joined_plainly_at_once(portal: SandboxProcess, ida: str, nord: str) -> None:
    row = {"from": {"id": ida}, "to": {"id": nord}}
    path = "/crm/associations/2026-03/contacts/companies/batch/associate/default"
    answer = send(portal, "POST", path, {"inputs": [row]})
    assert (answer.status_code, len(answer.json()["results"])) == (200, 2)
    assert types_of(portal, ida) == {int(nord): [1, 279]}


def test_the_types_between_two_kinds_can_be_asked_for(portal: SandboxProcess) -> None:
    rows = client(portal).crm.associations.v4.schema.definitions_api.get_all("leads", "contacts").results
    assert [(row.type_id, row.label) for row in rows] == [(608, None), (578, "Primary")]


def test_a_record_shows_what_belongs_to_it_when_asked(portal: SandboxProcess, ida: str, nord: str) -> None:
    client(portal).crm.associations.v4.basic_api.create_default("contacts", ida, "companies", nord)
    shown = client(portal).crm.contacts.basic_api.get_by_id(ida, associations=["companies"])
    assert [(row.id, row.type) for row in shown.associations["companies"].results] == [
        (nord, "contact_to_company"),
        (nord, "contact_to_company_unlabeled"),
    ]
