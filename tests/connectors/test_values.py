"""What people type into a CRM, and what rules see of it."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.values import NotUnderstood, canonical, domain_of, instant, lead_values, number, stamp
from connectors.written import fitting
from domain.leads import Value
from domain.mapping import CrmMapping


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("250", 250),
        ("250 to 499", 250),
        ("250-499", 250),
        ("1,001 – 5,000", 1001),
        ("10.000 bis 20.000", 10_000),
        ("1.200 EUR", 1200),
        ("1.200 €", 1200),
        ("€1,200.50", 1200.5),
        ("1.234.567,89", 1_234_567.89),
        ("1 200", 1200),
        ("1'200'000 CHF", 1_200_000),
        ("12,5", 12.5),
        ("0.125", 0.125),
        ("10,000+", 10_000),
        ("> 500", 500),
        ("more than 500 employees", 500),
        ("ca. 80 Mitarbeiter", 80),
        ("50k", 50_000),
        ("5 to 10 k", 5_000),
        ("1.5 M", 1_500_000),
        ("2 Mio. EUR", 2_000_000),
        ("3 Mrd", 3_000_000_000),
        ("$2.5bn", 2_500_000_000),
        ("-40", -40),
    ],
)
def test_a_number_that_a_person_typed_is_understood(text: str, meant: float) -> None:
    assert number(text) == meant


@pytest.mark.parametrize(
    "text", ["many", "under 50", "<10", "up to 20", "n/a", "1-2-3", "12.5.2026", "1,2345,678", "--", "5 or 6 hundred"]
)
def test_what_nobody_can_be_sure_of_is_named_and_not_guessed(text: str) -> None:
    with pytest.raises(NotUnderstood):
        number(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_number_is_understood_in_every_grouping(value: int) -> None:
    assert number(f"{value}") == number(f"{value:,}") == number(f"{value:_}".replace("_", ".")) == value


@given(st.text(max_size=30))
def test_any_text_is_understood_or_named_and_never_an_accident(text: str) -> None:
    with suppress(NotUnderstood):
        assert isinstance(number(text), int | float)


@pytest.mark.parametrize(
    ("name", "raw", "given_type", "value"),
    [
        pytest.param("company", "  Bank AG ", None, "Bank AG", id="text is trimmed"),
        pytest.param("company", "", None, None, id="empty text is nothing"),
        pytest.param("company", None, None, None, id="null is nothing"),
        pytest.param("country", "Deutschland", None, "Deutschland", id="a country stays as it is written"),
        pytest.param("employees", "250 to 499", None, 250, id="a number by its name"),
        pytest.param("employees", 120.0, None, 120, id="a whole number"),
        pytest.param("custom.seats", "1.200", "number", 1200, id="a number by its type"),
        pytest.param("postcode", "01067", None, "01067", id="a postcode keeps its zero"),
        pytest.param("tags", "a;b; c", None, ("a", "b", "c"), id="a list by its name"),
        pytest.param("custom.topics", "a, b", "list", ("a", "b"), id="a list by its type"),
        pytest.param("consent", "true", None, True, id="a checkbox kept as text"),
        pytest.param("consent", False, None, False, id="a checkbox"),
    ],
)
def test_a_crm_value_becomes_a_canonical_one(name: str, raw: object, given_type: str | None, value: Value) -> None:
    assert canonical(name, raw, given_type) == value


def test_a_field_that_nobody_understands_is_kept_apart_with_its_text() -> None:
    mapping = CrmMapping("hubspot", "contact", ("nobody",), {"employees": "numemployees", "company": "company"})

    values, unreadable = lead_values(mapping, {"numemployees": "a few", "company": "Bank"}.get)

    assert (values, unreadable) == ({"company": "Bank"}, {"employees": "a few"})


@pytest.mark.parametrize(
    "text", ["2026-06-01T09:00:00.123+0000", "2026-06-01T09:00:00.123Z", "2026-06-01T11:00:00.123+02:00"]
)
def test_both_crms_times_are_read_as_utc(text: str) -> None:
    assert instant(text) == datetime(2026, 6, 1, 9, 0, 0, 123_000, UTC)


def test_a_time_without_a_zone_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant("2026-06-01T09:00:00")


def test_a_time_is_written_to_the_millisecond() -> None:
    assert stamp(datetime(2026, 6, 1, 9, 0, 0, 123_456, UTC)) == "2026-06-01T09:00:00.123Z"


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.Acme.example/contact?x=1", "acme.example"),
        ("acme.example", "acme.example"),
        ("http://user@shop.acme.example:8080/", "shop.acme.example"),
        ("", None),
        (None, None),
    ],
)
def test_a_website_gives_its_domain(website: str | None, domain: str | None) -> None:
    assert domain_of(website) == domain


@pytest.mark.parametrize("raw", ["9" * 400, 10**400, float("inf"), float("nan")], ids=["text", "whole", "inf", "nan"])
def test_a_number_beyond_all_numbers_is_named_and_not_guessed(raw: object) -> None:
    mapping = CrmMapping("salesforce", "Lead", (), {"employees": "NumberOfEmployees"})

    values, unreadable = lead_values(mapping, lambda field: raw)

    assert (values, unreadable) == ({}, {"employees": str(raw)})


@given(st.text(max_size=3000))
def test_a_written_text_always_fits_its_field(text: str) -> None:
    assert len(str(fitting("reason", text))) <= 255
    assert len(str(fitting("previous_owners", text))) <= 2000


@pytest.mark.parametrize(
    "text",
    ["9999-12-31T23:59:59.000+0000", "9999-12-31T23:59:59.000-0100", "2026-06-01T09:00:00", "yesterday", "", None],
)
def test_a_time_that_nobody_can_count_from_is_no_time(text: str | None) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        instant(text)


PLANES = "".join(chr((plane << 16) + 0x41) for plane in range(17))


def test_a_name_may_have_letters_of_every_plane() -> None:
    assert canonical("person", PLANES) == PLANES


@pytest.mark.parametrize("text", ["Anna\x00Berg", "Anna\ud83d"], ids=["a zero byte", "half a pair"])
def test_a_text_that_no_database_takes_is_not_understood_and_can_be_told(text: str) -> None:
    mapping = CrmMapping("salesforce", "Lead", (), {"person": "Name", "tags": "Tags__c"})

    values, unreadable = lead_values(mapping, lambda field: text)

    assert list(unreadable) == ["person"]
    assert "\ufffd" in unreadable["person"]
    assert json.dumps(values, ensure_ascii=False).encode()
