"""The life of an SLA clock: what meets it, what breaches it, and what changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import Clock, ClockKind, State, Step
from domain.leads import LeadKey
from sla_monitor.clock import LISTENS_TO, TRANSITIONS, Event, advance, due_steps, limit

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
WARNING, DUE = NINE + timedelta(minutes=11, seconds=15), NINE + timedelta(minutes=15)
TAKEN_BACK, ESCALATED = DUE + timedelta(minutes=15), DUE + timedelta(hours=2)

LEAD = LeadKey("salesforce", "acme", "Lead", "00Q1")
STEPS = (
    Step(WARNING, "notify", ("rep",), "75 % of the time"),
    Step(DUE, "breach", label="due"),
    Step(DUE, "notify", ("rep", "manager"), "100 % of the time"),
    Step(TAKEN_BACK, "reassign", ("backup",), "15 min after due"),
    Step(ESCALATED, "reassign", ("manager",), "2 h after due"),
)
RUNNING = Clock(LEAD, 0, ClockKind.FIRST_RESPONSE, "hot", NINE, DUE, STEPS, owner="ana@acme.example", next_at=WARNING)
ASSIGNMENT = replace(RUNNING, kind=ClockKind.ASSIGNMENT, steps=(STEPS[1],), next_at=DUE)
WAIT = limit(LEAD, 0, "hot", NINE, DUE, "tom@acme.example")

IN_TIME, LATE = NINE + timedelta(minutes=10), NINE + timedelta(minutes=20)

History = list[tuple[Event, datetime]]


def after(history: History, clock: Clock = RUNNING) -> Clock:
    for event, at in history:
        clock = advance(clock, event, at)
    return clock


@pytest.mark.parametrize(
    ("history", "state"),
    [
        pytest.param([(Event.CONTACTED, IN_TIME)], State.MET, id="contact in time meets it"),
        pytest.param([(Event.ATTEMPTED, IN_TIME)], State.MET, id="an attempt in time meets it"),
        pytest.param([(Event.CONTACTED, DUE)], State.MET, id="at the due time is still in time"),
        pytest.param([(Event.DEADLINE_PASSED, DUE)], State.BREACHED, id="nothing until the due time breaches it"),
        pytest.param(
            [(Event.DEADLINE_PASSED, DUE), (Event.CONTACTED, LATE)],
            State.BREACHED,
            id="late contact does not undo a breach",
        ),
        pytest.param([(Event.CONTACTED, LATE)], State.BREACHED, id="late contact is late before any sweep came by"),
        pytest.param(
            [(Event.DEADLINE_PASSED, LATE), (Event.RETRACTED, IN_TIME)],
            State.MET,
            id="a call in time that was logged late retracts the breach",
        ),
        pytest.param(
            [(Event.CONTACTED, LATE), (Event.CONTACTED, IN_TIME)],
            State.MET,
            id="so does an earlier call learnt after a late one",
        ),
        pytest.param(
            [(Event.DEADLINE_PASSED, DUE), (Event.RETRACTED, LATE)],
            State.BREACHED,
            id="nothing late retracts a breach",
        ),
        pytest.param([(Event.DEADLINE_PASSED, IN_TIME)], State.RUNNING, id="a deadline cannot pass early"),
        pytest.param([(Event.RETRACTED, IN_TIME)], State.RUNNING, id="without a breach there is none to retract"),
        pytest.param([(Event.CYCLE_ENDED, IN_TIME)], State.ENDED, id="handed on in time is neither met nor breached"),
        pytest.param([(Event.CYCLE_ENDED, LATE)], State.BREACHED, id="handed on after the due time is breached"),
        pytest.param(
            [(Event.DEADLINE_PASSED, DUE), (Event.CYCLE_ENDED, LATE)],
            State.BREACHED,
            id="a breach stays with whoever owned the lead",
        ),
        pytest.param([(Event.CYCLE_ENDED, IN_TIME), (Event.CONTACTED, IN_TIME)], State.ENDED, id="what ended, ended"),
        pytest.param(
            [(Event.CONTACTED, IN_TIME), (Event.DEADLINE_PASSED, LATE)], State.MET, id="what is met stays met"
        ),
        pytest.param(
            [(Event.CONTACTED, IN_TIME), (Event.CYCLE_ENDED, LATE)], State.MET, id="also when it is handed on"
        ),
        pytest.param([(Event.ASSIGNED, IN_TIME)], State.RUNNING, id="being assigned is not an answer"),
    ],
)
def test_a_first_response(history: History, state: State) -> None:
    assert after(history).state == state


@pytest.mark.parametrize(
    ("history", "state"),
    [
        pytest.param([(Event.ASSIGNED, IN_TIME)], State.MET, id="an owner in time meets it"),
        pytest.param([(Event.ASSIGNED, LATE)], State.BREACHED, id="an owner too late does not"),
        pytest.param([(Event.CONTACTED, IN_TIME)], State.RUNNING, id="contact says nothing about the owner"),
    ],
)
def test_an_assignment(history: History, state: State) -> None:
    assert after(history, ASSIGNMENT).state == state


@pytest.mark.parametrize("event", [event for event in Event if event != Event.CYCLE_ENDED])
def test_a_wait_is_neither_met_nor_breached(event: Event) -> None:
    assert advance(WAIT, event, LATE) == WAIT


def test_a_wait_ends_with_its_cycle() -> None:
    ended = advance(WAIT, Event.CYCLE_ENDED, LATE)
    assert (ended.state, ended.next_at) == (State.ENDED, None)


def test_a_breach_dates_from_the_due_time_and_not_from_the_sweep() -> None:
    assert advance(RUNNING, Event.DEADLINE_PASSED, LATE).breached_at == DUE


def test_a_late_answer_is_recorded() -> None:
    assert after([(Event.DEADLINE_PASSED, DUE), (Event.CONTACTED, LATE)]).met_at == LATE


def test_a_retracted_breach_can_be_told_from_a_clock_that_was_met() -> None:
    retracted = after([(Event.DEADLINE_PASSED, DUE), (Event.RETRACTED, IN_TIME)])
    assert (retracted.met_at, retracted.breached_at) == (IN_TIME, DUE)


# The steps of the ladder.


@pytest.mark.parametrize(
    ("now", "labels"),
    [
        pytest.param(NINE, [], id="nothing at first"),
        pytest.param(WARNING, ["75 % of the time"], id="the warning at its moment"),
        pytest.param(DUE, ["75 % of the time", "due", "100 % of the time"], id="the breach at the due time"),
        pytest.param(
            ESCALATED,
            ["75 % of the time", "due", "100 % of the time", "15 min after due"],
            id="handing the lead on ends a batch",
        ),
    ],
)
def test_steps_come_in_order_when_their_moment_has_come(now: datetime, labels: list[str]) -> None:
    steps, _ = due_steps(RUNNING, now)
    assert [step.label for step in steps] == labels


def test_steps_that_were_done_do_not_come_again() -> None:
    _, swept = due_steps(RUNNING, DUE)
    assert due_steps(swept, DUE) == ((), swept)
    assert swept.next_at == TAKEN_BACK


def test_the_breach_is_among_the_steps_that_a_sweep_takes() -> None:
    _, swept = due_steps(RUNNING, LATE)
    assert (swept.state, swept.breached_at) == (State.BREACHED, DUE)


def test_the_lead_of_a_step_that_failed_goes_on_to_the_next() -> None:
    _, swept = due_steps(RUNNING, ESCALATED)
    steps, _ = due_steps(swept, ESCALATED)
    assert [step.label for step in steps] == ["2 h after due"]


@pytest.mark.parametrize("event", [Event.CONTACTED, Event.CYCLE_ENDED], ids=["met", "ended"])
def test_nothing_comes_any_more_for_a_clock_that_is_over(event: Event) -> None:
    over = advance(RUNNING, event, IN_TIME)
    assert due_steps(over, ESCALATED) == ((), over)
    assert over.next_at is None


def test_a_late_answer_stops_the_ladder() -> None:
    _, swept = due_steps(RUNNING, DUE)
    answered = advance(swept, Event.CONTACTED, LATE)
    assert due_steps(answered, ESCALATED) == ((), answered)
    assert answered.next_at is None


def test_a_late_answer_does_not_hide_the_breach_from_the_sweep() -> None:
    answered = advance(RUNNING, Event.CONTACTED, LATE)
    steps, swept = due_steps(answered, LATE)
    assert [step.do for step in steps] == ["breach"]
    assert (swept.state, swept.met_at, swept.next_at) == (State.BREACHED, LATE, None)


def test_a_breached_cycle_that_ended_climbs_no_further() -> None:
    ended = after([(Event.DEADLINE_PASSED, DUE), (Event.CYCLE_ENDED, LATE)])
    assert due_steps(ended, ESCALATED) == ((), ended)


def test_a_wait_moves_on_at_its_limit() -> None:
    steps, moved = due_steps(WAIT, DUE)
    assert [(step.do, step.to) for step in steps] == [("move_on", ("tom@acme.example",))]
    assert (moved.state, moved.next_at) == (State.RUNNING, None)


# Whatever happens, in whatever order.

at_leisure = settings(deadline=None)  # a busy machine may take as long as it likes
moments = st.integers(0, 40).map(lambda minutes: NINE + timedelta(minutes=minutes))
histories = st.lists(st.tuples(st.sampled_from(Event), moments), max_size=6)
clocks = st.sampled_from([RUNNING, ASSIGNMENT, WAIT])
answer = st.sampled_from([Event.ATTEMPTED, Event.CONTACTED])
answers = st.lists(st.tuples(answer, moments), min_size=1, max_size=4)


@at_leisure
@given(clocks, histories, st.sampled_from(Event), moments)
def test_a_redelivered_event_changes_nothing(clock: Clock, history: History, event: Event, at: datetime) -> None:
    once = after([*history, (event, at)], clock)
    assert advance(once, event, at) == once


@at_leisure
@given(histories, answer, moments, st.integers(0, 60))
def test_an_answer_that_is_dated_later_the_second_time_changes_nothing(
    history: History, event: Event, at: datetime, minutes: int
) -> None:
    once = after([*history, (event, at)])
    assert advance(once, event, at + timedelta(minutes=minutes)) == once


@at_leisure
@given(answers, st.booleans())
def test_the_order_in_which_answers_are_learnt_does_not_matter(history: History, swept: bool) -> None:
    deadline = [(Event.DEADLINE_PASSED, DUE)] if swept else []
    ends = [after(list(order)) for order in permutations(history + deadline)]
    first = min(at for _, at in history)
    assert {(end.state, end.met_at) for end in ends} == {(State.MET if first <= DUE else State.BREACHED, first)}


@at_leisure
@given(clocks, histories, moments)
def test_somebody_looks_again_exactly_while_steps_are_to_come(clock: Clock, history: History, now: datetime) -> None:
    _, swept = due_steps(after(history, clock), now)
    if swept.next_at is not None:
        assert swept.state in (State.RUNNING, State.BREACHED)
        assert swept.next_at in [step.at for step in swept.steps[swept.done :]]
    elif swept.state == State.RUNNING:
        assert swept.done == len(swept.steps)


@at_leisure
@given(histories, st.lists(moments, max_size=5).map(sorted))
def test_the_breach_is_taken_at_most_once(history: History, sweeps: list[datetime]) -> None:
    clock, taken = RUNNING, 0
    for (event, at), now in zip(history, sweeps, strict=False):
        steps, clock = due_steps(advance(clock, event, at), now)
        taken += sum(step.do == "breach" for step in steps)
    assert taken <= 1


@at_leisure
@given(clocks, histories)
def test_a_clock_that_was_not_breached_was_met_in_time_or_not_at_all(clock: Clock, history: History) -> None:
    end = after(history, clock)
    assert (end.state == State.MET) == (end.met_at is not None and end.met_at <= DUE)


def test_every_row_of_the_table_can_be_reached() -> None:
    heard = frozenset[Event]().union(*LISTENS_TO.values())
    assert {event for _, event in TRANSITIONS} == heard == set(Event)
