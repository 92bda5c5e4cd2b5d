"""`fairlead up --sandbox` with the example configuration: every process for real."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import pytest
import requests
from redis import Redis

from ledger import arrivals
from scripts.sandbox import CREDENTIALS
from tests.runtime.installation import Installation, fairlead
from tests.runtime.waiting import alive, descendants, until

CRMS = ("salesforce", "hubspot")
PORTAL = 147893286


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation") / "var")
    try:
        yield installation
    finally:
        installation.stop()


@pytest.mark.parametrize("crm", CRMS)
def test_a_lead_that_enters_the_crm_is_decided_and_written_back(up: Installation, crm: str) -> None:
    lead = up.new_lead(crm, f"First{crm}")
    assert until(lambda: up.decided(crm, lead))


@pytest.mark.parametrize("crm", CRMS)
def test_wiping_the_queue_loses_no_lead(up: Installation, crm: str) -> None:
    lead = up.new_lead(crm, f"Wiped{crm}")
    with Redis.from_url(up.redis_url) as queue:
        queue.flushall()
    assert until(lambda: up.decided(crm, lead))


def delivery(object_id: int) -> bytes:
    event = {
        "eventId": object_id,
        "subscriptionId": 1,
        "portalId": PORTAL,
        "appId": 1,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "objectId": object_id,
        "changeSource": "CRM",
    }
    return json.dumps([event]).encode()


def post(up: Installation, body: bytes, secret: str) -> requests.Response:
    url, stamp = f"{up.running.web}/hubspot/webhook", str(int(time.time() * 1000))
    digest = hmac.new(secret.encode(), b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256).digest()
    headers = {
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": stamp,
        "Content-Type": "application/json",
    }
    return requests.post(url, data=body, headers=headers, timeout=30)


def arrived(up: Installation) -> int:
    with up.ledger() as ledger:
        ledger.inbox.move()
        with ledger.reading() as tx:
            return sum(number for (crm, _), number in arrivals.counts(tx).items() if crm == "hubspot")


def test_a_webhook_is_answered_after_its_events_are_in_the_ledger(up: Installation) -> None:
    before = arrived(up)
    answer = post(up, delivery(990001), CREDENTIALS["HUBSPOT_CLIENT_SECRET"])
    assert (answer.status_code, arrived(up) - before) == (204, 1)


def test_a_webhook_with_a_wrong_signature_leaves_nothing_and_learns_nothing(up: Installation) -> None:
    before = arrived(up)
    answer = post(up, delivery(990002), "another secret")
    assert (answer.status_code, answer.content, arrived(up) - before) == (401, b"", 0)


def test_a_webhook_that_is_signed_and_no_list_of_events_is_refused(up: Installation) -> None:
    assert post(up, b'"hello"', CREDENTIALS["HUBSPOT_CLIENT_SECRET"]).status_code == 400


def test_a_webhook_that_is_signed_and_of_no_time_that_there_is_is_refused(up: Installation) -> None:
    [event] = json.loads(delivery(990003))
    body = json.dumps([event | {"occurredAt": 10**30}]).encode()
    assert post(up, body, CREDENTIALS["HUBSPOT_CLIENT_SECRET"]).status_code == 400


def test_a_webhook_that_is_too_large_is_refused(up: Installation) -> None:
    body = b"x" * ((1 << 20) + 1)
    assert requests.post(f"{up.running.web}/hubspot/webhook", data=body, timeout=30).status_code == 413


@pytest.mark.parametrize("path", ["/", "/hubspot", "/docs", "/healthz/x"])
def test_nothing_else_is_served(up: Installation, path: str) -> None:
    assert requests.get(f"{up.running.web}{path}", timeout=30).status_code == 404


def test_it_is_ready_when_the_ledger_the_queue_and_beat_answer(up: Installation) -> None:
    def ready() -> object:
        return requests.get(f"{up.running.web}/readyz", timeout=30).json()

    assert until(lambda: ready() == {"ledger": True, "intake": True, "broker": True, "beat": True})


def test_status_names_every_part_that_runs(up: Installation) -> None:
    told = json.loads(fairlead(up.var, "status", "--format", "json").stdout)
    assert told["running"] == dict.fromkeys(("sandbox", "queue", "web", "worker", "beat"), True)
    assert set(told["sign_in"]) == set(CRMS)


def test_a_second_one_in_the_same_folder_is_refused_with_the_way_out(up: Installation) -> None:
    second = fairlead(up.var, "up", "--sandbox", "--port", "0")
    assert second.returncode == 1
    assert "stop it first, or set FAIRLEAD_VAR to another folder" in second.stderr


@pytest.mark.slow
def test_ctrl_c_ends_everything_in_order_and_leaves_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    installation = Installation(tmp_path_factory.mktemp("stopped") / "var")
    family = descendants(installation.launcher.pid)
    status = installation.stop()
    stopped = [line for line in installation.said.splitlines() if line.startswith("stop")]
    assert (status, stopped) == (
        0,
        ["stopping beat", "stopping worker", "stopping web", "stopping queue", "stopping sandbox", "stopped"],
    )
    assert until(lambda: not alive(family))


def test_nobody_is_left_when_the_launcher_is_killed(tmp_path_factory: pytest.TempPathFactory) -> None:
    installation = Installation(tmp_path_factory.mktemp("killed") / "var")
    family = descendants(installation.launcher.pid)
    installation.launcher.kill()
    installation.launcher.wait()
    # Five parts with a watcher each, and the worker's three children.
    assert len(family) == 13
    assert until(lambda: not alive(family))


@pytest.mark.slow
def test_everything_ends_with_a_sentence_when_a_part_dies(tmp_path_factory: pytest.TempPathFactory) -> None:
    installation = Installation(tmp_path_factory.mktemp("died") / "var")
    family = descendants(installation.launcher.pid)
    with Redis.from_url(installation.redis_url) as queue:
        queue.shutdown(nosave=True)
    assert installation.launcher.wait(60) == 1
    assert "queue has ended by itself" in installation.said
    assert "Traceback" not in installation.said
    assert until(lambda: not alive(family))
