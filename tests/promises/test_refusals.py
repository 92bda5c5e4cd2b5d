"""Promise 1 where the CRM says no: another owner, and in the end a person who looks; never nothing."""

from dataclasses import replace

from domain.decisions import Cause, Outcome
from ledger import rotations
from tests.promises.refusing import refuse
from tests.promises.world import MANAGER, REPS, World


def test_an_owner_whom_the_crm_refuses_is_replaced_by_the_next(world: World) -> None:
    refuse(world, REPS[0], REPS[1])
    leads = world.new_leads([{"email": f"no{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(4)])

    for _ in range(3):
        world.run()

    assert {world.owner(lead) for lead in leads} <= set(REPS[2:])
    assert all(world.cycle(lead).applied_at for lead in leads)


def test_after_three_attempts_that_came_to_nothing_a_person_looks_and_a_day_later_it_is_decided_again(
    world: World,
) -> None:
    allowed = world.services
    refuse(world, *REPS, MANAGER)
    lead = world.new_lead(email="never@firm.example")
    for _ in range(6):
        world.run()
    in_review, tries = world.cycle(lead), world.decisions(lead)
    told = [notice for notice in world.told if notice.event == "review"]

    world.services = replace(allowed, now=world.services.now, machine=world.services.machine)
    world.advance(hours=25)
    for _ in range(2):
        world.tick()

    assert in_review.outcome == Outcome.REVIEW
    assert [one.cause for one in tries] == [Cause.NEW] + [Cause.WRITE_REFUSED] * 4
    assert [notice.to for notice in told] == [(MANAGER,)]
    assert world.owner(lead) is not None


def test_a_refused_turn_comes_back_once(world: World) -> None:
    refuse(world, REPS[0])
    world.new_lead(email="first@firm.example")
    world.run()
    world.services = replace(world.services, crms={world.crm: world.connector})

    with world.ledger.reading() as tx:
        taken = {rep: account.taken for rep, account in rotations.load(tx)["sales"].accounts.items()}
    assert sum(taken.values()) == 1
    assert taken.get(REPS[0], 0) == 0
