"""Every clock of a tier runs, rests, is met and ends as `sla.yaml` says; attempts become tasks; ladders end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.actions import CreateTask
from domain.clocks import Clock, ClockKind, State
from domain.decisions import Cause, Outcome
from domain.leads import LeadKey
from runtime import sweep as sweeping
from runtime.recompute import forecast
from runtime.watch import watch
from tests.promises.waiting import notice
from tests.promises.world import MANAGER, MONDAY_TEN, REPS, World

LADDER = """    ladder:
      - { at: 75 %, notify: rep }
      - { at: 100 %, notify: [rep, manager] }
      - { after_due: 10 min, reassign: next }
"""
FOLLOW_UP = (
    "    follow_up: [ { after: 2 h }, { after: 1 business day, at: other_time_of_day }, "
    "{ then: { review: marketing, for: 4 h } } ]\n"
)


def tier(world: World, more: str, ladder: str = LADDER) -> None:
    """The tier has more clocks, or another ladder."""
    world.change_config("sla.yaml", LADDER, more + ladder)


def statuses(world: World, said: str) -> None:
    world.change_config(f"crm/{world.crm}.yaml", "poll_every: 1 s\n", f"poll_every: 1 s\nstatuses: {said}\n")


def clock(world: World, lead: LeadKey, kind: ClockKind) -> Clock:
    return next(one for one in reversed(world.clocks(lead)) if one.kind == kind)


def answered_by_nobody(world: World, **fields: str) -> tuple[LeadKey, str]:
    """A lead that its owner has tried once, in vain."""
    lead = world.new_lead(email="voicemail@firm.example", **fields)
    world.run()
    owner = str(world.owner(lead))
    world.advance(minutes=10)
    world.person_calls(lead, owner, seconds=0)
    world.ticks(1, minutes=1)
    return lead, owner


def tasks(world: World, lead: LeadKey) -> list[CreateTask]:
    return [row.action for row in world.sends(lead) if isinstance(row.action, CreateTask)]


# Many at once.


def test_of_many_leads_a_few_are_handed_on_at_a_time_and_the_next_sweep_comes_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MOST_HANDED_ON", 2)
    woken: list[tuple[str, str, str]] = []
    world.services = replace(world.services, wake=lambda *what: woken.append(what))
    keys = world.new_leads([{"email": f"late@firm{number}.example"} for number in range(5)])
    world.run()
    world.advance(minutes=71)
    woken.clear()
    handed_on = []
    for _ in range(3):
        sweeping.sweep(world.services, world.crm)
        handed_on.append(sum(len(world.decisions(key)) == 2 for key in keys))

    assert handed_on == [2, 4, 5]
    assert woken == [("sweep", world.crm, "hot")] * 2


# Attempts.


def test_an_attempt_without_contact_makes_the_next_one_a_task_when_its_time_begins(world: World) -> None:
    tier(world, FOLLOW_UP)
    lead, _ = answered_by_nobody(world)
    second = clock(world, lead, ClockKind.SECOND_ATTEMPT)

    assert second.due_at == MONDAY_TEN + timedelta(hours=2, minutes=10)
    assert [(task.subject, task.due_at) for task in tasks(world, lead)][1:] == [
        ("Try this lead a second time", second.due_at)
    ]


def test_the_third_attempt_is_due_on_the_next_day_at_another_time(world: World) -> None:
    tier(world, FOLLOW_UP)
    lead, owner = answered_by_nobody(world)
    world.advance(hours=1, minutes=45)
    world.person_calls(lead, owner, seconds=0)
    world.ticks(2, minutes=1)

    # Called in the morning and at midday in Berlin: in the afternoon then, until the office closes.
    third = clock(world, lead, ClockKind.THIRD_ATTEMPT)
    assert clock(world, lead, ClockKind.SECOND_ATTEMPT).state == State.MET
    assert third.due_at == datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert world.field(lead, "attempts") in (2, 2.0, "2")


def test_the_next_owner_makes_the_third_attempt_at_the_other_time_of_day_too(world: World) -> None:
    handed_on = (
        "    conversation: { within: 3 h, ladder: [ { at: 100 %, reassign: next } ] }\n    on_reassign: continue\n"
    )
    tier(world, FOLLOW_UP + handed_on)
    lead, owner = answered_by_nobody(world)
    world.advance(hours=1, minutes=45)
    world.person_calls(lead, owner, seconds=0)
    world.ticks(3, minutes=30)

    third = clock(world, lead, ClockKind.THIRD_ATTEMPT)
    assert (third.cycle, third.owner) == (1, world.owner(lead))
    assert third.due_at == datetime(2026, 11, 24, 17, tzinfo=UTC)


def test_after_three_attempts_without_contact_somebody_reviews_the_lead_and_then_the_manager_has_it(
    world: World,
) -> None:
    tier(world, FOLLOW_UP)
    lead, owner = answered_by_nobody(world)
    for _ in range(2):
        world.advance(hours=1)
        world.person_calls(lead, owner, seconds=0)
        world.ticks(2, minutes=1)
    reviewed = world.cycle(lead)
    world.ticks(4, hours=2)

    assert reviewed.outcome == Outcome.REVIEW
    assert world.owner(lead) == MANAGER
    assert [decision.cause for decision in world.decisions(lead)] == [Cause.NEW, Cause.SLA, Cause.LIMIT]


def test_where_further_attempts_are_not_made_the_lead_is_reviewed_when_their_time_is_over(world: World) -> None:
    tier(world, FOLLOW_UP)
    lead, _ = answered_by_nobody(world)

    world.ticks(11, hours=4)

    breached = [event.detail["clock"] for event in world.events(lead, "breached")]
    assert breached[:2] == ["second_attempt", "third_attempt"]
    assert Outcome.REVIEW in [decision.outcome for decision in world.decisions(lead)]


def test_contact_ends_the_attempts_and_creates_no_further_task(world: World) -> None:
    tier(world, FOLLOW_UP)
    lead, owner = answered_by_nobody(world)
    world.advance(minutes=30)
    world.person_calls(lead, owner, seconds=120)

    world.ticks(6, hours=4)

    assert clock(world, lead, ClockKind.SECOND_ATTEMPT).state == State.MET
    assert len(tasks(world, lead)) == 2
    assert len(world.decisions(lead)) == 1


def test_a_lead_with_which_there_is_contact_at_once_costs_no_task_of_attempts(world: World) -> None:
    tier(world, FOLLOW_UP + "    conversation: { within: 3 business days }\n")
    lead = world.new_lead(email="reached@firm.example")
    world.run()
    world.advance(minutes=10)
    world.person_calls(lead, str(world.owner(lead)), seconds=120)

    world.ticks(3, hours=4)

    assert [task.subject for task in tasks(world, lead)] == ["Answer this lead"]
    assert clock(world, lead, ClockKind.CONVERSATION).state == State.MET


# Outcomes and pauses.


@pytest.mark.parametrize("status", ["Working", "Recycled", "Unqualified"])
def test_a_status_meets_the_outcome_and_stops_what_is_owed_no_more(salesforce: World, status: str) -> None:
    tier(salesforce, "    outcome: { within: 10 business days }\n")
    statuses(salesforce, "{ accepted: [Working], requalified: [Recycled], disqualified: [Unqualified] }")
    lead = salesforce.new_lead(email="qualified@firm.example")
    salesforce.run()
    salesforce.advance(minutes=10)
    salesforce.person_sets(lead, status=status)

    notice(salesforce)

    assert clock(salesforce, lead, ClockKind.OUTCOME).state == State.MET
    owed = State.RUNNING if status == "Working" else State.ENDED
    assert salesforce.first_response(lead).state == owed


def test_a_clock_rests_while_a_callback_is_agreed_and_goes_on_later(salesforce: World) -> None:
    tier(salesforce, "    pause: { when: { status: Callback }, at_most: 2 h }\n")
    lead = salesforce.new_lead(email="call-me-later@firm.example")
    salesforce.run()
    salesforce.advance(minutes=20)
    salesforce.person_sets(lead, status="Callback")
    salesforce.ticks(5, minutes=10)
    resting = salesforce.first_response(lead)
    salesforce.person_sets(lead, status="Working")

    notice(salesforce)

    running = salesforce.first_response(lead)
    assert (resting.state, running.state) == (State.PAUSED, State.RUNNING)
    assert running.due_at == MONDAY_TEN + timedelta(hours=1, minutes=50)
    assert salesforce.events(lead, "breached") == []
    assert datetime.fromisoformat(str(salesforce.field(lead, "due_at"))) == running.due_at


def test_a_pause_ends_by_itself_and_the_lead_is_handed_on_after_all(salesforce: World) -> None:
    tier(salesforce, "    pause: { when: { status: Callback }, at_most: 1 h }\n")
    lead = salesforce.new_lead(email="never-called@firm.example")
    salesforce.run()
    first = salesforce.owner(lead)
    salesforce.person_sets(lead, status="Callback")

    salesforce.ticks(14, minutes=11)

    assert salesforce.owner(lead) not in (first, None)
    (breach,) = (one for one in salesforce.events(lead, "breached") if one.cycle == 0)
    assert breach.at == MONDAY_TEN + timedelta(hours=2)


# Ladders.


def test_a_ladder_puts_the_lead_back_to_the_queue_where_anybody_else_may_take_it(salesforce: World) -> None:
    tier(salesforce, "    time_to_claim: 30 min\n", "    ladder: [ { at: 100 %, reassign: queue } ]\n")
    lead = salesforce.new_lead(email="back@firm.example")
    salesforce.run()
    first = salesforce.owner(lead)
    salesforce.ticks(7, minutes=10)
    waiting = salesforce.cycle(lead)
    other = next(rep for rep in REPS if rep != first)

    salesforce.person_takes(lead, other)
    notice(salesforce)

    assert (waiting.outcome, waiting.owner) == (Outcome.WAITING, None)
    assert clock(salesforce, lead, ClockKind.CLAIM).state == State.MET
    assert salesforce.cycle(lead).owner == other


def test_a_lead_that_nobody_takes_out_of_the_queue_goes_to_the_manager_who_keeps_it(salesforce: World) -> None:
    tier(salesforce, "    time_to_claim: 30 min\n", "    ladder: [ { at: 100 %, reassign: queue } ]\n")
    lead = salesforce.new_lead(email="nobody-wants-it@firm.example")
    salesforce.run()

    salesforce.ticks(18, minutes=15)

    assert salesforce.owner(lead) == MANAGER
    assert clock(salesforce, lead, ClockKind.CLAIM).state == State.BREACHED
    assert salesforce.kinds(lead)[-1] == "stays"


def test_a_ladder_flags_the_lead_and_sets_a_field(salesforce: World) -> None:
    steps = '    ladder: [ { at: 50 %, flag: "call now" }, { at: 75 %, set: { status: Working } } ]\n'
    tier(salesforce, "", steps)
    lead = salesforce.new_lead(email="flagged@firm.example")
    salesforce.run()

    salesforce.ticks(6, minutes=10)

    assert salesforce.field(lead, "ladder_step") == "call now"
    assert salesforce.rows()[lead.id]["Status"] == "Working"
    assert salesforce.kinds(lead).count("flagged") == 1


def test_a_ladder_that_hands_nothing_on_says_that_it_has_ended(salesforce: World) -> None:
    tier(salesforce, "", "    ladder: [ { at: 100 %, notify: [rep, manager] } ]\n")
    lead = salesforce.new_lead(email="told@firm.example")
    salesforce.run()

    salesforce.ticks(8, minutes=10)

    assert salesforce.kinds(lead)[-1] == "ladder_ended"


def test_where_nothing_is_left_of_the_ladder_that_goes_on_with_the_next_owner_that_is_its_stated_end(
    salesforce: World,
) -> None:
    tier(salesforce, "    on_reassign: continue\n")
    lead = salesforce.new_lead(email="silence@firm.example")
    salesforce.run()
    salesforce.ticks(2, minutes=71)

    [ended] = salesforce.events(lead, "ladder_ended")
    assert (ended.cycle, ended.detail["owner"]) == (1, salesforce.owner(lead))


def test_with_on_reassign_continue_the_next_owner_has_what_is_left_of_the_ladder(salesforce: World) -> None:
    steps = "    ladder: [ { at: 50 %, reassign: next }, { after_due: 1 h, reassign: manager } ]\n"
    tier(salesforce, "    on_reassign: continue\n", steps)
    lead = salesforce.new_lead(email="goes-on@firm.example")
    salesforce.run()
    salesforce.ticks(4, minutes=10)
    second = clock(salesforce, lead, ClockKind.FIRST_RESPONSE)

    salesforce.ticks(10, minutes=10)

    assert (second.cycle, second.started_at, second.done) == (1, MONDAY_TEN, 1)
    assert len(salesforce.events(lead, "breached")) == 1
    assert salesforce.owner(lead) == MANAGER


# A change of the policy.

ONE_HOUR = "first_response: { within: 1 h,"


def test_a_change_of_the_file_leaves_running_clocks_as_they_were_promised(salesforce: World) -> None:
    lead = salesforce.new_lead(email="promised@firm.example")
    salesforce.run()
    salesforce.change_config("sla.yaml", ONE_HOUR, "first_response: { within: 30 min,")

    salesforce.ticks(4, minutes=10)

    assert salesforce.first_response(lead).due_at == MONDAY_TEN + timedelta(hours=1)
    assert salesforce.events(lead, "breached") == []


def test_with_recompute_running_clocks_follow_the_file_and_it_is_told_before(salesforce: World) -> None:
    lead = salesforce.new_lead(email="recomputed@firm.example")
    salesforce.run()
    salesforce.advance(minutes=40)
    salesforce.change_config("sla.yaml", "choose: first", "running_clocks: recompute")
    salesforce.change_config("sla.yaml", ONE_HOUR, "first_response: { within: 30 min,")
    with salesforce.ledger.reading() as tx:
        told = forecast(tx, salesforce.services.playbook(), salesforce.now)

    salesforce.tick()

    assert (told.running, told.earlier, told.overdue) == (1, 1, 1)
    assert salesforce.first_response(lead).due_at == MONDAY_TEN + timedelta(minutes=30)
    assert salesforce.first_response(lead).state == State.BREACHED
    assert salesforce.kinds(lead).count("recomputed") == 1


def test_the_strictest_tier_is_the_one_that_is_due_first(salesforce: World) -> None:
    salesforce.change_config("sla.yaml", "choose: first", "choose: strictest")
    salesforce.change_config(
        "sla.yaml",
        "tiers:\n",
        "tiers:\n  slow: { when: otherwise, first_response: { within: 2 h } }\n"
        "  real_time: { when: otherwise, first_response: { within: 90 min elapsed } }\n",
    )
    morning = salesforce.new_lead(email="morning@firm.example")
    salesforce.run()
    assert salesforce.cycle(morning).tier == "hot"


def test_what_a_clock_has_rested_is_not_taken_from_the_owner_with_whom_it_goes_on(world: World) -> None:
    more = "    on_reassign: continue\n    pause: { when: { status: Callback }, at_most: 5 h }\n"
    tier(world, more, "    ladder: [ { at: 75 %, reassign: next } ]\n")
    lead = world.new_lead(email="rests@firm.example")
    world.run()
    for after, status in ((10, "Callback"), (120, "Open")):
        world.advance(minutes=after)
        world.person_sets(lead, status=status)
        world.tick()
        watch(world.services, world.crm)
        world.tick()
    before = world.first_response(lead)
    world.ticks(4, minutes=10)

    after = clock(world, lead, ClockKind.FIRST_RESPONSE)
    assert (before.paused_seconds, before.due_at) == (7200, MONDAY_TEN + timedelta(hours=3))
    assert (after.cycle, after.state, after.due_at, after.paused_seconds) == (1, State.RUNNING, before.due_at, 7200)
