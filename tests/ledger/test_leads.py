"""The current cycle of each lead, and earlier leads of the same people."""

from dataclasses import replace

from domain.accounts import Account, AccountMatch
from domain.decisions import Explanation
from ledger import decisions, leads
from ledger.leads import Begun
from ledger.store import Ledger
from sla_monitor.matching import Reachable
from tests.ledger.examples import ANA, BEN, NINE, decision, key, lead, minutes

NUMBERS = Explanation(
    {"phone": "+493055501", "country": "DE"},
    account=AccountMatch(Account("salesforce", "001", "Firm", phone="030 55500", country="Germany"), "name", ""),
)


def test_a_lead_is_found_by_its_phone_its_companys_its_mailbox_and_its_id(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(), decision(explanation=NUMBERS))])
        leads.remember(tx, [leads.Begun(lead(2), decision(2))])
        known = Reachable(key(), ("lead1@firm1.example",), ("+493055501",), (), ANA)

        assert leads.reachable(tx, ["+493055501"], [], []) == [known]
        assert leads.reachable(tx, ["+493055500"], [], []) == [replace(known, phones=(), switchboards=("+493055500",))]
        assert leads.reachable(tx, [], ["lead1@firm1.example"], []) == [replace(known, phones=())]
        assert leads.reachable(tx, [], [], [key().id]) == [replace(known, phones=())]
        assert leads.reachable(tx, ["+493055509"], ["x@y.example"], ["00Q9"]) == []


def test_leads_of_before_are_filed_under_their_numbers_once(ledger: Ledger) -> None:
    made = [decision(number, explanation=NUMBERS) for number in (1, 2, 3)]
    with ledger.writing() as tx:
        decisions.record(tx, [decisions.Recorded(one, {}) for one in made])
        leads.remember(tx, [leads.Begun(lead(number), decision(number)) for number in (1, 2)])
        before = leads.reachable(tx, ["+493055501"], [], [])
        first = leads.file_numbers(tx, 0, 1)
        second = leads.file_numbers(tx, first or 0, 1)

        assert (before, leads.file_numbers(tx, second or 0, 1)) == ([], None)
        assert [one.lead for one in leads.reachable(tx, ["+493055501"], [], [])] == [key(1), key(2)]


def test_text_that_no_database_takes_does_not_hold_a_lead_up(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(email="joe\0\ud83d@acme.example"), decision())])

        assert [row.key for row in leads.duplicates(tx, ["email:joe\0\ud83d@acme.example"])] == [key()]


def test_a_new_cycle_takes_the_place_of_the_old_one(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(), decision())])
        leads.applied(tx, [leads.Carried(key(), 0, "assigned")], NINE)
        leads.end(tx, key(), 0)
        leads.remember(tx, [leads.Begun(lead(), decision(cycle=1, owner=BEN, pool=None), (ANA,), 1)])
        row = leads.current(tx, [key(), key(2)])

    assert row == {
        key(): leads.LeadRow(
            key(),
            1,
            decision(cycle=1).id,
            "assigned",
            BEN,
            lead().owner_id,
            None,
            "fast",
            (ANA,),
            1,
            False,
            None,
            NINE,
            {},
            lead().modified_at,
        )
    }


def test_an_applied_write_starts_the_count_of_machine_made_cycles_anew(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(), decision(cycle=2), (ANA, BEN), 2)])
        leads.applied(tx, [leads.Carried(key(), 2, "assigned")], NINE + minutes(1))
        row = leads.current(tx, [key()])[key()]

    assert (row.applied_at, row.machine_made) == (NINE + minutes(1), 0)


def test_a_batch_of_cycles_is_begun_and_applied_like_one_by_one(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [Begun(lead(1), decision(1)), Begun(lead(2), decision(2, 1), (ANA,), 1)])
        leads.applied(tx, [leads.Carried(key(1), 0, "assigned", "005A"), leads.Carried(key(2), 0, "assigned")], NINE)
        rows = leads.current(tx, [key(1), key(2)])

    assert [(row.cycle, row.had, row.machine_made, row.applied_at) for row in rows.values()] == [
        (0, (), 0, NINE),
        (1, (ANA,), 1, None),
    ]


def test_news_of_an_earlier_cycle_leaves_the_current_one_alone(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(), decision(cycle=1), (ANA,), 1)])
        leads.applied(tx, [leads.Carried(key(), 0, "assigned")], NINE)
        leads.end(tx, key(), 0)
        row = leads.current(tx, [key()])[key()]

    assert (row.applied_at, row.machine_made, row.ended) == (None, 1, False)


def test_leads_of_the_same_person_or_company_are_found_in_every_crm(ledger: Ledger) -> None:
    elsewhere = replace(lead(2, email="Eva@acme.example"), key=key(2, "hubspot"))
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(elsewhere, decision(2, lead=key(2, "hubspot"), owner=BEN))])
        leads.remember(tx, [leads.Begun(lead(1, email="joe@mail.acme.example"), decision(1))])
        leads.remember(tx, [leads.Begun(lead(3, email="sam@other.example"), decision(3))])
        found = leads.duplicates(tx, ["email:eva@acme.example", "company:acme.example", "company:none.example"])

    assert {row.filed_under: (row.key, row.owner) for row in found} == {
        "email:eva@acme.example": (key(2, "hubspot"), BEN),
        "company:acme.example": (key(2, "hubspot"), BEN),
    }


def test_later_leads_follow_the_one_that_was_created_first(ledger: Ledger) -> None:
    older = replace(lead(2, email="eva@acme.example"), created_at=NINE - minutes(1))
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(1, email="joe@acme.example"), decision(1))])
        leads.remember(tx, [leads.Begun(older, decision(2, owner=BEN))])

        assert [row.owner for row in leads.duplicates(tx, ["company:acme.example"])] == [BEN]


def test_a_lead_that_is_gone_or_owned_by_nobody_is_no_duplicate(ledger: Ledger) -> None:
    same = {"email": "joe@acme.example"}
    with ledger.writing() as tx:
        for number in (2, 4):
            leads.remember(tx, [leads.Begun(lead(number, **same), decision(number))])
        leads.remember(tx, [leads.Begun(lead(3, **same), decision(3, owner=None))])
        leads.end(tx, key(2), 0)
        decisions.event(tx, key(2), 0, decisions.GONE, NINE, NINE, {"why": "deleted"})
        leads.end(tx, key(4), 0)
        decisions.event(tx, key(4), 0, "owner_changed", NINE, NINE, {})
        found = leads.duplicates(tx, ["email:joe@acme.example"])

    assert [row.key for row in found] == [key(4)]


def test_a_lead_whose_address_has_changed_is_found_under_the_new_one_only(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(email="typo@acme.example"), decision())])
        leads.remember(tx, [leads.Begun(lead(email="eva@acme.example"), decision(cycle=1))])
        found = leads.duplicates(tx, ["email:typo@acme.example", "email:eva@acme.example"])

    assert [row.filed_under for row in found] == ["email:eva@acme.example"]


def test_a_merged_record_is_found_under_the_keys_of_the_lead_that_it_was(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(email="eva@acme.example"), decision())])
        row = leads.current(tx, [key()])[key()]
        leads.carry(tx, row, key(9))
        leads.end(tx, key(), 0)
        decisions.event(tx, key(), 0, decisions.GONE, NINE, NINE, {"why": "merged"})

        assert [row.key for row in leads.duplicates(tx, ["email:eva@acme.example"])] == [key(9)]


def test_only_the_same_person_in_another_crm_is_in_step(ledger: Ledger) -> None:
    def at(number: int, crm: str, email: str) -> None:
        one = replace(lead(number, email=email), key=key(number, crm))
        leads.remember(tx, [leads.Begun(one, decision(number, lead=one.key))])

    with ledger.writing() as tx:
        at(1, "salesforce", "eva@acme.example")
        at(2, "salesforce", "eva@acme.example")
        at(3, "hubspot", "EVA@acme.example")
        at(4, "hubspot", "joe@acme.example")

        assert [row.key for row in leads.in_step(tx, key(1))] == [key(3, "hubspot")]


def test_a_record_id_finds_its_lead_in_one_crm_or_in_all(ledger: Ledger) -> None:
    other = replace(lead(1), key=key(1, "hubspot"))
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(1), decision(1))])
        leads.remember(tx, [leads.Begun(other, decision(1, lead=other.key))])

        assert leads.by_id(tx, key(1).id, None) == [other.key, key(1)]
        assert leads.by_id(tx, key(1).id, "salesforce") == [key(1)]
        assert leads.by_id(tx, "none", None) == []


MORE_THAN_SQLITE_TAKES = 32_767


def test_more_leads_than_a_statement_takes_variables_are_found(ledger: Ledger) -> None:
    keys = [key(number) for number in range(MORE_THAN_SQLITE_TAKES)]
    ids = [one.id for one in keys]
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(7), decision(7))])

        assert list(leads.current(tx, keys)) == [key(7)]
        assert leads.duplicates(tx, ids) == []
