"""The examples in `config/examples/`: each is a whole configuration, keeps what it promises, and can be tried."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.decisions import Decision, Outcome
from domain.hours import is_open
from domain.leads import Lead
from playbook import rule_tests
from playbook.book import Playbook, load
from playbook.conditions import LEAD_FIELDS
from runtime.rehearsal import Rehearsal, failures, on_paper
from scripts.simulate import simulate

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "config" / "examples"
EXAMPLES = sorted(file.parent for file in FOLDER.rglob("teams.yaml"))
TIERS = [example for example in EXAMPLES if example.parent == FOLDER / "sla"]

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
each_of_tiers = pytest.mark.parametrize("example", TIERS, ids=lambda folder: folder.name)


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
    found = [decision.owner for _, decision in rehearsed(FOLDER / example)]
    return {owner.partition("@")[0]: found.count(owner) for owner in found if owner}


def test_there_are_examples() -> None:
    assert len(EXAMPLES) - len(TIERS) >= 13
    assert len(TIERS) >= 7


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
    assert f"(../config/examples/{example.relative_to(FOLDER).as_posix()})" in (
        ROOT / "docs" / "examples.md"
    ).read_text(encoding="utf-8")


@each_of_tiers
def test_every_tier_of_an_example_of_response_times_is_shown_by_a_test_with_its_due_time(example: Path) -> None:
    book = book_of(example)
    tests, _ = rule_tests.read(example, book)
    timed = {
        Rehearsal(book).decide(on_paper("1", test.lead, test.arrives, book)).decision.tier
        for test in tests
        if "due" in test.expect
    }
    assert timed == book.policy.tiers.keys()


@each_of_tiers
def test_an_example_of_response_times_says_when_somebody_is_reminded(example: Path) -> None:
    tests, _ = rule_tests.read(example, book_of(example))
    assert any(test.steps for test in tests)


def test_at_night_nobody_of_the_day_team_is_told_anything() -> None:
    """Whatever comes, and whenever in a week with its weekend: what is for others than the night team comes while the
    office is open."""
    book = book_of(FOLDER / "sla" / "at-night")
    office = book.policy.hours.calendars["berlin"]
    monday = datetime.fromisoformat("2026-11-23T00:00+01:00")
    for source in ("Demo Request", "Whitepaper"):
        for hour in range(7 * 24):
            at = monday + timedelta(hours=hour, minutes=5)
            found = Rehearsal(book).decide(on_paper("1", {"source": source}, at, book))
            for step in found.steps:
                of_the_night = found.decision.pool == "night" and step.to == ("rep",)
                assert of_the_night or is_open(office, step.at - timedelta(seconds=1)) or is_open(office, step.at)


def test_people_who_have_just_begun_get_the_shares_that_the_example_promises() -> None:
    assert owners("ramp-up") == {"ana": 8, "ben": 8, "dev": 4, "eve": 2}


def test_who_attained_twice_as_much_gets_twice_as_many_leads() -> None:
    found = owners("geographic")
    assert (found["ana"], found["ben"]) == (4, 2)
