"""The people who own leads, the pools that share them, and the times they are not there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from domain.hours import Span


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

    @property
    def account(self) -> str:
        """The name of the fairness account that this pool draws on."""
        return self.rotation or self.name


@dataclass(frozen=True, slots=True)
class Queue:
    """A place where leads wait; its manager answers for them."""

    name: str
    manager: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A rep is away in the half-open interval from `starts` to `ends` (UTC)."""

    rep: str
    starts: datetime
    ends: datetime
    cover: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CrmUser:
    """A user (or queue) of a CRM. `email` is lower case; a queue has none."""

    crm: str
    id: str
    name: str
    email: str | None
    active: bool = True
    kind: Literal["person", "queue"] = "person"
