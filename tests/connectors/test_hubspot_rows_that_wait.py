"""What HubSpot cannot show just now waits alone: calls, tasks and contacts of other leads are told as ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import TaskWrite
from connectors.hubspot.searching import LAG, OVERLAP, PATIENCE
from domain.activities import Activity
from domain.leads import History, ReadLater
from tests.connectors.stage import ANA, MONDAY, Stage, an_hour_ago
from tests.connectors.test_roles import deal
from tests.sandbox.hubspot_client import send

HIDDEN = ("records", "associations")


def belonging(stage: Stage, kind: str, lead: str) -> str:
    """The one object of that kind that is associated with the lead."""
    path = f"/crm/v4/associations/contacts/{kind}/batch/read"
    [row] = send(stage.sandbox, "POST", path, {"inputs": [{"id": lead}]}).json()["results"]
    [one] = row["to"]
    return str(one["toObjectId"])


def called(stage: Stage, *leads: str) -> None:
    stage.control("POST", "calls", [{"lead": lead, "owner": stage.ids[ANA], "seconds": 60} for lead in leads])


def hide(stage: Stage, what: str, lead: str, kind: str) -> None:
    """The record of that kind which the lead has, or what is associated with the lead, cannot be shown just now."""
    stage.control("PUT", "unreadable", {what: [lead if what == "associations" else belonging(stage, kind, lead)]})


@pytest.mark.parametrize("what", HIDDEN)
def test_a_lead_whose_calls_cannot_be_read_is_named_and_the_others_calls_are_told(hubspot: Stage, what: str) -> None:
    odd, other = hubspot.many(2)
    called(hubspot, odd, other)
    hide(hubspot, what, odd, "calls")

    logged = hubspot.crm.activities_of([odd, other])

    assert [one.lead for one in logged if isinstance(one, Activity)] == [hubspot.key(other)]
    assert {one.key for one in logged if isinstance(one, ReadLater)} == {hubspot.key(odd)}


@pytest.mark.parametrize("what", HIDDEN)
def test_a_task_that_cannot_be_looked_for_waits_and_the_others_are_sent(hubspot: Stage, what: str) -> None:
    odd, there, lost = hubspot.many(3)
    tasks = [TaskWrite(hubspot.key(one), hubspot.ids[ANA], "Call", MONDAY, f"{one}:task") for one in (odd, there, lost)]
    hubspot.crm.create_tasks(tasks[:2])
    hide(hubspot, what, odd, "tasks")

    written = hubspot.crm.create_tasks([replace(task, again=True) for task in tasks])

    assert [one.outcome for one in written] == ["later", "applied", "applied"]
    assert "HubSpot: " in written[0].detail
    hubspot.control("PUT", "unreadable", {})
    assert all(belonging(hubspot, "tasks", lead) for lead in (odd, there, lost))


def test_a_call_whose_leads_cannot_be_told_keeps_no_other_and_is_learnt_by_the_next_window(hubspot: Stage) -> None:
    odd, other = hubspot.many(2)
    called(hubspot, odd)
    hubspot.move_to(MONDAY + timedelta(minutes=10))
    called(hubspot, other)
    hubspot.control("PUT", "unreadable", {"associations": [belonging(hubspot, "calls", odd)]})
    hubspot.move_to(MONDAY + timedelta(minutes=20))

    first = hubspot.crm.activities("calls", an_hour_ago())
    hubspot.control("PUT", "unreadable", {})
    second = hubspot.crm.activities("calls", first.cursor)

    assert [one.lead for one in first.activities] == [hubspot.key(other)]
    assert first.cursor == MONDAY + OVERLAP
    assert {one.lead for one in second.activities} == {hubspot.key(odd), hubspot.key(other)}


def test_a_deal_whose_companies_cannot_be_told_keeps_no_other_and_stays_what_it_was(hubspot: Stage) -> None:
    [acme] = hubspot.control("POST", "accounts", [hubspot.about.company])
    odd, other = deal(hubspot, acme, ANA), deal(hubspot, acme, ANA)
    hubspot.control("PUT", "unreadable", {"associations": [odd]})
    hubspot.move_to(MONDAY + timedelta(minutes=20))

    first = hubspot.crm.roles("opportunities", an_hour_ago())
    hubspot.control("PUT", "unreadable", {})
    second = hubspot.crm.roles("opportunities", first.cursor)

    assert ([role.id for role in first.roles], first.gone) == ([other], ())
    assert {role.id for role in second.roles} == {odd, other}


def test_a_call_whose_leads_cannot_be_told_for_an_hour_makes_windows_no_longer(hubspot: Stage) -> None:
    [odd] = hubspot.many(1)
    called(hubspot, odd)
    hubspot.control("PUT", "unreadable", {"associations": [belonging(hubspot, "calls", odd)]})
    cursors = []
    for later in (PATIENCE / 2, PATIENCE):
        hubspot.move_to(MONDAY + later)
        cursors.append(hubspot.crm.activities("calls", an_hour_ago()).cursor)

    assert cursors == [MONDAY + OVERLAP, MONDAY + PATIENCE - LAG]


def test_a_lead_whose_history_cannot_be_read_is_named_and_the_others_histories_are_told(hubspot: Stage) -> None:
    odd, other = hubspot.many(2)
    hubspot.takes(ANA, other)
    hubspot.control("PUT", "unreadable", {"records": [odd]})

    unread, told = hubspot.crm.history([odd, other])

    assert isinstance(unread, ReadLater)
    assert isinstance(told, History)
    assert [one.value for one in told.owners][-1] == hubspot.ids[ANA]


def test_one_read_tells_the_history_of_50_leads(hubspot: Stage) -> None:
    leads = hubspot.many(51)
    before = hubspot.crm.calls

    hubspot.crm.history(leads)

    assert hubspot.crm.calls - before == 2
