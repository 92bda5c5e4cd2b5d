"""Whoever is away by his CRM gets no lead, and gets them again after; a CRM that does not tell stops nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connectors.base import ConnectorError
from domain.decisions import Candidate, Why
from domain.leads import LeadKey
from ledger import people
from router.considered import candidates_of
from runtime import ingest
from runtime.absences import read_absences
from tests.promises.world import MONDAY_TEN, World

ANA, BEN = "ana@acme.example", "ben@acme.example"
OTHERS = "".join(f"      - {{ rep: {name}@acme.example, weight: {weight} }}\n" for name, weight in
                 (("cho", 3), ("dee", 1), ("eli", 1)))  # fmt: skip
HOURS = "defaults: { hours: office }\n"
UNTIL_NOON = MONDAY_TEN + timedelta(hours=2)


def with_two(world: World) -> None:
    """Ana and Ben share the pool."""
    world.change_config("teams.yaml", OTHERS, "")


def says_away(world: World, rep: str, starts: datetime, ends: datetime) -> None:
    """The person's own calendar in Salesforce, or settings in HubSpot, say so."""
    if world.crm == "salesforce":
        times = {"StartDateTime": starts.isoformat(), "EndDateTime": ends.isoformat()}
        event = {"OwnerId": world.users[rep], "ShowAs": "OutOfOffice", "Subject": "Secret", **times}
        world.sandbox.control("POST", "/salesforce/records/Event", json=[event])
        return
    first, last = (int(at.timestamp() * 1000) for at in (starts, ends))
    set_up(world, rep, hs_out_of_office_hours=f'[{{"startTimestamp": {first}, "endTimestamp": {last}}}]')


def set_up(world: World, rep: str, **values: str) -> None:
    """The person sets these in HubSpot."""
    rows = world.connector._portal.listed("users", ["hs_email"])  # type: ignore[attr-defined]
    [user] = [row["id"] for row in rows if row["properties"]["hs_email"] == rep]
    world.sandbox.control("PUT", "/hubspot/records", json={"kind": "users", "id": user, "properties": values})


def two_leads(world: World, name: str) -> list[str | None]:
    """Who gets the next two leads."""
    rows = [{"email": f"x@{name}{at}.example", "company": f"{name.title()} {at}"} for at in range(2)]
    leads = world.new_leads(rows)
    world.tick()
    return sorted(str(world.owner(lead)) for lead in leads)


def of(world: World, lead: LeadKey, rep: str) -> Candidate:
    [made] = world.decisions(lead)
    return next(one for tried in made.explanation.pools for one in candidates_of(tried) if one.rep == rep)


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_somebody_who_is_out_of_office_in_the_crm_gets_no_lead_and_gets_them_again_after(world: World) -> None:
    with_two(world)
    says_away(world, ANA, MONDAY_TEN - timedelta(hours=1), UNTIL_NOON)
    read_absences(world.services, world.crm)

    during = two_leads(world, "early")
    world.advance(hours=2)
    after = two_leads(world, "late")

    assert during == [BEN, BEN]
    assert ANA in after


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_the_explanation_names_where_the_absence_was_read_and_no_subject(world: World) -> None:
    says_away(world, ANA, MONDAY_TEN, UNTIL_NOON)
    read_absences(world.services, world.crm)

    lead = world.new_lead(email="x@firm.example")
    world.tick()

    where = {"salesforce": "Salesforce event", "hubspot": "out of office in HubSpot"}[world.crm]
    told = of(world, lead, ANA)
    assert (told.why, told.detail) == (Why.AWAY, f"away until 2026-11-23 11:00 UTC ({where})")


def test_an_absence_that_is_taken_back_in_the_crm_is_one_no_more(hubspot: World) -> None:
    with_two(hubspot)
    says_away(hubspot, ANA, MONDAY_TEN, UNTIL_NOON)
    read_absences(hubspot.services, "hubspot")
    set_up(hubspot, ANA, hs_out_of_office_hours="[]")

    read_absences(hubspot.services, "hubspot")

    assert two_leads(hubspot, "firm") == [ANA, BEN]


def test_working_hours_in_hubspot_are_those_of_whom_the_configuration_has_none_for(hubspot: World) -> None:
    with_two(hubspot)
    hubspot.change_config("teams.yaml", HOURS, "")
    hubspot.change_config("sla.yaml", "calendar: pool", "calendar: rep")
    afternoon = '[{"days": "EVERY_DAY", "startMinute": 780, "endMinute": 1020}]'
    set_up(hubspot, ANA, hs_standard_time_zone="Europe/Berlin", hs_working_hours=afternoon)
    read_absences(hubspot.services, "hubspot")

    morning = two_leads(hubspot, "early")
    hubspot.advance(hours=3, minutes=10)
    after = hubspot.new_leads([{"email": f"x@late{at}.example", "company": f"Late {at}"} for at in range(4)])
    hubspot.tick()

    assert morning == [BEN, BEN]
    [hers, *_] = [lead for lead in after if hubspot.owner(lead) == ANA]
    # Of her hour it is 13:10: it ends at 14:10, within her hours.
    assert hubspot.first_response(hers).due_at == hubspot.now + timedelta(hours=1)


def test_a_clock_of_somebody_who_works_by_hubspots_hours_rests_when_she_does(hubspot: World) -> None:
    hubspot.change_config("teams.yaml", HOURS, "")
    hubspot.change_config("sla.yaml", "calendar: pool", "calendar: rep")
    short = '[{"days": "EVERY_DAY", "startMinute": 540, "endMinute": 630}]'
    set_up(hubspot, ANA, hs_standard_time_zone="Europe/Berlin", hs_working_hours=short)
    read_absences(hubspot.services, "hubspot")

    leads = hubspot.new_leads([{"email": f"x@firm{at}.example", "company": f"Firm {at}"} for at in range(4)])
    hubspot.tick()

    [hers, *_] = [lead for lead in leads if hubspot.owner(lead) == ANA]
    tomorrow_half_past_nine = MONDAY_TEN + timedelta(hours=23, minutes=30)
    assert hubspot.first_response(hers).due_at == tomorrow_half_past_nine


def test_hours_of_the_configuration_win_over_hubspots(hubspot: World) -> None:
    with_two(hubspot)
    set_up(hubspot, ANA, hs_standard_time_zone="Europe/Berlin",
           hs_working_hours='[{"days": "SUNDAY", "startMinute": 0, "endMinute": 60}]')  # fmt: skip
    read_absences(hubspot.services, "hubspot")

    assert two_leads(hubspot, "firm") == [ANA, BEN]


def test_what_cannot_be_read_is_one_line_of_the_log_and_the_others_count(hubspot: World) -> None:
    with_two(hubspot)
    set_up(hubspot, BEN, hs_working_hours="nine to five", hs_out_of_office_hours="[{}]")
    says_away(hubspot, ANA, MONDAY_TEN, UNTIL_NOON)

    with capture_logs() as told:
        read_absences(hubspot.services, "hubspot")

    assert [(line["event"], line["number"]) for line in told] == [("absences that cannot be read", 2)]
    assert two_leads(hubspot, "firm") == [BEN, BEN]


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_crm_that_is_out_is_believed_as_before(world: World) -> None:
    with_two(world)
    says_away(world, ANA, MONDAY_TEN, UNTIL_NOON)
    read_absences(world.services, world.crm)
    where = {"salesforce": "/composite", "hubspot": "/users"}[world.crm]
    world.fault({"status": 500}, path=where)

    with pytest.raises(ConnectorError):
        read_absences(world.services, world.crm)
    world.no_faults()

    assert two_leads(world, "firm") == [BEN, BEN]


def test_a_crm_that_hides_events_is_one_line_of_the_log_with_a_way_out_and_leads_go_on(salesforce: World) -> None:
    with_two(salesforce)
    salesforce.sandbox.control("PUT", "/salesforce/permissions", json={"Event": "none"})

    with capture_logs() as told:
        read_absences(salesforce.services, "salesforce")

    assert [(line["event"], "absences: ignore" in line["way_out"]) for line in told] == [("absences are hidden", True)]
    assert two_leads(salesforce, "firm") == [ANA, BEN]


def test_absences_are_asked_for_as_soon_as_the_people_of_a_new_installation_are_known(world: World) -> None:
    woken: list[str] = []
    world.services = replace(world.services, wake=lambda job, crm, lane: woken.append(job))
    with world.ledger.writing() as tx:
        people.replace(tx, world.crm, [])

    for _ in range(2):
        ingest.mirror(world.services, world.crm)

    assert woken.count("absences") == 1


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_crm_whose_absences_are_to_be_ignored_is_not_asked_and_what_it_said_is_forgotten(world: World) -> None:
    says_away(world, ANA, MONDAY_TEN, UNTIL_NOON)
    read_absences(world.services, world.crm)
    world.change_config(f"crm/{world.crm}.yaml", "poll_every: 1 s", "poll_every: 1 s\nabsences: ignore")
    before = world.connector.calls

    read_absences(world.services, world.crm)

    with world.ledger.reading() as tx:
        assert (people.absences(tx), world.connector.calls) == ([], before)


def test_long_meetings_in_salesforce_are_asked_for_where_a_pool_passes_people_over_for_them(salesforce: World) -> None:
    with_two(salesforce)
    times = {"StartDateTime": "2026-11-23T08:30:00Z", "EndDateTime": "2026-11-23T12:00:00Z"}
    event = {"OwnerId": salesforce.users[ANA], "Subject": "Secret", **times}
    salesforce.sandbox.control("POST", "/salesforce/records/Event", json=[event])

    without = read_absences(salesforce.services, "salesforce")
    salesforce.change_config("teams.yaml", "method: weighted", "pass_over: { meetings_longer_than: 2 h }")
    read_absences(salesforce.services, "salesforce")

    assert without == 0
    assert two_leads(salesforce, "firm") == [BEN, BEN]


def test_a_look_costs_one_call(world: World) -> None:
    before = world.connector.calls

    read_absences(world.services, world.crm)

    assert world.connector.calls - before <= 1
