"""What is said of a person, or a breach, is said whatever becomes of the lead; only its owner is asked to answer it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connectors.base import TryLater
from domain.actions import Notify
from domain.leads import LeadKey
from tests.promises.test_causes_and_consequences import ANA, CHRONIC, assigned, for_ana_alone, sla
from tests.promises.world import MANAGER, World

THEN_HAND_ON = "      - { after_due: 10 min, reassign: next }\n"
AT_ONCE = "      - { at: 100 %, reassign: next }\n"


@pytest.fixture
def handing_on(world: World) -> World:
    """A lead whose time is over goes to somebody else at once."""
    sla(world, THEN_HAND_ON, AT_ONCE)
    return world


@contextmanager
def silence(world: World) -> Iterator[None]:
    """Nobody can be told anything meanwhile."""
    tell = world.services.tell

    def away(_: Notify) -> None:
        raise TryLater("the channel is away")

    world.services = replace(world.services, tell=away)
    yield
    world.services = replace(world.services, tell=tell)


def said(world: World, words: str) -> list[tuple[str, ...]]:
    """Who was told something with these words."""
    return [notice.to for notice in world.told if words in notice.text]


def two_leads_of_ana(world: World) -> list[LeadKey]:
    for_ana_alone(world)
    return [assigned(world, email=f"p{number}@firm{number}.example")[0] for number in range(2)]


def test_what_follows_for_a_person_is_said_also_where_the_same_sweep_hands_the_lead_on(handing_on: World) -> None:
    sla(handing_on, "choose: first\n", CHRONIC)
    leads = two_leads_of_ana(handing_on)
    handing_on.ticks(1, minutes=61)
    handing_on.ticks(2, minutes=1)

    assert [handing_on.owner(lead) for lead in leads] == [MANAGER, MANAGER]
    assert said(handing_on, "has broken 2 promises") == [(MANAGER,)]
    assert said(handing_on, "gets fewer leads from now on") == [(ANA, MANAGER)]


def test_what_follows_for_a_person_is_said_also_where_the_lead_is_deleted_before(world: World) -> None:
    sla(world, "choose: first\n", CHRONIC)
    leads = two_leads_of_ana(world)
    with silence(world):
        world.ticks(1, minutes=61)
        for lead in leads:
            world.delete(lead)
        world.ticks(1, minutes=10)
        assert all(world.cycle(lead).ended for lead in leads)
    world.ticks(3, minutes=5)

    assert said(world, "has broken 2 promises") == [(MANAGER,)]


def test_the_manager_hears_of_a_breach_that_hands_the_lead_on_and_who_had_it_is_not_asked_to_answer_it(
    handing_on: World,
) -> None:
    lead, owner = assigned(handing_on)
    handing_on.ticks(1, minutes=61)
    handing_on.ticks(1, minutes=1)

    assert handing_on.owner(lead) not in (owner, None)
    assert said(handing_on, "has no answer yet: the time is over") == [(MANAGER,)]


def test_the_record_says_why_it_was_breached_also_where_the_same_sweep_hands_the_lead_on(handing_on: World) -> None:
    lead, owner = assigned(handing_on)
    handing_on.ticks(1, minutes=61)
    handing_on.ticks(1, minutes=1)

    assert handing_on.owner(lead) not in (owner, None)
    assert handing_on.field(lead, "breach_cause") == "owner did not act"


def test_a_breach_that_could_not_be_told_before_the_lead_was_handed_on_is_told_to_the_manager_alone(
    world: World,
) -> None:
    lead, owner = assigned(world)
    world.ticks(1, minutes=50)
    with silence(world):
        world.ticks(1, minutes=11)
        world.ticks(2, minutes=10)
        assert world.owner(lead) not in (owner, None)
    world.ticks(3, minutes=5)

    assert said(world, "has no answer yet: the time is over") == [(MANAGER,)]


def test_whoever_keeps_the_lead_is_asked_beside_the_manager(world: World) -> None:
    _, owner = assigned(world)
    world.ticks(1, minutes=50)
    world.ticks(1, minutes=11)

    assert said(world, "has no answer yet: the time is over") == [(owner, MANAGER)]


def test_a_warning_before_the_time_is_over_is_no_use_to_anybody_once_the_lead_is_handed_on(world: World) -> None:
    sla(world, THEN_HAND_ON, "      - { at: 80 %, notify: [rep, manager] }\n      - { at: 80 %, reassign: next }\n")
    assigned(world)
    world.ticks(1, minutes=49)
    world.ticks(2, minutes=1)

    assert said(world, "min left") == []
