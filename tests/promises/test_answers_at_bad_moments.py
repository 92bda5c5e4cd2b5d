"""What people answer or change in the CRM is acted on, whatever else happens at that moment."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Crm, Write, Written
from domain.clocks import Clock, ClockKind, State
from domain.decisions import Cause
from domain.leads import LeadKey, Seen
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


class Meanwhile:
    """A CRM in which something else happens while the first batch of writes is on its way."""

    def __init__(self, crm: Crm, act: Callable[[], None]) -> None:
        self._crm = crm
        self._acts = [act]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def write(self, rows: Sequence[Write]) -> list[Written]:
        while self._acts:
            self._acts.pop()()
        return self._crm.write(rows)


def test_a_lead_that_a_trigger_routes_again_while_it_is_being_written_is_nobodys_choice(triggered: World) -> None:
    lead = triggered.new_lead(email="doe@firm.example", industry=OTHER.get(triggered.crm, "energy"))
    plain = triggered.services

    def somebody_changes_the_industry() -> None:
        triggered.person_sets(lead, industry=MEDIA.get(triggered.crm, "media"))
        ingest.store(plain, triggered.crm, [Seen(lead, triggered.now, "webhook", hot=True)])
        route(plain, triggered.crm, "hot")

    crm: Any = Meanwhile(triggered.connector, somebody_changes_the_industry)
    triggered.services = replace(plain, crms={triggered.crm: crm})
    triggered.run()
    triggered.services = plain
    for _ in range(3):
        triggered.let_leases_end()
        triggered.advance(minutes=1)
        triggered.run()

    assert "owner_changed" not in triggered.kinds(lead)  # no person has touched the owner
    now = triggered.cycle(lead)
    assert (now.ended, triggered.owner(lead)) == (False, now.owner)
    running = [one.cycle for one in _first_responses(triggered, lead) if one.state == State.RUNNING]
    assert now.cycle in running, "nobody watches whether this lead is answered"


def test_a_person_who_brings_the_former_owner_back_is_not_taken_for_a_late_write(triggered: World) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    first = triggered.owner(lead)
    assert first
    triggered.put_back(lead)

    def somebody_brings_him_back() -> None:
        triggered.person_takes(lead, first)

    crm: Any = Meanwhile(triggered.connector, somebody_brings_him_back)
    triggered.services = replace(triggered.services, crms={triggered.crm: crm})
    triggered.person_sets(lead, industry=MEDIA.get(triggered.crm, "media"))
    notice(triggered)

    assert "owner_changed" in triggered.kinds(lead)
    assert triggered.owner(lead) == first


def _first_responses(world: World, lead: LeadKey) -> list[Clock]:
    return [one for one in world.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE]
