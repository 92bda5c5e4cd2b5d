"""Promise 4: an owner set by a person is not overwritten."""

from collections.abc import Sequence

import pytest

from connectors.base import Write, Written
from domain.leads import Lead, LeadKey
from runtime import by_hand
from runtime.deliver import deliver
from tests.promises.world import REPS, World


def test_a_time_out_after_an_applied_write_followed_by_a_persons_change_leaves_the_persons_choice(world: World) -> None:
    lead = world.new_lead(email="raced@firm.example")
    world.fault({"drop_after_write": True}, times=1, **world.writes())

    world.run()
    chosen = next(rep for rep in REPS if rep != world.decisions(lead)[0].owner)
    world.person_takes(lead, chosen)
    for _ in range(3):
        world.let_leases_end()
        world.run()

    assert world.owner(lead) == chosen
    assert len(world.decisions(lead)) == 1


def test_a_write_that_timed_out_and_was_applied_is_not_sent_again(world: World) -> None:
    lead = world.new_lead(email="applied@firm.example")
    world.fault({"drop_after_write": True}, times=1, **world.writes())

    world.run()
    world.let_leases_end()
    world.run()

    changes = [change for change in world.rows()[lead.id]["owner_changes"] if change["by"] == "api"]
    assert world.owner(lead) == world.decisions(lead)[0].owner
    assert len(changes) == 1
    assert [event.kind for event in world.events(lead)].count("applied") == 1


@pytest.mark.parametrize("moment", ["before the decision is written", "after it was written"])
def test_a_person_who_takes_the_lead_keeps_it(world: World, moment: str) -> None:
    lead = world.new_lead(email="taken@firm.example")
    if moment.startswith("before"):
        world.fault({"status": 503}, times=1, **world.writes())
    world.run()
    chosen = next(rep for rep in REPS if rep != world.decisions(lead)[0].owner)
    world.person_takes(lead, chosen)

    for _ in range(4):
        world.advance(minutes=40)
        world.tick()

    assert world.owner(lead) == chosen
    assert world.cycle(lead).ended
    assert not world.events(lead, "breached") or world.events(lead, "breached")[0].detail["clock"] == "assignment"


def test_a_lead_lost_to_a_person_gives_the_turn_back_once(world: World) -> None:
    lead = world.new_lead(email="returned@firm.example")
    world.fault({"status": 503}, times=1, **world.writes())
    world.run()
    first = world.decisions(lead)[0].owner
    world.person_takes(lead, REPS[4])
    world.advance(minutes=5)
    deliver(world.services, world.crm)

    second = world.new_lead(email="next@other.example")
    world.run()

    assert world.decisions(second)[0].owner == first


def test_a_write_that_a_gateway_repeats_is_ours_and_nobody_elses(world: World) -> None:
    lead = world.new_lead(email="twice@firm.example")
    world.fault({"answer_twice": True}, times=1, **world.writes())

    world.run()

    assert world.kinds(lead)[-1] == "applied"
    assert world.owner(lead) == world.decisions(lead)[0].owner


def test_a_person_who_takes_the_lead_before_a_late_write_arrives_keeps_it(world: World) -> None:
    lead = world.new_lead(email="late@firm.example")
    world.fault({"apply_late": {"seconds": 60, "time": "business"}, "status": 504}, times=1, **world.writes())
    world.run()
    chosen = next(rep for rep in REPS if rep != world.decisions(lead)[0].owner)
    world.person_takes(lead, chosen)

    world.advance(minutes=2)
    world.ticks(3, minutes=1)

    assert world.owner(lead) == chosen


def claimed_while(world: World, lead: LeadKey, chosen: str, *, written: bool) -> by_hand.Claim:
    """A claim for somebody, and `chosen`, who makes himself the owner in the CRM when that has read the lead: before
    the write, or right after it, its answer being lost."""
    (record,) = world.connector.read([lead.id])
    assert isinstance(record, Lead)

    def write(rows: Sequence[Write]) -> list[Written]:
        if not written:
            world.person_takes(lead, chosen)
        done = type(world.connector).write(world.connector, rows)
        if written:
            world.person_takes(lead, chosen)
            return [Written(row.key, "unknown", "the answer was lost") for row in rows]
        return done

    world.connector.write = write  # type: ignore[method-assign]
    try:
        return by_hand.claim(world.services, record, REPS[2], anyway=False)
    finally:
        del world.connector.write


@pytest.mark.parametrize(
    "written", [pytest.param(False, id="before the claim is written"), pytest.param(True, id="right after")]
)
def test_a_claim_and_a_persons_choice_at_the_same_time_end_with_the_persons(world: World, written: bool) -> None:
    everyone = "    offer: [ { to: everyone, for: 30 min }, { to: manager } ]\n"
    world.change_config("teams.yaml", "    hours: office\n", f"    hours: office\n{everyone}")
    lead = world.new_lead(email="pulled@firm.example")
    world.run()

    claim = claimed_while(world, lead, REPS[3], written=written)
    for _ in range(4):
        world.advance(minutes=40)
        world.tick()

    assert claim.result == ("unsent" if written else "taken")
    assert world.owner(lead) == REPS[3]
    assert world.cycle(lead).ended
