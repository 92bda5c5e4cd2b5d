"""Rules see canonical values, and what follows from them."""

from dataclasses import replace

from domain.accounts import Duplicate
from router.conditions import ALWAYS, Compare
from router.meaning import understand
from router.rules import Named, Territory
from tests.router.office import BEN, EVE, MONDAY_TEN, RULES, case, of_the_bank


def test_what_the_world_writes_becomes_what_the_rules_say() -> None:
    book = replace(RULES, aliases={"source": {"request a demo": "demo_request"}, "tags": {"messe": "event"}})

    facts = understand(case(source=" Request a Demo ", tags=("Messe", "vip"), city=" Bonn "), book, MONDAY_TEN).facts

    assert (facts["source"], facts["tags"], facts["city"]) == ("demo_request", ("event", "vip"), "Bonn")


def test_the_account_and_the_earlier_lead_are_facts() -> None:
    lead = replace(of_the_bank(), duplicate=Duplicate("salesforce:00Q0", BEN, "email"))

    facts = understand(lead, RULES, MONDAY_TEN).facts

    assert {name: facts[name] for name in facts if name.startswith(("account.", "duplicate."))} == {
        "account.exists": True,
        "account.name": "Bank AG",
        "account.owner": EVE,
        "account.is_customer": True,
        "account.country": "DE",
        "duplicate.exists": True,
        "duplicate.owner": BEN,
    }


def test_without_an_account_and_an_earlier_lead_that_is_said() -> None:
    facts = understand(case(), RULES, MONDAY_TEN).facts

    assert (facts["account.exists"], facts["duplicate.exists"]) == (False, False)
    assert "account.owner" not in facts


def test_the_country_is_the_leads_and_else_the_accounts() -> None:
    assert understand(of_the_bank(country="AT"), RULES, MONDAY_TEN).facts["country"] == "AT"
    assert understand(of_the_bank(), RULES, MONDAY_TEN).facts["country"] == "DE"


def test_the_domain_is_the_companys_and_never_a_free_mail_providers() -> None:
    book = replace(RULES, free_mail=frozenset({"freemail.example"}))

    assert understand(case(website="https://www.firm.example/x", email="kim@mail.example"), book, MONDAY_TEN).facts[
        "domain"
    ] == ("firm.example")
    assert understand(case(email="kim@eu.firm.example"), book, MONDAY_TEN).facts["domain"] == "firm.example"
    assert "domain" not in understand(case(email="kim@freemail.example"), book, MONDAY_TEN).facts


def test_the_first_territory_that_covers_the_lead_is_taken() -> None:
    book = replace(
        RULES,
        territories=(
            Territory("bay_area", Compare("postcode", "starts_with", "94"), "west"),
            Territory("usa", Compare("country", "equals", "US"), "usa"),
            Territory("rest", ALWAYS),
        ),
    )

    bay, usa, rest = (
        understand(case(country=country, postcode=postcode), book, MONDAY_TEN).facts
        for country, postcode in (("US", "94016"), ("US", "10001"), ("FR", "75001"))
    )

    assert (bay["territory"], bay["territory.pool"]) == ("bay_area", "west")
    assert usa["territory"] == "usa"
    assert (rest["territory"], rest.get("territory.pool")) == ("rest", None)


def test_a_lead_is_in_every_segment_that_holds() -> None:
    book = replace(
        RULES,
        segments=(
            Named("german", Compare("country", "equals", "DE")),
            Named("large", Compare("employees", "above", 500)),
            Named("banks", Compare("account.name", "contains", "bank")),
        ),
    )

    assert understand(of_the_bank(employees=20), book, MONDAY_TEN).facts["segment"] == ("german", "banks")


def test_intent_and_fit_name_the_play() -> None:
    book = replace(
        RULES,
        intent=(Named("high", Compare("source", "equals", "demo")), Named("low", ALWAYS)),
        fit=(Named("strong", Compare("employees", "at_least", 200)), Named("weak", ALWAYS)),
        plays={"high": {"strong": "senior", "weak": "qualify"}, "low": {"strong": "nurture"}},
    )

    facts = understand(case(source="Demo", employees=20, intent="low"), book, MONDAY_TEN).facts
    none = understand(case(source="fair", employees=20), book, MONDAY_TEN).facts

    assert (facts["intent"], facts["fit"], facts["play"]) == ("high", "weak", "qualify")
    assert "play" not in none


def test_what_could_not_be_read_is_a_note() -> None:
    unreadable = replace(case(), lead=replace(case().lead, unreadable={"employees": "quite some"}))

    assert understand(unreadable, RULES, MONDAY_TEN).notes == ("employees could not be read: 'quite some'",)
