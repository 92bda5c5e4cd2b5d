"""Promises 1 and 2: every lead gets an outcome, and exactly one decision per cycle."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import uvicorn

from domain.decisions import Outcome
from runtime import ingest
from runtime.route import route
from runtime.settings import Settings
from runtime.web import Web, listen
from runtime.wiring import Process
from tests.promises.world import MANAGER, MONDAY_TEN, REPS, World

SECRET = "the-app's-client-secret"


def test_every_lead_gets_an_outcome(world: World) -> None:
    ordinary = world.new_leads([{"email": f"someone@firm{at}.example", "company": f"Firm {at}"} for at in range(20)])
    student = world.new_lead(industry="EDUCATION" if world.crm == "hubspot" else "education", company="University")
    rival = world.new_lead(company="Rival and Sons")
    nameless = world.new_lead(company="-")

    world.run()

    assert {world.cycle(lead).outcome for lead in ordinary} == {Outcome.ASSIGNED}
    assert world.cycle(student).outcome == Outcome.NURTURED
    assert world.cycle(rival).outcome == Outcome.DISQUALIFIED
    assert world.cycle(nameless).outcome == Outcome.ASSIGNED
    assert all(world.owner(lead) in REPS for lead in ordinary)


def test_a_lead_that_is_named_twice_by_the_same_event_gets_one_decision(world: World) -> None:
    lead = world.new_lead(email="twice@firm.example")
    seen = world.connector.arrived(MONDAY_TEN).seen

    ingest.store(world.services, world.crm, seen)
    ingest.store(world.services, world.crm, seen)
    routed = route(world.services, world.crm, "bulk")
    world.run()

    assert routed == 1
    assert len(world.decisions(lead)) == 1


def test_the_same_webhook_twice_makes_one_decision(hubspot: World, tmp_path: Path) -> None:
    with listening(hubspot, tmp_path) as url:
        hubspot.sandbox.control("POST", "/hubspot/webhooks", json={"url": url, "secret": SECRET})
        lead = hubspot.new_lead(email="hooked@firm.example")
        until_delivered(hubspot, 1)
        hubspot.sandbox.control("POST", "/hubspot/webhooks/redeliver")
        tally = until_delivered(hubspot, 2)
    routed = route(hubspot.services, "hubspot", "hot")
    hubspot.run()

    assert (tally["failed"], routed) == (0, 1)
    assert len(hubspot.decisions(lead)) == 1


@contextmanager
def listening(world: World, folder: Path) -> Iterator[str]:
    """The web process's application on a free port; the address of HubSpot's webhook."""
    told = {"HUBSPOT_CLIENT_SECRET": SECRET, "HUBSPOT_TOKEN": "pat-na1-sandbox", "FAIRLEAD_VAR": str(folder)}
    web = Web(Process(world.services, None), Settings.from_environment(told))
    bound = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web.application(), log_config=None, lifespan="off"))
    serving = Thread(target=server.run, args=([bound],))
    serving.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/hubspot/webhook"
    finally:
        server.should_exit = True
        serving.join()
        web.close()


def until_delivered(world: World, events: int) -> dict[str, int]:
    """HubSpot's tally, once it has delivered so many events in all."""
    given_up = time.monotonic() + 30
    while True:
        tally: dict[str, int] = world.sandbox.control("GET", "/hubspot/webhooks")
        if tally["delivered"] >= events:
            return tally
        assert time.monotonic() < given_up, tally
        time.sleep(0.02)


def test_a_lead_that_arrives_at_night_waits_with_a_limit_and_then_goes_to_the_manager(world: World) -> None:
    world.advance(hours=12)
    lead = world.new_lead(email="owl@firm.example")

    world.run()
    waiting = world.cycle(lead)
    world.advance(hours=36)
    world.tick()

    assert waiting.outcome == Outcome.WAITING
    assert world.owner(lead) == MANAGER


def test_a_lead_that_a_person_owns_already_is_left_alone(world: World) -> None:
    lead = world.new_lead(email="mine@firm.example")
    seen = world.connector.arrived(MONDAY_TEN).seen
    world.person_takes(lead, REPS[3])

    ingest.store(world.services, world.crm, seen)
    route(world.services, world.crm, "bulk")

    assert world.decisions(lead) == []
    assert world.owner(lead) == REPS[3]
