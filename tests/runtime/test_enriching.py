"""Services are asked before leads are decided, for no longer than they are given, and about nobody twice."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import structlog

from connectors.base import Refused, TryLater
from connectors.enrichment import LARGEST, ask, understood
from domain.hours import Span
from domain.leads import Lead, LeadKey, Value
from ledger import enriched
from ledger.store import open_ledger
from playbook.book import Playbook
from router.rules import FromService
from runtime.enriching import ServiceAsker, enrich
from runtime.services import Services
from tests.playbook.writing import GOOD, loaded

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
STEP = FromService("FIRMS_URL", "domain", 5.0, Span(7, "calendar_days"))


class Firms:
    """A service on this machine that knows `bank.example`, and answers about `late.example` when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let = Event()
        firms = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                [domain] = parse_qs(urlsplit(self.path).query)["domain"]
                firms.asked.append(domain)
                if domain.startswith("late"):
                    firms.let.wait(30)
                status, body = firms.says(domain)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the output is the tests'."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/firms"

    def says(self, domain: str) -> tuple[int, bytes]:
        match domain:
            case "bank.example" | "late.example":
                return 200, json.dumps({"employees": "800", "tags": ["a", "b"], "play": "x", "colour": 1}).encode()
            case "busy.example":
                return 503, b""
            case "odd.example":
                return 200, b"<html>"
            case "huge.example":
                return 200, b"[" * (LARGEST + 1)
            case "moved.example":
                return 302, b""
        return 404, b""

    def close(self) -> None:
        self.let.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def firms() -> Iterator[Firms]:
    service = Firms()
    yield service
    service.close()


SAID = {"employees": "800", "tags": ("a", "b")}


@pytest.mark.parametrize(("domain", "said"), [("bank.example", SAID), ("nobody.example", {})])
def test_a_service_says_what_it_knows_in_fields_that_a_lead_can_have(
    firms: Firms, domain: str, said: Mapping[str, Value]
) -> None:
    assert ask(requests.Session(), firms.url, "domain", domain, 5) == said


@pytest.mark.parametrize(
    ("domain", "problem"),
    [("busy.example", TryLater), ("odd.example", Refused), ("huge.example", Refused), ("moved.example", Refused)],
)
def test_what_is_no_answer_is_an_error_without_the_address(firms: Firms, domain: str, problem: type[Exception]) -> None:
    with pytest.raises(problem) as raised:
        ask(requests.Session(), firms.url, "domain", domain, 5)
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize("body", [b"[1]", b"[" * 50_000, b"\xff", b'{"employees": }'])
def test_an_answer_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        understood(body)


def test_values_that_are_none_are_left_out() -> None:
    body = b'{"employees": 1e999, "score": 5, "tags": [1], "company": null, "custom.x": "\\ud800", "country": {}}'

    assert understood(body) == {"score": 5, "custom.x": "\N{REPLACEMENT CHARACTER}"}


def asker(firms: Firms, machine: list[datetime]) -> ServiceAsker:
    return ServiceAsker({"FIRMS_URL": firms.url}, lambda: machine[0], structlog.get_logger())


def test_what_is_late_is_left_out_and_the_others_count(firms: Firms) -> None:
    answers = asker(firms, [NINE])(replace(STEP, timeout=0.3), ["late.example", "bank.example", "nobody.example"])

    assert answers == {"bank.example": SAID, "nobody.example": {}}


def test_a_service_that_answers_nothing_in_time_is_left_alone_for_a_minute(firms: Firms) -> None:
    machine = [NINE]
    ask_ = asker(firms, machine)

    first = ask_(STEP, ["busy.example"])
    second = ask_(STEP, ["bank.example"])
    machine[0] += timedelta(minutes=1)
    third = ask_(STEP, ["bank.example"])

    assert (first, second, third) == ({}, {}, {"bank.example": SAID})
    assert firms.asked == ["busy.example", "bank.example"]


def test_without_an_address_nobody_is_asked() -> None:
    assert ServiceAsker({}, lambda: NINE, structlog.get_logger())(STEP, ["bank.example"]) == {}


# The ledger


def book(more: str = "") -> Playbook:
    step = f"enrich: [ {{ http: env:FIRMS_URL, timeout: 5 s, cache: 2 calendar days{more} }} ]"
    return loaded({**GOOD, "routing.yaml": f"{step}\n{GOOD['routing.yaml']}"})


def lead(domain: str, *, unowned: bool = True) -> Lead:
    values: dict[str, Value] = {"email": f"kim@{domain}"}
    return Lead(LeadKey("salesforce", "00D", "Lead", domain), NINE, NINE, values, unowned=unowned)


@pytest.fixture
def services(firms: Firms, tmp_path: Path) -> Iterator[Services]:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        yield Services(
            ledger=ledger,
            crms={},
            playbook=book,
            now=lambda: NINE,
            machine=lambda: NINE,
            tell=lambda notice: None,
            wake=lambda job, crm, lane: None,
            log=structlog.get_logger(),
            ask_service=asker(firms, [NINE]),
        )


def test_nobody_is_asked_about_twice_until_the_answer_is_old(services: Services, firms: Firms) -> None:
    for days in (0, 1, 2, 2.5):
        enrich(replace(services, now=lambda: NINE + timedelta(days=days)), [lead("bank.example")])  # noqa: B023

    with services.ledger.reading() as tx:
        known = enriched.known(tx, "FIRMS_URL", ["bank.example", "other.example"], NINE)
    assert firms.asked == ["bank.example"] * 2
    assert known == {"bank.example": SAID}


def test_only_leads_that_nobody_owns_are_asked_about(services: Services, firms: Firms) -> None:
    enrich(services, [lead("bank.example", unowned=False)])

    assert firms.asked == []


def test_no_more_are_asked_about_than_the_budget_of_a_day(services: Services, firms: Firms) -> None:
    thrifty = replace(services, playbook=lambda: book(", budget: 2"))

    enrich(thrifty, [lead(f"{name}.example") for name in "abc"])
    enrich(thrifty, [lead("d.example")])
    enrich(replace(thrifty, now=lambda: NINE + timedelta(hours=25)), [lead("e.example")])

    assert sorted(firms.asked) == ["a.example", "b.example", "e.example"]
