"""The rules that are tried for a lead: which of them match, and a record of what failed of each other.

Of a thousand rules the words are longer, and take longer, than everything else about a decision. The record has a
character for each; the words follow from it, from the configuration and from the values, all of which are stored, and
are made for whoever reads the page.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from domain.decisions import Decision, RulesTried, RuleTried
from router.conditions import Facts
from router.index import HOLDS, LATER
from router.rules import Rule, RuleSet

FALLBACK = "fallback"

_NOT_IN_FORCE = ord("-")


class Trying:
    """The rules in their order, held against one lead, until one decides."""

    def __init__(self, rules: RuleSet, facts: Facts, now: datetime) -> None:
        self._rules, self._facts = rules, facts
        self._marks = rules.index.marks(facts)
        for place in rules.dated:
            if _not_in_force(rules.rules[place], _day(now)):
                self._marks[place] = _NOT_IN_FORCE
        self._count = 0
        self._instead: dict[str, str] = {}

    def next_match(self) -> Rule | None:
        """The next rule that is in force and whose condition holds; None when all have been tried."""
        place = self._marks.find(HOLDS, self._count)
        while place >= 0 and not self._rules.index.holds(place, self._facts):
            self._marks[place] = LATER
            place = self._marks.find(HOLDS, place + 1)
        self._count = place + 1 if place >= 0 else len(self._marks)
        return self._rules.rules[place] if place >= 0 else None

    def decides_nothing(self, rule: Rule, why: str) -> None:
        """Note that the rule matches, and why the next ones are tried all the same."""
        self._instead[rule.name] = why

    def record(self, *, fallback: bool = False) -> RulesTried:
        """All rules up to the one that `next_match` gave last."""
        return RulesTried(self._marks[: self._count].decode("ascii"), self._instead, fallback)


def in_words(decision: Decision, rules: RuleSet | None) -> tuple[RuleTried, ...]:
    """Each rule that was tried, and why it matched or did not. `rules` are those of the configuration that the decision
    names; without them (this version cannot read it any more) rules and conditions have numbers instead of names."""
    explanation = decision.explanation
    if isinstance(explanation.rules, tuple):
        return explanation.rules
    return tuple(_in_words(explanation.rules, explanation.values, rules, _day(decision.decided_at)))


def with_rules_in_words(decision: Decision, rules: RuleSet | None) -> Decision:
    """The decision, with those words in place of the record."""
    return replace(decision, explanation=replace(decision.explanation, rules=in_words(decision, rules)))


def _in_words(tried: RulesTried, facts: Facts, rules: RuleSet | None, today: date) -> Iterator[RuleTried]:
    marks = tried.marks.encode("ascii")
    decides = None if tried.fallback else len(marks) - 1
    for place, mark in enumerate(marks):
        if rules is None:
            yield RuleTried(f"rule {place + 1}", place == decides, _without_names(mark, place == decides))
        elif mark == _NOT_IN_FORCE:
            rule = rules.rules[place]
            yield RuleTried(rule.name, False, _not_in_force(rule, today) or "it is not in force")
        else:
            name = rules.rules[place].name
            because = rules.index.check(place, mark, facts).because
            instead = f"; {tried.instead[name]}" if name in tried.instead else ""
            yield RuleTried(name, place == decides, f"{because}{instead}")
    if tried.fallback:
        yield RuleTried(FALLBACK, True, "no rule decides")


def _without_names(mark: int, decides: bool) -> str:
    if mark == HOLDS:
        return "it matches" if decides else "it matches, but decides nothing"
    if mark == _NOT_IN_FORCE:
        return "it is not in force"
    return "a condition fails" if mark == LATER else f"condition {chr(mark)} fails"


def _not_in_force(rule: Rule, today: date) -> str | None:
    if rule.starts and today < rule.starts:
        return f"it is in force from {rule.starts}"
    if rule.ends and today > rule.ends:
        return f"it was in force until {rule.ends}"
    return None


def _day(moment: datetime) -> date:
    """The day by which rules are in force."""
    return moment.astimezone(UTC).date()
