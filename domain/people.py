"""The people who own leads, the pools that share them, and the times they are not there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.hours import Calendar, Span


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody who may own a lead, named by e-mail address (lower case).

    `hours` names a calendar; None is always on. `capacity` is a number of open leads; None is no limit.
    """

    email: str
    name: str
    manager: str | None = None
    level: str | None = None
    region: str | None = None
    team: str | None = None
    languages: tuple[str, ...] = ()
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    started: date | None = None
    hours: str | None = None
    capacity: int | None = None
    slack: str | None = None
    phone: str | None = None
    calendar_feed: str | None = None
    """the environment variable that holds the address of the rep's calendar (ICS)"""


@dataclass(frozen=True, slots=True)
class Member:
    """A rep's place in a pool; `weight` > 0 is his share beside the others'."""

    rep: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Wait:
    """The lead waits in the pool's queue for `limit`, then goes to `then` (a person's e-mail, or `manager`)."""

    limit: Span
    then: str = "manager"
    kind: Literal["wait"] = "wait"


@dataclass(frozen=True, slots=True)
class Overflow:
    """The lead goes to another pool."""

    pool: str
    kind: Literal["overflow"] = "overflow"


@dataclass(frozen=True, slots=True)
class ToPerson:
    """The lead goes to a named person, or to `manager`."""

    who: str
    kind: Literal["person"] = "person"


WhenNobodyStep = Wait | Overflow | ToPerson


@dataclass(frozen=True, slots=True)
class WhenNobody:
    """What happens when no member can take a lead, by why: nobody on duty, all full, or anything else.

    A reason without a step of its own falls through to the playbook's fallback.
    """

    off_hours: WhenNobodyStep | None = None
    full: WhenNobodyStep | None = None
    ineligible: WhenNobodyStep | None = None


Period = Literal["day", "week", "month"]
"""A stretch of the calendar that begins at a local midnight: a day, a week from Monday, a month from the first."""


@dataclass(frozen=True, slots=True)
class Results:
    """Weights that come from results instead of from hand.

    `of` are the results that a file says, by rep, 1.0 being on target; None: what share of his leads each converted,
    beside the others; with `similar`, what share of those that have the same in these fields of a lead. No weight is
    below `floor` or above `ceiling`. With `every`, weights are worked out when such a period begins, and stand until it
    ends; without, at once. `source` is the file, or `conversion`, by what.
    """

    floor: float
    ceiling: float
    of: Mapping[str, float] | None = None
    every: Period | None = None
    source: str = "conversion"
    similar: tuple[str, ...] = ()

    def weight(self, result: float) -> float:
        """The weight that a result gives."""
        return min(max(result, self.floor), self.ceiling)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `leads` for each person in the period of the pool's calendar, or in the last so many `seconds`."""

    leads: int
    period: Period | None = None
    seconds: int = 0
    per: str = ""
    """as `config/` calls it: `per_day`, `per_rolling_hour`"""


@dataclass(frozen=True, slots=True)
class PassOver:
    """Who is left in peace although on duty: whoever is in a meeting that is longer, or is away that soon."""

    meetings_longer_than: Span | None = None
    away_within: Span | None = None


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What is owed to somebody for the leads of an absence: up to `credit` (None: all), for `expires` after the return
    (None: for ever). It counts what the pool balances: leads, or the value."""

    credit: float | None = None
    expires: Span | None = None


Method = Literal["weighted", "round_robin", "least_loaded"]


@dataclass(frozen=True, slots=True)
class OfferStep:
    """One step of a chain of offers: the lead is kept for `to` so long, then the next step's turn comes.

    `next` is the pool's rotation, `backup` its reserve, `everyone` whoever of the pool makes himself the owner first,
    `manager` the pool's; `person`, `pool` and `queue` are named by `name` (e-mail address, pool, queue). The last step
    ends in a person and has no limit.
    """

    to: Literal["next", "backup", "everyone", "manager", "person", "pool", "queue"]
    name: str = ""
    limit: Span | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """People who share leads. Pools that name the same `rotation` share one fairness account.

    `hours`: None = its members' hours alone; `ignore` = day and night, members' hours aside; else a calendar.
    `ramp`: the share of the weight in each of the first weeks after a rep has started. `balance_by`: `leads`, or the
    field whose value is shared out. `after_absence`: None is owed nothing.
    """

    name: str
    members: tuple[Member, ...]
    manager: str | None = None
    rotation: str = ""
    backup: tuple[str, ...] = ()
    hours: str | None = None
    when_nobody: WhenNobody = WhenNobody()
    offer: tuple[OfferStep, ...] = ()
    """without it a lead is simply assigned"""
    method: Method = "weighted"
    results: Results | None = None
    ramp: tuple[float, ...] = ()
    balance_by: str = "leads"
    limits: tuple[Limit, ...] = ()
    pass_over: PassOver = PassOver()
    after_absence: CatchUp | None = None
    reps: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """the members"""
    weights: tuple[tuple[str, float], ...] = field(init=False, repr=False, compare=False)
    """each with his weight as the method counts it, results and ramp aside"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reps", tuple(member.rep for member in self.members))
        weighted = self.method == "weighted"
        weights = tuple((member.rep, member.weight if weighted else 1.0) for member in self.members)
        object.__setattr__(self, "weights", weights)

    @property
    def account(self) -> str:
        """The name of the fairness account that this pool's leads are counted in."""
        return self.rotation or self.name

    @property
    def value_account(self) -> str:
        """The name of the fairness account in which their value is counted, apart from their number."""
        return f"{self.account} by {self.balance_by}"

    def accounts(self, kind: str | None = None) -> tuple[str, ...]:
        """The fairness accounts that a lead of this pool, and of that kind, may draw on."""
        plain = (self.account,) if self.balance_by == "leads" else (self.account, self.value_account)
        return tuple(of_kind(name, kind) for name in plain)


def of_kind(account: str, kind: str | None) -> str:
    """The name of the fairness account for leads of one kind alone, beside the one for all."""
    return f"{account} ({kind})" if kind else account


@dataclass(frozen=True, slots=True)
class Queue:
    """A place where leads wait; its manager answers for them."""

    name: str
    manager: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A rep is away in the half-open interval from `starts` to `ends` (UTC); or only in a `meeting`, which keeps nobody
    from leads unless the pool says so."""

    rep: str
    starts: datetime
    ends: datetime
    cover: str | None = None
    reason: str = ""
    meeting: bool = False


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours that somebody works by as a CRM says: a calendar without holidays. `week` is a `Calendar`'s."""

    name: str
    timezone: str
    week: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.name, self.timezone, self.week)


@dataclass(frozen=True, slots=True)
class CrmUser:
    """A user (or queue) of a CRM. `email` is lower case; a queue has none."""

    crm: str
    id: str
    name: str
    email: str | None
    active: bool = True
    kind: Literal["person", "queue"] = "person"
    last_login: datetime | None = None
    """None: never, or the CRM does not tell"""
