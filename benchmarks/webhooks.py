"""A storm of HubSpot's deliveries: signed POSTs of a hundred events over eight connections, beside a busy worker.

The web process, the worker, the queue and SQLite are those of `fairlead up --sandbox`. The leads that are named are not
in the stand-in HubSpot: the worker reads each batch there and notes that they are gone, which keeps it busy all along.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measuring import Table
from connectors.registry import connect
from ledger import arrivals
from ledger.store import open_ledger
from runtime.running import Running, find
from runtime.settings import Settings
from runtime.wiring import read_playbook
from scripts.sandbox import CREDENTIALS

POSTS = 1_000
EVENTS = 100
CONNECTIONS = 8
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Answered:
    status: int
    seconds: float


def run() -> Table:
    """Every delivery is answered, every event is in the ledger; how long the answers took."""
    with tempfile.TemporaryDirectory() as folder, _installation(Path(folder)) as running:
        settings = Settings.from_environment({**CREDENTIALS, **running.environment, "FAIRLEAD_VAR": folder})
        playbook = read_playbook(settings)
        portal = connect(
            "hubspot", settings.credentials("hubspot"), playbook.crms["hubspot"], playbook.not_people
        ).sign_in()
        url = f"{running.web}/hubspot/webhook"
        # Made beforehand: what the senders do between two POSTs would be measured as the answer's time.
        bodies = [_body(portal, number) for number in range(POSTS)]
        started = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as senders:
            shares = [bodies[at::CONNECTIONS] for at in range(CONNECTIONS)]
            answered = [one for each in senders.map(lambda share: _deliver(url, share), shares) for one in each]
        took = time.perf_counter() - started
        with open_ledger(settings.database_url) as ledger, ledger.reading() as tx:
            counted = Counter(arrivals.counts(tx)) + Counter(ledger.inbox.counts())
            kept = sum(number for (crm, _), number in counted.items() if crm == "hubspot")
    refused = sum(one.status >= 300 for one in answered)
    millis = sorted(1000 * one.seconds for one in answered)
    cuts = statistics.quantiles(millis, n=100)
    return Table(
        f"Webhooks: {POSTS:,} POSTs of {EVENTS} events over {CONNECTIONS} connections, beside a busy worker",
        ("p50 ms", "p99 ms", "slowest ms", "POSTs/s", "refused", "events lost"),
        [
            (
                f"{cuts[49]:.1f}",
                f"{cuts[98]:.1f}",
                f"{millis[-1]:.1f}",
                f"{POSTS / took:.0f}",
                str(refused),
                str(max(0, (POSTS - refused) * EVENTS - kept)),
            )
        ],
        [],
    )


def _deliver(url: str, bodies: Sequence[bytes]) -> list[_Answered]:
    """These deliveries, one after the other on one connection."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    answered = []
    for body in bodies:
        headers = _signed(url, body)
        began = time.perf_counter()
        connection.request("POST", where.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        answered.append(_Answered(answer.status, time.perf_counter() - began))
    connection.close()
    return answered


def _body(portal: str, number: int) -> bytes:
    now = int(time.time() * 1000)
    events = [
        {
            "eventId": number * EVENTS + at,
            "subscriptionId": 1,
            "portalId": int(portal),
            "appId": 1,
            "occurredAt": now,
            "subscriptionType": "contact.creation",
            "attemptNumber": 0,
            "objectId": 900_000_000 + number * EVENTS + at,
            "changeSource": "CRM",
        }
        for at in range(EVENTS)
    ]
    return json.dumps(events).encode()


def _signed(url: str, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time() * 1000))
    secret = CREDENTIALS["HUBSPOT_CLIENT_SECRET"].encode()
    digest = hmac.new(secret, b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": stamp,
    }


@contextmanager
def _installation(var: Path) -> Iterator[Running]:
    """`fairlead up --sandbox` on free ports."""
    environment = os.environ | {"FAIRLEAD_VAR": str(var)}
    command = [sys.executable, "-m", "scripts.fairlead", "up", "--sandbox", "--port", "0"]
    output = var / "output"
    with output.open("wb") as said:
        launcher = subprocess.Popen(command, env=environment, stdout=said, stderr=said)  # noqa: S603 - our own command
    try:
        given_up = time.monotonic() + START_SECONDS
        while b"\nrunning;" not in output.read_bytes():
            if launcher.poll() is not None or time.monotonic() > given_up:
                raise RuntimeError(f"it did not start:\n{output.read_text('utf-8', 'replace')}")
            time.sleep(0.1)
        running = find(var)
        if running is None:
            raise RuntimeError("it runs and cannot be found")
        yield running
    finally:
        launcher.terminate()
        launcher.wait(60)
