"""An SLA clock as a value: what runs, until when, and what happens at which moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.leads import LeadKey


class ClockKind(StrEnum):
    """What the clock waits for."""

    ASSIGNMENT = "assignment"
    FIRST_RESPONSE = "first_response"
    LIMIT = "limit"
    """A wait in a queue or a review: when it ends, the lead moves on."""
    HAND_OVER = "hand_over"
    """Beside a limit: when it ends, a pool takes over, whoever has the lead by then."""


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    ENDED = "ended"
    """Neither met nor breached: the cycle ended (handed on, converted, deleted, taken by a person)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder with its moment (UTC). `to` are the words of `sla.yaml`: rep, manager, backup, next."""

    at: datetime
    do: Literal["notify", "breach", "reassign", "move_on"]
    to: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one cycle. `steps` are in order of time; the first `done` of them have happened.

    `next_at` is when somebody has to look again (None: never). `version` goes up by one with each change that
    is committed, so that two sweeps cannot both act. `owner` is who the clock runs for. `round` counts the clocks of
    this kind that the cycle had before: a trigger starts a fresh one.
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
