"""Promises 1 and 2: every lead gets an outcome, and exactly one decision per cycle."""

from domain.decisions import Outcome
from runtime import ingest
from runtime.route import route
from tests.promises.world import MANAGER, MONDAY_TEN, REPS, World


def test_every_lead_gets_an_outcome(world: World) -> None:
    ordinary = world.new_leads([{"email": f"someone@firm{at}.example", "company": f"Firm {at}"} for at in range(20)])
    student = world.new_lead(industry="EDUCATION" if world.crm == "hubspot" else "education", company="University")
    rival = world.new_lead(company="Rival and Sons")
    nameless = world.new_lead(company="-")

    world.run()

    assert {world.cycle(lead).outcome for lead in ordinary} == {Outcome.ASSIGNED}
    assert world.cycle(student).outcome == Outcome.NURTURED
    assert world.cycle(rival).outcome == Outcome.DISQUALIFIED
    assert world.cycle(nameless).outcome == Outcome.ASSIGNED
    assert all(world.owner(lead) in REPS for lead in ordinary)


def test_the_same_webhook_twice_makes_one_decision(world: World) -> None:
    lead = world.new_lead(email="twice@firm.example")
    seen = world.connector.arrived(MONDAY_TEN).seen

    first = ingest.store(world.services, world.crm, seen)
    second = ingest.store(world.services, world.crm, seen)
    route(world.services, world.crm, "bulk")
    world.run()

    assert (first, second) == (1, 0)
    assert len(world.decisions(lead)) == 1


def test_a_lead_that_arrives_at_night_waits_with_a_limit_and_then_goes_to_the_manager(world: World) -> None:
    world.advance(hours=12)
    lead = world.new_lead(email="owl@firm.example")

    world.run()
    waiting = world.cycle(lead)
    world.advance(hours=36)
    world.tick()

    assert waiting.outcome == Outcome.WAITING
    assert world.owner(lead) == MANAGER


def test_a_lead_that_a_person_owns_already_is_left_alone(world: World) -> None:
    lead = world.new_lead(email="mine@firm.example")
    seen = world.connector.arrived(MONDAY_TEN).seen
    world.person_takes(lead, REPS[3])

    ingest.store(world.services, world.crm, seen)
    route(world.services, world.crm, "bulk")

    assert world.decisions(lead) == []
    assert world.owner(lead) == REPS[3]
