"""Who has to do with a company: owners of its open opportunities, and its team."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
import responses

from connectors.base import Refused, Shared
from connectors.hubspot import records as hubspot_records
from connectors.salesforce import records
from connectors.salesforce.crm import Salesforce
from domain.accounts import OPEN_OPPORTUNITY, Role, role_key
from tests.connectors.stage import ANA, BEN, MONDAY, NOT_PEOPLE, Stage, mapping_of
from tests.connectors.test_salesforce_sightings import CREDENTIALS, DATA, DATE, TOKEN, page
from tests.sandbox.hubspot_client import send

LATER = MONDAY + timedelta(minutes=30)


def record(stage: Stage, kind: str, **fields: Any) -> str:
    """A Salesforce record as somebody made it by hand."""
    [id_] = stage.control("POST", f"records/{kind}", [fields])
    return str(id_)


def deal(stage: Stage, company: str | None, owner: str, *, closed: bool = False) -> str:
    """A HubSpot deal as somebody made it by hand."""
    about = {"hubspot_owner_id": stage.ids[owner], "hs_is_closed": "true" if closed else "false", "dealname": "x"}
    [id_] = stage.control("POST", "records", [{"kind": "deals", "properties": about, "company": company}])
    return str(id_)


def test_a_crm_without_opportunities_and_teams_tells_of_none(stage: Stage) -> None:
    for kind in ("opportunities", "team"):
        found = stage.crm.roles(kind, None)
        assert (found.roles, found.gone, found.more) == ((), (), False)
        assert found.cursor <= MONDAY


def test_salesforce_tells_who_owns_open_opportunities(salesforce: Stage) -> None:
    nord = record(salesforce, "Account", Name="Nord")
    about = {"AccountId": nord, "CloseDate": "2026-07-01", "Name": "x"}
    open_ = record(salesforce, "Opportunity", StageName="Prospecting", OwnerId=salesforce.ids[ANA], **about)
    won = record(salesforce, "Opportunity", StageName="Closed Won", OwnerId=salesforce.ids[BEN], **about)
    lonely = record(salesforce, "Opportunity", StageName="Prospecting", **about | {"AccountId": None})

    found = salesforce.crm.roles("opportunities", None)

    assert found.roles == (Role("salesforce", open_, nord, OPEN_OPPORTUNITY, ANA, MONDAY),)
    assert set(found.gone) == {won, lonely}


def test_an_opportunity_that_is_closed_or_deleted_in_salesforce_is_gone(salesforce: Stage) -> None:
    nord = record(salesforce, "Account", Name="Nord")
    about = {"AccountId": nord, "CloseDate": "2026-07-01", "Name": "x", "StageName": "Prospecting"}
    lost, removed = record(salesforce, "Opportunity", **about), record(salesforce, "Opportunity", **about)
    salesforce.move_to(LATER)
    salesforce.control("POST", "change", {"id": lost, "fields": {"StageName": "Closed Lost", "IsClosed": True}})
    salesforce.control("POST", "delete", {"lead": removed})

    assert set(salesforce.crm.roles("opportunities", LATER).gone) == {lost, removed}


def test_salesforce_tells_who_is_on_a_companys_team(salesforce: Stage) -> None:
    nord = record(salesforce, "Account", Name="Nord")
    about = {"AccountId": nord, "UserId": salesforce.ids[BEN]}
    manager = record(salesforce, "AccountTeamMember", TeamMemberRole="Account Manager", **about)
    record(salesforce, "AccountTeamMember", **about)

    assert salesforce.crm.roles("team", None).roles == (
        Role("salesforce", manager, nord, "account_manager", BEN, MONDAY),
    )


@pytest.mark.parametrize(("code", "roles"), [("INVALID_TYPE", ()), ("INVALID_FIELD", None)])
def test_an_org_without_account_teams_tells_of_no_roles_and_other_refusals_are_no_silence(
    code: str, roles: tuple[Role, ...] | None
) -> None:
    with responses.RequestsMock() as wire:
        wire.post("https://acme.my.salesforce.com/services/oauth2/token", json=TOKEN)
        wire.get(f"{DATA}/query/", json=page({"Id": "00D5g0000000001EAA"}), headers=DATE)
        wire.get(f"{DATA}/query/", json=[{"message": "no", "errorCode": code}], status=400, headers=DATE)
        crm = Salesforce(CREDENTIALS, mapping_of("salesforce"), NOT_PEOPLE, Shared())
        crm.sign_in()

        with nullcontext() if roles is not None else pytest.raises(Refused):
            assert crm.roles("team", None).roles == roles


def test_hubspot_tells_who_owns_open_deals_of_companies(hubspot: Stage) -> None:
    [acme] = hubspot.control("POST", "accounts", [hubspot.about.company])
    open_, won = deal(hubspot, acme, ANA), deal(hubspot, acme, BEN, closed=True)
    lonely = deal(hubspot, None, ANA)
    hubspot.move_to(MONDAY + timedelta(minutes=1))

    found = hubspot.crm.roles("opportunities", None)

    assert found.roles == (Role("hubspot", open_, acme, OPEN_OPPORTUNITY, ANA, MONDAY),)
    assert set(found.gone) == {won, lonely}


def test_a_deal_that_is_closed_in_hubspot_is_gone(hubspot: Stage) -> None:
    [acme] = hubspot.control("POST", "accounts", [hubspot.about.company])
    lost = deal(hubspot, acme, ANA)
    hubspot.move_to(LATER)
    hubspot.control("PUT", "records", {"kind": "deals", "id": lost, "properties": {"hs_is_closed": "true"}})
    hubspot.move_to(LATER + timedelta(minutes=1))

    assert hubspot.crm.roles("opportunities", LATER).gone == (lost,)


def test_a_deal_that_is_deleted_in_hubspot_is_told_in_a_list_and_listing_it_is_no_part_of_a_window(
    hubspot: Stage,
) -> None:
    [acme] = hubspot.control("POST", "accounts", [hubspot.about.company])
    removed, _ = deal(hubspot, acme, ANA), deal(hubspot, acme, BEN)
    hubspot.move_to(LATER)
    send(hubspot.sandbox, "DELETE", f"/crm/objects/2026-03/deals/{removed}")
    hubspot.move_to(LATER + timedelta(minutes=1))
    hubspot.sandbox.control("DELETE", "/calls")

    window = hubspot.crm.roles("opportunities", LATER)
    listed = hubspot.crm.deleted("opportunities", LATER, None)

    calls = [(call["method"], call["path"]) for call in hubspot.sandbox.control("GET", "/calls")["log"]]
    assert (window.gone, listed.ids, listed.next) == ((), (removed,), None)
    assert calls.count(("GET", "/crm/objects/2026-03/deals")) == 1


@pytest.mark.parametrize("created", [None, "yesterday", "9" * 30])
def test_an_opportunity_whose_date_nobody_can_read_keeps_no_other_from_being_told(
    created: object,
) -> None:
    changed = "2026-06-01T09:00:00.000+0000"
    row = {"Id": "006", "AccountId": "001", "Owner": {"Email": ANA}, "CreatedDate": created, "SystemModstamp": changed}
    about = {"hubspot_owner_id": "7", "createdate": created, "hs_lastmodifieddate": "2026-06-01T09:00:00Z"}

    assert records.opportunity(row) == Role("salesforce", "006", "001", OPEN_OPPORTUNITY, ANA, MONDAY)
    assert records.opportunity(row | {"SystemModstamp": None}) is not None
    assert hubspot_records.deal({"id": "5", "properties": about}, ["1"], lambda _: ANA) == Role(
        "hubspot", "5", "1", OPEN_OPPORTUNITY, ANA, MONDAY
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Account Manager", "account_manager"),
        (" CSM ", "csm"),
        ("Pre-Sales", "pre_sales"),
        ("Ärzte", "ärzte"),
        ("-", ""),
    ],
)
def test_a_role_is_named_as_config_writes_it(written: str, key: str) -> None:
    assert role_key(written) == key
