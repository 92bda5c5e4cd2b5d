"""What polls of Salesforce tell: the lane of a new lead, and the changes and answers of decided ones."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.base import Credentials, Shared, Write
from connectors.salesforce.crm import Salesforce
from connectors.salesforce.sightings import CROWD, seen
from tests.connectors.stage import ANA, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, mapping_of

NOW = MONDAY


def a_row(number: int = 0, created: str = "2026-06-01T08:59:00.000+0000", by: str = "005A") -> dict[str, Any]:
    return {
        "Id": f"00Q{number:012}AAA",
        "CreatedDate": created,
        "CreatedById": by,
        "SystemModstamp": "2026-06-01T08:59:00.000+0000",
    }


def hot(rows: list[dict[str, Any]]) -> set[bool]:
    return {one.hot for one in seen(rows, "00D", "Lead", NOW, hot=True)}


def test_a_fresh_lead_is_hurried() -> None:
    assert hot([a_row()]) == {True}


@pytest.mark.parametrize("created", ["2026-06-01T07:59:00.000+0000", "9999-12-31T23:59:59.000+0000", "yesterday"])
def test_an_old_lead_or_one_of_unknown_age_is_not_hurried(created: str) -> None:
    assert hot([a_row(created=created)]) == {False}


def test_a_crowd_that_one_user_made_in_one_minute_is_an_import() -> None:
    assert hot([a_row(number) for number in range(CROWD + 1)]) == {False}


def test_as_many_leads_of_many_users_are_no_import() -> None:
    assert hot([a_row(number, by=f"005{number}") for number in range(CROWD + 1)]) == {True}


def test_an_import_does_not_slow_down_the_lead_beside_it() -> None:
    rows = [*(a_row(number) for number in range(CROWD + 1)), a_row(99, by="005B")]

    assert [one.hot for one in seen(rows, "00D", "Lead", NOW, hot=True)][-1]


def decided(stage: Stage, count: int) -> list[str]:
    leads = stage.many(count)
    stage.crm.write(stage.assigning_all(leads, ANA))
    return leads


def test_an_answer_that_a_person_set_is_noticed(salesforce: Stage) -> None:
    answered, _ = decided(salesforce, 2)
    salesforce.crm.write([Write(salesforce.key(answered), {"answer": "Decline"})])

    changes = salesforce.crm.changed(an_hour_ago(), ())

    assert [(one.seen.key.id, one.answer) for one in changes.noticed] == [(answered, "Decline")]


def test_our_own_write_is_no_news(salesforce: Stage) -> None:
    decided(salesforce, 3)

    assert salesforce.crm.changed(an_hour_ago(), ()).noticed == ()


def test_what_watched_fields_hold_is_told_of_every_decided_lead_that_changed(salesforce: Stage) -> None:
    [lead] = decided(salesforce, 1)
    salesforce.many(1)
    salesforce.crm.write([Write(salesforce.key(lead), {"country": "DE"})])

    changes = salesforce.crm.changed(an_hour_ago(), ("country", "nothing that is mapped"))

    assert [(one.seen.key.id, one.values) for one in changes.noticed] == [(lead, {"country": "DE"})]


def test_changes_cost_one_call(salesforce: Stage) -> None:
    decided(salesforce, 2)
    before = salesforce.crm.calls

    salesforce.crm.changed(an_hour_ago(), ("country", "status"))

    assert salesforce.crm.calls == before + 1


def test_a_change_before_the_overlap_is_not_told_again(salesforce: Stage) -> None:
    decided(salesforce, 1)
    later = MONDAY + timedelta(hours=1)
    salesforce.move_to(later)

    assert salesforce.crm.changed(later, ("country",)).noticed == ()


def test_a_deleted_account_leaves_the_mirror() -> None:
    row = {"Id": "001A", "Name": "Acme\x00", "IsDeleted": True, "SystemModstamp": "2026-06-01T08:00:00.000+0000"}
    kept = {**row, "Id": "001B", "IsDeleted": False}
    with responses.RequestsMock() as wire:
        wire.post("https://acme.my.salesforce.com/services/oauth2/token", json=TOKEN)
        wire.get(f"{DATA}/query/", json=page({"Id": "00D5g0000000001EAA"}), headers=DATE)
        wire.get(f"{DATA}/queryAll/", json=page(row, kept), headers=DATE)
        crm = Salesforce(CREDENTIALS, mapping_of("salesforce"), NOT_PEOPLE, Shared())
        crm.sign_in()

        companies = crm.accounts(an_hour_ago())

    assert companies.gone == ("001A",)
    assert [account.name for account in companies.accounts] == ["Acme\ufffd"]


DATA = "https://acme.my.salesforce.com/services/data/v59.0"
DATE = {"Date": "Mon, 01 Jun 2026 09:00:00 GMT"}
TOKEN = {"access_token": "t", "instance_url": "https://acme.my.salesforce.com"}
CREDENTIALS = Credentials("https://acme.my.salesforce.com", "secret", {"consumer_key": "key"})


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"totalSize": len(rows), "done": True, "records": list(rows)}


# Leads that are no Lead


class Asked:
    """A Salesforce whose every question is written down, and answered with nothing."""

    def __init__(self, kind: str) -> None:
        self.wire = responses.RequestsMock(assert_all_requests_are_fired=False)
        mapping = replace(
            mapping_of("salesforce"), object=kind, fields={"email": "Email"}, unowned_by=("queue:Inbound",)
        )
        self.crm = Salesforce(CREDENTIALS, mapping, NOT_PEOPLE, Shared())
        with self.wire:
            self.wire.post("https://acme.my.salesforce.com/services/oauth2/token", json=TOKEN)
            self.wire.get(f"{DATA}/query/", json=page({"Id": "00D5g0000000001EAA"}), headers=DATE)
            self.crm.sign_in()

    def soql(self, ask: Any, queues: int = 1) -> str:
        """Everything that was asked, in one text."""
        queue = {"Id": "00G5g0000000001EAA", "Name": "Inbound", "DeveloperName": "Inbound"}
        parts = [
            {"body": page(*rows), "httpHeaders": {}, "httpStatusCode": 200, "referenceId": f"query{number}"}
            for number, rows in enumerate([[], [queue] * queues])
        ]
        with self.wire:
            self.wire.post(f"{DATA}/composite", json={"compositeResponse": parts}, headers=DATE)
            self.wire.get(f"{DATA}/query/", json=page(), headers=DATE)
            self.wire.get(f"{DATA}/queryAll/", json=page(), headers=DATE)
            ask(self.crm)
            return "\n".join(
                call.request.params.get("q") or str(call.request.body) for call in self.wire.calls if call.request
            )


LEAD_ID = "a015g0000000001AAA"


@pytest.mark.parametrize("kind", ["Contact", "Inquiry__c"])
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda crm: crm.arrived(MONDAY), id="new"),
        pytest.param(lambda crm: crm.unrouted(MONDAY), id="unrouted"),
        pytest.param(lambda crm: crm.changed(MONDAY, ()), id="changed"),
        pytest.param(lambda crm: crm.read([LEAD_ID]), id="read"),
        pytest.param(lambda crm: crm.open_leads(["0055g0000000001AAA"]), id="open"),
    ],
)
def test_nothing_is_asked_that_only_leads_have(kind: str, ask: Any) -> None:
    asked = Asked(kind).soql(ask)

    assert f"FROM {kind}" in asked
    assert "IsConverted" not in asked
    assert "Owner.Type" not in asked


@pytest.mark.parametrize(
    ("kind", "link", "condition"),
    [
        ("Lead", "WhoId", "Who.Type+%3D+%27Lead%27"),
        ("Contact", "WhoId", "Who.Type+%3D+%27Contact%27"),
        ("Inquiry__c", "WhatId", "What.Type+%3D+%27Inquiry__c%27"),
    ],
)
def test_activities_are_looked_for_where_the_object_has_them(kind: str, link: str, condition: str) -> None:
    asked = Asked(kind).soql(lambda crm: crm.activities_of([LEAD_ID]), queues=0)

    assert f"{link}+IN" in asked
    assert condition in asked


def test_only_what_can_be_merged_is_asked_who_won() -> None:
    assert "MasterRecordId" in Asked("Contact").soql(lambda crm: crm.read([LEAD_ID]))
    assert "MasterRecordId" not in Asked("Inquiry__c").soql(lambda crm: crm.read([LEAD_ID]))
