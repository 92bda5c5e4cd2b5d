"""Rules about the surroundings of a company, and fields that a rule writes, on the whole path."""

from datetime import timedelta

import pytest

from ledger import enriched
from runtime import ingest
from runtime.watch import watch
from tests.promises.world import REPS, World

OPEN_DEAL = """rules:
  - name: Whoever has a deal open there keeps it
    when: { account.parent.is_customer: true }
    assign: { to: account.open_opportunity.owner, else: { to: account.parent.owner } }"""


def of_a_child_company(world: World) -> tuple[str, str]:
    """A customer that Ben owns, and a company below it; their ids."""
    [parent] = world.sandbox.control(
        "POST", f"/{world.crm}/accounts", json=[{**world.about.company, world.about.owner: world.users[REPS[1]]}]
    )
    below = {
        "salesforce": {"Name": "Child", "Website": "child.example", "ParentId": parent},
        "hubspot": {"name": "Child", "domain": "child.example", "hs_parent_company_id": parent},
    }[world.crm]
    [child] = world.sandbox.control("POST", f"/{world.crm}/accounts", json=[below])
    return str(parent), str(child)


def open_deal(world: World, company: str, owner: str) -> str:
    """Its id."""
    if world.crm == "salesforce":
        deal = {"AccountId": company, "Name": "x", "StageName": "Prospecting", "CloseDate": "2027-01-01"}
        [id] = world.sandbox.control("POST", "/salesforce/records/Opportunity", json=[{**deal, "OwnerId": owner}])
    else:
        about = {"dealname": "x", "hubspot_owner_id": owner}
        row = {"kind": "deals", "properties": about, "company": company}
        [id] = world.sandbox.control("POST", "/hubspot/records", json=[row])
    return str(id)


@pytest.fixture
def asking(world: World) -> World:
    if world.crm not in ("salesforce", "hubspot"):
        pytest.skip("this CRM keeps neither parents nor opportunities")
    world.change_config("routing.yaml", "rules:", OPEN_DEAL)
    return world


def test_a_child_company_follows_the_open_opportunity_and_else_the_parents_owner(asking: World) -> None:
    _, child = of_a_child_company(asking)
    asking.advance(minutes=1)
    ingest.mirror(asking.services, asking.crm)
    first = asking.new_lead(email="kim@child.example")
    asking.tick()

    open_deal(asking, child, asking.users[REPS[4]])
    asking.advance(minutes=1)
    ingest.mirror(asking.services, asking.crm)
    asking.change_config("routing.yaml", "duplicate.exists: true", "duplicate.exists: true, source: never")
    second = asking.new_lead(email="lou@child.example")
    asking.tick()

    assert asking.owner(first) == REPS[1]
    assert asking.owner(second) == REPS[4]


SETS = """rules:
  - name: Media companies are told apart
    when: { company: { starts_with: Media } }
    assign: { pool: sales }
    set: { country: Norway }"""
AND_WATCHES = """triggers:
  - { when: { changed: country }, then: route_again }
"""


def test_a_rule_writes_fields_with_the_owner_and_does_not_take_them_for_news(world: World) -> None:
    world.change_config("routing.yaml", "rules:", AND_WATCHES + SETS)
    lead = world.new_lead(email="a@b.example", company="Media House")
    world.tick()
    owner = world.owner(lead)
    world.advance(minutes=5)

    watch(world.services, world.crm)
    world.tick()

    shown = world.connector.read([lead.id])[0]
    assert owner in REPS
    assert shown.values["country"] == "Norway"  # type: ignore[union-attr]
    assert world.owner(lead) == owner
    assert len(world.decisions(lead)) == 1
    assert world.now > world.decisions(lead)[0].decided_at + timedelta(minutes=4)


ENRICHED = """enrich: [ { http: env:FIRMS_URL } ]
rules:
  - name: Large ones go to Eli
    when: { employees: { at_least: 500 } }
    assign: { to: eli@acme.example }"""


def test_what_a_service_said_in_time_decides_and_is_stored_with_the_decision(world: World) -> None:
    world.change_config("routing.yaml", "rules:", ENRICHED)
    with world.ledger.writing() as tx:
        enriched.keep(tx, "FIRMS_URL", {"large.example": {"employees": 800}}, world.now)
    large, unknown = world.new_leads([{"email": "a@large.example"}, {"email": "a@unknown.example"}])

    world.tick()

    [decision] = world.decisions(large)
    assert world.owner(large) == REPS[4]
    assert decision.explanation.sources["employees"] == "FIRMS_URL"
    assert world.decisions(unknown)[0].rule == "fallback"
