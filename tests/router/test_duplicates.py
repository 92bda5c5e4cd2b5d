"""The same person twice goes to one owner, and strangers do not."""

import pytest

from domain.leads import Lead, LeadKey
from router.accounts import FREE_MAIL
from router.domains import mailbox_key
from router.duplicates import EarlierLeads, keys_to_file
from tests.router.office import ANA, BEN, MONDAY_TEN

EVA = {"email": "eva@acme.example", "person": "Eva Keller", "company": "Acme GmbH", "phone": "+49 30 9018 2055"}


def lead(number: int = 1, crm: str = "salesforce", **values: str) -> Lead:
    return Lead(LeadKey(crm, "00D1", "Lead", f"00Q{number}"), MONDAY_TEN, MONDAY_TEN, values)


def same(earlier: dict[str, str], later: dict[str, str]) -> str | None:
    known = EarlierLeads(FREE_MAIL)
    known.add(lead(1, **earlier), ANA)
    found = known.of(lead(2, "hubspot", **later))
    return found.by if found else None


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        pytest.param(" Eva@Acme.Example", "eva@acme.example", id="case and blanks"),
        pytest.param("e.v.a+news@googlemail.com", "eva@gmail.com", id="dots, a tag and the other name of Gmail"),
        pytest.param("eva.k+news@outlook.com", "eva.k@outlook.com", id="a tag at a provider where dots count"),
        pytest.param("eva.k+news@acme.example", "eva.k+news@acme.example", id="a company, of which nobody knows"),
        pytest.param("eva+news@yahoo.com", "eva+news@yahoo.com", id="a provider without tags"),
        pytest.param("+@gmail.com", "+@gmail.com", id="nothing but a tag"),
        pytest.param("eva", None, id="no address"),
    ],
)
def test_an_address_stands_for_a_mailbox(written: str, mailbox: str | None) -> None:
    assert mailbox_key(written) == mailbox


@pytest.mark.parametrize(
    ("later", "by"),
    [
        pytest.param({"email": "EVA@acme.example"}, "email", id="the address"),
        pytest.param({"phone": "030 90182055", "person": "Dr. E. Keller"}, "phone", id="the phone and the last name"),
        pytest.param({"phone": "(030) 9018-2055", "company": "ACME"}, "phone", id="the phone and the company"),
        pytest.param({"person": "Keller, Eva", "company": "Acme"}, "name", id="the name and the company"),
        pytest.param({"email": "joe@mail.acme.example"}, "company", id="the company's domain"),
        pytest.param(EVA, "email", id="everything: the strongest is named"),
    ],
)
def test_a_person_or_company_is_known_again_by(later: dict[str, str], by: str) -> None:
    assert same(EVA, later) == by


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(
            EVA, {"phone": EVA["phone"], "person": "Sam Stone", "company": "Bolt Ltd"}, id="who share a switchboard"
        ),
        pytest.param(EVA, {"phone": EVA["phone"]}, id="of whom only the phone is known"),
        pytest.param(EVA, {"person": "Eva Keller", "company": "Bolt Ltd"}, id="of one name at two companies"),
        pytest.param(EVA, {"person": "Keller", "company": "Acme GmbH"}, id="of one last name at a company"),
        pytest.param({"email": "a@gmail.com"}, {"email": "b@gmail.com"}, id="at one mail provider"),
        pytest.param(
            {"person": "Sam Stone", "company": "[not provided]"},
            {"person": "Sam Stone", "company": "[not provided]"},
            id="whose company nobody gave",
        ),
        pytest.param(
            {"phone": "000 000 0000", "person": "Sam Stone"},
            {"phone": "000 000 0000", "person": "Ida Stone"},
            id="whose phone is a filler",
        ),
        pytest.param(
            {"phone": EVA["phone"], "person": f"Eva {'a' * 290}"},
            {"phone": EVA["phone"], "person": f"Eva {'a' * 291}"},
            id="whose names begin alike and do not end",
        ),
    ],
)
def test_strangers_are_not_joined(earlier: dict[str, str], later: dict[str, str]) -> None:
    assert same(earlier, later) is None


def test_a_name_is_one_however_its_umlauts_are_written() -> None:
    earlier = {"person": "Jörg Müller", "company": "Acme"}

    assert same(earlier, {"person": "Joerg Mueller", "company": "Acme AG"}) == "name"
    assert same(earlier, {"person": "Jorg Muller", "company": "Acme AG"}) == "name"


@pytest.mark.parametrize(
    ("number", "owner"),
    [
        pytest.param(1, None, id="the first follows nobody"),
        pytest.param(2, ANA, id="nobody follows himself"),
        pytest.param(3, ANA, id="and the third follows the first"),
    ],
)
def test_later_leads_of_a_company_follow_the_first(number: int, owner: str | None) -> None:
    known = EarlierLeads(FREE_MAIL)
    known.add(lead(1, email="eva@acme.example"), ANA)
    known.add(lead(2, email="joe@acme.example"), BEN)

    found = known.of(lead(number, email=f"{['eva', 'joe', 'sam'][number - 1]}@acme.example"))

    assert (found.owner if found else None) == owner


def test_a_lead_that_says_nothing_is_filed_nowhere() -> None:
    assert keys_to_file(lead(email="-", person="?", company="n/a", phone="1")) == ()
