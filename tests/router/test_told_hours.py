"""Hours that a CRM tells of somebody for whom `config/` has none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.decisions import Decision, Outcome, Why
from domain.hours import Span
from domain.people import Member, OfferStep, Pool, WorkingHours
from router.decide import consulted
from router.rules import Assign, HandOver, Review, Rule, RuleSet
from tests.router.office import (
    ANA,
    BEN,
    CHO,
    EVE,
    EVERYBODY,
    INBOUND,
    MIA,
    MONDAY_NIGHT,
    REPS,
    RULES,
    STATE,
    WAIT_A_DAY,
    decided,
    why,
)

WEEK = tuple(((9 * 3600, 17 * 3600),) if day < 5 else () for day in range(7))
TOLD = {rep: WorkingHours(f"working hours of {rep}", "UTC", WEEK) for rep in EVERYBODY}
GIVEN = replace(STATE, hours=TOLD)
TUESDAY_NINE = MONDAY_NIGHT + timedelta(hours=11)


def without_hours(*rules: Rule, **pool: object) -> RuleSet:
    reps = {email: replace(rep, hours=None) for email, rep in REPS.items()}
    pools = {"inbound": replace(INBOUND, **pool)}  # type: ignore[arg-type]
    return replace(RULES, rules=rules, reps=reps, pools=pools)


def replayed(decision: Decision, by: RuleSet) -> Decision:
    """Made again from no more than what is stored with it."""
    return decided(by=by, given=consulted(decision, by.with_hours(TOLD), GIVEN), at=decision.decided_at)


def test_somebody_without_hours_works_by_those_that_were_told() -> None:
    made = decided(by=without_hours(), given=replace(GIVEN, hours={ANA: TOLD[ANA]}), at=MONDAY_NIGHT)

    assert (why(made, ANA), made.owner) == (Why.OFF_HOURS, BEN)


def test_hours_of_the_configuration_win_over_those_that_were_told() -> None:
    night = WorkingHours("working hours of the night", "UTC", (((20 * 3600, 24 * 3600),),) * 7)

    made = decided(given=replace(STATE, hours=dict.fromkeys(EVERYBODY, night)), at=MONDAY_NIGHT)

    assert [why(made, rep) for rep in (ANA, BEN, CHO)] == [Why.OFF_HOURS] * 3


REVIEWED = Rule("Somebody looks", then=Review("marketing", Span(3600), None, None, None))
HANDED = Rule("Handed over", then=Assign(to=MIA), hand_over=HandOver("inbound"))
AT_NIGHT = Rule("At night", then=Assign(pool="night"), hand_over=HandOver("inbound"))
NIGHT = Pool("night", (Member(EVE),), manager=MIA)
OFFERS = replace(NIGHT, hours="ignore", offer=(OfferStep("next", limit=Span(900)), OfferStep("manager")))
WAITS = replace(NIGHT, when_nobody=WAIT_A_DAY)


def with_a_night_pool(night: Pool) -> RuleSet:
    by = without_hours(AT_NIGHT)
    return replace(by, pools={**by.pools, "night": night})


@pytest.mark.parametrize(
    "by",
    [
        pytest.param(without_hours(when_nobody=WAIT_A_DAY), id="a wait of a pool that goes by its members"),
        pytest.param(without_hours(REVIEWED), id="a review by a manager"),
        pytest.param(without_hours(HANDED), id="a hand-over to a pool that goes by its members"),
        pytest.param(with_a_night_pool(OFFERS), id="an offer at night, and such a hand-over"),
        pytest.param(with_a_night_pool(WAITS), id="a wait at night, and such a hand-over"),
    ],
)
def test_a_decision_that_looked_at_told_hours_is_made_again_from_what_is_stored(by: RuleSet) -> None:
    made = decided(by=by, given=GIVEN, at=MONDAY_NIGHT)

    assert made.until is not None
    assert made.until >= TUESDAY_NINE
    assert replayed(made, by) == made


def test_a_pool_that_goes_by_its_members_waits_by_their_told_hours() -> None:
    made = decided(by=without_hours(when_nobody=WAIT_A_DAY), given=GIVEN, at=MONDAY_NIGHT)

    assert (made.outcome, made.until) == (Outcome.WAITING, TUESDAY_NINE + timedelta(days=1))
