"""A lead that machines cannot place goes to a person to look at, for a day; then it is decided again."""

from datetime import datetime

from domain.decisions import Decision, Explanation, Outcome
from domain.hours import Span, always, due
from router.case import Case
from router.rules import RuleSet

MOST_IN_VAIN = 3
"""After this many machine-made cycles in a row without an applied write the lead goes to review."""

LIMIT = Span(86_400, "elapsed")
"""A review ends in another decision by the rules after this long: whoever was missing may be there again."""


def until(now: datetime) -> datetime:
    """When a review that begins now ends."""
    return due(always(), now, LIMIT)


def to_review(case: Case, rules: RuleSet, now: datetime, because: str) -> Decision:
    """The decision that hands the lead to a person to look at: the manager of its last pool, else of its last owner,
    else whoever answers for what nobody can take."""
    pool = rules.pools.get(case.pool or "")
    owner = rules.reps.get(case.owner or "")
    manager = (pool.manager if pool else None) or (owner.manager if owner else None) or rules.last_resort
    return Decision(
        id=case.id,
        lead=case.lead.key,
        cycle=case.cycle,
        cause=case.cause,
        outcome=Outcome.REVIEW,
        rule="review",
        reason=f"{because}: a person has to look",
        decided_at=now,
        playbook=rules.version,
        responsible=manager,
        pool=case.pool,
        tier=case.tier,
        until=until(now),
        explanation=Explanation(values=dict(case.lead.values), notes=(because,)),
    )
