"""The SLA clock: a small state machine whose every allowed transition is a row of TRANSITIONS.

CONTRACT STUB: types and signatures are fixed, bodies are being written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.activities import Activity
from domain.clocks import Clock, ClockKind, Step
from domain.leads import LeadKey
from sla_monitor.policy import CountsAs, Policy, Tier


class Event(StrEnum):
    ASSIGNED = "assigned"  # meets an assignment clock
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    DEADLINE_PASSED = "deadline_passed"
    RETRACTED = "retracted"  # evidence that it happened in time, learnt late
    CYCLE_ENDED = "cycle_ended"  # handed on, converted, deleted, taken by a person


def start(
    kind: ClockKind,
    lead: LeadKey,
    cycle: int,
    tier: Tier,
    policy: Policy,
    at: datetime,
    owner: str | None = None,
    rep_calendar: str | None = None,
    pool_calendar: str | None = None,
) -> Clock | None:
    """A running clock with its due time and every step of its ladder as a moment; None where the tier sets no such
    target. `rep_calendar` and `pool_calendar` are calendar names (None: no hours of their own)."""
    raise NotImplementedError


def limit(lead: LeadKey, cycle: int, tier: str, at: datetime, until: datetime, to: str) -> Clock:
    """A clock for a wait: at `until` the lead moves on to `to`."""
    raise NotImplementedError


def advance(clock: Clock, event: Event, at: datetime) -> Clock:
    """The clock after the event, which happened at `at`. A pair that is not in TRANSITIONS leaves it unchanged, so a
    redelivered event is harmless."""
    raise NotImplementedError


def due_steps(clock: Clock, now: datetime) -> tuple[tuple[Step, ...], Clock]:
    """The steps whose moment has come, and the clock with them done (breached where the due time has passed)."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the activities prove for one clock's owner and time."""

    first_attempt: Activity | None = None
    first_contact: Activity | None = None
    attempts: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    """(activity id, reason why it does not count)"""


def weigh(activities: Sequence[Activity], counts: CountsAs, since: datetime, owner: str | None) -> Evidence:
    """Which activities count as attempt and as contact since `since` (when the cycle was assigned): automated ones and
    those before the assignment do not."""
    raise NotImplementedError


def met_by(tier: Tier, evidence: Evidence) -> Activity | None:
    """The activity that meets the first response under this tier, if there is one."""
    raise NotImplementedError
