"""Chains of offers, reviews and hand-overs, as decided: where the lead goes, and until when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.decisions import Cause, Outcome
from domain.hours import Calendar, Span
from domain.people import OfferStep, ToPerson, Wait, WhenNobody
from router.conditions import ALWAYS
from router.rules import Assign, HandOver, Named, Nurture, Review, Rule, RuleSet, TierLimit
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


FAIR = Calendar("fair", "UTC", ((),) * 7, open={date(2026, 11, 20): ((9 * 3600, 18 * 3600),)})
"""Its last open day is over."""


def at_the_fair(by: RuleSet) -> RuleSet:
    return replace(
        by,
        calendars={**by.calendars, "fair": FAIR},
        reps={email: replace(rep, hours="fair") for email, rep in by.reps.items()},
    )


def test_after_its_calendar_s_last_open_day_a_pool_that_waits_for_its_people_waits_in_real_time() -> None:
    pool = replace(INBOUND, hours="fair", when_nobody=WhenNobody(off_hours=Wait(Span(3600))))

    decision = decided(by=at_the_fair(rules(pools=[pool])))

    assert (decision.outcome, decision.until) == (Outcome.WAITING, MONDAY_TEN + timedelta(hours=1))


def test_after_its_calendar_s_last_open_day_an_offer_of_a_pool_ends_in_real_time() -> None:
    pool = replace(INBOUND, hours="fair", offer=(OfferStep("person", EVE, QUARTER), OfferStep("manager")))

    decision = decided(by=at_the_fair(rules(pools=[pool])))

    assert (decision.outcome, decision.until) == (Outcome.OFFERED, MONDAY_TEN + timedelta(minutes=15))


def test_after_their_calendar_s_last_open_day_whoever_looks_first_has_real_time() -> None:
    decision = decided(by=at_the_fair(rules(*reviewing(Span(60)).rules)))

    assert (decision.outcome, decision.until) == (Outcome.REVIEW, MONDAY_TEN + timedelta(hours=1))


def test_a_lead_is_not_handed_over_to_a_pool_that_never_opens_again() -> None:
    fair = replace(INBOUND, name="fair", hours="fair")
    night = Rule("At night", Assign(to=EVE), hand_over=HandOver("fair"))

    decision = decided(by=at_the_fair(rules(night, pools=[INBOUND, fair])))

    assert (decision.outcome, decision.owner, decision.takes_over) == (Outcome.ASSIGNED, EVE, None)
    assert decision.until is None
