"""What people logged is learnt although the CRM has no time for all of it at once."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
import structlog

from connectors.base import Refused, TryLater
from connectors.registry import CRMS, connect
from domain.leads import LeadKey
from ledger import evidence
from runtime.observe import observe
from runtime.reserves import Reserves
from runtime.sharing import Sharing
from tests.crm_example import credentials
from tests.promises.world import REPS, World

ALL_KINDS = "activities: { calls: calls, emails: emails, meetings: meetings }"


@pytest.fixture
def portal(hubspot: World, redis_url: str) -> Iterator[World]:
    """HubSpot with all kinds of activities, and the budget that workers share on a real Redis."""
    hubspot.change_config("crm/hubspot.yaml", "activities: { calls: calls }", ALL_KINDS)
    sharing = Sharing(redis_url, 2, Reserves(), structlog.get_logger())
    told = credentials("hubspot", hubspot.sandbox.url)
    book = hubspot.services.playbook()
    shared = sharing.of_account("hubspot", told, CRMS["hubspot"].limits)
    crm = connect("hubspot", told, book.crms["hubspot"], book.not_people, shared)
    crm.sign_in()
    hubspot.services = replace(hubspot.services, crms={"hubspot": crm})
    yield hubspot
    sharing.close()


def learnt(world: World, lead: LeadKey) -> set[str]:
    """The kinds of activities that are known of the lead."""
    with world.ledger.reading() as tx:
        return {activity.kind for activity in evidence.of(tx, [lead]).get(lead, [])}


def logged(world: World) -> LeadKey:
    """A lead that somebody has called and written to."""
    lead = world.new_lead(email="doe@firm.example")
    world.person_calls(lead, REPS[0])
    mail = {"lead": lead.id, "owner": world.users[REPS[0]]}
    world.sandbox.control("POST", "/hubspot/emails", json=[mail])
    return lead


def test_every_kind_of_activity_is_learnt_where_a_second_has_one_search_for_us(portal: World) -> None:
    lead = logged(portal)
    portal.sandbox.control("PUT", "/hubspot/limits", json={"enforced": True, "searches_per_second": 1})

    for _ in range(20):
        with suppress(TryLater):
            observe(portal.services, "hubspot")
        if learnt(portal, lead) == {"call", "email"}:
            break
        time.sleep(0.4)  # the stand-in counts real seconds

    assert learnt(portal, lead) == {"call", "email"}


def test_a_kind_that_is_refused_keeps_no_other_kind_from_being_learnt(portal: World) -> None:
    lead = logged(portal)
    portal.fault({"status": 403}, path="/calls/search")

    with pytest.raises(Refused):
        observe(portal.services, "hubspot")

    assert learnt(portal, lead) == {"email"}


def test_a_kind_that_had_to_wait_is_asked_for_from_where_it_was(portal: World) -> None:
    lead = logged(portal)
    portal.fault({"status": 502}, path="/calls/search")
    for _ in range(3):
        portal.advance(minutes=10)
        with pytest.raises(TryLater):
            observe(portal.services, "hubspot")
    portal.no_faults()
    before = learnt(portal, lead)

    observe(portal.services, "hubspot")

    assert (before, learnt(portal, lead)) == ({"email"}, {"call", "email"})
