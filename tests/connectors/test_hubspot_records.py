"""What HubSpot's activities say, and how its search is walked while records come and go."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.hubspot import searching
from connectors.hubspot.portal import Portal
from connectors.hubspot.records import CONNECTED, activity, company
from domain.leads import LeadKey
from ledger import evidence
from ledger.store import Ledger
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


@pytest.mark.parametrize("time", ["9" * 30, "soon", "2026-13-45", "²"])
def test_an_activity_of_a_time_that_is_none_happened_when_it_was_logged(time: str) -> None:
    call = activity("calls", row(hs_timestamp=time, hs_call_duration="long"), KEY, ANA, NOT_PEOPLE)

    assert call is not None
    assert call.happened_at == call.logged_at


def test_an_activity_that_was_logged_at_no_time_is_left_out() -> None:
    assert activity("calls", row(hs_createdate="soon"), KEY, ANA, NOT_PEOPLE) is None


def test_an_email_from_an_address_that_no_database_takes_can_be_stored(ledger: Ledger) -> None:
    mail = activity("emails", row(hs_email_from_email="x\ud800@firm.example"), KEY, None, frozenset())
    assert mail

    with ledger.writing() as tx:
        evidence.store(tx, [mail], MONDAY)

    with ledger.reading() as tx:
        assert [one.by for one in evidence.of(tx, [KEY])[KEY]] == ["x\ufffd@firm.example"]


def test_a_company_with_a_number_beyond_all_numbers_is_mirrored_without_it() -> None:
    account = company({"id": "1", "properties": {"name": "Acme", "numberofemployees": "9" * 400}}, lambda _: None)

    assert (account.name, account.employees) == ("Acme", None)


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
    first = hubspot.many(150)
    hubspot.move_to(MONDAY + timedelta(minutes=1))
    second = hubspot.many(150)
    unowned: list[searching.Filter] = [{"propertyName": "hubspot_owner_id", "operator": "NOT_HAS_PROPERTY"}]
    portal = Portal(credentials("hubspot", hubspot.sandbox.url))

    def page(began: datetime) -> searching.Window:
        return searching.window(portal, "contacts", [unowned], "createdate", began, ("createdate",), pages=1)

    hubspot.move_to(MONDAY + timedelta(minutes=5))
    one = page(an_hour_ago())
    for row in one.rows[:100]:
        hubspot.takes(ANA, row["id"])
    assert one.reached is not None
    rest = page(one.reached)

    assert {row["id"] for row in (*one.rows, *rest.rows)} == {*first, *second}


def test_a_lead_that_the_index_shows_late_is_found_from_the_cursor(hubspot: Stage) -> None:
    hubspot.control("PUT", "search", {"lag_seconds": 60})
    [lead] = hubspot.many(1)

    too_early = hubspot.crm.arrived(an_hour_ago())
    hubspot.move_to(MONDAY + timedelta(seconds=90))
    later = hubspot.crm.arrived(too_early.cursor)

    assert too_early.seen == ()
    assert [seen.key.id for seen in later.seen] == [lead]
