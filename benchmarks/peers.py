"""The same rules in the languages of `rule-engine`, `cel-python` and `zen-engine`, each with its own way to be quick.

Runs apart, as `python peers.py`, with the interpreter of an environment that holds nothing but the peers. Standard
input: {"rules": [[[field, operator, operand], ...], ...], "leads": [{field: value}, ...]}, all text in lower case, what
is missing left out. Standard output: for each peer either `error`, or its `version`, the seconds of CPU that `compile`
and the fastest round (`decide`) took, and for each lead the place of the first rule that matches (`answers`).
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

Comparison = tuple[str, str, Any]
Lead = dict[str, Any]
Decide = Callable[[Sequence[Lead]], list[int | None]]

ROUNDS = 3
LONG_ENOUGH = 0.3  # seconds


def rule_engine(rules: Sequence[Sequence[Comparison]]) -> Decide:
    """Expressions, one after the other; a name that is missing is null."""
    library = import_module("rule_engine")
    context = library.Context(default_value=None)
    compiled = [library.Rule(" and ".join(map(_as_rule_engine, rule)), context=context) for rule in rules]

    def decide(leads: Sequence[Lead]) -> list[int | None]:
        return [next((place for place, rule in enumerate(compiled) if rule.matches(lead)), None) for lead in leads]

    return decide


def _as_rule_engine(comparison: Comparison) -> str:
    field, operator, operand = comparison
    match operator:
        case "equals":
            return f"{field} == {_literal(operand)}"
        case "in":
            return f"{field} in {_literal(operand)}"
        case "not_in":
            return f"not ({field} in {_literal(operand)})"
        case "contains":
            return f"({field} != null and {_literal(operand)} in {field})"
        case "starts_with":
            return f"({field} != null and {field}.starts_with({_literal(operand)}))"
        case "between":
            return f"({field} != null and {field} >= {operand[0]} and {field} <= {operand[1]})"
    return f"({field} != null and {field} {_SIGNS[operator]} {operand})"


def cel_python(rules: Sequence[Sequence[Comparison]]) -> Decide:
    """Programs that were compiled to Python, one after the other; each lead is made a CEL value once."""
    library = import_module("celpy")
    environment = library.Environment(runner_class=library.CompiledRunner)
    compiled = [environment.program(environment.compile(" && ".join(map(_as_cel, rule)))) for rule in rules]

    def decide(leads: Sequence[Lead]) -> list[int | None]:
        found = []
        for lead in leads:
            given = {"lead": library.json_to_cel(lead)}
            found.append(next((place for place, rule in enumerate(compiled) if rule.evaluate(given)), None))
        return found

    return decide


def _as_cel(comparison: Comparison) -> str:
    field, operator, operand = comparison
    # `has(...)` answers with a bool of Python, which cel-python's own `&&` does not take.
    name, key = f"lead.{field}", _literal(field)
    match operator:
        case "equals":
            return f"({key} in lead && {name} == {_literal(operand)})"
        case "in":
            return f"({key} in lead && {name} in {_literal(operand)})"
        case "not_in":
            return f"(!({key} in lead) || !({name} in {_literal(operand)}))"
        case "contains":
            return f"({key} in lead && {name}.contains({_literal(operand)}))"
        case "starts_with":
            return f"({key} in lead && {name}.startsWith({_literal(operand)}))"
        case "between":
            return f"({key} in lead && {name} >= {operand[0]} && {name} <= {operand[1]})"
    return f"({key} in lead && {name} {_SIGNS[operator]} {operand})"


def zen_engine(rules: Sequence[Sequence[Comparison]]) -> Decide:
    """A decision table with the hit policy `first`, compiled beforehand. `evaluate_batch` takes twice as long."""
    library = import_module("zen")
    fields = sorted({field for rule in rules for field, _, _ in rule})
    rows = [
        {"_id": str(place), **dict.fromkeys(fields, ""), **dict(map(_as_zen, rule)), "place": str(place)}
        for place, rule in enumerate(rules)
    ]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "place", "name": "place", "field": "place"}],
        "rules": rows,
    }
    node = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "lead", "name": "lead", "type": "inputNode", **node},
        {"id": "rules", "name": "rules", "type": "decisionTableNode", "content": table, **node},
        {"id": "found", "name": "found", "type": "outputNode", **node},
    ]
    edges = [
        {"id": "1", "sourceId": "lead", "targetId": "rules", "type": "edge"},
        {"id": "2", "sourceId": "rules", "targetId": "found", "type": "edge"},
    ]
    graph = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    content = library.ZenDecisionContent(json.dumps(graph))
    engine = library.ZenEngine({"loader": lambda _: content})
    engine.evaluate("rules", {})

    def decide(leads: Sequence[Lead]) -> list[int | None]:
        return [engine.evaluate("rules", lead)["result"].get("place") for lead in leads]

    return decide


def _as_zen(comparison: Comparison) -> tuple[str, str]:
    field, operator, operand = comparison
    match operator:
        case "equals":
            return field, _literal(operand)
        case "in":
            return field, _literal(operand)[1:-1]
        case "not_in":
            return field, f"not in {_literal(operand)}"
        case "contains":
            return field, f"contains($, {_literal(operand)})"
        case "starts_with":
            return field, f"startsWith($, {_literal(operand)})"
        case "between":
            return field, f"[{operand[0]}..{operand[1]}]"
    return field, f"{_SIGNS[operator]} {operand}"


_SIGNS = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


def _literal(value: object) -> str:
    """Text, numbers and lists of them are written as in JSON in all three."""
    return json.dumps(value)


PEERS: Mapping[str, Callable[[Sequence[Sequence[Comparison]]], Decide]] = {
    "rule-engine": rule_engine,
    "cel-python": cel_python,
    "zen-engine": zen_engine,
}


def _measured(peer: str, rules: Sequence[Sequence[Comparison]], leads: Sequence[Lead]) -> dict[str, object]:
    begun = time.process_time()
    decide = PEERS[peer](rules)
    compiled = time.process_time() - begun
    begun = time.process_time()
    answers = decide(leads)
    # A quick one decides them again and again, so that its rounds are as long as ours.
    often = max(1, int(LONG_ENOUGH / (time.process_time() - begun)))
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        decide([*leads] * often)
        rounds.append((time.process_time() - begun) / often)
    return {"version": version(peer), "compile": compiled, "decide": min(rounds), "answers": answers}


def main() -> None:
    """Measure every peer; one that cannot be used is said to be so, whatever the reason."""
    given = json.load(sys.stdin)
    measured = {}
    for peer in PEERS:
        try:
            measured[peer] = _measured(peer, given["rules"], given["leads"])
        except Exception as problem:  # the edge of the process: the table names it
            measured[peer] = {"error": f"{type(problem).__name__}: {problem}"[:200]}
    json.dump(measured, sys.stdout)


if __name__ == "__main__":
    main()
