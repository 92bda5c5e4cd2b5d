"""HubSpot's webhooks: only genuine and fresh ones count, and only for leads."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

import pytest

from connectors.hubspot.webhooks import seen, signed, verify
from domain.leads import LeadKey
from tests.connectors.stage import ANA, Stage

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"
BODY = b"{'example_field':'example_value'}"


@pytest.mark.parametrize(
    ("stamp", "signature"),
    [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ],
)
def test_our_signature_is_hubspots(stamp: str, signature: str) -> None:
    assert signed(SECRET, "POST", URL, BODY, stamp) == signature


def test_the_address_is_decoded_as_hubspot_decodes_it() -> None:
    escaped = "https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29"

    signature = signed("autopilot-test-client-secret-0001", "POST", escaped, b"[]", "1790000004000")

    assert signature == "G8ddQlikFQ0ScZOZn+MHQ0E3WCV7vOJTzKlvrkvbvuk="


def test_a_body_is_signed_as_bytes() -> None:
    body = (
        '[{"appId":7100001,"eventId":4100000003,"subscriptionId":5100002,"portalId":12345678,"occurredAt":1790000002000,'
        '"subscriptionType":"object.creation","attemptNumber":1,"objectId":903,"objectTypeId":"0-1","changeSource":"FORM",'
        '"note":"Zoë — café ☕"}]'
    ).encode()
    url = "https://example.com/api/hubspot/webhooks"

    signature = signed("autopilot-test-client-secret-0001", "POST", url, body, "1790000003000")

    assert signature == "iwUOcQxOJMXtoVai85f7uLyYuAp58oXpeyP5gPQKS2k="


NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def headers_at(moment: datetime, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    stamp = str(int(moment.timestamp() * 1000))
    return {"X-HubSpot-Request-Timestamp": stamp, "x-hubspot-signature-V3": signed(secret, "POST", URL, body, stamp)}


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_fresh_delivery_is_taken(minutes: int) -> None:
    assert verify(SECRET, "POST", URL, BODY, headers_at(NOW + timedelta(minutes=minutes)), NOW) is None


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_delivery_and_one_from_the_future_are_refused(seconds: int) -> None:
    assert verify(SECRET, "POST", URL, BODY, headers_at(NOW + timedelta(seconds=seconds)), NOW)


@pytest.mark.parametrize(
    ("url", "body", "headers"),
    [
        pytest.param(URL, b"{}", headers_at(NOW), id="another body"),
        pytest.param(URL + "?x=1", BODY, headers_at(NOW), id="another address"),
        pytest.param(URL, BODY, headers_at(NOW, secret="other"), id="another secret"),
        pytest.param(URL, BODY, {}, id="no signature"),
        pytest.param(URL, BODY, headers_at(NOW) | {"x-hubspot-signature-V3": "Ünïcode"}, id="a signature that is none"),
        pytest.param(URL, BODY, headers_at(NOW) | {"X-HubSpot-Request-Timestamp": "soon"}, id="a time that is none"),
        pytest.param(URL, BODY, headers_at(NOW) | {"X-HubSpot-Request-Timestamp": "9" * 40}, id="a time beyond all"),
    ],
)
def test_a_forged_delivery_is_refused(url: str, body: bytes, headers: dict[str, str]) -> None:
    assert verify(SECRET, "POST", url, body, headers, NOW)


def event(**changes: object) -> dict[str, object]:
    return {
        "eventId": 3400564480, "subscriptionId": 3329277,
        "portalId": 49547190, "appId": 9393361, "occurredAt": 1742077073905,
        "subscriptionType": "contact.creation", "attemptNumber": 0, "objectId": 106314056576, "changeFlag": "CREATED",
        "changeSource": "FORM", "sourceId": "9393361",
    } | changes  # fmt: skip


OWNER = {"subscriptionType": "contact.propertyChange", "propertyName": "hubspot_owner_id", "propertyValue": "7"}


def names(*events: dict[str, object]) -> list[str]:
    return [one.key.id for one in seen(json.dumps(events).encode(), "49547190", "contact")]


def test_a_creation_names_the_lead_and_when() -> None:
    [found] = seen(json.dumps([event()]).encode(), "49547190", "contact")

    assert found.key == LeadKey("hubspot", "49547190", "contact", "106314056576")
    assert found.at == datetime(2025, 3, 15, 22, 17, 53, 905_000, UTC)
    assert found.hot


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="a contact was created, even by our own app"),
        pytest.param({"subscriptionType": "object.creation", "objectTypeId": "0-1"}, id="in the generic form"),
        pytest.param({"subscriptionType": None, "eventType": "contact.creation"}, id="under the key's other name"),
        pytest.param(OWNER | {"changeSource": "CRM_UI", "sourceId": "userId:7"}, id="a person changed a property"),
        pytest.param(OWNER | {"changeSource": "INTEGRATION", "sourceId": "42"}, id="another app changed a property"),
    ],
)
def test_what_concerns_a_lead_is_seen(changes: dict[str, object]) -> None:
    assert names(event(**changes)) == ["106314056576"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(OWNER | {"changeSource": "INTEGRATION", "sourceId": "9393361"}, id="the echo of our own write"),
        pytest.param({"portalId": 1}, id="another portal"),
        pytest.param({"subscriptionType": "company.creation"}, id="another object"),
        pytest.param({"subscriptionType": "object.creation", "objectTypeId": "0-2"}, id="another object, generic form"),
        pytest.param({"subscriptionType": "contact.deletion"}, id="a deletion"),
    ],
)
def test_what_does_not_concern_a_lead_is_left_out(changes: dict[str, object]) -> None:
    assert names(event(**changes)) == []


def test_a_second_delivery_is_the_same_event_and_another_change_is_not() -> None:
    events = [
        event(),
        event(attemptNumber=1),
        event(eventId=1),
        event(occurredAt=1),
        event(**OWNER, changeSource="CRM_UI"),
    ]

    found = [one.event for one in seen(json.dumps(events).encode(), "49547190", "contact")]

    assert found[0] == found[1]
    assert len(set(found)) == 4


@pytest.mark.parametrize("body", [b"{}", b"not json", b'"text"'])
def test_a_body_that_is_no_list_of_events_is_told(body: bytes) -> None:
    with pytest.raises(ValueError):
        seen(body, "49547190", "contact")


@pytest.mark.parametrize("time", ["1e999", "1e40", "9" * 30, "NaN", '"soon"', "null"])
def test_an_event_whose_time_is_none_makes_a_body_that_cannot_be_read(time: str) -> None:
    body = json.dumps([event(occurredAt="TIME")]).replace('"TIME"', time).encode()

    with pytest.raises(ValueError):
        seen(body, "49547190", "contact")


class Delivery(NamedTuple):
    body: bytes
    headers: dict[str, str]


class Listener(NamedTuple):
    url: str
    deliveries: "Queue[Delivery]"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server that keeps what is posted to it."""
    deliveries: Queue[Delivery] = Queue()

    class Keeping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            deliveries.put(Delivery(body, dict(self.headers.items())))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeping) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Listener(f"http://127.0.0.1:{server.server_port}/hubspot?a=b%20c", deliveries)
        server.shutdown()


def test_a_delivery_of_the_sandbox_is_genuine_and_names_the_new_lead(hubspot: Stage, listener: Listener) -> None:
    hubspot.control("POST", "webhooks", {"url": listener.url, "secret": SECRET, "subscriptions": ["contact.creation"]})
    [lead] = hubspot.many(1)

    delivery = listener.deliveries.get(timeout=10)

    assert verify(SECRET, "POST", listener.url, delivery.body, delivery.headers, datetime.now(UTC)) is None
    assert [one.key for one in seen(delivery.body, hubspot.crm.account, "contact")] == [hubspot.key(lead)]


def test_our_own_write_does_not_come_back_as_news(hubspot: Stage, listener: Listener) -> None:
    mine, persons = hubspot.many(2)
    write = hubspot.assigning(mine, ANA)
    subscriptions = ["contact.propertyChange:hubspot_owner_id"]
    hubspot.control("POST", "webhooks", {"url": listener.url, "secret": SECRET, "subscriptions": subscriptions})

    hubspot.crm.write([write])
    hubspot.takes(ANA, persons)

    found: list[str] = []
    delivered = 0
    while delivered < 2:
        body = listener.deliveries.get(timeout=10).body
        delivered += len(json.loads(body))
        found += [one.key.id for one in seen(body, hubspot.crm.account, "contact")]
    assert found == [persons]
