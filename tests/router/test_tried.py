"""What was tried is kept as a character for each rule, and told in the words that `conditions.check` has for it."""

from dataclasses import replace
from datetime import date

from domain.decisions import Decision, RulesTried, RuleTried
from router.conditions import All, Any, Compare
from router.rules import Assign, Disqualify, Rule, RuleSet
from router.tried import in_words
from tests.router.office import case, decided, rules

LARGE = Rule(
    "Large banks",
    Disqualify("test"),
    All((Compare("industry", "equals", "banking"), Compare("employees", "at_least", 200))),
)
ACCOUNT = Rule("Accounts", Assign(to="account.owner"))
EITHER = Rule("Either", Disqualify("test"), Any((Compare("country", "equals", "DE"), Compare("score", "above", 5))))
PAST = Rule("Past", Disqualify("test"), ends=date(2026, 11, 22))
FUTURE = Rule("Future", Disqualify("test"), Compare("country", "equals", "FR"), starts=date(2026, 11, 24))
FRENCH = Rule("France", Disqualify("test"), Compare("country", "equals", "FR"))
MANY = Rule(
    "Many",
    Disqualify("test"),
    All(tuple(Compare("country", "is_not", code) for code in "AA BB CC DD EE GG HH FR".split())),
)

BOOK = rules(LARGE, ACCOUNT, EITHER, PAST, FUTURE, MANY, FRENCH, FRENCH)
FROM_FRANCE = case(industry="banking", employees=120, country="FR")


def tried(book: RuleSet = BOOK) -> tuple[RulesTried, Decision]:
    made = decided(FROM_FRANCE, book)
    assert isinstance(made.explanation.rules, RulesTried)
    return made.explanation.rules, made


def test_a_rule_takes_a_character_up_to_the_one_that_decides() -> None:
    found, _ = tried()

    assert found == RulesTried("2=+--+=", {"Accounts": "but it ends in nobody"})


def test_the_words_name_every_rule_and_what_failed() -> None:
    _, decision = tried()

    assert in_words(decision, BOOK) == (
        RuleTried("Large banks", False, "employees is 120, not at least 200"),
        RuleTried("Accounts", False, "it matches every lead; but it ends in nobody"),
        RuleTried("Either", False, "country is FR, not DE; score is missing"),
        RuleTried("Past", False, "it was in force until 2026-11-22"),
        RuleTried("Future", False, "it is in force from 2026-11-24"),
        RuleTried("Many", False, "country is FR"),
        RuleTried("France", True, "country is FR"),
    )


def test_without_the_configuration_rules_and_conditions_have_numbers() -> None:
    _, decision = tried()

    assert in_words(decision, None) == (
        RuleTried("rule 1", False, "condition 2 fails"),
        RuleTried("rule 2", False, "it matches, but decides nothing"),
        RuleTried("rule 3", False, "a condition fails"),
        RuleTried("rule 4", False, "it is not in force"),
        RuleTried("rule 5", False, "it is not in force"),
        RuleTried("rule 6", False, "a condition fails"),
        RuleTried("rule 7", True, "it matches"),
    )


def test_the_fallback_comes_after_all_rules() -> None:
    found, decision = tried(rules(LARGE))

    assert found == RulesTried("2", fallback=True)
    assert in_words(decision, rules(LARGE))[-1] == RuleTried("fallback", True, "no rule decides")


def test_a_lead_that_is_handed_on_has_tried_no_rule() -> None:
    handed_on = decided(replace(FROM_FRANCE, to="pool:inbound"), BOOK)

    assert handed_on.explanation.rules == RulesTried()


def test_words_that_an_earlier_version_has_stored_are_told_as_they_are() -> None:
    stored = (RuleTried("Large banks", False, "employees is 120, not at least 200"),)
    decision = decided(FROM_FRANCE, BOOK)

    assert in_words(replace(decision, explanation=replace(decision.explanation, rules=stored)), BOOK) == stored
