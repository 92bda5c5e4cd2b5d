"""Claims, immutable decisions, and the chain of hashes over them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from domain.accounts import Account, AccountMatch
from domain.decisions import Candidate, Explanation, PoolTried, RulesTried, RuleTried, Why
from domain.people import Member, Pool
from ledger import codec, decisions
from ledger.decisions import LeadEvent, Recorded
from ledger.store import Ledger
from ledger.tables import decider
from ledger.tables import decisions as table
from router.considered import candidates_of
from tests.ledger.examples import ANA, BEN, CHO, NINE, decision, key, lead, minutes
from tests.router.office import decided, rules

EXPLANATION = Explanation(
    values={"employees": 120, "revenue": 1e6, "country": "NO", "tags": ("a",), "consent": True, "email": None},
    account=AccountMatch(Account("salesforce", "001", "Acme\0 é"), "domain", "acme.example"),
    rules=RulesTried("1="),
    pools=(PoolTried("dach", (Candidate(ANA, Why.CHOSEN, "next", 0.1 + 0.2, -1 / 3),), "ana"),),
)


def recorded(number: int, cycle: int = 0) -> Recorded:
    return Recorded(decision(number, cycle), {"case": {"number": number}, "state": {"open": 0.1}})


def test_a_cycle_is_claimed_once(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        first = decisions.claim(tx, [(key(1), 0), (key(1), 0), (key(2), 0)])
    with ledger.deciding() as tx:
        second = decisions.claim(tx, [(key(2), 0), (key(1), 1)])

    assert first == {(key(1), 0), (key(2), 0)}
    assert second == {(key(1), 1)}


def test_nothing_wanted_is_nothing_claimed(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        assert decisions.claim(tx, []) == set()


@pytest.mark.parametrize(
    "tried",
    [
        pytest.param(RulesTried("12=+-=", {"large": "but it ends in nobody"}, fallback=True), id="with marks"),
        pytest.param((RuleTried("large", False, "employees is 120, not at least 200"),), id="with words, as before"),
        pytest.param((), id="without rules, as before"),
    ],
)
def test_a_decision_and_its_inputs_come_back_as_they_were(
    ledger: Ledger, tried: RulesTried | tuple[RuleTried, ...]
) -> None:
    made = decision(1, explanation=replace(EXPLANATION, rules=tried))
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(made, {"case": {"b": 1, "a": [1.0, "NO", None]}})])

        assert decisions.get(tx, made.id) == made
        assert decisions.inputs(tx, made.id) == {"case": {"b": 1, "a": [1.0, "NO", None]}}
        assert (decisions.get(tx, "none"), decisions.inputs(tx, "none")) == (None, None)


def test_people_come_back_in_the_order_of_the_pool(ledger: Ledger) -> None:
    turned = decided(by=rules(pools=(Pool("inbound", (Member(CHO), Member(ANA), Member(BEN))),)))
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(turned, {})])
        stored = decisions.get(tx, turned.id)

    assert stored is not None
    assert [one.rep for tried in stored.explanation.pools for one in candidates_of(tried)] == [CHO, ANA, BEN]


def test_a_lead_s_decisions_are_told_by_cycle(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [recorded(1, 1), recorded(2, 0)])
        decisions.record(tx, [recorded(1, 0)])

        assert decisions.of_lead(tx, key(1)) == [decision(1, 0), decision(1, 1)]


def test_many_decisions_are_found_by_their_ids(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [recorded(1), recorded(2)])

        assert decisions.get_all(tx, [decision(2).id, "none"]) == {decision(2).id: decision(2)}


def test_a_second_decision_about_a_cycle_is_refused(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [recorded(1)])

    with pytest.raises(IntegrityError), ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision(1, id="another", owner=BEN), {})])

    with ledger.reading() as tx:
        assert decisions.of_lead(tx, key(1)) == [decision(1)]
        assert decisions.verify(tx) == []


def test_events_are_told_in_the_order_in_which_they_were_noted(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        decisions.event(tx, key(), 0, "breached", NINE + minutes(1), NINE + minutes(2), {"owner": ANA, "by": None})
        decisions.event(tx, key(), 0, "met", NINE, NINE + minutes(2), {"to": [ANA]})
        decisions.event(tx, key(2), 0, "met", NINE, NINE, {})

        assert decisions.events(tx, key()) == [
            LeadEvent(key(), 0, "breached", NINE + minutes(1), NINE + minutes(2), {"owner": ANA, "by": None}),
            LeadEvent(key(), 0, "met", NINE, NINE + minutes(2), {"to": [ANA]}),
        ]


def test_the_chain_has_no_gaps_and_holds(ledger: Ledger) -> None:
    for start in (1, 3, 5):
        with ledger.deciding() as tx:
            decisions.record(tx, [recorded(start), recorded(start + 1)])

    with ledger.reading() as tx:
        assert list(tx.execute(select(table.c.seq).order_by(table.c.seq)).scalars()) == [1, 2, 3, 4, 5, 6]
        assert decisions.verify(tx) == []


def test_what_was_rolled_back_leaves_no_gap(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.deciding() as tx:
        decisions.record(tx, [recorded(1)])
        _ = 1 / 0
    with ledger.deciding() as tx:
        decisions.record(tx, [recorded(2)])

        assert tx.execute(select(table.c.seq)).scalar() == 1
        assert decisions.verify(tx) == []


def change(row: int, **columns: object) -> Callable[[Connection], object]:
    return lambda tx: tx.execute(update(table).where(table.c.seq == row).values(**columns))


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        pytest.param(change(3, decision="{}"), [3], id="another decision"),
        pytest.param(change(3, inputs="{}"), [3], id="other inputs"),
        pytest.param(change(3, owner=BEN), [3], id="another owner in the column beside the decision"),
        pytest.param(change(3, decided_at=NINE + minutes(1)), [3], id="another time in the column"),
        pytest.param(change(3, hash="0" * 64), [3, 4], id="another hash"),
        pytest.param(change(3, seq=9), [3, 4, 6, 7, 8, 9], id="another place"),
        pytest.param(change(5, hash="0" * 64), [5], id="another hash of the newest"),
        pytest.param(lambda tx: tx.execute(delete(table).where(table.c.seq == 3)), [3, 4], id="one removed"),
        pytest.param(lambda tx: tx.execute(delete(table).where(table.c.seq > 3)), [4, 5], id="the newest removed"),
        pytest.param(lambda tx: tx.execute(delete(table)), [1, 2, 3, 4, 5], id="all removed"),
        pytest.param(lambda tx: tx.execute(update(decider).values(hash="0" * 64)), [5], id="another head"),
        pytest.param(lambda tx: tx.execute(update(decider).values(seq=4)), [5], id="one added"),
    ],
)
def test_a_change_made_afterwards_is_found(
    ledger: Ledger, tamper: Callable[[Connection], object], found: list[int]
) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [recorded(number) for number in range(1, 6)])
    with ledger.writing() as tx:
        tamper(tx)

    with ledger.reading() as tx:
        assert decisions.verify(tx) == found


@pytest.mark.parametrize("name", ['100 % "ümlaut" \\ _x', "trial"])
def test_the_decisions_of_an_experiment_are_found_with_their_leads_whatever_its_name(ledger: Ledger, name: str) -> None:
    made = [
        decision(1, arm=f"{name}: new"),
        decision(2, arm=f"not {name}: new"),
        decision(3),
        decision(4, arm=f"{name}: old"),
    ]
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(one, {"case": {"lead": codec.dump(lead(n))}}) for n, one in enumerate(made, 1)])
        assert list(decisions.in_experiment(tx, name)) == [(made[0], lead(1)), (made[3], lead(4))]


def test_what_happened_to_leads_is_found_by_kind(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        for number, kind in ((1, "met"), (2, "gone"), (1, "gone"), (3, "gone")):
            decisions.event(tx, key(number), 0, kind, NINE, NINE, {"why": "converted"})
        found = decisions.happened(tx, [key(1), key(2)], ["gone"])
    assert [(event.key, event.kind, event.detail["why"]) for event in found] == [
        (key(2), "gone", "converted"),
        (key(1), "gone", "converted"),
    ]
