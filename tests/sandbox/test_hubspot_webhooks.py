"""Webhooks of the stand-in HubSpot, received by a real server; and the signatures, against HubSpot's own examples."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import hubspot
import pytest
from hubspot.utils.signature import Signature
from urllib3 import Retry

from sandbox.hubspot import signatures
from sandbox.hubspot.webhook_settings import DEVELOPER_KEY
from tests.sandbox.hubspot_client import OWNER, client, send
from tests.sandbox_process import SandboxProcess

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
PATIENCE = 10
"""seconds until a delivery that did not come fails a test"""


class Inbox:
    """A web server that takes deliveries. `answers` are the statuses of the next ones; 204 when there are none left."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self._arrived: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        inbox = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(inbox.answers.pop(0) if inbox.answers else 204)
                self.end_headers()
                inbox._arrived.put((dict(self.headers), body))

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the tests look at what arrived."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hubspot?portal=1%2C2"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self) -> tuple[dict[str, str], list[dict[str, Any]]]:
        headers, body = self.next_raw()
        return headers, json.loads(body)

    def next_raw(self) -> tuple[dict[str, str], bytes]:
        return self._arrived.get(timeout=PATIENCE)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


@pytest.fixture
def portal(sandbox: SandboxProcess, inbox: Inbox) -> Iterator[SandboxProcess]:
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    sandbox.control("POST", "/hubspot/webhooks", {"url": inbox.url, "secret": SECRET})
    yield sandbox
    sandbox.reset()


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (1693657560000, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        (1700000300000, "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ],
)
def test_the_third_signature_is_hubspots(timestamp: int, expected: str) -> None:
    body = b"{'example_field':'example_value'}"
    assert signatures.v3(SECRET, "POST", "https://www.example.com/webhook_uri", body, timestamp) == expected


def test_escapes_in_the_address_are_decoded_before_it_is_signed() -> None:
    uri = "https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29"
    signed = signatures.v3("autopilot-test-client-secret-0001", "POST", uri, b"[]", 1790000004000)
    assert signed == "G8ddQlikFQ0ScZOZn+MHQ0E3WCV7vOJTzKlvrkvbvuk="


def test_the_first_signature_is_hubspots() -> None:
    expected = "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
    assert signatures.v1(SECRET, b"{'example_field':'example_value'}") == expected


def test_a_new_contact_is_told_with_both_signatures(portal: SandboxProcess, inbox: Inbox) -> None:
    [lead] = portal.control("POST", "/hubspot/leads", [{"email": "zoe@café.example", "firstname": "Zoë"}])
    headers, body = inbox.next_raw()
    [event] = json.loads(body)
    assert (event["subscriptionType"], event["objectId"], event["attemptNumber"]) == ("contact.creation", int(lead), 0)
    assert (event["portalId"], event["changeFlag"], event["changeSource"]) == (147893286, "CREATED", "FORM")
    assert event["occurredAt"] == 1780304400000
    assert headers["X-HubSpot-Signature"] == signatures.v1(SECRET, body)
    assert headers["User-Agent"].startswith("HubSpot Connect 2.0")
    # The client's own check does not decode the address, so it is given the decoded one.
    assert Signature.is_valid(
        signature=headers["X-HubSpot-Signature-v3"],
        client_secret=SECRET,
        request_body=body.decode(),
        http_uri=inbox.url.replace("%2C", ","),
        signature_version="v3",
        timestamp=headers["X-HubSpot-Request-Timestamp"],
    )


def test_our_own_writes_come_back_with_our_name(portal: SandboxProcess, inbox: Inbox) -> None:
    [ana] = portal.control("POST", "/hubspot/users", [{"email": "ana@acme.example", "name": "Ana"}])
    [lead] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    inbox.next()
    client(portal).crm.objects.basic_api.update("contacts", lead, {"properties": {OWNER: ana}})
    _, [event] = inbox.next()
    assert (event["subscriptionType"], event["propertyName"], event["propertyValue"]) == (
        "contact.propertyChange",
        OWNER,
        ana,
    )
    assert (event["changeSource"], event["sourceId"], event["appId"]) == ("INTEGRATION", "18221010", 18221010)


def test_many_events_travel_in_batches_of_a_hundred(portal: SandboxProcess, inbox: Inbox) -> None:
    portal.control("POST", "/hubspot/leads", [{"email": f"{n}@nord.example"} for n in range(150)])
    batches = [inbox.next()[1], inbox.next()[1]]
    assert sorted(map(len, batches)) == [50, 100]
    assert len({event["objectId"] for events in batches for event in events}) == 150


def test_a_refused_delivery_comes_again_with_the_next_attempt_number(portal: SandboxProcess, inbox: Inbox) -> None:
    inbox.answers = [500, 400]
    portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    attempts = [inbox.next()[1][0] for _ in range(3)]
    assert [event["attemptNumber"] for event in attempts] == [0, 1, 2]
    assert len({event["eventId"] for event in attempts}) == 1


def test_the_last_delivery_can_be_sent_again_as_it_was(portal: SandboxProcess, inbox: Inbox) -> None:
    portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    _, first = inbox.next_raw()
    until(portal, "delivered", 1)  # the answer may still be on its way back
    portal.control("POST", "/hubspot/webhooks/redeliver", {})
    assert inbox.next_raw()[1] == first


def until(portal: SandboxProcess, what: str, count: int) -> None:
    """Look until there are so many events; the control API has no way to be told."""
    for _ in range(PATIENCE * 100):
        if portal.control("GET", "/hubspot/webhooks")[what] >= count:
            return
        time.sleep(0.01)
    pytest.fail(f"never {count} {what}")


def test_where_nobody_answers_it_is_tried_again(sandbox: SandboxProcess, inbox: Inbox) -> None:
    sandbox.reset()
    inbox.close()
    sandbox.control("POST", "/hubspot/webhooks", {"url": inbox.url, "secret": SECRET})
    sandbox.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    until(sandbox, "failed", 2)
    sandbox.reset()


def test_objects_without_events_of_their_own_are_told_by_type_id(sandbox: SandboxProcess, inbox: Inbox) -> None:
    sandbox.reset()
    [ana] = sandbox.control("POST", "/hubspot/users", [{"email": "ana@acme.example", "name": "Ana"}])
    [lead] = sandbox.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    asked = {"url": inbox.url, "secret": SECRET, "subscriptions": ["call.creation"]}
    sandbox.control("POST", "/hubspot/webhooks", asked)
    [call] = sandbox.control("POST", "/hubspot/calls", [{"lead": lead, "owner": ana, "seconds": 5}])
    _, [event] = inbox.next()
    assert (event["subscriptionType"], event["objectTypeId"], event["objectId"]) == (
        "object.creation",
        "0-48",
        int(call),
    )


@pytest.mark.parametrize(
    ("subscription", "act", "what"),
    [
        pytest.param("contact.deletion", "delete", "contact.deletion", id="a contact is deleted"),
        pytest.param(
            "contact.propertyChange:lifecyclestage", "convert", "contact.propertyChange", id="it is converted"
        ),
    ],
)
def test_what_is_subscribed_is_told(
    sandbox: SandboxProcess, inbox: Inbox, subscription: str, act: str, what: str
) -> None:
    sandbox.reset()
    [lead] = sandbox.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    asked = {"url": inbox.url, "secret": SECRET, "subscriptions": [subscription]}
    sandbox.control("POST", "/hubspot/webhooks", asked)
    sandbox.control("POST", f"/hubspot/{act}", {"lead": lead})
    _, [event] = inbox.next()
    assert (event["subscriptionType"], event["objectId"], event["changeSource"]) == (what, int(lead), "CRM_UI")


@pytest.mark.parametrize("topic", ["contact.birthday", "dog.creation", "contact.propertyChange", "contact.merge:x"])
def test_a_subscription_that_is_none_is_refused(portal: SandboxProcess, inbox: Inbox, topic: str) -> None:
    with pytest.raises(RuntimeError, match="is not a subscription"):
        portal.control("POST", "/hubspot/webhooks", {"url": inbox.url, "secret": SECRET, "subscriptions": [topic]})


def subscribe(sandbox: SandboxProcess, inbox: Inbox, *topics: object) -> None:
    asked = {"url": inbox.url, "secret": SECRET, "subscriptions": topics}
    sandbox.control("POST", "/hubspot/webhooks", asked)


def a_contact(sandbox: SandboxProcess, email: str = "ida@nord.example") -> str:
    [lead] = sandbox.control("POST", "/hubspot/leads", [{"email": email}])
    return str(lead)


class TestEvents:
    @pytest.fixture(autouse=True)
    def empty(self, sandbox: SandboxProcess) -> Iterator[None]:
        sandbox.reset()
        yield
        sandbox.reset()

    def test_a_contact_may_be_told_by_the_shared_events(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        topic = {"subscriptionType": "object.propertyChange", "objectType": "contact", "propertyName": "lifecyclestage"}
        subscribe(sandbox, inbox, topic)
        sandbox.control("POST", "/hubspot/convert", {"lead": a_contact(sandbox)})
        _, [event] = inbox.next()
        assert (event["subscriptionType"], event["objectTypeId"], event["propertyValue"], event["isSensitive"]) == (
            "object.propertyChange",
            "0-1",
            "opportunity",
            False,
        )

    def test_an_import_is_named_as_the_source(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        subscribe(sandbox, inbox, "contact.creation")
        sandbox.control("POST", "/hubspot/imports", [{"email": "ida@nord.example"}])
        _, [event] = inbox.next()
        assert event["changeSource"] == "IMPORT"

    def test_a_merge_tells_the_new_id_and_the_old_ones(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        ida, zoe = a_contact(sandbox), a_contact(sandbox, "zoe@nord.example")
        subscribe(sandbox, inbox, "contact.merge")
        merged = sandbox.control("POST", "/hubspot/merge", {"primary": ida, "other": zoe})["id"]
        _, [event] = inbox.next()
        assert (event["primaryObjectId"], event["mergedObjectIds"], event["newObjectId"]) == (
            int(ida),
            [int(zoe)],
            int(merged),
        )

    @pytest.mark.parametrize(
        ("acts", "what"), [(["delete", "restore"], "contact.restore"), (["purge"], "contact.privacyDeletion")]
    )
    def test_what_an_admin_does_is_told(
        self, sandbox: SandboxProcess, inbox: Inbox, acts: list[str], what: str
    ) -> None:
        lead = a_contact(sandbox)
        subscribe(sandbox, inbox, what)
        for act in acts:
            sandbox.control("POST", f"/hubspot/{act}", {"lead": lead})
        _, [event] = inbox.next()
        assert (event["subscriptionType"], event["objectId"]) == (what, int(lead))


class TestManners:
    @pytest.fixture(autouse=True)
    def told_of_contacts(self, sandbox: SandboxProcess, inbox: Inbox) -> Iterator[None]:
        sandbox.reset()
        subscribe(sandbox, inbox, "contact.creation")
        yield
        sandbox.reset()

    def test_every_event_may_come_twice(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        sandbox.control("PUT", "/hubspot/deliveries", {"duplicates": 1})
        a_contact(sandbox)
        assert inbox.next()[1] == inbox.next()[1]

    def test_events_may_come_in_any_order(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        sandbox.control("PUT", "/hubspot/deliveries", {"reorder": True})
        leads = [{"email": f"{n}@nord.example"} for n in range(90)]
        made = [int(lead) for lead in sandbox.control("POST", "/hubspot/leads", leads)]
        came = [event["objectId"] for event in inbox.next()[1]]
        assert came != made
        assert sorted(came) == made

    def test_retries_may_come_as_fast_as_a_test_wants(self, sandbox: SandboxProcess, inbox: Inbox) -> None:
        sandbox.control("PUT", "/hubspot/deliveries", {"retry_seconds": 0.001})
        inbox.answers = [500] * 10
        a_contact(sandbox)
        attempts = [inbox.next()[1][0]["attemptNumber"] for _ in range(11)]
        assert attempts == list(range(11))

    @pytest.mark.parametrize("manners", [{"duplicates": 2}, {"retry_seconds": 0}, {"politeness": 1}])
    def test_manners_that_make_no_sense_are_refused(self, sandbox: SandboxProcess, manners: dict[str, float]) -> None:
        with pytest.raises(RuntimeError, match=": 400 "):
            sandbox.control("PUT", "/hubspot/deliveries", manners)


class TestSettings:
    """As the app's developer makes them, through the real client."""

    @pytest.fixture(autouse=True)
    def empty(self, sandbox: SandboxProcess) -> Iterator[None]:
        sandbox.reset()
        yield
        sandbox.reset()

    @pytest.fixture
    def api(self, sandbox: SandboxProcess) -> Any:
        retry = Retry(0, redirect=0, respect_retry_after_header=False, raise_on_status=False)
        return hubspot.HubSpot(api_key=DEVELOPER_KEY, host=sandbox.url, retry=retry).webhooks

    def test_what_is_active_is_delivered(self, sandbox: SandboxProcess, inbox: Inbox, api: Any) -> None:
        api.settings_api.configure(1, {"targetUrl": inbox.url, "throttling": {"maxConcurrentRequests": 10}})
        wanted = api.subscriptions_api.create(1, {"eventType": "contact.creation", "active": True})
        a_contact(sandbox)
        _, [event] = inbox.next()
        assert (event["subscriptionType"], event["subscriptionId"]) == ("contact.creation", int(wanted.id))

    def test_what_is_not_active_is_not(self, sandbox: SandboxProcess, inbox: Inbox, api: Any) -> None:
        api.settings_api.configure(1, {"targetUrl": inbox.url, "throttling": {"maxConcurrentRequests": 10}})
        wanted = api.subscriptions_api.create(1, {"eventType": "contact.creation", "active": True})
        api.subscriptions_api.update(wanted.id, 1, {"active": False})
        a_contact(sandbox)
        assert sandbox.control("GET", "/hubspot/webhooks") == {"delivered": 0, "failed": 0, "waiting": 0}
        assert [one.active for one in api.subscriptions_api.get_all(1).results] == [False]

    def test_without_the_developers_key_nothing_is_told(self, sandbox: SandboxProcess) -> None:
        assert send(sandbox, "GET", "/webhooks/v3/1/settings").status_code == 401

    def test_the_newest_path_has_another_name(self, sandbox: SandboxProcess, inbox: Inbox, api: Any) -> None:
        api.settings_api.configure(1, {"targetUrl": inbox.url, "throttling": {"maxConcurrentRequests": 10}})
        path = f"/app-webhooks/2026-09/1/settings?hapikey={DEVELOPER_KEY}"
        assert send(sandbox, "GET", path).json()["targetUrl"] == inbox.url

    def test_an_event_that_is_none_is_refused(self, sandbox: SandboxProcess) -> None:
        path = f"/webhooks/v3/1/subscriptions?hapikey={DEVELOPER_KEY}"
        assert send(sandbox, "POST", path, {"eventType": "dog.creation"}).status_code == 400
