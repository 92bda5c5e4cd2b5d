"""An SLA clock as a value: what runs, until when, and what happens at which moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.hours import Span
from domain.leads import LeadKey, Value


class ClockKind(StrEnum):
    """What the clock waits for."""

    ASSIGNMENT = "assignment"
    REVIEW = "review"
    CLAIM = "claim"
    ACCEPTANCE = "acceptance"
    FIRST_RESPONSE = "first_response"
    SECOND_ATTEMPT = "second_attempt"
    THIRD_ATTEMPT = "third_attempt"
    CONVERSATION = "conversation"
    OUTCOME = "outcome"
    LIMIT = "limit"
    """A wait that nobody was asked to end, such as the one for the day team: at its end the lead moves on."""
    HAND_OVER = "hand_over"
    """Beside another: when it ends, a pool takes over, whoever has the lead by then."""


WAITS = frozenset({ClockKind.REVIEW, ClockKind.CLAIM, ClockKind.ACCEPTANCE, ClockKind.LIMIT, ClockKind.HAND_OVER})
"""Clocks at whose end the lead moves on to another place."""

RESPONSES = (ClockKind.FIRST_RESPONSE, ClockKind.CONVERSATION, ClockKind.OUTCOME)
"""Clocks that run for an owner from the moment at which he has the lead."""

ATTEMPTS = (ClockKind.SECOND_ATTEMPT, ClockKind.THIRD_ATTEMPT)
"""Clocks of the attempts after the first, each of which starts when the one before was made or its time was over."""


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    ENDED = "ended"
    """Neither met nor breached: the cycle ended (handed on, converted, deleted, taken by a person)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder with its moment (UTC). `to` are the words of `sla.yaml` (rep, manager, backup, next,
    queue), or the text of a flag; `sets` are fields of the CRM that are written, by canonical name."""

    at: datetime
    do: Literal["notify", "breach", "reassign", "move_on", "flag", "set"]
    to: tuple[str, ...] = ()
    label: str = ""
    sets: Mapping[str, Value] = field(default_factory=dict)

    @property
    def hands_on(self) -> bool:
        """Whether it takes the lead from whoever has it."""
        return self.do in ("reassign", "move_on")


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy as it was when the clock started: later changes of `sla.yaml` do not move it, unless they say so.

    `within` is the target (None: a wait's limit was set by the pool or the rule). `calendar` names the hours in which
    it runs (None: it never rests), laid in `timezone` where they are the lead's own; `note` says where hours were
    asked for that are not known. `pause` is for how long the clock may be paused in all (None: never).
    """

    within: Span | None = None
    calendar: str | None = None
    timezone: str | None = None
    note: str = ""
    away: tuple[tuple[datetime, datetime], ...] = ()
    """when the owner is not there, as it was known then: it does not count"""
    met_by: Literal["attempt", "contact"] = "attempt"
    on_reassign: Literal["restart", "continue"] = "restart"
    max_reassignments: int = 3
    pause: Span | None = None
    version: str = ""
    """of the configuration"""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one cycle. `steps` are in order of time; the first `done` of them have happened.

    `next_at` is when somebody has to look again (None: never). `version` goes up by one with each change that
    is committed, so that two sweeps cannot both act. `owner` is who the clock runs for. `round` counts the clocks of
    this kind that the cycle had before: a trigger starts a fresh one. `terms` is None for one that was started before
    terms were stored. `paused_seconds` is how long it was paused, the present pause (since `paused_at`) aside: working
    time, or real time where its target is. `cause` says why the promise was broken (None: it was not).
    """

    lead: LeadKey
    cycle: int
    kind: ClockKind
    tier: str
    started_at: datetime
    due_at: datetime
    steps: tuple[Step, ...]
    state: State = State.RUNNING
    owner: str | None = None
    done: int = 0
    next_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None
    version: int = 0
    id: int | None = None
    round: int = 0
    terms: Terms | None = None
    paused_at: datetime | None = None
    paused_seconds: int = 0
    cause: str | None = None
