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


# --- what follows while nobody answers ----------------------------------------------------------------------------

LADDER = loaded(
    {
        **GOOD,
        "crm/salesforce.yaml": CRM,
        "sla.yaml": "tiers: { hot: { first_response: { within: 15 min }, ladder: [ { at: 80 %, notify: rep }, "
        "{ at: 100 %, notify: [rep, manager] }, { at: 100 %, flag: late }, { after_due: 15 min, reassign: next }, "
        "{ after_due: 2 h, notify: manager } ] } }\n",
    }
)
REMINDED = "{ at: 2026-11-23T10:12+01:00, notify: rep }"
AT_THE_END = "{ at: 2026-11-23T10:15+01:00, notify: [manager, rep] }, { at: 2026-11-23T10:15+01:00, flag: late }"
HANDED_ON = "{ at: 2026-11-23T10:30+01:00, reassign: next }"


def of_steps(*steps: str) -> list[str]:
    """What is wrong with a test that expects these, each in a line of its own from the fifth on."""
    lines = [
        "- name: Germans",
        f"  lead: {{ country: DE, created_at: {TEN} }}",
        "  expect:",
        "    steps: [",
        *(f"      {step}," for step in steps),
        "    ]",
    ]
    tests, badly_written = read_texts({"tests/rules.yaml": "\n".join(lines) + "\n"}, LADDER)
    found = [*badly_written, *failures(tests, LADDER)]
    return [f"{one.line}:{one.column} {one.id} {one.message}" for one in found]


def test_the_steps_of_a_ladder_end_with_the_one_that_hands_the_lead_on() -> None:
    assert of_steps(REMINDED, AT_THE_END, HANDED_ON) == []


def test_a_step_at_another_moment_is_a_problem_in_its_line() -> None:
    late = REMINDED.replace("10:12", "10:13")
    assert of_steps(late, AT_THE_END, HANDED_ON) == [
        "5:7 X101 Germans: notify: rep comes at 2026-11-23T09:12Z, not at 2026-11-23T09:13Z"
    ]


def test_a_step_that_does_not_come_is_a_problem_in_its_line() -> None:
    more = "{ at: 2026-11-23T10:20+01:00, reassign: manager }"
    assert of_steps(REMINDED, AT_THE_END, HANDED_ON, more) == [
        "8:7 X101 Germans: at 2026-11-23T09:20Z there is no reassign: manager"
    ]


def test_a_step_that_is_not_expected_is_a_problem() -> None:
    assert of_steps(REMINDED, AT_THE_END) == ["4:12 X101 Germans: at 2026-11-23T09:30Z there is also reassign: next"]


@pytest.mark.parametrize("nothing", ["null", "[]"])
def test_that_nothing_follows_can_be_expected(nothing: str) -> None:
    assert problems(of("country: DE", f"steps: {nothing}")) == []
    tests, _ = read_texts({"tests/rules.yaml": of("country: DE", f"steps: {nothing}")}, LADDER)
    assert len(failures(tests, LADDER)) == 4


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        pytest.param("{ notify: rep }", "5:7 K102 `at` is missing", id="no moment"),
        pytest.param("{ at: 10:12, notify: rep }", "5:13 V103 `at` should be a time with an offset", id="no time"),
        pytest.param(f"{{ at: {TEN} }}", "5:7 K104 exactly one of `notify` or", id="nothing happens"),
        pytest.param(f"{{ at: {TEN}, notify: [rep, reps] }}", "5:51 N102 'reps' is not", id="nobody is told"),
        pytest.param(f"{{ at: {TEN}, hand_over: dach }}", "5:48 N101 'dach' is not a pool", id="no such pool"),
        pytest.param(f"{{ at: {TEN}, told: rep }}", "5:37 K101 `told` is not a key", id="no such step"),
    ],
)
def test_a_step_that_is_badly_written_is_the_only_problem(step: str, expected: str) -> None:
    found = of_steps(step)
    assert any(expected in one for one in found), found
    assert not any("X101" in one for one in found)
