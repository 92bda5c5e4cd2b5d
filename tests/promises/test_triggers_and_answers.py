"""What a person does to a lead that has been decided: an answer or a changed field is acted on once, and no more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.clocks import ClockKind, State
from domain.decisions import Cause, Outcome
from domain.leads import LeadKey, Seen
from ledger import cursors
from runtime import ingest
from runtime.route import route
from runtime.watch import STREAM, watch
from tests.promises.deaths import run_worker
from tests.promises.world import MANAGER, REPS, World

MOST_POINTS = 120

TRIGGERS = """triggers:
  - { when: { changed: industry, industry: [retail, RETAIL] }, then: new_clock }
  - { when: { changed: industry, industry: [media, PUBLISHING] }, then: route_again }
rules:"""
RETAIL, MEDIA, OTHER = ({"hubspot": "RETAIL"}, {"hubspot": "PUBLISHING"}, {"hubspot": "OIL_ENERGY"})
"""HubSpot's own industries; elsewhere the words of the rules."""


@pytest.fixture
def triggered(world: World) -> Iterator[World]:
    world.change_config("routing.yaml", "rules:", TRIGGERS)
    yield world


def notice(world: World) -> int:
    """A round of the watch, and of the work that follows; how many leads had news."""
    new = watch(world.services, world.crm)
    world.run()
    return new


def decided(world: World, **fields: str) -> LeadKey:
    lead = world.new_lead(email="doe@firm.example", **fields)
    world.run()
    world.advance(minutes=5)
    return lead


def test_a_lead_that_is_declined_goes_to_somebody_else_and_the_answer_is_cleared(world: World) -> None:
    lead = decided(world)
    first = world.owner(lead)
    world.person_sets(lead, answer="Decline")

    notice(world)

    assert [one.cause for one in world.decisions(lead)] == [Cause.NEW, Cause.REJECTED]
    assert world.owner(lead) in {*REPS} - {first}
    assert not world.field(lead, "answer")


def test_a_declined_lead_gives_its_turn_back(world: World) -> None:
    lead = decided(world)
    first = world.owner(lead)
    world.person_sets(lead, answer="Decline")
    notice(world)

    others = world.new_leads([{"email": f"next{at}@firm{at}.example"} for at in range(4)])
    world.run()

    assert first in {world.owner(other) for other in others}


@pytest.mark.parametrize(("answer", "event"), [("Accept", "accepted"), ("Approve", "approved"), ("Reject", "rejected")])
def test_other_answers_are_noted_once_and_change_nothing(world: World, answer: str, event: str) -> None:
    lead = decided(world)
    owner = world.owner(lead)
    world.person_sets(lead, answer=answer)

    for _ in range(3):
        notice(world)
        world.advance(minutes=1)

    assert [one.kind for one in world.events(lead, event)] == [event]
    assert (len(world.decisions(lead)), world.owner(lead)) == (1, owner)


def test_the_same_decline_noticed_again_and_again_is_one_decision(world: World) -> None:
    lead = decided(world)
    world.person_sets(lead, answer="Decline")

    for _ in range(3):
        notice(world)
        ingest.store(world.services, world.crm, [Seen(lead, world.now, f"webhook {world.now}", hot=True)])
        world.run()
        world.advance(minutes=1)

    assert len(world.decisions(lead)) == 2


def test_a_webhook_that_names_a_declined_lead_does_what_the_watch_does(world: World) -> None:
    lead = decided(world)
    world.person_sets(lead, answer="Decline")

    ingest.store(world.services, world.crm, [Seen(lead, world.now, "webhook", hot=True)])
    route(world.services, world.crm, "hot")

    assert [one.cause for one in world.decisions(lead)] == [Cause.NEW, Cause.REJECTED]


def test_a_field_that_a_trigger_waits_for_routes_the_lead_again(triggered: World) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    triggered.person_sets(lead, industry=MEDIA.get(triggered.crm, "media"))

    new = notice(triggered)

    assert (new, [one.cause for one in triggered.decisions(lead)]) == (1, [Cause.NEW, Cause.TRIGGER])
    assert triggered.cycle(lead).outcome == Outcome.ASSIGNED


def test_a_trigger_for_a_new_clock_leaves_the_owner_and_starts_the_time_afresh(triggered: World) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    owner = triggered.owner(lead)
    triggered.person_sets(lead, industry=RETAIL.get(triggered.crm, "retail"))

    notice(triggered)

    clocks = [one for one in triggered.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE]
    assert [(one.state, one.round) for one in clocks] == [(State.ENDED, 0), (State.RUNNING, 1)]
    assert (clocks[1].started_at, clocks[1].owner, triggered.owner(lead)) == (triggered.now, owner, owner)
    assert len(triggered.decisions(lead)) == 1


@pytest.mark.parametrize("noticed", [True, False])
def test_a_person_who_took_the_lead_keeps_it_whatever_field_changes(triggered: World, noticed: bool) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    triggered.person_takes(lead, MANAGER)
    if noticed:
        triggered.ticks(3, hours=2)
    triggered.person_sets(lead, industry=MEDIA.get(triggered.crm, "media"))

    notice(triggered)

    assert triggered.owner(lead) == MANAGER
    assert len(triggered.events(lead, "triggered")) == 1


def test_a_change_that_no_trigger_is_about_starts_nothing(triggered: World) -> None:
    lead = decided(triggered, industry=RETAIL.get(triggered.crm, "retail"))
    triggered.person_sets(lead, industry=OTHER.get(triggered.crm, "energy"))

    notice(triggered)

    assert triggered.events(lead, "triggered") == []
    assert len(triggered.decisions(lead)) == 1


def test_what_we_wrote_ourselves_is_no_news(triggered: World) -> None:
    decided(triggered, industry=RETAIL.get(triggered.crm, "retail"))

    assert notice(triggered) == 0


def test_the_same_change_noticed_again_and_again_starts_one_clock(triggered: World) -> None:
    lead = decided(triggered, industry=OTHER.get(triggered.crm, "energy"))
    triggered.person_sets(lead, industry=RETAIL.get(triggered.crm, "retail"))

    for _ in range(3):
        notice(triggered)
        ingest.store(triggered.services, triggered.crm, [Seen(lead, triggered.now, f"webhook {triggered.now}")])
        triggered.run()
        triggered.advance(minutes=1)

    assert [one.round for one in triggered.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE] == [0, 1]


@pytest.mark.slow
def test_a_worker_killed_at_any_point_acts_on_a_decline_once(world: World) -> None:
    for point in range(MOST_POINTS):
        lead = world.new_lead(email=f"kill{point}@firm{point}.example", company=f"Firm {point}")
        world.run()
        world.advance(minutes=1)
        world.person_sets(lead, answer="Decline")
        ingest.store(world.services, world.crm, [Seen(lead, world.now, f"declined {point}", hot=True)])
        code = run_worker(world.place, world.now, world.machine, die_at=point)
        for _ in range(2):
            world.let_leases_end()
            world.run()

        made = world.decisions(lead)
        assert [one.cause for one in made] == [Cause.NEW, Cause.REJECTED], f"killed at point {point}"
        assert world.owner(lead) == made[1].owner, f"killed at point {point}"
        if code == 0:
            return
    raise AssertionError("the worker still died at the last point that was tried")


def test_a_decline_that_the_index_shows_late_is_found_although_a_window_was_cut_short(hubspot: World) -> None:
    """The window ends at a crowd of the last minute, since no search is left; the decline came five seconds before that
    crowd, and HubSpot's index shows it only a minute later."""
    world = hubspot
    world.change_config("routing.yaml", "rules:", TRIGGERS)
    declined = world.new_lead(email="late@late.example")
    world.run()
    world.advance(minutes=10)
    noon = world.now
    world.new_leads([{"email": f"l{at}@firm{at}.example"} for at in range(205)])
    world.run()
    watch(world.services, "hubspot")  # the stand-in's index takes in what is there when it is searched
    world.at(noon - timedelta(seconds=5))
    world.sandbox.control("PUT", "/hubspot/search", json={"lag_seconds": 60})
    world.person_sets(declined, answer="Decline")
    with world.ledger.writing() as tx:
        cursors.forget(tx, "hubspot", world.connector.account, STREAM)
    world.fault({"status": 429, "retry_after": 1}, times=1, skip=1, path="/search")
    world.at(noon + timedelta(seconds=20))
    watch(world.services, "hubspot")

    for seconds in (70, 90, 120, 150, 200, 300, 600):
        world.at(noon + timedelta(seconds=seconds))
        notice(world)

    assert [one.cause for one in world.decisions(declined)] == [Cause.NEW, Cause.REJECTED]
