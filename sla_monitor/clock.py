"""The SLA clock: a small state machine whose every allowed transition is a row of TRANSITIONS.

A pair that is not in the table is a late or repeated event and leaves the clock alone, so redelivered webhooks are
harmless. Events may also arrive in the wrong order: what counts is when something happened, not when we learnt of it.
docs/sla.md shows this table to the people who answer for the policy.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from domain.clocks import Clock, ClockKind, State, Step
from sla_monitor.deadlines import limit, start
from sla_monitor.evidence import Evidence, met_by, weigh

__all__ = [
    "LISTENS_TO",
    "TRANSITIONS",
    "Event",
    "Evidence",
    "advance",
    "due_steps",
    "limit",
    "met_by",
    "start",
    "weigh",
]


class Event(StrEnum):
    ASSIGNED = "assigned"  # meets an assignment clock
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    DEADLINE_PASSED = "deadline_passed"
    RETRACTED = "retracted"  # evidence that it happened in time, learnt late
    CYCLE_ENDED = "cycle_ended"  # handed on, converted, deleted, taken by a person


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.RUNNING, Event.ASSIGNED): State.MET,
    (State.RUNNING, Event.ATTEMPTED): State.MET,
    (State.RUNNING, Event.CONTACTED): State.MET,
    (State.RUNNING, Event.DEADLINE_PASSED): State.BREACHED,
    (State.RUNNING, Event.CYCLE_ENDED): State.ENDED,
    # What comes late is recorded and stops the ladder, but it is not forgiven.
    (State.BREACHED, Event.ASSIGNED): State.BREACHED,
    (State.BREACHED, Event.ATTEMPTED): State.BREACHED,
    (State.BREACHED, Event.CONTACTED): State.BREACHED,
    (State.BREACHED, Event.RETRACTED): State.MET,
    # The breach stays with whoever owned the lead; the rest of the ladder is void.
    (State.BREACHED, Event.CYCLE_ENDED): State.BREACHED,
    # Evidence of something still earlier moves the time at which the clock was met.
    (State.MET, Event.ASSIGNED): State.MET,
    (State.MET, Event.ATTEMPTED): State.MET,
    (State.MET, Event.CONTACTED): State.MET,
}

LISTENS_TO: Mapping[ClockKind, frozenset[Event]] = {
    ClockKind.ASSIGNMENT: frozenset(
        {Event.ASSIGNED, Event.DEADLINE_PASSED, Event.RETRACTED, Event.CYCLE_ENDED},
    ),
    ClockKind.FIRST_RESPONSE: frozenset(
        {Event.ATTEMPTED, Event.CONTACTED, Event.DEADLINE_PASSED, Event.RETRACTED, Event.CYCLE_ENDED},
    ),
    ClockKind.LIMIT: frozenset({Event.CYCLE_ENDED}),
    ClockKind.HAND_OVER: frozenset({Event.CYCLE_ENDED}),
}
"""Which events mean anything to a clock, by what it waits for. A wait is not met or breached: it moves on or ends."""

_ANSWERS = frozenset({Event.ASSIGNED, Event.ATTEMPTED, Event.CONTACTED})
_HANDS_ON = frozenset({"reassign", "move_on"})


def advance(clock: Clock, event: Event, at: datetime) -> Clock:
    """The clock after the event, which happened at `at` (UTC). A pair that is not in TRANSITIONS leaves it unchanged,
    so a redelivered event is harmless.

    ATTEMPTED and CONTACTED both meet a first response: send only what `met_by` names for the clock's tier. Their order
    of arrival does not matter. One from after the due time finds the deadline passed, even where no sweep has come by
    yet; one from before it, or at it, retracts a breach. `met_at` is the earliest answer, also when that was late;
    `breached_at` is the due time, and stays on a clock whose breach was retracted.
    """
    for meant in _meaning(clock, event, at):
        if meant in LISTENS_TO[clock.kind]:
            clock = _moved(clock, meant, at)
    return clock


def _meaning(clock: Clock, event: Event, at: datetime) -> tuple[Event, ...]:
    """The rows of the table that an event amounts to, by when it happened."""
    in_time = at <= clock.due_at
    match event:
        case Event.DEADLINE_PASSED:
            return () if at < clock.due_at else (event,)
        case Event.RETRACTED:
            return (event,) if in_time else ()
        case _ if clock.state == State.RUNNING and not in_time:
            return (Event.DEADLINE_PASSED, event)
        case _ if clock.state == State.BREACHED and in_time and event in _ANSWERS:
            return (Event.RETRACTED,)
        case _:
            return (event,)


def _moved(clock: Clock, event: Event, at: datetime) -> Clock:
    state = TRANSITIONS.get((clock.state, event))
    if state is None:
        return clock
    moved = replace(clock, state=state)
    if event in _ANSWERS or event == Event.RETRACTED:
        moved = replace(moved, met_at=min(at, clock.met_at or at))
    elif event == Event.DEADLINE_PASSED:
        moved = replace(moved, breached_at=clock.due_at)
    elif event == Event.CYCLE_ENDED:
        moved = replace(moved, done=len(clock.steps))
    return _waiting(moved)


def due_steps(clock: Clock, now: datetime) -> tuple[tuple[Step, ...], Clock]:
    """The steps whose moment has come, and the clock with them done (breached where the due time has passed).

    A step that hands the lead on is the last of its batch: what would follow is for whoever still owns the lead then.
    A breached clock that was answered late owes its breach step, and nothing else.
    """
    if clock.next_at is None:
        return (), clock
    taken: list[Step] = []
    after = clock
    for number, step in _left(clock):
        if step.at > now:
            break
        taken.append(step)
        if step.do == "breach":
            after = advance(after, Event.DEADLINE_PASSED, step.at)
        after = replace(after, done=number + 1)
        if step.do in _HANDS_ON:
            break
    return tuple(taken), _waiting(after)


def _left(clock: Clock) -> list[tuple[int, Step]]:
    """The steps that are still to come, each with its number."""
    if clock.state not in (State.RUNNING, State.BREACHED):
        return []
    to_come = list(enumerate(clock.steps))[clock.done :]
    answered = clock.met_at is not None
    return [(number, step) for number, step in to_come if step.do == "breach" or not answered]


def _waiting(clock: Clock) -> Clock:
    """The clock with the moment at which somebody has to look again."""
    left = _left(clock)
    return replace(clock, next_at=left[0][1].at if left else None)
