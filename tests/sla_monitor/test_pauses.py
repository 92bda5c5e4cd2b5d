"""Clocks that rest, clocks of the next owner, and clocks under a new policy."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.clocks import Clock, ClockKind, State
from domain.hours import Calendar, Span
from domain.leads import LeadKey
from domain.targets import Around
from sla_monitor.clock import Event, advance, continued, due_steps, pause, resume, start
from sla_monitor.deadlines import For, again
from sla_monitor.policy import Policy, Rung, Target, Tier

HOUR = 3600
LEAD = LeadKey("hubspot", "123", "contact", "51")
OFFICE = Calendar("office", "UTC", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
LADDER = (Rung("notify", ("rep",), at=0.5), Rung("reassign", ("next",), after_due=Span(HOUR)))
ANA = For(LEAD, 0, "ana@acme.example")


def at(text: str) -> datetime:
    """A time on Monday, 23 November 2026, or that many days later: `10:00`, `10:00+1`."""
    clock, _, days = text.partition("+")
    hour, minute = clock.split(":")
    return datetime(2026, 11, 23 + int(days or 0), int(hour), int(minute), tzinfo=UTC)


TWO_HOURS = Span(2 * HOUR)


def policy(within: Span, at_most: Span | None = TWO_HOURS) -> Policy:
    tier = Tier("hot", {ClockKind.FIRST_RESPONSE: Target(within, LADDER, pause=at_most)})
    return Policy({"hot": tier}, {"office": OFFICE}, "office")


def started(of: Policy, when: str = "10:00") -> Clock:
    clock = start(ClockKind.FIRST_RESPONSE, ANA, of.tiers["hot"], of, at(when))
    assert clock is not None
    return clock


FOUR_HOURS = started(policy(Span(4 * HOUR)))


def test_what_is_left_of_a_clock_is_put_off_by_the_working_time_that_it_rested() -> None:
    resting = pause(FOUR_HOURS, OFFICE, at("11:00"))
    running = resume(resting, OFFICE, at("12:30"))
    assert (resting.state, resting.next_at) == (State.PAUSED, at("13:00"))
    assert (running.state, running.due_at, running.paused_seconds) == (State.RUNNING, at("15:30"), 5400)
    assert [step.at for step in running.steps] == [at("13:30"), at("15:30"), at("16:30")]
    assert running.next_at == at("13:30")


def test_the_night_does_not_count_as_time_that_a_clock_rested() -> None:
    running = resume(pause(FOUR_HOURS, OFFICE, at("13:00")), OFFICE, at("20:00"))
    assert running.due_at == at("16:00")


def test_a_clock_rests_for_no_longer_than_it_may_however_late_somebody_looks() -> None:
    assert resume(pause(FOUR_HOURS, OFFICE, at("11:00")), OFFICE, at("16:59")).due_at == at("16:00")


def test_pauses_count_together() -> None:
    once = resume(pause(FOUR_HOURS, OFFICE, at("10:30")), OFFICE, at("12:00"))
    twice = pause(once, OFFICE, at("12:30"))
    used_up = resume(twice, OFFICE, at("15:00"))
    assert twice.next_at == at("13:00")
    assert (used_up.paused_seconds, pause(used_up, OFFICE, at("15:10"))) == (2 * HOUR, used_up)


def test_a_target_in_real_time_rests_in_real_time() -> None:
    clock = started(policy(Span(24 * HOUR, "elapsed"), Span(20 * HOUR, "elapsed")))
    running = resume(pause(clock, OFFICE, at("16:00")), OFFICE, at("08:00+1"))
    assert running.due_at == at("02:00+2")


@pytest.mark.parametrize(
    "clock",
    [
        pytest.param(started(policy(Span(4 * HOUR), None)), id="whose tier says nothing of pauses"),
        pytest.param(advance(FOUR_HOURS, Event.DEADLINE_PASSED, at("14:00")), id="that is breached"),
        pytest.param(advance(FOUR_HOURS, Event.CONTACTED, at("10:10")), id="that is met"),
    ],
)
def test_a_clock_does_not_rest(clock: Clock) -> None:
    assert pause(clock, OFFICE, at("11:00")) == clock


def test_nothing_is_due_while_a_clock_rests_and_an_answer_meets_it() -> None:
    resting = pause(FOUR_HOURS, OFFICE, at("11:00"))
    assert due_steps(resting, at("17:00")) == ((), resting)
    assert advance(resting, Event.CONTACTED, at("15:00")).state == State.MET


# The next owner.


def test_the_clock_of_the_next_owner_goes_on_with_what_is_left_of_the_ladder() -> None:
    swept = due_steps(FOUR_HOURS, at("12:00"))[1]
    goes_on = continued(replace(FOUR_HOURS, cycle=1), swept, at("12:30"))
    assert goes_on is not None
    assert (goes_on.state, goes_on.done, goes_on.next_at) == (State.RUNNING, 1, at("14:00"))


def test_a_breach_that_has_happened_does_not_happen_to_the_next_owner_again() -> None:
    swept = due_steps(FOUR_HOURS, at("15:00"))[1]
    goes_on = continued(replace(FOUR_HOURS, cycle=1), swept, at("15:00"))
    assert goes_on is not None
    assert goes_on.state == State.BREACHED
    assert due_steps(goes_on, at("17:00")) == ((), goes_on)


def test_whoever_should_have_had_the_lead_by_now_has_it_next_where_a_sweep_came_late() -> None:
    """The ladder hands on twice; when the next owner was written, the time of both had passed."""
    twice = (
        *LADDER,
        Rung("notify", ("manager",), after_due=Span(HOUR)),
        Rung("reassign", ("manager",), after_due=TWO_HOURS),
    )
    tier = Tier("hot", {ClockKind.FIRST_RESPONSE: Target(Span(HOUR), twice)})
    clock = started(Policy({"hot": tier}, {"office": OFFICE}, "office"))
    taken, swept = due_steps(clock, at("12:00"))

    goes_on = continued(replace(clock, cycle=1), swept, at("14:00"))

    assert [step.to for step in taken if step.hands_on] == [("next",)]
    assert goes_on is not None
    assert [step.to for step in due_steps(goes_on, at("14:00"))[0]] == [("manager",)]


def test_what_the_owner_before_has_answered_is_not_asked_of_the_next() -> None:
    answered = advance(FOUR_HOURS, Event.ATTEMPTED, at("10:10"))
    assert continued(replace(FOUR_HOURS, cycle=1), answered, at("11:00")) is None


# A new policy.


def test_a_running_clock_is_laid_out_again_from_its_own_start_with_the_steps_that_were_taken_done() -> None:
    warned = due_steps(FOUR_HOURS, at("12:00"))[1]
    changed = again(warned, policy(Span(6 * HOUR)), Around())
    assert changed is not None
    assert (changed.started_at, changed.due_at) == (at("10:00"), at("16:00"))
    assert [(step.do, step.at) for step in changed.steps[changed.done :]] == [
        ("breach", at("16:00")),
        ("reassign", at("17:00")),
    ]


def test_what_a_clock_has_rested_stays_put_off_under_a_new_policy() -> None:
    rested = resume(pause(FOUR_HOURS, OFFICE, at("10:30")), OFFICE, at("11:30"))
    changed = again(rested, policy(Span(2 * HOUR)), Around())
    assert changed is not None
    assert changed.due_at == at("13:00")


def test_a_policy_that_says_the_same_changes_nothing() -> None:
    assert again(FOUR_HOURS, replace(policy(Span(4 * HOUR)), version="2"), Around()) == FOUR_HOURS


def test_a_clock_whose_tier_has_no_such_target_any_more_ends_and_one_whose_tier_is_gone_goes_on() -> None:
    assert again(FOUR_HOURS, Policy({"hot": Tier("hot")}), Around()) is None
    assert again(FOUR_HOURS, Policy({}), Around()) == FOUR_HOURS
