"""Promise 6: nobody is ever a whole lead away from the weighted share."""

from collections import Counter

from tests.promises.world import REPS, World

WEIGHTS = dict(zip(REPS, (12, 12, 3, 1, 1), strict=True))


def test_the_rotation_stays_below_one_lead_from_the_share_through_the_whole_path(world: World) -> None:
    bound = 1 - 1 / (2 * len(REPS) - 2)
    world.new_leads([{"email": f"lead{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(87)])

    world.run()

    with world.ledger.reading() as tx:
        from ledger import decisions

        order = [d.owner for key in decided(world) for d in decisions.of_lead(tx, key)]
    taken: Counter[str] = Counter()
    for number, owner in enumerate(order, start=1):
        taken[str(owner)] += 1
        for rep, weight in WEIGHTS.items():
            assert abs(taken[rep] - number * weight / 29) <= bound + 1e-9
    assert len(order) == 87


def decided(world: World):  # type: ignore[no-untyped-def]
    """The leads in the order of their decisions."""
    from sqlalchemy import select

    from domain.leads import LeadKey
    from ledger.tables import decisions as table

    with world.ledger.reading() as tx:
        rows = tx.execute(select(table).order_by(table.c.seq)).mappings().all()
    return [LeadKey(row["crm"], row["account"], row["object"], row["record"]) for row in rows]
