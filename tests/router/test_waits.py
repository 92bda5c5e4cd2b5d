"""Chains of offers, reviews and hand-overs, as decided: where the lead goes, and until when."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.decisions import Cause, Outcome
from domain.hours import Span
from router.conditions import ALWAYS
from router.rules import Assign, Named, Nurture, Review, Rule, RuleSet
from tests.router.office import ANA, BEN, EVE, INBOUND, MONDAY_NIGHT, REPS, case, decided, rules

QUARTER = Span(15 * 60, "working")


def reviewing(limit: Span) -> RuleSet:
    """Marketing's manager, who works in the office's hours, looks at each lead first; the tier has its own limit."""
    rule = Rule("First a look", Review("marketing", Span(3600, "working"), None, Nurture("marketing"), None), sla="hot")
    by = rules(rule)
    mia = replace(REPS["mia@acme.example"], hours="office")
    return replace(by, reps={**REPS, mia.email: mia}, tiers=(Named("hot", ALWAYS),), limits={"hot": {"review": limit}})


def test_the_tier_s_limit_of_a_review_runs_in_the_hours_of_whoever_looks_at_it() -> None:
    decision = decided(by=reviewing(QUARTER), at=MONDAY_NIGHT)

    assert decision.outcome == Outcome.REVIEW
    assert decision.until == datetime(2026, 11, 24, 9, 15, tzinfo=UTC)


def test_a_lead_is_handed_over_to_a_pool_with_any_name() -> None:
    by = rules(pools=[replace(INBOUND, name="field@dach", manager=EVE)], fallback=Assign(pool="field@dach"))
    night = replace(
        case(), cycle=1, cause=Cause.HAND_OVER, to="pool:field@dach", had=(ANA,), owner=ANA, pool="night", tier="hot"
    )

    decision = decided(night, by)

    assert (decision.rule, decision.owner) == ("handed over", BEN)
