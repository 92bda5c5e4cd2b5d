"""notifications.yaml, crm/*.yaml and absences.csv."""

from datetime import UTC, datetime

import pytest

from domain.mapping import CrmMapping
from domain.people import Absence
from playbook.book import Notifications
from tests.playbook.writing import GOOD, loaded, places, problems, with_files

CRM = {
    "object": "Lead",
    "new_when": "{ owner: [user:Integration@acme.example, queue:Inbound], converted: false }",
    "fields": "{ email: Email, deal_size: { field: Deal_Size__c, type: amount }, custom.plan: Plan__c }",
    "poll_every": "5 s",
}


def crm(**changed: str) -> str:
    return "\n".join(f"{key}: {value}" for key, value in {**CRM, **changed}.items())


def test_a_crm_mapping_is_read_as_written() -> None:
    found = loaded({**GOOD, "crm/salesforce.yaml": crm()}).crms["salesforce"]
    assert found == CrmMapping(
        crm="salesforce",
        object="Lead",
        unowned_by=("user:integration@acme.example", "queue:Inbound"),
        fields={"email": "Email", "deal_size": "Deal_Size__c", "custom.plan": "Plan__c"},
        types={"deal_size": "amount"},
        poll_every=5.0,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(crm(object="Case"), "V105", id="an object that holds no leads"),
        pytest.param(crm(new_when="{ owner: everybody }"), "V105", id="an owner who is nobody"),
        pytest.param(crm(new_when="{ owner: [nobody], converted: true }"), "V105", id="converted leads"),
        pytest.param(crm(fields="{ emial: Email }"), "K105", id="a field of ours misspelt"),
        pytest.param(crm(fields="{ intent: Intent__c }"), "K105", id="a field that is worked out here"),
        pytest.param(crm(fields="{ email: Email FROM User }"), "V105", id="a field name that would change the query"),
        pytest.param(crm(poll_every="1 business day"), "V102", id="a poll in business days"),
        pytest.param(crm(poll_every="99999999 h"), "V106", id="a poll that never comes"),
        pytest.param(crm(poll_every="24.1 h"), "V106", id="a poll after more than a day"),
        pytest.param(crm(poll_every="0 s"), "V106", id="a poll without a pause"),
        pytest.param(crm(poll_every="-5 s"), "V106", id="a poll in the past"),
        pytest.param(crm(absences="Task"), "V105", id="absences in an object that holds none"),
        pytest.param("object: Lead", "K102", id="what is needed is missing"),
    ],
)
def test_a_mapping_that_cannot_work_is_a_problem(text: str, expected: str) -> None:
    assert {str(each.id) for each in problems({**GOOD, "crm/salesforce.yaml": text})} == {expected}


@pytest.mark.parametrize(
    ("written", "asked"), [({}, True), ({"absences": "Event"}, True), ({"absences": "ignore"}, False)]
)
def test_a_crm_is_asked_for_absences_unless_they_are_to_be_ignored(written: dict[str, str], asked: bool) -> None:
    found = loaded({**GOOD, "crm/salesforce.yaml": crm(**written)})
    assert found.crms["salesforce"].asks_for_absences is asked


@pytest.mark.parametrize("kind", ["Lead", "Contact", "Inquiry__c"])
def test_leads_may_be_kept_in_any_object_that_has_an_owner(kind: str) -> None:
    assert loaded({**GOOD, "crm/salesforce.yaml": crm(object=kind)}).crms["salesforce"].object == kind


def test_channels_and_events_are_read_as_written() -> None:
    texts = with_files(
        notifications="""\
        channels: { terminal: true, slack: { url: env:SLACK_URL } }
        events:
          assigned: { to: rep, by: [slack, crm_task] }
          reminder: { to: [rep, manager], by: terminal }
        """
    )
    assert loaded(texts).notifications == Notifications(
        channels={"terminal": "", "slack": "SLACK_URL"},
        events={
            "assigned": (("rep",), ("slack", "crm_task")),
            "reminder": (("rep", "manager"), ("terminal",)),
        },
    )


def test_a_secret_in_the_file_is_a_problem_that_does_not_repeat_it() -> None:
    secret = "https://hooks.slack.example/services/T0/B0/hush"
    (problem,) = problems(with_files(notifications=f"channels: {{ slack: {{ url: {secret} }} }}"))
    assert problem.id == "V107"
    assert "hush" not in str(problem)


def test_a_channel_that_is_used_must_exist() -> None:
    texts = with_files(notifications="channels: { terminal: true }\nevents: { assigned: { to: rep, by: [slak] } }")
    assert places(texts) == ["notifications.yaml:2:37 N112"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("assigned: { to: manager, by: terminal }", id="a manager told of what goes to the rep"),
        pytest.param("review: { to: tom@acme.example, by: terminal }", id="a named person"),
        pytest.param("breached: { to: manager, by: terminal }", id="an event that nothing sends yet"),
        pytest.param("reminder: { to: rep, by: crm_task }", id="a task as a reminder"),
    ],
)
def test_an_event_that_would_be_told_otherwise_is_not_built_yet(event: str) -> None:
    texts = with_files(notifications=f"channels: {{ terminal: true }}\nevents: {{ {event} }}")
    assert [str(each.id) for each in problems(texts)] == ["K103"]


def test_absences_are_whole_days_of_the_rep_or_exact_times() -> None:
    table = (
        "email,from,to,cover,reason\n"
        "Ana@acme.example,2026-12-24,2026-12-26,ben@acme.example,holiday\n"
        "ben@acme.example,2026-12-01T09:00,2026-12-01T12:30+01:00,,dentist\n"
    )
    assert loaded({**GOOD, "absences.csv": table}).absences == (
        Absence(
            "ana@acme.example",
            datetime(2026, 12, 23, 23, tzinfo=UTC),
            datetime(2026, 12, 26, 23, tzinfo=UTC),
            "ben@acme.example",
            "holiday",
        ),
        Absence(
            "ben@acme.example",
            datetime(2026, 12, 1, 8, tzinfo=UTC),
            datetime(2026, 12, 1, 11, 30, tzinfo=UTC),
            None,
            "dentist",
        ),
    )


def test_a_comma_in_quotes_does_not_move_the_places_after_it() -> None:
    table = 'reason,email,from,to\n"a, b",zoe@acme.example,2026-12-24,2026-12-26\n'
    assert places({**GOOD, "absences.csv": table}) == ["absences.csv:2:8 N102"]


def test_each_row_that_cannot_be_read_is_a_problem_at_its_line_and_column() -> None:
    table = (
        "email,from,to,cover,reason\n"
        "zoe@acme.example,2026-12-24,2026-12-26,,\n"
        "ana@acme.example,24.12.2026,2026-12-26,,\n"
        "ana@acme.example,2026-12-26,2026-12-24,,\n"
        '"ana@acme.example",2026-12-24,2026-12-26,bem@acme.example,"a, b"\n'
        "ana@acme.example,2026-12-24\n"
        "ana@acme.example,2026-12-24,2026-12-26,,a,b\n"
    )
    assert places({**GOOD, "absences.csv": table}) == [
        "absences.csv:2:1 N102",
        "absences.csv:3:18 V103",
        "absences.csv:4:29 V106",
        "absences.csv:5:42 N102",
        "absences.csv:6:1 K102",
        "absences.csv:7:1 S107",
    ]


CIRCLE = ["absences.csv:2:40 T110"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            ["ana,2026-12-24,2026-12-26,ben", "ben,2026-12-26,2026-12-27,ana"],
            CIRCLE,
            id="each other",
        ),
        pytest.param(["ana,2026-12-24,2026-12-26,ana"], CIRCLE, id="oneself"),
        pytest.param(
            ["ana,2026-12-24,2026-12-26,ben", "ben,2026-12-24,2026-12-26,tom", "tom,2026-12-25,2026-12-25,ana"],
            CIRCLE,
            id="three",
        ),
        pytest.param(
            ["ana,2026-12-24,2026-12-25,ben", "ben,2026-12-26,2026-12-27,ana"], [], id="each other, one after the other"
        ),
        pytest.param(["ana,2026-12-24,2026-12-26,ben", "ben,2026-12-24,2026-12-26,tom"], [], id="a cover's cover"),
    ],
)
def test_covers_who_are_away_then_themselves_lead_to_somebody(rows: list[str], expected: list[str]) -> None:
    table = "email,from,to,cover\n" + "".join(f"{row}\n" for row in rows)
    for name in ("ana", "ben", "tom"):
        table = table.replace(f"{name},", f"{name}@acme.example,").replace(f",{name}\n", f",{name}@acme.example\n")
    assert places({**GOOD, "absences.csv": table}) == expected


def test_a_status_that_means_converted_needs_a_field_to_be_read_from() -> None:
    crm = "object: contact\nnew_when: { owner: [nobody] }\nfields: { email: email }\n"
    crm += "statuses: { converted: [OPEN_DEAL] }\n"
    assert places({**GOOD, "crm/hubspot.yaml": crm}) == ["crm/hubspot.yaml:4:11 K102"]
    assert loaded({**GOOD, "crm/hubspot.yaml": crm.replace("email: email", "status: hs_lead_status")}).watched == {
        "status"
    }
