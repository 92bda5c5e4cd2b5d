"""The first rule that matches decides; the fallback always ends in an outcome."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.accounts import AccountMatch, Duplicate
from domain.decisions import Cause, Outcome, RuleTried, Why
from domain.leads import Gone
from domain.people import Member, Pool
from router.conditions import ALWAYS, Compare
from router.decide import Standing
from router.rules import Assign, Disqualify, Named, Nurture, Rule, Territory
from router.tried import in_words
from tests.router.office import (
    ANA,
    BEN,
    CHO,
    EVE,
    EVERYBODY,
    INBOUND,
    MIA,
    MONDAY_TEN,
    RULES,
    TOM,
    away,
    case,
    decided,
    of_the_bank,
    rules,
    state,
    why,
)

FIELD = Pool("field", (Member(EVE),), manager=MIA)
LARGE = Rule("Large companies", Assign(pool="field"), Compare("employees", "at_least", 200))
GERMAN = Rule("Germany", Assign(pool="inbound"), Compare("country", "equals", "DE"))


def test_the_first_rule_that_matches_decides() -> None:
    book = rules(LARGE, GERMAN, pools=(INBOUND, FIELD))

    decision = decided(case(country="DE", employees=800), book)

    assert (decision.rule, decision.owner, decision.pool) == ("Large companies", EVE, "field")


def test_the_explanation_has_every_rule_that_was_tried_and_why_it_did_not_match() -> None:
    book = rules(LARGE, GERMAN, GERMAN, pools=(INBOUND, FIELD))

    decision = decided(case(country="DE", employees=120), book)

    assert in_words(decision, book) == (
        RuleTried("Large companies", False, "employees is 120, not at least 200"),
        RuleTried("Germany", True, "country is DE"),
    )


def test_a_lead_that_no_rule_matches_goes_to_the_fallback() -> None:
    decision = decided(case(country="FR"), rules(GERMAN))

    assert (decision.outcome, decision.rule, decision.pool) == (Outcome.ASSIGNED, "fallback", "inbound")
    assert in_words(decision, rules(GERMAN))[-1].matched


def test_whoever_owns_the_account_owns_its_leads() -> None:
    book = rules(Rule("Accounts", Assign(to="account.owner"), Compare("account.owner", "is_empty", False)))

    decision = decided(of_the_bank(), book)

    assert (decision.owner, decision.responsible, decision.turn) == (EVE, EVE, None)
    assert decision.reason == "Eve Stone owns the account Bank AG (rule: Accounts)."


def test_the_same_person_stays_with_one_owner() -> None:
    book = rules(Rule("Same person", Assign(to="duplicate.owner"), Compare("duplicate.exists", "equals", True)))
    again = replace(case(), duplicate=Duplicate("salesforce:00Q0", BEN, "email"))

    assert decided(again, book).owner == BEN
    assert decided(case(), book).rule == "fallback"


def test_a_rule_that_ends_in_nobody_counts_as_one_that_does_not_match() -> None:
    book = rules(Rule("Accounts", Assign(to="account.owner")), GERMAN)

    decision = decided(case(country="DE"), book)

    assert decision.rule == "Germany"
    assert in_words(decision, book)[0] == RuleTried("Accounts", False, "it matches every lead; but it ends in nobody")
    assert decision.explanation.pools[0].result == "account.owner is nobody"


def test_else_is_taken_where_the_first_choice_is_nobody() -> None:
    book = rules(Rule("Accounts", Assign(to="account.owner", otherwise=Assign(to="account.team.csm"))))
    lead = replace(of_the_bank(), looked_up={"account.team.csm": CHO})

    decision = decided(lead, book, state(away(EVE)))

    assert decision.owner == CHO
    assert decision.reason == "Cho Park is the csm of Bank AG (rule: Accounts)."


def test_the_manager_in_an_else_is_the_owners_own() -> None:
    book = rules(Rule("Accounts", Assign(to=ANA, otherwise=Assign(to="manager"))))

    assert decided(case(), book, state(without=[ANA])).owner == TOM


def test_the_manager_in_an_else_after_a_pool_is_the_pools() -> None:
    book = rules(Rule("Field", Assign(pool="field", otherwise=Assign(to="manager"))), pools=(INBOUND, FIELD))

    assert decided(case(), book, state(without=[EVE])).owner == MIA


@pytest.mark.parametrize(
    ("days", "matched"),
    [
        pytest.param(-1, False, id="the day before"),
        pytest.param(0, True, id="the first day"),
        pytest.param(7, True, id="the last day"),
        pytest.param(8, False, id="the day after"),
    ],
)
def test_a_rule_is_in_force_from_its_first_to_its_last_day(days: int, matched: bool) -> None:
    campaign = Rule("Campaign", Disqualify("test"), starts=date(2026, 11, 23), ends=date(2026, 11, 30))

    decision = decided(by=rules(campaign), at=MONDAY_TEN + timedelta(days=days))

    assert (decision.rule == "Campaign") is matched


def test_a_lead_that_is_not_for_sales_yet_is_kept_in_a_queue() -> None:
    decision = decided(by=replace(rules(Rule("Later", Nurture("marketing"))), tiers=(Named("hot", ALWAYS),)))

    assert (decision.outcome, decision.queue, decision.responsible) == (Outcome.NURTURED, "marketing", MIA)
    assert (decision.owner, decision.tier) == (None, None)


def test_a_disqualified_lead_says_why() -> None:
    decision = decided(by=rules(Rule("No fit", Disqualify("no_fit"))))

    assert (decision.outcome, decision.owner) == (Outcome.DISQUALIFIED, None)
    assert decision.reason == "Not for sales: no_fit (rule: No fit)."


def test_a_record_that_is_gone_is_nobodys() -> None:
    gone = replace(case(), lead=replace(case().lead, gone=Gone.CONVERTED))

    assert (decided(gone).outcome, decided(gone).owner) == (Outcome.GONE, None)


def test_the_rules_own_tier_wins_over_the_first_that_holds() -> None:
    tiers = (Named("large", Compare("employees", "above", 100)), Named("standard", ALWAYS))
    book = replace(rules(replace(GERMAN, sla="hot")), tiers=tiers)

    assert decided(case(country="DE", employees=500), book).tier == "hot"
    assert decided(case(employees=500), book).tier == "large"
    assert decided(case(), book).tier == "standard"


def test_the_territory_names_the_pool() -> None:
    territories = (Territory("dach", GERMAN.when, "field"), Territory("rest", ALWAYS))
    book = replace(
        rules(Rule("By territory", Assign(pool="territory.pool")), pools=(INBOUND, FIELD)), territories=territories
    )

    assert decided(case(country="DE"), book).pool == "field"
    assert decided(case(country="FR"), book).rule == "fallback"


def test_where_nobody_at_all_can_take_a_lead_the_fallbacks_manager_gets_it() -> None:
    decision = decided(given=state(without=[ANA, BEN, CHO]))

    assert (decision.outcome, decision.owner) == (Outcome.ASSIGNED, TOM)


def test_where_even_the_manager_is_not_there_a_person_has_to_look() -> None:
    decision = decided(given=state(away(TOM), without=[ANA, BEN, CHO]))

    assert (decision.outcome, decision.owner, decision.responsible) == (Outcome.REVIEW, None, TOM)
    assert decision.reason == "Nobody can take this lead now: a person has to look (rule: fallback)."


def test_the_manager_of_a_pool_in_the_fallbacks_else_is_the_last_resort() -> None:
    book = rules(fallback=Assign(to="account.owner", otherwise=Assign(pool="inbound")))

    assert decided(by=book, given=state(without=[ANA, BEN, CHO])).owner == TOM
    assert decided(by=book, given=state(without=EVERYBODY)).responsible == TOM


def test_a_person_who_had_the_lead_is_not_given_it_again_by_a_rule() -> None:
    book = rules(Rule("Accounts", Assign(to="account.owner")))

    decision = decided(replace(of_the_bank(), had=(EVE,), cycle=1, cause=Cause.REJECTED), book)

    assert decision.owner != EVE
    assert why(decision, EVE) == Why.HAD_IT


def test_an_ambiguous_account_owns_nothing() -> None:
    book = rules(Rule("Accounts", Assign(to="account.owner"), Compare("account.exists", "equals", True)))
    unclear = replace(case(), account=AccountMatch(None, "ambiguous", "2 accounts fit", ("A", "B")))

    assert decided(unclear, book).rule == "fallback"


def test_the_reason_fits_the_field_in_the_crm() -> None:
    decision = decided(by=rules(Rule("x" * 400, Assign(pool="inbound"))))

    assert len(decision.reason) == 255


def test_a_person_may_be_named_in_capitals() -> None:
    assert decided(by=rules(Rule("Ana's", Assign(to=ANA.upper())))).owner == ANA


def test_a_full_person_who_is_named_gets_the_lead_all_the_same() -> None:
    reps = {**RULES.reps, ANA: replace(RULES.reps[ANA], capacity=1)}
    full = state(standing={ANA: Standing(open_leads=5)})

    night = MONDAY_TEN.replace(hour=23)

    assert decided(by=replace(rules(Rule("Ana's", Assign(to=ANA))), reps=reps), given=full, at=night).owner == ANA


@pytest.mark.parametrize("absent", [(), (BEN,), EVERYBODY], ids=["all there", "one away", "nobody there"])
def test_the_same_inputs_give_the_same_decision(absent: tuple[str, ...]) -> None:
    given = state(*(away(rep) for rep in absent))

    assert decided(given=given) == decided(given=given)
