"""A pool passes over whoever cannot take a lead, and says why; when nobody can, it does what it says."""

from dataclasses import replace

import pytest

from domain.accounts import AccountMatch
from domain.decisions import Cause, Decision, Outcome, Why
from domain.hours import Span
from domain.people import Absence, Member, Overflow, Pool, ToPerson, Wait, WhenNobody
from router.decide import Case, Standing, State, consulted, decide, fold
from router.rotation import give_back
from router.rules import Assign, Rule, RuleSet
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
    TOM,
    WAIT_A_DAY,
    away,
    candidate,
    case,
    decided,
    of_the_bank,
    rules,
    state,
    why,
)

FIELD = Pool("field", (Member(EVE),), manager=MIA)
TO_THE_MANAGER = ToPerson("manager")


def with_nobody(when_nobody: WhenNobody, *more: Pool) -> RuleSet:
    return rules(pools=(replace(INBOUND, when_nobody=when_nobody), *more))


def everybody_full() -> tuple[RuleSet, State]:
    reps = {**REPS, **{rep: replace(REPS[rep], capacity=5) for rep in (ANA, BEN, CHO)}}
    full = {rep: Standing(open_leads=5) for rep in (ANA, BEN, CHO)}
    return replace(rules(), reps=reps), state(standing=full)


@pytest.mark.parametrize(
    ("given", "reason", "detail"),
    [
        pytest.param(state(away(ANA)), Why.AWAY, "away until 2026-11-25 10:00 UTC (holiday)", id="away"),
        pytest.param(
            state(standing={ANA: Standing(active=False)}),
            Why.INACTIVE,
            "the user is deactivated in the CRM",
            id="deactivated",
        ),
        pytest.param(
            state(standing={ANA: Standing(known=False)}),
            Why.UNKNOWN,
            "no user of this CRM has this address",
            id="unknown",
        ),
        pytest.param(state(without=[ANA]), Why.UNKNOWN, "no user of this CRM has this address", id="never heard of"),
        pytest.param(
            state(standing={ANA: Standing(open_leads=40)}), Why.FULL, "40 open leads of at most 40", id="at capacity"
        ),
    ],
)
def test_a_member_who_cannot_take_a_lead_is_passed_over_with_the_reason(given: State, reason: Why, detail: str) -> None:
    book = replace(rules(), reps={**REPS, ANA: replace(REPS[ANA], capacity=40)})

    decision = decided(by=book, given=given)

    assert decision.owner == BEN
    assert (why(decision, ANA), candidate(decision, ANA).detail) == (reason, detail)


def test_a_member_who_is_not_on_duty_is_passed_over() -> None:
    book = replace(rules(), reps={**REPS, CHO: replace(REPS[CHO], hours=None)})

    decision = decided(by=book, at=MONDAY_NIGHT)

    assert decision.owner == CHO
    assert candidate(decision, ANA).detail == "not on duty now (calendar office)"


def test_a_member_with_room_for_one_more_gets_it() -> None:
    book = replace(rules(), reps={**REPS, ANA: replace(REPS[ANA], capacity=40)})

    assert decided(by=book, given=state(standing={ANA: Standing(open_leads=39)})).owner == ANA


def test_an_absence_that_is_over_or_yet_to_come_keeps_nobody_from_a_lead() -> None:
    past = Absence(ANA, MONDAY_TEN.replace(hour=8), MONDAY_TEN)
    coming = Absence(ANA, MONDAY_TEN.replace(hour=11), MONDAY_TEN.replace(hour=12))

    assert decided(given=state(past, coming)).owner == ANA


def test_each_member_has_the_share_and_the_standing_that_decided() -> None:
    decision = decided(given=state(without=[CHO], ahead={ANA: 1}))

    ana, ben, cho = (candidate(decision, rep) for rep in (ANA, BEN, CHO))
    assert (decision.owner, ben.why, ana.why) == (BEN, Why.CHOSEN, Why.NOT_NEXT)
    assert (ana.share, ana.ahead, ben.share, ben.ahead) == (0.5, 1.0, 0.5, 0.0)
    assert (cho.share, cho.ahead) == (None, None)


def test_a_pool_that_is_closed_assigns_to_nobody() -> None:
    always_on = {rep: replace(REPS[rep], hours=None) for rep in (ANA, BEN, CHO)}
    book = replace(rules(pools=(replace(INBOUND, hours="office"),)), reps={**REPS, **always_on})

    assert decided(by=book, at=MONDAY_NIGHT).turn is None
    assert decided(by=book, at=MONDAY_TEN).owner == ANA


def test_a_pool_that_ignores_hours_assigns_day_and_night() -> None:
    assert decided(by=rules(pools=(replace(INBOUND, hours="ignore"),)), at=MONDAY_NIGHT).owner == ANA


def test_at_night_a_lead_waits_with_a_limit_and_then_goes_to_the_manager() -> None:
    decision = decided(by=with_nobody(WAIT_A_DAY), at=MONDAY_NIGHT)

    assert (decision.outcome, decision.owner, decision.queue) == (Outcome.WAITING, None, "inbound")
    assert (decision.responsible, decision.then) == (TOM, TOM)
    # The night counts from Tuesday's opening, so that a business day ends on Wednesday at nine.
    assert decision.until == MONDAY_TEN.replace(day=25, hour=9)


def test_a_wait_may_end_with_a_person() -> None:
    decision = decided(by=with_nobody(WhenNobody(off_hours=Wait(Span(3600, "elapsed"), then=MIA))), at=MONDAY_NIGHT)

    assert (decision.until, decision.then) == (MONDAY_NIGHT.replace(hour=23), MIA)


def test_one_who_is_on_holiday_does_not_turn_the_night_into_something_else() -> None:
    """At the next opening the others are there: the lead waits for them."""
    decision = decided(by=with_nobody(WAIT_A_DAY), given=state(away(ANA), without=[BEN]), at=MONDAY_NIGHT)

    assert decision.outcome == Outcome.WAITING


def test_when_all_are_at_capacity_the_lead_flows_over_to_another_pool() -> None:
    book, full = everybody_full()
    overflowing = replace(INBOUND, when_nobody=WhenNobody(full=Overflow("field")))

    decision = decided(by=replace(book, pools={"inbound": overflowing, "field": FIELD}), given=full)

    assert (decision.owner, decision.pool) == (EVE, "field")
    assert [tried.pool for tried in decision.explanation.pools] == ["inbound", "field"]
    assert decision.reason == (
        "Everybody is at capacity in pool inbound; Eve Stone is next in turn in pool field (rule: fallback)."
    )


def test_when_nobody_can_for_other_reasons_the_person_named_gets_it() -> None:
    decision = decided(by=with_nobody(WhenNobody(ineligible=ToPerson(MIA))), given=state(without=[ANA, BEN, CHO]))

    assert (decision.owner, decision.pool) == (MIA, "inbound")


def test_when_some_are_full_and_some_are_away_for_the_night_it_is_neither() -> None:
    reps = {**REPS, ANA: replace(REPS[ANA], capacity=0, hours=None)}
    book = replace(with_nobody(replace(WAIT_A_DAY, ineligible=ToPerson(MIA))), reps=reps)

    assert decided(by=book, at=MONDAY_NIGHT).owner == MIA


def test_pools_that_overflow_into_each_other_end() -> None:
    into_field = replace(INBOUND, when_nobody=WhenNobody(ineligible=Overflow("field")))
    into_inbound = replace(FIELD, when_nobody=WhenNobody(ineligible=Overflow("inbound")))
    book = rules(Rule("All", Assign(pool="inbound")), pools=(into_field, into_inbound), fallback=Assign(to=MIA))

    decision = decided(by=book, given=state(without=[ANA, BEN, CHO, EVE]))

    assert (decision.rule, decision.owner) == ("fallback", MIA)
    assert [tried.pool for tried in decision.explanation.pools] == ["inbound", "field", MIA]


def test_an_overflow_never_returns_a_lead_to_somebody_who_had_it() -> None:
    book = with_nobody(WhenNobody(ineligible=Overflow("field")), FIELD)

    decision = decided(replace(case(), had=(EVE,)), book, state(without=[ANA, BEN, CHO]))

    assert decision.owner == TOM


def test_without_a_step_for_the_reason_the_rule_does_not_match() -> None:
    book = rules(Rule("Inbound", Assign(pool="inbound")), pools=(INBOUND, FIELD), fallback=Assign(pool="field"))

    decision = decided(by=book, given=state(without=[ANA, BEN, CHO]))

    assert (decision.rule, decision.owner) == ("fallback", EVE)


def test_a_pool_of_one_still_keeps_its_account() -> None:
    decision = decided(by=rules(pools=(FIELD,), fallback=Assign(pool="field")))

    assert decision.turn is not None
    assert (decision.turn.rep, decision.turn.shares) == (EVE, {EVE: 1.0})


def test_pools_that_name_the_same_rotation_share_one_account() -> None:
    east = replace(INBOUND, name="east", rotation="emea")
    west = replace(INBOUND, name="west", rotation="emea")
    to_east, to_west = (rules(pools=(east, west), fallback=Assign(pool=name)) for name in ("east", "west"))

    first = decided(by=to_east)
    second = decided(by=to_west, given=fold(STATE, first))

    assert (first.owner, second.owner) == (ANA, BEN)


# Named people -----------------------------------------------------------------------------------------------------


NAMED = rules(Rule("Eve's", Assign(to=EVE)))


def test_a_person_who_is_away_is_replaced_by_the_cover() -> None:
    decision = decided(by=NAMED, given=state(away(EVE, cover=MIA)))

    assert (decision.owner, why(decision, EVE)) == (MIA, Why.AWAY)
    assert decision.reason == "Mia Lang covers for Eve Stone (rule: Eve's)."


def test_a_cover_who_is_away_is_replaced_by_the_covers_cover() -> None:
    assert decided(by=NAMED, given=state(away(EVE, cover=MIA), away(MIA, cover=BEN))).owner == BEN


def test_people_who_cover_for_each_other_while_both_are_away_are_nobody() -> None:
    assert decided(by=NAMED, given=state(away(EVE, cover=MIA), away(MIA, cover=EVE))).rule == "fallback"


def test_a_person_who_was_deactivated_is_nobody() -> None:
    assert decided(by=NAMED, given=state(standing={EVE: Standing(active=False)})).rule == "fallback"


# Handed on --------------------------------------------------------------------------------------------------------

RESERVED = replace(INBOUND, backup=(BEN, EVE))


def handed_on(to: str, *had: str, owner: str | None = None, cause: Cause = Cause.SLA) -> Case:
    """Ana did not answer in time."""
    return replace(
        case(), cycle=1, cause=cause, to=to, had=had or (ANA,), pool="inbound", owner=owner or ANA, tier="hot"
    )


def test_next_is_the_pools_rotation_without_those_who_had_the_lead() -> None:
    decision = decided(handed_on("next", ANA, BEN))

    assert (decision.owner, why(decision, ANA), why(decision, BEN)) == (CHO, Why.HAD_IT, Why.HAD_IT)
    assert decision.turn is not None
    assert decision.turn.shares == {CHO: 1.0}
    assert decision.reason == "Not answered in time; Cho Park is next in turn in pool inbound."


def test_next_without_anybody_left_is_the_manager() -> None:
    assert decided(handed_on("next", ANA, BEN, CHO)).owner == TOM


def test_backup_is_the_first_of_the_reserve_who_can() -> None:
    book = rules(pools=(RESERVED,))

    assert decided(handed_on("backup"), book).owner == BEN
    assert decided(handed_on("backup", ANA, BEN), book).owner == EVE
    assert decided(handed_on("backup"), book, state(away(BEN))).owner == EVE
    assert decided(handed_on("backup"), book).turn is None


def test_backup_without_a_reserve_is_the_manager() -> None:
    assert decided(handed_on("backup")).owner == TOM


def test_the_manager_is_the_owners_own_and_else_the_pools() -> None:
    book = rules(pools=(replace(INBOUND, manager=MIA),))

    assert decided(handed_on("manager"), book).owner == TOM
    assert decided(handed_on("manager", owner=EVE), book).owner == MIA


def test_a_manager_who_is_away_is_replaced_by_the_cover_and_else_by_the_pools() -> None:
    book = rules(pools=(replace(INBOUND, manager=MIA),))

    assert decided(handed_on("manager"), book, state(away(TOM, cover=EVE))).owner == EVE
    assert decided(handed_on("manager"), book, state(away(TOM))).owner == MIA


def test_a_manager_may_have_had_the_lead_before() -> None:
    assert decided(handed_on("manager", ANA, TOM)).owner == TOM


def test_a_person_whom_a_limit_names_gets_the_lead() -> None:
    decision = decided(handed_on(MIA, cause=Cause.LIMIT))

    assert (decision.owner, decision.reason) == (MIA, "The wait is over; it goes to Mia Lang.")


def test_a_lead_that_is_handed_on_keeps_its_tier_and_its_pool() -> None:
    decision = decided(handed_on("next"))

    assert (decision.tier, decision.pool) == ("hot", "inbound")


@pytest.mark.parametrize("to", ["next", "backup", "manager", MIA, "queue"])
def test_a_lead_that_is_handed_on_to_nobody_still_has_an_outcome(to: str) -> None:
    decision = decided(handed_on(to), given=State())

    assert (decision.outcome, decision.responsible) == (Outcome.REVIEW, TOM)


# The state --------------------------------------------------------------------------------------------------------


def test_folding_takes_the_turn_and_counts_the_lead() -> None:
    decision = decided()

    after = fold(STATE, decision)

    assert after.standing[ANA].open_leads == 1
    assert after.rotations["inbound"].account(ANA).taken == 1
    assert decision.turn is not None
    assert give_back(after.rotations["inbound"], decision.turn).account(ANA).ahead == 0.0


def test_leads_of_one_batch_fill_people_up_to_their_capacity() -> None:
    book = replace(
        with_nobody(WhenNobody(full=TO_THE_MANAGER)),
        reps={**REPS, **{rep: replace(REPS[rep], capacity=1) for rep in (ANA, BEN, CHO)}},
    )
    current, owners = STATE, []
    for _ in range(4):
        decision = decided(by=book, given=current)
        current = fold(current, decision)
        owners.append(decision.owner)

    assert owners == [ANA, BEN, CHO, TOM]


OVERFLOWING = with_nobody(WhenNobody(ineligible=Overflow("field")), FIELD)
ACCOUNTS = rules(Rule("Accounts", Assign(to="account.owner")))
BUSY = state(standing={EVE: Standing(open_leads=3)})


@pytest.mark.parametrize(
    ("of", "by", "given"),
    [
        pytest.param(case(), rules(), state(ahead={ANA: 2, EVE: 7}), id="a rotation"),
        pytest.param(case(), OVERFLOWING, state(without=[ANA, BEN, CHO]), id="an overflow"),
        pytest.param(case(), NAMED, state(away(EVE, cover=MIA), away(MIA, cover=BEN), away(TOM)), id="covers"),
        pytest.param(handed_on("backup"), rules(pools=(RESERVED,)), state(away(BEN)), id="a reserve"),
        pytest.param(handed_on("manager"), rules(), state(away(TOM)), id="a manager"),
        pytest.param(of_the_bank(), ACCOUNTS, BUSY, id="an account"),
        pytest.param(case(), rules(), State(), id="nobody"),
    ],
)
def test_the_part_of_the_state_that_is_stored_is_enough_to_decide_again(of: Case, by: RuleSet, given: State) -> None:
    decision: Decision = decided(of, by, given)

    stored = consulted(decision, by, given)

    assert decide(of, by, stored, MONDAY_TEN) == decision


def test_the_stored_part_leaves_out_people_who_were_not_asked() -> None:
    given = state(away(MIA), ahead={ANA: 1, EVE: 3})

    stored = consulted(decided(given=given), rules(), given)

    assert set(stored.standing) == {ANA, BEN, CHO}
    assert set(stored.rotations["inbound"].accounts) == {ANA}
    assert stored.absences == ()


def test_an_unknown_account_match_is_kept_in_the_explanation() -> None:
    match = AccountMatch(None, "none", "no account has this domain or company name")

    assert decided(replace(case(), account=match)).explanation.account == match
