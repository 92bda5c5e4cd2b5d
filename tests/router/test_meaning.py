"""Rules see canonical values, and what follows from them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.accounts import Account, AccountMatch, Duplicate
from domain.hours import Span
from domain.leads import Value
from router.conditions import ALWAYS, Compare
from router.meaning import Meaning, understand
from router.rules import Arrival, FromAccount, FromService, FromTable, Named, NamedAccount, Recent, RuleSet, Territory
from router.values import Money
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


def understood(book: RuleSet = RULES, **values: Value) -> Meaning:
    return understand(case(**values), book, MONDAY_TEN)


def test_what_people_type_becomes_what_rules_ask_for_and_the_source_says_how_it_was_written() -> None:
    meaning = understood(
        country="Deutschland",
        state="Bavaria",
        language="German",
        phone="030 901820",
        employees="250 to 499",
        deal_size="1,200.50 EUR",
        title="Geschäftsführerin",
        postcode="D-80331",
    )

    assert {name: meaning.facts[name] for name in meaning.sources} == {
        "country": "DE",
        "state": "BY",
        "language": "de",
        "phone": "+4930901820",
        "employees": 250,
        "deal_size": 1200.5,
        "postcode": "80331",
        "seniority": "executive",
        "timezone": "Europe/Berlin",
    }
    assert meaning.sources["country"] == "written 'Deutschland'"
    assert (meaning.sources["seniority"], meaning.sources["timezone"]) == ("title", "country")


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("country", "Atlantis"), ("language", "Klingon"), ("employees", "many"), ("employees", -4),
        ("employees", float("nan")), ("deal_size", "100 PLN"), ("revenue", float("inf")), ("phone", "call me"),
        ("signals.demo.at", "yesterday"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_missing_and_a_note(field: str, written: Value) -> None:
    meaning = understood(**{field: written})

    assert field.removesuffix(".at") not in meaning.facts
    assert f"{field} could not be read: {str(written)!r}" in meaning.notes


def test_a_title_that_is_a_list_says_nothing_of_a_level() -> None:
    assert "seniority" not in understood(title=("CEO", "Intern")).facts


def test_a_signal_may_be_called_by_what_times_end_with() -> None:
    meaning = understood(**{"signals.look.at.at": "2026-11-20T10:00:00Z"})

    assert (meaning.facts["signals.look.at"], meaning.notes) == (1, ())


def test_a_state_that_its_country_has_not_is_a_note_and_where_states_are_not_known_it_stays() -> None:
    assert understood(country="US", state="Bavaria").notes == ("state could not be read: 'Bavaria'",)
    assert understood(country="FR", state="Bretagne").facts["state"] == "Bretagne"


def test_megabytes_in_a_field_are_a_short_note() -> None:
    assert len(understood(country="x" * 10_000_000, employees="9" * 10_000_000).notes) == 2
    assert all(len(note) < 200 for note in understood(country="x" * 10_000_000).notes)


def test_names_of_revops_own_win_over_everything_else() -> None:
    book = replace(RULES, aliases={"country": {"germany": "dach", "uk": "U.K."}, "state": {"bavaria": "south"}})

    assert understood(book, country="Germany").facts["country"] == "dach"
    assert understood(book, country="dach").facts["country"] == "dach"
    assert understood(book, country="UK").facts["country"] == "GB"
    assert understood(book, country="DE", state="Bavaria").facts["state"] == "south"


def test_an_amount_is_converted_by_the_rates_of_the_house() -> None:
    book = replace(RULES, money=Money("EUR", {"USD": 0.5}, frozenset({"deal_size", "custom.budget"})))

    facts = understood(book, deal_size="$ 100k", **{"custom.budget": "50 USD"}).facts

    assert (facts["deal_size"], facts["custom.budget"]) == (50_000, 25)


@pytest.mark.parametrize(
    ("written", "worth"),
    [
        pytest.param({"deal_size": 100, "deal_size.currency": "USD"}, 50, id="in a field of its own"),
        pytest.param({"deal_size": 100, "deal_size.currency": "EUR"}, 100, id="that of the house"),
        pytest.param({"deal_size": "100 EUR", "deal_size.currency": "USD"}, 100, id="what is written with it wins"),
        pytest.param({"deal_size": 100, "deal_size.currency": "PLN"}, None, id="without a rate"),
        pytest.param({"deal_size": 100, "deal_size.currency": "?"}, None, id="that is none"),
    ],
)
def test_the_currency_of_a_record_counts(written: dict[str, Value], worth: float | None) -> None:
    meaning = understood(replace(RULES, money=Money("EUR", {"USD": 0.5})), **written)

    assert meaning.facts.get("deal_size") == worth
    assert bool(meaning.notes) is (worth is None)


def test_a_phone_tells_the_time_zone_where_the_place_does_not() -> None:
    meaning = understood(country="US", phone="(415) 555-0132")

    assert (meaning.facts["timezone"], meaning.sources["timezone"]) == ("America/Los_Angeles", "phone")
    assert understood(country="US", state="NY", phone="(415) 555-0132").facts["timezone"] == "America/New_York"
    assert understood(timezone="europe_slash_berlin").facts["timezone"] == "europe/berlin"


# Enrichment --------------------------------------------------------------------------------------------------------

FIRM = FromTable("firms.csv", "domain", {"bank.example": {"employees": 800, "industry": "banking"}})


def test_enrichment_fills_what_is_empty_in_its_order_and_says_where_it_is_from() -> None:
    account = replace(of_the_bank().account or AccountMatch(None, "none", ""), reason="x")
    assert account.account
    known = replace(account, account=replace(account.account, employees=5, industry=None))
    lead = replace(of_the_bank(email="kim@bank.example", industry="insurance", company=None), account=known)

    first = understand(lead, replace(RULES, enrich=(FromAccount(), FIRM)), MONDAY_TEN)
    other = understand(lead, replace(RULES, enrich=(FIRM, FromAccount())), MONDAY_TEN)

    assert (first.facts["employees"], first.sources["employees"]) == (5, "account")
    assert (other.facts["employees"], other.sources["employees"]) == (800, "firms.csv")
    assert (first.facts["company"], first.facts["industry"]) == ("Bank AG", "insurance")


def test_without_a_line_in_the_table_nothing_is_filled() -> None:
    assert "employees" not in understood(replace(RULES, enrich=(FIRM,))).facts


def test_what_a_service_said_fills_what_is_empty_as_rules_see_it() -> None:
    step = FromService("FIRMS_URL", "domain", 2.0, Span(7, "calendar_days"))
    said: dict[str, Value] = {"employees": "1.200", "country": "Schweiz", "industry": "banking", "revenue": "much"}
    lead = replace(case(industry="insurance"), served={"FIRMS_URL": said})

    meaning = understand(lead, replace(RULES, enrich=(step,)), MONDAY_TEN)

    assert [meaning.facts[name] for name in ("employees", "country", "industry")] == [1200, "CH", "insurance"]
    assert meaning.sources["employees"] == "FIRMS_URL"
    assert meaning.notes == ("revenue could not be read: 'much'",)
    assert "employees" not in understand(lead, RULES, MONDAY_TEN).facts


# References --------------------------------------------------------------------------------------------------------


def test_what_was_looked_up_about_the_account_is_a_fact_but_never_an_integration_user() -> None:
    book = replace(RULES, not_people=frozenset({"robot@acme.example"}))
    looked_up: dict[str, Value] = {"account.parent.owner": BEN, "account.team.csm": "robot@acme.example"}

    facts = understand(replace(case(), looked_up=looked_up), book, MONDAY_TEN).facts

    assert facts["account.parent.owner"] == BEN
    assert "account.team.csm" not in facts


@pytest.mark.parametrize(
    ("lead", "account"),
    [
        pytest.param({"email": "kim@bank.example"}, None, id="by the lead's domain"),
        pytest.param({"company": "The BANK, A.G."}, None, id="by the company's name"),
        pytest.param({}, Account("salesforce", "A1", "Other", domain="www.bank.example"), id="by the account's domain"),
        pytest.param({}, Account("salesforce", "A1", "Bank"), id="by the account's name"),
    ],
)
def test_a_named_account_is_found(lead: dict[str, Value], account: Account | None) -> None:
    named = NamedAccount("Bank AG", EVE, "bank.example", "1")
    book = replace(RULES, named_domains={"bank.example": named}, named_names={"bank": named})
    match = AccountMatch(account, "name", "") if account else None

    facts = understand(replace(case(**lead), account=match), book, MONDAY_TEN).facts

    assert [facts[f"named_account.{name}"] for name in ("exists", "owner", "tier")] == [True, EVE, "1"]
    assert not understand(case(), book, MONDAY_TEN).facts["named_account.exists"]


# Signals and hours -------------------------------------------------------------------------------------------------

WITHIN = Recent("signals.demo within 2 calendar days", "signals.demo", Span(2, "calendar_days"))
ASKED = replace(RULES, asked=(WITHIN, Arrival("arrived.office", "office")))


@pytest.mark.parametrize(
    ("values", "count", "recent"),
    [
        pytest.param({"signals.demo.at": ("2026-11-22", "2026-11-20T10:00Z")}, 2, 1, id="one of two"),
        pytest.param({"signals.demo.at": "2026-11-21T10:00:00Z"}, 1, 1, id="just still"),
        pytest.param({"signals.demo.at": "2026-11-21T09:59:59Z"}, 1, 0, id="just not any more"),
        pytest.param({"signals.demo.at": "2026-11-24T10:00Z"}, 1, 0, id="tomorrow is no past"),
        pytest.param({"signals.demo": 7, "signals.demo.at": "2026-11-23"}, 7, 1, id="how many, and the last one"),
        pytest.param({"signals.demo": "0"}, 0, 0, id="none at all"),
        pytest.param({"signals.demo.at": ()}, 0, 0, id="no times of any"),
        pytest.param({"signals.demo": 7}, 7, None, id="nobody knows when"),
        pytest.param({}, None, None, id="nothing is known"),
    ],
)
def test_signals_are_counted_and_have_an_age(values: dict[str, Value], count: int | None, recent: int | None) -> None:
    meaning = understood(ASKED, **values)

    assert (meaning.facts.get("signals.demo"), meaning.facts.get(WITHIN.fact)) == (count, recent)
    assert bool(meaning.notes) is (count is not None and recent is None)


def test_a_lead_arrives_inside_or_outside_the_hours_of_a_calendar() -> None:
    late = replace(case(), lead=replace(case().lead, created_at=MONDAY_TEN + timedelta(hours=12)))

    assert understood(ASKED).facts["arrived.office"] == "inside"
    assert understand(late, ASKED, MONDAY_TEN).facts["arrived.office"] == "outside"
