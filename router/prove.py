"""What can be proved about a rule set without any lead: rules that are never reached, and dates that never come.

Only what holds for every lead is reported. The proofs compare conditions as they are written, part by part, so that a
rule may be hidden in a way that they do not see. Rules are compared only where they have something in common: 5,000
take seconds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from router.conditions import ALWAYS, All, Any, Compare, Condition, InFile, Not, operands_of, plain_text
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
    hiding = {place: rule for place, rule in enumerate(rules.rules) if _hides(rule, rules)}
    catch_all = next((place for place, rule in hiding.items() if implies(ALWAYS, rule.when)), None)
    earlier = _Implied({place: rule.when for place, rule in hiding.items() if catch_all is None or place < catch_all})
    findings = []
    for place, rule in enumerate(rules.rules):
        if rule.starts and rule.ends and rule.starts > rule.ends:
            message = f"rule {rule.name!r} is never in force: it ends on {rule.ends}, before it starts on {rule.starts}"
            findings.append(Finding(place, NEVER_IN_FORCE, message, rule.at))
        by = earlier.first(rule.when, before=place)
        if by is not None:
            findings.append(Finding(place, HIDDEN, _hidden(rule, rules.rules[by], "all its leads"), rule.at))
        elif catch_all is not None and place > catch_all:
            message = _hidden(rule, rules.rules[catch_all], "every lead")
            findings.append(Finding(place, AFTER_CATCH_ALL, message, rule.at))
    if open_end := _open_end(rules):
        findings.append(Finding(None, FALLBACK_MAY_END_IN_NOBODY, open_end, ""))
    return findings


def _hides(rule: Rule, rules: RuleSet) -> bool:
    return rule.starts is None and rule.ends is None and _ends_in_somebody(rule, rules)


def _hidden(rule: Rule, earlier: Rule, leads: str) -> str:
    if isinstance(earlier.then, Assign):
        return f"rule {rule.name!r} is reached only when nobody is there for {earlier.name!r}, which matches {leads}"
    return f"rule {rule.name!r} is never reached: {earlier.name!r} before it matches {leads}"


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
_OTHER_VALUES = frozenset({"is_not", "not_in"})
_UPWARDS = frozenset({"at_least", "above"})
_DOWNWARDS = frozenset({"at_most", "below"})
_WITH_THE_LIMIT = frozenset({"at_least", "at_most"})


def _narrower(one: Compare, other: Compare) -> bool:
    """Whether one comparison of a field says no less than another one of the same field."""
    if {one.operator, other.operator} <= _SAME_VALUES:
        return _values(one) <= _values(other)
    if {one.operator, other.operator} <= _OTHER_VALUES:
        return _values(one) >= _values(other)
    if {one.operator, other.operator} <= _UPWARDS:
        return _limit(one) > _limit(other) or (_limit(one) == _limit(other) and other.operator in _WITH_THE_LIMIT)
    if {one.operator, other.operator} <= _DOWNWARDS:
        return _limit(one) < _limit(other) or (_limit(one) == _limit(other) and other.operator in _WITH_THE_LIMIT)
    return False


def _values(compare: Compare) -> set[str]:
    return {plain_text(value) for value in operands_of(compare.operand)}


def _limit(compare: Compare) -> float:
    return compare.operand if isinstance(compare.operand, int | float) else float("nan")


# Finding what may be implied -----------------------------------------------------------------------------------------


_Sign = tuple[object, ...]


class _Implied:
    """Conditions by what another one must say to imply them, so that few have to be compared with it."""

    def __init__(self, conditions: Mapping[int, Condition]) -> None:
        self._conditions = conditions
        self._needs = {place: tuple(_needs(condition)) for place, condition in conditions.items()}
        common = Counter(sign for needs in self._needs.values() for need in needs for sign in need)
        self._by_sign: dict[_Sign, list[int]] = {}
        for place, needs in self._needs.items():
            # Every need has to be met, so that it is enough to be found by the rarest.
            for sign in min(needs, key=lambda need: sum(common[sign] for sign in need)):
                self._by_sign.setdefault(sign, []).append(place)

    def first(self, condition: Condition, before: int) -> int | None:
        """The lowest place, below `before`, of a condition that this one implies."""
        signs = _signs(condition)
        places = sorted({place for sign in signs for place in self._by_sign.get(sign, ()) if place < before})
        return next((place for place in places if self._is_implied(place, condition, signs)), None)

    def _is_implied(self, place: int, condition: Condition, signs: Set[_Sign]) -> bool:
        if any(signs.isdisjoint(need) for need in self._needs[place]):
            return False
        return implies(condition, self._conditions[place])


def _needs(condition: Condition) -> Iterator[frozenset[_Sign]]:
    """Sets of signs. What `implies` this condition has at least one sign of each; having them proves nothing. Without
    any set, everything implies it."""
    match condition:
        case All(parts):
            for part in parts:
                yield from _needs(part)
        case Any(parts):
            each = [next(_needs(part), None) for part in parts]
            if None not in each:
                yield frozenset({("=", condition)}).union(*(need for need in each if need))
        case Not():
            yield frozenset({("=", condition), ("not",)})
        case Compare():
            yield frozenset({("=", condition), *_needs_of_field(condition)})
        case InFile():
            yield frozenset({("=", condition)})


def _needs_of_field(compare: Compare) -> Iterator[_Sign]:
    """See _narrower."""
    if compare.operator in _SAME_VALUES:
        yield from (("is", compare.field, value) for value in _values(compare))
        yield "is nothing", compare.field
    elif compare.operator in _OTHER_VALUES:
        yield "is not", compare.field, min(_values(compare), default=None)
    else:
        yield from _signs_of_field(compare)


def _signs(condition: Condition) -> frozenset[_Sign]:
    match condition:
        case All(parts):
            return frozenset().union(*(_signs(part) for part in parts))
        case Any(parts):
            # All parts have to imply the other condition, so that each of them has the signs.
            return frozenset({("=", condition)}).union(*(_signs(part) for part in parts[:1]))
        case Not():
            return frozenset({("=", condition), ("not",)})
        case Compare():
            return frozenset({("=", condition), *_signs_of_field(condition)})
        case InFile():
            return frozenset({("=", condition)})


def _signs_of_field(compare: Compare) -> Iterator[_Sign]:
    field = compare.field
    if compare.operator in _SAME_VALUES:
        values = _values(compare)
        yield ("is", field, min(values)) if values else ("is nothing", field)
    elif compare.operator in _OTHER_VALUES:
        yield from (("is not", field, value) for value in (*_values(compare), None))
    elif compare.operator in _UPWARDS:
        yield "up", field
    elif compare.operator in _DOWNWARDS:
        yield "down", field
