"""A company's own CRM may answer anything: what nobody can read is a stumble or an unknown fate, and ends no job."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from connectors.base import ConnectorError, Credentials, Shared, TaskWrite, Write
from connectors.rest.crm import Rest
from connectors.wire import Hiccup
from domain.leads import LeadKey
from domain.mapping import CrmMapping
from tests.connectors.pairs import every_pair

URL = "https://crm.acme.example"
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MAPPING = CrmMapping(crm="rest", object="lead", unowned_by=("nobody",), fields={"email": "email"}, statuses={})
KEY = LeadKey("rest", "acme", "lead", "l1")

QUESTIONS: dict[str, Callable[[Rest], object]] = {
    "account": lambda crm: crm.sign_in(),
    "users": lambda crm: crm.users(),
    "companies": lambda crm: crm.accounts(None),
    "arrived": lambda crm: crm.arrived(MONDAY),
    "changed": lambda crm: crm.changed(MONDAY, ["email"]),
    "unrouted": lambda crm: crm.unrouted(MONDAY),
    "leads": lambda crm: crm.read(["l1"]),
    "activities": lambda crm: crm.activities("all", MONDAY),
    "activities of leads": lambda crm: crm.activities_of(["l1"]),
    "open leads": lambda crm: crm.open_leads(["u1"]),
    "fields": lambda crm: crm.provision(),
}
WORDS = ("rows", "users", "fields", "counts", "id")

ANSWERS: dict[str, object] = {
    "no answer": None,
    "a list": [],
    "nothing": {},
    "an error in a 200": {"error": "internal", "message": "we are sorry"},
    "numbers for all": dict.fromkeys(WORDS, 7),
    "texts in all": {word: ["x"] for word in WORDS} | {"more": False},
    "nothing in all": {word: [None] for word in WORDS} | {"more": False},
    "odd values": {word: [{"id": 1, "modified": "yesterday", "kind": None}] for word in WORDS} | {"more": False},
    "the same page again and again": {
        word: [{"id": 1, "created": str(MONDAY), "modified": str(MONDAY), "kind": "sms"}] for word in WORDS
    }
    | {"more": True},
}


@pytest.fixture
def crm() -> Rest:
    crm = Rest(Credentials(URL, "token"), MAPPING, frozenset(), Shared())
    crm.account = "acme"
    return crm


def answering(wire: responses.RequestsMock, answer: object) -> None:
    """Everything is answered with this."""
    for method in ("GET", "POST", "PATCH"):
        wire.add(
            method,
            re.compile(f"{URL}/.*"),
            body=json.dumps(answer),
            headers={"Date": "Mon, 01 Jun 2026 09:00:00 GMT"},
            content_type="application/json",
        )


@pytest.mark.parametrize(("ask", "answer"), every_pair(QUESTIONS, ANSWERS, quick="changed"))
def test_a_question_that_is_answered_with_anything_ends_in_an_answer_or_an_error_of_ours(
    crm: Rest, ask: Callable[[Rest], Any], answer: object
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        answering(wire, answer)
        try:
            ask(crm)
        except ConnectorError as error:
            assert isinstance(error, Hiccup), error


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_write_that_is_answered_with_anything_is_of_unknown_fate(crm: Rest, answer: object) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        answering(wire, answer)

        [written] = crm.write([Write(KEY, {"rule": "all"}, "d1/0", "u1", None)])

    assert written.outcome == "unknown"


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_task_that_is_looked_for_in_vain_waits_where_the_answer_says_nothing(crm: Rest, answer: object) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        answering(wire, answer)

        [written] = crm.create_tasks([TaskWrite(KEY, "u1", "Answer this lead", MONDAY, "t1", again=True)])

    assert written.outcome == "later"
