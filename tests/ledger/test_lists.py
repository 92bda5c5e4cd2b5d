"""A list that is one parameter finds exactly the rows that `IN` finds."""

import pytest
from sqlalchemy import ColumnElement, Connection, not_, select

from domain.leads import LeadKey
from ledger import leads
from ledger.dialects import insert_new, write_all
from ledger.lists import is_in_list
from ledger.store import Ledger
from ledger.tables import returned_turns
from tests.ledger.examples import decision, key, lead

IDS = [
    "7",
    "007",
    "7.0",
    "1e3",
    "1000",
    "",
    " 7",
    "it's",
    'a"b',
    "a\\b",
    "a\\u0000",
    "[1]",
    "null",
    "ü😀",
    "x" * 100_000,
]


def found(tx: Connection, condition: ColumnElement[bool], ids: list[str]) -> list[str]:
    asked = select(returned_turns.c.decision).where(condition).order_by(returned_turns.c.decision)
    return list(tx.scalars(asked, {"these": ids}))


@pytest.mark.parametrize("of", [*([id_] for id_ in IDS), [], IDS, IDS[:7], ["a", "x", "70", "00007"]])
def test_a_list_finds_what_is_in_it_and_nothing_that_looks_like_it(ledger: Ledger, of: list[str]) -> None:
    within = is_in_list(returned_turns.c.decision, "these")
    with ledger.writing() as tx:
        write_all(tx, insert_new(tx, returned_turns), {"decision": IDS})

        assert found(tx, within, of) == found(tx, returned_turns.c.decision.in_(of), of)
        assert found(tx, not_(within), of) == found(tx, returned_turns.c.decision.not_in(of), of)


def test_an_id_with_what_no_database_takes_is_not_taken_for_what_is_before_it(ledger: Ledger) -> None:
    if ledger.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL refuses it")
    longer = LeadKey("salesforce", "00D", "Lead", f"{key().id}\0more")
    with ledger.writing() as tx:
        leads.remember(tx, [leads.Begun(lead(), decision())])

        assert leads.current(tx, [longer]) == {}
        assert leads.current(tx, [longer, key()]).keys() == {key()}
