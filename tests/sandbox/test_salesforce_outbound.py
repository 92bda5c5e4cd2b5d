"""Outbound messages of the stand-in Salesforce, received by a real server."""

import queue
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from tests.sandbox.conftest import Acme
from tests.sandbox.salesforce_client import collections

RECORDED = Path(__file__).parents[2].parent / "shared/facts/recorded/salesforce/outbound_message__lead_v42.xml"
PATIENCE = 10
"""seconds until a delivery that did not come fails a test"""
ACK = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
SOAP = "{http://soap.sforce.com/2005/09/outbound}"
SF = "{urn:sobject.enterprise.soap.sforce.com}"


class Listener:
    """A web server that takes messages. `answers` are (status, Ack) of the next ones; then all are acknowledged."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self._arrived: queue.Queue[bytes] = queue.Queue()
        listener = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, ack = listener.answers.pop(0) if listener.answers else (200, "true")
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.end_headers()
                self.wfile.write(ACK.format(ack).encode())
                listener._arrived.put(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the tests look at what arrived."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/salesforce/secret"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self) -> ElementTree.Element:
        """The next message's `notifications` element."""
        root = ElementTree.fromstring(self._arrived.get(timeout=PATIENCE))
        return cast(ElementTree.Element, root.find(f".//{SOAP}notifications"))

    def is_quiet(self) -> bool:
        return self._arrived.empty()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def told(acme: Acme, listener: Listener) -> Iterator[Acme]:
    acme.sandbox.control("POST", "/salesforce/outbound", {"url": listener.url})
    yield acme
    acme.sandbox.reset()


def notifications(message: ElementTree.Element) -> list[tuple[str, dict[str, str]]]:
    """Per notification: its id, and the record's fields."""
    return [
        (
            str(notification.findtext(f"{SOAP}Id")),
            {
                element.tag.removeprefix(SF): element.text or ""
                for record in notification.findall(f"{SOAP}sObject")
                for element in record
            },
        )
        for notification in message.findall(f"{SOAP}Notification")
    ]


def until(acme: Acme, what: str, count: int) -> None:
    """Look until there are so many; the control API has no way to be told."""
    for _ in range(PATIENCE * 100):
        if acme.sandbox.control("GET", "/salesforce/outbound")[what] >= count:
            return
        time.sleep(0.01)
    pytest.fail(f"never {count} {what}")


def test_a_new_lead_is_told_with_its_fields_and_without_those_that_are_empty(told: Acme, listener: Listener) -> None:
    lead = told.lead(Email="jo@café.example", Company="A & B <Söhne>")

    message = listener.next()

    [(id, fields)] = notifications(message)
    assert (id[:3], len(id)) == ("04l", 18)
    assert list(fields) == ["Id", "Company", "Email", "LastName", "OwnerId", "Status", "SystemModstamp"]
    assert (fields["Id"], fields["Company"], fields["Email"]) == (lead, "A & B <Söhne>", "jo@café.example")
    assert fields["SystemModstamp"] == "2026-06-01T09:00:00.000Z"


def test_a_message_has_the_parts_of_a_recorded_one(told: Acme, listener: Listener) -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded answers are not beside this repository")
    told.lead()

    message = listener.next()

    recorded = ElementTree.parse(RECORDED).getroot().find(f".//{SOAP}notifications")
    assert recorded is not None
    assert [part.tag for part in message] == [part.tag for part in recorded]
    assert [part.attrib for part in message.iter(f"{SOAP}SessionId")] == [
        part.attrib for part in recorded.iter(f"{SOAP}SessionId")
    ]


def test_a_message_names_the_org_in_both_lengths(told: Acme, listener: Listener) -> None:
    [org] = told.rows("SELECT Id FROM Organization")
    told.lead()

    message = listener.next()

    assert message.findtext(f"{SOAP}OrganizationId") == org["Id"]
    assert str(message.findtext(f"{SOAP}PartnerUrl")).endswith(f"/{org['Id'][:15]}")


def test_many_records_travel_by_the_hundred(told: Acme, listener: Listener) -> None:
    row = {"LastName": "Doe", "Company": "Acme"}
    leads = told.sandbox.control("POST", "/salesforce/leads", [row] * 150)

    messages = [notifications(listener.next()) for _ in range(2)]

    assert sorted(map(len, messages)) == [50, 100]
    assert sorted(fields["Id"] for message in messages for _, fields in message) == sorted(leads)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, "false"), id="not acknowledged"),
        pytest.param((500, "true"), id="an error"),
    ],
)
def test_a_message_comes_again_until_it_is_acknowledged(
    told: Acme, listener: Listener, answer: tuple[int, str]
) -> None:
    listener.answers = [answer]
    told.lead()

    first, second = notifications(listener.next()), notifications(listener.next())

    assert [id for id, _ in first] == [id for id, _ in second]
    until(told, "delivered", 1)


def test_a_record_is_told_as_it_is_when_the_message_leaves(told: Acme, listener: Listener) -> None:
    listener.answers = [(503, "")]
    told.sandbox.control("PUT", "/salesforce/settings", {"api_sends_outbound": False})
    told.sandbox.control("PUT", "/salesforce/deliveries", {"first_retry": 1.0})
    lead = told.lead()
    listener.next()

    collections(told.salesforce, "PATCH", [{"id": lead, "OwnerId": told.ana}])

    assert notifications(listener.next())[0][1]["OwnerId"] == told.ana


def test_a_record_that_was_deleted_meanwhile_has_no_data(told: Acme, listener: Listener) -> None:
    listener.answers = [(503, "")]
    told.sandbox.control("PUT", "/salesforce/deliveries", {"first_retry": 1.0})
    lead = told.lead()
    [(id, _)] = notifications(listener.next())

    told.sandbox.control("POST", "/salesforce/delete", {"lead": lead})

    assert notifications(listener.next()) == [(id, {})]


def test_a_change_by_hand_is_told_and_a_deletion_is_not(told: Acme, listener: Listener) -> None:
    lead, other = told.lead(), told.lead()
    until(told, "delivered", 2)
    while not listener.is_quiet():
        listener.next()
    told.sandbox.control("POST", "/salesforce/delete", {"lead": other})

    told.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": told.ben})

    assert [(fields["Id"], fields["OwnerId"]) for _, fields in notifications(listener.next())] == [(lead, told.ben)]
    until(told, "delivered", 3)
    assert told.sandbox.control("GET", "/salesforce/outbound")["waiting"] == 0


@pytest.mark.parametrize(("may", "waiting"), [pytest.param(True, 1, id="may"), pytest.param(False, 0, id="may not")])
def test_writes_of_the_integration_user_are_told_where_it_may_send_messages(
    told: Acme, listener: Listener, may: bool, waiting: int
) -> None:
    told.sandbox.control("PUT", "/salesforce/settings", {"api_sends_outbound": may})

    collections(told.salesforce, "POST", [{"LastName": "Doe", "Company": "Acme"}])

    until(told, "delivered", waiting)
    tally = told.sandbox.control("GET", "/salesforce/outbound")
    assert tally["delivered"] + tally["waiting"] == waiting


def test_what_was_taken_back_is_not_told(told: Acme, listener: Listener) -> None:
    rows = [{"LastName": "Doe", "Company": "Acme"}, {"LastName": "Doe"}]

    collections(told.salesforce, "POST", rows, all_or_none=True)

    assert told.sandbox.control("GET", "/salesforce/outbound")["waiting"] == 0


def test_a_message_may_come_twice(told: Acme, listener: Listener) -> None:
    told.sandbox.control("PUT", "/salesforce/deliveries", {"duplicates": 1.0, "first_retry": 0.05})
    told.lead()

    first, second = notifications(listener.next()), notifications(listener.next())

    assert first == second
    until(told, "delivered", 2)


def test_messages_may_come_in_any_order(told: Acme, listener: Listener) -> None:
    told.sandbox.control("PUT", "/salesforce/deliveries", {"reorder": True, "first_retry": 0.05})
    leads = told.sandbox.control("POST", "/salesforce/leads", [{"LastName": "Doe", "Company": "Acme"}] * 50)

    came = [fields["Id"] for _, fields in notifications(listener.next())]

    assert sorted(came) == sorted(leads)
    assert came != leads


def test_a_message_that_nobody_takes_is_given_up(told: Acme, listener: Listener) -> None:
    listener.close()
    told.sandbox.control("PUT", "/salesforce/deliveries", {"first_retry": 0.01, "given_up_after": 0.05})
    told.lead()

    until(told, "given_up", 1)


def test_only_what_was_asked_for_is_told(acme: Acme, listener: Listener) -> None:
    wish = {"url": listener.url, "fields": ["Title", "IsConverted"], "when": "changed"}
    acme.sandbox.control("POST", "/salesforce/outbound", wish)
    lead = acme.lead(Title="CEO")

    acme.sandbox.control("POST", "/salesforce/owner", {"lead": lead, "owner": acme.ben})

    [(_, fields)] = notifications(listener.next())
    assert fields == {"Id": lead, "IsConverted": "false", "Title": "CEO"}
    acme.sandbox.reset()


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        pytest.param({"url": "nowhere"}, "not a URL", id="no address"),
        pytest.param({"object": "Leed"}, "no object 'Leed'", id="no object"),
        pytest.param({"fields": ["Nope"]}, "Lead has no", id="no field"),
        pytest.param({"when": "never"}, "'never' is none of", id="no occasion"),
    ],
)
def test_a_message_that_cannot_be_sent_is_not_set_up(acme: Acme, wish: dict[str, Any], reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        acme.sandbox.control("POST", "/salesforce/outbound", {"url": "http://127.0.0.1:1/", **wish})
