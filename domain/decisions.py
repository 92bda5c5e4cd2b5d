"""What was decided about a lead, why, and why not otherwise."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.accounts import AccountMatch, Duplicate
from domain.leads import LeadKey, Value
from domain.records import record


class Outcome(StrEnum):
    """Every lead ends each cycle in exactly one of these."""

    ASSIGNED = "assigned"
    OFFERED = "offered"
    WAITING = "waiting"
    REVIEW = "review"
    NURTURED = "nurtured"
    DISQUALIFIED = "disqualified"
    GONE = "gone"


class Cause(StrEnum):
    """What started the cycle."""

    NEW = "new"
    SLA = "sla"
    REJECTED = "rejected"
    REVIEW = "review"
    HAND_OVER = "hand_over"
    LOST_RACE = "lost_race"
    WRITE_REFUSED = "write_refused"
    LIMIT = "limit"
    ADMIN = "admin"
    TRIGGER = "trigger"


MACHINE_MADE = frozenset({Cause.SLA, Cause.LOST_RACE, Cause.WRITE_REFUSED, Cause.LIMIT, Cause.HAND_OVER})
"""Causes that no person started. Three of these in a row without an applied write send the lead to review."""


class Why(StrEnum):
    """Why a candidate was not chosen, or that he was."""

    CHOSEN = "chosen"
    NOT_NEXT = "not next in turn"
    AWAY = "away"
    OFF_HOURS = "outside hours"
    FULL = "at capacity"
    INACTIVE = "deactivated in the CRM"
    UNKNOWN = "not a user of this CRM"
    HAD_IT = "had this lead before"
    UNFIT = "does not fit the lead"
    NOT_PREFERRED = "others fit the lead better"
    BUSIER = "has more open leads"
    OVER_LIMIT = "over a limit"
    NOT_STARTED = "has not started yet"
    LEAVING = "away soon"
    MEETING = "in a long meeting"
    IDLE = "idle"
    BREAKS_PROMISES = "breaks promises too often"


@dataclass(frozen=True, slots=True)
class RuleTried:
    """One rule in the order of the file: whether it matched, else the first condition that failed, in words."""

    rule: str
    matched: bool
    because: str


@record(frozen=True, slots=True)
class RulesTried:
    """The rules that were tried, without words: `router.tried.in_words` makes those from the configuration and the
    values that the decision names.

    `marks` has a character for each rule in the order of the file: `=` it matches, `1` to `7` this is the first of its
    conditions on a single field that fails, `+` another one fails, `-` it is not in force. `instead` says, by the name
    of a rule that matches, why it decides nothing. `fallback`: no rule decides.
    """

    marks: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person who was considered. `share` is his weight's share of the pool's leads among those eligible,
    `ahead` the number of leads that he is ahead of (+) or behind (-) that share before this decision (hundredths of
    the value, where the pool balances a value)."""

    rep: str
    why: Why
    detail: str
    share: float | None = None
    ahead: float | None = None


@record(frozen=True, slots=True)
class TakingTurns:
    """The members of a pool who were considered, in columns and without words: `router.considered.candidates_of` makes
    candidates of them.

    `rep` has the turn. `reps` are all members, in the order of the pool, and `ahead` is beside each of them how many
    leads he was ahead of (+) or behind (-) his share before this decision; None for one who could not have the lead,
    and `obstacles` says why. `shares` are their weights' shares of the pool's leads; who is not in it has none. `kind`
    is the kind of the leads, where each kind is shared out by itself.
    """

    rep: str
    reps: tuple[str, ...]
    ahead: tuple[float | None, ...]
    shares: Mapping[str, float]
    obstacles: Mapping[str, tuple[Why, str]] = field(default_factory=dict)
    kind: str | None = None


@record(frozen=True, slots=True)
class PoolTried:
    """One pool (or named person) that was asked, with everybody in it; one by one where there is more to say of a
    person than where he stands (and where an earlier version has stored it)."""

    pool: str
    candidates: TakingTurns | tuple[Candidate, ...]
    result: str


@record(frozen=True, slots=True)
class Explanation:
    """Everything a person needs to check the decision by hand."""

    values: Mapping[str, Value]
    account: AccountMatch | None = None
    duplicate: Duplicate | None = None
    rules: RulesTried | tuple[RuleTried, ...] = RulesTried()
    """in words only where an earlier version has stored it"""
    pools: tuple[PoolTried, ...] = ()
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """where a value came from that is not the lead's own: `account`, `firmographics.csv`, `written 'Deutschland'`"""


@record(frozen=True, slots=True)
class Turn:
    """A turn taken in a rotation. `shares` is what each eligible person was entitled to of this one lead (they add up
    to `amount`): a turn that comes back is undone by subtracting exactly these.

    `amount` is 1, or the lead's value in hundredths where the rotation shares out a value. `credited` is the part of
    the shares that belongs to people who are away and catch up later; `expired` is what they did not catch up in time.
    """

    rotation: str
    rep: str
    shares: Mapping[str, float]
    amount: int = 1
    credited: Mapping[str, float] = field(default_factory=dict)
    expired: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakesOver:
    """The pool that takes a lead over when it opens next, and when that is (UTC)."""

    pool: str
    at: datetime


@record(frozen=True, slots=True)
class Decision:
    """Immutable: what happens to a lead in one cycle. Claims, refusals and owner changes are events beside it.

    `owner` is the person who becomes the CRM's owner (assigned); `responsible` is the person who answers for
    the lead in any case (the owner; or the manager of the queue where it waits or is reviewed). `until` is
    the limit of an offer, a wait or a review (UTC), or the moment at which an assigned lead is handed over; then the
    lead goes to `then`: an e-mail address, `offer:2` (that step of the pool's chain, from 0), `pool:NAME`, or
    `no_answer` (what the review's rule says of it); None: it is decided again by the rules. `takes_over` is the
    hand-over of a lead that has a limit beside it (offered, waiting). `arm` is the arm of an experiment
    (`webinar_team: new`).
    """

    id: str
    lead: LeadKey
    cycle: int
    cause: Cause
    outcome: Outcome
    rule: str
    reason: str
    decided_at: datetime
    playbook: str
    owner: str | None = None
    responsible: str | None = None
    pool: str | None = None
    queue: str | None = None
    tier: str | None = None
    until: datetime | None = None
    then: str | None = None
    takes_over: TakesOver | None = None
    turn: Turn | None = None
    arm: str | None = None
    sets: Mapping[str, Value] = field(default_factory=dict)
    """further fields of the record that are written with the outcome, by canonical name"""
    explanation: Explanation = field(default_factory=lambda: Explanation(values={}))


def decision_id(ledger: str, lead: LeadKey, cycle: int) -> str:
    """The id of the decision about (lead, cycle) in this ledger: the same on every attempt, and different
    from any that another ledger made, so that a record tells whose decision it carries.

    Shape: 16 hexadecimal digits, `/`, the cycle, e.g. `9f0c2b1e5d7a4c33/0`.
    """
    text = "\x1f".join((ledger, lead.crm, lead.account, lead.object, lead.id))
    return f"{hashlib.sha256(text.encode()).hexdigest()[:16]}/{cycle}"
