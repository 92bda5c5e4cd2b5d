"""Leads that are Contacts, or records of a custom object: found, read, written and worked on like any other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests

from connectors.base import TaskWrite, Write
from connectors.registry import connect
from connectors.salesforce.crm import Salesforce
from domain.leads import Lead, LeadKey
from tests.connectors.stage import ANA, INTEGRATION, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, mapping_of
from tests.crm_example import credentials
from tests.sandbox_process import SandboxProcess

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Contact": {"LastName": "Doe", "Email": "anna@firm.example"},
    "Inquiry__c": {"Name": "Inquiry 1"},
}


class Elsewhere:
    """A connector whose leads are of this object, and one such lead."""

    def __init__(self, sandbox: SandboxProcess, kind: str) -> None:
        self.stage = Stage(sandbox, "salesforce")
        self.kind = kind
        self.id = self._made()
        mapping = replace(
            mapping_of("salesforce"),
            object=kind,
            fields={"person": "Name"},
            unowned_by=(f"user:{INTEGRATION}",),
            statuses={},
        )
        crm = connect("salesforce", credentials("salesforce", sandbox.url), mapping, NOT_PEOPLE)
        assert isinstance(crm, Salesforce)
        self.crm = crm
        self.account = crm.sign_in()
        crm.provision()
        self.key = LeadKey("salesforce", self.account, kind, self.id)

    def ask(self, method: str, path: str, **request: Any) -> requests.Response:
        """What another program of the same user asks."""
        signer = {"grant_type": "client_credentials", "client_id": "sandbox-key", "client_secret": "sandbox-secret"}
        base = self.stage.sandbox.url
        token = requests.post(f"{base}/services/oauth2/token", signer, timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{base}/services/data/v59.0/{path}", headers=headers, timeout=30, **request)

    def _made(self) -> str:
        return str(self.ask("POST", f"sobjects/{self.kind}", json=FIELDS[self.kind]).json()["id"])

    def read(self) -> Lead:
        [lead] = self.crm.read([self.id])
        assert isinstance(lead, Lead)
        return lead

    def assign(self, expected: str | None = None) -> str:
        owner = expected or self.read().owner_id
        [row] = self.crm.write([Write(self.key, {}, "d1/0", self.stage.ids[ANA], owner)])
        return row.outcome


@pytest.fixture(params=sorted(FIELDS))
def elsewhere(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Elsewhere:
    return Elsewhere(sandbox, request.param)


def test_it_is_found_and_read(elsewhere: Elsewhere) -> None:
    found = elsewhere.crm.arrived(an_hour_ago())

    assert [seen.key for seen in found.seen] == [elsewhere.key]
    assert (elsewhere.read().unowned, elsewhere.read().gone) == (True, None)


def test_an_owner_is_written_and_the_guard_holds(elsewhere: Elsewhere) -> None:
    assert elsewhere.assign(expected=elsewhere.stage.ids[ANA]) == "lost"
    assert elsewhere.assign() == "applied"
    assert elsewhere.read().owner == ANA


def test_once_decided_it_is_no_longer_without_a_decision(elsewhere: Elsewhere) -> None:
    before = elsewhere.crm.unrouted(an_hour_ago()).seen
    elsewhere.assign()

    assert (len(before), elsewhere.crm.unrouted(an_hour_ago()).seen) == (1, ())


def test_a_task_is_created_once(elsewhere: Elsewhere) -> None:
    task = TaskWrite(elsewhere.key, elsewhere.stage.ids[ANA], "Call", MONDAY, "t1")

    for again in (False, True):
        [row] = elsewhere.crm.create_tasks([replace(task, again=again)])
        assert row.outcome == "applied"

    tasks = elsewhere.ask("GET", "query", params={"q": "SELECT Id FROM Task"}).json()
    assert tasks["totalSize"] == 1


def test_its_activities_open_counts_and_findings_can_be_asked_for(elsewhere: Elsewhere) -> None:
    elsewhere.assign()

    assert elsewhere.crm.activities_of([elsewhere.id]) == []
    assert elsewhere.crm.activities("all", an_hour_ago()).activities == ()
    assert elsewhere.crm.open_leads([elsewhere.stage.ids[ANA]]) == {elsewhere.stage.ids[ANA]: 1}
    assert [one for one in elsewhere.crm.examine() if one.ok is False and one.what != "calls of the day"] == []


def test_its_history_tells_who_had_it_before(elsewhere: Elsewhere) -> None:
    before = elsewhere.read().owner_id
    elsewhere.assign()

    [told] = elsewhere.crm.history([elsewhere.id])

    assert [one.value for one in told.owners] == [before, elsewhere.stage.ids[ANA]]
    assert told.owners[-1].at == MONDAY
