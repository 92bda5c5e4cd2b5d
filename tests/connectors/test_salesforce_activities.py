"""What Tasks, e-mails and Events say, and what they only seem to say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.registry import connect
from connectors.salesforce.records import event, task
from domain.leads import LeadKey
from tests.connectors.stage import ANA, INTEGRATION, NOT_PEOPLE, Stage, mapping_of
from tests.crm_example import credentials

KEY = LeadKey("salesforce", "00D5g0000000001EAA", "Lead", "00Q5g0000000001EAA")
TEN = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


def row(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "00T5g0000000001EAA", "WhoId": KEY.id, "Owner": {"Email": "Ana@acme.example"},
        "CreatedBy": {"Email": ANA}, "TaskSubtype": "Call", "CallDurationInSeconds": 300, "CallDisposition": None,
        "CallType": "Outbound",
        "CompletedDateTime": "2026-06-01T10:05:00.000+0000", "CreatedDate": "2026-06-01T10:05:02.000+0000",
    } | changes  # fmt: skip


def test_a_call_happened_when_it_began_and_not_when_its_task_was_completed() -> None:
    assert task(row(), KEY, NOT_PEOPLE).happened_at == TEN


def test_a_call_that_was_planned_as_a_task_happened_when_it_was_made() -> None:
    made = task(row(CreatedDate="2026-05-29T08:00:00.000+0000"), KEY, NOT_PEOPLE)

    assert made.happened_at == TEN
    assert made.logged_at >= made.happened_at


def test_a_call_that_a_dialers_user_logged_for_a_rep_is_the_reps() -> None:
    made = task(row(CreatedBy={"Email": INTEGRATION}), KEY, NOT_PEOPLE)

    assert (made.by, made.automated) == (ANA, False)


@pytest.mark.parametrize(
    ("changes", "automated"),
    [
        pytest.param({}, True, id="nothing says that anybody called"),
        pytest.param({"CallDurationInSeconds": 0}, False, id="a dialer's call in vain"),
        pytest.param({"CallDisposition": "No answer"}, False, id="a dialer's word about it"),
        pytest.param({"LastModifiedBy": {"Email": ANA}}, False, id="completed by the rep"),
        pytest.param({"CreatedBy": {"Email": ANA}}, False, id="created by the rep"),
    ],
)
def test_a_task_that_an_integration_user_created_and_completed_is_nobodys_call(
    changes: Mapping[str, Any], automated: bool
) -> None:
    ticked_off = {"CreatedBy": {"Email": INTEGRATION}, "LastModifiedBy": {"Email": INTEGRATION}}
    made = task(row(**({"CallDurationInSeconds": None} | ticked_off | changes)), KEY, NOT_PEOPLE)

    assert (made.automated, "integration user" in made.why_automated) == (automated, automated)


@pytest.mark.parametrize("changes", [{"Owner": {"Email": INTEGRATION}}, {"CreatedBy": {"Email": INTEGRATION}}], ids=str)
def test_an_email_by_a_user_who_is_no_person_is_automated(changes: Mapping[str, Any]) -> None:
    assert task(row(TaskSubtype="Email", **changes), KEY, NOT_PEOPLE).automated


@pytest.mark.parametrize(
    ("seconds", "disposition", "answered"),
    [
        (300, None, True),
        (0, None, False),
        (None, None, None),
        (20, "Left Voicemail", False),
        (None, "No Answer", False),
    ],
)
def test_who_answered_a_call(seconds: int | None, disposition: str | None, answered: bool | None) -> None:
    made = task(row(CallDurationInSeconds=seconds, CallDisposition=disposition), KEY, NOT_PEOPLE)

    assert made.answered is answered


def test_a_mail_that_came_in_is_a_reply_and_nobodys_work() -> None:
    message = {"Incoming": True, "MessageDate": "2026-06-01T10:00:00.000+0000"}

    made = task(row(TaskSubtype="Email"), KEY, NOT_PEOPLE, message)

    assert (made.direction, made.reply, made.by, made.happened_at) == ("inbound", True, None, TEN)


@pytest.mark.parametrize(("minutes", "held"), [(59, False), (60, True)])
def test_a_meeting_was_held_once_it_is_over(minutes: int, held: bool) -> None:
    times = {"StartDateTime": "2026-06-01T10:00:00.000+0000", "EndDateTime": "2026-06-01T11:00:00.000+0000"}

    made = event(row(**times), KEY, TEN + timedelta(minutes=minutes), NOT_PEOPLE)

    assert (made.kind, made.held, made.happened_at) == ("meeting", held, TEN)


def test_where_the_org_keeps_emails_their_own_time_counts(salesforce: Stage) -> None:
    [lead] = salesforce.many(1)
    mail = {"lead": lead, "owner": salesforce.ids[ANA], "at": "2026-06-01T08:30:00Z"}
    salesforce.control("POST", "emails", [mail])
    mapping = replace(mapping_of("salesforce"), activities={"emails": "EmailMessage"})
    crm = connect("salesforce", credentials("salesforce", salesforce.sandbox.url), mapping, NOT_PEOPLE)
    crm.sign_in()

    [read] = crm.activities_of([lead])

    assert (read.kind, read.direction, read.happened_at) == (
        "email",
        "outbound",
        datetime(2026, 6, 1, 8, 30, tzinfo=UTC),
    )
