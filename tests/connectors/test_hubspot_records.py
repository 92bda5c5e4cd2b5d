"""What HubSpot's activities say, and how its search is walked while records come and go."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.hubspot import searching
from connectors.hubspot.portal import Pace, Portal
from connectors.hubspot.records import CONNECTED, activity
from connectors.registry import connect
from domain.leads import LeadKey
from tests.connectors.stage import ANA, MONDAY, NOT_PEOPLE, Stage, an_hour_ago, credentials

KEY = LeadKey("hubspot", "1", "contact", "501")
LEFT_VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"


def row(**properties: Any) -> dict[str, Any]:
    times = {"hs_timestamp": "2026-06-01T10:00:00Z", "hs_createdate": "2026-06-01T10:20:00Z"}
    return {"id": "7", "properties": times | properties}


@pytest.mark.parametrize(
    ("properties", "talked", "answered"),
    [
        pytest.param({"hs_call_duration": "65400"}, 65, True, id="a connected minute"),
        pytest.param({"hs_call_duration": "0"}, 0, False, id="no connected time"),
        pytest.param({}, None, None, id="nobody knows"),
        pytest.param({"hs_call_duration": "20000", "hs_call_disposition": LEFT_VOICEMAIL}, 20, False, id="a voicemail"),
        pytest.param({"hs_call_disposition": CONNECTED}, None, True, id="connected, as the rep says"),
    ],
)
def test_what_a_call_says(properties: dict[str, Any], talked: int | None, answered: bool | None) -> None:
    call = activity("calls", row(**properties), KEY, ANA, NOT_PEOPLE)

    assert call is not None
    assert (call.talk_seconds, call.answered, call.direction) == (talked, answered, "outbound")


@pytest.mark.parametrize("status", ["FAILED", "CANCELED", "QUEUED"])
def test_a_call_that_never_took_place_is_no_activity(status: str) -> None:
    assert activity("calls", row(hs_call_status=status), KEY, ANA, NOT_PEOPLE) is None


def test_an_email_names_its_sender_where_it_has_no_owner() -> None:
    mail = activity(
        "emails", row(hs_email_direction="EMAIL", hs_email_from_email="Ana@acme.example"), KEY, None, NOT_PEOPLE
    )

    assert mail is not None
    assert (mail.by, mail.direction, mail.automated) == (ANA, "outbound", False)


@pytest.mark.parametrize(
    "properties",
    [{"hs_sequence_id": "4"}, {"hs_object_source": "AUTOMATION_PLATFORM"}, {"hs_engagement_source": "SEQUENCES"}],
    ids=str,
)
def test_an_email_that_a_machine_sent_is_automated(properties: dict[str, Any]) -> None:
    mail = activity("emails", row(hs_email_direction="EMAIL", **properties), KEY, ANA, NOT_PEOPLE)

    assert mail is not None
    assert mail.automated


@pytest.mark.parametrize(("away", "reply"), [("false", True), ("true", False)])
def test_an_incoming_mail_is_a_reply_unless_it_is_an_absence_note(away: str, reply: bool) -> None:
    properties = {"hs_email_direction": "INCOMING_EMAIL", "hs_incoming_email_is_out_of_office": away}

    mail = activity("emails", row(**properties), KEY, ANA, NOT_PEOPLE)

    assert mail is not None
    assert (mail.reply, mail.by, mail.direction, mail.automated) == (reply, None, "inbound", not reply)


def test_a_draft_is_no_activity() -> None:
    assert (
        activity("emails", row(hs_email_direction="EMAIL", hs_email_status="SCHEDULED"), KEY, ANA, NOT_PEOPLE) is None
    )


@pytest.mark.parametrize(
    ("outcome", "held"), [("COMPLETED", True), ("SCHEDULED", False), ("NO_SHOW", False), (None, False)]
)
def test_a_meeting_was_held_when_its_outcome_says_so(outcome: str | None, held: bool) -> None:
    meeting = activity("meetings", row(hs_meeting_outcome=outcome), KEY, ANA, NOT_PEOPLE)

    assert meeting is not None
    assert meeting.held is held


def test_leads_that_get_an_owner_between_two_pages_hide_nobody_else(hubspot: Stage) -> None:
    first, second = hubspot.many(200), hubspot.many(40)
    unowned: list[searching.Filter] = [{"propertyName": "hubspot_owner_id", "operator": "NOT_HAS_PROPERTY"}]
    portal = Portal(credentials("hubspot", hubspot.sandbox.url))
    pages = searching.walk(portal, "contacts", [unowned], "createdate", an_hour_ago(), ("createdate",))

    found = [str(row["id"]) for row in next(pages)]
    for lead in found[:100]:
        hubspot.takes(ANA, lead)
    found += [str(row["id"]) for page in pages for row in page]

    assert sorted(found) == sorted([*first, *second])


def test_an_account_whose_other_apps_search_a_lot_can_be_spared(hubspot: Stage) -> None:
    hubspot.control("PUT", "limits", {"enforced": True, "searches_per_second": 2})
    hubspot.sandbox.control("DELETE", "/calls")
    there = credentials("hubspot", hubspot.sandbox.url)
    crm = connect("hubspot", replace(there, extra={"searches_a_second": "1"}), hubspot.mapping, NOT_PEOPLE)

    for _ in range(3):
        crm.arrived(an_hour_ago())

    log = hubspot.sandbox.control("GET", "/calls")["log"]
    assert [call["status"] for call in log if call["path"].endswith("/search")] == [200] * 3


def test_a_search_that_comes_too_soon_after_other_apps_is_made_a_second_later(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    hubspot.fault({"status": 429, "retry_after": 1}, path="/search", times=1)

    found = hubspot.crm.arrived(an_hour_ago())

    assert [seen.key.id for seen in found.seen] == [lead]


def test_more_searches_than_hubspot_takes_in_a_second_are_all_answered(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    hubspot.control("PUT", "limits", {"enforced": True})

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(hubspot.crm.arrived, [an_hour_ago()] * 8))

    assert [[seen.key.id for seen in one.seen] for one in found] == [[lead]] * 8


class Watch:
    """Time that passes only while somebody sleeps, or when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def read(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_searches_are_spread_out_so_that_no_second_sees_more_than_it_may() -> None:
    watch = Watch()
    pace = Pace(4, watch.read, watch.sleep)

    began = []
    for _ in range(9):
        with pace.turn():
            began.append(watch.seconds)

    assert began == [100.0] * 4 + [101.0] * 4 + [102.0]


def test_a_turn_is_free_again_a_second_after_its_answer_however_long_that_took() -> None:
    watch = Watch()
    pace = Pace(1, watch.read, watch.sleep)

    with pace.turn():
        watch.sleep(30)
    with pace.turn():
        began = watch.seconds

    assert began == 131.0


def test_a_lead_that_the_index_shows_late_is_found_from_the_cursor(hubspot: Stage) -> None:
    hubspot.control("PUT", "search", {"lag_seconds": 60})
    [lead] = hubspot.many(1)

    too_early = hubspot.crm.arrived(an_hour_ago())
    hubspot.move_to(MONDAY + timedelta(seconds=90))
    later = hubspot.crm.arrived(too_early.cursor)

    assert too_early.seen == ()
    assert [seen.key.id for seen in later.seen] == [lead]
