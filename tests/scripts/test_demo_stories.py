"""What the demo's people do with their leads, and what it tells at its end of ladders, retractions and refusals."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.activities import Activity
from domain.clocks import ClockKind, State
from ledger import clocks, decisions, evidence
from ledger.decisions import LeadEvent, Recorded, note
from ledger.store import open_ledger
from playbook.book import Playbook, load
from runtime.evidence import weigh_in
from scripts.demo.demo import FORGET_WITHIN, Plan, demo_config
from scripts.demo.reps import Team
from scripts.demo.stories import Life, Stories, tell, told
from scripts.demo.world import CRMS
from scripts.demo.world import Stage as Demo
from tests.connectors.stage import ANA, BEN, MONDAY, Stage
from tests.ledger.examples import NINE, clock, decision, key, minutes
from tests.sandbox_process import SandboxProcess

CALLS_WITHIN = minutes(7)
TOM = "tom@acme.example"
LONDON = ZoneInfo("Europe/London")


# --- what people do -----------------------------------------------------------------------------------------------


SLA_STATE = {"salesforce": "Fairlead_Sla_State__c", "hubspot": "fairlead_sla_state"}


class Office:
    """Ana has six hot leads of the pool dach, and the demo's team is at work with them. `managers` as the team's."""

    def __init__(self, sandbox: SandboxProcess, crm: str, managers: tuple[str, ...] = ()) -> None:
        self.crm = Stage(sandbox, crm)
        self.leads = self.crm.many(6)
        for number, lead in enumerate(self.leads):
            self.given(lead, ANA, f"{number}/0")
        demo = Demo(sandbox.url, {crm: self.crm.ids})
        self.team = Team(demo, seed=7, forget_until=MONDAY + timedelta(hours=1), managers=managers, lazy=0)
        self.now = MONDAY
        self.look()

    def given(self, lead: str, to: str, decision: str) -> None:
        self.crm.crm.write([self.crm.assigning(lead, to, decision, tier="hot", pool="dach")])

    def look(self) -> None:
        self.team.work(self.now, {self.crm.name: self.crm.control("GET", "leads")})

    def after(self, minutes: float) -> None:
        """The team looks again so much later, when everybody has made the call that he means to make."""
        self.now += timedelta(minutes=minutes)
        self.crm.move_to(self.now)
        self.look()

    def calls(self, lead: str) -> list[Activity]:
        return [one for one in self.crm.crm.activities_of([lead]) if isinstance(one, Activity)]


@pytest.fixture(params=CRMS)
def office(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Iterator[Office]:
    yield Office(sandbox, request.param)


def test_of_a_few_hot_leads_one_is_let_lie_one_logged_late_and_one_without_a_note(office: Office) -> None:
    office.after(8)

    logged = [[one.noted for one in office.calls(lead)] for lead in office.leads]
    assert logged == [[True], [], [True], [], [True], [False]]


def test_a_call_that_the_dialer_logs_late_was_made_in_time(office: Office) -> None:
    late = office.leads[3]
    office.after(20)
    assert office.calls(late) == []

    office.crm.control("POST", "fields", {"lead": late, "fields": {SLA_STATE[office.crm.name]: "Breached"}})
    office.after(1)

    [call] = office.calls(late)
    assert not call.claimed
    assert MONDAY < call.happened_at <= MONDAY + timedelta(minutes=7)
    assert call.logged_at == office.now


def test_whoever_has_a_lead_next_that_was_let_lie_does_not_call_either(office: Office) -> None:
    lead = office.leads[1]
    office.given(lead, BEN, "1/1")
    office.look()
    office.after(8)

    assert office.calls(lead) == []


def test_a_manager_calls_a_lead_that_was_let_lie(sandbox: SandboxProcess) -> None:
    office = Office(sandbox, "hubspot", managers=(BEN,))
    lead = office.leads[1]
    office.given(lead, BEN, "1/1")
    office.look()
    office.after(8)

    assert [one.by for one in office.calls(lead)] == [BEN]


def test_the_demo_does_not_end_before_the_calls_that_are_meant_to_be_made(office: Office) -> None:
    before = office.team.has_calls_to_make
    office.after(8)

    assert (before, office.team.has_calls_to_make) == (True, False)


# --- what is told -------------------------------------------------------------------------------------------------


def happened(kind: str, at: float, cycle: int = 0, learnt: float | None = None, **detail: Any) -> LeadEvent:
    learnt_at = NINE + minutes(at if learnt is None else learnt)
    return LeadEvent(key(), cycle, kind, NINE + minutes(at), learnt_at, detail)


def warned(at: float, cycle: int = 0, by: str = ANA) -> LeadEvent:
    return happened("reminded", at, cycle, to=[by], step="75 % of the time")


def breached(at: float, cycle: int = 0, by: str = ANA) -> list[LeadEvent]:
    breach = happened("breached", at, cycle, clock="first_response", cause="owner did not act", owner=by)
    return [breach, happened("reminded", at, cycle, to=[by, TOM], step="100 % of the time")]


GIVEN = happened("applied", 0, owner=ANA)
LADDER = Life(
    key(),
    [
        decision(decided_at=NINE, owner=ANA),
        decision(cycle=1, decided_at=NINE + minutes(25), owner=BEN),
        decision(cycle=2, decided_at=NINE + minutes(50), owner=TOM),
    ],
    [
        GIVEN,
        warned(11),
        *breached(15),
        warned(36, 1, BEN),
        *breached(40, 1, BEN),
        happened("met", 53, 2, activity="1", clock="first_response"),
    ],
    within="15 min",
)
RETRACTED = Life(
    key(2),
    [decision(2)],
    [GIVEN, *breached(15), happened("retracted", 5, learnt=18, activity="2", clock="first_response")],
    within="15 min",
)
CALL = Activity("3", "salesforce", key(3), "call", NINE + minutes(4), NINE + minutes(6), by=ANA)
REFUSED = Life(key(3), [decision(3)], [GIVEN, *breached(15)], [CALL], [(CALL, "typed in without a note")], "15 min")


def lines(*lives: Life) -> list[str]:
    return list(told(lives, {TOM}, LONDON).lines)


def test_every_step_of_a_ladder_is_told_in_the_order_of_its_time() -> None:
    assert lines(LADDER)[:8] == [
        "steps of the ladder: 2 warned, 2 breached (owner and manager told), 1 handed on to the next, "
        "1 handed on to the manager",
        "  salesforce:00Q1, with ana from 09:00, to be answered within 15 min",
        "    09:11 ana warned at 75 % of 15 min",
        "    09:15 breached: owner did not act; ana and tom (manager) told",
        "    09:25 handed on: ana -> ben",
        "    09:36 ben warned at 75 % of 15 min",
        "    09:40 breached: owner did not act; ben and tom (manager) told",
        "    09:50 handed on: ben -> tom (manager)",
    ]
    assert lines(LADDER)[8] == "    09:53 answered by tom (manager)"


def test_the_lead_that_went_highest_is_told_of_and_explained_next() -> None:
    first = replace(LADDER, key=key(9), decisions=LADDER.decisions[:2], events=LADDER.events[:6])

    assert told([first, LADDER], {TOM}, LONDON).longest == LADDER.key


def test_a_breach_that_was_taken_back_is_told_with_both_times_of_its_call() -> None:
    assert lines(RETRACTED)[1:5] == [
        "breaches taken back: 1 (called in time, and logged late)",
        "  salesforce:00Q2, with ana from 09:00, to be answered within 15 min",
        "    09:15 breached: owner did not act; ana and tom (manager) told",
        "    09:18 the dialer logs the call that ana made at 09:05: it was in time, so the breach is taken back",
    ]


def test_a_lead_that_was_handed_on_for_a_breach_that_was_none_is_told_to_stay() -> None:
    after = decision(2, cycle=1, owner=BEN, decided_at=NINE + minutes(17))

    told_of = lines(replace(RETRACTED, decisions=[*RETRACTED.decisions, after]))

    assert told_of[-2].endswith("so the breach is taken back; the lead stays with ben")


def test_a_call_that_does_not_count_is_told_with_the_reason() -> None:
    assert lines(REFUSED)[2:] == [
        "claims refused: 1 (a call was logged, and counts as nothing: typed in without a note)",
        "  salesforce:00Q3, with ana from 09:00, to be answered within 15 min",
        "    09:06 ana logs a call: typed in without a note; the clock runs on",
        "    09:15 breached: owner did not act; ana and tom (manager) told",
    ]


def test_what_has_not_happened_is_said() -> None:
    answered = Life(key(), [decision()], [GIVEN, happened("met", 5, activity="1", clock="first_response")])

    assert told([answered], {TOM}, LONDON) == Stories(
        (
            "steps of the ladder: none (nobody was late)",
            "breaches taken back: 0 (nobody had called in time and logged it late)",
            "claims refused: 0 (every call that was logged counts)",
        ),
        None,
    )


# --- from the ledger, by the demo's own service levels ------------------------------------------------------------


@pytest.fixture
def playbook(tmp_path: Path) -> Playbook:
    loaded = load(demo_config(tmp_path))
    assert isinstance(loaded, Playbook)
    return loaded


def test_by_the_demos_service_levels_a_call_without_a_note_counts_as_nothing_and_a_dialer_s_late_one_retracts(
    tmp_path: Path, playbook: Playbook
) -> None:
    due = NINE + minutes(15)
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        with ledger.writing() as tx:
            decisions.record(tx, [Recorded(decision(n), {}) for n in (1, 2)])
            for number, typed_in in ((1, False), (2, True)):
                at = NINE + minutes(5)
                call = Activity(
                    f"call {number}", "salesforce", key(number), "call", at, due + minutes(3), by=ANA,
                    direction="outbound", talk_seconds=60, answered=True, claimed=typed_in,
                )  # fmt: skip
                evidence.store(tx, [call], due + minutes(3))
                clocks.insert(tx, [clock(number, due_at=due, state=State.BREACHED, breached_at=due)])
                note(tx, [replace(one, key=key(number)) for one in [GIVEN, *breached(15)]])
                [running] = clocks.of_lead(tx, key(number))
                weigh_in(tx, playbook, running, [call], due + minutes(3))
        stories = tell(ledger, playbook, LONDON, due + minutes(3))

    assert [line for line in stories.lines if not line.startswith(" ")] == [
        "steps of the ladder: 2 breached (owner and manager told)",
        "breaches taken back: 1 (called in time, and logged late)",
        "claims refused: 1 (a call was logged, and counts as nothing: typed in without a note)",
    ]


def test_a_hot_lead_that_nobody_answers_comes_to_the_manager_before_the_demo_ends(playbook: Playbook) -> None:
    hot = playbook.policy.tiers["hot"]
    response = hot.targets[ClockKind.FIRST_RESPONSE]
    [handed_on] = [rung.after_due.amount for rung in response.ladder if rung.do == "reassign" and rung.after_due]

    turns = 1 + hot.max_reassignments
    manager = FORGET_WITHIN + turns * timedelta(seconds=response.within.amount + handed_on)
    assert NINE + manager + CALLS_WITHIN < Plan(seed=7, faults=None, alternate=False).ends(NINE)
