"""Fairness is bounded by 1 - 1/(2k-2) leads, through turns that come back and people who come and go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from router.rotation import Account, Missing, Rotation, give_back, next_in_turn, take

Pool = Sequence[tuple[str, float]]
UNEVEN: Pool = [("ana", 12), ("ben", 12), ("cho", 3), ("dan", 1), ("eve", 1)]

pools = st.lists(st.integers(1, 40) | st.floats(0.25, 8), min_size=2, max_size=9).map(
    lambda weights: [(f"rep{place}", weight) for place, weight in enumerate(weights)]
)


def farthest(rotation: Rotation, pool: Pool, leads: int) -> float:
    """How far anybody is from his share, worked out from the weights alone."""
    whole = sum(weight for _, weight in pool)
    return max(abs(rotation.account(rep).taken - leads * weight / whole) for rep, weight in pool)


def bound(pool: Pool) -> float:
    return 1 - 1 / (2 * len(pool) - 2) + 1e-7


@settings(max_examples=60, deadline=None)
@given(pools)
def test_nobody_is_ever_further_from_the_share_than_the_bound(pool: Pool) -> None:
    rotation = Rotation("inbound")
    worst = 0.0
    for leads in range(1, 501):
        rotation = take(rotation, next_in_turn(rotation, pool))
        worst = max(worst, farthest(rotation, pool, leads))

    assert worst <= bound(pool)


def test_the_bound_holds_for_thousands_of_leads_and_very_uneven_weights() -> None:
    rotation = Rotation("inbound")
    worst = 0.0
    for leads in range(1, 5001):
        rotation = take(rotation, next_in_turn(rotation, UNEVEN))
        worst = max(worst, farthest(rotation, UNEVEN, leads))

    assert worst <= 1 - 1 / 8


def test_largest_deficit_first_would_not_keep_the_bound() -> None:
    """Why the rotation is not the simpler rule that everybody writes first."""
    taken: Counter[str] = Counter()
    worst = 0.0
    for leads in range(1, 30):
        deficits = {rep: leads * weight / 29 - taken[rep] for rep, weight in UNEVEN}
        taken[max(deficits, key=lambda rep: deficits[rep])] += 1
        worst = max(worst, *(abs(leads * weight / 29 - taken[rep]) for rep, weight in UNEVEN))

    assert worst == pytest.approx(1.03, abs=0.01)


@settings(max_examples=200, deadline=None)
@given(pools, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.5, 3.0, 40_000.0]))
def test_whose_turn_it_is_follows_from_the_rule_in_exact_fractions(pool: Pool, chance: Random, far: float) -> None:
    """However people stand: by their shares, where many are as long overdue as another, or nowhere near."""
    rotation = Rotation("inbound")
    for _ in range(2 * len(pool)):
        if chance.random() < 0.1:
            rep = chance.choice(pool)[0]
            moved = round(chance.uniform(-far, far) * 2**30) / 2**30
            before = rotation.account(rep)
            rotation = Rotation("inbound", {**rotation.accounts, rep: Account(before.entitled + moved, before.taken)})
        turn = next_in_turn(rotation, pool)
        assert turn.rep == by_the_rule(rotation, turn.shares)
        rotation = take(rotation, turn)


def by_the_rule(rotation: Rotation, shares: Mapping[str, float]) -> str:
    """Tijdeman's rule in leads, for standings that others' turns may have moved."""
    people = len(shares)
    owed = {rep: Fraction(rotation.account(rep).entitled) - rotation.account(rep).taken for rep in shares}
    bound, even = 1 - Fraction(1, 2 * people - 2), sum(owed.values()) / people
    behind = {rep: owed[rep] + Fraction(share) - even for rep, share in shares.items()}
    if max(behind.values()) > bound:
        return max(behind, key=lambda rep: behind[rep])
    may_take = [rep for rep in shares if behind[rep] >= 1 - bound]
    return min(may_take, key=lambda rep: (bound - behind[rep]) / Fraction(shares[rep]))


@settings(max_examples=60, deadline=None)
@given(pools, st.randoms(use_true_random=False))
def test_turns_that_come_back_keep_the_bound_once_they_are_made_good(pool: Pool, chance: Random) -> None:
    """A turn that came back counts as made good when one more lead was shared out."""
    rotation, taken, owed, worst = Rotation("inbound"), [], 0, 0.0
    for _ in range(300):
        turn = next_in_turn(rotation, pool)
        rotation = take(rotation, turn)
        taken.append(turn)
        owed = max(0, owed - 1)
        if owed == 0:
            worst = max(worst, farthest(rotation, pool, len(taken)))
        if chance.random() < 0.15:
            rotation = give_back(rotation, taken.pop(-chance.randint(1, min(10, len(taken)))))
            owed += 1

    assert worst <= bound(pool)


@given(pools, st.data())
def test_a_turn_that_comes_back_leaves_the_state_as_if_it_had_not_been_taken(pool: Pool, data: st.DataObject) -> None:
    eligible = st.lists(st.sampled_from(pool), min_size=1, unique=True)
    rotation, turns = Rotation("inbound"), []
    for chosen in data.draw(st.lists(eligible, min_size=1, max_size=12)):
        turns.append(next_in_turn(rotation, chosen))
        rotation = take(rotation, turns[-1])

    for turn in data.draw(st.permutations(turns)):
        rotation = give_back(rotation, turn)

    assert all(account.entitled == 0.0 and account.taken == 0 for account in rotation.accounts.values())


@given(pools)
def test_the_shares_of_one_lead_add_up_to_exactly_one(pool: Pool) -> None:
    assert sum(next_in_turn(Rotation("inbound"), pool).shares.values()) == 1.0


def test_a_returned_turn_is_made_good_by_the_next_lead() -> None:
    pool: Pool = [("ana", 1), ("ben", 1), ("cho", 1)]
    rotation, turns = Rotation("inbound"), []
    for _ in range(3):
        turns.append(next_in_turn(rotation, pool))
        rotation = take(rotation, turns[-1])

    rotation = give_back(rotation, turns[1])

    assert next_in_turn(rotation, pool).rep == turns[1].rep == "ben"


def test_equal_weights_go_round_in_the_order_of_the_pool() -> None:
    pool: Pool = [("ana", 1), ("ben", 1), ("cho", 1)]
    rotation, order = Rotation("inbound"), []
    for _ in range(7):
        turn = next_in_turn(rotation, pool)
        rotation = take(rotation, turn)
        order.append(turn.rep)

    assert order == ["ana", "ben", "cho", "ana", "ben", "cho", "ana"]


def test_a_lead_is_shared_out_among_those_who_could_have_had_it() -> None:
    """Somebody who was away is neither owed what he missed nor charged for it."""
    rotation = Rotation("inbound")
    for _ in range(10):
        rotation = take(rotation, next_in_turn(rotation, [("ana", 1), ("ben", 1)]))
    order = []
    for _ in range(6):
        turn = next_in_turn(rotation, [("ana", 1), ("ben", 1), ("cho", 1)])
        rotation = take(rotation, turn)
        order.append(turn.rep)

    assert Counter(order) == {"ana": 2, "ben": 2, "cho": 2}


def test_somebody_always_gets_the_lead_when_those_who_are_behind_cannot() -> None:
    rotation = Rotation("inbound")
    for _ in range(5):
        rotation = take(rotation, next_in_turn(rotation, [("ana", 1)]))
    first = next_in_turn(rotation, [("ana", 1), ("ben", 9)])
    rotation = take(rotation, first)

    assert first.rep == "ben"
    assert next_in_turn(rotation, [("ben", 1)]).rep == "ben"


values = st.lists(
    st.integers(1, 100) | st.integers(1, 10_000_000) | st.sampled_from([10_000_000, 5_000_000]),
    min_size=1,
    max_size=300,
)


@settings(max_examples=60, deadline=None)
@given(pools, values)
@example([("ana", 0.99999), ("ben", 1)], [1])
def test_a_value_stays_within_the_same_share_of_the_largest_lead_so_far(pool: Pool, leads: list[int]) -> None:
    rotation, largest, total, worst, rounded = Rotation("inbound by deal_size"), 0, 0, 0.0, 0.0
    for hundredths in leads:
        rotation = take(rotation, next_in_turn(rotation, pool, hundredths))
        largest, total = max(largest, hundredths), total + hundredths
        rounded += 2**-14  # the unit in which shares are whole
        worst = max(worst, (farthest(rotation, pool, total) - rounded) / largest)

    assert worst <= bound(pool)


@settings(max_examples=60, deadline=None)
@given(pools, st.data())
def test_whatever_is_credited_and_expires_what_all_are_owed_adds_up_to_nothing(pool: Pool, data: st.DataObject) -> None:
    most = data.draw(st.sampled_from([None, 0.5, 3.0]))
    weights, rotation = dict(pool), Rotation("inbound")
    for here in data.draw(st.lists(st.sets(st.sampled_from(pool), min_size=1), min_size=1, max_size=30)):
        away = [rep for rep, _ in pool if rep not in {rep for rep, _ in here}]
        missing = [Missing(rep, weights[rep], most and most - rotation.account(rep).credit) for rep in away]
        expired = data.draw(st.sets(st.sampled_from(pool), max_size=2))
        turn = next_in_turn(rotation, sorted(here), None, missing, [rep for rep, _ in expired if rep not in away])
        before, rotation = rotation, take(rotation, turn)

        accounts = rotation.accounts
        assert sum(account.entitled for account in accounts.values()) == sum(each.taken for each in accounts.values())
        assert all(0 <= each.credit <= max(0.0, -each.ahead) + 1e-9 for each in accounts.values())
        assert most is None or all(each.credit <= most for each in accounts.values())
        back = give_back(rotation, turn)
        moved = {rep: back.account(rep).entitled - before.account(rep).entitled for rep in weights}
        assert moved == {rep: turn.expired.get(rep, 0.0) for rep in weights}


def test_whoever_is_far_behind_is_served_before_whoever_is_a_little_behind() -> None:
    """People with small weights, whose deadlines have long passed, do not hold up one who falls behind quickly."""
    behind = {"ana": 1.2, "ben": 1.1, "cho": -2.3}
    rotation = Rotation("inbound", {rep: Account(entitled) for rep, entitled in behind.items()})

    assert next_in_turn(rotation, [("ana", 12), ("ben", 1), ("cho", 1)]).rep == "ana"


def test_what_all_are_owed_together_changes_nothing() -> None:
    """Somebody who was ahead has left: those who stay share as if it had not been."""
    pool: Pool = [("ana", 3), ("ben", 1)]
    owed = Rotation("inbound", {rep: Account(0.4) for rep, _ in pool})
    worst = 0.0
    for _ in range(40):
        owed = take(owed, next_in_turn(owed, pool))
        worst = max(worst, *(abs(owed.account(rep).ahead + 0.4) for rep, _ in pool))

    assert worst <= bound(pool)


def test_nobody_eligible_is_an_error() -> None:
    with pytest.raises(ValueError, match="inbound"):
        next_in_turn(Rotation("inbound"), [])
