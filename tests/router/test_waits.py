"""Chains of offers, reviews and hand-overs, as decided: where the lead goes, and until when."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.decisions import Cause, Outcome
from domain.hours import Span
from domain.people import OfferStep, ToPerson, WhenNobody
from router.conditions import ALWAYS
from router.rules import Assign, Named, Nurture, Review, Rule, RuleSet, TierLimit
from router.waits import lasts_until
from tests.router.office import (
    ANA,
    BEN,
    CHO,
    EVE,
    INBOUND,
    MONDAY_NIGHT,
    MONDAY_TEN,
    REPS,
    TOM,
    away,
    case,
    decided,
    rules,
    state,
)

QUARTER = Span(15 * 60, "working")


def test_the_rest_of_a_chain_is_tried_where_whoever_stands_in_for_nobody_is_not_there_either() -> None:
    chain = (OfferStep("next", limit=QUARTER), OfferStep("person", EVE))
    pool = replace(INBOUND, offer=chain, when_nobody=WhenNobody(ineligible=ToPerson(TOM)))

    decision = decided(by=rules(pools=[pool]), given=state(away(ANA), away(BEN), away(CHO), away(TOM)))

    assert (decision.rule, decision.owner, decision.pool) == ("fallback", EVE, "inbound")


def reviewing(limit: Span) -> RuleSet:
    """Marketing's manager, who works in the office's hours, looks at each lead first; the tier has its own limit."""
    rule = Rule("First a look", Review("marketing", Span(3600, "working"), None, Nurture("marketing"), None), sla="hot")
    by = rules(rule)
    mia = replace(REPS["mia@acme.example"], hours="office")
    return replace(
        by, reps={**REPS, mia.email: mia}, tiers=(Named("hot", ALWAYS),), limits={"hot": {"review": TierLimit(limit)}}
    )


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


def test_a_chain_that_begins_with_a_person_goes_on_with_its_next_step() -> None:
    chain = (OfferStep("person", EVE, QUARTER), OfferStep("next", limit=QUARTER), OfferStep("manager"))
    by = rules(pools=[replace(INBOUND, offer=chain)])
    first = decided(by=by)
    assert (first.outcome, first.owner, first.then) == (Outcome.OFFERED, EVE, "offer:1")

    after = replace(
        case(), cycle=1, cause=Cause.LIMIT, to=first.then, had=(EVE,), owner=EVE, pool=first.pool, tier=first.tier
    )

    assert (decided(after, by).outcome, decided(after, by).owner) == (Outcome.OFFERED, ANA)


def test_an_offer_whose_time_begins_when_it_is_written_runs_in_the_hours_of_the_lead_as_decided() -> None:
    by = rules(pools=[replace(INBOUND, offer=(OfferStep("next", limit=QUARTER), OfferStep("manager")))])
    by = replace(
        by,
        default_calendar="office",
        tiers=(Named("hot", ALWAYS),),
        limits={"hot": {"accept": TierLimit(QUARTER, "lead")}},
    )

    decision = decided(case(timezone="America/New_York"), by)

    assert decision.outcome == Outcome.OFFERED
    assert decision.until == datetime(2026, 11, 23, 14, 15, tzinfo=UTC)
    assert lasts_until(decision, by, MONDAY_TEN) == decision.until
