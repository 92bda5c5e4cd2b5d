"""What stands between a write and a row of the stand-in Salesforce: conditions, locks, duplicates and late commits."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceError

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import codes, collections

LEAD = {"LastName": "Doe", "Company": "Acme"}
AT_NINE, AFTER_NINE = "Mon, 01 Jun 2026 09:00:00 GMT", "Mon, 01 Jun 2026 09:00:01 GMT"
BEFORE_NINE = "Mon, 01 Jun 2026 08:59:59 GMT"


def write(acme: Acme, lead: str, **headers: str) -> int:
    """The status of a write of one row."""
    try:
        acme.salesforce.restful(f"sobjects/Lead/{lead}", method="PATCH", json={"Company": "Nord"}, headers=headers)
    except SalesforceError as refused:
        return refused.status
    return 204


def read(acme: Acme, lead: str, **headers: str) -> int:
    try:
        acme.salesforce.restful(f"sobjects/Lead/{lead}", headers=headers)
    except SalesforceError as refused:
        return refused.status
    return 200


@pytest.mark.parametrize(
    ("since", "status"),
    [
        pytest.param(AT_NINE, 204, id="not changed since"),
        pytest.param(BEFORE_NINE, 412, id="changed since"),
        pytest.param("yesterday", 400, id="no date"),
    ],
)
def test_a_write_holds_only_if_nobody_changed_the_row_since(acme: Acme, since: str, status: int) -> None:
    assert write(acme, acme.lead(), **{"If-Unmodified-Since": since}) == status


def test_a_row_that_a_condition_kept_is_as_it_was(acme: Acme) -> None:
    lead = acme.lead()
    before = acme.seen(lead)

    write(acme, lead, **{"If-Unmodified-Since": BEFORE_NINE})

    assert acme.seen(lead) == before


@pytest.mark.parametrize(
    ("since", "status"),
    [
        pytest.param(AT_NINE, 304, id="not changed since"),
        pytest.param(BEFORE_NINE, 200, id="changed since"),
        pytest.param("yesterday", 400, id="no date"),
    ],
)
def test_a_row_is_read_only_if_it_changed_since(acme: Acme, since: str, status: int) -> None:
    assert read(acme, acme.lead(), **{"If-Modified-Since": since}) == status


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Lead/describe"])
def test_a_description_is_read_only_if_the_schema_changed_since(acme: Acme, path: str) -> None:
    body = {"FullName": "Lead.New__c", "Metadata": {"label": "New", "type": "Text", "length": 40}}
    later(acme, "10:00:00")
    acme.salesforce.restful("tooling/sobjects/CustomField/", method="POST", json=body)
    url = f"/services/data/v59.0/{path}"
    since = (AFTER_NINE, "Mon, 01 Jun 2026 10:00:00 GMT")
    parts = [
        {"method": "GET", "url": url, "referenceId": f"r{n}", "httpHeaders": {"If-Modified-Since": at}}
        for n, at in enumerate(since)
    ]

    answer = acme.salesforce.restful("composite", method="POST", json={"compositeRequest": parts})

    changed, same = cast(dict[str, Any], answer)["compositeResponse"]
    assert (changed["httpStatusCode"], changed["httpHeaders"]["Last-Modified"]) == (200, since[1])
    assert (same["httpStatusCode"], same["body"]) == (304, None)


def test_conditions_hold_inside_a_composite(acme: Acme) -> None:
    lead = acme.lead()
    part = {"method": "PATCH", "url": f"/services/data/v59.0/sobjects/Lead/{lead}", "body": {"Company": "Nord"}}
    parts = [
        {**part, "referenceId": "late", "httpHeaders": {"If-Unmodified-Since": BEFORE_NINE}},
        {**part, "referenceId": "good", "httpHeaders": {"If-Unmodified-Since": AFTER_NINE}},
    ]

    answer = acme.salesforce.restful("composite", method="POST", json={"compositeRequest": parts})

    rows = cast(dict[str, Any], answer)["compositeResponse"]
    assert [row["httpStatusCode"] for row in rows] == [412, 204]


def test_a_locked_row_fails_alone_until_the_lock_is_gone(acme: Acme) -> None:
    locked, free = acme.lead(), acme.lead()
    acme.sandbox.control("POST", "/salesforce/locks", {"id": locked, "writes": 1})
    rows = [{"id": locked, "OwnerId": acme.ana}, {"id": free, "OwnerId": acme.ana}]

    first = collections(acme.salesforce, "PATCH", rows)
    second = collections(acme.salesforce, "PATCH", rows)

    assert (codes(first), codes(second)) == (["UNABLE_TO_LOCK_ROW", ""], ["", ""])
    assert locked in first[0]["errors"][0]["message"]


def test_a_lead_with_the_address_of_another_is_a_duplicate(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"duplicate_rule": True})
    known = acme.lead(Email="jo@acme.example")

    with pytest.raises(SalesforceError) as refused:
        acme.salesforce.restful("sobjects/Lead/", method="POST", json={**LEAD, "Email": "JO@acme.example"})

    [error] = cast(list[dict[str, Any]], refused.value.content)
    assert (refused.value.status, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    [match] = error["duplicateResult"]["matchResults"]
    assert [found["record"]["Id"] for found in match["matchRecords"]] == [known]


def test_a_duplicate_is_saved_where_the_request_insists(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"duplicate_rule": True})
    acme.lead(Email="jo@acme.example")
    acme.salesforce.session.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true; runAsCurrentUser=true"

    made = collections(acme.salesforce, "POST", [{**LEAD, "Email": "jo@acme.example"}])

    assert codes(made) == [""]


def test_a_change_of_owner_is_no_duplicate(acme: Acme) -> None:
    lead, _ = acme.lead(Email="jo@acme.example"), acme.lead(Email="jo@acme.example")
    acme.sandbox.control("PUT", "/salesforce/settings", {"duplicate_rule": True})

    assert codes(collections(acme.salesforce, "PATCH", [{"id": lead, "OwnerId": acme.ana}])) == [""]


def later(acme: Acme, time: str) -> None:
    acme.sandbox.control("PUT", "/clock", {"now": f"2026-06-01T{time}Z"})


def test_a_lead_that_commits_late_appears_with_its_earlier_stamp(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"commit_delay": 30})
    lead = acme.lead()
    assert acme.rows("SELECT Id FROM Lead") == []

    later(acme, "09:00:30")

    assert acme.rows("SELECT Id, SystemModstamp FROM Lead") == [
        {"Id": lead, "SystemModstamp": "2026-06-01T09:00:00.000+0000"}
    ]


def test_a_change_by_hand_that_commits_late_keeps_its_stamp_and_its_author(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/salesforce/settings", {"commit_delay": 30})
    later(acme, "10:00:00")
    acme.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": acme.ben})
    assert acme.seen(lead)["owner"] != acme.ben

    later(acme, "10:00:31")

    seen = acme.seen(lead)
    assert (seen["owner"], seen["SystemModstamp"]) == (acme.ben, "2026-06-01T10:00:00.000+0000")
    assert [change["by"] for change in seen["owner_changes"]] == ["person"]


def test_what_the_api_writes_is_there_at_once(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/salesforce/settings", {"commit_delay": 30})

    collections(acme.salesforce, "POST", [LEAD])

    assert len(acme.rows("SELECT Id FROM Lead")) == 1


def test_a_late_commit_lays_over_what_was_written_meanwhile(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/salesforce/settings", {"commit_delay": 30})
    acme.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": acme.ben})
    collections(acme.salesforce, "PATCH", [{"id": lead, "Company": "Nord"}])

    later(acme, "09:01:00")

    assert (acme.seen(lead)["owner"], acme.seen(lead)["Company"]) == (acme.ben, "Nord")


def test_a_setting_that_is_none_is_refused(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="there is no setting 'speed'"):
        acme.sandbox.control("PUT", "/salesforce/settings", {"speed": 1})
