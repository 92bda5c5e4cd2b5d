"""The examples in `config/examples/`: each is a whole configuration, keeps what it promises, and can be tried."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.decisions import Decision, Outcome
from domain.leads import Lead
from playbook import rule_tests
from playbook.book import Playbook, load
from playbook.conditions import LEAD_FIELDS
from runtime.rehearsal import Rehearsal, failures, on_paper
from scripts.simulate import simulate

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(file.parent for file in (ROOT / "config" / "examples").glob("*/teams.yaml"))

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)


def book_of(example: Path) -> Playbook:
    found = load(example)
    assert isinstance(found, Playbook), [str(problem) for problem in found]
    return found


def rehearsed(example: Path) -> list[tuple[Lead, Decision]]:
    """The leads of its file in the order of arrival, and what is decided about them."""
    book = book_of(example)
    rehearsal = Rehearsal(book)
    with (example / "leads.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(LEAD_FIELDS.has(name) for name in rows[0]), rows[0].keys()
    arrivals = [(datetime.fromisoformat(row.pop("created_at")), row) for row in rows]
    leads = [
        on_paper(row["id"], {name: value for name, value in row.items() if value}, at, book)
        for at, row in sorted(arrivals, key=lambda arrival: arrival[0])
    ]
    return [(one.lead, rehearsal.decide(one).decision) for one in leads]


def owners(example: str) -> dict[str, int]:
    found = [decision.owner for _, decision in rehearsed(ROOT / "config" / "examples" / example)]
    return {owner.partition("@")[0]: found.count(owner) for owner in found if owner}


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 13


@each_example
def test_an_example_has_at_least_four_rule_tests_and_passes_them(example: Path) -> None:
    book = book_of(example)
    tests, badly_written = rule_tests.read(example, book)
    assert len(tests) >= 4
    assert not [str(problem) for problem in (*badly_written, *failures(tests, book))]


@each_example
def test_every_rule_of_an_example_is_shown_by_a_lead_or_a_test(example: Path) -> None:
    book = book_of(example)
    tests, _ = rule_tests.read(example, book)
    tested = [Rehearsal(book).decide(on_paper("1", test.lead, test.arrives, book)).decision for test in tests]
    shown = {decision.rule for decision in (*tested, *(decision for _, decision in rehearsed(example)))}
    assert {rule.name for rule in book.rules.rules} <= shown


@each_example
def test_every_lead_of_an_example_can_be_read_and_has_a_place(example: Path) -> None:
    for lead, decision in rehearsed(example):
        assert not lead.unreadable
        assert decision.responsible or decision.outcome == Outcome.DISQUALIFIED


@each_example
def test_an_example_can_be_simulated_as_its_documentation_says(example: Path) -> None:
    leads = str(example / "leads.csv")
    result = CliRunner().invoke(simulate, ["--config", str(example), "--leads", leads, "--out", "-"])
    assert result.exit_code == 0, result.output


@each_example
def test_an_example_is_explained_and_listed(example: Path) -> None:
    assert len((example / "README.md").read_text(encoding="utf-8").splitlines()) <= 12
    assert f"(../config/examples/{example.name})" in (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")


def test_people_who_have_just_begun_get_the_shares_that_the_example_promises() -> None:
    assert owners("ramp-up") == {"ana": 8, "ben": 8, "dev": 4, "eve": 2}


def test_who_attained_twice_as_much_gets_twice_as_many_leads() -> None:
    found = owners("geographic")
    assert (found["ana"], found["ben"]) == (4, 2)
