"""The objects beside leads that routing and response times are read from."""

from typing import Any, cast

import pytest

from tests.sandbox.conftest import Acme


def test_a_new_owner_makes_two_rows_of_history(acme: Acme) -> None:
    lead = acme.lead(OwnerId=acme.inbound)

    acme.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": acme.ana})

    rows = acme.rows(
        f"SELECT Field, DataType, OldValue, NewValue, CreatedById FROM LeadHistory WHERE LeadId = '{lead}'"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Owner", "EntityId", acme.inbound, acme.ana, acme.ana),
        ("Owner", "Text", "Inbound", "Ana Keller", acme.ana),
    ]


def test_history_is_a_child_of_its_lead(acme: Acme) -> None:
    acme.sandbox.control("POST", "/salesforce/convert", {"lead": acme.lead()})

    [row] = acme.rows("SELECT (SELECT Field FROM Histories ORDER BY Field) FROM Lead")

    assert [change["Field"] for change in row["Histories"]["records"]] == ["leadConverted", "Status"]


def test_an_archived_activity_is_seen_by_query_all_alone(acme: Acme) -> None:
    old = {"Status": "Completed", "ActivityDate": "2025-05-31", "CreatedDate": "2025-05-31T09:00:00Z"}
    acme.record("Task", Subject="old", **old)
    acme.record("Task", Subject="old and open", **{**old, "Status": "Not Started"})
    acme.record("Task", Subject="young", **{**old, "ActivityDate": "2025-06-01"})
    question = "SELECT Subject, IsArchived FROM Task"

    assert [row["Subject"] for row in acme.rows(question)] == ["old and open", "young"]
    everything = acme.salesforce.query_all(question, include_deleted=True)["records"]
    assert [(row["Subject"], row["IsArchived"]) for row in everything] == [
        ("old", True),
        ("old and open", False),
        ("young", False),
    ]


def test_a_merged_lead_names_its_master_in_query_all(acme: Acme) -> None:
    master, loser = acme.lead(), acme.lead()
    acme.sandbox.control("PATCH", f"/salesforce/records/Lead/{loser}", {"MasterRecordId": master})
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": loser})

    question = "SELECT MasterRecordId FROM Lead WHERE IsDeleted = true"

    [row] = acme.salesforce.query_all(question, include_deleted=True)["records"]
    assert row["MasterRecordId"] == master


def test_an_absence_is_an_event_that_shows_out_of_office(acme: Acme) -> None:
    when = {"StartDateTime": "2026-06-01T00:00:00Z", "EndDateTime": "2026-06-05T00:00:00Z", "IsAllDayEvent": True}
    acme.record("Event", OwnerId=acme.ana, ShowAs="OutOfOffice", **when)
    acme.record("Event", OwnerId=acme.ben, **when)

    rows = acme.rows(
        "SELECT OwnerId, IsAllDayEvent, EndDateTime FROM Event"
        " WHERE ShowAs = 'OutOfOffice' AND IsChild = false AND EndDateTime >= TODAY AND StartDateTime <= NEXT_N_DAYS:7"
    )

    assert rows == [{"OwnerId": acme.ana, "IsAllDayEvent": True, "EndDateTime": "2026-06-05T00:00:00.000+0000"}]


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        ({"EndDateTime": "2026-06-01T10:30:00Z"}, {"DurationInMinutes": 90}),
        ({"DurationInMinutes": 90}, {"EndDateTime": "2026-06-01T10:30:00.000+0000"}),
        ({"IsAllDayEvent": True, "EndDateTime": "2026-06-01T09:00:00Z"}, {"DurationInMinutes": 1440}),
        ({"IsAllDayEvent": True, "DurationInMinutes": 2880}, {"EndDateTime": "2026-06-02T09:00:00.000+0000"}),
    ],
    ids=["its length", "its end", "the length of one day", "the last of two days"],
)
def test_of_an_events_length_and_end_one_follows_from_the_other(
    acme: Acme, given: dict[str, object], follows: dict[str, object]
) -> None:
    made = acme.salesforce.Event.create({"OwnerId": acme.ana, "StartDateTime": "2026-06-01T09:00:00Z", **given})

    [row] = acme.rows(f"SELECT {', '.join(follows)} FROM Event WHERE Id = '{made['id']}'")
    assert row == follows


def test_a_login_is_history_and_the_users_last(acme: Acme) -> None:
    for at in ("2026-06-01T08:00:00Z", "2026-06-01T07:00:00Z"):
        acme.record("LoginHistory", UserId=acme.ana, LoginTime=at, Status="Success")

    assert len(acme.rows(f"SELECT LoginTime FROM LoginHistory WHERE UserId = '{acme.ana}' AND LoginTime = TODAY")) == 2
    assert acme.rows(f"SELECT LastLoginDate FROM User WHERE Id = '{acme.ana}'") == [
        {"LastLoginDate": "2026-06-01T08:00:00.000+0000"}
    ]


def test_a_frozen_user_is_active_all_the_same(acme: Acme) -> None:
    acme.record("UserLogin", UserId=acme.ana, IsFrozen=True)

    rows = acme.rows("SELECT UserId, User.IsActive FROM UserLogin WHERE IsFrozen = true")

    assert [(row["UserId"], row["User"]["IsActive"]) for row in rows] == [(acme.ana, True)]


def test_an_accounts_open_opportunities_and_team_are_found(acme: Acme) -> None:
    account = acme.record("Account", Name="Nord", OwnerId=acme.ana)
    deal = {"AccountId": account, "CloseDate": "2026-07-01", "OwnerId": acme.ben}
    acme.record("Opportunity", Name="open", StageName="Prospecting", **deal)
    acme.record("Opportunity", Name="won", StageName="Closed Won", **deal)
    acme.record("AccountTeamMember", AccountId=account, UserId=acme.ana, TeamMemberRole="Account Manager")

    [row] = acme.rows(
        "SELECT Name, (SELECT OwnerId, Name FROM Opportunities WHERE IsClosed = false),"
        " (SELECT User.Name FROM AccountTeamMembers) FROM Account"
    )

    assert [(deal["Name"], deal["OwnerId"]) for deal in row["Opportunities"]["records"]] == [("open", acme.ben)]
    assert [member["User"]["Name"] for member in row["AccountTeamMembers"]["records"]] == ["Ana Keller"]


def test_the_first_answer_by_mail_is_found_through_its_relation(acme: Acme) -> None:
    lead = acme.lead(Email="ann@nord.example")
    acme.sandbox.control(
        "POST", "/salesforce/emails", [{"lead": lead, "owner": acme.ana, "at": "2026-06-01T08:00:00Z"}]
    )

    rows = acme.rows(
        "SELECT EmailMessage.MessageDate, RelationId FROM EmailMessageRelation"
        f" WHERE RelationId IN ('{lead}') AND RelationType = 'ToAddress' AND EmailMessage.Incoming = false"
    )

    assert [(row["RelationId"], row["EmailMessage"]["MessageDate"]) for row in rows] == [
        (lead, "2026-06-01T08:00:00.000+0000")
    ]


def test_the_statuses_of_leads_say_which_is_converted(acme: Acme) -> None:
    rows = acme.rows("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true")

    assert rows == [{"MasterLabel": "Closed - Converted"}]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param("Contact", {"LastName": "Doe"}, id="a contact"),
        pytest.param("Inquiry__c", {"Name": "I-1", "Email__c": "ann@nord.example"}, id="an object of their own"),
    ],
)
def test_other_objects_with_owners_can_be_leads(acme: Acme, kind: str, fields: dict[str, Any]) -> None:
    record = acme.record(kind, **fields)
    acme.sandbox.control("POST", "/salesforce/owner", {"lead": record, "owner": acme.ana})
    acme.sandbox.control("POST", "/salesforce/calls", [{"lead": record, "owner": acme.ana, "seconds": 60}])
    getattr(cast(Any, acme.salesforce), kind).update(record, {"OwnerId": acme.ben})

    [row] = acme.rows(f"SELECT OwnerId, Owner.Name, (SELECT CallDurationInSeconds FROM Tasks) FROM {kind}")

    assert (row["OwnerId"], row["Tasks"]["records"][0]["CallDurationInSeconds"]) == (acme.ben, 60)


def test_a_queue_can_take_an_object_of_their_own(acme: Acme) -> None:
    [queue] = acme.sandbox.control("POST", "/salesforce/queues", [{"name": "Inquiries", "objects": ["Inquiry__c"]}])
    record = acme.record("Inquiry__c", Name="I-1")

    cast(Any, acme.salesforce).Inquiry__c.update(record, {"OwnerId": queue})

    assert acme.rows("SELECT Name FROM Inquiry__c WHERE Owner.Type = 'Queue'") == [{"Name": "I-1"}]


def test_a_record_with_a_field_that_is_not_there_is_refused(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="a Task has no"):
        acme.record("Task", Nope=1)
