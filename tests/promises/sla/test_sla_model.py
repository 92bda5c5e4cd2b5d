"""Whatever happens, in whatever order, no lead is left lying. People call and log it late, take leads and put them
back, set statuses, go away; the policy changes; the CRM is out of reach for a while. After every round of the daemon:

* each lead that is open has a next time, which is not over yet, or a stated end;
* no ladder and no wait has brought a lead back to somebody who had it;
* the times that silence has handed a lead on are bounded.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.actions import AssignOwner
from domain.clocks import Clock, ClockKind
from domain.decisions import MACHINE_MADE, Cause, Decision, Outcome
from domain.leads import LeadKey
from domain.people import Absence
from ledger import clocks, leads, people, playbooks
from ledger.leads import LeadRow
from ledger.outbox import SendState
from playbook.book import Playbook, load_texts
from runtime.watch import watch
from tests.promises.world import MANAGER, REPS, World
from tests.sandbox_process import SandboxProcess

MOST = 2
"""`max_reassignments` of every policy here."""

HEAD = """\
counts_as: { attempt: { call: dialled }, contact: { call: { answered_at_least: 30 s } } }
"""
POLICIES = (
    HEAD
    + """\
tiers:
  hot:
    when: otherwise
    time_to_assign: 1 min elapsed
    time_to_claim: 30 min
    first_response: { within: 1 h }
    follow_up:
      - { after: 2 h }
      - { after: 1 business day, at: other_time_of_day }
      - { then: { review: marketing, for: 4 h } }
    conversation: { within: 2 business days, ladder: manager }
    outcome: { within: 4 business days, ladder: [ { at: 100 %, flag: true } ] }
    pause: { when: { status: Callback }, at_most: 2 h }
    ladder: [ { at: 75 %, notify: rep }, { after_due: 10 min, reassign: next } ]
    max_reassignments: 2
ladders: { manager: [ { at: 100 %, notify: manager }, { after_due: 2 h, reassign: manager } ] }
""",
    HEAD
    + """\
tiers:
  hot:
    when: otherwise
    first_response: { within: 30 min, met_by: contact, starts: created }
    on_reassign: continue
    ladder:
      - { at: 100 %, reassign: queue }
      - { after_due: 1 h, reassign: backup }
      - { after_due: 4 h, reassign: manager }
    max_reassignments: 2
running_clocks: recompute
""",
    HEAD
    + """\
choose: strictest
tiers:
  slow: { when: otherwise, first_response: { within: 1 business day }, max_reassignments: 2 }
  hot:
    when: otherwise
    calendar: lead
    time_to_claim: 1 h
    first_response: { within: 90 min elapsed }
    ladder:
      - { at: 50 %, set: { status: Working } }
      - { at: 100 %, reassign: ana@acme.example }
      - { after_start: 5 h, reassign: next }
    max_reassignments: 2
""",
    # Calls that are typed in, as all are here, have to be confirmed.
    """\
counts_as:
  attempt: { call: dialled }
  contact: { call: { answered_at_least: 30 s } }
  reported: { confirm_within: 3 h elapsed, otherwise: ignore }
tiers:
  hot:
    when: otherwise
    first_response: { within: 1 h }
    follow_up: [ { after: 1 h }, { after: 1 h, at: other_time_of_day } ]
    outcome: { within: 6 h }
    on_reassign: continue
    ladder: [ { after_due: 1 h, reassign: next } ]
    max_reassignments: 2
""",
)
STATUSES = "statuses: { accepted: [Working], requalified: [Recycled], disqualified: [Unqualified] }\n"

machines = count(1)


class Office(RuleBasedStateMachine):
    """One CRM, one ledger, one daemon, and the people around."""

    sandbox: SandboxProcess
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[LeadKey] = []
        self.settled = False

    @initialize(policy=st.sampled_from(POLICIES))
    def begin(self, policy: str) -> None:
        self.world = World(self.sandbox, "salesforce", f"sqlite:///{self.folder}/ledger{next(machines)}.db")
        self._texts = dict(self.world.services.playbook().texts)
        self._texts["crm/salesforce.yaml"] += STATUSES
        self._adopt(policy)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.ledger.close()

    # What people and the world do.

    @precondition(lambda self: len(self.leads) < 3)
    @rule()
    def a_lead_arrives(self) -> None:
        self.settled = False
        self.leads.append(self.world.new_lead(email=f"lead{len(self.leads)}@firm{len(self.leads)}.example"))

    @rule(minutes=st.sampled_from([1, 12, 40, 130, 16 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.world.advance(minutes=minutes)
        self._work()

    @rule(minutes=st.sampled_from([12, 70, 16 * 60]))
    def no_daemon_runs(self, minutes: int) -> None:
        self.world.advance(minutes=minutes)
        self.settled = False

    @precondition(lambda self: self.leads)
    @rule(which=st.integers(0, 2), seconds=st.sampled_from([0, 60]), ago=st.sampled_from([0, 0, 5, 70]))
    def somebody_calls(self, which: int, seconds: int, ago: int) -> None:
        lead = self._lead(which)
        owner = self.world.owner(lead)
        if owner:
            at = self.world.now - timedelta(minutes=ago)
            self.world.person_calls(lead, owner, seconds=seconds, at=at.isoformat())

    @precondition(lambda self: self.leads)
    @rule(which=st.integers(0, 2), rep=st.sampled_from(REPS))
    def a_person_takes_it(self, which: int, rep: str) -> None:
        self.world.person_takes(self._lead(which), rep)

    @precondition(lambda self: self.leads)
    @rule(which=st.integers(0, 2))
    def a_person_puts_it_back(self, which: int) -> None:
        self.world.put_back(self._lead(which))

    @precondition(lambda self: self.leads)
    @rule(which=st.integers(0, 2), status=st.sampled_from(["Callback", "Working", "Unqualified", "Open"]))
    def a_person_sets_the_status(self, which: int, status: str) -> None:
        self.world.person_sets(self._lead(which), status=status)

    @rule(rep=st.sampled_from([*REPS, MANAGER]), hours=st.sampled_from([1, 30]))
    def somebody_is_away(self, rep: str, hours: int) -> None:
        now = self.world.now
        with self.world.ledger.writing() as tx:
            people.add_absence(tx, Absence(rep, now, now + timedelta(hours=hours)))

    @rule(policy=st.sampled_from(POLICIES))
    def the_policy_changes(self, policy: str) -> None:
        self._adopt(policy)
        self.settled = False

    @rule()
    def the_crm_is_out_of_reach_for_a_round(self) -> None:
        self.world.fault({"status": 503})
        self.world.advance(minutes=10)
        try:
            self.world.tick()
        except Exception as problem:
            assert "Connector" in str(type(problem).__mro__)
        self.world.no_faults()
        self.settled = False

    # What must hold.

    @invariant()
    def no_lead_is_left_lying(self) -> None:
        if self.settled:
            for lead in self.leads:
                row = self._row(lead)
                # One that a person took, or closed, before anybody has decided about it never was ours.
                assert row is None or row.ended or self._goes_on(lead, row) or self._has_a_stated_end(lead, row), (
                    self._story(lead)
                )

    @invariant()
    def no_lead_comes_back_to_somebody_who_had_it(self) -> None:
        for lead in self.leads:
            for before, made in _runs(self.world.decisions(lead) if hasattr(self, "world") else []):
                if made.cause == Cause.SLA and made.owner:
                    assert made.owner not in {one.owner for one in before}, self._story(lead)

    @invariant()
    def reassignments_are_bounded(self) -> None:
        for lead in self.leads:
            for before, made in _runs(self.world.decisions(lead)):
                handed_on = [one for one in (*before, made) if one.cause == Cause.SLA]
                # The last one brings it to the manager; and a lead is reviewed once, for want of contact.
                assert len([one for one in handed_on if one.outcome != Outcome.REVIEW]) <= MOST + 1, self._story(lead)

    def _row(self, lead: LeadKey) -> LeadRow | None:
        with self.world.ledger.reading() as tx:
            return leads.current(tx, [lead]).get(lead)

    def _goes_on(self, lead: LeadKey, row: LeadRow) -> bool:
        """Whether there is a next time; one that is over would have been acted on."""
        waiting = [clock for clock in self._of_cycle(lead, row) if clock.next_at]
        assert all(clock.next_at and clock.next_at > self.world.now for clock in waiting), self._story(lead)
        unsent = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN)
        return bool(waiting) or any(
            isinstance(one.action, AssignOwner) and one.state in unsent for one in self.world.sends(lead)
        )

    def _has_a_stated_end(self, lead: LeadKey, row: LeadRow) -> bool:
        """Answered, settled, out of the hands of sales, or at the end of its ladder, which says so."""
        if row.outcome in (Outcome.NURTURED, Outcome.DISQUALIFIED):
            return True
        kinds = {event.kind for event in self.world.events(lead) if event.cycle == row.cycle}
        answered = any(clock.met_at for clock in self._of_cycle(lead, row) if clock.kind != ClockKind.ASSIGNMENT)
        inherited = any(clock.met_at for clock in self.world.clocks(lead) if clock.kind == ClockKind.FIRST_RESPONSE)
        return answered or inherited or bool(kinds & {"stays", "ladder_ended", "settled", "recomputed"})

    def _of_cycle(self, lead: LeadKey, row: LeadRow) -> list[Clock]:
        return [clock for clock in self.world.clocks(lead) if clock.cycle == row.cycle]

    # Behind the scenes.

    def _work(self) -> None:
        """Rounds of the daemon until nothing is due any more."""
        watch(self.world.services, self.world.crm)
        for _ in range(8):
            self.world.let_leases_end()
            self.world.tick()
            with self.world.ledger.reading() as tx:
                if not clocks.awaited(tx, self.world.now):
                    break
        self.world.run()
        self.settled = True

    def _adopt(self, policy: str) -> None:
        book = load_texts({**self._texts, "sla.yaml": policy})
        assert isinstance(book, Playbook), book
        with self.world.ledger.writing() as tx:
            playbooks.activate(tx, book.version, book.texts, self.world.now)
        self.world.use(book)

    def _lead(self, which: int) -> LeadKey:
        self.settled = False
        return self.leads[which % len(self.leads)]

    def _story(self, lead: LeadKey) -> str:
        made = [f"{one.cycle} {one.cause} {one.outcome} {one.owner} {one.rule}" for one in self.world.decisions(lead)]
        told = [f"{one.cycle} {one.at} {one.kind} {one.detail}" for one in self.world.events(lead)]
        clocks = [
            f"{one.cycle} {one.kind} {one.state} {one.owner} {one.started_at} due {one.due_at} next {one.next_at}"
            for one in self.world.clocks(lead)
        ]
        return "\n".join([str(self.world.now), str(self._row(lead)), *made, *told, *clocks])


def _runs(made: Sequence[Decision]) -> list[tuple[list[Decision], Decision]]:
    """Each decision with those before it since a person or a trigger last began anew."""
    found: list[tuple[list[Decision], Decision]] = []
    before: list[Decision] = []
    for decision in made:
        if decision.cause not in MACHINE_MADE:
            before = []
        found.append((list(before), decision))
        before.append(decision)
    return found


@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(3, 12, id="a few"), pytest.param(60, 40, id="many", marks=pytest.mark.slow)],
)
def test_no_lead_is_left_lying_whatever_happens(
    sandbox: SandboxProcess, tmp_path: Path, examples: int, steps: int
) -> None:
    machine = type("Here", (Office,), {"sandbox": sandbox, "folder": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        ),
    )
