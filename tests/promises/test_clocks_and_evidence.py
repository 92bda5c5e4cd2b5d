"""Promise 7 and the rules about time: contact stops the clock, silence hands the lead on, an outage is no breach."""

import shutil
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from domain.activities import Activity
from domain.clocks import State
from domain.decisions import Cause
from ledger import clocks
from runtime.observe import learn
from runtime.sweep import sweep
from sla_monitor.clock import due_steps
from tests.promises import world as worlds
from tests.promises.world import MANAGER, REPS, World, credentials

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
"""The outcome of a call that a person answered, in every HubSpot portal."""


@pytest.fixture
def contact_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same configuration, but the first response is met by contact: a call of 30 s or a meeting that was held."""
    folder = tmp_path / "config"
    shutil.copytree(worlds.CONFIG, folder)
    for name, old, new in (
        ("sla.yaml", "met_by: attempt", "met_by: contact"),
        ("sla.yaml", "answered_at_least: 30 s }", "answered_at_least: 30 s }, meeting: { held: true }"),
        ("crm/hubspot.yaml", "calls: calls", "calls: calls, meetings: meetings"),
    ):
        file = folder / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
    monkeypatch.setattr(worlds, "CONFIG", folder)


def in_hubspot(world: World, method: str, path: str, **properties: object) -> Any:
    """What a person does in the portal by hand."""
    answer = requests.request(
        method,
        f"{world.sandbox.url}/crm/{path}",
        json={"properties": properties},
        headers={"Authorization": f"Bearer {credentials('hubspot', world.sandbox.url).secret}"},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()


def test_a_call_logged_in_the_crm_stops_the_clock(world: World) -> None:
    lead = world.new_lead(email="called@firm.example")
    world.run()
    owner = world.owner(lead)
    world.advance(minutes=20)
    world.person_calls(lead, str(owner))

    world.advance(minutes=1)
    world.tick()

    assert world.first_response(lead).state == State.MET
    written = {key.lower(): value for key, value in world.rows()[lead.id].items()}
    assert "Met" in (written.get("fairlead_sla_state__c"), written.get("fairlead_sla_state"))


def test_an_unanswered_lead_is_warned_about_breached_and_handed_to_somebody_who_has_not_had_it(world: World) -> None:
    lead = world.new_lead(email="silence@firm.example")
    world.run()
    first = world.owner(lead)

    for _ in range(9):
        world.advance(minutes=9)
        world.tick()

    kinds = [event.kind for event in world.events(lead)]
    assert kinds.index("reminded") < kinds.index("breached")
    assert world.owner(lead) in REPS
    assert world.owner(lead) != first
    assert [decision.cause for decision in world.decisions(lead)] == [Cause.NEW, Cause.SLA]
    assert any(notice.event == "reminder" and notice.to == (first,) for notice in world.told)


def test_a_lead_that_nobody_answers_ends_with_the_manager(world: World) -> None:
    lead = world.new_lead(email="nobody@firm.example")

    for _ in range(30):
        world.tick()
        world.advance(minutes=15)

    owners = [decision.owner for decision in world.decisions(lead)]
    assert world.owner(lead) == MANAGER
    assert len(set(owners)) == len(owners)
    assert world.events(lead)[-1].kind == "stays"


def test_a_call_that_happened_in_time_but_was_logged_after_the_due_time_is_no_breach(world: World) -> None:
    lead = world.new_lead(email="late-log@firm.example")
    world.run()
    owner = str(world.owner(lead))
    at = world.now.isoformat()
    world.advance(minutes=61)
    world.person_calls(lead, owner, seconds=90, at=at.replace("09:00", "09:30"))

    world.advance(minutes=10)
    world.tick()

    assert world.first_response(lead).state == State.MET
    assert len(world.decisions(lead)) == 1


def test_writes_held_up_by_429_for_20_minutes_breach_no_first_response_and_count_against_nobody(world: World) -> None:
    lead = world.new_lead(email="held-up@firm.example")
    world.fault({"status": 429, "retry_after": 30}, **world.writes())

    for _ in range(20):
        world.tick()
        world.advance(minutes=1)
    held_up = world.owner(lead)
    world.no_faults()
    world.advance(minutes=6)
    world.tick()

    breaches = world.events(lead, "breached")
    assert held_up is None
    assert world.owner(lead) == world.decisions(lead)[0].owner
    assert world.first_response(lead).state == State.RUNNING
    assert world.first_response(lead).started_at == world.now
    assert [(breach.detail["clock"], breach.detail["owner"]) for breach in breaches] == [("assignment", None)]


def test_where_the_crm_cannot_be_read_nothing_is_held_against_anybody(world: World) -> None:
    lead = world.new_lead(email="blackout@firm.example")
    world.run()
    world.advance(minutes=75)
    world.fault({"status": 503})

    for _ in range(3):
        world.advance(minutes=1)
        sweep(world.services, world.crm)

    assert world.events(lead, "breached") == []


def test_one_call_logged_on_two_contacts_stops_the_clocks_of_both(hubspot: World) -> None:
    leads = hubspot.new_leads([{"email": "one@one.example"}, {"email": "two@two.example"}])
    hubspot.run()
    one, two = leads
    hubspot.advance(minutes=10)
    by = hubspot.users[str(hubspot.owner(one))]
    [call] = hubspot.sandbox.control("POST", "/hubspot/calls", json=[{"lead": one.id, "owner": by, "seconds": 60}])
    in_hubspot(hubspot, "PUT", f"v4/objects/calls/{call}/associations/default/contacts/{two.id}")

    hubspot.advance(minutes=1)
    hubspot.tick()

    assert [hubspot.first_response(lead).state for lead in leads] == [State.MET, State.MET]


@pytest.mark.usefixtures("contact_counts")
def test_a_call_seen_while_it_rang_stops_the_clock_once_its_outcome_is_filled_in(hubspot: World) -> None:
    lead = hubspot.new_lead(email="rings@firm.example")
    hubspot.run()
    hubspot.advance(minutes=10)
    by = hubspot.users[str(hubspot.owner(lead))]
    [call] = hubspot.sandbox.control("POST", "/hubspot/calls", json=[{"lead": lead.id, "owner": by, "seconds": 0}])
    ringing = {"hs_call_status": "IN_PROGRESS", "hs_call_disposition": "", "hs_call_duration": ""}
    in_hubspot(hubspot, "PATCH", f"v3/objects/calls/{call}", **ringing)
    hubspot.advance(seconds=20)
    hubspot.tick()
    rang = hubspot.first_response(lead).state

    hubspot.advance(minutes=5)
    over = {"hs_call_status": "COMPLETED", "hs_call_disposition": CONNECTED, "hs_call_duration": "240000"}
    in_hubspot(hubspot, "PATCH", f"v3/objects/calls/{call}", **over)
    hubspot.advance(minutes=1)
    hubspot.tick()

    assert (rang, hubspot.first_response(lead).state) == (State.RUNNING, State.MET)


@pytest.mark.usefixtures("contact_counts")
def test_a_meeting_seen_while_it_was_scheduled_stops_the_clock_once_it_was_held(hubspot: World) -> None:
    lead = hubspot.new_lead(email="meets@firm.example")
    hubspot.run()
    start = (hubspot.now + timedelta(minutes=15)).isoformat()
    planned = {
        "hs_timestamp": start,
        "hs_meeting_start_time": start,
        "hs_meeting_title": "First talk",
        "hs_meeting_outcome": "SCHEDULED",
        "hubspot_owner_id": hubspot.users[str(hubspot.owner(lead))],
    }
    meeting = in_hubspot(hubspot, "POST", "v3/objects/meetings", **planned)["id"]
    in_hubspot(hubspot, "PUT", f"v4/objects/meetings/{meeting}/associations/default/contacts/{lead.id}")
    hubspot.advance(minutes=1)
    hubspot.tick()
    scheduled = hubspot.first_response(lead).state

    hubspot.advance(minutes=30)
    in_hubspot(hubspot, "PATCH", f"v3/objects/meetings/{meeting}", hs_meeting_outcome="COMPLETED")
    hubspot.advance(minutes=1)
    hubspot.tick()

    assert (scheduled, hubspot.first_response(lead).state) == (State.RUNNING, State.MET)


@pytest.mark.parametrize("ahead", [20, 60 * 24 * 20])
def test_a_call_that_lies_in_the_future_neither_meets_nor_breaches_a_clock_before_its_time(
    world: World, ahead: int
) -> None:
    lead = world.new_lead(email="planned@firm.example")
    world.run()
    world.advance(minutes=5)
    at = world.now + timedelta(minutes=ahead)
    world.person_calls(lead, str(world.owner(lead)), at=at.isoformat())
    world.ticks(1, minutes=1)

    assert world.first_response(lead).state == State.RUNNING
    world.ticks(2, minutes=30)
    assert world.first_response(lead).state == (State.MET if ahead == 20 else State.BREACHED)


def test_a_call_from_before_the_assignment_does_not_count_either_where_the_clock_starts_with_the_lead(
    world: World,
) -> None:
    world.change_config("sla.yaml", "starts: assigned", "starts: created")
    lead = world.new_lead(email="early@firm.example")
    early = world.now + timedelta(minutes=5)
    world.advance(minutes=10)
    world.run()
    owner = str(world.owner(lead))
    world.person_calls(lead, owner, at=early.isoformat())
    world.ticks(1, minutes=1)
    assert world.first_response(lead).state == State.RUNNING

    world.person_calls(lead, owner)
    world.ticks(1, minutes=1)
    assert world.first_response(lead).state == State.MET


def test_the_record_shows_when_the_lead_was_reached_after_an_attempt_has_met_the_clock(world: World) -> None:
    lead = world.new_lead(email="reached@firm.example")
    world.run()
    owner = str(world.owner(lead))
    for seconds in (0, 90, 90):
        world.advance(minutes=5)
        world.person_calls(lead, owner, seconds=seconds)
        world.ticks(1, minutes=1)
    world.ticks(1, minutes=1)

    assert world.first_response(lead).met_at == world.first_response(lead).started_at + timedelta(minutes=5)
    assert world.field(lead, "first_contact_at")
    assert world.field(lead, "first_contact_by") == owner


def test_an_earlier_answer_that_is_logged_later_moves_the_time_at_which_the_clock_was_met(world: World) -> None:
    lead = world.new_lead(email="moved@firm.example")
    world.run()
    owner, start = str(world.owner(lead)), world.now
    world.advance(minutes=30)
    world.person_calls(lead, owner)
    world.ticks(1, minutes=1)
    assert world.field(lead, "response_minutes") in (30, 30.0, "30", "30.0")
    world.person_calls(lead, owner, at=(start + timedelta(minutes=10)).isoformat())
    world.ticks(2, minutes=1)

    assert world.first_response(lead).met_at == start + timedelta(minutes=10)
    assert world.field(lead, "response_minutes") in (10, 10.0, "10", "10.0")
    assert world.field(lead, "sla_state") == "Met"


def test_a_call_that_is_read_while_its_clock_is_being_breached_takes_that_back_at_once(world: World) -> None:
    lead = world.new_lead(email="meanwhile@firm.example")
    world.run()
    clock, owner = world.first_response(lead), str(world.owner(lead))
    world.advance(minutes=61)
    at = clock.started_at + timedelta(minutes=30)
    call = Activity("asterisk:1", world.crm, lead, "call", at, world.now, owner, "outbound", 60, True)

    def observed() -> None:
        with world.ledger.writing() as tx:
            learn(tx, world.services.playbook(), [call], world.now)

    with ThreadPoolExecutor() as meanwhile:
        with world.ledger.deciding() as tx:
            (found,) = clocks.unchanged(tx, [clock])
            reading = meanwhile.submit(observed)
            wait([reading], timeout=1)  # it has read the clock by then, or waits for it
            clocks.save(tx, due_steps(found, world.now)[1])
        reading.result()

    assert world.first_response(lead).state == State.MET


def test_a_breach_stays_with_who_had_the_lead_at_the_due_time_where_a_person_took_it_before_the_sweep_came(
    world: World,
) -> None:
    lead = world.new_lead(email="late@firm.example")
    world.run()
    world.advance(minutes=90)
    world.person_takes(lead, next(rep for rep in REPS if rep != world.owner(lead)))
    world.tick()

    assert world.first_response(lead).state == State.BREACHED
