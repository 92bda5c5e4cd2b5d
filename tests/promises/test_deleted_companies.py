"""A company or deal that is deleted in HubSpot draws no leads to its owner for long, and looking for such costs few
calls."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.base import Companies, Crm, Refused
from connectors.hubspot import crm as connector
from domain.accounts import Account
from ledger import accounts, cursors
from router.accounts import keys_of_account
from runtime import ingest
from tests.promises.test_companies_and_fields import OPEN_DEAL, of_a_child_company, open_deal
from tests.promises.world import REPS, World
from tests.sandbox.hubspot_client import send

LIST, DEALS = "/crm/objects/2026-03/companies", "/crm/objects/2026-03/deals"


def companies(world: World, *names: str) -> list[str]:
    return [str(id) for id in world.sandbox.control("POST", "/hubspot/accounts", json=[{"name": one} for one in names])]


def delete(world: World, company: str) -> None:
    send(world.sandbox, "DELETE", f"{LIST}/{company}")


def mirror(world: World) -> None:
    while not ingest.mirror(world.services, "hubspot"):
        pass


def mirrored(world: World, *names: str) -> list[str]:
    with world.ledger.reading() as tx:
        return [
            one.name
            for one in accounts.candidates(
                tx, "hubspot", {key for name in names for key in keys_of_account(Account("hubspot", "", name))}
            )
        ]


def roles(world: World, company: str) -> object:
    """Who has an open opportunity with the company, as the mirror knows."""
    with world.ledger.reading() as tx:
        found = accounts.around(tx, "hubspot", [Account("hubspot", company, "")])
    return found[company].get("account.open_opportunity.owner")


def listings(world: World, path: str = LIST) -> int:
    log = world.sandbox.control("GET", "/calls")["log"]
    return sum((call["method"], call["path"]) == ("GET", path) for call in log)


def test_a_deleted_company_leaves_the_mirror_within_the_hour_and_the_list_of_them_is_read_once(hubspot: World) -> None:
    acme, _ = companies(hubspot, "Acme", "Bolt")
    mirror(hubspot)
    delete(hubspot, acme)
    hubspot.sandbox.control("DELETE", "/calls")
    for _ in range(7):
        hubspot.advance(minutes=10)
        mirror(hubspot)

    assert mirrored(hubspot, "Acme", "Bolt") == ["Bolt"]
    assert listings(hubspot) == 1


def test_a_deleted_deal_draws_no_leads_after_an_hour_and_the_list_of_them_is_read_once(hubspot: World) -> None:
    hubspot.change_config("routing.yaml", "rules:", OPEN_DEAL)
    _, child = of_a_child_company(hubspot)
    deal = open_deal(hubspot, child, hubspot.users[REPS[4]])
    hubspot.advance(minutes=1)
    mirror(hubspot)
    known = roles(hubspot, child)
    send(hubspot.sandbox, "DELETE", f"{DEALS}/{deal}")
    hubspot.sandbox.control("DELETE", "/calls")
    for _ in range(7):
        hubspot.advance(minutes=10)
        mirror(hubspot)

    assert (known, roles(hubspot, child)) == (REPS[4], None)
    assert listings(hubspot, DEALS) == 1


def test_a_long_list_of_deleted_deals_goes_on_where_it_ended(hubspot: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "DELETED_PAGES", 1)
    monkeypatch.setattr(ingest, "MOST_PAGES", 1)
    hubspot.change_config("routing.yaml", "rules:", OPEN_DEAL)
    _, child = of_a_child_company(hubspot)
    deals = [open_deal(hubspot, child, hubspot.users[REPS[4]]) for _ in range(150)]
    hubspot.advance(minutes=1)
    mirror(hubspot)
    for deal in deals:
        send(hubspot.sandbox, "DELETE", f"{DEALS}/{deal}")
    hubspot.advance(hours=1)
    hubspot.sandbox.control("DELETE", "/calls")

    runs = [ingest.mirror(hubspot.services, "hubspot") for _ in range(3)]

    assert (runs, listings(hubspot, DEALS)) == ([False, True, True], 2)
    assert roles(hubspot, child) is None


def test_a_long_list_of_deleted_companies_goes_on_where_it_ended(
    hubspot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "DELETED_PAGES", 1)
    monkeypatch.setattr(ingest, "MOST_PAGES", 1)
    ids = companies(hubspot, *(f"Company {number}" for number in range(250)))
    mirror(hubspot)
    for id in ids:
        delete(hubspot, id)
    hubspot.advance(hours=1)
    hubspot.sandbox.control("DELETE", "/calls")

    runs = [ingest.mirror(hubspot.services, "hubspot") for _ in range(4)]

    assert (runs, listings(hubspot)) == ([False, False, True, True], 3)
    assert mirrored(hubspot, *(f"Company {number}" for number in range(250))) == []


class Meanwhile:
    """A CRM in which something happens before the second window of companies."""

    def __init__(self, crm: Crm, act: Callable[[], None]) -> None:
        self._crm = crm
        self._acts: list[Callable[[], None]] = [lambda: None, act]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def accounts(self, since: datetime | None) -> Companies:
        if self._acts:
            self._acts.pop(0)()
        return self._crm.accounts(since)


@pytest.mark.parametrize("minutes", [0, 61], ids=["the first mirror", "a later mirror"])
def test_a_company_that_is_deleted_while_windows_follow_each_other_leaves_the_mirror(
    hubspot: World, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    monkeypatch.setattr(connector, "COMPANY_PAGES", 1)
    if minutes == 0:
        with hubspot.ledger.writing() as tx:
            for stream in (ingest.ACCOUNTS, ingest.MIRRORED, ingest.deletions("companies")):
                cursors.forget(tx, "hubspot", hubspot.connector.account, stream)
    acme, *_ = companies(hubspot, "Acme", *(f"First {number}" for number in range(150)))
    hubspot.advance(minutes=5)
    companies(hubspot, *(f"Second {number}" for number in range(150)))
    hubspot.advance(minutes=15)

    def somebody_deletes_acme() -> None:
        delete(hubspot, acme)
        hubspot.advance(minutes=10)  # before the last window has been read

    plain = hubspot.connector
    crm: Any = Meanwhile(plain, somebody_deletes_acme)
    hubspot.services = replace(hubspot.services, crms={"hubspot": crm})
    mirror(hubspot)
    assert crm._acts == [], "the companies fitted into one window"
    hubspot.services = replace(hubspot.services, crms={"hubspot": plain})

    if minutes:
        hubspot.advance(minutes=minutes)
        mirror(hubspot)

    assert mirrored(hubspot, "Acme", "First 1", "Second 1") == ["First 1", "Second 1"]


def test_a_place_in_the_list_that_hubspot_does_not_know_any_more_begins_the_list_again(hubspot: World) -> None:
    acme, _ = companies(hubspot, "Acme", "Bolt")
    mirror(hubspot)
    delete(hubspot, acme)
    with hubspot.ledger.writing() as tx:
        now = hubspot.connector.now()
        cursors.move(tx, "hubspot", hubspot.connector.account, ingest.listing("companies"), now, "no place")
    hubspot.advance(hours=1)
    with pytest.raises(Refused):
        mirror(hubspot)

    mirror(hubspot)

    assert mirrored(hubspot, "Acme", "Bolt") == ["Bolt"]
