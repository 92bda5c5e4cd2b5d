"""`fairlead explain`: what a person reads about a lead."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.actions import LookBack
from domain.activities import Activity
from domain.clocks import Clock, ClockKind, Step
from domain.decisions import Cause, Decision, Explanation, Outcome, decision_id
from domain.leads import Lead, LeadKey
from ledger import clocks, codec, decisions, evidence, leads, outbox
from ledger.decisions import Recorded
from ledger.leads import Begun
from ledger.store import Ledger, open_ledger
from router.case import Case
from router.tried import in_words
from runtime.wiring import playbook_in
from tests.runtime.installation import REPOSITORY, fairlead
from tests.scripts.office import decided

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = LeadKey("salesforce", "00D1", "Lead", "00Q1")
FINN, LEA = "finn@acme.example", "lea@acme.example"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield ledger


def decide(ledger: Ledger, cycle: int = 0, owner: str = FINN, cause: Cause = Cause.NEW) -> None:
    """A cycle of the lead begins with this owner."""
    id_ = decision_id(ledger.id, KEY, cycle)
    decision = Decision(
        id_, KEY, cycle, cause, Outcome.ASSIGNED, "Germany", "next in turn", NINE, "abc", owner=owner, tier="hot"
    )
    lead = Lead(KEY, created_at=NINE, modified_at=NINE, values={})
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision, {})])
        leads.remember(tx, [Begun(lead, decision)])


def explained(tmp_path: Path, *words: str) -> str:
    ran = fairlead(tmp_path, "explain", *words, FAIRLEAD_CLOCK="2026-11-23T12:00:00Z,0,0")
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def refused(tmp_path: Path, lead: str) -> str:
    ran = fairlead(tmp_path, "explain", lead)
    assert (ran.returncode, ran.stdout) == (1, "")
    return ran.stderr.strip()


def test_what_happens_next_is_told_once_and_only_for_the_current_decision(tmp_path: Path, ledger: Ledger) -> None:
    decide(ledger)
    decide(ledger, 1, LEA, Cause.SLA)
    told = explained(tmp_path, "00Q1")
    assert told.count("What happens next") == 1
    assert told.endswith(
        "What happens next\n"
        "  lea@acme.example is written to the CRM as the owner; the clock of tier hot starts when that has been done\n"
    )
    assert "decision 2 about this lead (nobody answered in time)" in told


def test_a_clock_that_runs_is_told_with_its_next_step(tmp_path: Path, ledger: Ledger) -> None:
    decide(ledger)
    due, late = NINE + timedelta(minutes=15), NINE + timedelta(minutes=12)
    steps = (Step(late, "notify", ("rep", "manager"), "75 % of the time"), Step(due, "breach", label="due"))
    clock = Clock(KEY, 0, ClockKind.FIRST_RESPONSE, "hot", NINE, due, steps, owner=FINN, next_at=late)
    with ledger.writing() as tx:
        clocks.insert(tx, [clock])
    assert (
        "  at 2026-11-23 09:12 UTC finn@acme.example and the manager are reminded: 75 % of the time "
        "(first response, tier hot)\n"
    ) in explained(tmp_path, "00Q1")


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        ("reminded", {"to": [FINN], "step": "75 % of the time"}, "reminded finn@acme.example (75 % of the time)"),
        ("reminded", {"to": [FINN, LEA], "step": ""}, "reminded finn@acme.example and lea@acme.example"),
        (
            "breached",
            {"clock": "first_response", "cause": "owner did not act", "owner": FINN},
            "first response breached: owner did not act (finn@acme.example)",
        ),
        ("applied", {"owner": FINN}, "written to the CRM, owner finn@acme.example"),
        ("gone", {"why": "converted"}, "the record was converted in the CRM"),
        ("moon_rose", {"over": [FINN, LEA]}, "moon rose (over finn@acme.example and lea@acme.example)"),
    ],
)
def test_what_happened_is_told_as_a_person_would(
    tmp_path: Path, ledger: Ledger, kind: str, detail: dict[str, object], said: str
) -> None:
    decide(ledger)
    with ledger.writing() as tx:
        decisions.event(tx, KEY, 0, kind, NINE, NINE, detail)
    assert f"What happened\n  2026-11-23 09:00:00 UTC  {said}\n" in explained(tmp_path, "00Q1")


def test_a_lead_that_is_not_there_is_refused_with_the_ledger_that_was_looked_at(tmp_path: Path, ledger: Ledger) -> None:
    assert f"no lead '00Q7' in the ledger {tmp_path / 'ledger.db'}." in refused(tmp_path, "00Q7")


def test_a_look_back_that_is_due_is_told_as_what_happens_next(tmp_path: Path, ledger: Ledger) -> None:
    decide(ledger)
    with ledger.writing() as tx:
        outbox.put(tx, KEY, 0, LookBack(KEY, decision_id(ledger.id, KEY, 0), FINN, None), "look back")

    assert "the owner's history is asked whether a write whose answer was lost" in explained(tmp_path, "00Q1")


def test_the_json_says_of_each_value_where_it_comes_from_and_how_it_is_written_there(
    tmp_path: Path, ledger: Ledger
) -> None:
    lead = Lead(KEY, created_at=NINE, modified_at=NINE, values={"industry": "Banks"})
    explanation = Explanation({"industry": "finance"})
    decision = Decision(
        "9f/0", KEY, 0, Cause.NEW, Outcome.ASSIGNED, "Germany", "", NINE, "abc", owner=FINN, explanation=explanation
    )
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision, {"case": codec.dump(Case("9f/0", lead))})])
        leads.remember(tx, [Begun(lead, decision)])

    told = json.loads(explained(tmp_path, "00Q1", "--format", "json"))

    assert told["known"] == {
        "9f/0": [{"name": "industry", "value": "finance", "origin": "lead", "written": "Banks"}],
    }


def test_the_rules_are_told_in_words_on_the_page_and_in_the_json(tmp_path: Path, ledger: Ledger) -> None:
    playbook = playbook_in(REPOSITORY / "config")
    lead = Lead(KEY, NINE, NINE, {"email": "kim@firm.example", "country": "GB"})
    [made] = decided(ledger, playbook, [lead], NINE)
    words = in_words(made, playbook.rules)

    page, told = explained(tmp_path, "00Q1"), json.loads(explained(tmp_path, "00Q1", "--format", "json"))

    assert len(words) > 1
    assert told["decisions"][0]["explanation"]["rules"] == [asdict(one) for one in words]
    assert [one for one in words if f"{one.rule}: {one.because}\n" not in page] == []


def test_what_people_did_is_told_with_the_reason_why_it_does_not_count(tmp_path: Path, ledger: Ledger) -> None:
    decide(ledger)
    due = NINE + timedelta(minutes=15)
    clock = Clock(KEY, 0, ClockKind.FIRST_RESPONSE, "hot", NINE, due, (Step(due, "breach"),), owner=FINN, next_at=due)
    call = Activity("cdr:1", "salesforce", KEY, "call", due, due, FINN, "outbound", 60, True)
    away = Activity("m1", "salesforce", KEY, "email", due, due, direction="inbound", automated=True, reply=True)
    with ledger.writing() as tx:
        clocks.insert(tx, [clock])
        planned = replace(call, id="cdr:2", happened_at=NINE + timedelta(days=1))
        evidence.store(tx, [call, replace(away, why_automated="an out-of-office reply"), planned], NINE)

    assert (
        "What people did\n"
        "  2026-11-23 09:15:00 UTC  outbound call by finn@acme.example (60 s): counts\n"
        "  2026-11-23 09:15:00 UTC  inbound email: automated: an out-of-office reply\n"
        "  2026-11-24 09:00:00 UTC  outbound call by finn@acme.example (60 s): it has not happened yet\n"
    ) in explained(tmp_path, "00Q1")
