"""The rule set: what `config/` says about routing, compiled. Built by `playbook`, read by `decide` and `prove`."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from domain import hours
from domain.hours import Calendar, Span
from domain.leads import Value
from domain.people import Pool, Queue, Rep, WorkingHours
from domain.targets import Around, Hours, Promise
from router.conditions import ALWAYS, Condition
from router.fitting import Fits
from router.index import RuleIndex
from router.values import Money, Readings


@dataclass(frozen=True, slots=True)
class Assign:
    """`to` is an e-mail address, a reference (`account.owner`, `duplicate.owner`, `account.team.csm`) or `manager`;
    or `pool` is a pool's name or `territory.pool`. Exactly one of the two is set. `otherwise` is the `else`. A person
    who is back within `cover_after` (in his own hours; None: at once) is not replaced while away."""

    to: str | None = None
    pool: str | None = None
    otherwise: "Assign | None" = None
    cover_after: Span | None = None

    def chain(self) -> "Iterator[Assign]":
        """This assignment, its `else`, the `else` of that, and so on."""
        yield self
        if self.otherwise:
            yield from self.otherwise.chain()


@dataclass(frozen=True, slots=True)
class Nurture:
    """Not for sales now: the lead is kept in `queue`, without a response clock. With `watch` a rise in intent routes it
    again."""

    queue: str
    watch: bool = False


@dataclass(frozen=True, slots=True)
class Disqualify:
    """Not for sales at all, for `reason`."""

    reason: str


Then = Assign | Nurture | Disqualify
"""Where a lead ends up."""

Wait = Literal["accept", "claim", "review"]
"""What a lead waits for: that whom it is offered to accepts it, that anybody takes it, that somebody looks at it."""


@dataclass(frozen=True, slots=True)
class TierLimit:
    """How long a wait lasts by a tier, in `calendar`: `rep`, `pool`, a name (None: the hours of the wait itself)."""

    within: Span
    calendar: str | None = None


Answer = Literal["approved", "rejected", "no_answer"]
"""How a review may end."""


@dataclass(frozen=True, slots=True)
class Review:
    """A person looks at the lead first: the queue's manager, for `limit`. None as what follows: all rules decide again,
    with this review answered."""

    queue: str
    limit: Span
    approved: Then | None
    rejected: Then | None
    no_answer: Then | None

    def after(self, answer: Answer) -> Then | None:
        """What follows from the answer."""
        return {"approved": self.approved, "rejected": self.rejected, "no_answer": self.no_answer}[answer]


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of an experiment, and its share beside the others'."""

    name: str
    weight: float
    then: Assign


Goal = Literal["converted", "answered"]
"""That the CRM calls the lead converted, or that its first response was made."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Leads are divided among the arms by what they have in common: the same person, company or lead is always in the
    same arm. They are compared by how many reached the `goal` (None: converted) `within` that time of being put there
    (None: at any time)."""

    name: str
    per: Literal["person", "company", "lead"]
    arms: tuple[Arm, ...]
    goal: Goal | None = None
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A lead goes on to a pool (or `territory.pool`) when that opens next, whoever it was assigned or offered to."""

    pool: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `sla` names the tier and wins over the tiers' own conditions; it is in force from `starts` to `ends`
    (dates in UTC, both included). `sets` are fields of the CRM that are written with the outcome, by canonical name.
    `at` is `routing.yaml:12:5`, for proofs and explanations."""

    name: str
    then: Then | Review | Experiment
    when: Condition = ALWAYS
    sla: str | None = None
    starts: date | None = None
    ends: date | None = None
    at: str = ""
    sets: Mapping[str, Value] = field(default_factory=dict)
    hand_over: HandOver | None = None


@dataclass(frozen=True, slots=True)
class Territory:
    name: str
    when: Condition
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a lead gets when the condition is the first of its list to hold (intent, fit, tiers) or holds at all
    (segments). `owner` answers for a segment in reports."""

    name: str
    when: Condition
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Recent:
    """A fact that conditions ask for: how many signals of a kind came within a time before now. `fact` is its name,
    `signals.pricing_page within 14 calendar days`."""

    fact: str
    signal: str
    within: Span


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fact that conditions ask for: whether the lead was created `inside` or `outside` a calendar's hours. `fact` is
    its name, `arrived.reachable`."""

    fact: str
    calendar: str


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """A company that somebody was given by name (`named_accounts.csv`)."""

    name: str
    owner: str
    domain: str | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class FromAccount:
    """What is empty on the lead is taken from its account."""


@dataclass(frozen=True, slots=True)
class FromTable:
    """What is empty on the lead is taken from a line of a table. `rows` are by the value of `key` (`key_of`)."""

    file: str
    key: str
    rows: Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class FromService:
    """What is empty on the lead is taken from what a service said about the value of `key`. `name` is the environment
    variable with its address. Answers that take longer than `timeout` (real seconds) come too late; they are good for
    `keep`, and at most `budget` are asked for in a day (None: any number)."""

    name: str
    key: str
    timeout: float
    keep: Span
    budget: int | None = None


Enrichment = FromAccount | FromTable | FromService


@dataclass(frozen=True, slots=True)
class FewerLeads:
    """What the rotation gives to somebody who breaks promises too often: `weight` of his share, and no leads for which
    `not_for` holds."""

    weight: float = 1.0
    not_for: Condition | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything `decide` needs that RevOps wrote. Order is the order of the files."""

    rules: tuple[Rule, ...]
    fallback: Assign
    reps: Mapping[str, Rep]
    pools: Mapping[str, Pool]
    queues: Mapping[str, Queue] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    territories: tuple[Territory, ...] = ()
    segments: tuple[Named, ...] = ()
    intent: tuple[Named, ...] = ()
    fit: tuple[Named, ...] = ()
    plays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tiers: tuple[Named, ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """field -> (lower-case text as the world writes it -> canonical value)"""
    free_mail: frozenset[str] = frozenset()
    strict_accounts: bool = False
    """whether a lead's account has to be its own company, and not only one of the same domain"""
    hierarchy: bool = False
    """whether, of several accounts that fit equally well, the one above the others is taken"""
    limits: Mapping[str, Mapping[Wait, TierLimit]] = field(default_factory=dict)
    """by tier: limits that win over those of the steps"""
    promises: Mapping[str, Promise] = field(default_factory=dict)
    """by tier: what it promises of the first response"""
    strictest: bool = False
    """whether of all tiers that hold the one is taken whose first response is due first"""
    default_calendar: str | None = None
    """`defaults.hours`"""
    follow_ups: Mapping[str, Review] = field(default_factory=dict)
    """by tier: the review that follows when all attempts came to nothing"""
    not_people: frozenset[str] = frozenset()
    """addresses of CRM users that never count as an owner"""
    fits: Mapping[str, Fits] = field(default_factory=dict)
    """what pools ask of a rep, by pool"""
    idle_after: Span | None = None
    """a rep who has not logged in to the CRM for so long is passed over"""
    fewer_leads: FewerLeads = field(default_factory=FewerLeads)
    """for those whom `consequences.chronic` of sla.yaml holds against"""
    version: str = ""
    money: Money = field(default_factory=Money)
    asked: tuple[Recent | Arrival, ...] = ()
    enrich: tuple[Enrichment, ...] = ()
    named_domains: Mapping[str, NamedAccount] = field(default_factory=dict)
    """by `domain_key`"""
    named_names: Mapping[str, NamedAccount] = field(default_factory=dict)
    """by `name_key`"""
    index: RuleIndex = field(init=False, repr=False, compare=False)
    """of the rules' conditions, in their order"""
    defined: Mapping[str, RuleIndex] = field(init=False, repr=False, compare=False)
    """the same for `territories`, `segments`, `intent`, `fit` and `tiers`, by these names"""
    readings: Readings = field(init=False, repr=False, compare=False)
    """of what leads say, with these aliases and this money"""
    told_hours: Mapping[str, WorkingHours] = field(default_factory=dict, init=False, repr=False, compare=False)
    """of the reps for whom there are none: what `with_hours` was told of them"""
    dated: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """the places of the rules that are not always in force"""
    bounded: frozenset[str] = field(init=False, repr=False, compare=False)
    """the reps who take leads only from a day on, in some hours, or up to a number"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", RuleIndex([rule.when for rule in self.rules]))
        names: Mapping[str, Sequence[Territory | Named]] = {
            "territories": self.territories,
            "segments": self.segments,
            "intent": self.intent,
            "fit": self.fit,
            "tiers": self.tiers,
        }
        defined = {name: RuleIndex([one.when for one in each]) for name, each in names.items()}
        object.__setattr__(self, "defined", defined)
        object.__setattr__(self, "readings", Readings(self.aliases, self.money))
        dated = tuple(place for place, rule in enumerate(self.rules) if rule.starts or rule.ends)
        object.__setattr__(self, "dated", dated)
        bounded = (email for email, rep in self.reps.items() if rep.started or rep.hours or rep.capacity is not None)
        object.__setattr__(self, "bounded", frozenset(bounded))

    def manager_of(self, queue: str) -> str | None:
        """Who answers for what lies in the queue."""
        named = self.queues.get(queue)
        return named.manager if named else None

    def calendar_of(self, pool: Pool) -> Calendar:
        """The pool's hours, else the first that a member works by, else the manager's, else always."""
        people = [*pool.reps, *([pool.manager] if pool.manager else [])]
        own = [rep.hours for email in people if (rep := self.reps.get(email))]
        named = ["" if pool.hours == "ignore" else pool.hours, *own]
        return next((self.calendars[name] for name in named if name), hours.always())

    @property
    def hours(self) -> Hours:
        """The calendars, for whoever chooses among them."""
        return Hours(self.calendars, self.default_calendar)

    def calendar_of_rep(self, rep: str) -> Calendar:
        """The hours of a rep; always for one who has none."""
        known = self.reps.get(rep)
        return self.calendars[known.hours] if known and known.hours else hours.always()

    def around(self, rep: str | None, pool: str | None, zone: object = None) -> Around:
        """Whose hours a target may run in: this rep's, this pool's, and those of the lead's time zone."""
        known, of = self.reps.get(rep or ""), self.pools.get(pool or "")
        return Around(known.hours if known else None, of.hours if of else None, str(zone) if zone else None)

    def with_hours(self, told: Mapping[str, WorkingHours]) -> "RuleSet":
        """The same rules, where reps for whom they have no hours keep those that were told of them."""
        without = {rep: told[rep] for rep in told if rep in self.reps and self.reps[rep].hours is None}
        if not without:
            return self
        # Not `replace`, which would make the index of the rules anew for every batch.
        changed = copy(self)
        reps = {rep: replace(self.reps[rep], hours=works.name) for rep, works in without.items()}
        object.__setattr__(changed, "reps", {**self.reps, **reps})
        calendars = {works.name: works.calendar for works in without.values()}
        object.__setattr__(changed, "calendars", {**self.calendars, **calendars})
        object.__setattr__(changed, "told_hours", without)
        object.__setattr__(changed, "bounded", self.bounded | without.keys())
        return changed

    @property
    def last_resort(self) -> str | None:
        """Who answers for a lead that nobody can take: the first manager of a pool that the fallback names, else the
        first person."""
        steps = tuple(self.fallback.chain())
        pools = (self.pools.get(step.pool or "") for step in steps)
        managers = (pool.manager for pool in pools if pool)
        people = (step.to for step in steps if step.to and "@" in step.to)
        return next((person for person in (*managers, *people) if person), None)
