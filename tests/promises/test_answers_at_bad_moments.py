"""What people answer or change in the CRM is acted on, whatever else happens at that moment."""

import pytest

from connectors.base import Write
from domain.decisions import Cause
from runtime import ingest
from runtime.route import route
from runtime.watch import watch
from tests.promises.test_triggers_and_answers import MEDIA, OTHER, TRIGGERS, decided, notice
from tests.promises.world import World


@pytest.fixture
def triggered(world: World) -> World:
    world.change_config("routing.yaml", "rules:", TRIGGERS)
    return world


def test_a_decline_that_is_read_before_the_write_is_confirmed_still_hands_the_lead_on(world: World) -> None:
    lead = world.new_lead(email="doe@firm.example")
    world.fault({"drop_after_write": True}, times=1, **world.writes())
    ingest.poll(world.services, world.crm)
    route(world.services, world.crm, "hot")  # the write was applied, and its answer is lost
    world.person_sets(lead, answer="Decline")
    watch(world.services, world.crm)
    route(world.services, world.crm, "hot")

    world.let_leases_end()
    for _ in range(3):
        world.advance(minutes=1)
        notice(world)

    assert [one.cause for one in world.decisions(lead)] == [Cause.NEW, Cause.REJECTED]


def test_a_rep_who_declines_and_puts_the_lead_back_in_one_go_hands_it_on(world: World) -> None:
    lead = decided(world)
    first = world.owner(lead)
    world.person_sets(lead, answer="Decline")
    world.put_back(lead)

    watch(world.services, world.crm)
    for _ in range(3):
        world.run()
        notice(world)

    assert [one.cause for one in world.decisions(lead)] == [Cause.NEW, Cause.REJECTED]
    assert world.owner(lead) not in (None, first)


def test_a_trigger_counts_although_the_person_answered_in_the_same_save(triggered: World) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    triggered.person_sets(lead, answer="Accept", industry=MEDIA.get(triggered.crm, "media"))

    for _ in range(3):
        notice(triggered)
        triggered.advance(minutes=1)

    assert [one.cause for one in triggered.decisions(lead)] == [Cause.NEW, Cause.TRIGGER]
    assert len(triggered.events(lead, "accepted")) == 1


def test_what_we_write_to_an_accepted_lead_is_no_news(world: World) -> None:
    lead = decided(world)
    world.person_sets(lead, answer="Accept")
    notice(world)
    world.advance(minutes=10)
    world.connector.write([Write(lead, {"sla_state": "At risk"})])

    assert notice(world) == 0
