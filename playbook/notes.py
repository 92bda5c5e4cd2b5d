"""What is no mistake in `config/`, and may not do what was meant: notes, which keep nothing from loading.

Plays that no rule asks for, and fields that rules ask for and nothing fills.
"""

from collections.abc import Iterator, Mapping

from domain.mapping import CrmMapping
from playbook.problems import Id, Problem
from playbook.reading import Node, Reading
from playbook.routing import Routing
from router.conditions import All, Any, Compare, Condition, Not, check, operands_of, plain_text
from router.meaning import FROM_ACCOUNT, FROM_OTHER_FIELDS
from router.prove import implies
from router.rules import FromAccount, FromService, FromTable, RuleSet
from router.values import AT, SIGNALS

TO_THE_FALLBACK = "fallback"
"""A play of this name needs no rule: that its leads go to the fallback is what was meant."""


def noted(reading: Reading, words: Routing, rules: RuleSet, crms: Mapping[str, CrmMapping]) -> tuple[Problem, ...]:
    """Every note, by file and line."""
    if "plays" in words.nodes:
        _plays(words.nodes["plays"], words, rules)
    _fields(reading, rules, crms)
    return tuple(sorted(set(reading.notes)))


# --- plays --------------------------------------------------------------------------------------------------------


def _plays(node: Node, words: Routing, rules: RuleSet) -> None:
    """Every cell of intent x fit has a play, and a rule asks for it or takes all its leads; or it is called
    `fallback`."""
    rows = dict(node.entries())
    for intent in words.intent:
        row = dict(rows[intent.name].entries()) if intent.name in rows else {}
        lacking = [fit.name for fit in words.fit if fit.name not in row]
        if lacking:
            message = f"leads of intent {intent.name!r} and fit {_or(lacking)} have no play"
            at = rows.get(intent.name, node)
            at.key_note(
                Id.NO_PLAY, message, f"name one, or write `{lacking[0]}: {TO_THE_FALLBACK}` where none is meant"
            )
    told = {TO_THE_FALLBACK}
    for intent_name, row_node in rows.items():
        for fit_name, cell in row_node.entries():
            play = words.plays.get(intent_name, {}).get(fit_name)
            if play is None or play in told or _is_used(intent_name, fit_name, play, rules):
                continue
            told.add(play)
            message = f"no rule asks for the play {play!r} (intent {intent_name!r}, fit {fit_name!r})"
            hint = (
                f"add a rule with `when: {{ play: {play} }}`, or call the play `{TO_THE_FALLBACK}`: its leads go by "
                "the rules that ask for no play, and else to the fallback"
            )
            cell.note(Id.PLAY_UNUSED, message, hint)


def _is_used(intent: str, fit: str, play: str, rules: RuleSet) -> bool:
    """Whether a rule asks for the play, or takes every lead of the cell because of its intent or fit."""
    cell = All((Compare("intent", "equals", intent), Compare("fit", "equals", fit)))
    return any(
        any(_asks_for(part, play) for part in _comparisons(rule.when)) or implies(cell, rule.when)
        for rule in rules.rules
    )


def _asks_for(part: Compare, play: str) -> bool:
    """Whether the comparison holds for the play, or names it as one of those that it does not hold for."""
    named = plain_text(play) in {plain_text(each) for each in operands_of(part.operand)}
    return part.field == "play" and part.operator != "is_empty" and (named or check(part, {"play": play}).held)


def _comparisons(condition: Condition) -> Iterator[Compare]:
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _comparisons(part)
        case Not(part):
            yield from _comparisons(part)
        case Compare():
            yield condition


def _or(names: list[str]) -> str:
    return " or ".join(repr(name) for name in names)


# --- fields -------------------------------------------------------------------------------------------------------

_AROUND = ("account.", "named_account.", "duplicate.")
_ALWAYS_THERE = frozenset({"id", "crm", "created_at"})


def _fields(reading: Reading, rules: RuleSet, crms: Mapping[str, CrmMapping]) -> None:
    """Each field that something asks for is filled: by a CRM, a table, a service or the account, or from others."""
    if not crms:
        return
    filled = _filled(rules, crms)
    places: dict[str, list[Node]] = {}
    for name, node in reading.used:
        if name not in filled and not name.startswith(_AROUND) and not _served(name, rules):
            places.setdefault(name, []).append(node)
    for name, nodes in places.items():
        first, more = nodes[0], len(nodes) - 1
        also = f" (and so do {more} more places)" if more > 1 else " (and so does one more place)" if more else ""
        message = f"{first.subject_prefix}it asks for `{name}`{also}, and nothing fills it: there it is always empty"
        first.key_note(Id.NOWHERE_FROM, message, _way_out(name, crms))


def _way_out(name: str, crms: Mapping[str, CrmMapping]) -> str:
    if name in _DEFINED:
        return f"define it: `{_DEFINED[name][0]}` in {_DEFINED[name][1]}"
    files = " or ".join(f"crm/{crm}.yaml" for crm in crms)
    return f"add `{name}: API_NAME` to `fields` in {files}, or fill it by `enrich`"


_DEFINED = {
    "intent": ("intent", "routing.yaml"),
    "fit": ("fit", "routing.yaml"),
    "play": ("plays", "routing.yaml"),
    "segment": ("segments", "routing.yaml"),
    "territory": ("territories", "territories.yaml"),
    "territory.pool": ("territories", "territories.yaml"),
}


def _served(name: str, rules: RuleSet) -> bool:
    """Whether a service may say it: nobody knows what it answers."""
    return any(isinstance(step, FromService) for step in rules.enrich) and name not in _DEFINED


def _filled(rules: RuleSet, crms: Mapping[str, CrmMapping]) -> frozenset[str]:
    found = set(_ALWAYS_THERE) | {"country"}  # the account's where the lead has none
    for mapping in crms.values():
        found |= mapping.fields.keys()
        found |= {name.removesuffix(AT) for name in mapping.fields if name.startswith(SIGNALS)}
    for step in rules.enrich:
        match step:
            case FromAccount():
                found |= FROM_ACCOUNT.keys()
            case FromTable(rows=rows):
                found |= {name for row in rows.values() for name in row}
    found |= {name for name, others in FROM_OTHER_FIELDS.items() if found & others}
    words = {"intent": rules.intent, "fit": rules.fit, "play": rules.plays, "segment": rules.segments}
    found |= {name for name, defined in words.items() if defined}
    return frozenset(found | ({"territory", "territory.pool"} if rules.territories else set()))
