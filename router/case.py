"""What `decide` is given: one lead with everything that was looked up about it, and what changes between decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.accounts import AccountMatch, Duplicate
from domain.decisions import Cause
from domain.leads import Lead, Value
from domain.people import Absence, Pool, WorkingHours
from router.conditions import Facts
from router.results import kind_of
from router.rotation import Rotation
from router.rules import Answer


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a rep just now, in the lead's CRM: whether he is an active user there, and his open leads
    (the CRM's count plus our own decisions since that count)."""

    known: bool = True
    active: bool = True
    open_leads: int = 0
    last_login: datetime | None = None
    """None: never, or the CRM does not tell"""


@dataclass(frozen=True, slots=True)
class Given:
    """How many leads somebody was given since a moment (itself included)."""

    since: datetime
    leads: int


@dataclass(frozen=True, slots=True)
class State:
    """Everything that changes between two decisions. A rep without a standing is not a user of the lead's CRM.

    `given` are the leads that each rep was given lately, for every moment that a pool's limits count from; `results`
    are those that weights come from, by pool and rep, where they stand for a period, and `similar` those with leads of
    one kind, by pool, kind and rep; `hours` are those that a CRM says of reps for whom `config/` has none.
    `breaking` are those who break promises so often that they get fewer leads for now, each with what there is to say.
    """

    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    hours: Mapping[str, WorkingHours] = field(default_factory=dict)
    similar: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    breaking: Mapping[str, str] = field(default_factory=dict)

    def kind(self, pool: Pool, facts: Facts) -> str | None:
        """The kind of the lead, where the pool's results with such leads are known; then it has an account of its own.
        Else it goes by what is known of all."""
        if pool.method != "weighted" or pool.results is None or not pool.results.similar:
            return None
        kind = kind_of(pool.results.similar, facts)
        return kind if kind in self.similar.get(pool.name, {}) else None


@dataclass(frozen=True, slots=True)
class Case:
    """One lead with everything that was looked up about it, and which cycle is to be decided.

    `had` are the people who had the lead in earlier cycles: a rotation passes them over. `to` overrides the
    rules where a ladder, a limit or a person names the destination: `manager`, `backup`, `next`, an e-mail address,
    `pool:NAME`, `queue:NAME`; `pool` and `owner` are then those of the cycle that ended, and `tier` its SLA tier.
    `looked_up` are further canonical values that are not the lead's own (`account.parent.owner`, `account.team.csm`).
    """

    id: str
    lead: Lead
    cycle: int = 0
    cause: Cause = Cause.NEW
    account: AccountMatch | None = None
    duplicate: Duplicate | None = None
    had: tuple[str, ...] = ()
    to: str | None = None
    pool: str | None = None
    owner: str | None = None
    tier: str | None = None
    hand_over: str | None = None
    """with `to`: the pool that was to take the lead over from whoever has it when that pool opens next"""
    in_vain: int = 0
    """machine-made cycles in a row before this one, none of whose writes was applied"""
    looked_up: Mapping[str, Value] = field(default_factory=dict)
    served: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """what services said in time about this lead, by the name of the service"""
    reviews: Mapping[str, Answer] = field(default_factory=dict)
    """how the reviews of these rules have ended"""
