"""Records that carry a decision of another lead: copies that a person made, and what HubSpot makes of two."""

from domain.leads import LeadKey
from runtime import ingest
from runtime.watch import watch
from tests.promises.world import MANAGER, World
from tests.sandbox.hubspot_client import send


def test_a_copied_lead_is_a_new_lead_although_it_carries_the_others_decision(world: World) -> None:
    lead = world.new_lead(email="doe@firm.example")
    world.run()
    copy = world.new_lead(email="copy@other.example", company="Other")
    body = {"lead": copy.id, "fields": {world.about.decision: world.decisions(lead)[0].id}}
    world.sandbox.control("POST", f"/{world.crm}/fields", json=body)

    world.advance(minutes=10)
    world.run()

    assert len(world.decisions(copy)) == 1


def test_a_lead_that_another_fairlead_decided_is_left_to_it(world: World) -> None:
    lead = world.new_lead(email="doe@firm.example")
    body = {"lead": lead.id, "fields": {world.about.decision: "0123456789abcdef/0"}}
    world.sandbox.control("POST", f"/{world.crm}/fields", json=body)

    world.run()

    assert world.decisions(lead) == []


def test_two_leads_that_wait_and_are_merged_are_one_new_lead(hubspot: World) -> None:
    """HubSpot makes a new record of two, with the fields of the older: our decision among them, and no owner."""
    first, second = hubspot.new_leads([{"email": "a@firm.example"}, {"email": "b@firm.example"}])
    hubspot.run()
    hubspot.put_back(first)
    hubspot.put_back(second)

    merged = _merge(hubspot, first, second)
    for _ in range(3):
        hubspot.advance(minutes=10)
        hubspot.run()
        watch(hubspot.services, "hubspot")
        ingest.reconcile(hubspot.services, "hubspot")
        hubspot.run()

    assert hubspot.owner(merged) is not None


def test_a_lead_that_is_merged_while_its_clock_runs_is_still_watched(hubspot: World) -> None:
    (first,) = hubspot.new_leads([{"email": "a@firm.example"}])
    hubspot.run()
    due = hubspot.first_response(first).due_at
    (second,) = hubspot.new_leads([{"email": "b@firm.example"}])

    merged = _merge(hubspot, first, second)
    hubspot.ticks(12, minutes=30)

    assert hubspot.first_response(merged).due_at == due
    assert hubspot.events(merged, "breached")
    assert not hubspot.events(first, "breached")


def test_a_merged_lead_that_somebody_else_got_is_not_watched_for_the_former_owner(hubspot: World) -> None:
    (first,) = hubspot.new_leads([{"email": "a@firm.example"}])
    hubspot.run()
    (second,) = hubspot.new_leads([{"email": "b@firm.example"}])
    merged = _merge(hubspot, first, second)
    hubspot.person_takes(merged, MANAGER)

    hubspot.ticks(12, minutes=30)

    assert hubspot.clocks(merged) == []


def test_whoever_declines_a_merged_lead_hands_it_on_before_any_clock_has_told_of_the_merge(hubspot: World) -> None:
    (first,) = hubspot.new_leads([{"email": "a@firm.example"}])
    hubspot.run()
    (second,) = hubspot.new_leads([{"email": "b@firm.example"}])
    merged = _merge(hubspot, first, second)
    owner = hubspot.owner(merged)

    hubspot.person_sets(merged, answer="Decline")
    for _ in range(2):
        hubspot.advance(seconds=30)
        watch(hubspot.services, "hubspot")
        hubspot.run()

    assert hubspot.owner(merged) not in (None, owner)


def _merge(world: World, first: LeadKey, second: LeadKey) -> LeadKey:
    body = {"primaryObjectId": first.id, "objectIdToMerge": second.id}
    merged = send(world.sandbox, "POST", "/crm/objects/2026-03/contacts/merge", body).json()["id"]
    return LeadKey("hubspot", first.account, first.object, str(merged))
