"""What people changed while no daemon ran counts as of when they did, and is asked of the CRM only where it matters."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clocks import Clock, ClockKind, State
from domain.leads import LeadKey
from runtime.observe import observe
from runtime.sweep import sweep
from runtime.watch import watch
from tests.promises.sla.test_sla_clocks import LADDER, clock, statuses, tier
from tests.promises.world import REPS, World

SAID = "{ accepted: [IN_PROGRESS], opportunity: [OPEN_DEAL], disqualified: [UNQUALIFIED] }"


def arrived(world: World) -> LeadKey:
    lead = world.new_lead(email="jane@firm.example")
    world.run()
    return lead


def somebody_else(world: World, lead: LeadKey) -> str:
    return next(rep for rep in REPS if rep != world.owner(lead))


def first(world: World, lead: LeadKey) -> Clock:
    return world.first_response(lead)


def queries(world: World) -> int:
    """Single queries that were asked so far: the sweep reads leads with deleted ones, and activities together."""
    log = world.sandbox.control("GET", "/calls")["log"]
    return sum(call["path"].endswith("/query/") for call in log)


# Who had it.


def test_a_lead_that_was_taken_before_the_due_time_and_changed_again_after_it_is_no_breach(world: World) -> None:
    lead = arrived(world)
    world.advance(minutes=50)
    world.person_takes(lead, somebody_else(world, lead))
    world.advance(minutes=40)
    world.person_sets(lead, company="Another")
    world.tick()

    assert first(world, lead).state == State.ENDED
    assert world.events(lead, "breached") == []


def test_the_breach_of_whoever_had_it_has_its_cause_and_the_record_says_so(world: World) -> None:
    lead = arrived(world)
    owner = str(world.owner(lead))
    world.advance(minutes=90)
    world.person_takes(lead, somebody_else(world, lead))
    world.tick()

    assert (first(world, lead).cause, first(world, lead).owner) == ("owner did not act", owner)
    assert [event.detail["owner"] for event in world.events(lead, "breached")] == [owner]
    assert world.kinds(lead)[-2:] == ["breached", "owner_changed"]
    assert world.field(lead, "sla_state") == "Breached"
    assert world.events(lead, "reminded") == []
    assert world.owner(lead) != owner


def test_a_call_in_time_by_whoever_had_it_counts_though_another_one_has_it_by_now(world: World) -> None:
    lead = arrived(world)
    owner = str(world.owner(lead))
    world.advance(minutes=50)
    world.person_calls(lead, owner)
    world.advance(minutes=40)
    world.person_takes(lead, somebody_else(world, lead))
    sweep(world.services, world.crm)

    assert first(world, lead).state == State.MET
    observe(world.services, world.crm)
    assert first(world, lead).state == State.MET


@pytest.mark.parametrize("noticed", ["by the sweep", "by the poll"])
def test_a_breach_stays_with_who_had_the_lead_where_it_was_put_back_before_anybody_looked(
    world: World, noticed: str
) -> None:
    lead = arrived(world)
    owner = world.owner(lead)
    world.advance(minutes=90)
    world.put_back(lead)
    if noticed == "by the poll":
        world.advance(seconds=10)
        world.run()
    sweep(world.services, world.crm)

    assert (first(world, lead).state, first(world, lead).owner) == (State.BREACHED, owner)
    world.ticks(2, minutes=1)
    assert world.cycle(lead).cycle == 1
    assert world.owner(lead) is not None


def test_every_clock_that_was_over_by_then_is_breached_and_no_other(world: World) -> None:
    tier(world, "    conversation: { within: 80 min }\n    outcome: { within: 4 h }\n")
    lead = arrived(world)
    world.advance(minutes=90)
    world.person_takes(lead, somebody_else(world, lead))
    world.tick()

    ended = {one.kind: one.state for one in world.clocks(lead)}
    assert ended == {
        ClockKind.ASSIGNMENT: State.MET,
        ClockKind.FIRST_RESPONSE: State.BREACHED,
        ClockKind.CONVERSATION: State.BREACHED,
        ClockKind.OUTCOME: State.ENDED,
    }


@pytest.mark.parametrize("hidden", ["settings", "permissions"])
def test_where_salesforce_keeps_no_history_nothing_is_held_against_anybody(salesforce: World, hidden: str) -> None:
    off = {"tracks_history": False} if hidden == "settings" else {"LeadHistory": "none"}
    salesforce.sandbox.control("PUT", f"/salesforce/{hidden}", json=off)
    lead = arrived(salesforce)
    salesforce.advance(minutes=90)
    salesforce.person_takes(lead, somebody_else(salesforce, lead))
    salesforce.tick()

    assert first(salesforce, lead).state == State.ENDED
    assert salesforce.kinds(lead)[-1] == "owner_changed"


def test_a_history_that_ends_with_another_owner_than_the_record_tells_nothing(salesforce: World) -> None:
    lead = arrived(salesforce)
    salesforce.advance(minutes=90)
    salesforce.sandbox.control("PUT", "/salesforce/settings", json={"tracks_history": False})
    salesforce.person_takes(lead, somebody_else(salesforce, lead))
    salesforce.tick()

    assert first(salesforce, lead).state == State.ENDED


def test_a_history_that_cannot_be_read_just_now_lets_the_clock_wait(salesforce: World) -> None:
    lead = arrived(salesforce)
    salesforce.advance(minutes=90)
    salesforce.person_takes(lead, somebody_else(salesforce, lead))
    salesforce.fault({"status": 503}, path="/query/")
    sweep(salesforce.services, salesforce.crm)
    waiting = first(salesforce, lead).state
    salesforce.no_faults()
    salesforce.ticks(1, minutes=5)

    assert (waiting, first(salesforce, lead).state) == (State.RUNNING, State.BREACHED)


def test_a_lead_whose_history_cannot_be_read_just_now_keeps_no_other(salesforce: World) -> None:
    taken, other = salesforce.new_leads([{"email": f"{n}@firm{n}.example"} for n in range(2)])
    salesforce.run()
    salesforce.advance(minutes=65)
    salesforce.person_takes(taken, somebody_else(salesforce, taken))
    salesforce.fault({"status": 503}, path="/query/")
    sweep(salesforce.services, salesforce.crm)

    assert [first(salesforce, lead).state for lead in (taken, other)] == [State.RUNNING, State.BREACHED]


@pytest.mark.parametrize(("taken", "costs"), [(0, 0), (1, 1), (20, 1)])
def test_the_history_costs_one_query_for_all_whom_it_concerns_and_none_where_nothing_hangs_on_it(
    salesforce: World, taken: int, costs: int
) -> None:
    leads = salesforce.new_leads([{"email": f"{n}@firm{n}.example"} for n in range(21)])
    salesforce.run()
    salesforce.advance(minutes=30)
    salesforce.person_takes(leads[20], somebody_else(salesforce, leads[20]))
    salesforce.advance(minutes=31)
    for lead in leads[:taken]:
        salesforce.person_takes(lead, somebody_else(salesforce, lead))
    before = queries(salesforce)
    sweep(salesforce.services, salesforce.crm)

    assert queries(salesforce) - before == costs
    assert first(salesforce, leads[20]).state == State.ENDED


# What its status was.


def accepted_late(world: World, minutes: int, *said: str) -> LeadKey:
    """A lead whose owner sets these statuses, the first after so many minutes, while no daemon runs."""
    statuses(world, SAID)
    tier(world, "    outcome: { within: 2 h }\n", LADDER.replace("10 min", "9 h"))
    lead = arrived(world)
    world.advance(minutes=minutes)
    for status in said:
        world.person_sets(lead, status=status)
        world.advance(minutes=20)
    world.advance(hours=1, minutes=30)
    world.person_sets(lead, company="Changed long after")
    return lead


def test_a_status_that_was_set_in_time_counts_though_the_record_was_changed_again_after(world: World) -> None:
    lead = accepted_late(world, 100, "IN_PROGRESS")
    world.tick()

    outcome = clock(world, lead, ClockKind.OUTCOME)
    assert (outcome.state, outcome.met_at) == (State.MET, outcome.started_at + timedelta(minutes=100))
    assert [event.detail["clock"] for event in world.events(lead, "breached")] == ["first_response"]


def test_what_was_said_first_counts_where_the_status_went_on_from_there(world: World) -> None:
    lead = accepted_late(world, 110, "IN_PROGRESS", "OPEN_DEAL")
    world.tick()

    assert clock(world, lead, ClockKind.OUTCOME).state == State.MET
    assert next(event.detail["status"] for event in world.events(lead, "settled")) == "IN_PROGRESS"


def test_a_status_that_was_set_too_late_stays_late(world: World) -> None:
    lead = accepted_late(world, 130, "IN_PROGRESS")
    world.tick()

    outcome = clock(world, lead, ClockKind.OUTCOME)
    assert (outcome.state, outcome.met_at) == (State.BREACHED, outcome.started_at + timedelta(minutes=130))


def test_what_is_owed_no_more_since_a_status_from_before_the_due_time_is_no_breach(world: World) -> None:
    lead = accepted_late(world, 50, "UNQUALIFIED")
    world.tick()

    assert first(world, lead).state == State.ENDED
    assert clock(world, lead, ClockKind.OUTCOME).state == State.MET
    assert world.events(lead, "breached") == []


def test_where_salesforce_does_not_track_the_status_it_counts_as_of_the_records_last_change(salesforce: World) -> None:
    salesforce.sandbox.control("PUT", "/salesforce/settings", json={"tracks_history": False})
    lead = accepted_late(salesforce, 50, "UNQUALIFIED")
    salesforce.tick()

    assert first(salesforce, lead).state == State.BREACHED


def test_a_status_that_the_watch_has_seen_first_counts_as_of_when_it_was_set(world: World) -> None:
    lead = accepted_late(world, 100, "IN_PROGRESS")
    watch(world.services, world.crm)
    world.run()

    assert clock(world, lead, ClockKind.OUTCOME).state == State.MET


@pytest.mark.parametrize("noticed", ["by the sweep", "by the watch"])
def test_a_lead_that_was_taken_from_its_queue_in_time_was_taken_in_time_whatever_changed_after(
    pull: World, noticed: str
) -> None:
    lead = arrived(pull)
    pull.advance(minutes=20)
    taken = pull.now
    pull.person_takes(lead, REPS[2])
    pull.advance(minutes=20)
    pull.person_sets(lead, company="Changed after")
    if noticed == "by the watch":
        watch(pull.services, pull.crm)
        pull.run()
    sweep(pull.services, pull.crm)

    claimed = clock(pull, lead, ClockKind.CLAIM)
    assert (claimed.state, claimed.met_at) == (State.MET, taken)


def test_a_lead_that_was_taken_too_late_by_a_crm_whose_clock_is_ahead_was_taken_too_late(pull: World) -> None:
    lead = arrived(pull)
    pull.advance(minutes=40)
    pull.person_takes(lead, REPS[2])
    behind = pull.now - timedelta(seconds=30)
    pull.services = replace(pull.services, now=lambda: behind)
    sweep(pull.services, pull.crm)

    claimed = clock(pull, lead, ClockKind.CLAIM)
    assert (claimed.state, claimed.met_at) == (State.BREACHED, behind)


@pytest.mark.parametrize("changed_after", [False, True])
def test_an_offer_that_was_accepted_by_its_status_in_time_stays_where_it_is(
    offering: World, changed_after: bool
) -> None:
    statuses(offering, SAID)
    tier(offering, "    outcome: { within: 2 h }\n")
    lead = arrived(offering)
    owner = offering.owner(lead)
    offering.advance(minutes=10)
    offering.person_sets(lead, status="IN_PROGRESS")
    accepted = offering.now
    offering.advance(minutes=20)
    if changed_after:
        offering.person_sets(lead, company="Another")
    sweep(offering.services, offering.crm)

    acceptance = clock(offering, lead, ClockKind.ACCEPTANCE)
    assert (acceptance.state, acceptance.met_at) == (State.MET, accepted)
    assert (offering.owner(lead), offering.events(lead, "breached")) == (owner, [])
