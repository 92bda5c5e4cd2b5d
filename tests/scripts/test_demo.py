"""What the demo tells: its board, what it counts at its end, what to try next; and the storms that it knows."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.leads import LeadKey
from ledger import clocks
from ledger.decisions import LeadEvent, note
from ledger.store import open_ledger
from scripts.demo.board import Board
from scripts.demo.demo import Plan, next_steps, quiet
from scripts.demo.owners import given, overwritten
from scripts.demo.summary import Answered, Summary, answered, may_have_given
from tests.ledger.examples import clock, key
from tests.runtime.installation import REPOSITORY, fairlead

ANA, BEN, QUEUE = "005A", "005B", "00GQ"
PEOPLE = {ANA, BEN}


def us(owner: str | None) -> dict[str, Any]:
    return {"owner": owner, "by": "api"}


def person(owner: str | None) -> dict[str, Any]:
    return {"owner": owner, "by": "person"}


@pytest.mark.parametrize(
    ("changes", "wronged"),
    [
        pytest.param([], False, id="nothing happened"),
        pytest.param([us(ANA), us(BEN)], False, id="handed on, and nobody had chosen"),
        pytest.param([us(ANA), person(BEN)], False, id="a person has the last word"),
        pytest.param([person(BEN), us(ANA)], True, id="our write won"),
        pytest.param([person(BEN), us(BEN)], False, id="we wrote the owner whom a person had chosen"),
        pytest.param([person(BEN), us(ANA), us(BEN)], False, id="put back"),
        pytest.param([person(BEN), us(ANA), us(QUEUE)], True, id="put back to somebody else"),
        pytest.param([person(BEN), us(ANA), person(ANA)], True, id="another choice does not heal the first"),
        pytest.param([person(None), us(ANA)], True, id="nobody is a choice too"),
    ],
)
def test_a_choice_is_overwritten_where_ours_came_after_it_and_stayed(changes: list[Any], wronged: bool) -> None:
    assert overwritten(changes) is wronged


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        pytest.param([], 0, id="nothing happened"),
        pytest.param([us(QUEUE), us(ANA)], 1, id="a queue is nobody"),
        pytest.param([us(ANA), us(ANA)], 1, id="the same write twice"),
        pytest.param([us(ANA), us(BEN)], 2, id="handed on"),
        pytest.param([us(ANA), person(BEN)], 1, id="taken afterwards"),
        pytest.param([person(BEN), us(ANA), us(BEN)], 0, id="written over a choice that was put back"),
        pytest.param([us(ANA), person(BEN), us(ANA)], 2, id="written again over a choice"),
    ],
)
def test_a_lead_was_given_as_often_as_our_owners_stayed(changes: list[Any], times: int) -> None:
    assert given(changes, PEOPLE) == times


def test_a_storm_that_is_not_known_is_wrong_usage_that_names_those_that_are(tmp_path: Path) -> None:
    ran = fairlead(tmp_path, "demo", "--faults", "strom")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'strom' is not" in ran.stderr
    assert "'storm'" in ran.stderr


LEAD = LeadKey("hubspot", "147893286", "contact", "101")
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def noted(kind: str, **detail: Any) -> LeadEvent:
    return LeadEvent(LEAD, 0, kind, NINE, NINE, detail)


BREACHED = noted("breached", clock="first_response")


@pytest.mark.parametrize(
    ("happened", "changes", "expected"),
    [
        pytest.param([noted("met")], [us(ANA)], Answered.IN_TIME, id="the first owner"),
        pytest.param([BREACHED, noted("met")], [us(ANA), us(BEN)], Answered.AFTER_A_BREACH, id="the next in time"),
        pytest.param([BREACHED, noted("late_contact")], [us(ANA)], Answered.AFTER_A_BREACH, id="the first too late"),
        pytest.param([BREACHED, noted("retracted")], [us(ANA)], Answered.IN_TIME, id="logged late"),
        pytest.param(
            [noted("breached", clock="assignment"), noted("met")], [us(ANA)], Answered.IN_TIME, id="assigned late"
        ),
        pytest.param([noted("met")], [us(ANA), person(BEN)], Answered.IN_TIME, id="answered, then taken"),
        pytest.param([BREACHED], [us(ANA), person(BEN)], Answered.TAKEN, id="taken, and never answered"),
        pytest.param([BREACHED], [us(ANA)], Answered.NOT, id="never"),
        pytest.param([], [us(ANA)], Answered.NOT, id="not yet"),
    ],
)
def test_an_owned_lead_counts_once_as_answered_taken_or_not_answered(
    happened: list[LeadEvent], changes: list[Any], expected: Answered
) -> None:
    assert answered(happened, changes) is expected


def test_the_summary_says_which_of_its_lines_add_up_to_what() -> None:
    answers = {Answered.IN_TIME: 5, Answered.AFTER_A_BREACH: 2, Answered.TAKEN: 1}
    summary = Summary(10, 8, 1, 1, 0, 0, 0, 9, answers, 2, 2, 0, 1, (0.5,), LEAD)

    told = dict(line.split(": ", 1) for line in summary.lines())
    assert "add up to the leads in" in told["without an outcome"]
    assert "add up to the owned" in told["not answered"]
    assert sum(int(told[one.value].split()[0]) for one in Answered) == int(told["owned"])
    assert told["CRM calls per lead"].startswith("0.100 (1 call,")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(noted("applied", owner="ana@acme.example"), True, id="written"),
        pytest.param(noted("applied"), False, id="written without an owner"),
        pytest.param(noted("lost_race", why="somebody changed the owner first"), True, id="lost, maybe a moment later"),
        pytest.param(noted("met"), False, id="something else"),
    ],
)
def test_a_cycle_that_was_lost_to_a_person_may_have_given_the_lead_for_a_moment(
    event: LeadEvent, expected: bool
) -> None:
    assert may_have_given(event) is expected


def told_of(tmp_path: Path, *events: LeadEvent) -> tuple[Board, list[str]]:
    """A board that has looked at these events, and what it told of them."""
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        with ledger.writing() as tx:
            note(tx, events)
        board = Board(ledger, ZoneInfo("Europe/London"))
        return board, board.look()


def test_one_lead_and_one_reminder_are_told_as_one(tmp_path: Path) -> None:
    board, _ = told_of(tmp_path, noted("reminded", to=["rep"], step="75 %"))

    assert board.line(NINE, 1) == (
        "09:00 business time: 1 lead in; none decided yet; 0 answered, 1 reminder, 0 handed on"
    )


def test_the_board_tells_each_step_of_a_ladder_and_a_breach_that_is_taken_back(tmp_path: Path) -> None:
    told = noted("reminded", to=["ana@acme.example", "tom@acme.example"], step="100 % of the time")

    assert told_of(tmp_path, told, noted("retracted", activity="1"))[1] == [
        "09:00 hubspot:101 ana and tom told: 100 % of the time is over",
        "09:00 hubspot:101 breach taken back: called in time, and logged late",
    ]


def test_what_is_told_at_once_is_told_in_the_order_of_its_times(tmp_path: Path) -> None:
    later = LeadEvent(LEAD, 0, "owner_changed", NINE + timedelta(minutes=1), NINE, {"owner_id": "1"})

    _, told = told_of(tmp_path, later, BREACHED)

    assert [line[:5] for line in told] == ["09:00", "09:01"]


def test_the_next_steps_work_wherever_the_demo_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    [explain, _, check] = [words for words, _ in next_steps(REPOSITORY / "var" / "demo", LEAD)]

    assert explain.startswith(f"FAIRLEAD_VAR={REPOSITORY}/var/demo /")
    assert explain.endswith("explain hubspot:101")
    assert subprocess.run(check, shell=True, check=False, capture_output=True).returncode == 0


def test_the_next_steps_are_short_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)

    [_, status, check] = [words for words, _ in next_steps(REPOSITORY / "var" / "demo", LEAD)]

    assert status.startswith("FAIRLEAD_VAR=var/demo ")
    assert check.endswith(" check --config config")


def test_a_storm_promises_only_what_stays_the_same(tmp_path: Path) -> None:
    said = " ".join(fairlead(tmp_path, "demo", "--help").stdout.split())

    assert "As many leads come in and get an owner" in said
    assert "more are breached, reassigned and assigned late" in said


def test_a_clock_that_comes_to_its_step_before_the_end_keeps_the_demo_going_however_long_the_start_took(
    tmp_path: Path,
) -> None:
    ten = NINE + timedelta(hours=1)
    ends = Plan(seed=7, faults=None, alternate=False).ends(ten)
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        with ledger.writing() as tx:
            clocks.insert(tx, [clock(next_at=ten + timedelta(minutes=90))])
        going = quiet(ledger, ends)
        with ledger.writing() as tx:
            clocks.end_cycle(tx, key(), 0, ten)
        assert (going, quiet(ledger, ends)) == (False, True)
