"""What can happen to a lead, and what each of these does to each clock: one table, printed in docs/sla.md.

A clock that is met or breached already stays so; where a row says `ends`, a breached clock keeps its breach and climbs
no further.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from domain.clocks import Clock, ClockKind
from sla_monitor.clock import Event, advance


class Happening(StrEnum):
    ASSIGNED = "assigned"
    """the owner, or the queue, was written to the CRM"""
    CLAIMED = "claimed"
    """somebody took a lead that lay in a queue"""
    OFFER_ACCEPTED = "offer accepted"
    REVIEWED = "reviewed"
    """approved or rejected"""
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    ACCEPTED = "accepted"
    """the status is one of `statuses.accepted`; the next ones alike"""
    OPPORTUNITY = "opportunity created"
    FOLLOW_UP_AGREED = "follow-up agreed"
    REQUALIFIED = "requalified"
    DISQUALIFIED = "disqualified"
    CONVERTED = "converted"
    MERGED = "merged"
    """into another record"""
    DELETED = "deleted"
    HANDED_ON = "handed on"
    OWNER_CHANGED = "owner changed by a person"
    OWNER_AWAY = "owner away"


class Effect(StrEnum):
    MEETS = "met"
    ENDS = "ends"
    """neither met nor breached"""
    FOLLOWS = "follows"
    """goes on with the record that it became, where the owner is the same; else it ends"""
    GOES_ON = "goes on"


_END = dict.fromkeys(ClockKind, Effect.ENDS)
_GO_ON = dict.fromkeys(ClockKind, Effect.GOES_ON)
_ATTEMPTS_END = {ClockKind.SECOND_ATTEMPT: Effect.ENDS, ClockKind.THIRD_ATTEMPT: Effect.ENDS}
_IN_TOUCH = dict.fromkeys(
    (ClockKind.ACCEPTANCE, ClockKind.FIRST_RESPONSE, ClockKind.SECOND_ATTEMPT, ClockKind.THIRD_ATTEMPT), Effect.MEETS
)
_OVER = _END | {ClockKind.OUTCOME: Effect.MEETS}

LIFECYCLE: Mapping[Happening, Mapping[ClockKind, Effect]] = {
    Happening.ASSIGNED: _GO_ON | {ClockKind.ASSIGNMENT: Effect.MEETS},
    Happening.CLAIMED: _GO_ON
    | {ClockKind.ASSIGNMENT: Effect.MEETS, ClockKind.CLAIM: Effect.MEETS, ClockKind.LIMIT: Effect.ENDS},
    Happening.OFFER_ACCEPTED: _GO_ON | {ClockKind.ACCEPTANCE: Effect.MEETS},
    Happening.REVIEWED: _GO_ON | {ClockKind.REVIEW: Effect.MEETS},
    Happening.ATTEMPTED: _GO_ON | _IN_TOUCH,
    Happening.CONTACTED: _GO_ON | _IN_TOUCH | {ClockKind.CONVERSATION: Effect.MEETS},
    Happening.ACCEPTED: _GO_ON | {ClockKind.ACCEPTANCE: Effect.MEETS, ClockKind.OUTCOME: Effect.MEETS},
    # A status is typed in: it proves no answer, so it ends what waits for one instead of meeting it.
    Happening.OPPORTUNITY: _OVER | {ClockKind.ACCEPTANCE: Effect.MEETS},
    Happening.FOLLOW_UP_AGREED: _GO_ON
    | _ATTEMPTS_END
    | {ClockKind.ACCEPTANCE: Effect.MEETS, ClockKind.OUTCOME: Effect.MEETS},
    Happening.REQUALIFIED: _OVER,
    Happening.DISQUALIFIED: _OVER,
    Happening.CONVERTED: _OVER,
    Happening.MERGED: dict.fromkeys(ClockKind, Effect.FOLLOWS),
    Happening.DELETED: _END,
    Happening.HANDED_ON: _END,
    Happening.OWNER_CHANGED: _END,
    # The promise is made to the lead: whoever stands in is told in his place, and the ladder goes on.
    Happening.OWNER_AWAY: _GO_ON,
}

_MET_BY: Mapping[ClockKind, Event] = {
    ClockKind.ASSIGNMENT: Event.ASSIGNED,
    ClockKind.REVIEW: Event.SETTLED,
    ClockKind.CLAIM: Event.SETTLED,
    ClockKind.ACCEPTANCE: Event.SETTLED,
    ClockKind.OUTCOME: Event.SETTLED,
}


def happen(clock: Clock, happening: Happening, at: datetime) -> Clock:
    """The clock after this has happened at `at` (UTC). Whether an activity meets a first response depends on the tier:
    send ATTEMPTED only where an attempt does."""
    match LIFECYCLE[happening][clock.kind]:
        case Effect.GOES_ON:
            return clock
        case Effect.ENDS | Effect.FOLLOWS:
            return advance(clock, Event.CYCLE_ENDED, at)
        case Effect.MEETS:
            answered = Event.CONTACTED if happening == Happening.CONTACTED else Event.ATTEMPTED
            return advance(clock, _MET_BY.get(clock.kind, answered), at)
