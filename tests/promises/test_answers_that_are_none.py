"""What HubSpot answers with nothing in it, or cannot show just now, keeps no other lead waiting and loses none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.base import Changes, Crm, TryLater
from domain.leads import LeadKey
from ledger import arrivals
from runtime import ingest
from runtime.deliver import deliver
from runtime.observe import observe
from runtime.route import route
from runtime.watch import STREAM, watch
from runtime.windows import last_cursor
from tests.promises.test_triggers_and_answers import TRIGGERS
from tests.promises.world import World
from tests.sandbox.hubspot_client import send

READS = "/contacts/batch/read"


def cannot_be_read(world: World, lead: LeadKey, times: int) -> None:
    """So many reads are answered with the leads that there are, but for one, which fails inside HubSpot."""
    others = [{"id": id} for id in world.rows() if id != lead.id]
    named = ["createdate", "lastmodifieddate", "hubspot_owner_id", "fairlead_decision", "email"]
    body = {"inputs": others, "properties": named}
    whole = send(world.sandbox, "POST", f"/crm/objects/2026-03{READS}", body).json()
    failed = {"status": "error", "category": "INTERNAL_ERROR", "message": "try again", "context": {"ids": [lead.id]}}
    world.fault({"answer_with": {**whole, "errors": [failed]}}, times=times, path=READS, body=lead.id)


@pytest.mark.parametrize("body", [{"results": None}, {"results": [None]}, {"results": [{}]}], ids=str)
@pytest.mark.parametrize(
    ("job", "stream"), [(ingest.poll, "leads"), (ingest.mirror, "accounts"), (observe, "activities"), (watch, STREAM)]
)
def test_an_answer_that_is_none_moves_no_cursor(hubspot: World, body: object, job: object, stream: str) -> None:
    hubspot.tick()
    watch(hubspot.services, "hubspot")
    before = last_cursor(hubspot.services, hubspot.connector, stream)
    hubspot.advance(minutes=5)
    hubspot.fault({"answer_with": body})

    with pytest.raises(TryLater, match="HubSpot's answer to"):
        job(hubspot.services, "hubspot")  # type: ignore[operator]

    hubspot.no_faults()
    assert last_cursor(hubspot.services, hubspot.connector, stream) == before


def test_a_lead_that_cannot_be_read_just_now_keeps_no_other_waiting_and_is_routed_later(hubspot: World) -> None:
    odd, other = hubspot.new_leads([{"email": "odd@firm.example"}, {"email": "other@firm.example"}])
    cannot_be_read(hubspot, odd, times=1)
    hubspot.run()
    at_first = hubspot.owner(odd), hubspot.owner(other)

    hubspot.advance(minutes=6)
    hubspot.run()

    assert at_first[0] is None
    assert at_first[1] is not None
    assert hubspot.owner(odd) is not None


def test_a_lead_that_cannot_be_read_just_now_is_tried_again_after_a_pause_that_grows(hubspot: World) -> None:
    [odd] = hubspot.new_leads([{"email": "odd@firm.example"}])
    cannot_be_read(hubspot, odd, times=1_000_000)
    ingest.poll(hubspot.services, "hubspot")
    asked = []
    for _ in range(40):
        hubspot.advance(seconds=1)
        asked.append(route(hubspot.services, "hubspot", "hot"))

    assert 2 <= sum(map(bool, asked)) <= 6
    with hubspot.ledger.reading() as tx:
        assert arrivals.counts(tx) == {("hubspot", "waiting"): 1}


def test_a_lead_whose_calls_cannot_be_read_is_no_breach_and_keeps_no_other_from_being_one(hubspot: World) -> None:
    odd, other = hubspot.new_leads([{"email": "odd@firm.example"}, {"email": "other@firm.example"}])
    hubspot.run()
    hubspot.sandbox.control("PUT", "/hubspot/unreadable", json={"associations": [odd.id]})
    hubspot.ticks(2, minutes=31)
    at_first = "breached" in hubspot.kinds(odd), "breached" in hubspot.kinds(other)

    hubspot.sandbox.control("PUT", "/hubspot/unreadable", json={})
    hubspot.advance(minutes=1)
    hubspot.tick()

    assert at_first == (False, True)
    assert "breached" in hubspot.kinds(odd)


class ContactsFail:
    """HubSpot, whose contacts of leads cannot be read in the next window of changes."""

    def __init__(self, crm: Crm) -> None:
        self._crm, self._failing = crm, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crm, name)

    def changed(self, since: datetime, watched: Sequence[str]) -> Changes:
        changes = self._crm.changed(since, watched)
        if not self._failing:
            return changes
        self._failing = False
        return replace(changes, noticed=tuple(replace(one, values=None) for one in changes.noticed))


def test_a_change_whose_values_cannot_be_read_just_now_is_acted_on_once_and_no_change_is_no_news(
    hubspot: World,
) -> None:
    hubspot.change_config("routing.yaml", "rules:", TRIGGERS)
    odd, other = hubspot.new_leads([{"email": "odd@firm.example"}, {"email": "other@firm.example"}])
    hubspot.run()
    hubspot.advance(minutes=5)
    hubspot.person_sets(odd, industry="PUBLISHING")
    crm: Any = ContactsFail(hubspot.connector)
    hubspot.services = replace(hubspot.services, crms={"hubspot": crm})

    for _ in range(2):
        watch(hubspot.services, "hubspot")
        hubspot.run()

    assert [len(hubspot.decisions(lead)) for lead in (odd, other)] == [2, 1]


def test_a_write_of_unknown_fate_is_settled_although_another_lead_cannot_be_read(hubspot: World) -> None:
    odd, other = hubspot.new_leads([{"email": "odd@firm.example"}, {"email": "other@firm.example"}])
    hubspot.fault({"drop_after_write": True}, times=1, **hubspot.writes())
    ingest.poll(hubspot.services, "hubspot")
    route(hubspot.services, "hubspot", "hot")  # the writes were applied, and the answer is lost
    cannot_be_read(hubspot, odd, times=1)
    deliver(hubspot.services, "hubspot")
    at_first = "applied" in hubspot.kinds(odd), "applied" in hubspot.kinds(other)

    hubspot.advance(seconds=30)
    deliver(hubspot.services, "hubspot")

    assert at_first == (False, True)
    assert "applied" in hubspot.kinds(odd)
