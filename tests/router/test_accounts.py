"""Leads find their account by e-mail, domain or normalised name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import Account, AccountMatch
from router.accounts import domain_key, email_key, keys_of_account, keys_of_lead, match, name_key
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
        pytest.param("\u200eacme.example\u200f", "acme.example", id="marks of direction from a mail program"),
        pytest.param("\u0430cme.example", "xn--cme-5cd.example", id="a Cyrillic letter that looks Latin"),
        pytest.param("acme.ex\0ample", None, id="a null character"),
        pytest.param(f"{'a' * 10_000_000}.example", None, id="ten megabytes"),
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
        pytest.param("ООО «Газпром нефть»", "gazprom neft", id="Cyrillic, and a form in front"),
        pytest.param("Йогурт АД", "yogurt", id="a Cyrillic letter with an accent of its own"),
        pytest.param("Δέλτα Τρόφιμα Α.Ε.", "delta trofima", id="Greek"),
        pytest.param("Financial Times Limited, The", "financial times", id="as an index has it"),
        pytest.param("Grupo Sol, S.A.B. de C.V.", "grupo sol", id="Mexican form"),
        pytest.param("Tata Steel Pvt. Limted", "tata steel", id="a slip in the legal form"),
        pytest.param("\u202eAcme\u200f Ltd", "acme", id="marks of direction"),
        pytest.param("x" * 10_000_000, "", id="ten megabytes"),
        pytest.param("Acme (UK) Ltd", "acme uk", id="a country is part of the name"),
        pytest.param("Limited", "limited", id="nothing but a legal form"),
        pytest.param(" . ", "", id="no words"),
    ],
)
def test_spellings_of_one_name_have_one_key(written: str, key: str) -> None:
    assert name_key(written) == key


SOEHNE = Account("salesforce", "B1", "Müller & Söhne Werkzeugbau GmbH", "mueller-werkzeug.example", postcode="80331")
SISTER = Account("salesforce", "B2", "Müller & Söhne Leasing GmbH", "mueller-werkzeug.example", postcode="80331")


def found(*candidates: Account, strict: bool = True, hierarchy: bool = False, **values: str) -> AccountMatch:
    """The match of a lead that says just this."""
    one = replace(lead(), values=values)
    return match(one, candidates, FREE_MAIL, strict=strict, hierarchy=hierarchy)


@pytest.mark.parametrize(
    ("account", "values", "confidence"),
    [
        pytest.param(
            SOEHNE,
            {"company": "MUELLER UND SOEHNE WERKZEUGBAU", "domain": "mueller-werkzeug.example"},
            0.99,
            id="domain",
        ),
        pytest.param(
            SOEHNE, {"company": "Muller & Sohne Werkzeugbau GmbH", "postcode": "D-80331"}, 0.97, id="postcode"
        ),
        pytest.param(SOEHNE, {"company": "Müller & Söhne Werkzeugbau"}, 0.94, id="name alone"),
        pytest.param(
            SOEHNE,
            {"company": "Müller & Söhne Werkzeugbau", "domain": "new.example", "postcode": "10115"},
            0.9,
            id="moved",
        ),
        pytest.param(SOEHNE, {"company": "Müller & Söhne Werkzugbau", "postcode": "80331"}, 0.93, id="a slip"),
        pytest.param(SOEHNE, {"company": "Müller und Söhne Werkzugbau"}, 0.85, id="a slip in a long name"),
        pytest.param(
            Account("file", "C1", "International Widget Makers, Inc.", "iwm.example"),
            {"company": "IWM", "email": "kim@iwm.example"},
            0.93,
            id="initials",
        ),
        pytest.param(
            Account("file", "C2", "Πειραιώς Τράπεζα Α.Ε.", "bank.example"),
            {"company": "Peiraios Trapeza", "email": "kim@bank.example"},
            0.99,
            id="Greek and Latin",
        ),
        pytest.param(
            Account("file", "C3", "Rosenbauer International AG", "fire.example"),
            {"company": "Rosenbauer", "email": "kim@fire.example"},
            0.86,
            id="short for it",
        ),
        pytest.param(
            Account("file", "C4", "York University", "yorku.example"),
            {"company": "University of York", "domain": "yorku.example"},
            0.93,
            id="words in another order",
        ),
        pytest.param(SOEHNE, {"email": "kim@mueller-werkzeug.example"}, 0.92, id="an address and no name"),
        pytest.param(
            replace(SOEHNE, phone="+49 89 1234567-0"), {"phone": "089 / 12345670"}, 0.8, id="a phone and no name"
        ),
    ],
)
def test_the_confidence_says_how_much_agrees(account: Account, values: dict[str, str], confidence: float) -> None:
    other = Account("file", "Z9", "Zulu Mining Ltd", "zulu.example", postcode="99999")

    answer = found(other, account, **values)

    assert (answer.account, answer.confidence) == (account, confidence), answer.reason


@pytest.mark.parametrize(
    ("account", "values"),
    [
        pytest.param(
            SOEHNE, {"company": "Müller & Söhne Leasing GmbH", "domain": "mueller-werkzeug.example"}, id="sister"
        ),
        pytest.param(
            SOEHNE, {"company": "Müller & Söhne Werkzeugbau Austria GmbH", "postcode": "80331"}, id="a word more"
        ),
        pytest.param(
            SOEHNE, {"company": "Müller & Söhne GmbH", "domain": "mueller-werkzeug.example"}, id="a word less"
        ),
        pytest.param(
            Account("file", "D1", "Hall (1990) Ltd", postcode="LE1"),
            {"company": "Hall (1991) Ltd", "postcode": "LE1"},
            id="a figure",
        ),
        pytest.param(Account("file", "D2", "Smith LLP"), {"company": "Smith Ltd"}, id="another legal form"),
        pytest.param(
            Account("file", "D3", "Acme GmbH", country="DE"),
            {"company": "Acme", "country": "AT"},
            id="a namesake abroad",
        ),
        pytest.param(
            Account("file", "D4", "University of York"),
            {"company": "York University"},
            id="an order with nothing beside",
        ),
        pytest.param(
            Account("file", "D5", "Acme Ltd", "acme.example"), {"domain": "\u0430cme.example"}, id="a look-alike domain"
        ),
        pytest.param(
            Account("file", "D6", "Freemail Ltd", "freemail.example"),
            {"email": "kim@freemail.example"},
            id="an address that anybody can have",
        ),
        pytest.param(
            Account("file", "D7", "", postcode="80331"), {"company": "Firm", "postcode": "80331"}, id="no name"
        ),
        pytest.param(Account("file", "D8", ""), {}, id="a lead without any field"),
    ],
)
def test_another_company_is_not_taken_however_near(account: Account, values: dict[str, str]) -> None:
    answer = found(account, **values)

    assert (answer.account, answer.confidence) == (None, 0.0)
    assert answer.reason


def test_who_works_for_a_mail_provider_is_found_by_name_and_address_together() -> None:
    provider = Account("file", "E1", "Freemail Ltd", "freemail.example")

    answer = found(provider, company="Freemail", email="kim@freemail.example")

    assert (answer.account, answer.confidence) == (provider, 0.97)


def test_what_looks_like_another_domain_is_said() -> None:
    assert "mixes alphabets" in found(BANK, company="Bank", domain="b\u0430nk.example").reason


def test_a_text_of_ten_megabytes_is_left_aside_and_said() -> None:
    answer = found(BANK, company="x" * 10_000_000, website="y" * 10_000_000, email="kim@bank.example")

    assert answer.account == BANK
    assert answer.reason.startswith(
        "the company has 10,000,000 characters, which is no name; the website has 10,000,000"
    )


def test_a_name_cannot_turn_a_line_of_text_around() -> None:
    account = Account("file", "F1", "Acme\u202e\n\0Ltd", "acme.example")

    assert found(account, email="kim@acme.example").reason == "e-mail at acme.example is Acme Ltd's"


def test_the_legal_form_breaks_a_tie() -> None:
    limited, company = (
        Account("file", "G1", "Noble Ltd", "noble.example"),
        Account("file", "G2", "Noble Co", "noble.example"),
    )

    assert found(limited, company, company="Noble Company", domain="noble.example").account == company


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"postcode": "10115"}, id="postcode"),
        pytest.param({"phone": "030 1234567"}, id="phone"),
        pytest.param({"city": "Berlin"}, id="city"),
        pytest.param({"country": "DE"}, id="country"),
    ],
)
def test_where_it_is_breaks_a_tie(said: dict[str, str]) -> None:
    there = Account("f", "H1", "Noble", postcode="10115", phone="+49 30 1234567", city="Berlin", country="DE")
    elsewhere = Account(
        "f",
        "H0",
        "Noble",
        postcode="1010",
        phone="+43 1 7654321",
        city="Wien",
        country="DE" if "country" not in said else None,
    )

    assert found(elsewhere, there, company="Noble", **said).account == there


def test_of_several_in_one_hierarchy_the_one_above_is_taken() -> None:
    holding = Account("file", "I2", "Noble Holding", "noble.example")
    below = replace(holding, id="I1", name="Noble Foods", parent="I2")
    under = replace(holding, id="I3", name="Noble Farms", parent="I1")

    answers = [found(below, holding, under, email="kim@noble.example", hierarchy=each) for each in (True, False)]

    assert [answer.account for answer in answers] == [holding, None]
    assert answers[1].by == "ambiguous"


def test_loose_takes_any_company_of_the_domain_and_strict_only_the_very_one() -> None:
    values = {"company": "Müller & Söhne Leasing GmbH", "email": "kim@mueller-werkzeug.example"}

    answers = [found(SOEHNE, strict=strict, **values) for strict in (False, True)]

    assert [answer.account for answer in answers] == [SOEHNE, None]
    assert answers[0].confidence < 0.85
    assert "another company name was given" in answers[0].reason
    assert "is another name than" in answers[1].reason
    assert answers[1].candidates == ("Müller & Söhne Werkzeugbau GmbH (B1)",)


@given(st.permutations([SOEHNE, SISTER, BANK, Account("f", "J1", "Müller & Söhne Werkzeugbau AG")]))
def test_the_order_of_the_candidates_changes_nothing(candidates: list[Account]) -> None:
    answer = found(*candidates, company="Müller & Söhne Werkzeugbau", domain="mueller-werkzeug.example")

    assert (answer.account, answer.candidates[0]) == (SOEHNE, "Müller & Söhne Werkzeugbau GmbH (B1)")


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_is_written_gets_an_answer_with_a_reason(company: str, domain: str, postcode: str, name: str) -> None:
    account = Account("file", "K1", name, domain, postcode=postcode, phone=company)

    answer = found(account, company=company, domain=domain, postcode=postcode, phone=domain)

    assert answer.reason
    assert 0 <= answer.confidence < 1


@given(st.text(min_size=1, max_size=40), st.sampled_from(["", "example.com", "bücher.example"]))
def test_whoever_matches_is_filed_under_a_key_that_is_looked_up(name: str, domain: str) -> None:
    account = Account("file", "L1", name, domain or None)
    one = replace(lead(), values={"company": name, "domain": domain})

    if match(one, [account], FREE_MAIL).account:
        assert keys_of_account(account) & keys_of_lead(one, FREE_MAIL)


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
