"""What Salesforce still lets us ask: taken before each request, told and refused after it, never slept for."""

import json
from typing import Any

import pytest
import responses

from connectors.base import ConnectorError, Credentials, Shared, Told, TryLater
from connectors.salesforce.org import Org

URL = "https://acme.my.salesforce.com"
QUERY = f"{URL}/services/data/v59.0/query/"
ORGANIZATION = {"totalSize": 1, "done": True, "records": [{"Id": "00D5g0000000001EAA"}]}


class Ledger:
    """A budget that writes down what it hears, and has nothing left once `spent`."""

    def __init__(self) -> None:
        self.taken = 0
        self.spent = False
        self.heard: list[Told] = []
        self.pauses: list[tuple[str, float]] = []

    def take(self, what: str) -> None:
        if self.spent:
            raise TryLater("the rest is for others", 30)
        self.taken += 1

    def told(self, limits: Any) -> None:
        self.heard += limits

    def refused(self, what: str, seconds: float) -> None:
        self.pauses.append((what, seconds))


@pytest.fixture
def wire() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.post(f"{URL}/services/oauth2/token", json={"access_token": "t", "instance_url": URL})
        mocked.get(QUERY, json=ORGANIZATION)
        yield mocked


@pytest.fixture
def budget() -> Ledger:
    return Ledger()


@pytest.fixture
def org(wire: Any, budget: Ledger) -> Org:
    org = Org(Credentials(URL, "secret", {"consumer_key": "key"}), Shared(budget=budget))
    org.sign_in()
    return org


def test_each_request_but_the_sign_in_is_taken_from_the_budget(wire: Any, org: Org, budget: Ledger) -> None:
    org.query("SELECT Id FROM Lead")

    assert budget.taken == len(wire.calls) - 1


def test_nothing_is_sent_where_the_budget_has_nothing_left(wire: Any, org: Org, budget: Ledger) -> None:
    budget.spent, before = True, len(wire.calls)

    with pytest.raises(TryLater, match="for others"):
        org.query("SELECT Id FROM Lead")

    assert len(wire.calls) == before


@pytest.mark.parametrize(
    "header", ["api-usage=6360/15000", "api-usage=6360/15000; per-app-api-usage=17/250(appName=fairlead)"]
)
def test_an_answer_tells_what_is_left_of_the_day(wire: Any, org: Org, budget: Ledger, header: str) -> None:
    wire.replace(responses.GET, QUERY, json=ORGANIZATION, headers={"Sforce-Limit-Info": header})

    org.query("SELECT Id FROM Lead")

    assert budget.heard == [Told("day", 15000, 8640)]


TOO_MANY: list[Any] = [
    pytest.param(403, "TotalRequests Limit exceeded.", None, 60, id="the day's calls are gone"),
    pytest.param(403, "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", None, 5, id="too many at once"),
    pytest.param(429, "", None, 5, id="too fast"),
    pytest.param(429, "", "17", 17, id="too fast, and for how long"),
    pytest.param(503, "", "120", 120, id="maintenance, and for how long"),
    pytest.param(503, "", None, 5, id="maintenance"),
]


@pytest.mark.parametrize(("status", "message", "retry_after", "seconds"), TOO_MANY)
def test_a_refusal_for_too_many_requests_stops_all_workers_and_is_not_repeated(
    wire: Any, org: Org, budget: Ledger, status: int, message: str, retry_after: str | None, seconds: float
) -> None:
    body = json.dumps([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]) if message else "<html/>"
    headers = {"Retry-After": retry_after} if retry_after else {}
    wire.replace(responses.GET, QUERY, status=status, body=body, headers=headers)
    before = len(wire.calls)

    with pytest.raises(TryLater) as later:
        org.query("SELECT Id FROM Lead")

    assert (later.value.after, budget.pauses) == (seconds, [("call", seconds)])
    assert len(wire.calls) == before + 1


def test_a_limit_that_one_part_of_a_composite_answer_speaks_of_counts_too(wire: Any, org: Org, budget: Ledger) -> None:
    error = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    part = {"body": error, "httpHeaders": {}, "httpStatusCode": 403, "referenceId": "query0"}
    wire.post(f"{URL}/services/data/v59.0/composite", json={"compositeResponse": [part]})

    with pytest.raises(ConnectorError):
        org.queries("SELECT Id FROM User")

    assert budget.pauses == [("call", 60)]
