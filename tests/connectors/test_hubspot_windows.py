"""HubSpot's windows: each ends, none loses a record, and what changed since a decision is noticed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from connectors.base import Credentials, Shared, TryLater, Write
from connectors.hubspot import searching
from connectors.hubspot.portal import Portal
from connectors.hubspot.searching import LAG, OVERLAP, Window
from connectors.registry import connect
from sandbox.hubspot.scopes import ALL
from sandbox.hubspot.sign_in import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.connectors.stage import ANA, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, credentials
from tests.sandbox.hubspot_client import send


class Searches:
    """A budget that gives out so many searches and then none, until it is filled again."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, what: Literal["call", "search"]) -> None:
        if what == "search":
            if not self.left:
                raise TryLater("no search is left", 1.0)
            self.left -= 1

    def told(self, _: object) -> None:
        """Not kept."""

    def refused(self, what: Literal["call", "search"], seconds: float) -> None:
        """Not kept."""


def at(seconds: float) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("began", "reached", "cursor"),
    [
        pytest.param(at(-3600), None, MONDAY - LAG, id="walked to its end"),
        pytest.param(
            at(-3600), at(-600), at(-600) + OVERLAP, id="more to come: from the last record, less the overlap"
        ),
        pytest.param(at(-3600), at(-10), MONDAY - LAG, id="more of the last minutes: the index may show others late"),
        pytest.param(at(-10), None, MONDAY - LAG, id="it began in the last minutes"),
        pytest.param(at(600), None, MONDAY - LAG, id="it began in HubSpot's future"),
        pytest.param(at(-10), at(-5), at(-10) + OVERLAP, id="cut in the last minutes: no earlier than it was asked"),
    ],
)
def test_where_the_next_window_starts(began: datetime, reached: datetime | None, cursor: datetime) -> None:
    assert Window((), began, MONDAY, reached).cursor == cursor


@pytest.mark.parametrize("searches", [1, 2, 3])
def test_a_window_that_the_budget_cuts_short_hands_on_what_it_has_and_nothing_is_lost(
    hubspot: Stage, searches: int
) -> None:
    leads: list[str] = []
    for minute in range(6):
        hubspot.move_to(MONDAY + timedelta(minutes=minute))
        leads += hubspot.many(90)
    budget = Searches(searches)
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE, Shared(budget=budget))

    found = crm.arrived(an_hour_ago())
    seen = {one.key.id for one in found.seen}
    for minute in range(6, 12):
        hubspot.move_to(MONDAY + timedelta(minutes=minute))
        budget.left = searches
        found = crm.arrived(found.cursor)
        seen |= {one.key.id for one in found.seen}

    assert seen == set(leads)
    assert found.cursor < crm.now()


def test_a_crowd_of_the_last_minutes_is_walked_to_its_end(hubspot: Stage) -> None:
    for second in range(3):
        hubspot.move_to(MONDAY + timedelta(seconds=second))
        hubspot.many(190)
    portal = Portal(credentials("hubspot", hubspot.sandbox.url))

    found = searching.window(portal, "contacts", [[]], "lastmodifieddate", an_hour_ago(), (), pages=1)

    assert (len(found.rows), found.reached) == (570, None)


def test_an_import_of_one_millisecond_is_found_bit_by_bit_as_its_leads_get_their_owners(hubspot: Stage) -> None:
    leads = hubspot.many(450)
    budget = Searches(2)
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE, Shared(budget=budget))

    first = crm.arrived(MONDAY + OVERLAP)
    hubspot.crm.write([hubspot.assigning(seen.key.id, ANA) for seen in first.seen])
    budget.left = 9
    second = crm.arrived(first.cursor)

    assert (len(first.seen), first.more, first.cursor) == (200, False, MONDAY + OVERLAP)
    assert {seen.key.id for seen in (*first.seen, *second.seen)} == set(leads)


def test_a_window_without_any_search_left_says_when_to_try_again(hubspot: Stage) -> None:
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE, Shared(budget=Searches(0)))

    with pytest.raises(TryLater) as later:
        crm.arrived(an_hour_ago())

    assert later.value.after == 1.0


def test_a_fresh_lead_is_hot_and_one_of_a_crowd_can_wait(hubspot: Stage) -> None:
    hubspot.many(51)
    hubspot.move_to(MONDAY + timedelta(minutes=5))
    [lead] = hubspot.many(1)

    hot = [seen.key.id for seen in hubspot.crm.arrived(an_hour_ago()).seen if seen.hot]

    assert hot == [lead]


def test_an_old_lead_that_is_found_can_wait(hubspot: Stage) -> None:
    hubspot.many(1)
    hubspot.move_to(MONDAY + timedelta(hours=2))
    hubspot.crm.users()  # A clock that jumps is believed at the second answer that says so.

    [seen] = hubspot.crm.arrived(an_hour_ago()).seen

    assert not seen.hot


# Changes since a decision


def decided(stage: Stage, count: int) -> list[str]:
    leads = stage.many(count)
    stage.crm.write(stage.assigning_all(leads, ANA))
    return leads


def test_an_answer_is_noticed_and_a_decided_lead_without_one_is_not(hubspot: Stage) -> None:
    answered, _ = decided(hubspot, 2)
    hubspot.crm.write([Write(hubspot.key(answered), {"answer": "Accept"})])

    changes = hubspot.crm.changed(an_hour_ago(), [])

    assert [(one.seen.key.id, one.answer) for one in changes.noticed] == [(answered, "Accept")]


def test_the_watched_fields_of_decided_leads_are_noticed_as_they_are_now(hubspot: Stage) -> None:
    [lead] = decided(hubspot, 1)
    hubspot.many(1)
    send(hubspot.sandbox, "PATCH", f"/crm/objects/2026-03/contacts/{lead}", {"properties": {"country": "DE"}})

    changes = hubspot.crm.changed(an_hour_ago(), ["country", "employees"])

    assert [(one.seen.key.id, one.values, one.answer) for one in changes.noticed] == [(lead, {"country": "DE"}, None)]


def test_the_changes_cursor_moves_on(hubspot: Stage) -> None:
    assert hubspot.crm.changed(an_hour_ago(), []).cursor == MONDAY - LAG


# Companies that are gone


def test_a_deleted_company_is_gone_and_one_that_was_deleted_before_is_not_told_again(hubspot: Stage) -> None:
    before, lately = hubspot.control("POST", "accounts", [{"name": "Acme"}, {"name": "Bolt"}])
    send(hubspot.sandbox, "DELETE", f"/crm/objects/2026-03/companies/{before}")
    hubspot.move_to(MONDAY + timedelta(hours=1))
    send(hubspot.sandbox, "DELETE", f"/crm/objects/2026-03/companies/{lately}")

    deleted = hubspot.crm.deleted("companies", MONDAY + timedelta(minutes=30), None)

    assert (deleted.ids, deleted.next) == ((lately,), None)


def test_a_company_that_was_merged_into_another_is_gone(hubspot: Stage) -> None:
    one, other = hubspot.control("POST", "accounts", [{"name": "Acme"}, {"name": "Acme Ltd"}])
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    merged = send(hubspot.sandbox, "POST", "/crm/objects/2026-03/companies/merge", body).json()["id"]

    companies = hubspot.crm.accounts(an_hour_ago())

    assert merged in {company.id for company in companies.accounts}
    assert {one, other} - {merged} <= set(companies.gone)
    assert merged not in companies.gone


# Leads of the Sales Hub


@pytest.fixture
def sales_hub(hubspot: Stage) -> Stage:
    """The same portal with a connector that routes leads, whose addresses stand on their contacts."""
    fields = {"email": "contact.email", "country": "contact.country", "title": "hs_lead_name"}
    hubspot.mapping = replace(hubspot.mapping, object="lead", fields=fields, statuses={})
    hubspot.crm = connect("hubspot", credentials("hubspot", hubspot.sandbox.url), hubspot.mapping, NOT_PEOPLE)
    hubspot.crm.sign_in()
    hubspot.crm.provision()
    return hubspot


def a_lead_of(stage: Stage, contact: str) -> str:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    body = {"properties": {"hs_lead_name": "Acme"}, "associations": [{"to": {"id": contact}, "types": types}]}
    return str(send(stage.sandbox, "POST", "/crm/objects/2026-03/leads", body).json()["id"])


def test_a_lead_of_the_sales_hub_is_found_and_read_with_the_fields_of_its_contact(sales_hub: Stage) -> None:
    [contact] = sales_hub.leads({"email": "new@firm.example", "country": "DE"})
    lead = a_lead_of(sales_hub, contact)

    found = sales_hub.crm.arrived(an_hour_ago())

    assert [seen.key for seen in found.seen] == [sales_hub.key(lead)]
    assert sales_hub.read(lead).values == {"email": "new@firm.example", "country": "DE", "title": "Acme"}


def test_a_lead_of_the_sales_hub_gets_its_owner_and_its_activities_are_seen(sales_hub: Stage) -> None:
    [contact] = sales_hub.many(1)
    lead = a_lead_of(sales_hub, contact)

    [written] = sales_hub.crm.write([sales_hub.assigning(lead, ANA)])

    assert written.outcome == "applied"
    assert (sales_hub.read(lead).owner, sales_hub.read(lead).decision) == (ANA, "d1/0")


def test_fields_of_contacts_cost_two_calls_for_a_hundred_leads(sales_hub: Stage) -> None:
    leads = [a_lead_of(sales_hub, contact) for contact in sales_hub.many(3)]
    before = sales_hub.crm.calls

    sales_hub.crm.read(leads)

    assert sales_hub.crm.calls - before == 3


def test_the_contacts_watched_fields_of_a_decided_lead_are_noticed(sales_hub: Stage) -> None:
    [contact] = sales_hub.leads({"email": "new@firm.example", "country": "DE"})
    lead = a_lead_of(sales_hub, contact)
    sales_hub.crm.write([sales_hub.assigning(lead, ANA)])

    [noticed] = sales_hub.crm.changed(an_hour_ago(), ["country"]).noticed

    assert noticed.values == {"country": "DE"}


def test_a_lead_whose_contact_cannot_be_read_just_now_may_have_news_and_keeps_no_other(sales_hub: Stage) -> None:
    odd, other = sales_hub.leads({"email": "odd@firm.example"}, {"email": "other@firm.example", "country": "DE"})
    leads = [a_lead_of(sales_hub, contact) for contact in (odd, other)]
    sales_hub.crm.write([sales_hub.assigning(lead, ANA) for lead in leads])
    sales_hub.control("PUT", "unreadable", {"records": [odd]})

    changes = sales_hub.crm.changed(an_hour_ago(), ["country"])

    assert [(one.seen.key.id, one.values) for one in changes.noticed] == [
        (leads[0], None),
        (leads[1], {"country": "DE"}),
    ]
    assert changes.cursor == MONDAY - LAG


def test_a_contact_that_changes_alone_is_noticed_with_the_next_change_of_its_lead(sales_hub: Stage) -> None:
    [contact] = sales_hub.leads({"email": "new@firm.example", "country": "DE"})
    lead = a_lead_of(sales_hub, contact)
    sales_hub.crm.write([sales_hub.assigning(lead, ANA)])
    sales_hub.move_to(MONDAY + timedelta(minutes=30))
    send(sales_hub.sandbox, "PATCH", f"/crm/objects/2026-03/contacts/{contact}", {"properties": {"country": "FR"}})
    alone = sales_hub.crm.changed(MONDAY + timedelta(minutes=20), ["country"]).noticed
    renamed = {"properties": {"hs_lead_name": "Acme again"}}
    send(sales_hub.sandbox, "PATCH", f"/crm/objects/2026-03/leads/{lead}", renamed)

    together = sales_hub.crm.changed(MONDAY + timedelta(minutes=20), ["country"]).noticed

    assert (alone, [one.values for one in together]) == ((), [{"country": "FR"}])


# What doctor tells


def test_all_is_well_with_a_provisioned_portal(hubspot: Stage) -> None:
    findings = hubspot.crm.examine()

    assert [one.what for one in findings if one.ok is False] == []
    assert {"sign-in", "field email", "our properties", "owners", "paths"} <= {one.what for one in findings if one.ok}


@pytest.mark.parametrize(
    ("mapping", "what", "detail"),
    [
        pytest.param({"fields": {"email": "emial"}}, "field email", "no property emial", id="a field that is none"),
        pytest.param({"fields": {"revenue": "createdate"}, "types": {"revenue": "amount"}}, "field revenue", "datetime",
                     id="a field of another type"),
        pytest.param({"unowned_by": ("queue:Nowhere",)}, "queue:Nowhere", "no such queue", id="a queue"),
        pytest.param({"unowned_by": ("user:gone@acme.example",)}, "user:gone@acme.example", "no such user",
                     id="a user"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_mapping_is_told_with_a_way_out(
    hubspot: Stage, mapping: dict[str, object], what: str, detail: str
) -> None:
    wrong = replace(hubspot.mapping, **mapping)  # type: ignore[arg-type]
    crm = connect("hubspot", credentials("hubspot", hubspot.sandbox.url), wrong, NOT_PEOPLE)

    [finding] = [one for one in crm.examine() if one.ok is False]

    assert finding.what == what
    assert detail in finding.detail
    assert finding.way_out


@pytest.mark.parametrize("way", ["token", "OAuth"])
def test_a_rule_about_open_deals_needs_a_scope_that_is_named_where_it_is_missing(hubspot: Stage, way: str) -> None:
    scopes = sorted(ALL - {"crm.objects.deals.read"})
    if way == "token":
        there = Credentials(hubspot.sandbox.url, hubspot.control("POST", "keys", {"scopes": scopes})["token"], way=way)
    else:
        hubspot.control("PUT", "oauth", {"scopes": scopes})
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        there = Credentials(hubspot.sandbox.url, REFRESH_TOKEN, app, way)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE)

    wrong = [one for one in crm.examine({"opportunities"}) if one.ok is False]

    assert [(one.what, "a rule asks who owns open deals" in one.detail) for one in wrong] == [("deals", True)]
    assert "crm.objects.deals.read" in wrong[0].way_out
    assert [one for one in crm.examine() if one.ok is False] == []


@pytest.mark.parametrize(
    "mapping",
    [
        pytest.param({"fields": {"custom.seats": "company"}, "types": {"custom.seats": "number"}}, id="typed"),
        pytest.param({"fields": {"employees": "company"}}, id="a number by its name"),
    ],
)
def test_a_number_that_is_read_from_text_is_told_with_its_place_and_a_way_out(
    hubspot: Stage, mapping: dict[str, object]
) -> None:
    wrong = replace(hubspot.mapping, **mapping)  # type: ignore[arg-type]
    crm = connect("hubspot", credentials("hubspot", hubspot.sandbox.url), wrong, NOT_PEOPLE)

    [told] = [one for one in crm.examine() if one.what.startswith("field ")]

    assert (told.ok, "contacts.company is text" in told.detail) == (None, True)
    assert "crm/hubspot.yaml" in told.way_out


def test_classic_paths_are_told_with_the_day_on_which_the_first_of_them_ends(hubspot: Stage) -> None:
    there = replace(credentials("hubspot", hubspot.sandbox.url), extra={"api_version": "classic"})

    [finding] = [one for one in connect("hubspot", there, hubspot.mapping, NOT_PEOPLE).examine() if one.what == "paths"]

    assert finding.ok is False
    assert "2027-02-16" in finding.detail


def test_without_a_good_token_only_that_is_told(hubspot: Stage) -> None:
    there = replace(credentials("hubspot", hubspot.sandbox.url), secret="revoked")

    [finding] = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE).examine()

    assert (finding.what, finding.ok) == ("sign-in", False)
    assert "HUBSPOT_TOKEN" in finding.detail


def test_a_portal_without_leads_is_told_to_lack_the_sales_hub(sales_hub: Stage) -> None:
    sales_hub.fault({"status": 403}, path="/properties/", times=1)

    [finding] = [one for one in sales_hub.crm.examine() if one.what == "Sales Hub"]

    assert finding.ok is False
    assert "object: contact" in finding.way_out


def test_missing_properties_of_ours_are_told_with_the_command_that_creates_them(hubspot: Stage) -> None:
    bare = Stage(hubspot.sandbox, "hubspot", provisioned=False)

    [finding] = [one for one in bare.crm.examine() if one.what == "our properties"]

    assert finding.ok is False
    assert "fairlead provision" in finding.way_out


# Thrift


def test_history_is_paid_for_only_where_the_owner_changes(hubspot: Stage) -> None:
    leads = hubspot.many(100)
    before = hubspot.crm.calls

    hubspot.crm.write([Write(hubspot.key(lead), {"outcome": "nurtured"}, f"{lead}/0") for lead in leads])

    assert hubspot.crm.calls - before == 3
