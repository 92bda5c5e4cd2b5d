"""An answer of 200 may hold anything: what nobody can read is an error of ours that names the call, and no loop."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
import responses

from connectors.base import ConnectorError, Credentials, Refused, Shared, TaskWrite, TryLater, Write
from connectors.salesforce.crm import Salesforce
from connectors.salesforce.guard import Guard
from connectors.salesforce.org import Org
from connectors.salesforce.writing import GUARD_MESSAGE, outcome
from domain.leads import LeadKey
from domain.people import CrmUser
from tests.connectors.pairs import every_pair
from tests.connectors.stage import NOT_PEOPLE, mapping_of

URL = "https://acme.my.salesforce.com"
DATE = {"Date": "Mon, 01 Jun 2026 09:00:00 GMT"}
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ACCOUNT, LEAD, OTHER, OWNER = "00D5g0000000001EAA", "00Q5g0000000001EAA", "00Q5g0000000002EAA", "0055g0000000001EAA"
KEY, OTHER_KEY = (LeadKey("salesforce", ACCOUNT, "Lead", id) for id in (LEAD, OTHER))
ROW = {"Id": LEAD, "CreatedDate": "2026-06-01T09:00:00.000+0000", "SystemModstamp": "2026-06-01T09:00:00.000+0000"}
AGAIN = "/services/data/v59.0/query/01g-2000"
FAR_TOO_MANY_CALLS = 40


def page(*rows: object) -> dict[str, object]:
    return {"totalSize": len(rows), "done": True, "records": list(rows)}


class Wire:
    """A Salesforce that answers what it is told to; it loses patience with whoever goes on asking."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.answers: dict[str, object] = {"query": page({"Id": ACCOUNT})}
        self.anything: object = None
        self.asked: list[str] = []
        for method in ("GET", "POST", "PATCH"):
            mocked.add_callback(method, re.compile(f"{URL}/.*"), self._answer, content_type="application/json")

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        path = str(request.url).partition("?")[0].removeprefix(f"{URL}/services/")
        self.asked.append(path)
        assert len(self.asked) < FAR_TOO_MANY_CALLS, "it asks for ever"
        if path == "oauth2/token":
            return 200, DATE, json.dumps({"access_token": "t", "instance_url": URL})
        told = self.answers.get(path.removeprefix("data/v59.0/").strip("/"), self.anything)
        return 200, DATE, json.dumps(told)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield Wire(mocked)


@pytest.fixture
def org(wire: Wire) -> Org:
    org = Org(Credentials(URL, "secret", {"consumer_key": "key"}))
    org.sign_in()
    return org


@pytest.fixture
def crm(wire: Wire) -> Salesforce:
    mapping = replace(
        mapping_of("salesforce"), activities={"calls": "Task", "emails": "EmailMessage", "meetings": "Event"}
    )
    crm = Salesforce(Credentials(URL, "secret", {"consumer_key": "key"}), mapping, NOT_PEOPLE, Shared())
    crm.sign_in()
    return crm


QUESTIONS: dict[str, Callable[[Salesforce], object]] = {
    "users": lambda crm: crm.users(),
    "companies": lambda crm: crm.accounts(None),
    "roles": lambda crm: crm.roles("opportunities", None),
    "companies that changed": lambda crm: crm.accounts(MONDAY),
    "arrived": lambda crm: crm.arrived(MONDAY),
    "changed": lambda crm: crm.changed(MONDAY, ["email"]),
    "unrouted": lambda crm: crm.unrouted(MONDAY),
    "leads": lambda crm: crm.read([LEAD]),
    "activities": lambda crm: crm.activities(crm.activity_kinds[0], MONDAY),
    "activities of leads": lambda crm: crm.activities_of([LEAD]),
    "open leads": lambda crm: crm.open_leads([OWNER]),
    "absences": lambda crm: crm.whereabouts(
        [CrmUser("salesforce", OWNER, "Ana", "ana@acme.example")], MONDAY, MONDAY, None
    ),
    "fields": lambda crm: crm.provision(),
    "examination": lambda crm: crm.examine(),
}

QUERIED: dict[str, object] = {
    "no answer": None,
    "a list": [],
    "nothing": {},
    "an error in a 200": [{"errorCode": "UNKNOWN_EXCEPTION", "message": "we are sorry"}],
    "no records": {"totalSize": 1, "done": True, "records": None},
    "records that are no list": {"totalSize": 1, "done": True, "records": {"Id": LEAD}},
    "rows that are null": page(None, None),
    "rows that are lists": page([LEAD]),
    "rows that are empty": page({}),
    "odd values": page({"Id": 7, "SystemModstamp": None, "CreatedDate": [], "OwnerId": {}, "open": "many"}),
    "null in all": page(dict.fromkeys((*ROW, "OwnerId", "Name", "Field", "IsActive", "open"))),
    "no end": {"totalSize": 1, "records": [ROW]},
    "no end, and more": {"totalSize": 1, "records": [ROW], "nextRecordsUrl": AGAIN},
    "an end that is a word": {"totalSize": 1, "done": "no", "records": [ROW], "nextRecordsUrl": AGAIN},
    "more, and nobody says where": {"totalSize": 9, "done": False, "records": [ROW]},
    "more, and always at the same place": {"totalSize": 9, "done": False, "records": [ROW], "nextRecordsUrl": AGAIN},
    "the same full page again and again": page(*[ROW] * 2000),
}


def composite(**part: object) -> dict[str, object]:
    parts = [{"httpHeaders": {}, "referenceId": f"query{number}", **part} for number in range(3)]
    return {"compositeResponse": parts}


COMPOSITE: dict[str, object] = {
    **QUERIED,
    "no parts": {"compositeResponse": None},
    "parts that are null": {"compositeResponse": [None, None, None]},
    "parts without names": {"compositeResponse": [{"httpStatusCode": 200, "body": page()}]},
    "parts without a body": composite(httpStatusCode=200),
    "parts whose body is null": composite(httpStatusCode=200, body=None),
    "parts without a status": composite(body=page()),
    "parts whose status is a word": composite(httpStatusCode="fine", body=page()),
    "parts that failed without a body": composite(httpStatusCode=400),
    "parts that failed and do not say why": composite(httpStatusCode=400, body=None),
    "parts that hold null": composite(httpStatusCode=200, body=page(None)),
    "parts that hold odd values": composite(httpStatusCode=200, body=page({"Id": 7, "Name": None, "IsActive": 1})),
    "parts that repeat themselves": composite(httpStatusCode=200, body=QUERIED["more, and always at the same place"]),
}


def asked(crm: Salesforce, ask: Callable[[Salesforce], object]) -> None:
    try:
        ask(crm)
    except ConnectorError as error:
        assert isinstance(error, TryLater | Refused), error
        assert "Salesforce" in str(error)


@pytest.mark.parametrize(("ask", "answer"), every_pair(QUESTIONS, COMPOSITE, quick="users"))
def test_a_question_that_is_answered_with_anything_ends_in_an_answer_or_an_error_of_ours(
    wire: Wire, crm: Salesforce, ask: Callable[[Salesforce], object], answer: object
) -> None:
    wire.answers, wire.anything = {}, answer

    asked(crm, ask)


@pytest.mark.parametrize(("ask", "answer"), every_pair(QUESTIONS, QUERIED, quick="changed"))
def test_it_does_where_only_the_later_questions_are_answered_so(
    wire: Wire, crm: Salesforce, ask: Callable[[Salesforce], object], answer: object
) -> None:
    queue = {"Id": "00G5g0000000001EAA", "Name": "Inbound", "DeveloperName": "Inbound"}
    user = {"Id": OWNER, "Name": "Integration", "Email": "integration@acme.example", "IsActive": True}
    parts = [
        {"httpHeaders": {}, "httpStatusCode": 200, "referenceId": f"query{number}", "body": page(*rows)}
        for number, rows in enumerate([[user], [queue], []])
    ]
    wire.answers, wire.anything = {"composite": {"compositeResponse": parts}}, answer

    asked(crm, ask)


UNDERSTOOD_BY_NOBODY = [name for name in QUERIED if name not in ("rows that are empty", "null in all", "odd values")]


@pytest.mark.parametrize("name", UNDERSTOOD_BY_NOBODY)
def test_leads_that_nobody_can_read_are_asked_for_later_and_the_error_names_the_call(
    wire: Wire, crm: Salesforce, name: str
) -> None:
    wire.answers, wire.anything = {}, QUERIED[name]

    with pytest.raises(TryLater, match=r"the query of Lead|changed leads"):
        crm.changed(MONDAY, ["email"])


@pytest.mark.parametrize(
    ("ask", "call"),
    [
        pytest.param(lambda org: org.query("SELECT Id FROM Lead"), "the query of Lead", id="query"),
        pytest.param(lambda org: org.queries("SELECT Id FROM Lead"), "POST composite", id="several queries"),
        pytest.param(lambda org: org.user(), "userinfo", id="who we are"),
        pytest.param(lambda org: org.describe("Lead"), "sobjects/Lead/describe", id="fields"),
        pytest.param(lambda org: org.limits(), "GET limits", id="limits"),
        pytest.param(lambda org: org.tooling_query("SELECT Id FROM ValidationRule"), "ValidationRule", id="metadata"),
        pytest.param(lambda org: org.update([{"id": LEAD}]), "PATCH composite/sobjects", id="write"),
        pytest.param(lambda org: org.create([{"id": LEAD}]), "POST composite/sobjects", id="creation"),
    ],
)
def test_an_error_names_the_call_that_was_answered_so(
    wire: Wire, org: Org, ask: Callable[[Org], object], call: str
) -> None:
    wire.answers = {}

    with pytest.raises(ConnectorError, match=call):
        ask(org)


def test_a_guard_that_nobody_can_read_lets_no_owner_be_written(wire: Wire, org: Org) -> None:
    wire.answers = {"tooling/query": page({"Id": "03d5g0000000001EAA"})}

    with pytest.raises(TryLater, match="validation rule"):
        Guard(org, "Lead").lacking()


# Writes


@pytest.mark.parametrize(
    "row", [None, "yes", [], {}, {"success": None}, {"success": "true"}], ids=lambda row: json.dumps(row)
)
def test_a_row_of_a_write_that_nobody_understands_is_of_unknown_fate_and_its_neighbour_of_a_known_one(
    wire: Wire, crm: Salesforce, row: object
) -> None:
    guard = page({"Id": "03d5g0000000001EAA", "Active": True})
    wire.answers = {"tooling/query": guard, "composite/sobjects": [row, {"id": OTHER, "success": True, "errors": []}]}

    written = crm.write([Write(key, {"rule": "all"}, "d1/0", OWNER, None) for key in (KEY, OTHER_KEY)])

    assert [one.outcome for one in written] == ["unknown", "applied"]
    assert "PATCH composite/sobjects" in written[0].detail


@pytest.mark.parametrize("errors", [["x"], None, [], [None], "x", 7, {}, [[]]], ids=lambda errors: json.dumps(errors))
def test_a_row_that_is_refused_without_a_reason_that_anybody_can_read_is_shown_to_a_person(errors: object) -> None:
    written = outcome(KEY, {"success": False, "errors": errors})

    assert written.outcome == "refused"
    assert "composite/sobjects" in written.detail
    assert json.dumps(errors) in written.detail


def test_the_guard_is_heard_in_whatever_shape_it_speaks() -> None:
    assert outcome(KEY, {"success": False, "errors": [GUARD_MESSAGE]}).outcome == "lost"


@pytest.mark.parametrize("row", [None, {"success": False, "errors": ["x"]}], ids=["null", "an odd reason"])
def test_a_task_whose_answer_nobody_understands_stops_no_other(wire: Wire, crm: Salesforce, row: object) -> None:
    wire.answers = {"composite/sobjects": [row, {"id": "00T5g0000000001EAA", "success": True, "errors": []}]}

    written = crm.create_tasks([TaskWrite(key, OWNER, "Answer this lead", MONDAY, key.id) for key in (KEY, OTHER_KEY)])

    assert [one.outcome for one in written] == ["unknown" if row is None else "refused", "applied"]
