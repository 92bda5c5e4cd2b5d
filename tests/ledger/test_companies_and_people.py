"""What is mirrored from the CRMs: companies, users, their open leads; and absences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.accounts import OPEN_OPPORTUNITY, Account, Role
from domain.people import Absence, CrmUser, WorkingHours
from ledger import accounts, leads, people
from ledger.store import Ledger
from router.accounts import FREE_MAIL, MOST_ALIKE, keys_of_lead
from router.decide import Standing
from tests.ledger.examples import ANA, BEN, CHO, NINE, decision, key, lead, minutes

ACME = Account("salesforce", "001A", "Acme GmbH\0 é", "www.acme.example", ANA, True, "a", "fintech", 120, "DE", "001P")
BOLT = Account("salesforce", "001B", "Bolt Inc.", None)


def keys(**values: str) -> frozenset[str]:
    return keys_of_lead(replace(lead(), values=values), FREE_MAIL)


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"email": "kim@mail.acme.example"}, id="the domain of the address"),
        pytest.param({"website": "https://www.acme.example/jobs"}, id="the domain of the website"),
        pytest.param({"company": "ACME & Söhne"}, id="the name"),
        pytest.param({"company": "Acne Soehne GmbH"}, id="the name with a slip"),
        pytest.param({"company": "Another", "postcode": "10115"}, id="the postcode and the initial"),
        pytest.param({"phone": "0049 30 901820"}, id="the phone"),
    ],
)
def test_a_company_is_found_by_anything_that_a_lead_may_share_with_it(ledger: Ledger, known: dict[str, str]) -> None:
    soehne = replace(ACME, name="Acme Söhne GmbH", postcode="D-10115", phone="+49 30 901820")
    with ledger.writing() as tx:
        accounts.upsert(tx, [BOLT, soehne, replace(BOLT, id="001C", name="")])

        assert accounts.candidates(tx, "salesforce", keys(**known)) == [soehne]


def test_companies_are_found_in_their_own_crm(ledger: Ledger) -> None:
    elsewhere = replace(ACME, crm="hubspot")
    with ledger.writing() as tx:
        accounts.upsert(tx, [BOLT, ACME, elsewhere])

        assert accounts.candidates(tx, "salesforce", keys(website="acme.example") | keys(company="BOLT")) == [
            ACME,
            BOLT,
        ]
        assert accounts.candidates(tx, "hubspot", keys(website="acme.example") | keys(company="BOLT")) == [elsewhere]
        assert accounts.candidates(tx, "salesforce", keys()) == []


def test_a_company_is_known_as_it_was_last_seen(ledger: Ledger) -> None:
    renamed = replace(BOLT, name="Volt Inc.", domain="volt.example", owner=BEN)
    with ledger.writing() as tx:
        accounts.upsert(tx, [BOLT])
        accounts.upsert(tx, [replace(renamed, owner=ANA), renamed])
        accounts.upsert(tx, [])

        assert accounts.candidates(tx, "salesforce", keys(website="volt.example", company="Volt")) == [renamed]
        assert accounts.candidates(tx, "salesforce", keys(company="Bolt")) == []


def test_a_company_that_is_gone_is_found_no_more(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        accounts.upsert(tx, [BOLT, ACME, replace(BOLT, crm="hubspot")])
        accounts.remove(tx, "salesforce", [BOLT.id, "never seen"])

        assert accounts.candidates(tx, "salesforce", keys(website="acme.example") | keys(company="Bolt")) == [ACME]
        assert len(accounts.candidates(tx, "hubspot", keys(company="Bolt"))) == 1


def test_of_a_key_that_very_many_share_only_some_are_read(ledger: Ledger) -> None:
    crowd = [replace(BOLT, id=f"001{number:04}", name=f"Firm {number}", domain="host.example") for number in range(99)]
    with ledger.writing() as tx:
        accounts.upsert(tx, crowd)

        assert len(accounts.candidates(tx, "salesforce", keys(website="host.example"))) == MOST_ALIKE + 1
        assert crowd[98] in accounts.candidates(tx, "salesforce", keys(website="host.example", company="Firm 98"))


def test_more_keys_than_a_statement_takes_variables_are_looked_up(ledger: Ledger) -> None:
    many = [f"name:{number}" for number in range(32_767)]
    with ledger.writing() as tx:
        accounts.upsert(tx, [BOLT])

        assert accounts.candidates(tx, "salesforce", [*many, *keys(company="Bolt")]) == [BOLT]


# The surroundings of companies

TOP = Account("salesforce", "001T", "Top", owner=BEN, is_customer=True)
MIDDLE = Account("salesforce", "001M", "Middle", parent="001T")
CHILD = Account("salesforce", "001C", "Child", owner=ANA, parent="001M")


def test_the_nearest_company_above_that_has_an_owner_is_the_parent_whose_owner_is_asked(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        accounts.upsert(tx, [TOP, MIDDLE, CHILD])

        assert accounts.around(tx, "salesforce", [CHILD, TOP]) == {
            "001C": {"account.parent.owner": BEN, "account.parent.is_customer": True},
            "001T": {},
        }


def test_companies_that_are_each_others_parents_end_nobody_in_a_loop(ledger: Ledger) -> None:
    loop = [replace(TOP, parent="001C", owner=None, is_customer=False), replace(MIDDLE, is_customer=False), CHILD]
    with ledger.writing() as tx:
        accounts.upsert(tx, loop)

        assert accounts.around(tx, "salesforce", [CHILD])["001C"] == {"account.parent.is_customer": False}


def test_the_newest_open_opportunity_and_the_first_in_a_role_are_asked(ledger: Ledger) -> None:
    def role(id_: str, name: str, person: str, minute: int, account: str = "001C", crm: str = "salesforce") -> Role:
        return Role(crm, id_, account, name, person, NINE + minutes(minute))

    with ledger.writing() as tx:
        accounts.upsert(tx, [CHILD])
        found = [
            role("1", OPEN_OPPORTUNITY, ANA, 1), role("2", OPEN_OPPORTUNITY, BEN, 2), role("3", "csm", BEN, 3),
            role("4", "csm", ANA, 4), role("5", OPEN_OPPORTUNITY, CHO, 9, account="001X"),
            role("1", OPEN_OPPORTUNITY, CHO, 9, crm="hubspot"), role("6", OPEN_OPPORTUNITY, CHO, 8),
        ]  # fmt: skip
        accounts.keep_roles(tx, found, (), "salesforce")
        accounts.keep_roles(tx, [role("3", "csm", CHO, 3)], ["6", "never seen"], "salesforce")

        assert accounts.around(tx, "salesforce", [CHILD])["001C"] == {
            "account.open_opportunity.owner": BEN, "account.team.csm": CHO,
        }  # fmt: skip


ANA_HERE = CrmUser("salesforce", "005A", "Ana", ANA)
BEN_HERE = CrmUser("salesforce", "005B", "Ben", BEN)
QUEUE = CrmUser("salesforce", "00G1", "vip_review", None, kind="queue")


def test_the_directory_is_what_the_crm_said_last(ledger: Ledger) -> None:
    elsewhere = replace(BEN_HERE, crm="hubspot")
    with ledger.writing() as tx:
        people.replace(tx, "hubspot", [elsewhere])
        people.replace(tx, "salesforce", [ANA_HERE, BEN_HERE])
        people.replace(tx, "salesforce", [QUEUE, replace(ANA_HERE, active=False)])

        assert people.directory(tx, "salesforce") == [replace(ANA_HERE, active=False), QUEUE]
        assert people.directory(tx, "hubspot") == [elsewhere]


def test_a_person_is_as_active_as_the_directory_says(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        second_user = replace(BEN_HERE, id="005C", active=False)
        people.replace(tx, "salesforce", [replace(ANA_HERE, active=False), BEN_HERE, second_user, QUEUE])
        people.counted(tx, "salesforce", {CHO: 3}, NINE)

        assert people.standing(tx, "salesforce") == {
            ANA: Standing(known=True, active=False, open_leads=0),
            BEN: Standing(known=True, active=True, open_leads=0),
            CHO: Standing(known=False, active=False, open_leads=3),
        }


def test_of_several_users_with_one_address_the_last_login_counts(ledger: Ledger) -> None:
    seldom = replace(ANA_HERE, last_login=NINE - minutes(9))
    often = replace(ANA_HERE, id="005D", last_login=NINE)
    with ledger.writing() as tx:
        people.replace(tx, "salesforce", [often, seldom, BEN_HERE])

        assert people.directory(tx, "salesforce") == [seldom, BEN_HERE, often]
        assert people.standing(tx, "salesforce")[ANA].last_login == NINE
        assert people.standing(tx, "salesforce")[BEN].last_login is None


def test_open_leads_are_the_crm_s_count_and_own_decisions_since(ledger: Ledger) -> None:
    before, after = NINE - timedelta(microseconds=1), NINE + minutes(1)
    with ledger.writing() as tx:
        people.replace(tx, "salesforce", [ANA_HERE, BEN_HERE])
        people.counted(tx, "salesforce", {ANA: 39}, NINE)
        written = [(ANA, before), (ANA, NINE), (ANA, after), (ANA, after), (BEN, before)]
        for number, (owner, at) in enumerate(written):
            leads.remember(tx, [leads.Begun(lead(number), decision(number, owner=owner, decided_at=before))])
            leads.applied(tx, [leads.Carried(key(number), 0, "assigned")], at)
        leads.remember(tx, [leads.Begun(lead(7), decision(7, owner=ANA, decided_at=before))])
        leads.remember(tx, [leads.Begun(lead(9), decision(9, owner=None, decided_at=after))])
        elsewhere = replace(lead(8), key=key(8, "hubspot"))
        leads.remember(tx, [leads.Begun(elsewhere, decision(8, lead=elsewhere.key, decided_at=after))])
        leads.end(tx, key(3), 0)

        standing = people.standing(tx, "salesforce")

    # The one of the very moment of the count is added, and the one that is held up; the ended one is not. Ben was never
    # counted: all of his are.
    assert {email: one.open_leads for email, one in standing.items()} == {ANA: 42, BEN: 1}


def test_a_lead_that_is_handed_on_is_open_for_its_new_owner_only(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        people.counted(tx, "salesforce", {ANA: 0, BEN: 0}, NINE)
        leads.remember(tx, [leads.Begun(lead(), decision())])
        leads.remember(tx, [leads.Begun(lead(), decision(cycle=1, owner=BEN), (ANA,), 1)])

        assert {email: one.open_leads for email, one in people.standing(tx, "salesforce").items()} == {ANA: 0, BEN: 1}


def test_an_older_count_that_comes_late_changes_nothing(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        people.counted(tx, "salesforce", {ANA: 5}, NINE)
        people.counted(tx, "salesforce", {ANA: 7}, NINE - minutes(1))
        people.counted(tx, "salesforce", {}, NINE)

        assert people.standing(tx, "salesforce")[ANA].open_leads == 5


def test_absences_come_back_as_they_were_entered_last(ledger: Ledger) -> None:
    away = Absence(ANA, NINE, NINE + timedelta(days=1), BEN, "holiday")
    longer = replace(away, ends=NINE + timedelta(days=2), cover=None)
    other = Absence(ANA, NINE + timedelta(days=9), NINE + timedelta(days=10))
    with ledger.writing() as tx:
        for one in (other, away, longer):
            people.add_absence(tx, one)

        assert people.absences(tx) == [longer, other]


def test_what_a_crm_says_of_absences_replaces_what_it_said_before_and_no_other_crms(ledger: Ledger) -> None:
    week = (((9 * 3600, 17 * 3600),),) * 5 + ((), ())
    hours = WorkingHours("working hours", "Europe/Berlin", week)
    before = Absence(ANA, NINE, NINE + timedelta(days=1), reason="Salesforce event")
    after = replace(before, starts=NINE + timedelta(days=2), ends=NINE + timedelta(days=3), meeting=True)
    there = replace(before, rep=BEN, reason="out of office in HubSpot")
    with ledger.writing() as tx:
        people.crm_says(tx, "salesforce", [before, before], {ANA: hours})
        people.crm_says(tx, "hubspot", [there], {BEN: hours})
        people.crm_says(tx, "salesforce", [after], {})

        assert people.absences(tx) == [there, after]
        assert people.working_hours(tx) == {BEN: hours}


def test_a_crm_that_is_not_there_any_more_says_nothing(ledger: Ledger) -> None:
    hours = WorkingHours("working hours", "Europe/Berlin", ((),) * 7)
    with ledger.writing() as tx:
        people.crm_says(tx, "salesforce", [Absence(ANA, NINE, NINE + timedelta(days=1))], {ANA: hours})
        people.forget_crms(tx, but=["hubspot"])

        assert (people.absences(tx), people.working_hours(tx)) == ([], {})
