"""`triggers` of routing.yaml: what else than a new lead starts something."""

import pytest

from router.conditions import ALWAYS, Compare
from router.triggers import Trigger
from tests.playbook.writing import GOOD, loaded, problems

FIRST = "  - { when: { changed: source, source: demo_request }, then: new_clock }\n"


def with_triggers(text: str) -> dict[str, str]:
    return {**GOOD, "routing.yaml": f"triggers:\n{text}{GOOD['routing.yaml']}"}


def test_a_trigger_names_a_field_what_must_hold_and_what_it_starts() -> None:
    book = loaded(with_triggers(FIRST + "  - { when: { changed: custom.stage }, then: route_again }\n"))
    assert book.triggers == (
        Trigger("source", "new_clock", Compare("source", "equals", "demo_request"), "routing.yaml:2:5"),
        Trigger("custom.stage", "route_again", ALWAYS, "routing.yaml:3:5"),
    )
    assert book.watched == {"source", "custom.stage"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "{ when: { changed: soruce }, then: new_clock }", "2:24 K105 did you mean 'source'?", id="misspelt"
        ),
        pytest.param(
            "{ when: { changed: account.owner }, then: new_clock }",
            "2:24 K105 did you mean 'country'?",
            id="not on the record",
        ),
        pytest.param("{ when: { source: web }, then: new_clock }", "2:13 K102 add `changed: FIELD`", id="no change"),
        pytest.param(
            "{ when: { changed: source, sorce: x }, then: new_clock }",
            "2:32 K105 did you mean 'source'?",
            id="a condition",
        ),
        pytest.param(
            "{ when: { changed: source }, then: newclock }", "2:40 V105 did you mean 'new_clock'?", id="a word"
        ),
        pytest.param("{ when: { changed: source } }", "2:5 K102 ", id="nothing started"),
        pytest.param("{ when: now, then: new_clock }", "2:13 V101 ", id="no mapping"),
    ],
)
def test_what_is_wrong_with_a_trigger_is_said_where_it_stands(text: str, expected: str) -> None:
    found = problems(with_triggers(f"  - {text}\n"))
    assert [f"{each.line}:{each.column} {each.id} {each.hint}" for each in found] == [expected]
