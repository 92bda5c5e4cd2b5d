"""Lists in the stand-in HubSpot, through the real client."""

from typing import Any

import pytest

from tests.sandbox.hubspot_client import client, send
from tests.sandbox_process import SandboxProcess

BREACHED = {"name": "SLA breached", "objectTypeId": "0-1", "processingType": "MANUAL"}


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    return sandbox


@pytest.fixture
def breached(portal: SandboxProcess) -> Any:
    return client(portal).crm.lists.lists_api.create(BREACHED).list


@pytest.fixture
def ida(portal: SandboxProcess) -> str:
    [contact] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    return str(contact)


def test_a_list_is_found_by_its_words_its_name_and_its_id(portal: SandboxProcess, breached: Any) -> None:
    api = client(portal).crm.lists.lists_api
    found = api.do_search({"query": "breach"})
    assert (found.total, found.has_more, [one.list_id for one in found.lists]) == (1, False, [breached.list_id])
    named = send(portal, "GET", "/crm/v3/lists/object-type-id/0-1/name/SLA%20breached").json()["list"]
    assert named["listId"] == api.get_by_id(breached.list_id).list.list_id == breached.list_id


def test_a_name_is_one_lists_alone(portal: SandboxProcess, breached: Any) -> None:
    answer = send(portal, "POST", "/crm/v3/lists/", {**BREACHED, "name": breached.name})
    assert (answer.status_code, answer.json()["subCategory"]) == (400, "ILS.DUPLICATE_LIST_NAMES")


def test_members_come_and_go(portal: SandboxProcess, breached: Any, ida: str) -> None:
    api = client(portal).crm.lists.memberships_api
    added = api.add(breached.list_id, [ida, "1"])
    assert (added.records_ids_added, added.record_ids_missing) == ([ida], ["1"])
    assert [row.record_id for row in api.get_page(breached.list_id).results] == [ida]
    assert api.remove(breached.list_id, [ida]).record_ids_removed == [ida]
    assert api.get_page_ordered_by_added_to_list_date(breached.list_id).results == []


def test_a_removed_list_is_gone_and_its_name_free(portal: SandboxProcess, breached: Any) -> None:
    client(portal).crm.lists.lists_api.remove(breached.list_id)
    assert send(portal, "GET", f"/crm/v3/lists/{breached.list_id}").status_code == 404
    assert send(portal, "POST", "/crm/v3/lists/", BREACHED).status_code == 200


def test_nobody_is_put_on_a_list_that_fills_itself(portal: SandboxProcess, ida: str) -> None:
    filled = client(portal).crm.lists.lists_api.create({**BREACHED, "processingType": "DYNAMIC"}).list
    assert send(portal, "PUT", f"/crm/v3/lists/{filled.list_id}/memberships/add", [ida]).status_code == 400
