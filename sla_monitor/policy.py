"""The SLA policy: what `sla.yaml` says, compiled. Built by `playbook`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.clocks import ClockKind
from domain.hours import Calendar, Span
from domain.leads import Value
from domain.targets import Hours, calendar_in
from sla_monitor.attainment import Chronic, Repeated
from sla_monitor.claims import Reported


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder. Its moment is `at` (a share of the target, 1.0 = due) or `after_due` or `after_start`:
    exactly one is set. `to` are `rep`, `manager`, `backup`, `next`, `queue`, or addresses; of a flag its text. `sets`
    are the fields that a `set` writes, by canonical name."""

    do: Literal["notify", "reassign", "flag", "set"]
    to: tuple[str, ...]
    at: float | None = None
    after_due: Span | None = None
    after_start: Span | None = None
    sets: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountsAs:
    """What counts. `attempt`: a dialled call, an outbound e-mail that is not automated. `contact`: a call answered
    for at least `answered_at_least` seconds, a reply, a meeting held. `reported`: what calls count for that
    were typed in (None: as much as any other)."""

    call_dialled: bool = True
    email_outbound: bool = True
    message_outbound: bool = True
    answered_at_least: int = 30
    reply_received: bool = True
    meeting_held: bool = True
    reported: Reported | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What one clock of a tier promises. `calendar` is `rep`, `pool`, `lead` or a calendar's name (None: the tier's).
    `pause` is for how long the clock may be paused in all (None: it never pauses). `other_time`: an attempt that is due
    at another time of day than those before it."""

    within: Span
    ladder: tuple[Rung, ...] = ()
    calendar: str | None = None
    starts: Literal["assigned", "created"] = "assigned"
    pause: Span | None = None
    other_time: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """The targets of one tier, by clock. `calendar` is `rep`, `pool`, `lead` or a calendar's name."""

    name: str
    targets: Mapping[ClockKind, Target] = field(default_factory=dict)
    calendar: str = "pool"
    met_by: Literal["attempt", "contact"] = "attempt"
    on_reassign: Literal["restart", "continue"] = "restart"
    max_reassignments: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """All tiers, in the order of the file, and the calendars that they name. `running_clocks` says what a change of the
    file does to clocks that run; `on_retraction` where a lead goes that was taken from somebody for a breach that was
    none. Until `introduced` (UTC) breaches have no consequences, and what was due before has none later."""

    tiers: Mapping[str, Tier]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    default_calendar: str | None = None
    counts_as: CountsAs = CountsAs()
    running_clocks: Literal["keep", "recompute"] = "keep"
    version: str = ""
    """of the configuration"""
    on_retraction: Literal["return", "leave"] = "leave"
    repeated: Repeated | None = None
    chronic: Chronic | None = None
    introduced: datetime | None = None

    def tier(self, name: str) -> Tier:
        """The tier of this name; one that was renamed or taken out since then is as one that says nothing."""
        return self.tiers.get(name) or Tier(name)

    @property
    def home(self) -> Calendar:
        """`defaults.hours`; without them time never rests."""
        return calendar_in(self.hours, self.default_calendar, None).calendar

    @property
    def hours(self) -> Hours:
        """The calendars, for whoever chooses among them."""
        return Hours(self.calendars, self.default_calendar)
