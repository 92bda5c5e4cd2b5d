"""Rule tests: what RevOps expect of their rules, run by `fairlead check`."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest

from playbook.problems import Problem
from playbook.rule_tests import RuleTest, read_texts
from runtime.rehearsal import failures
from tests.playbook.writing import CRM, GOOD, loaded

BOOK = loaded({**GOOD, "crm/salesforce.yaml": CRM})
TEN = "2026-11-23T10:00+01:00"  # a Monday, in Berlin's office hours


def read(text: str) -> tuple[tuple[RuleTest, ...], tuple[Problem, ...]]:
    return read_texts({"tests/rules.yaml": dedent(text)}, BOOK)


def problems(text: str) -> list[str]:
    tests, badly_written = read(text)
    found = [*badly_written, *failures(tests, BOOK)]
    return [f"{one.line}:{one.column} {one.id} {one.message}" for one in found]


def of(lead: str, expect: str, more: str = "") -> str:
    return f"- {{ name: Germans, lead: {{ {lead}, created_at: {TEN} }}, expect: {{ {expect} }}{more} }}\n"


def test_a_test_that_holds_is_no_problem() -> None:
    text = of("country: DE", f"outcome: assigned, rule: Germans, pool: enterprise, sla: hot, due: {TEN[:-8]}15+01:00")
    assert problems(text) == []


@pytest.mark.parametrize(
    ("fact", "held"),
    [
        ("account.parent.owner: ana@acme.example", "account.parent.owner: ana@acme.example"),
        ("account.open_opportunity.owner: ana@acme.example", "account.open_opportunity.owner: { is_empty: false }"),
        ("named_account.owner: ana@acme.example", "named_account.exists: true, named_account.owner: ana@acme.example"),
        ("signals.demo: 3", "signals.demo: { at_least: 3 }"),
        ("signals.demo.at: '2026-11-23T08:00Z'", "signals.demo: { within: 4 h elapsed }"),
    ],
)
def test_what_is_known_besides_the_lead_may_be_given(fact: str, held: str) -> None:
    texts = {**GOOD, "crm/salesforce.yaml": CRM, "named_accounts.csv": "name,owner\n"}
    book = loaded({**texts, "routing.yaml": texts["routing.yaml"].replace("{ country: DE }", f"{{ {held} }}")})

    (tests, badly_written) = read_texts({"tests/rules.yaml": of(fact, "rule: Germans")}, book)

    assert not badly_written
    assert failures(tests, book) == []


def test_a_moment_may_be_written_in_any_zone() -> None:
    assert problems(of("country: DE", "due: 2026-11-23T09:15Z")) == []


def test_what_is_expected_otherwise_is_said_in_its_place_with_what_happens_and_why() -> None:
    (tests, _) = read(of("country: FR", "rule: Germans"))
    [failed] = failures(tests, BOOK)
    assert (failed.file, failed.line, failed.id) == ("tests/rules.yaml", 1, "X101")
    assert failed.message == "Germans: rule is 'fallback', not 'Germans'"
    assert failed.hint.startswith("Ana is next in turn in pool enterprise")


def test_nothing_can_be_expected() -> None:
    assert problems(of("country: DE", "queue: null")) == []
    assert problems(of("country: DE", "owner: null")) == ["1:96 X101 Germans: owner is 'ana@acme.example', not nothing"]


def test_values_are_read_as_the_ones_of_a_crm_are() -> None:
    book = loaded(
        {
            **GOOD,
            "routing.yaml": GOOD["routing.yaml"].replace("country: DE", "employees: { at_least: 200 }"),
            "crm/salesforce.yaml": CRM,
        }
    )
    tests, _ = read_texts({"tests/a.yaml": of('employees: "250 to 499"', "rule: Germans")}, book)
    assert not failures(tests, book)


def test_people_can_be_away_or_busy_in_a_test() -> None:
    assert problems(of("country: DE", "owner: ben@acme.example", ", away: ana@acme.example")) == []


def test_days_on_which_the_owner_is_away_move_the_due_time() -> None:
    book = loaded(
        {
            **GOOD,
            "crm/salesforce.yaml": CRM,
            "sla.yaml": "tiers: { hot: { when: otherwise, calendar: rep, first_response: { within: 8 h } } }\n",
            "absences.csv": "email,from,to\nana@acme.example,2026-11-24,2026-11-24\n",
        }
    )
    text = of("country: DE", "owner: ana@acme.example, due: 2026-11-25T10:00+01:00")
    text += of("country: DE", "owner: ben@acme.example, due: 2026-11-24T10:00+01:00", ", away: ana@acme.example")
    tests, badly_written = read_texts({"tests/a.yaml": text}, book)
    assert not badly_written
    assert failures(tests, book) == []


def test_the_company_and_an_earlier_lead_can_be_given() -> None:
    book = loaded(
        {
            **GOOD,
            "routing.yaml": "rules:\n"
            "  - { name: Ours, when: { account.owner: { is_empty: false } }, assign: { to: account.owner } }\n"
            "  - { name: Again, when: { duplicate.exists: true }, assign: { to: duplicate.owner } }\n"
            "fallback: { assign: { pool: enterprise } }\n",
            "crm/salesforce.yaml": CRM,
        }
    )
    text = of("account.owner: tom@acme.example", "rule: Ours, owner: tom@acme.example")
    text += of("duplicate.owner: ben@acme.example", "rule: Again, owner: ben@acme.example")
    tests, badly_written = read_texts({"tests/a.yaml": text}, book)
    assert not badly_written
    assert not failures(tests, book)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(of("country: DE", "pool: enterprize"), "N101 'enterprize' is not a pool", id="no such pool"),
        pytest.param(of("country: DE", "rule: Germens"), "N113 'Germens' is not a rule", id="no such rule"),
        pytest.param(of("cuntry: DE", "rule: Germans"), "K105 `cuntry` is nothing that is known", id="no such field"),
        pytest.param(of("country: DE", "rul: Germans"), "K101 `rul` is not a key", id="no such expectation"),
        pytest.param(of("country: DE", "outcome: lost"), "V105 `outcome` should be assigned or", id="no such outcome"),
        pytest.param(of("country: DE", "due: tomorrow"), "V103 `due` should be a time with an offset", id="no time"),
        pytest.param(
            "- { name: A, lead: { country: DE }, expect: { rule: Germans } }", "K102 `created_at` is missing", id="when"
        ),
        pytest.param("- { name: A, expect: { rule: Germans } }", "K102 `lead` is missing", id="no lead"),
        pytest.param(of("country: DE", ""), "V101 `expect` should be what is expected", id="nothing expected"),
    ],
)
def test_what_is_wrong_with_a_test_is_said_where_it_stands(text: str, expected: str) -> None:
    found = problems(text)
    assert any(expected in one for one in found), found


def test_the_moment_is_when_the_lead_arrives() -> None:
    ([test], _) = read(of("country: DE", "rule: Germans"))
    assert test.arrives == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert "created_at" not in test.lead


def test_open_leads_of_somebody_who_is_not_there_are_a_problem() -> None:
    found = problems(of("country: DE", "pool: enterprise", ", open_leads: { anna@acme.example: 40 }"))
    assert [each.split(" ")[1] for each in found] == ["N102"]
