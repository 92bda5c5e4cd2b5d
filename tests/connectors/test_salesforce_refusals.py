"""What each of Salesforce's refusals means: of one row, of a whole write, of a read."""

from typing import Any

import pytest
import responses

from connectors.base import ConnectorError, Credentials, Refused, TryLater, Unknown
from connectors.salesforce.errors import WAYS_OUT, refusal
from connectors.salesforce.org import Org
from connectors.salesforce.writing import GUARD_MESSAGE, outcome
from domain.leads import LeadKey

KEY = LeadKey("salesforce", "00D5g0000000001EAA", "Lead", "00Q5g0000000001EAA")
URL = "https://acme.my.salesforce.com"
DATA = f"{URL}/services/data/v59.0"
ORGANIZATION = {"totalSize": 1, "done": True, "records": [{"Id": "00D5g0000000001EAA"}]}

ROWS = [
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid", "later"),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record because the process failed.", "refused"),
    ("CANNOT_EXECUTE_FLOW_TRIGGER", "The flow failed: UNABLE_TO_LOCK_ROW: unable to obtain access", "later"),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "X: execution of BeforeUpdate caused by: null", "refused"),
    ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", "refused"),
    ("DUPLICATES_DETECTED", "Use one of these records?", "refused"),
    ("DUPLICATE_VALUE", "duplicate value found", "refused"),
    ("ENTITY_IS_DELETED", "entity is deleted", "refused"),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", GUARD_MESSAGE, "lost"),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Only managers do that.", "refused"),
    ("INACTIVE_OWNER_OR_USER", "operation performed with inactive user [005] as owner of lead", "refused"),
    ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights", "refused"),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", "refused"),
    ("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", "refused"),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: New__c.", "refused"),
    ("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Fairlead_Rule__c.", "later"),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field", "refused"),
    ("MALFORMED_ID", "Owner ID: id value of incorrect type", "refused"),
    ("OP_WITH_INVALID_USER_TYPE_EXCEPTION", "operation not valid for this user type", "refused"),
    ("PROCESSING_HALTED", "The transaction was rolled back", "later"),
    ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", "refused"),
    ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", "refused"),
    ("STRING_TOO_LONG", "X: data value too large", "refused"),
    ("TRANSFER_REQUIRES_READ", "The new owner must have read permission", "refused"),
    ("TXN_SECURITY_METERING_ERROR", "policies took too long to complete", "later"),
    ("TXN_SECURITY_NO_ACCESS", "The operation you requested was blocked", "refused"),
    ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", "later"),
    ("UNKNOWN_EXCEPTION", "An unexpected error occurred.", "unknown"),
    ("A_CODE_OF_NEXT_YEAR", "Something new.", "refused"),
]


@pytest.mark.parametrize(
    ("code", "message", "becomes"), ROWS, ids=[f"{code}: {message[:20]}" for code, message, _ in ROWS]
)
def test_what_becomes_of_a_row_that_is_refused(code: str, message: str, becomes: str) -> None:
    written = outcome(KEY, {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]})

    assert written.outcome == becomes
    assert (written.after is not None) == (becomes == "later")


@pytest.mark.parametrize("code", sorted(WAYS_OUT))
def test_a_refusal_that_somebody_can_do_something_about_says_what(code: str) -> None:
    written = outcome(KEY, {"success": False, "errors": [{"statusCode": code, "message": "text", "fields": []}]})

    assert WAYS_OUT[code] in written.detail


def test_a_row_without_a_reason_is_refused_all_the_same() -> None:
    assert outcome(KEY, {"success": False}).outcome == "refused"


ANSWERS: list[Any] = [
    pytest.param(400, "QUERY_TIMEOUT", TryLater, TryLater, id="a question that took too long"),
    pytest.param(400, "INVALID_QUERY_LOCATOR", TryLater, TryLater, id="a place that was forgotten"),
    pytest.param(403, "API_DISABLED_FOR_ORG", Refused, Refused, id="no API"),
    pytest.param(404, "NOT_FOUND", Refused, Refused, id="nothing there"),
    pytest.param(405, "METHOD_NOT_ALLOWED", Refused, Refused, id="a method that is not allowed"),
    pytest.param(410, "", Refused, Refused, id="a version that has ended"),
    pytest.param(414, "", Refused, Refused, id="too long an address"),
    pytest.param(415, "UNSUPPORTED_MEDIA_TYPE", Refused, Refused, id="another media type"),
    pytest.param(420, "", TryLater, TryLater, id="no way to the org"),
    pytest.param(429, "", TryLater, TryLater, id="too fast"),
    pytest.param(500, "UNKNOWN_EXCEPTION", TryLater, Unknown, id="their fault"),
    pytest.param(502, "", TryLater, Unknown, id="a gateway finds nobody"),
    pytest.param(503, "SERVER_UNAVAILABLE", TryLater, TryLater, id="maintenance, says Salesforce"),
    pytest.param(503, "", TryLater, Unknown, id="maintenance, says a gateway"),
]


@pytest.mark.parametrize(("status", "code", "read", "write"), ANSWERS)
def test_what_an_answer_that_refuses_all_means(
    status: int, code: str, read: type[ConnectorError], write: type[ConnectorError]
) -> None:
    content = [{"errorCode": code, "message": "text"}] if code else "<html/>"

    assert isinstance(refusal(status, content, writes=False, after=None), read)
    assert isinstance(refusal(status, content, writes=True, after=None), write)


@pytest.fixture
def wire() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.post(f"{URL}/services/oauth2/token", json={"access_token": "t", "instance_url": URL})
        mocked.get(f"{DATA}/query/", json=ORGANIZATION)
        yield mocked


@pytest.fixture
def org(wire: Any) -> Org:
    org = Org(Credentials(URL, "secret", {"consumer_key": "key"}))
    org.sign_in()
    return org


STRANGE: list[Any] = [
    pytest.param("<html>Hello</html>", id="HTML"),
    pytest.param('[{"id": "00Q5g0000000001EAA", "success": tr', id="JSON that is cut off"),
    pytest.param('[{"errorCode": "UNKNOWN_EXCEPTION", "message": "text"}]', id="an error inside"),
    pytest.param('{"message": "text"}', id="an object"),
    pytest.param("[]", id="no rows"),
    pytest.param("null", id="null"),
    pytest.param('[{"success": true}, {"success": true}]', id="too many rows"),
    pytest.param('["yes"]', id="words"),
]


@pytest.mark.parametrize("body", STRANGE)
def test_a_write_whose_answer_nobody_understands_may_have_been_applied(wire: Any, org: Org, body: str) -> None:
    wire.patch(f"{DATA}/composite/sobjects", body=body, status=200)

    with pytest.raises(Unknown):
        org.update([{"id": "00Q5g0000000001EAA"}])


@pytest.mark.parametrize("body", STRANGE)
def test_a_read_whose_answer_nobody_understands_is_for_later(wire: Any, org: Org, body: str) -> None:
    wire.replace(responses.GET, f"{DATA}/query/", body=body, status=200)
    wire.post(f"{DATA}/composite", body=body, status=200)

    with pytest.raises((TryLater, Refused)):
        org.query("SELECT Id FROM Lead")
    with pytest.raises((TryLater, Refused)):
        org.queries("SELECT Id FROM Lead")


def test_pages_that_are_forgotten_on_the_way_are_asked_for_from_the_beginning(wire: Any, org: Org) -> None:
    more = {
        "totalSize": 2,
        "done": False,
        "nextRecordsUrl": "/services/data/v59.0/query/01g-1",
        "records": [{"Id": "a"}],
    }
    wire.remove(responses.GET, f"{DATA}/query/")
    wire.get(f"{DATA}/query/", json=more)
    wire.get(f"{DATA}/query/01g-1", status=400, json=[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "gone"}])
    wire.get(f"{DATA}/query/01g-1", json={"totalSize": 2, "done": True, "records": [{"Id": "b"}]})

    assert [row["Id"] for row in org.query("SELECT Id FROM Lead")] == ["a", "b"]
    assert sum(call.request.url.endswith("01g-1") for call in wire.calls) == 2


@pytest.mark.parametrize("next_page", [None, "@elsewhere.example/", ""])
def test_no_page_is_followed_to_another_host(wire: Any, org: Org, next_page: str | None) -> None:
    page = {"totalSize": 2, "done": False, "nextRecordsUrl": next_page, "records": []}
    wire.replace(responses.GET, f"{DATA}/query/", json=page)

    with pytest.raises(TryLater):
        org.query("SELECT Id FROM Lead")

    assert {call.request.url.partition(".com/")[0] for call in wire.calls} == {"https://acme.my.salesforce"}


def test_a_duplicate_rule_that_only_warns_keeps_no_owner_from_being_written(wire: Any, org: Org) -> None:
    wire.patch(f"{DATA}/composite/sobjects", json=[{"success": True, "errors": []}])

    org.update([{"id": "00Q5g0000000001EAA"}])

    assert wire.calls[-1].request.headers["Sforce-Duplicate-Rule-Header"] == "allowSave=true"
