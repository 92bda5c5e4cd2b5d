"""Activities: learnt once, told in the order in which they happened."""

from dataclasses import replace

from domain.activities import Activity
from ledger import evidence
from ledger.store import Ledger
from tests.ledger.examples import ANA, NINE, key, minutes

CALL = Activity("1", "salesforce", key(1), "call", NINE, NINE + minutes(1), ANA, "outbound", 42, True)
MAIL = Activity("1", "salesforce", key(1), "email", NINE - minutes(9), NINE, None, None, None, None, True, True, True)


def test_an_activity_is_new_once(ledger: Ledger) -> None:
    note = replace(CALL, id="2", kind="note")
    with ledger.writing() as tx:
        first = evidence.store(tx, [CALL, MAIL, CALL], NINE)
        second = evidence.store(tx, [note, replace(CALL, talk_seconds=0)], NINE)
        nothing = evidence.store(tx, [], NINE)

        assert (first, second, nothing) == ([CALL, MAIL], [note], [])


def test_activities_come_back_as_they_were_in_the_order_in_which_they_happened(ledger: Ledger) -> None:
    elsewhere = replace(CALL, id="9", lead=key(2))
    with ledger.writing() as tx:
        evidence.store(tx, [CALL, elsewhere, MAIL], NINE)

        assert evidence.of(tx, [key(1), key(3)]) == {key(1): [MAIL, CALL]}
        assert evidence.of(tx, []) == {}
