"""Triggers: what else than a new lead starts something."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from router.case import Case
from router.conditions import ALWAYS, Condition, Facts, check
from router.meaning import understand
from router.rules import Nurture, RuleSet

Then = Literal["new_clock", "route_again"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """When the field `changed` of a decided lead has changed and `when` holds. `new_clock`: the owner keeps it, and a
    fresh clock starts. `route_again`: anybody may get it, unless a person has chosen its owner. `at` is
    `routing.yaml:12:5`."""

    changed: str
    then: Then
    when: Condition = ALWAYS
    at: str = ""


def is_watched(rules: RuleSet, rule: str) -> bool:
    """Whether leads that this rule keeps warm are routed again when their intent rises."""
    return any(each.name == rule and isinstance(each.then, Nurture) and each.then.watch for each in rules.rules)


def rank(rules: RuleSet, facts: Facts) -> int:
    """The place of the lead's intent in the file, the highest first; after all of them where it has none."""
    names = [intent.name for intent in rules.intent]
    intent = facts.get("intent")
    return names.index(str(intent)) if intent in names else len(names)


def pulled(
    triggers: Sequence[Trigger], case: Case, rules: RuleSet, changed: Collection[str], now: datetime
) -> Trigger | None:
    """The first trigger about one of the changed fields whose condition holds for the lead as it is now."""
    about = [trigger for trigger in triggers if trigger.changed in changed]
    if not about:
        return None
    facts = understand(case, rules, now).facts
    return next((trigger for trigger in about if check(trigger.when, facts).held), None)
