"""Leads that wait, for the tests of all that can happen to them meanwhile: the configurations, and what people do."""

from collections.abc import Iterator

import pytest

from domain.decisions import Outcome
from domain.leads import LeadKey
from runtime.watch import watch
from tests.promises.world import World

__all__ = ["offering", "pull", "reviewing"]

POOL_ENDS = "    hours: office\n"
OFFERS = POOL_ENDS + (
    "    backup: [eli@acme.example]\n"
    "    offer: [ { to: next, for: 15 min }, { to: backup, for: 15 min }, { to: everyone, for: 30 min }, "
    "{ to: manager } ]\n"
)
PULL = POOL_ENDS + "    offer: [ { to: everyone, for: 30 min }, { to: manager } ]\n"
REVIEW = (
    "when: otherwise, "
    "review: { queue: marketing, for: 4 h, approved: continue, rejected: { nurture: marketing }, no_answer: manager }"
)


@pytest.fixture
def offering(world: World) -> Iterator[World]:
    world.change_config("teams.yaml", POOL_ENDS, OFFERS)
    yield world


@pytest.fixture
def pull(world: World) -> Iterator[World]:
    world.change_config("teams.yaml", POOL_ENDS, PULL)
    yield world


@pytest.fixture
def reviewing(world: World) -> Iterator[World]:
    with_rule(world, REVIEW)
    yield world


def with_rule(world: World, rule: str) -> None:
    world.change_config("routing.yaml", "rules:\n", f"rules:\n  - {{ name: First, {rule} }}\n")


def arrives(world: World, **fields: str) -> LeadKey:
    lead = world.new_lead(email="doe@firm.example", **fields)
    world.run()
    return lead


def notice(world: World) -> None:
    """What people have changed is noticed, and acted on."""
    watch(world.services, world.crm)
    world.tick()


def outcomes(world: World, lead: LeadKey) -> list[Outcome]:
    return [one.outcome for one in world.decisions(lead)]
