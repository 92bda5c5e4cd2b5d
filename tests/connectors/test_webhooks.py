"""HubSpot's webhooks: only genuine and fresh ones count, and only for leads."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

import pytest

from connectors.base import Heard
from connectors.hubspot.webhooks import heard, signed, verify
from domain.leads import LeadKey
from tests.connectors.stage import ANA, Stage, mapping_of

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


CHANGED = {"subscriptionType": "contact.propertyChange", "changeSource": "CRM_UI", "sourceId": "userId:7"}


def hears(*events: object) -> Heard:
    return heard(json.dumps(events).encode(), "49547190", mapping_of("hubspot"))


def names(*events: object) -> list[str]:
    return [one.key.id for one in hears(*events).seen]


def test_a_creation_names_the_lead_and_when() -> None:
    [found] = hears(event()).seen

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
        pytest.param(CHANGED | {"propertyName": "country"}, id="a mapped field was changed"),
        pytest.param(CHANGED | {"propertyName": "fairlead_answer"}, id="somebody answered"),
        pytest.param({"subscriptionType": "contact.restore"}, id="a contact came back"),
        pytest.param({"subscriptionType": "contact.creation", "changeSource": "IMPORT"}, id="an imported contact"),
    ],
)
def test_what_concerns_a_lead_is_seen(changes: dict[str, object]) -> None:
    assert names(event(**changes)) == ["106314056576"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param(OWNER | {"changeSource": "INTEGRATION", "sourceId": "9393361"}, "our own write", id="an echo"),
        pytest.param({"portalId": 1}, "another portal", id="another portal"),
        pytest.param({"subscriptionType": "company.creation"}, "another object", id="a company"),
        pytest.param({"subscriptionType": "object.creation", "objectTypeId": "0-2"}, "another object", id="generic"),
        pytest.param({"subscriptionType": "contact.deletion"}, "a deletion", id="a deletion"),
        pytest.param({"subscriptionType": "contact.associationChange"}, "another kind of event", id="an association"),
        pytest.param(
            CHANGED | {"propertyName": "twitterhandle"}, "a property that nothing depends on", id="a property"
        ),
        pytest.param({"occurredAt": 253402300799999}, "an event that cannot be read", id="the year 9999"),
        pytest.param({"occurredAt": 10**400}, "an event that cannot be read", id="a giant time"),
        pytest.param({"occurredAt": "soon"}, "an event that cannot be read", id="a time that is none"),
        pytest.param({"occurredAt": None}, "an event that cannot be read", id="no time"),
        pytest.param({"objectId": 10**30}, "an event that cannot be read", id="a giant id"),
        pytest.param({"objectId": "\ud800"}, "an event that cannot be read", id="an id that is half a character"),
        pytest.param({"eventId": {"a": 1}}, "an event that cannot be read", id="an event id that is none"),
    ],
)
def test_what_does_not_concern_a_lead_is_passed_over_with_its_reason_and_its_neighbours_count(
    changes: dict[str, object], why: str
) -> None:
    found = hears(event(**changes), event(objectId=502))

    assert [one.key.id for one in found.seen] == ["502"]
    assert found.passed_over == {why: 1}


@pytest.mark.parametrize("nothing", ["null", "7", '"text"', "[]", "{}", "1e999", "NaN"])
def test_an_event_that_is_none_is_passed_over(nothing: str) -> None:
    found = heard(f"[{nothing}, {json.dumps(event())}]".encode(), "49547190", mapping_of("hubspot"))

    assert (len(found.seen), found.passed_over) == (1, {"an event that cannot be read": 1})


def test_a_delivery_of_which_nothing_can_be_read_is_told() -> None:
    with pytest.raises(ValueError):
        hears(event(occurredAt=10**30), event(objectId=None))


def test_a_merge_names_the_new_record_and_those_that_are_gone() -> None:
    merge = event(
        subscriptionType="contact.merge", primaryObjectId=7, mergedObjectIds=[7, 8], newObjectId=9, objectId=7
    )

    assert names(merge) == ["9", "7", "8"]


@pytest.mark.parametrize(
    "merged",
    [
        pytest.param("78", id="text, whose letters are no records"),
        pytest.param(78, id="a number"),
        pytest.param({"7": 8}, id="a mapping"),
        pytest.param(False, id="a yes or no"),
        pytest.param(list(range(1, 102)), id="a hundred and one"),
    ],
)
def test_a_merge_without_a_list_of_records_is_passed_over_with_its_reason_and_its_neighbours_count(
    merged: object,
) -> None:
    merge = event(subscriptionType="contact.merge", primaryObjectId=7, mergedObjectIds=merged, newObjectId=9)

    found = hears(merge, event(objectId=502))

    assert [one.key.id for one in found.seen] == ["502"]
    assert found.passed_over == {"a merge without a list of at most 100 records": 1}


def test_a_merge_of_a_hundred_records_counts() -> None:
    merge = event(subscriptionType="contact.merge", mergedObjectIds=list(range(1, 101)), newObjectId=1000)

    assert len(hears(merge).seen) == 101


def test_an_imported_lead_and_one_of_a_crowd_can_wait() -> None:
    imported = hears(event(changeSource="IMPORT"))
    crowd = hears(*(event(objectId=number, eventId=number) for number in range(1, 52)))

    assert [one.hot for one in imported.seen] == [False]
    assert {one.hot for one in crowd.seen} == {False}


def test_an_answer_is_as_urgent_as_a_new_lead() -> None:
    [answered] = hears(event(**CHANGED, propertyName="fairlead_answer")).seen

    assert answered.hot


def test_a_second_delivery_is_the_same_event_and_another_change_is_not() -> None:
    events = [
        event(),
        event(attemptNumber=1),
        event(eventId=1),
        event(occurredAt=1742077073906),
        event(**OWNER, changeSource="CRM_UI"),
    ]

    found = [one.event for one in hears(*events).seen]

    assert found[0] == found[1]
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    "body",
    [b"{}", b"not json", b'"text"', b"", b"\xff\xfe", b'[{"eventId": 34', b"[" * 200_000, b"[" + b"9" * 5000 + b"]"],
    ids=["an object", "text", "a string", "nothing", "no text", "cut off", "nested deeply", "a giant number"],
)
def test_a_body_that_is_no_list_of_events_is_told(body: bytes) -> None:
    with pytest.raises(ValueError):
        heard(body, "49547190", mapping_of("hubspot"))


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
    assert [one.key for one in heard(delivery.body, hubspot.crm.account, mapping_of("hubspot")).seen] == [
        hubspot.key(lead)
    ]


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
        found += [one.key.id for one in heard(body, hubspot.crm.account, mapping_of("hubspot")).seen]
    assert found == [persons]
