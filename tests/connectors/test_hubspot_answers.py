"""HubSpot, or whatever stands before it, may answer 200 with anything: that is no answer, and ends no job."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import ConnectorError, Credentials, TaskWrite, Unknown, Write
from connectors.hubspot import searching
from connectors.hubspot.crm import HubSpot
from connectors.hubspot.portal import Portal
from connectors.registry import connect
from connectors.wire import Hiccup
from domain.leads import LeadKey
from domain.people import CrmUser
from tests.connectors.answering import Answer, Asked, Server, answering
from tests.connectors.pairs import every_pair
from tests.connectors.stage import MONDAY, NOT_PEOPLE, mapping_of

NAMED = r"HubSpot's answer to (GET|POST|PATCH) /\S+ "
"""How an error names the call."""

MAPPING = replace(mapping_of("hubspot"), object="lead", fields={"email": "contact.email", "title": "hs_lead_name"})
KEY = LeadKey("hubspot", "7", "lead", "5")

QUESTIONS: dict[str, Callable[[HubSpot], object]] = {
    "account": lambda crm: crm.sign_in(),
    "users": lambda crm: crm.users(),
    "companies": lambda crm: crm.accounts(None),
    "roles": lambda crm: crm.roles("opportunities", None),
    "deleted companies": lambda crm: crm.deleted("companies", MONDAY, None),
    "arrived": lambda crm: crm.arrived(MONDAY),
    "changed": lambda crm: crm.changed(MONDAY, ["email"]),
    "unrouted": lambda crm: crm.unrouted(MONDAY),
    "leads": lambda crm: crm.read(["5"]),
    "activities": lambda crm: crm.activities(crm.activity_kinds[0], MONDAY),
    "activities of leads": lambda crm: crm.activities_of(["5"]),
    "open leads": lambda crm: crm.open_leads(["7"]),
    "absences": lambda crm: crm.whereabouts([CrmUser("hubspot", "7", "Ana", "ana@acme.example")], MONDAY, MONDAY, None),
    "properties": lambda crm: crm.provision(),
}

NOON = "2026-06-01T12:00:00.000Z"
TIMED = dict.fromkeys(("createdate", "lastmodifieddate", "hs_createdate", "hs_lastmodifieddate"), NOON)
ROW = {"id": "5", "name": "x", "properties": TIMED, "archivedAt": NOON, "from": {"id": "5"}, "to": [{"toObjectId": 6}]}
MORE = {"paging": {"next": {"after": "5"}}}


def rows(*rows: object, **more: object) -> dict[str, object]:
    return {"portalId": 7, "total": 1, "results": list(rows), **more}


WRONG: dict[str, object] = {
    "no list": rows() | {"results": None},
    "a list of nothing": rows(None),
    "a row of texts": rows("5"),
    "a row of nothing": rows({}),
}
"""Nobody can make anything of these, whatever was asked for."""

ODD: dict[str, object] = {
    "no id": rows({name: value for name, value in ROW.items() if name != "id"}),
    "no properties": rows({name: value for name, value in ROW.items() if name != "properties"}),
    "properties that are none": rows(ROW | {"properties": None}),
    "properties that are objects": rows(ROW | {"properties": {name: {} for name in (*TIMED, "hubspot_owner_id")}}),
    "times that are none": rows(ROW | {"properties": dict.fromkeys(TIMED, "yesterday"), "archivedAt": 5}),
    "times before all time": rows(ROW | {"properties": dict.fromkeys(TIMED, "0001-01-01T00:00:00+14:00")}),
    "associations that are none": rows(ROW | {"from": None, "to": [None]}),
    "an empty page, and more": rows(**MORE),
    "the same page again and again": rows(ROW, **MORE),
    "pages that are none": rows(ROW, paging="next"),
    "no total": rows(ROW) | {"total": None},
    "no account": rows(ROW) | {"portalId": None},
}


@pytest.fixture(scope="module")
def says() -> Iterator[dict[str, Any]]:
    """What a server says to everything: `body`, or what `answer` makes of the question."""
    said: dict[str, Any] = {}
    with answering(lambda asked: said["answer"](asked) if "answer" in said else Answer(said["body"])) as server:
        said["server"] = server
        yield said


@pytest.fixture
def crm(says: dict[str, Any]) -> HubSpot:
    server: Server = says["server"]
    says.pop("answer", None)
    crm = connect("hubspot", Credentials(server.url, "pat"), MAPPING, NOT_PEOPLE)
    assert isinstance(crm, HubSpot)
    crm.account = "7"
    return crm


@pytest.mark.parametrize(
    ("ask", "answer"),
    every_pair({name: QUESTIONS[name] for name in QUESTIONS if name != "account"}, WRONG, quick="changed"),
)
def test_a_question_that_is_answered_with_nothing_of_ours_is_asked_again_later_and_the_call_is_named(
    crm: HubSpot, says: dict[str, Any], ask: Callable[[HubSpot], object], answer: object
) -> None:
    says["body"] = answer

    with pytest.raises(Hiccup, match=NAMED):
        ask(crm)


@pytest.mark.parametrize(("ask", "answer"), every_pair(QUESTIONS, ODD, quick="changed"))
def test_a_question_that_is_answered_with_anything_ends_in_an_answer_or_an_error_of_ours(
    crm: HubSpot, says: dict[str, Any], ask: Callable[[HubSpot], object], answer: object
) -> None:
    says["body"] = answer

    try:
        ask(crm)
    except ConnectorError as error:
        assert isinstance(error, Hiccup), error
        assert str(error).startswith("HubSpot's answer to "), error


LISTS: dict[str, Callable[[Portal], object]] = {
    "owners": lambda portal: portal.owners(archived=False),
    "archived companies": lambda portal: list(portal.archived("companies")),
    "associations": lambda portal: portal.associated_each("leads", "contacts", ["5"]),
    "a search in the order of ids": lambda portal: list(searching.by_id(portal, "leads", [[]], ())),
}


@pytest.mark.parametrize("page", [rows(**MORE), rows(ROW | MORE, **MORE)], ids=["empty", "the same"])
@pytest.mark.parametrize("ask", LISTS.values(), ids=LISTS.keys())
def test_a_list_without_an_end_ends(
    says: dict[str, Any], crm: HubSpot, ask: Callable[[Portal], object], page: object
) -> None:
    says["body"] = page
    if page == rows(**MORE) and ask is LISTS["associations"]:
        says["body"] = rows(ROW | {"to": []} | MORE)

    with pytest.raises(Hiccup, match=NAMED):
        ask(crm._portal)


def test_a_search_that_goes_round_in_circles_keeps_what_it_found_and_goes_no_further(
    crm: HubSpot, says: dict[str, Any]
) -> None:
    at = [f"2026-06-01T0{hour}:00:00.000Z" for hour in (7, 8)]
    says["body"] = rows(*(ROW | {"id": time, "properties": {"hs_createdate": time}} for time in at), **MORE)

    found = searching.window(crm._portal, "leads", [[]], "hs_createdate", MONDAY - timedelta(hours=3), ())

    assert ([row["id"] for row in found.rows], found.reached) == (at, MONDAY - timedelta(hours=1))


def test_an_account_without_an_id_is_none(crm: HubSpot, says: dict[str, Any]) -> None:
    says["body"] = {"portalId": None}

    with pytest.raises(Hiccup, match="account-info"):
        crm.sign_in()


# Writes


@pytest.mark.parametrize("answer", [{"results": None}, {"results": "5"}], ids=["nothing", "a text"])
def test_a_write_without_results_is_unknown(crm: HubSpot, says: dict[str, Any], answer: object) -> None:
    says["body"] = answer

    with pytest.raises(Unknown, match=NAMED):
        crm._portal.update("leads", [])


@pytest.mark.parametrize("row", [None, "5", {}, {"id": None}, {"properties": {}}], ids=str)
def test_a_row_that_the_answer_to_a_write_does_not_name_is_unknown_and_the_other_is_applied(
    crm: HubSpot, says: dict[str, Any], row: object
) -> None:
    says["body"] = {"results": [row, {"id": 6}]}

    written = crm.write([Write(replace(KEY, id=id), {"rule": "all"}) for id in ("5", "6")])

    assert [one.outcome for one in written] == ["unknown", "applied"]


def test_a_task_that_the_answer_does_not_name_is_unknown(crm: HubSpot, says: dict[str, Any]) -> None:
    says["body"] = {"results": [None]}

    [written] = crm.create_tasks([TaskWrite(KEY, "7", "Call", MONDAY, "t1")])

    assert written.outcome == "unknown"


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(None, id="no history"),
        pytest.param({"hubspot_owner_id": []}, id="no versions"),
        pytest.param({"hubspot_owner_id": [None]}, id="a version that is none"),
        pytest.param({"hubspot_owner_id": [{"value": "7", "sourceType": ["API"]}]}, id="a source that is none"),
    ],
)
def test_without_the_owners_history_nothing_is_put_back_and_somebody_looks_again(
    crm: HubSpot, says: dict[str, Any], history: object
) -> None:
    row = {"id": "5", "properties": {"hubspot_owner_id": "7", "fairlead_decision": "d1/0"}}
    writes: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/update"):
            writes.append(asked)
        return Answer({"results": [row | {"propertiesWithHistory": history}]})

    says["answer"] = answer

    [written] = crm.confirm([Write(KEY, {}, "d1/0", "7", "8")])

    assert (written.outcome, writes) == ("later", [])


# One row that cannot be read just now


def failing(id: str) -> dict[str, object]:
    return {"status": "error", "category": "INTERNAL_ERROR", "message": "try again", "context": {"ids": [id]}}


def test_a_row_that_cannot_be_read_just_now_keeps_no_other_from_being_written(
    crm: HubSpot, says: dict[str, Any]
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/update"):
            return Answer({"results": [{"id": row["id"]} for row in asked.body["inputs"]]})
        return Answer({"results": [{"id": "6", "properties": {}}], "errors": [failing("5")]}, 207)

    says["answer"] = answer

    written = crm.write([Write(replace(KEY, id=id), {"outcome": "nurtured"}, f"{id}/0") for id in ("5", "6")])

    assert [(one.outcome, "try again" in one.detail) for one in written] == [("later", True), ("applied", False)]


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        pytest.param(failing("5"), True, id="it failed just now"),
        pytest.param({"message": "try again"}, True, id="something failed"),
        pytest.param({"category": ["odd"], "context": "5"}, True, id="something that nobody understands"),
        pytest.param({"category": "OBJECT_NOT_FOUND", "context": {"ids": ["5"]}}, False, id="it is not there"),
        pytest.param(failing("6"), False, id="another one failed"),
    ],
)
def test_only_who_is_said_to_be_absent_is_taken_for_gone(
    says: dict[str, Any], crm: HubSpot, error: dict[str, object], waits: bool
) -> None:
    says["body"] = {"results": [], "errors": [error]}

    read = crm._portal.read_each("leads", ["5", "6"], ())

    assert ("5" in read.later) is waits
