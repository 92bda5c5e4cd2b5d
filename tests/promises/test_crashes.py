"""Promises 1, 2 and 6 when workers die or meet: nothing is lost, nothing is decided twice."""

import signal
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clocks import ClockKind
from domain.decisions import Cause
from runtime import ingest
from tests.promises.deaths import run_sweeper, run_together, run_worker
from tests.promises.world import MONDAY_TEN, REPS, World

MOST_POINTS = 120


@pytest.mark.deaths
def test_sigkill_at_each_point_between_arrival_and_delivery_loses_nothing_and_decides_nothing_twice(
    world: World,
) -> None:
    survived_at = None
    for point in range(MOST_POINTS):
        lead = world.new_lead(email=f"kill{point}@firm{point}.example", company=f"Firm {point}")
        if run_worker(world.place, world.now, world.machine, die_at=point) == 0:
            survived_at = point
            break
        for _ in range(2):
            world.let_leases_end()
            world.run()
        applied = [event for event in world.events(lead) if event.kind == "applied"]
        responses = [clock for clock in world.clocks(lead) if clock.kind == ClockKind.FIRST_RESPONSE]
        by_api = [change for change in world.rows()[lead.id]["owner_changes"] if change["by"] == "api"]
        assert [d.owner for d in world.decisions(lead)] == [world.owner(lead)], f"killed at point {point}"
        assert world.owner(lead) in REPS, f"killed at point {point}"
        assert (len(applied), len(responses), len(by_api)) == (1, 1, 1), f"killed at point {point}"
    assert survived_at is not None, "the worker still died at the last point that was tried"
    assert survived_at > 10, "a worker passes more points than that between arrival and delivery"


@pytest.mark.deaths
def test_sigkill_at_points_all_through_sweeps_that_hand_on_a_lead_at_a_time_hands_each_on_once(world: World) -> None:
    survived_at = None
    for point in range(0, MOST_POINTS, 3):  # each commit and call has two, so both kinds have their turn
        world.at(MONDAY_TEN + timedelta(weeks=point))
        firms = [f"firm{point}-{number}.example" for number in range(2)]
        keys = world.new_leads([{"email": f"late@{firm}", "company": firm} for firm in firms])
        world.run()
        world.advance(minutes=71)
        code = run_sweeper(world.place, world.now, world.machine, at_once=1, die_at=point)
        for _ in range(2):
            world.let_leases_end()
            world.tick()
        for key in keys:
            by_api = [change for change in world.rows()[key.id]["owner_changes"] if change["by"] == "api"]
            assert [one.cause for one in world.decisions(key)] == [Cause.NEW, Cause.SLA], f"killed at point {point}"
            assert len(world.events(key, "breached")) == 1, f"killed at point {point}"
            assert len(by_api) == 2, f"killed at point {point}"
            world.person_calls(key, str(world.owner(key)))
        world.ticks(1, minutes=1)
        if code == 0:
            survived_at = point
            break
    assert survived_at is not None, "the worker still died at the last point that was tried"
    assert survived_at > 20, "a worker passes more points than that in two sweeps"


def test_workers_who_hold_the_same_leads_at_the_same_moment_decide_each_of_them_once(world: World) -> None:
    keys = world.new_leads([{"email": f"both{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(40)])
    seen = world.connector.arrived(MONDAY_TEN).seen
    for round_ in range(3):
        ingest.store(world.services, world.crm, [replace(one, event=f"{one.event}/{round_}") for one in seen])

    codes = run_together(world.place, world.now, world.machine, workers=3, batch=len(keys))
    world.let_leases_end()
    world.run()

    assert codes == [0, 0, 0]
    assert {len(world.decisions(key)) for key in keys} == {1}
    rows = world.rows()
    changes = [[change for change in rows[key.id]["owner_changes"] if change["by"] == "api"] for key in keys]
    assert {len(made) for made in changes} == {1}


def test_the_exit_code_of_a_killed_worker_is_sigkill(world: World) -> None:
    world.new_lead(email="first@firm.example")

    assert run_worker(world.place, world.now, world.machine, die_at=0) == -signal.SIGKILL
