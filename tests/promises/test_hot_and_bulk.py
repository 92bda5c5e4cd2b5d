"""A fresh demo request is not queued behind an import, neither when it is decided nor when it is written."""

from collections.abc import Sequence

import pytest

from connectors.base import LANE, Write, Written
from domain.actions import AssignOwner, WriteFields
from domain.leads import LeadKey, Seen
from ledger import arrivals, outbox
from ledger.outbox import Entry, Lane, SendState
from runtime import route as routing
from runtime.deliver import deliver
from runtime.route import route
from runtime.settle import settle
from tests.promises.world import World


def import_waits(world: World, rows: int) -> None:
    """So many rows of an import wait to be sent."""
    keys = [LeadKey(world.crm, world.connector.account, world.connector.object, f"9{at:08}") for at in range(rows)]
    entries = [Entry(key, 0, WriteFields(key, {"attempts": 1}), f"import:{key.id}", "bulk") for key in keys]
    with world.ledger.writing() as tx:
        outbox.put_all(tx, entries)


def arrived(world: World, *, hot: bool) -> LeadKey:
    """A lead that waits to be routed: somebody has just asked for a demo, or it is one of an import."""
    lead = world.new_lead()
    with world.ledger.writing() as tx:
        arrivals.store(tx, [Seen(lead, world.now, f"seen {lead.id}", hot)], world.machine)
    return lead


def waiting(world: World) -> int:
    with world.ledger.reading() as tx:
        return outbox.counts(tx).get(("write_fields", "waiting"), 0)


def no_time_for_bulk(world: World) -> list[tuple[Lane, int]]:
    """The CRM's limit is used up for the bulk lane, and comes back in 40 s. What was asked for: by lane, how many."""
    asked: list[tuple[Lane, int]] = []
    as_ever = world.connector.write

    def write(rows: Sequence[Write]) -> list[Written]:
        asked.append((LANE.get(), len(rows)))
        if LANE.get() == "hot":
            return as_ever(rows)
        return [Written(row.key, "later", "the limit is used up", 40) for row in rows]

    world.connector.write = write  # type: ignore[method-assign]
    return asked


def test_a_fresh_lead_is_written_by_its_first_delivery_before_ten_thousand_rows_of_an_import(hubspot: World) -> None:
    import_waits(hubspot, 10_000)
    lead = arrived(hubspot, hot=True)
    hubspot.sandbox.control("PUT", "/hubspot/limits", json={"enforced": True})
    route(hubspot.services, "hubspot", "hot")
    assert hubspot.owner(lead) is not None
    assert waiting(hubspot) == 10_000


def test_a_delivery_of_both_lanes_sends_what_is_hot_first_and_apart(world: World) -> None:
    asked = no_time_for_bulk(world)
    import_waits(world, 1)
    lead = world.new_lead()
    with world.ledger.writing() as tx:
        outbox.put_all(tx, [Entry(lead, 0, WriteFields(lead, {"attempts": 7}), "fresh", "hot")])

    deliver(world.services, world.crm)

    assert (asked, world.field(lead, "attempts") is not None) == ([("hot", 1), ("bulk", 1)], True)


def test_a_batch_is_of_one_lane_and_the_hot_one_comes_first(world: World) -> None:
    asked = no_time_for_bulk(world)
    arrived(world, hot=False)
    lead = arrived(world, hot=True)

    route(world.services, world.crm, "bulk")

    assert (asked, world.owner(lead) is not None) == ([("hot", 1)], True)


@pytest.fixture
def put_off(world: World) -> LeadKey:
    """A lead of an import that is decided, and that the CRM had no time for."""
    no_time_for_bulk(world)
    lead = arrived(world, hot=False)
    route(world.services, world.crm, "bulk")
    del world.connector.write
    return lead


def test_rows_that_the_crm_has_no_time_for_wait_as_long_as_was_told(world: World, put_off: LeadKey) -> None:
    world.advance(seconds=39)
    deliver(world.services, world.crm)
    before = world.owner(put_off)
    world.advance(seconds=40 * 0.25 + 2)
    deliver(world.services, world.crm)
    assert (before, world.owner(put_off) is not None) == (None, True)


def test_rows_that_the_crm_has_no_time_for_were_not_attempted(world: World, put_off: LeadKey) -> None:
    (row,) = world.sends(put_off)
    assert (row.state, row.attempts, row.lane, row.detail) == (SendState.WAITING, 0, "bulk", "the limit is used up")


def test_an_import_of_many_batches_is_told_once_that_there_is_no_time(world: World) -> None:
    asked = no_time_for_bulk(world)
    import_waits(world, 1_000)
    deliver(world.services, world.crm)
    assert asked == [("bulk", 200)]


def test_what_follows_from_a_lead_of_an_import_is_bulk_too(world: World) -> None:
    lead = arrived(world, hot=False)
    route(world.services, world.crm, "bulk")
    assert {row.lane for row in world.sends(lead)} == {"bulk"}


def test_an_import_is_not_decided_while_the_crm_is_behind_and_a_fresh_lead_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "MOST_UNSENT", 5)
    import_waits(world, 5)
    old, fresh = arrived(world, hot=False), arrived(world, hot=True)
    route(world.services, world.crm, "bulk")
    assert (world.decisions(old), len(world.decisions(fresh))) == ([], 1)


def import_of_unknown_fate(world: World) -> list[LeadKey]:
    """A hundred leads of an import that were written, and whose answer nobody got; their lease has ended."""
    crowd = world.new_leads([{"email": f"l{at}@firm{at}.example"} for at in range(100)])
    with world.ledger.writing() as tx:
        arrivals.store(tx, [Seen(one, world.now, f"import {one}", False) for one in crowd], world.machine)
    world.fault({"drop_after_write": True}, times=1, **world.writes())
    route(world.services, world.crm, "bulk")
    world.let_leases_end()
    world.sandbox.control("DELETE", "/calls")
    return crowd


def calls(world: World) -> list[str]:
    return [one["path"] for one in world.sandbox.control("GET", f"/calls?crm={world.crm}")["log"]]


def test_a_fresh_lead_is_written_before_rows_of_an_import_whose_fate_is_unknown_are_settled(hubspot: World) -> None:
    import_of_unknown_fate(hubspot)
    lead = arrived(hubspot, hot=True)

    route(hubspot.services, "hubspot", "hot")

    assert (hubspot.owner(lead) is not None, len(calls(hubspot)) <= 5) == (True, True)


def test_an_import_whose_fate_is_unknown_is_settled_in_batches(hubspot: World) -> None:
    crowd = import_of_unknown_fate(hubspot)

    settle(hubspot.services, "hubspot")

    settled = {row.state for lead in crowd for row in hubspot.sends(lead) if isinstance(row.action, AssignOwner)}
    assert (settled, len(calls(hubspot)) <= 5) == ({SendState.APPLIED}, True)


def test_an_import_is_settled_on_its_own_lane(hubspot: World) -> None:
    import_of_unknown_fate(hubspot)
    asked: list[Lane] = []
    as_ever = hubspot.connector.confirm

    def confirm(rows: Sequence[Write]) -> list[Written]:
        asked.append(LANE.get())
        return as_ever(rows)

    hubspot.connector.confirm = confirm  # type: ignore[method-assign]
    settle(hubspot.services, "hubspot")
    assert asked == ["bulk"]
