"""What became of a lead is known however long after its first answer: weights and experiments are counted from it."""

from dataclasses import replace

import pytest

from connectors.registry import connect
from runtime.watch import watch
from tests.crm_example import credentials
from tests.promises.world import REPS, World

WON = {"hubspot": "OPEN_DEAL", "salesforce": "Closed - Converted", "rest": "won"}


def noticed(world: World) -> list[object]:
    """How the lead is gone, as often as that was noted, after two rounds of the watch."""
    for _ in range(2):
        world.advance(minutes=5)
        watch(world.services, world.crm)
        world.run()
    [lead] = {event.lead for event in world.in_order()}
    return [event.detail["why"] for event in world.events(lead, "gone")]


@pytest.fixture
def by_status(world: World) -> World:
    """A status says that a lead is converted."""
    file = f"crm/{world.crm}.yaml"
    world.change_config(file, "poll_every", f"statuses: {{ converted: [{WON[world.crm]}] }}\npoll_every")
    book = world.services.playbook()
    crm = connect(world.crm, credentials(world.crm, world.sandbox.url), book.crms[world.crm], book.not_people)
    crm.sign_in()
    world.services = replace(world.services, crms={world.crm: crm})
    return world


def test_a_lead_whose_status_says_so_is_converted(by_status: World) -> None:
    lead = by_status.new_lead(email="doe@firm.example")
    by_status.run()
    by_status.person_sets(lead, status=WON[by_status.crm])
    assert noticed(by_status) == ["converted"]


def test_a_lead_that_a_person_took_before_is_counted_as_converted_too(by_status: World) -> None:
    lead = by_status.new_lead(email="doe@firm.example")
    by_status.run()
    owner = by_status.owner(lead)
    by_status.person_takes(lead, next(rep for rep in REPS if rep != owner))
    by_status.person_sets(lead, status=WON[by_status.crm])
    assert noticed(by_status) == ["converted"]


def test_a_lead_that_salesforce_converts_is_noticed_although_nothing_is_watched(salesforce: World) -> None:
    lead = salesforce.new_lead(email="doe@firm.example")
    salesforce.run()
    salesforce.sandbox.control("POST", "/salesforce/convert", json={"lead": lead.id})
    assert noticed(salesforce) == ["converted"]
