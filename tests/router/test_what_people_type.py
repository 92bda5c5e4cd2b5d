"""Countries, states, languages, titles, telephone numbers and amounts, from whatever people type; never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phones import phone
from domain.phones import time_zone as zone_of_number
from router.numbers import NotUnderstood, amount
from router.places import country, language, state, zone_of_country, zone_of_state
from router.titles import seniority
from router.values import Money, Readings, read

MEGABYTES = "1 " * 5_000_000


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("DE", "DE"), ("de", "DE"), ("DEU", "DE"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("Niemcy", "DE"),
        ("USA", "US"), ("U.S.A.", "US"), ("United States of America", "US"), ("Vereinigte Staaten", "US"),
        ("U.K.", "GB"), ("England", "GB"), ("Großbritannien", "GB"), ("Royaume-Uni", "GB"),
        ("Österreich", "AT"), ("Oesterreich", "AT"), (" the  Netherlands ", "NL"), ("Holland", "NL"),
        ("Côte d’Ivoire", "CI"), ("Czech Republic", "CZ"), ("Россия", "RU"), ("Ελλάδα", "GR"), ("Türkiye", "TR"),
        ("Germany (DE)", "DE"), ("DE - Germany", "DE"), ("Suisse / Schweiz", "CH"), ("NO", "NO"),
        ("Germany (FR)", None), ("Germany, France", None), ("Kongo", None), ("Atlantis", None), ("EMEA", None),
        ("-", None), ("", None), (MEGABYTES, None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_codes_and_names_and_otherwise_not_at_all(written: str, code: str | None) -> None:
    assert country(written) == code


@pytest.mark.parametrize(
    ("written", "of", "code"),
    [
        ("California", "US", "CA"), ("ca", "US", "CA"), ("US-CA", "US", "CA"), ("Calif.", "US", "CA"),
        ("Washington, D.C.", "US", "DC"), ("State of New York", "US", "NY"), ("Québec", "CA", "QC"),
        ("Bavaria", "DE", "BY"), ("Freistaat Bayern", "DE", "BY"), ("NRW", "DE", "NW"), ("Genève", "CH", "GE"),
        ("Kanton Zürich", "CH", "ZH"), ("New South Wales", "AU", "NSW"), ("Bayern", None, "BY"),
        ("Bavaria", "US", None), ("WA", None, None), ("nowhere", "US", None), (MEGABYTES, "US", None),
    ],
)  # fmt: skip
def test_a_state_is_known_in_its_country(written: str, of: str | None, code: str | None) -> None:
    assert state(written, of) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [("de", "de"), ("German", "de"), ("Deutsch", "de"), ("français", "fr"), ("de-AT", "de"), ("en_GB", "en"),
     ("Klingon", None), (MEGABYTES, None)],
)  # fmt: skip
def test_a_language_is_known_by_its_code_and_names(written: str, code: str | None) -> None:
    assert language(written) == code


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Founder & CEO", "owner"), ("Inhaberin", "owner"), ("CFO", "executive"), ("Geschäftsführer", "executive"),
        ("Directeur général", "executive"), ("Chief Revenue Officer", "executive"), ("President", "executive"),
        ("Vice President, Sales", "vp"), ("SVP Marketing", "vp"), ("Head of IT", "director"),
        ("IT-Leiter", "director"), ("Vertriebsleiterin DACH", "director"), ("Directeur commercial", "director"),
        ("International Sales Director", "director"), ("Account Manager", "manager"), ("Projektmanagerin", "manager"),
        ("Gerente de ventas", "manager"), ("Sr. Buyer", "senior"), ("Werkstudentin Marketing", "junior"),
        ("Intern", "junior"), ("Internal Auditor", None), ("Assistant to the CEO", None), ("Product Owner", None),
        ("HR Business Partner", None), ("Einkäuferin", None), ("", None), ("x" + MEGABYTES + "CEO", None),
    ],
)  # fmt: skip
def test_a_title_tells_a_level_or_none(title: str, level: str | None) -> None:
    assert seniority(title) == level


@pytest.mark.parametrize(
    ("written", "of", "number"),
    [
        ("+49 (0)30 / 901820", None, "+4930901820"), ("0049 30 901820", None, "+4930901820"),
        ("030 901820", "DE", "+4930901820"), ("(415) 555-0132", "US", "+14155550132"),
        ("030 901820", None, None), ("call me", "DE", None), ("1", "DE", None), (MEGABYTES, "DE", None),
    ],
)  # fmt: skip
def test_a_telephone_number_is_written_in_one_way(written: str, of: str | None, number: str | None) -> None:
    assert phone(written, of) == number


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+4930901820", "Europe/Berlin"), ("+14155550132", "America/Los_Angeles"), ("+34928123456", "Atlantic/Canary"),
        ("+447911123456", "Europe/London"), ("+18005551234", None), ("no number", None),
    ],
)  # fmt: skip
def test_a_number_tells_a_time_zone_where_it_has_only_one(number: str, zone: str | None) -> None:
    assert zone_of_number(number) == zone


def test_a_place_has_a_time_zone_where_it_keeps_one_time() -> None:
    assert (zone_of_country("DE"), zone_of_country("US"), zone_of_country(None)) == ("Europe/Berlin", None, None)
    assert (zone_of_state("US", "CA"), zone_of_state("US", "TX")) == ("America/Los_Angeles", None)


@pytest.mark.parametrize(
    ("written", "home", "worth"),
    [
        ("1.200 €", "EUR", 1200), ("1,5 Mio. EUR", "EUR", 1_500_000), ("1.200,- €", "EUR", 1200),
        ("500 TEUR", "EUR", 500_000), ("1000EUR", "EUR", 1000), ("EUR1000", "EUR", 1000), ("10 k€", "EUR", 10_000),
        ("50000", "EUR", 50_000), ("1,200.50 USD", "EUR", 1080.45), ("US$ 5m", "EUR", 4_500_000), ("$2k", "EUR", 1800),
        ("$2k", "CAD", 2000), ("CHF 1'200", "EUR", 1260), ("100k-250k USD", "EUR", 90_000), ("5 000 kr", "SEK", 5000),
    ],
)  # fmt: skip
def test_an_amount_is_worth_something_in_the_currency_of_the_house(written: str, home: str, worth: float) -> None:
    assert amount(written, home, {"USD": 0.9, "CHF": 1.05}) == worth


@pytest.mark.parametrize("written", ["5 000 kr", "100 PLN", "30 EUR / 40 USD", "much", "under 50 EUR", MEGABYTES])
def test_an_amount_that_nobody_can_tell_is_not_understood(written: str) -> None:
    with pytest.raises(NotUnderstood):
        amount(written, "EUR", {"USD": 0.9})


@given(
    st.lists(
        st.tuples(
            st.sampled_from("industry country employees deal_size language postcode title signals.x".split()),
            st.sampled_from(["", " ", "Banks", "finance", " DE", "Germany", "250 to 499", "1.200 €", "-3", "D-1", "?"]),
        ),
        max_size=30,
    )
)
def test_a_text_that_came_before_says_what_it_says_the_first_time(seen: list[tuple[str, str]]) -> None:
    aliases, money = {"industry": {"banks": "finance"}}, Money()
    readings = Readings(aliases, money)

    for name, text in seen:
        try:
            expected = read(name, text, aliases, money)
        except NotUnderstood:
            assert readings.of(name, text) == (None, "", f"{name} could not be read: {text.strip()!r}")
            continue
        written = repr(text.strip()) if expected not in (None, text.strip()) else ""
        assert readings.of(name, text) == (expected, written, "")


def test_more_texts_than_are_kept_are_still_read() -> None:
    readings = Readings({}, Money())

    numbers = [number for number in range(45_000) if readings.of("employees", str(number))[0] != number]

    assert numbers == []


def test_names_that_a_service_makes_up_are_not_kept() -> None:
    readings = Readings({}, Money())

    assert [readings.of(f"custom.of_{number}", " x ") for number in range(3)] == [("x", "", "")] * 3
    assert not readings
