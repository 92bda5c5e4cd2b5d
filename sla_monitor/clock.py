"""The SLA clock: a small state machine whose every allowed transition is a row of TRANSITIONS.

A pair that is not in the table is a late or repeated event and leaves the clock alone, so redelivered webhooks are
harmless. Events may also arrive in the wrong order: what counts is when something happened, not when we learnt of it.
docs/sla.md shows this table to the people who answer for the policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from domain.clocks import Clock, ClockKind, State, Step
from domain.hours import Calendar
from sla_monitor.deadlines import continued, limit, pause_ends, put_off, start, took, wait
from sla_monitor.evidence import Evidence, met_by, weigh

__all__ = [
    "LISTENS_TO",
    "TRANSITIONS",
    "Event",
    "Evidence",
    "advance",
    "continued",
    "due_steps",
    "limit",
    "met_by",
    "pause",
    "resume",
    "start",
    "wait",
    "weigh",
]


class Event(StrEnum):
    ASSIGNED = "assigned"  # meets an assignment clock
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    SETTLED = "settled"  # claimed, an offer accepted, a review answered, an outcome reached
    PAUSED = "paused"
    RESUMED = "resumed"
    DEADLINE_PASSED = "deadline_passed"
    RETRACTED = "retracted"  # evidence that it happened in time, learnt late
    REFUTED = "refuted"  # what met it was typed in, and was not confirmed
    CYCLE_ENDED = "cycle_ended"  # handed on, converted, deleted, taken by a person


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.RUNNING, Event.ASSIGNED): State.MET,
    (State.RUNNING, Event.ATTEMPTED): State.MET,
    (State.RUNNING, Event.CONTACTED): State.MET,
    (State.RUNNING, Event.SETTLED): State.MET,
    (State.RUNNING, Event.PAUSED): State.PAUSED,
    (State.RUNNING, Event.DEADLINE_PASSED): State.BREACHED,
    (State.RUNNING, Event.CYCLE_ENDED): State.ENDED,
    (State.PAUSED, Event.ASSIGNED): State.MET,
    (State.PAUSED, Event.ATTEMPTED): State.MET,
    (State.PAUSED, Event.CONTACTED): State.MET,
    (State.PAUSED, Event.SETTLED): State.MET,
    (State.PAUSED, Event.RESUMED): State.RUNNING,
    (State.PAUSED, Event.CYCLE_ENDED): State.ENDED,
    # What comes late is recorded and stops the ladder, but it is not forgiven.
    (State.BREACHED, Event.ASSIGNED): State.BREACHED,
    (State.BREACHED, Event.ATTEMPTED): State.BREACHED,
    (State.BREACHED, Event.CONTACTED): State.BREACHED,
    (State.BREACHED, Event.SETTLED): State.BREACHED,
    (State.BREACHED, Event.RETRACTED): State.MET,
    # The breach stays with whoever owned the lead; the rest of the ladder is void.
    (State.BREACHED, Event.CYCLE_ENDED): State.BREACHED,
    # Evidence of something still earlier moves the time at which the clock was met.
    (State.MET, Event.ASSIGNED): State.MET,
    (State.MET, Event.ATTEMPTED): State.MET,
    (State.MET, Event.CONTACTED): State.MET,
    (State.MET, Event.SETTLED): State.MET,
    # As if it had not been said.
    (State.MET, Event.REFUTED): State.RUNNING,
}

_TIME = frozenset({Event.DEADLINE_PASSED, Event.RETRACTED, Event.CYCLE_ENDED, Event.PAUSED, Event.RESUMED})
_ATTEMPT = _TIME | {Event.ATTEMPTED, Event.CONTACTED, Event.REFUTED}
_SETTLED = _TIME | {Event.SETTLED}

LISTENS_TO: Mapping[ClockKind, frozenset[Event]] = {
    ClockKind.ASSIGNMENT: _TIME | {Event.ASSIGNED},
    ClockKind.REVIEW: _SETTLED,
    ClockKind.CLAIM: _SETTLED,
    ClockKind.ACCEPTANCE: _SETTLED | {Event.ATTEMPTED, Event.CONTACTED},
    ClockKind.FIRST_RESPONSE: _ATTEMPT,
    ClockKind.SECOND_ATTEMPT: _ATTEMPT,
    ClockKind.THIRD_ATTEMPT: _ATTEMPT,
    ClockKind.CONVERSATION: _TIME | {Event.CONTACTED, Event.REFUTED},
    ClockKind.OUTCOME: _SETTLED,
    ClockKind.LIMIT: frozenset({Event.CYCLE_ENDED}),
    ClockKind.HAND_OVER: frozenset({Event.CYCLE_ENDED}),
}
"""Which events mean anything to a clock, by what it waits for. A limit is not met or breached: it moves on or ends."""

_ANSWERS = frozenset({Event.ASSIGNED, Event.ATTEMPTED, Event.CONTACTED, Event.SETTLED})


def advance(clock: Clock, event: Event, at: datetime) -> Clock:
    """The clock after the event, which happened at `at` (UTC). A pair that is not in TRANSITIONS leaves it unchanged,
    so a redelivered event is harmless.

    ATTEMPTED and CONTACTED both meet a first response: send only what `met_by` names for the clock's tier. Their order
    of arrival does not matter. One from after the due time finds the deadline passed, even where no sweep has come by
    yet; one from before it, or at it, retracts a breach. `met_at` is the earliest answer, also when that was late;
    `breached_at` is the due time, and stays on a clock whose breach was retracted. While a clock is paused, every
    answer is in time.
    """
    return _advanced(clock, event, at, clock.done)


def _advanced(clock: Clock, event: Event, at: datetime, done: int) -> Clock:
    """The same, with so many of its steps done where it changes."""
    for meant in _meaning(clock, event, at):
        if meant in LISTENS_TO[clock.kind]:
            clock = _moved(clock, meant, at, done)
    return clock


def _meaning(clock: Clock, event: Event, at: datetime) -> tuple[Event, ...]:
    """The rows of the table that an event amounts to, by when it happened."""
    in_time = at <= clock.due_at
    match event:
        case Event.PAUSED | Event.RESUMED:
            return ()  # these move the due time: `pause` and `resume`
        case Event.DEADLINE_PASSED:
            return () if at < clock.due_at else (event,)
        case Event.RETRACTED:
            return (event,) if in_time else ()
        case Event.REFUTED:
            return (event,)  # whether the time has passed since, the sweep finds out
        case _ if clock.state == State.RUNNING and not in_time:
            return (Event.DEADLINE_PASSED, event)
        case _ if clock.state == State.BREACHED and in_time and event in _ANSWERS:
            return (Event.RETRACTED,)
        case _:
            return (event,)


def _moved(clock: Clock, event: Event, at: datetime, done: int) -> Clock:
    state = TRANSITIONS.get((clock.state, event))
    if state is None:
        return clock
    met_at, breached_at, cause = clock.met_at, clock.breached_at, clock.cause
    if event in _ANSWERS or event == Event.RETRACTED:
        met_at = min(at, clock.met_at or at)
        cause = None if event == Event.RETRACTED else cause
    elif event == Event.DEADLINE_PASSED:
        breached_at = clock.due_at
    elif event == Event.REFUTED:
        met_at = None
        # A breach that it had taken back is due again.
        done = next((number for number, step in enumerate(clock.steps[:done]) if step.do == "breach"), done)
    elif event == Event.CYCLE_ENDED:
        done = len(clock.steps)
    next_at = _next_at(clock, state, done, met_at)
    # In one go: ten thousand clocks may be due at once, and each copy of one costs.
    return replace(
        clock,
        state=state,
        paused_at=None,
        met_at=met_at,
        breached_at=breached_at,
        done=done,
        cause=cause,
        next_at=next_at,
    )


def pause(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The clock paused since `at`, until what its terms allow in all is used up at the latest (`next_at`). Unchanged
    where it does not run, may not be paused, or the due time had passed by then."""
    at = max(at, clock.started_at)
    until = pause_ends(clock, calendar, at)
    if until <= at or at > clock.due_at:
        return clock
    if Event.PAUSED not in LISTENS_TO[clock.kind]:
        return clock
    paused = _moved(clock, Event.PAUSED, at, clock.done)
    return replace(paused, paused_at=at, next_at=until) if paused.state == State.PAUSED else clock


def resume(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The clock running again since `at`, or since its pause had to end: what was left then is put off by the time that
    the pause took. Unchanged where it is not paused."""
    if clock.state != State.PAUSED or clock.paused_at is None:
        return clock
    since = clock.paused_at
    until = max(since, min(at, pause_ends(clock, calendar, since)))
    seconds = took(clock, calendar, since, until)
    running = _moved(clock, Event.RESUMED, until, clock.done)
    return replace(put_off(running, calendar, seconds, since), paused_seconds=clock.paused_seconds + seconds)


def due_steps(clock: Clock, now: datetime) -> tuple[tuple[Step, ...], Clock]:
    """The steps whose moment has come, and the clock with them done (breached where the due time has passed).

    A step that hands the lead on is the last of its batch: what would follow is for whoever still owns the lead then.
    A breached clock that was answered late owes its breach step, and nothing else.
    """
    if clock.next_at is None or clock.next_at > now:
        return (), clock  # one that a claim has met waits for another moment than a step's
    taken: list[Step] = []
    done = clock.done
    for number, step in _left(clock):
        if step.at > now:
            break
        taken.append(step)
        done = number + 1
        if step.hands_on:
            break
    after = clock
    for step in taken:
        if step.do == "breach":
            after = _advanced(after, Event.DEADLINE_PASSED, step.at, done)
    if after is clock:
        after = replace(clock, done=done, next_at=_next_at(clock, clock.state, done, clock.met_at))
    return tuple(taken), after


def _left(clock: Clock) -> list[tuple[int, Step]]:
    """The steps that are still to come, each with its number."""
    return _to_come(clock.steps, clock.done, clock.state, answered=clock.met_at is not None)


def _to_come(steps: Sequence[Step], done: int, state: State, *, answered: bool) -> list[tuple[int, Step]]:
    if state not in (State.RUNNING, State.BREACHED):
        return []
    numbered = enumerate(steps[done:], start=done)
    return [(number, step) for number, step in numbered if step.do == "breach" or not answered]


def _next_at(clock: Clock, state: State, done: int, met_at: datetime | None) -> datetime | None:
    """When somebody has to look again at the clock, should these become so."""
    if state == State.PAUSED:
        return clock.next_at
    left = _to_come(clock.steps, done, state, answered=met_at is not None)
    return left[0][1].at if left else None
