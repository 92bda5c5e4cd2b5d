"""Promise 4 in the long run: whoever owns the lead in the CRM owns it, and what nobody owns is decided again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.hubspot.portal import Record
from domain.clocks import State
from domain.decisions import Outcome
from domain.people import Absence
from ledger import people
from runtime import ingest
from tests.promises.world import MANAGER, REPS, Died, World


def test_a_lead_that_is_put_back_in_the_queue_is_decided_again(world: World) -> None:
    lead = world.new_lead(email="back@firm.example")
    world.run()
    world.advance(minutes=5)
    world.put_back(lead)

    world.ticks(6, minutes=10)

    assert world.owner(lead) is not None
    assert len(world.decisions(lead)) == 2


def test_a_lead_that_was_answered_and_then_put_back_is_decided_again(world: World) -> None:
    lead = world.new_lead(email="answered@firm.example")
    world.run()
    world.advance(minutes=5)
    world.person_calls(lead, str(world.owner(lead)))
    world.ticks(1, minutes=1)
    answered = world.first_response(lead).state
    world.advance(hours=1)
    world.put_back(lead)

    world.ticks(2, minutes=20)

    assert answered == State.MET
    assert world.owner(lead) is not None


def test_a_person_who_takes_over_from_somebody_whose_address_has_changed_keeps_the_lead(world: World) -> None:
    lead = world.new_lead(email="left@firm.example")
    world.run()
    first = world.owner(lead)
    left = {"email": "left.ana@acme.example", "active": False}
    world.users_change(lambda user: replace(user, **left) if user.email == first else user)
    world.person_takes(lead, REPS[4])

    world.ticks(9, minutes=9)

    assert first == REPS[0]
    assert world.owner(lead) == REPS[4]
    assert world.cycle(lead).ended


def test_a_user_who_left_and_has_the_same_address_is_nobody_who_took_the_lead(world: World) -> None:
    left = {"email": "old-ana@acme.example", "name": "Ana Old", "active": False}
    [old] = world.sandbox.control("POST", f"/{world.crm}/users", json=[left])
    world.users_change(lambda user: replace(user, email=REPS[0]) if user.id == old else user)
    lead = world.new_lead(email="twins@firm.example")
    world.run()

    world.ticks(5, minutes=10)

    assert world.decisions(lead)[0].owner == REPS[0]
    assert "owner_changed" not in world.kinds(lead)
    assert "reminded" in world.kinds(lead)


def test_whoever_takes_a_lead_before_our_write_was_settled_keeps_it_and_nobody_else_is_told_to_answer(
    world: World,
) -> None:
    lead = world.new_lead(email="settled@firm.example")
    world.die_after_write()
    world.person_takes(lead, REPS[4])

    world.let_leases_end()
    for _ in range(2):
        world.run()

    assert world.owner(lead) == REPS[4]
    assert [notice for notice in world.told if notice.event == "assigned"] == []


def test_whoever_took_a_lead_is_given_its_duplicates(salesforce: World) -> None:
    first = salesforce.new_lead(email="same@firm.example")
    salesforce.run()
    salesforce.person_takes(first, REPS[4])
    salesforce.ticks(5, minutes=10)

    second = salesforce.new_lead(email="same@firm.example")
    salesforce.run()

    assert salesforce.cycle(first).ended
    assert salesforce.owner(second) == REPS[4]


@pytest.mark.parametrize("lost", ["the answer", "the worker"])
def test_a_person_who_came_just_before_a_write_of_which_nobody_heard_again_gets_the_lead_back(
    hubspot: World, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = hubspot.new_lead(email="between@firm.example")
    portal = hubspot.connector._portal  # type: ignore[attr-defined]
    update = portal.update

    def interrupted(kind: str, inputs: list[Record]) -> Record:
        if hubspot.owner(lead) is not None:
            return update(kind, inputs)
        hubspot.person_takes(lead, REPS[4])
        if lost == "the answer":
            hubspot.fault({"drop_after_write": True}, times=1, **hubspot.writes())
            return update(kind, inputs)
        update(kind, inputs)
        raise Died

    monkeypatch.setattr(portal, "update", interrupted)
    try:
        hubspot.run()
    except Died:
        assert lost == "the worker"
    for _ in range(3):
        hubspot.let_leases_end()
        hubspot.run()

    assert hubspot.owner(lead) == REPS[4]


def test_a_lead_that_nobody_can_take_over_is_decided_again_when_its_wait_or_review_is_over(world: World) -> None:
    lead = world.new_lead(email="party@firm.example")
    world.run()
    first = world.owner(lead)
    begins, ends = world.now + timedelta(minutes=30), world.now + timedelta(minutes=90)
    with world.ledger.writing() as tx:
        for rep in (*REPS, MANAGER):
            people.add_absence(tx, Absence(rep, begins, ends, None, "party"))
    world.ticks(8, minutes=10)
    nobody_there = world.cycle(lead).outcome

    world.ticks(3, hours=12)

    assert nobody_there in (Outcome.REVIEW, Outcome.WAITING)
    assert not world.cycle(lead).ended
    assert world.cycle(lead).owner not in (None, first)


def test_reconciliation_leaves_a_lead_that_a_person_took_alone(world: World) -> None:
    lead = world.new_lead(email="reconciled@firm.example")
    world.run()
    world.person_takes(lead, REPS[4])

    for _ in range(3):
        world.ticks(1, hours=1)
        ingest.reconcile(world.services, world.crm)
        world.run()

    assert world.owner(lead) == REPS[4]
    assert len(world.decisions(lead)) == 1
