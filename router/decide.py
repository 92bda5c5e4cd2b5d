"""`decide`: one lead, the rules, the state of the rotations and of the people; out comes the decision.

CONTRACT STUB: types and signatures are fixed, bodies are being written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.accounts import AccountMatch, Duplicate
from domain.decisions import Cause, Decision
from domain.leads import Lead
from domain.people import Absence
from router.rotation import Rotation
from router.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a rep just now, in the lead's CRM: whether he is an active user there, and his open leads
    (the CRM's count plus our own decisions since that count)."""

    known: bool = True
    active: bool = True
    open_leads: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Everything that changes between two decisions."""

    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One lead with everything that was looked up about it, and which cycle is to be decided.

    `had` are the people who had the lead in earlier cycles: a rotation passes them over. `to` overrides the
    rules where a ladder or a limit names the destination: `manager`, `backup`, `next` or an e-mail address;
    `pool` and `owner` are then those of the cycle that ended, and `tier` its SLA tier.
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


def decide(case: Case, rules: RuleSet, state: State, now: datetime) -> Decision:
    """Exactly one outcome, always. Promises: the first rule that matches decides; a rule that ends in nobody and has
    no `else` counts as one that does not match; the fallback always ends in an outcome (review with the fallback
    pool's manager where nobody at all can take the lead). The same inputs give the same decision, bit for bit."""
    raise NotImplementedError


def fold(state: State, decision: Decision) -> State:
    """The state after the decision: the turn is taken, and the owner has one more open lead."""
    raise NotImplementedError


def consulted(decision: Decision, rules: RuleSet, state: State) -> State:
    """The part of `state` that the decision could have depended on: enough to decide it again, small enough to store."""
    raise NotImplementedError
