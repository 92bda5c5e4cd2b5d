"""Why a promise was broken, from facts: one table, printed in docs/sla.md. One row alone counts against a person.

The rows are tried in order, and the first that fits is the cause: what a company did not do comes before what a person
did not do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.clocks import ClockKind

TOO_LITTLE = 0.25
"""Whoever gets a lead with a smaller share of its time left got it too late."""

MOST = 0.5
"""Whoever was away for more than this share of the time could not have kept the promise."""


class BreachCause(StrEnum):
    """Why a promise was broken, as the CRM shows it."""

    ASSIGNED_LATE = "assigned late"
    ROUTED_WRONGLY = "routed wrongly"
    NOBODY_ON_DUTY = "nobody on duty"
    NOT_TAKEN = "nobody took it"
    OWNER_ABSENT = "owner absent"
    OVER_CAPACITY = "owner over capacity"
    HANDED_ON_TOO_LATE = "handed on too late"
    NOT_NOTIFIED = "notification not delivered"
    DID_NOT_ACT = "owner did not act"


AGAINST_THE_OWNER = frozenset({BreachCause.DID_NOT_ACT})
"""Causes that count against a person. Nobody answers for any other breach."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a breach. `left` is the share of the promised time that was left when the owner got the lead,
    `before`: somebody had it before him. `overridden_by` is whom a person gave the lead to afterwards, past the rules.
    `on_duty`: whether the owner, or anybody who might have taken it, had working hours in that time. `away` is the
    share of it for which the owner was absent. `open_leads` and `capacity` are his (None: not known, no limit).
    `undelivered`: he was to be told, and no message reached him."""

    kind: ClockKind
    owner: str | None = None
    left: float = 1.0
    before: bool = False
    overridden_by: str = ""
    on_duty: bool = True
    away: float = 0.0
    open_leads: int | None = None
    capacity: int | None = None
    undelivered: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The cause, and what a manager would ask next (`62 open leads of at most 50`; empty: nothing)."""

    cause: BreachCause
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.cause.value}: {self.detail}" if self.detail else self.cause.value


def _assigned_late(facts: Facts) -> str | None:
    if facts.kind == ClockKind.ASSIGNMENT:
        return ""
    late = facts.owner is not None and not facts.before and facts.left < TOO_LITTLE
    return f"{max(facts.left, 0.0):.0%} of the time was left" if late else None


def _routed_wrongly(facts: Facts) -> str | None:
    return f"given to {facts.overridden_by} instead" if facts.overridden_by else None


def _not_taken(facts: Facts) -> str | None:
    return "" if facts.kind == ClockKind.CLAIM else None


def _absent(facts: Facts) -> str | None:
    return f"away for {facts.away:.0%} of the time" if facts.away > MOST else None


def _over_capacity(facts: Facts) -> str | None:
    if facts.capacity is None or facts.open_leads is None or facts.open_leads <= facts.capacity:
        return None
    return f"{facts.open_leads} open leads of at most {facts.capacity}"


def _handed_on_too_late(facts: Facts) -> str | None:
    late = facts.before and facts.left < TOO_LITTLE
    return f"{max(facts.left, 0.0):.0%} of the time was left" if late else None


CAUSES: Mapping[BreachCause, Callable[[Facts], str | None]] = {
    BreachCause.ASSIGNED_LATE: _assigned_late,
    BreachCause.ROUTED_WRONGLY: _routed_wrongly,
    BreachCause.NOBODY_ON_DUTY: lambda facts: None if facts.on_duty else "",
    BreachCause.NOT_TAKEN: _not_taken,
    BreachCause.OWNER_ABSENT: _absent,
    BreachCause.OVER_CAPACITY: _over_capacity,
    BreachCause.HANDED_ON_TOO_LATE: _handed_on_too_late,
    BreachCause.NOT_NOTIFIED: lambda facts: "" if facts.undelivered else None,
    BreachCause.DID_NOT_ACT: lambda _: "",
}
"""What each cause needs, in the order in which they are tried: the detail where it fits, else None."""


def cause_of(facts: Facts) -> Found:
    """The first cause of the table that fits; there always is one."""
    return next(Found(cause, detail) for cause, fits in CAUSES.items() if (detail := fits(facts)) is not None)
