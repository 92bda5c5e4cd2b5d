"""How simple-salesforce is wired: headers, one sign-in per expiry, and what its errors become."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from connectors.base import ConnectorError, Credentials, NotSignedIn, Refused, TryLater, Unknown
from connectors.salesforce.org import Org
from connectors.salesforce.writing import GUARD_MESSAGE, outcome
from domain.leads import LeadKey
from tests.connectors.stage import Stage

URL = "https://acme.my.salesforce.com"
TOKEN = f"{URL}/services/oauth2/token"
DATA = f"{URL}/services/data/v59.0"
LEADS = f"{DATA}/query/"
ROWS = f"{DATA}/composite/sobjects"
DATE = {"Date": "Mon, 01 Jun 2026 09:00:00 GMT"}
ORGANIZATION = {"totalSize": 1, "done": True, "records": [{"Id": "00D5g0000000001EAA"}]}


@pytest.fixture
def wire() -> Any:
    """Salesforce's addresses, answered in this process: an org that lets us sign in."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.post(TOKEN, json={"access_token": "t", "instance_url": URL}, headers=DATE)
        mocked.get(LEADS, json=ORGANIZATION, headers=DATE)
        yield mocked


@pytest.fixture
def org(wire: Any) -> Org:
    org = Org(Credentials(URL, "secret", {"consumer_key": "key"}))
    org.sign_in()
    wire.remove(responses.GET, LEADS)
    return org


def an_error(code: str, message: str = "text") -> str:
    return json.dumps([{"errorCode": code, "message": message}])


READS: list[Any] = [
    pytest.param(401, an_error("INVALID_SESSION_ID"), NotSignedIn, id="a session that stays refused"),
    pytest.param(403, an_error("REQUEST_LIMIT_EXCEEDED"), TryLater, id="out of calls"),
    pytest.param(403, an_error("API_DISABLED_FOR_ORG"), Refused, id="no API in this edition"),
    pytest.param(400, an_error("INVALID_FIELD", "No such column 'X'"), Refused, id="a field that is not there"),
    pytest.param(400, an_error("QUERY_TIMEOUT"), TryLater, id="a query that took too long"),
    pytest.param(503, "<html>maintenance</html>", TryLater, id="maintenance, in HTML"),
    pytest.param(500, an_error("UNKNOWN_EXCEPTION"), TryLater, id="their fault"),
    pytest.param(502, "", TryLater, id="an empty answer of a gateway"),
]


@pytest.mark.parametrize(("status", "body", "error"), READS)
def test_what_a_refused_read_means(wire: Any, org: Org, status: int, body: str, error: type[ConnectorError]) -> None:
    wire.get(LEADS, body=body, status=status, headers=DATE)

    with pytest.raises(error):
        org.query("SELECT Id FROM Lead")


WRITES: list[Any] = [
    pytest.param(503, an_error("SERVER_UNAVAILABLE"), TryLater, id="maintenance, says Salesforce"),
    pytest.param(503, "<html>maintenance</html>", Unknown, id="maintenance, says a gateway"),
    pytest.param(403, an_error("REQUEST_LIMIT_EXCEEDED"), TryLater, id="out of calls"),
    pytest.param(429, "", TryLater, id="too fast"),
    pytest.param(500, an_error("UNKNOWN_EXCEPTION"), Unknown, id="their fault"),
    pytest.param(502, "", Unknown, id="an empty answer of a gateway"),
    pytest.param(400, an_error("JSON_PARSER_ERROR"), Refused, id="a malformed request"),
]


@pytest.mark.parametrize(("status", "body", "error"), WRITES)
def test_what_a_refused_write_means(wire: Any, org: Org, status: int, body: str, error: type[ConnectorError]) -> None:
    wire.patch(ROWS, body=body, status=status, headers=DATE)

    with pytest.raises(error):
        org.update([{"id": "00Q5g0000000001EAA"}])

    assert len(wire.calls) == 3  # sign-in, organisation, and the write: once


BROKEN: list[Any] = [
    pytest.param(requests.ConnectTimeout(), TryLater, TryLater, id="could not connect in time"),
    pytest.param(
        requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused"))),  # type: ignore[arg-type]
        TryLater,
        TryLater,
        id="nobody listens",
    ),
    pytest.param(requests.ReadTimeout(), TryLater, Unknown, id="no answer in time"),
    pytest.param(requests.ConnectionError(ProtocolError("reset")), TryLater, Unknown, id="connection reset"),
]


@pytest.mark.parametrize(("broken", "read", "write"), BROKEN)
def test_only_a_write_that_surely_never_left_may_be_tried_again(
    wire: Any, org: Org, broken: Exception, read: type[ConnectorError], write: type[ConnectorError]
) -> None:
    wire.get(LEADS, body=broken)
    wire.patch(ROWS, body=broken)

    with pytest.raises(read):
        org.query("SELECT Id FROM Lead")
    with pytest.raises(write):
        org.update([{"id": "00Q5g0000000001EAA"}])


def test_the_wait_that_salesforce_asks_for_is_passed_on(wire: Any, org: Org) -> None:
    unavailable = an_error("SERVER_UNAVAILABLE")
    wire.patch(ROWS, status=503, body=unavailable, headers=DATE | {"Retry-After": "120"})

    with pytest.raises(TryLater) as later:
        org.update([{"id": "00Q5g0000000001EAA"}])

    assert later.value.after == 120


def test_a_sign_in_that_is_refused_gives_salesforces_reason() -> None:
    with responses.RequestsMock() as mocked:
        mocked.post(
            TOKEN, status=400, json={"error": "invalid_client", "error_description": "invalid client credentials"}
        )

        with pytest.raises(NotSignedIn, match="invalid client credentials"):
            Org(Credentials(URL, "secret", {"consumer_key": "key"})).sign_in()


@pytest.mark.parametrize(
    "answer",
    [{"status": 503, "body": "<html/>"}, {"status": 500, "json": [{"errorCode": "UNKNOWN_EXCEPTION"}]}],
    ids=["HTML", "a list"],
)
def test_a_sign_in_during_an_outage_is_for_later(answer: dict[str, Any]) -> None:
    with responses.RequestsMock() as mocked:
        mocked.post(TOKEN, **answer)

        with pytest.raises(TryLater):
            Org(Credentials(URL, "secret", {"consumer_key": "key"})).sign_in()


def test_every_request_keeps_the_orgs_assignment_rule_off_even_after_a_new_sign_in(wire: Any, org: Org) -> None:
    wire.patch(ROWS, status=401, body=an_error("INVALID_SESSION_ID"))
    wire.patch(ROWS, json=[{"success": True, "errors": []}])
    wire.get(LEADS, json=ORGANIZATION)

    org.update([{"id": "00Q5g0000000001EAA"}])

    sent = [call.request for call in wire.calls if call.request.method == "PATCH"]
    assert [request.headers["Sforce-Auto-Assign"] for request in sent] == ["FALSE", "FALSE"]


def test_an_expired_session_costs_one_sign_in_however_many_threads_find_out(salesforce: Stage) -> None:
    [lead] = salesforce.many(1)
    salesforce.sandbox.control("DELETE", "/calls")
    salesforce.control("POST", "expire")

    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(salesforce.crm.read, [[lead]] * 8))

    log = salesforce.sandbox.control("GET", "/calls")["log"]
    assert [one.key.id for [one] in read] == [lead] * 8
    assert len([call for call in log if call["path"].endswith("/token")]) == 1


def test_more_leads_of_one_instant_than_a_query_gives_are_all_found(salesforce: Stage) -> None:
    leads = salesforce.many(2001)

    found = salesforce.crm.arrived(salesforce.crm.now())

    assert sorted(seen.key.id for seen in found.seen) == sorted(leads)


@pytest.mark.parametrize("page_size", [200, 2000])
def test_pages_are_followed_to_the_end_whatever_their_size(salesforce: Stage, page_size: int) -> None:
    salesforce.control("PUT", "settings", {"page_size": page_size})
    leads = salesforce.many(450)

    found = salesforce.crm.unrouted(salesforce.crm.now())

    assert sorted(seen.key.id for seen in found.seen) == sorted(leads)


KEY = LeadKey("salesforce", "00D5g0000000001EAA", "Lead", "00Q5g0000000001EAA")


def a_refused_row(code: str, message: str) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


@pytest.mark.parametrize(
    ("code", "message", "becomes"),
    [
        pytest.param("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", "later", id="locked"),
        pytest.param("FIELD_CUSTOM_VALIDATION_EXCEPTION", GUARD_MESSAGE, "lost", id="our guard"),
        pytest.param("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Only managers do that.", "refused", id="a rule of the org"),
        pytest.param(
            "INACTIVE_OWNER_OR_USER", "operation performed with inactive user", "refused", id="an owner who left"
        ),
    ],
)
def test_what_a_refused_row_means(code: str, message: str, becomes: str) -> None:
    written = outcome(KEY, a_refused_row(code, message))

    assert written.outcome == becomes
    assert message in written.detail
