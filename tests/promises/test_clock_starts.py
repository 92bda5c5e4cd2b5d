"""Clocks begin when the CRM shows the owner, whatever happens to us meanwhile; and they can be taken back."""

from datetime import datetime, timedelta

import pytest

from domain.clocks import State
from domain.decisions import Outcome
from domain.leads import Lead, Unreadable
from domain.people import Absence
from ledger import people
from runtime.sweep import sweep
from tests.promises.world import MANAGER, REPS, World

LAST_RUNG = "      - { after_due: 10 min, reassign: next }\n"


def test_a_call_between_a_write_and_the_worker_that_found_out_about_it_counts(world: World) -> None:
    lead = world.new_lead(email="quick@firm.example")
    world.die_after_write()
    world.advance(minutes=1)
    world.person_calls(lead, str(world.owner(lead)))

    world.ticks(1, minutes=2)
    world.ticks(8, minutes=10)

    assert world.first_response(lead).state == State.MET
    assert len(world.decisions(lead)) == 1


def test_the_clock_starts_with_the_write_that_the_crm_took_and_not_with_one_that_came_to_nothing(world: World) -> None:
    lead = world.new_lead(email="stale@firm.example")
    world.fault({"drop_before": True}, times=1, **world.writes())
    world.fault({"status": 429, "retry_after": 30}, **world.writes())
    world.run()
    for _ in range(4):
        world.advance(minutes=20)
        world.run()
    held_up = world.owner(lead)
    world.no_faults()
    world.advance(minutes=10)
    world.die_after_write()
    taken_at = world.now

    world.advance(minutes=3)
    world.run()

    assert held_up is None
    assert world.first_response(lead).started_at >= taken_at


def test_the_due_time_in_the_crm_is_the_clocks_even_after_a_crash(world: World) -> None:
    lead = world.new_lead(email="due@firm.example")
    world.die_after_write()

    world.advance(minutes=3)
    world.run()

    assert datetime.fromisoformat(str(world.field(lead, "due_at"))) == world.first_response(lead).due_at


@pytest.mark.parametrize(("calendar", "rests"), [("rep", True), ("pool", False)])
def test_the_clock_rests_while_the_rep_is_away_where_it_runs_in_his_hours(
    world: World, calendar: str, rests: bool
) -> None:
    world.change_config("sla.yaml", "calendar: pool", f"calendar: {calendar}")
    soon = world.now + timedelta(minutes=20)
    with world.ledger.writing() as tx:
        for rep in REPS:
            people.add_absence(tx, Absence(rep, soon, soon + timedelta(minutes=90)))
    lead = world.new_lead(email="dentist@firm.example")
    world.run()

    took = world.first_response(lead).due_at - world.first_response(lead).started_at

    assert took == timedelta(minutes=150 if rests else 60)
    assert datetime.fromisoformat(str(world.field(lead, "due_at"))) == world.first_response(lead).due_at


def test_a_clock_whose_tier_was_renamed_is_still_met_by_a_call(world: World) -> None:
    lead = world.new_lead(email="gold@firm.example")
    world.run()
    world.change_config("sla.yaml", "  hot:\n", "  gold:\n")
    world.advance(minutes=20)
    world.person_calls(lead, str(world.owner(lead)))

    world.ticks(8, minutes=10)

    assert world.first_response(lead).state == State.MET
    assert len(world.decisions(lead)) == 1


def test_a_breach_with_which_the_ladder_ends_is_taken_back_by_a_call_that_was_logged_late(world: World) -> None:
    world.change_config("sla.yaml", LAST_RUNG, "")
    lead = world.new_lead(email="last-rung@firm.example")
    world.run()
    called_at = world.now + timedelta(minutes=30)
    world.ticks(1, minutes=61)
    at_first = world.first_response(lead).state

    world.person_calls(lead, str(world.owner(lead)), seconds=90, at=called_at.isoformat())
    world.ticks(5, minutes=5)

    assert (at_first, world.first_response(lead).state) == (State.BREACHED, State.MET)


def test_a_breach_is_taken_back_by_a_call_that_was_logged_after_the_lead_was_handed_on(world: World) -> None:
    lead = world.new_lead(email="too-late@firm.example")
    world.run()
    first, called_at = str(world.owner(lead)), world.now + timedelta(minutes=30)
    world.ticks(9, minutes=9)
    second = world.owner(lead)

    world.person_calls(lead, first, seconds=90, at=called_at.isoformat())
    world.ticks(3, minutes=2)

    assert second != first
    assert world.first_response(lead).state == State.MET


def test_a_lead_that_cannot_be_read_at_the_end_of_its_wait_is_decided_when_it_can(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.advance(hours=12)
    lead = world.new_lead(email="unreadable@firm.example")
    world.run()
    waiting = world.cycle(lead)
    world.advance(hours=36)

    def unreadable(ids: list[str]) -> list[Lead | Unreadable]:
        return [Unreadable(lead, "dates that are none")]

    with monkeypatch.context() as broken:
        broken.setattr(world.connector, "read", unreadable)
        sweep(world.services, world.crm)
    meanwhile = world.cycle(lead)
    world.let_leases_end()
    sweep(world.services, world.crm)

    assert (waiting.outcome, meanwhile) == (Outcome.WAITING, waiting)
    assert world.owner(lead) == MANAGER
