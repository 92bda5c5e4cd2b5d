"""How a pool shares its leads: by weights that change, by load, by value, among those who fit, within limits; and what
an absence is owed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.decisions import Why
from domain.hours import Span
from domain.people import Absence, CatchUp, Limit, Member, PassOver, Pool, Rep, Results, ToPerson, Wait, WhenNobody
from router.case import Given
from router.conditions import Compare
from router.decide import Case, Standing, State, consulted, decide, fold
from router.fitting import Fit, Fits
from router.limits import moments
from router.rules import RuleSet
from tests.router.office import (
    ANA,
    BEN,
    CHO,
    EVE,
    INBOUND,
    MIA,
    MONDAY_NIGHT,
    MONDAY_TEN,
    REPS,
    STATE,
    candidate,
    case,
    decided,
    rules,
    state,
    why,
)

DAY = timedelta(days=1)


def book(fits: Fits | None = None, reps: dict[str, Rep] | None = None, **pool: Any) -> RuleSet:
    """The office, with an inbound pool that shares in another way and people who are different."""
    changed = replace(INBOUND, **pool)
    found = rules(pools=(changed, Pool("field", (Member(EVE),), manager=MIA)))
    return replace(found, fits={"inbound": fits} if fits else {}, reps={**REPS, **(reps or {})})


def rep(email: str, **changes: Any) -> Rep:
    return replace(REPS[email], **changes)


def shared_out(
    by: RuleSet, leads: int, given: State = STATE, at: datetime = MONDAY_TEN, of: Sequence[Case] | None = None
) -> tuple[list[str | None], State]:
    """Who gets so many leads in turn, and the state after them; each decision can be made again from what it stored."""
    owners = []
    for number in range(leads):
        one = of[number % len(of)] if of else case()
        decision = decide(one, by, given, at)
        assert decide(one, by, consulted(decision, by, given), at) == decision
        owners.append(decision.owner)
        given = fold(given, decision)
    return owners, given


# Methods ------------------------------------------------------------------------------------------------------------


def loads(**open_leads: int) -> State:
    names = {"ana": ANA, "ben": BEN, "cho": CHO}
    return state(standing={names[name]: Standing(open_leads=held) for name, held in open_leads.items()})


def test_least_loaded_gives_the_lead_to_whoever_has_the_fewest_open_ones() -> None:
    decision = decided(by=book(method="least_loaded"), given=loads(ana=7, ben=5, cho=6))

    assert decision.owner == BEN
    assert (why(decision, ANA), candidate(decision, ANA).detail) == (Why.BUSIER, "7 open leads, others have 5")
    assert decision.reason == "Ben Vogt has the fewest open leads in pool inbound (rule: fallback)."


def test_among_equally_loaded_people_least_loaded_takes_turns() -> None:
    owners, _ = shared_out(book(method="least_loaded"), 9, loads(ana=2, ben=2, cho=5))

    assert Counter(owners) == {ANA: 4, BEN: 4, CHO: 1}
    assert owners[:2] == [ANA, BEN]


def test_round_robin_pays_no_regard_to_weights() -> None:
    uneven = (Member(ANA, 5), Member(BEN), Member(CHO))

    assert Counter(shared_out(book(method="round_robin", members=uneven), 6)[0]) == {ANA: 2, BEN: 2, CHO: 2}


def test_weights_from_results_stay_between_floor_and_ceiling() -> None:
    attained = Results(0.5, 2.0, {ANA: 4.0, BEN: 1.0, CHO: 0.1})

    owners, _ = shared_out(book(results=attained), 35)

    assert Counter(owners) == {ANA: 20, BEN: 10, CHO: 5}


def test_results_that_stand_for_a_period_win_over_what_the_file_says_by_now() -> None:
    standing = replace(STATE, results={"inbound": {ANA: 1.0, BEN: 1.0, CHO: 2.0}})
    attained = Results(0.5, 2.0, {ANA: 2.0, BEN: 1.0, CHO: 1.0}, every="week")

    assert Counter(shared_out(book(results=attained), 8, standing)[0]) == {ANA: 2, BEN: 2, CHO: 4}


# Results with similar leads ------------------------------------------------------------------------------------------

ALIKE = Results(0.5, 2.0, every="week", similar=("industry",))
BANKING = {"inbound": {"industry banking": {ANA: 2.0, BEN: 1.0, CHO: 1.0}}}


def of_industries(*industries: str | None) -> list[Case]:
    return [case(industry=industry) if industry else case() for industry in industries]


def test_a_lead_is_shared_out_by_the_results_with_leads_like_it() -> None:
    knows = replace(STATE, results={"inbound": {ANA: 0.5, BEN: 1.0, CHO: 1.0}}, similar=BANKING)
    given_out = {
        of: Counter(shared_out(book(results=ALIKE), 20, knows, of=of_industries(of))[0]) for of in ("Banking", "retail")
    }

    assert given_out == {"Banking": {ANA: 10, BEN: 5, CHO: 5}, "retail": {ANA: 4, BEN: 8, CHO: 8}}


def test_each_kind_with_results_of_its_own_has_turns_of_its_own_and_all_others_share_theirs() -> None:
    knows = replace(STATE, similar=BANKING)
    leads = of_industries("banking", "retail", "banking", None, "banking", "media", "banking", "toys")

    owners, after = shared_out(book(results=ALIKE), 400, knows, of=leads)

    assert set(after.rotations) == {"inbound", "inbound (industry banking)"}
    assert Counter(owners[0::2]) == {ANA: 100, BEN: 50, CHO: 50}
    assert sorted(Counter(owners[1::2]).values()) == [66, 67, 67]


def test_the_explanation_says_of_which_leads_the_share_is() -> None:
    decision = decided(case(industry="banking"), by=book(results=ALIKE), given=replace(STATE, similar=BANKING))

    assert candidate(decision, ANA).detail == "50% of the leads of industry banking"
    assert decision.reason.startswith("Ana Keller is next in turn for leads of industry banking in pool inbound")


def test_who_joined_after_the_results_were_worked_out_goes_by_what_is_known_of_him() -> None:
    knows = replace(
        STATE, results={"inbound": {CHO: 2.0}}, similar={"inbound": {"industry banking": {ANA: 1.0, BEN: 1.0}}}
    )

    owners, _ = shared_out(book(results=ALIKE), 8, knows, of=of_industries("banking"))

    assert Counter(owners) == {ANA: 2, BEN: 2, CHO: 4}


def test_a_decision_stores_only_the_results_with_leads_like_it() -> None:
    knows = replace(STATE, similar={"inbound": {**BANKING["inbound"], "industry retail": {ANA: 1.0}}, "field": {}})
    by = book(results=ALIKE)

    decision = decide(case(industry="banking"), by, knows, MONDAY_TEN)

    assert consulted(decision, by, knows).similar == BANKING


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        pytest.param(date(2026, 11, 23), {ANA: 2, BEN: 4, CHO: 4}, id="the first week"),
        pytest.param(date(2026, 11, 10), {ANA: 3, BEN: 4, CHO: 4}, id="the second week"),
        pytest.param(date(2026, 11, 9), {ANA: 4, BEN: 4, CHO: 4}, id="afterwards"),
    ],
)
def test_a_ramp_gives_a_share_of_the_weight_in_the_first_weeks(started: date, expected: dict[str, int]) -> None:
    by = book(ramp=(0.5, 0.75), reps={ANA: rep(ANA, started=started)})

    assert Counter(shared_out(by, sum(expected.values()))[0]) == expected


def test_the_ramp_is_named_in_the_explanation() -> None:
    by = book(ramp=(0.5,), reps={ANA: rep(ANA, started=date(2026, 11, 23))})

    assert candidate(decided(by=by), ANA).detail == "20% of the leads; week 1 after the start: 50% of the weight"


def test_somebody_who_starts_tomorrow_gets_no_lead_today() -> None:
    decision = decided(by=book(reps={ANA: rep(ANA, started=date(2026, 11, 24))}))

    assert decision.owner == BEN
    assert (why(decision, ANA), candidate(decision, ANA).detail) == (Why.NOT_STARTED, "starts on 2026-11-24")


# Value --------------------------------------------------------------------------------------------------------------


def test_a_pool_that_balances_a_value_gives_small_leads_to_whoever_had_a_large_one() -> None:
    leads = [case(deal_size=90_000), *[case(deal_size=30_000)] * 6]

    owners, after = shared_out(book(balance_by="deal_size"), 7, of=leads)

    account = after.rotations["inbound by deal_size"]
    assert Counter(owners) == {ANA: 1, BEN: 3, CHO: 3}
    assert {rep: account.account(rep).taken for rep in (ANA, BEN, CHO)} == dict.fromkeys((ANA, BEN, CHO), 9_000_000)


@pytest.mark.parametrize(
    "value",
    [None, 0, -5, float("nan"), float("inf"), 1e300, 0.001, True, "a lot"],
    ids=["none", "nothing", "negative", "not a number", "infinite", "absurd", "less than a hundredth", "yes", "text"],
)
def test_leads_without_a_usable_value_are_shared_out_by_number_apart_from_the_others(value: Any) -> None:
    owners, after = shared_out(book(balance_by="deal_size"), 6, of=[case(deal_size=value)])

    assert Counter(owners) == {ANA: 2, BEN: 2, CHO: 2}
    assert "inbound by deal_size" not in after.rotations


def test_the_explanation_says_when_a_lead_was_counted_for_want_of_a_value() -> None:
    decision = decided(by=book(balance_by="deal_size"))

    assert decision.reason == (
        "Ana Keller is next in turn by number of leads, without a deal_size, in pool inbound (rule: fallback)."
    )


# Fit ----------------------------------------------------------------------------------------------------------------

SKILLED = {
    ANA: rep(ANA, level="senior", languages=("de", "en"), skills={"industry": ("fintech",), "product": ("billing",)}),
    BEN: rep(BEN, level="junior", languages=("en",), skills={"industry": ("fintech", "Retail")}),
    CHO: rep(CHO, level="senior", languages=("ko",)),
}


@pytest.mark.parametrize(
    ("lead", "owners"),
    [
        pytest.param({"industry": "Fintech"}, {ANA, BEN}, id="one skill"),
        pytest.param({"industry": "fintech", "product": "billing"}, {ANA}, id="skills of two kinds"),
        pytest.param({"industry": ("retail", "fintech")}, {BEN}, id="several values"),
        pytest.param({}, {ANA, BEN, CHO}, id="nothing that would need a skill"),
        pytest.param({"use_case": "audit"}, {ANA, BEN, CHO}, id="a kind by which nobody differs"),
    ],
)
def test_skills_that_match_cover_what_the_lead_has(lead: dict[str, Any], owners: set[str]) -> None:
    by = book(Fits(Fit(match=("skills",))), SKILLED)

    assert set(shared_out(by, 6, of=[case(**lead)])[0]) == owners


def test_whoever_does_not_fit_is_passed_over_with_the_reason() -> None:
    senior = Fit(Compare("level", "equals", "senior"), ("skills",))
    decision = decided(case(industry="retail"), book(Fits(senior), SKILLED, when_nobody=TO_MIA))

    assert decision.owner == MIA
    assert {why(decision, each) for each in (ANA, BEN, CHO)} == {Why.UNFIT}
    assert candidate(decision, BEN).detail == "level is junior, not senior"
    assert candidate(decision, CHO).detail == "industry retail is not among the skills"


TO_MIA = WhenNobody(ineligible=ToPerson(MIA))
LANGUAGES = Fits(prefer=(Fit(match=("languages",)), Fit(Compare("languages", "any_of", ("en",)))))


@pytest.mark.parametrize(
    ("language", "owners"),
    [
        pytest.param("ko", {CHO}, id="whoever speaks it"),
        pytest.param("de-AT", {ANA}, id="a variety of it"),
        pytest.param("fr", {ANA, BEN}, id="English where nobody speaks it"),
        pytest.param(None, {ANA, BEN, CHO}, id="anybody where none is known"),
    ],
)
def test_the_first_preference_that_leaves_anybody_decides(language: str | None, owners: set[str]) -> None:
    assert set(shared_out(book(LANGUAGES, SKILLED), 6, of=[case(language=language)])[0]) == owners


def test_a_preference_that_nobody_meets_passes_over_nobody() -> None:
    speaks = book(Fits(prefer=(Fit(Compare("region", "equals", "mars")),)), SKILLED)

    assert set(shared_out(speaks, 3)[0]) == {ANA, BEN, CHO}


def test_whoever_fits_less_well_is_named_with_the_reason() -> None:
    decision = decided(case(language="ko"), book(LANGUAGES, SKILLED))

    assert (why(decision, BEN), candidate(decision, BEN).detail) == (Why.NOT_PREFERRED, "does not speak ko")


def test_at_night_a_lead_that_only_one_fits_waits_for_the_morning() -> None:
    by = book(
        Fits(Fit(match=("languages",))), SKILLED, when_nobody=WhenNobody(off_hours=Wait(Span(1, "business_days")))
    )

    assert decided(case(language="ko"), by, at=MONDAY_NIGHT).queue == "inbound"


# Limits -------------------------------------------------------------------------------------------------------------

TWO_A_DAY = Limit(2, "day", per="per_day")


def counted(by: RuleSet, at: datetime = MONDAY_TEN, **leads: int) -> State:
    """So many leads were given to these people since each moment that counts."""
    names = {"ana": ANA, "ben": BEN, "cho": CHO}
    since = moments(by, at)
    return replace(
        STATE,
        given={
            rep: tuple(Given(moment, leads.get(name, 0)) for moment in sorted(since[rep]))
            for name, rep in names.items()
        },
    )


def test_a_limit_holds_within_a_batch_and_then_the_pool_is_full() -> None:
    by = book(limits=(TWO_A_DAY,), when_nobody=WhenNobody(full=ToPerson(MIA)))

    owners, _ = shared_out(by, 7, counted(by, ana=1))

    assert Counter(owners) == {ANA: 1, BEN: 2, CHO: 2, MIA: 2}


def test_whoever_is_over_a_limit_is_named_with_it() -> None:
    by = book(limits=(TWO_A_DAY,))
    decision = decided(by=by, given=counted(by, ana=2))

    assert (why(decision, ANA), candidate(decision, ANA).detail) == (Why.OVER_LIMIT, "2 leads of at most 2 per day")


@pytest.mark.parametrize(
    ("limit", "since"),
    [
        pytest.param(Limit(1, "day"), datetime(2026, 11, 23, tzinfo=UTC), id="since midnight"),
        pytest.param(Limit(1, "week"), datetime(2026, 11, 23, tzinfo=UTC), id="since Monday"),
        pytest.param(Limit(1, "month"), datetime(2026, 11, 1, tzinfo=UTC), id="since the first"),
        pytest.param(Limit(1, seconds=3600), datetime(2026, 11, 23, 9, 0, 0, 1, tzinfo=UTC), id="in the last hour"),
    ],
)
def test_limits_count_from_the_pools_own_midnight_or_roll(limit: Limit, since: datetime) -> None:
    assert moments(book(limits=(limit,)), MONDAY_TEN)[ANA] == {since}


# Being away, soon and before ----------------------------------------------------------------------------------------


def test_whoever_is_about_to_leave_is_passed_over() -> None:
    holiday = Absence(ANA, MONDAY_TEN + DAY, MONDAY_TEN + 5 * DAY)
    by = book(pass_over=PassOver(away_within=Span(2, "business_days")))

    decision = decided(by=by, given=state(holiday))

    assert (decision.owner, why(decision, ANA)) == (BEN, Why.LEAVING)
    assert decided(by=book(), given=state(holiday)).owner == ANA
    assert decide(case(), by, consulted(decision, by, state(holiday)), MONDAY_TEN) == decision


@pytest.mark.parametrize(
    ("hours_long", "owner"), [pytest.param(3, BEN, id="a long one"), pytest.param(2, ANA, id="a short one")]
)
def test_a_long_meeting_keeps_somebody_from_leads_where_the_pool_says_so(hours_long: int, owner: str) -> None:
    meeting = Absence(ANA, MONDAY_TEN, MONDAY_TEN + timedelta(hours=hours_long), meeting=True)
    by = book(pass_over=PassOver(meetings_longer_than=Span(2 * 3600)))

    assert decided(by=by, given=state(meeting)).owner == owner
    assert decided(by=book(), given=state(meeting)).owner == ANA


def test_whoever_has_not_logged_in_for_long_is_idle() -> None:
    by = replace(book(), idle_after=Span(1, "business_days"))
    friday = MONDAY_TEN - 3 * DAY
    seen = state(
        standing={ANA: Standing(last_login=friday - timedelta(minutes=1)), BEN: Standing(last_login=friday + DAY)}
    )

    decision = decided(by=by, given=seen)

    assert (decision.owner, why(decision, ANA)) == (BEN, Why.IDLE)
    assert candidate(decision, ANA).detail == "has not logged in to the CRM since 2026-11-20 09:59 UTC"


def test_the_reserve_stands_in_when_everybody_is_away() -> None:
    gone = state(*(Absence(each, MONDAY_TEN - DAY, MONDAY_TEN + DAY) for each in (ANA, BEN, CHO)))

    decision = decided(by=book(backup=(EVE,)), given=gone)

    assert decision.owner == EVE
    assert decision.reason == (
        "Everybody is away in pool inbound; Eve Stone is the backup of pool inbound (rule: fallback)."
    )


# What an absence is owed --------------------------------------------------------------------------------------------

HOLIDAY = Absence(ANA, MONDAY_TEN, MONDAY_TEN + DAY)
BACK = MONDAY_TEN + DAY


def after_a_holiday(
    after_absence: CatchUp | None, leads: int = 12, then: int = 12, at: datetime = BACK
) -> Counter[Any]:
    """Who gets the leads after Ana's holiday, during which the others had some."""
    by, given = book(after_absence=after_absence), state(HOLIDAY)
    owners, given = shared_out(by, leads, given, MONDAY_TEN)
    assert ANA not in owners
    return Counter(shared_out(by, then, given, at)[0])


def test_by_a_fair_share_nobody_catches_up() -> None:
    assert after_a_holiday(None) == {ANA: 4, BEN: 4, CHO: 4}


def test_whoever_catches_up_gets_what_was_missed() -> None:
    assert after_a_holiday(CatchUp()) == {ANA: 8, BEN: 2, CHO: 2}


def test_a_credit_ends_where_it_was_said_to_end() -> None:
    assert after_a_holiday(CatchUp(2)) == {ANA: 6, BEN: 3, CHO: 3}


def test_a_credit_that_is_not_used_in_time_expires() -> None:
    two_days = CatchUp(2, Span(2, "business_days"))

    assert after_a_holiday(two_days, at=BACK + DAY) == {ANA: 6, BEN: 3, CHO: 3}
    assert after_a_holiday(two_days, at=BACK + 3 * DAY) == {ANA: 4, BEN: 4, CHO: 4}


def test_somebody_who_would_not_have_had_the_leads_anyway_is_owed_nothing() -> None:
    by = book(after_absence=CatchUp(), reps={ANA: rep(ANA, capacity=0)})

    _, given = shared_out(by, 12, state(HOLIDAY), MONDAY_TEN)

    assert ANA not in given.rotations["inbound"].accounts


def test_uneven_weights_share_what_they_took_for_somebody_by_their_weights() -> None:
    members = (Member(ANA, 4), Member(BEN, 12), Member(CHO, 4))
    by = book(after_absence=CatchUp(), members=members)

    taken, given = shared_out(by, 40, state(HOLIDAY), MONDAY_TEN)

    assert Counter(taken) == {BEN: 30, CHO: 10}
    assert Counter(shared_out(by, 60, given, BACK)[0]) == {ANA: 20, BEN: 30, CHO: 10}
