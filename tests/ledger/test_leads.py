"""The current cycle of each lead, and earlier leads of the same people."""

from dataclasses import replace

from ledger import decisions, leads
from ledger.leads import Begun
from ledger.store import Ledger
from tests.ledger.examples import ANA, BEN, NINE, decision, key, lead, minutes


def test_text_that_no_database_takes_does_not_hold_a_lead_up(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(email="joe\0\ud83d@acme.example"), decision())])

        assert [row.key for row in leads.duplicates(tx, ["joe\0\ud83d@acme.example"], [])] == [key()]


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
        leads.remember(tx, [leads.Begun(lead(1, email="joe@mail.acme.example"), decision(1))])
        leads.remember(tx, [leads.Begun(elsewhere, decision(2, lead=key(2, "hubspot")))])
        leads.remember(tx, [leads.Begun(lead(3, email="sam@other.example"), decision(3))])
        same_person = leads.duplicates(tx, ["eva@acme.example"], [])
        same_company = leads.duplicates(tx, ["eva@acme.example"], ["acme.example"])

    assert [row.key for row in same_person] == [key(2, "hubspot")]
    assert {row.key: (row.email_key, row.company_key, row.owner) for row in same_company} == {
        key(1): ("joe@mail.acme.example", "acme.example", ANA),
        key(2, "hubspot"): ("eva@acme.example", "acme.example", ANA),
    }


def test_a_lead_is_no_duplicate_of_itself_nor_of_one_that_is_gone_or_owned_by_nobody(ledger: Ledger) -> None:
    same = {"email": "joe@acme.example"}
    with ledger.writing() as tx:
        for number in (1, 2, 4):
            leads.remember(tx, [leads.Begun(lead(number, **same), decision(number))])
        leads.remember(tx, [leads.Begun(lead(3, **same), decision(3, owner=None))])
        leads.end(tx, key(2), 0)
        decisions.event(tx, key(2), 0, decisions.GONE, NINE, NINE, {"why": "deleted"})
        leads.end(tx, key(4), 0)
        decisions.event(tx, key(4), 0, "owner_changed", NINE, NINE, {})
        found = leads.duplicates(tx, ["joe@acme.example"], ["acme.example"], but_not=key(1))

    assert [row.key for row in found] == [key(4)]


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
        assert leads.duplicates(tx, ids, ids) == []
