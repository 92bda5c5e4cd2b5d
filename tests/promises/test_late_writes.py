"""Promise 4 against a gateway that holds a write for minutes: whoever took the lead meanwhile has it in the end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.actions import AssignOwner, CreateTask, LookBack, Notify
from domain.clocks import ClockKind
from domain.leads import LeadKey, Seen
from ledger.outbox import SendState
from runtime import ingest
from runtime.route import route
from tests.promises.deaths import run_worker
from tests.promises.test_answers_at_bad_moments import Meanwhile
from tests.promises.test_triggers_and_answers import MEDIA, OTHER, TRIGGERS
from tests.promises.world import MANAGER, REPS, World

LATE = 45
"""Seconds after which the write arrives: later than the read that has not found it, and sooner than the first look."""


def held_up(world: World, seconds: int = LATE, times: int = 1) -> LeadKey:
    """A lead whose write was answered with 504, and arrives later."""
    lead = world.new_lead(email="late@firm.example")
    late = {"apply_late": {"seconds": seconds, "time": "business"}, "status": 504}
    world.fault(late, times=times, **world.writes())
    world.run()
    return lead


def another(world: World, lead: LeadKey) -> str:
    """A rep to whom the lead was not given."""
    return next(rep for rep in REPS if rep != world.decisions(lead)[0].owner)


def taken_over(world: World) -> tuple[LeadKey, str]:
    """A lead that a person has taken before the write arrived, and who that is; the write has arrived by now."""
    lead = held_up(world)
    chosen = another(world, lead)
    world.person_takes(lead, chosen)
    world.ticks(1, seconds=10)
    world.advance(seconds=LATE)
    return lead, chosen


def looks(world: World, lead: LeadKey) -> list[SendState]:
    return [row.state for row in world.sends(lead) if isinstance(row.action, LookBack)]


def test_a_person_who_takes_the_lead_while_the_write_is_held_up_keeps_it(world: World) -> None:
    lead, chosen = taken_over(world)

    world.ticks(3, minutes=1)

    assert world.owner(lead) == chosen
    assert world.cycle(lead).ended
    assert world.cycle(lead).owner == chosen


def test_a_person_who_takes_the_lead_after_it_was_written_again_keeps_it(world: World) -> None:
    lead = held_up(world)
    world.ticks(3, seconds=5)
    written, chosen = world.owner(lead), another(world, lead)
    world.person_takes(lead, chosen)

    world.ticks(4, minutes=1)

    assert written == world.decisions(lead)[0].owner
    assert world.owner(lead) == chosen


def test_the_cycle_of_a_lead_that_a_late_write_took_from_a_person_ends_as_taken(hubspot: World) -> None:
    lead = held_up(hubspot)
    hubspot.ticks(3, seconds=5)
    chosen = another(hubspot, lead)
    hubspot.person_takes(lead, chosen)

    hubspot.ticks(4, minutes=1)

    assert hubspot.cycle(lead).ended
    assert hubspot.cycle(lead).owner == chosen
    assert hubspot.kinds(lead)[-2:] == ["lost_race", "owner_changed"]


def test_a_write_that_arrives_after_the_first_look_takes_the_lead_from_nobody_for_long(world: World) -> None:
    lead = held_up(world, seconds=200)
    chosen = another(world, lead)
    world.person_takes(lead, chosen)

    world.ticks(13, minutes=1)

    assert world.owner(lead) == chosen


def test_each_of_several_writes_that_are_held_up_is_looked_for(world: World) -> None:
    lead = held_up(world, seconds=55, times=3)
    world.ticks(6, seconds=8)
    chosen = another(world, lead)
    world.person_takes(lead, chosen)

    world.ticks(6, minutes=1)

    assert world.owner(lead) == chosen


def test_a_late_write_that_nobody_came_before_is_ours(world: World) -> None:
    lead = held_up(world)

    world.ticks(14, minutes=1)

    [decision] = world.decisions(lead)
    assert world.owner(lead) == decision.owner
    assert world.field(lead, "decision") == decision.id
    assert not world.cycle(lead).ended


def test_a_person_who_hands_on_what_a_late_write_took_has_the_last_word(world: World) -> None:
    lead, chosen = taken_over(world)
    world.person_takes(lead, MANAGER)

    world.ticks(14, minutes=1)

    assert world.owner(lead) == MANAGER != chosen


def test_a_lead_that_was_decided_again_meanwhile_keeps_its_second_decision(world: World) -> None:
    lead = held_up(world, seconds=300)
    first = another(world, lead)
    world.person_takes(lead, first)
    world.ticks(1, seconds=10)
    world.put_back(lead)
    world.ticks(3, seconds=30)
    second = world.decisions(lead)[-1]
    assert (second.cycle, world.owner(lead)) == (1, second.owner)

    world.ticks(12, minutes=1)

    assert world.owner(lead) == second.owner
    assert world.field(lead, "decision") == second.id
    assert not world.cycle(lead).ended


def test_a_look_that_the_crm_has_no_time_for_is_taken_later(hubspot: World) -> None:
    lead, chosen = taken_over(hubspot)
    hubspot.fault({"status": 429, "retry_after": 20}, path="/batch/read", times=3)

    hubspot.ticks(4, minutes=1)

    assert hubspot.owner(lead) == chosen


def test_a_choice_that_cannot_be_put_back_at_once_is_put_back_later(hubspot: World) -> None:
    lead, chosen = taken_over(hubspot)
    hubspot.fault({"drop_after_write": True}, times=1, **hubspot.writes())

    hubspot.ticks(4, minutes=1)

    assert hubspot.owner(lead) == chosen
    assert hubspot.cycle(lead).ended


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_looks_back_leaves_the_lead_to_whoever_took_it(hubspot: World) -> None:
    world = hubspot
    for point in range(60):
        lead = world.new_lead(email=f"kill{point}@firm{point}.example", company=f"Firm {point}")
        late = {"apply_late": {"seconds": 50, "time": "business"}, "status": 504}
        world.fault(late, times=1, **world.writes())
        world.run()
        world.advance(seconds=5)
        world.run()  # the read does not find it, and it is sent again
        world.advance(seconds=5)
        world.run()
        chosen = another(world, lead)
        world.person_takes(lead, chosen)
        world.advance(seconds=60)

        code = run_worker(world.place, world.now, world.machine, die_at=point)
        world.let_leases_end()
        world.run()
        world.advance(seconds=10)
        world.run()

        assert world.owner(lead) == chosen, f"killed at point {point}"
        assert world.cycle(lead).ended, f"killed at point {point}"
        if code == 0:
            break
    else:
        raise AssertionError("the worker still died at the last point that was tried")
    assert point > 10, "a worker passes more points than that while it looks back"


def test_a_write_that_was_answered_is_not_looked_back_at(world: World) -> None:
    lead = world.new_lead(email="prompt@firm.example")

    world.run()

    assert world.owner(lead)
    assert looks(world, lead) == []


def test_only_where_the_crm_does_not_guard_each_row_somebody_looks_back_and_does_so_twice(world: World) -> None:
    lead = held_up(world)

    world.ticks(3, minutes=1)

    expected = 0 if world.connector.guards_itself else 2
    assert len(looks(world, lead)) == expected


def test_many_late_writes_are_looked_back_at_together(hubspot: World) -> None:
    keys = hubspot.new_leads([{"email": f"m{at}@firm{at}.example", "company": f"Firm {at}"} for at in range(40)])
    hubspot.fault({"apply_late": {"seconds": LATE, "time": "business"}, "status": 504}, times=1, **hubspot.writes())
    hubspot.run()
    hubspot.ticks(3, seconds=8)
    hubspot.advance(minutes=1)
    before = hubspot.connector.calls

    hubspot.run()

    assert [looks(hubspot, key)[0] for key in keys] == [SendState.APPLIED] * 40
    assert hubspot.connector.calls - before <= 2  # the poll, and the look


def read_again_during_the_write(world: World, lead: LeadKey, change: Callable[[], None]) -> None:
    """A round of the daemon in which another worker reads the changed record while the lead is being written."""
    plain = world.services

    def meanwhile() -> None:
        change()
        ingest.store(plain, world.crm, [Seen(lead, world.now, "webhook", hot=True)])
        route(plain, world.crm, "hot")

    crm: Any = Meanwhile(world.connector, meanwhile)
    world.services = replace(plain, crms={world.crm: crm})
    world.run()
    world.services = plain


def test_a_write_that_arrives_after_its_cycle_has_ended_starts_no_clock_and_troubles_nobody(world: World) -> None:
    world.change_config("routing.yaml", "rules:", TRIGGERS)
    lead = world.new_lead(email="doe@firm.example", industry=OTHER.get(world.crm, "energy"))

    read_again_during_the_write(world, lead, lambda: world.person_sets(lead, industry=MEDIA.get(world.crm, "media")))

    first = world.decisions(lead)[0]
    [sent] = [row for row in world.sends(lead) if isinstance(row.action, AssignOwner) and row.cycle == first.cycle]
    clocks = [one for one in world.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE and one.cycle == first.cycle]
    told = [
        row for row in world.sends(lead) if isinstance(row.action, CreateTask | Notify) and row.cycle == first.cycle
    ]
    assert (sent.state, world.cycle(lead).cycle > first.cycle) == (SendState.APPLIED, True)
    assert (clocks, told) == ([], [])


def test_a_write_to_a_lead_that_was_deleted_meanwhile_starts_no_clock(world: World) -> None:
    lead = world.new_lead(email="doe@firm.example")
    as_ever = world.connector.write

    def deleted_right_after(rows: Any) -> Any:
        del world.connector.write
        became = as_ever(rows)
        world.delete(lead)
        ingest.store(world.services, world.crm, [Seen(lead, world.now, "webhook", hot=True)])
        route(world.services, world.crm, "hot")
        return became

    world.connector.write = deleted_right_after  # type: ignore[method-assign]
    world.run()

    assert world.cycle(lead).ended
    assert [one for one in world.clocks(lead) if one.kind == ClockKind.FIRST_RESPONSE] == []
