"""What a CRM delivers is in the ledger or its inbox before it is answered, and nothing that arrives ends in a 500."""

import base64
import hashlib
import hmac
import json
import socket
import sqlite3
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from structlog.testing import capture_logs

from ledger import arrivals
from tests.promises.test_every_lead_gets_one_outcome import SECRET, listening
from tests.promises.world import World


def event(world: World, number: int, occurred_at: int | None = None) -> dict[str, object]:
    return {
        "eventId": number,
        "portalId": int(world.connector.account),
        "appId": 1,
        "occurredAt": occurred_at or int(time.time() * 1000),
        "subscriptionType": "contact.creation",
        "objectId": number,
        "changeSource": "CRM",
    }


def post(url: str, body: bytes) -> int:
    """Deliver it as HubSpot signs; the status of the answer."""
    stamp = str(int(time.time() * 1000))
    digest = hmac.new(SECRET.encode(), b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256).digest()
    signed = {"X-HubSpot-Signature-v3": base64.b64encode(digest).decode(), "X-HubSpot-Request-Timestamp": stamp}
    return requests.post(url, data=body, headers=signed, timeout=60).status_code


def kept(world: World) -> int:
    with world.ledger.reading() as tx:
        return sum(arrivals.counts(tx).values()) + sum(world.ledger.inbox.counts().values())


def test_deliveries_that_come_at_once_are_all_kept(hubspot: World, tmp_path: Path) -> None:
    bodies = [json.dumps([event(hubspot, 100 * at + each) for each in range(20)]).encode() for at in range(40)]

    with listening(hubspot, tmp_path) as url, ThreadPoolExecutor(8) as senders:
        answers = set(senders.map(lambda body: post(url, body), bodies))

    assert (answers, kept(hubspot)) == ({204}, 800)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 200_000, id="deep JSON"),
        pytest.param(b"<html><body>Bad gateway</body></html>", id="HTML"),
        pytest.param(b'[{"eventId": 1, "objectId"', id="truncated JSON"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
    ],
)
def test_a_genuine_delivery_that_nobody_can_read_is_refused_and_the_next_one_is_kept(
    hubspot: World, tmp_path: Path, body: bytes
) -> None:
    with listening(hubspot, tmp_path) as url:
        answers = post(url, body), post(url, json.dumps([event(hubspot, 1)]).encode())

    assert (answers, kept(hubspot)) == ((400, 204), 1)


def test_an_event_of_the_year_9999_is_passed_over_and_its_neighbours_are_kept(hubspot: World, tmp_path: Path) -> None:
    body = json.dumps([event(hubspot, 1, 253_402_300_799_000), event(hubspot, 2)]).encode()

    with listening(hubspot, tmp_path) as url:
        answer = post(url, body)

    assert (answer, kept(hubspot)) == (204, 1)


def passed_over(lines: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return [line for line in lines if line["event"] == "events of a delivery were passed over"]


def test_events_that_are_passed_over_are_counted_in_one_line_that_names_nobody(hubspot: World, tmp_path: Path) -> None:
    another = {"subscriptionType": "company.creation"}
    events = [event(hubspot, 1), event(hubspot, 70_001) | another, event(hubspot, 70_002) | another]

    with listening(hubspot, tmp_path) as url, capture_logs() as logged:
        post(url, json.dumps([*events, {"objectId": 70_003}]).encode())

    [line] = passed_over(logged)
    assert line["why"] == {"another object": 2, "an event that cannot be read": 1}
    assert "7000" not in str(line)


def test_a_delivery_of_which_nothing_is_passed_over_says_nothing_of_it(hubspot: World, tmp_path: Path) -> None:
    with listening(hubspot, tmp_path) as url, capture_logs() as logged:
        post(url, json.dumps([event(hubspot, 1)]).encode())

    assert passed_over(logged) == []


@pytest.mark.parametrize("crm", ["rest", "nowhere"])
@pytest.mark.parametrize("size", [1, 1 << 21], ids=["small", "large"])
def test_what_is_sent_for_a_crm_that_sends_nothing_finds_no_door(
    hubspot: World, tmp_path: Path, crm: str, size: int
) -> None:
    with listening(hubspot, tmp_path) as url:
        there = urlsplit(url)
        with socket.create_connection((there.hostname, there.port)) as s:
            s.sendall(f"POST /{crm}/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
            answer = s.recv(100)

    assert answer.startswith(b"HTTP/1.1 404")


def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(hubspot: World, tmp_path: Path) -> None:
    with (
        listening(hubspot, tmp_path) as url,
        socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as s,
    ):
        s.sendall(b"POST /hubspot/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        answer = s.recv(100)

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_never_comes_to_its_end_is_given_up(
    hubspot: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.deliveries.BODY_SECONDS", 0.2)
    with (
        listening(hubspot, tmp_path) as url,
        socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as s,
    ):
        s.sendall(b"POST /hubspot/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[")
        answer = s.recv(100)

    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_deliveries_are_taken_again_once_another_program_lets_go_of_the_database(
    hubspot: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.deliveries.STORED_SECONDS", 0.2)
    with listening(hubspot, tmp_path) as url:
        post(url, json.dumps([event(hubspot, 1)]).encode())
        other = sqlite3.connect(f"{hubspot.ledger.engine.url.database}.inbox", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        meanwhile = post(url, json.dumps([event(hubspot, 2)]).encode())
        other.close()
        monkeypatch.setattr("runtime.deliveries.STORED_SECONDS", 30.0)
        afterwards = post(url, json.dumps([event(hubspot, 3)]).encode())

    assert (meanwhile, afterwards, kept(hubspot)) == (503, 204, 3)
