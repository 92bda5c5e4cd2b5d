"""When people are not there, as Salesforce's events and HubSpot's users say."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Refused, Whereabouts
from connectors.registry import connect
from connectors.values import NO_END
from domain.people import Absence, WorkingHours
from tests.connectors.stage import ANA, BEN, MONDAY, NOT_PEOPLE, Stage
from tests.crm_example import credentials

DAY = timedelta(days=1)
NINE_TO_FIVE = {"days": "MONDAY_TO_FRIDAY", "startMinute": 540, "endMinute": 1020}
BERLIN_MIDNIGHT = datetime(2026, 6, 1, 22, tzinfo=UTC)
"""The beginning of 2 June in Berlin."""


def asked(stage: Stage, *, meetings: bool = True, of: tuple[str, ...] = (ANA, BEN)) -> Whereabouts:
    people = [user for user in stage.crm.users() if user.email in of]
    within = (MONDAY, MONDAY + DAY) if meetings else None
    return stage.crm.whereabouts(people, MONDAY - 30 * DAY, MONDAY + 60 * DAY, within)


# --- Salesforce -----------------------------------------------------------------------------------------------------


def event(stage: Stage, owner: str = ANA, **values: object) -> None:
    times = {"StartDateTime": "2026-06-02T09:00:00Z", "EndDateTime": "2026-06-03T17:00:00Z"}
    stage.control("POST", "records/Event", [{"OwnerId": stage.ids[owner], "Subject": "Secret", **times, **values}])


def away_in_salesforce(starts: datetime, ends: datetime, *, meeting: bool = False) -> Absence:
    return Absence(ANA, starts, ends, None, "Salesforce event", meeting)


def test_an_event_that_shows_as_out_of_office_is_an_absence_without_its_subject(salesforce: Stage) -> None:
    event(salesforce, ShowAs="OutOfOffice")

    found = asked(salesforce)

    tuesday = datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert found == Whereabouts((away_in_salesforce(tuesday, tuesday + timedelta(hours=32)),))


@pytest.mark.parametrize(
    ("last", "minutes"),
    [
        pytest.param("2026-06-02T00:00:00Z", None, id="its last day is its first"),
        pytest.param("2026-06-03T00:00:00Z", 1440, id="a program wrote the day after it"),
    ],
)
def test_a_whole_day_is_a_day_of_the_persons_own_zone(salesforce: Stage, last: str, minutes: int | None) -> None:
    length = {"DurationInMinutes": minutes} if minutes else {}
    event(salesforce, IsAllDayEvent=True, StartDateTime="2026-06-02T00:00:00Z", EndDateTime=last, **length)

    assert asked(salesforce).absences == (away_in_salesforce(BERLIN_MIDNIGHT, BERLIN_MIDNIGHT + DAY),)


def test_a_busy_event_is_a_meeting_where_meetings_are_asked_for(salesforce: Stage) -> None:
    event(salesforce, StartDateTime="2026-06-01T08:30:00Z", EndDateTime="2026-06-01T12:00:00Z")

    begins = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
    held = away_in_salesforce(begins, begins + timedelta(hours=3.5), meeting=True)
    assert [asked(salesforce, meetings=wanted).absences for wanted in (True, False)] == [(held,), ()]


def test_what_is_free_another_persons_over_far_away_or_the_series_itself_is_nobodys_absence(salesforce: Stage) -> None:
    event(salesforce, IsAllDayEvent=True, ShowAs="Free")
    event(salesforce, BEN, ShowAs="OutOfOffice")
    event(salesforce, ShowAs="OutOfOffice", IsRecurrence=True)
    for day in ("2026-01-02", "2027-01-02"):
        times = {"StartDateTime": f"{day}T08:00:00Z", "EndDateTime": f"{day}T18:00:00Z"}
        event(salesforce, ShowAs="OutOfOffice", **times)

    assert asked(salesforce, of=(ANA,)) == Whereabouts()


def test_an_absence_without_end_lasts_as_long_as_anybody_can_count(salesforce: Stage) -> None:
    event(salesforce, ShowAs="OutOfOffice", EndDateTime="9999-12-31T00:00:00Z")

    assert [one.ends for one in asked(salesforce).absences] == [NO_END]


def test_an_event_that_ends_before_it_begins_is_told_and_keeps_no_other_from_counting(salesforce: Stage) -> None:
    event(salesforce, ShowAs="OutOfOffice", EndDateTime="2026-06-01T20:00:00Z")
    event(salesforce, ShowAs="OutOfOffice")
    event(salesforce, ShowAs="OutOfOffice", EndDateTime=None)

    found = asked(salesforce)

    assert len(found.absences) == 1
    assert [ANA in odd and "Secret" not in odd for odd in found.odd] == [True]


def test_one_call_asks_for_everybody(salesforce: Stage) -> None:
    salesforce.crm.users()
    before = salesforce.crm.calls

    salesforce.crm.whereabouts(salesforce.crm.users(), MONDAY, MONDAY + DAY, None)

    assert salesforce.crm.calls - before == 2  # the users' one, and its own


@pytest.mark.parametrize("hidden", ["Event", "Event.ShowAs"])
def test_events_that_are_hidden_are_refused_and_told_by_doctor_as_a_doubt(salesforce: Stage, hidden: str) -> None:
    salesforce.control("PUT", "permissions", {hidden: "none"})

    with pytest.raises(Refused):
        asked(salesforce)
    [told] = [one for one in salesforce.crm.examine() if one.what == "absences"]
    assert (told.ok, "Event" in told.detail, "absences: ignore" in told.way_out) == (None, True, True)


# --- HubSpot --------------------------------------------------------------------------------------------------------


def sets(stage: Stage, owner: str = ANA, **values: str) -> None:
    """The user's own settings in HubSpot."""
    rows: list[dict[str, Any]] = listed_users(stage)
    [user] = [row["id"] for row in rows if row["properties"]["hs_email"] == owner]
    stage.control("PUT", "records", {"kind": "users", "id": user, "properties": values})


def listed_users(stage: Stage) -> list[dict[str, Any]]:
    return list(stage.crm._portal.listed("users", ["hs_email"]))  # type: ignore[attr-defined]


def hours(*items: Mapping[str, object], zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"hs_standard_time_zone": zone, "hs_working_hours": json.dumps(items)}


def out_of_office(*items: object) -> dict[str, str]:
    return {"hs_out_of_office_hours": json.dumps(items)}


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_hubspots_out_of_office_is_an_absence(hubspot: Stage) -> None:
    until = MONDAY + 2 * DAY
    sets(hubspot, **out_of_office({"startTimestamp": milliseconds(MONDAY), "endTimestamp": milliseconds(until)}))

    assert asked(hubspot).absences == (Absence(ANA, MONDAY, until, None, "out of office in HubSpot"),)


def test_hubspots_working_hours_are_hours_in_the_users_zone(hubspot: Stage) -> None:
    late = {"days": "MONDAY", "startMinute": 1000, "endMinute": 1440}
    sets(hubspot, **hours(late, NINE_TO_FIVE, {"days": "SATURDAY_SUNDAY", "startMinute": 0, "endMinute": 60}))

    day, hour = (9 * 3600, 17 * 3600), (0, 3600)
    week = (((9 * 3600, 24 * 3600),), *[(day,)] * 4, (hour,), (hour,))
    works = WorkingHours(f"working hours of {ANA} in HubSpot", "Europe/Berlin", week)
    assert asked(hubspot).hours == {ANA: works}


@pytest.mark.parametrize("nothing", ["", "[]", " "], ids=["empty", "an empty list", "a blank"])
def test_a_user_who_has_set_nothing_has_no_hours_and_nothing_is_told(hubspot: Stage, nothing: str) -> None:
    sets(hubspot, hs_working_hours=nothing, hs_out_of_office_hours=nothing)

    assert asked(hubspot) == Whereabouts()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"hs_working_hours": "9 to 5"}, id="hours that are no JSON"),
        pytest.param({"hs_working_hours": '{"days": "MONDAY"}'}, id="hours that are no list"),
        pytest.param({"hs_working_hours": "[1]"}, id="a list of numbers"),
        pytest.param(hours({"days": "FUNDAY", "startMinute": 0, "endMinute": 60}), id="an unknown day"),
        pytest.param(hours({"days": "MONDAY", "startMinute": 600, "endMinute": 540}), id="hours that end too soon"),
        pytest.param(hours({"days": "MONDAY", "startMinute": 0, "endMinute": 9999}), id="a day that is too long"),
        pytest.param(hours({"days": "MONDAY", "startMinute": "9", "endMinute": 60}), id="minutes as text"),
        pytest.param(hours({"days": "MONDAY"}), id="no minutes"),
        pytest.param(hours(NINE_TO_FIVE, zone=""), id="no time zone"),
        pytest.param(hours(NINE_TO_FIVE, zone="Mars/Olympus"), id="an unknown time zone"),
        pytest.param({"hs_out_of_office_hours": "yes"}, id="an absence that is no JSON"),
        pytest.param(out_of_office({"startTimestamp": 0}), id="an absence without an end"),
        pytest.param(out_of_office({"startTimestamp": 2, "endTimestamp": 1}), id="an absence that ends too soon"),
        pytest.param(out_of_office({"startTimestamp": "now", "endTimestamp": None}), id="times that are none"),
    ],
)
def test_what_cannot_be_read_is_told_by_address_and_counts_as_empty(hubspot: Stage, wrong: dict[str, str]) -> None:
    sets(hubspot, **wrong)

    found = asked(hubspot)

    assert (found.absences, found.hours) == ((), {})
    assert [ANA in odd for odd in found.odd] == [True]


def test_of_a_list_what_can_be_read_counts_and_an_end_in_the_year_9999_is_none(hubspot: Stage) -> None:
    long = {"startTimestamp": milliseconds(MONDAY), "endTimestamp": 253_402_214_400_000}
    sets(hubspot, **out_of_office(long, {"startTimestamp": -1, "endTimestamp": 0}))

    found = asked(hubspot)

    assert [one.ends for one in found.absences] == [NO_END]
    assert len(found.odd) == 1


def test_users_whom_nobody_asked_about_say_nothing(hubspot: Stage) -> None:
    sets(hubspot, BEN, **hours(NINE_TO_FIVE))

    assert asked(hubspot, of=(ANA,)) == Whereabouts()


def test_a_token_without_the_scope_is_refused_and_doctor_names_the_scope_as_a_doubt(hubspot: Stage) -> None:
    key = hubspot.control("POST", "keys", {"scopes": ["crm.objects.owners.read"]})["token"]
    there = replace(credentials("hubspot", hubspot.sandbox.url), secret=key)
    crm = connect("hubspot", there, hubspot.mapping, NOT_PEOPLE)

    with pytest.raises(Refused):
        crm.whereabouts(hubspot.crm.users(), MONDAY, MONDAY + DAY, None)
    [told] = [one for one in crm.examine() if one.what == "absences"]
    assert (told.ok, "crm.objects.users.read" in told.way_out) == (None, True)


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_crm_that_is_not_to_be_asked_is_not_examined_for_absences(crm: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(crm)
    there = credentials(crm, stage.sandbox.url)
    quiet = connect(crm, there, replace(stage.mapping, absences="ignore"), NOT_PEOPLE)

    assert [one for one in quiet.examine() if one.what == "absences"] == []
