"""The fairness accounts: exact, and a turn comes back once."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.decisions import Turn
from ledger import decisions, rotations
from ledger.decisions import Recorded
from ledger.store import Ledger
from router.rotation import Account, Rotation, take
from tests.ledger.examples import ANA, BEN, decision


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(entitled=st.floats(allow_nan=False), taken=st.integers(-(2**62), 2**62))
def test_accounts_are_kept_to_the_last_bit(ledger: Ledger, entitled: float, taken: int) -> None:
    with ledger.writing() as tx:
        rotations.save(tx, [Rotation("dach", {ANA: Account(entitled, taken)})])

    with ledger.reading() as tx:
        assert rotations.load(tx) == {"dach": Rotation("dach", {ANA: Account(entitled, taken)})}


def test_a_credit_is_kept_with_the_account(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        rotations.save(tx, [Rotation("dach", {ANA: Account(5.5, 2, 3.25)})])

        assert rotations.load(tx)["dach"].account(ANA) == Account(5.5, 2, 3.25)


def test_only_the_accounts_that_are_given_change(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        rotations.save(
            tx, [Rotation("a", {ANA: Account(1.5, 2), BEN: Account(0.5, 0)}), Rotation("b", {ANA: Account()})]
        )
        rotations.save(tx, [Rotation("a", {BEN: Account(0.75, 1)})])
        rotations.save(tx, [])

        assert rotations.load(tx) == {
            "a": Rotation("a", {ANA: Account(1.5, 2), BEN: Account(0.75, 1)}),
            "b": Rotation("b", {ANA: Account()}),
        }


def test_a_turn_comes_back_once(ledger: Ledger) -> None:
    turn = Turn("dach", ANA, {ANA: 0.5, BEN: 0.5})
    before = Rotation("dach", {ANA: Account(3.25, 3), BEN: Account(3.25, 4)})
    with ledger.deciding() as tx:
        rotations.save(tx, [take(before, turn)])
        decisions.record(tx, [Recorded(decision(turn=turn), {})])

        given_back = [rotations.give_back(tx, decision().id) for _ in range(2)]

        assert given_back == [True, False]
        assert rotations.load(tx) == {"dach": before}


def test_a_decision_without_a_turn_gives_nothing_back(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision(turn=None), {})])

        assert not rotations.give_back(tx, decision().id)
        assert not rotations.give_back(tx, "none")
        assert rotations.load(tx) == {}
