"""Promise 7 and the rules about time: contact stops the clock, silence hands the lead on, an outage is no breach."""

from domain.clocks import Clock, ClockKind, State
from domain.decisions import Cause
from domain.leads import LeadKey
from runtime.sweep import sweep
from tests.promises.world import MANAGER, REPS, World


def first_response(world: World, lead: LeadKey) -> Clock:
    """The first response's clock of the first cycle."""
    return next(clock for clock in world.clocks(lead) if clock.kind == ClockKind.FIRST_RESPONSE and clock.cycle == 0)


def test_a_call_logged_in_the_crm_stops_the_clock(world: World) -> None:
    lead = world.new_lead(email="called@firm.example")
    world.run()
    owner = world.owner(lead)
    world.advance(minutes=20)
    world.person_calls(lead, str(owner))

    world.advance(minutes=1)
    world.tick()

    assert first_response(world, lead).state == State.MET
    written = {key.lower(): value for key, value in world.rows()[lead.id].items()}
    assert "Met" in (written.get("fairlead_sla_state__c"), written.get("fairlead_sla_state"))


def test_an_unanswered_lead_is_warned_about_breached_and_handed_to_somebody_who_has_not_had_it(world: World) -> None:
    lead = world.new_lead(email="silence@firm.example")
    world.run()
    first = world.owner(lead)

    for _ in range(9):
        world.advance(minutes=9)
        world.tick()

    kinds = [event.kind for event in world.events(lead)]
    assert kinds.index("reminded") < kinds.index("breached")
    assert world.owner(lead) in REPS
    assert world.owner(lead) != first
    assert [decision.cause for decision in world.decisions(lead)] == [Cause.NEW, Cause.SLA]
    assert any(notice.event == "reminder" and notice.to == (first,) for notice in world.told)


def test_a_lead_that_nobody_answers_ends_with_the_manager(world: World) -> None:
    lead = world.new_lead(email="nobody@firm.example")

    for _ in range(30):
        world.tick()
        world.advance(minutes=15)

    owners = [decision.owner for decision in world.decisions(lead)]
    assert world.owner(lead) == MANAGER
    assert len(set(owners)) == len(owners)
    assert world.events(lead)[-1].kind == "stays"


def test_a_call_that_happened_in_time_but_was_logged_after_the_due_time_is_no_breach(world: World) -> None:
    lead = world.new_lead(email="late-log@firm.example")
    world.run()
    owner = str(world.owner(lead))
    at = world.now.isoformat()
    world.advance(minutes=61)
    world.person_calls(lead, owner, seconds=90, at=at.replace("09:00", "09:30"))

    world.advance(minutes=10)
    world.tick()

    assert first_response(world, lead).state == State.MET
    assert len(world.decisions(lead)) == 1


def test_writes_held_up_by_429_for_20_minutes_breach_no_first_response_and_count_against_nobody(world: World) -> None:
    lead = world.new_lead(email="held-up@firm.example")
    world.fault({"status": 429, "retry_after": 30}, **world.writes())

    for _ in range(20):
        world.tick()
        world.advance(minutes=1)
    held_up = world.owner(lead)
    world.no_faults()
    world.advance(minutes=6)
    world.tick()

    breaches = world.events(lead, "breached")
    assert held_up is None
    assert world.owner(lead) == world.decisions(lead)[0].owner
    assert first_response(world, lead).state == State.RUNNING
    assert first_response(world, lead).started_at == world.now
    assert [(breach.detail["clock"], breach.detail["owner"]) for breach in breaches] == [("assignment", None)]


def test_where_the_crm_cannot_be_read_nothing_is_held_against_anybody(world: World) -> None:
    lead = world.new_lead(email="blackout@firm.example")
    world.run()
    world.advance(minutes=75)
    world.fault({"status": 503})

    for _ in range(3):
        world.advance(minutes=1)
        sweep(world.services, world.crm)

    assert world.events(lead, "breached") == []
