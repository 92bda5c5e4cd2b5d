"""What can be proved about a rule set without any lead: rules that are never reached, and dates that never come.

Only what holds for every lead is reported. The proofs compare conditions as they are written, part by part, so that a
rule may be hidden in a way that they do not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from router.conditions import ALWAYS, All, Any, Compare, Condition, Not, plain_text
from router.placing import TERRITORY_POOL
from router.rules import Assign, Experiment, Review, Rule, RuleSet

AFTER_CATCH_ALL = "P101"
HIDDEN = "P102"
NEVER_IN_FORCE = "P103"
FALLBACK_MAY_END_IN_NOBODY = "P104"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was proved. `rule_index` counts from 0 in the order of the file, None is the fallback; `at` is
    where the rule was written (`routing.yaml:12:5`). `id` is one of the constants above."""

    rule_index: int | None
    id: str
    message: str
    at: str


def prove(rules: RuleSet) -> list[Finding]:
    """Everything that can be proved, in the order of the rules, the fallback last. At most one finding about being
    hidden for each rule: the first earlier rule that hides it."""
    findings = [found for index, rule in enumerate(rules.rules) for found in _about(index, rule, rules)]
    if message := _open_end(rules):
        findings.append(Finding(None, FALLBACK_MAY_END_IN_NOBODY, message, ""))
    return findings


def _about(index: int, rule: Rule, rules: RuleSet) -> Iterator[Finding]:
    if rule.starts and rule.ends and rule.starts > rule.ends:
        message = f"rule {rule.name!r} is never in force: it ends on {rule.ends}, before it starts on {rule.starts}"
        yield Finding(index, NEVER_IN_FORCE, message, rule.at)
    for earlier in rules.rules[:index]:
        if not _always_in_force(earlier) or not _ends_in_somebody(earlier, rules):
            continue
        if implies(ALWAYS, earlier.when):
            yield Finding(index, AFTER_CATCH_ALL, _hidden(rule, earlier, "every lead"), rule.at)
            return
        if implies(rule.when, earlier.when):
            yield Finding(index, HIDDEN, _hidden(rule, earlier, "all its leads"), rule.at)
            return


def _hidden(rule: Rule, earlier: Rule, leads: str) -> str:
    if isinstance(earlier.then, Assign):
        return f"rule {rule.name!r} is reached only when nobody is there for {earlier.name!r}, which matches {leads}"
    return f"rule {rule.name!r} is never reached: {earlier.name!r} before it matches {leads}"


def _always_in_force(rule: Rule) -> bool:
    return rule.starts is None and rule.ends is None


def _ends_in_somebody(rule: Rule, rules: RuleSet) -> bool:
    """Whether a rule that matches decides. A pool or person that is named counts, although nobody may be there at
    times: what happens then is written with `else` or `when_nobody`. A reference that may name nobody does not."""
    match rule.then:
        case Assign():
            return any(_names_somebody(step, rules) for step in rule.then.chain())
        case Review():  # the rules after it decide once it is answered
            return None not in (rule.then.approved, rule.then.rejected, rule.then.no_answer)
        case Experiment(arms=arms):
            return all(any(_names_somebody(step, rules) for step in arm.then.chain()) for arm in arms)
        case _:
            return True


def _names_somebody(step: Assign, rules: RuleSet) -> bool:
    if step.pool == TERRITORY_POOL:
        covered = any(implies(ALWAYS, territory.when) for territory in rules.territories)
        return covered and all(territory.pool for territory in rules.territories)
    return bool(step.pool) or "@" in (step.to or "")


def _open_end(rules: RuleSet) -> str | None:
    """Why a lead that nobody can take may have nobody to answer for it; None where somebody always does."""
    if rules.last_resort:
        return None
    last = tuple(rules.fallback.chain())[-1]
    named = last.pool or last.to
    return (
        f"the fallback may end in nobody: {named!r} has no manager; let it end in a person or in a pool with a manager"
    )


def implies(one: Condition, other: Condition) -> bool:
    """Whether every lead for which `one` holds is seen to have `other` hold too. True is a proof; False is not."""
    if one == other:
        return True
    match one, other:
        case _, All(parts):
            return all(implies(one, part) for part in parts)
        case Any(parts), _ if parts:
            return all(implies(part, other) for part in parts)
        case _, Any(parts) if any(implies(one, part) for part in parts):
            return True
        case All(parts), _:
            return any(implies(part, other) for part in parts)
        case Not(inner), Not(outer):
            return implies(outer, inner)
        case Compare(), Compare() if one.field == other.field:
            return _narrower(one, other)
    return False


_SAME_VALUES = frozenset({"equals", "in"})
_UPWARDS = frozenset({"at_least", "above"})
_DOWNWARDS = frozenset({"at_most", "below"})
_WITH_THE_LIMIT = frozenset({"at_least", "at_most"})


def _narrower(one: Compare, other: Compare) -> bool:
    """Whether one comparison of a field says no less than another one of the same field."""
    if {one.operator, other.operator} <= _SAME_VALUES:
        return _values(one) <= _values(other)
    if {one.operator, other.operator} <= {"is_not", "not_in"}:
        return _values(one) >= _values(other)
    if {one.operator, other.operator} <= _UPWARDS:
        return _limit(one) > _limit(other) or (_limit(one) == _limit(other) and other.operator in _WITH_THE_LIMIT)
    if {one.operator, other.operator} <= _DOWNWARDS:
        return _limit(one) < _limit(other) or (_limit(one) == _limit(other) and other.operator in _WITH_THE_LIMIT)
    return False


def _values(compare: Compare) -> set[str]:
    operand = compare.operand if isinstance(compare.operand, tuple) else (compare.operand,)
    return {plain_text(value) for value in operand}


def _limit(compare: Compare) -> float:
    return compare.operand if isinstance(compare.operand, int | float) else float("nan")
