"""The SLA policy: what `sla.yaml` says, compiled. Built by `playbook`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.hours import Calendar, Span


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder. Its moment is `at` (a share of the target, 1.0 = due) or `after_due` or `after_start`:
    exactly one is set. It either notifies or reassigns. `to` are `rep`, `manager`, `backup`, `next`, or addresses."""

    do: Literal["notify", "reassign"]
    to: tuple[str, ...]
    at: float | None = None
    after_due: Span | None = None
    after_start: Span | None = None


@dataclass(frozen=True, slots=True)
class CountsAs:
    """What counts. `attempt`: a dialled call, an outbound e-mail that is not automated. `contact`: a call answered
    for at least `answered_at_least` seconds, a reply, a meeting held."""

    call_dialled: bool = True
    email_outbound: bool = True
    message_outbound: bool = True
    answered_at_least: int = 30
    reply_received: bool = True
    meeting_held: bool = True


@dataclass(frozen=True, slots=True)
class Tier:
    """The targets of one tier. `calendar` is `rep`, `pool`, `lead` or a calendar's name."""

    name: str
    calendar: str = "pool"
    time_to_assign: Span | None = None
    first_response: Span | None = None
    met_by: Literal["attempt", "contact"] = "attempt"
    starts: Literal["assigned", "created"] = "assigned"
    ladder: tuple[Rung, ...] = ()
    on_reassign: Literal["restart", "continue"] = "restart"
    max_reassignments: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """All tiers, in the order of the file, and the calendars that they name."""

    tiers: Mapping[str, Tier]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    default_calendar: str | None = None
    counts_as: CountsAs = CountsAs()
