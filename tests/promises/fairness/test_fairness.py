"""Promise 6: nobody is ever a whole lead away from the weighted share."""

from collections import Counter

from tests.promises.world import REPS, World

WEIGHTS = dict(zip(REPS, (12, 12, 3, 1, 1), strict=True))
BOUND = 1 - 1 / (2 * len(REPS) - 2)
"""Tijdeman 1980: how far from the share anybody may get in a pool of this size."""


def test_the_rotation_stays_below_one_lead_from_the_share_through_the_whole_path(world: World) -> None:
    world.new_leads([{"email": f"lead{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(87)])

    world.run()

    owners = [str(decision.owner) for decision in world.in_order()]
    assert len(owners) == 87
    assert furthest_from_share(owners) <= BOUND + 1e-9


def furthest_from_share(owners: list[str]) -> float:
    """The largest distance, after any number of leads, between what somebody got and his weight's share."""
    total, taken, furthest = sum(WEIGHTS.values()), Counter[str](), 0.0
    for number, owner in enumerate(owners, start=1):
        taken[owner] += 1
        furthest = max(furthest, *(abs(taken[rep] - number * weight / total) for rep, weight in WEIGHTS.items()))
    return furthest
