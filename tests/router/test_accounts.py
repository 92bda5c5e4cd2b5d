"""Leads find their account by e-mail, domain or normalised name."""

from dataclasses import replace

import pytest

from domain.accounts import Account
from router.accounts import domain_key, email_key, match, name_key
from tests.router.office import BANK, lead

FREE_MAIL = frozenset({"freemail.example"})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        pytest.param("  Ana.Keller@Bank.Example ", "ana.keller@bank.example", id="blanks and case"),
        pytest.param("ana", None, id="no domain"),
        pytest.param("ana@bank", None, id="no dot in the domain"),
        pytest.param("ana@@bank.example", None, id="two at signs"),
        pytest.param("a@bank.example, b@bank.example", None, id="two addresses"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_address_has_one_key_and_other_text_has_none(written: str, key: str | None) -> None:
    assert email_key(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        pytest.param("Ana@Mail.Acme.co.uk", "acme.co.uk", id="address in a subdomain"),
        pytest.param("https://www.acme.co.uk:8080/about?x=1", "acme.co.uk", id="website"),
        pytest.param("acme.example", "acme.example", id="bare domain"),
        pytest.param("www.acme.example.", "acme.example", id="trailing dot"),
        pytest.param("https://BÜCHER.example/", "xn--bcher-kva.example", id="umlaut"),
        pytest.param("xn--bcher-kva.example", "xn--bcher-kva.example", id="umlaut as machines write it"),
        pytest.param("shop.github.io", "shop.github.io", id="a host that many share"),
        pytest.param("mailto:ana@acme.example", "acme.example", id="a link to write to"),
        pytest.param("acme.example/über uns", "acme.example", id="a path with blanks"),
        pytest.param("Ana <ana@acme.example>", None, id="a name beside the address"),
        pytest.param("co.uk", None, id="a suffix alone"),
        pytest.param("10.0.0.1", None, id="an IP address"),
        pytest.param("http://[::1", None, id="a broken address"),
        pytest.param("localhost", None, id="one word"),
        pytest.param("not given", None, id="text"),
        pytest.param("a..b", None, id="an empty label"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_addresses_and_websites_of_one_company_have_one_domain(written: str, key: str | None) -> None:
    assert domain_key(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        pytest.param("The Müller GmbH & Co. KG", "muller", id="article, umlaut and a long legal form"),
        pytest.param("ACME, Inc.", "acme", id="case and comma"),
        pytest.param("Acme Co., Ltd.", "acme", id="two legal forms"),
        pytest.param("Novo S.A.", "novo", id="dotted legal form"),
        pytest.param("Foo Sp. z o.o.", "foo", id="Polish legal form"),
        pytest.param("Ørsted A/S", "orsted", id="Danish letter and form"),
        pytest.param("Marks and Spencer", "marks and spencer", id="and"),
        pytest.param("Marks & Spencer plc", "marks and spencer", id="ampersand"),
        pytest.param("O’Reilly Media", "oreilly media", id="apostrophe"),
        pytest.param("株式会社トヨタ", "トヨタ", id="Japanese form without a blank"),
        pytest.param("バンク", "バンク", id="marks of other scripts stay"),
        pytest.param("Acme (UK) Ltd", "acme uk", id="a country is part of the name"),
        pytest.param("Limited", "limited", id="nothing but a legal form"),
        pytest.param(" . ", "", id="no words"),
    ],
)
def test_spellings_of_one_name_have_one_key(written: str, key: str) -> None:
    assert name_key(written) == key


def test_the_domain_of_the_address_decides_before_the_name() -> None:
    namesake = Account("salesforce", "A2", "Firm Ltd")

    found = match(lead(email="kim@mail.bank.example", company="Firm"), [namesake, BANK], FREE_MAIL)

    assert (found.account, found.by) == (BANK, "email")


def test_the_website_decides_where_anybody_can_have_the_address() -> None:
    mailer = Account("salesforce", "A3", "Freemail Inc", domain="freemail.example")
    lead_ = lead(email="kim@freemail.example", website="https://www.bank.example/karriere")

    found = match(lead_, [mailer, BANK], FREE_MAIL)

    assert (found.account, found.by) == (BANK, "domain")


def test_the_normalised_name_decides_where_no_domain_does() -> None:
    found = match(lead(email="kim@elsewhere.example", company="BANK"), [BANK], FREE_MAIL)

    assert (found.account, found.by) == (BANK, "name")


def test_of_several_accounts_at_one_domain_the_one_with_the_name_is_taken() -> None:
    branch = replace(BANK, id="A4", name="Bank Leasing GmbH")

    found = match(lead(email="kim@bank.example", company="Bank Leasing"), [BANK, branch], FREE_MAIL)

    assert found.account == branch


def test_where_several_are_equally_good_none_is_taken_and_all_are_named() -> None:
    branch = replace(BANK, id="A4", name="Bank Leasing GmbH")

    found = match(lead(email="kim@bank.example", company="Somebody"), [BANK, branch], FREE_MAIL)

    assert found.account is None
    assert found.by == "ambiguous"
    assert found.candidates == ("Bank AG (A1)", "Bank Leasing GmbH (A4)")


def test_a_lead_without_company_and_address_has_no_account() -> None:
    nameless = Account("salesforce", "A5", "")

    assert match(lead(email=None, company=None), [nameless, BANK], FREE_MAIL).by == "none"
