"""Rules that name somebody by what is known of the lead's company: who that is, and when the cover takes it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.hours import Span
from domain.leads import Value
from domain.people import Absence
from router.conditions import ALWAYS, Compare
from router.decide import consulted, fold
from router.rules import Assign, NamedAccount, Rule, RuleSet
from tests.router.office import BEN, CHO, EVE, MONDAY_TEN, RULES, case, decided, rules, state


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("account.parent.owner", "Ben Vogt owns the parent of the account"),
        ("account.open_opportunity.owner", "Ben Vogt has an open opportunity with the account"),
        ("account.team.csm", "Ben Vogt is the csm of the account"),
    ],
)
def test_a_reference_names_whoever_was_looked_up(reference: str, reason: str) -> None:
    lead = replace(case(), looked_up={reference: BEN})

    decision = decided(lead, rules(Rule("By reference", Assign(to=reference))))

    assert (decision.owner, decision.reason) == (BEN, f"{reason} (rule: By reference).")


def test_a_named_account_goes_to_whoever_was_given_it() -> None:
    named = replace(
        rules(Rule("Named", Assign(to="named_account.owner"), Compare("named_account.exists", "equals", True))),
        named_domains={"firm.example": NamedAccount("Firm", EVE, "firm.example")},
    )

    assert decided(case(), named).reason == "Eve Stone was given this company by name (rule: Named)."


def test_a_reference_that_is_nobody_counts_as_a_rule_that_does_not_match() -> None:
    decision = decided(case(), rules(Rule("By reference", Assign(to="account.team.csm"))))

    assert decision.rule == "fallback"


def to_ben(cover_after: Span | None) -> RuleSet:
    return rules(Rule("Ben's", Assign(to=BEN, cover_after=cover_after)))


def gone(hours: float, begins: float = -24, cover: str | None = CHO) -> Absence:
    """Ben is away until so many hours from now."""
    return Absence(BEN, MONDAY_TEN + timedelta(hours=begins), MONDAY_TEN + timedelta(hours=hours), cover)


@pytest.mark.parametrize(
    ("cover_after", "absences", "owner"),
    [
        pytest.param(None, [gone(1)], CHO, id="without a limit the cover takes it at once"),
        pytest.param(Span(1, "business_days"), [gone(23)], BEN, id="back tomorrow morning"),
        pytest.param(Span(1, "business_days"), [gone(25)], CHO, id="back too late tomorrow"),
        pytest.param(Span(9 * 3600, "working"), [gone(23)], BEN, id="counted in his own hours"),
        pytest.param(Span(9 * 3600, "elapsed"), [gone(23)], CHO, id="counted in real time"),
        pytest.param(Span(1, "business_days"), [gone(20), gone(60, begins=20)], CHO, id="one absence follows another"),
    ],
)
def test_who_is_back_in_time_keeps_the_lead(cover_after: Span | None, absences: list[Absence], owner: str) -> None:
    book, before = to_ben(cover_after), state(*absences)

    decision = decided(case(), book, before)

    assert decision.owner == owner
    assert decided(case(), book, consulted(decision, book, before)) == decision


def test_a_rule_sets_fields_with_its_outcome_only() -> None:
    sets: dict[str, Value] = {"custom.sequence": "smb_intro"}
    book = rules(Rule("Set", Assign(to=BEN), Compare("source", "equals", "web"), sets=sets))

    assert decided(case(source="web"), book).sets == sets
    assert decided(case(), book).sets == {}
    assert fold(state(), decided(case(source="web"), book)).standing[BEN].open_leads == 1
    assert not decided(case(), replace(RULES, rules=(Rule("x", Assign(to="account.owner"), ALWAYS, sets=sets),))).sets
