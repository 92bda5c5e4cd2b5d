"""Activities: learnt once for each lead, corrected when they change, told in the order in which they happened."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.activities import Activity
from ledger import evidence, tables
from ledger.store import Ledger
from tests.ledger.examples import ANA, NINE, key, minutes

CALL = Activity("1", "salesforce", key(1), "call", NINE, NINE + minutes(1), ANA, "outbound", 42, True)
MAIL = Activity("1", "salesforce", key(1), "email", NINE - minutes(9), NINE, None, None, None, None, True, True, True)


def test_an_activity_is_learnt_once(ledger: Ledger) -> None:
    note = replace(CALL, id="2", kind="note")
    with ledger.writing() as tx:
        first = evidence.store(tx, [CALL, MAIL, CALL], NINE)
        second = evidence.store(tx, [note, MAIL, CALL], NINE + minutes(1))
        nothing = evidence.store(tx, [], NINE)

        assert (first, second, nothing) == ([CALL, MAIL], [note], [])


def test_one_call_logged_on_two_leads_counts_for_both(ledger: Ledger) -> None:
    on_the_other = replace(CALL, lead=key(2))
    with ledger.writing() as tx:
        together = evidence.store(tx, [on_the_other, CALL], NINE)
        later = evidence.store(tx, [CALL, replace(CALL, lead=key(3))], NINE)

        assert together == [on_the_other, CALL]
        assert later == [replace(CALL, lead=key(3))]
        assert evidence.of(tx, [key(1), key(2)]) == {key(1): [CALL], key(2): [on_the_other]}


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(replace(CALL, talk_seconds=None, answered=None), id="a call read while it rang"),
        pytest.param(replace(CALL, by=None), id="a call that nobody was known to have made"),
        pytest.param(replace(CALL, happened_at=NINE - minutes(5)), id="a call whose time was put right"),
        pytest.param(replace(CALL, held=True), id="a flag taken back"),
    ],
)
def test_an_activity_whose_facts_changed_is_learnt_again_and_once(ledger: Ledger, before: Activity) -> None:
    with ledger.writing() as tx:
        evidence.store(tx, [before, MAIL], NINE)
        changed = evidence.store(tx, [MAIL, CALL], NINE + minutes(1))
        again = evidence.store(tx, [MAIL, CALL], NINE + minutes(2))

        assert (changed, again) == ([CALL], [])
        assert evidence.of(tx, [key(1)]) == {key(1): [MAIL, CALL]}


def test_it_is_kept_when_an_activity_was_learnt_and_when_its_facts_changed(ledger: Ledger) -> None:
    rings = replace(CALL, talk_seconds=None, answered=None)
    with ledger.writing() as tx:
        for passed, one in enumerate([rings, rings, CALL, CALL]):
            evidence.store(tx, [one], NINE + minutes(passed))

        times = tx.execute(select(tables.evidence.c.learnt_at, tables.evidence.c.changed_at)).one()
        assert tuple(times) == (NINE, NINE + minutes(2))


def test_of_an_activity_read_twice_at_once_the_later_reading_counts(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        stored = evidence.store(tx, [replace(CALL, talk_seconds=None), MAIL, CALL], NINE)

        assert stored == [CALL, MAIL]
        assert evidence.of(tx, [key(1)]) == {key(1): [MAIL, CALL]}


def test_activities_come_back_as_they_were_in_the_order_in_which_they_happened(ledger: Ledger) -> None:
    elsewhere = replace(CALL, id="9", lead=key(2))
    with ledger.writing() as tx:
        evidence.store(tx, [CALL, elsewhere, MAIL], NINE)

        assert evidence.of(tx, [key(1), key(3)]) == {key(1): [MAIL, CALL]}
        assert evidence.of(tx, []) == {}
