"""Promise 3: nothing that matters lives only in Redis. The whole daemon runs: web, worker, beat, queue, both CRMs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from redis import Redis

from ledger.feed import START, since
from ledger.store import open_ledger
from runtime.clocks import BusinessClock, machine_now
from runtime.running import Running, find
from tests.promises.world import CONFIG, MONDAY_TEN

CRMS = ("salesforce", "hubspot")
PATIENCE = 120
"""Seconds after which a wait is given up: many times what it takes."""


@contextmanager
def daemon(var: Path, database_url: str) -> Iterator[Running]:
    """`fairlead up --sandbox` on this database, until the block ends."""
    told = {"FAIRLEAD_VAR": str(var), "DATABASE_URL": database_url, "FAIRLEAD_BEAT_SECONDS": "1"}
    # On a weekend nobody is on duty, and no owner would be written.
    told["FAIRLEAD_CLOCK"] = str(BusinessClock(MONDAY_TEN, 1.0, machine_now()))
    words = [sys.executable, "-m", "scripts.fairlead", "up", "--sandbox", "--port", "0", "--config", str(CONFIG)]
    log = var.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(words, env={**os.environ, **told}, stdout=out, stderr=out)
    try:
        eventually(lambda: b"running;" in log.read_bytes() or process.poll() is not None)
        running = find(var)
        assert running is not None, log.read_text("utf-8")
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def eventually(said: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not said():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


def create(sandbox: str, crm: str, numbers: range) -> None:
    rows = [
        {"LastName": "Doe", "Company": f"Firm {n}", "Email": f"a{n}@firm{n}.example"}
        if crm == "salesforce"
        else {"lastname": "Doe", "company": f"Firm {n}", "email": f"a{n}@firm{n}.example"}
        for n in numbers
    ]
    requests.post(f"{sandbox}/sandbox/{crm}/leads", json=rows, timeout=30).raise_for_status()


def owner_changes(sandbox: str, crm: str) -> list[int]:
    """How often our API user wrote an owner, lead by lead."""
    rows = requests.get(f"{sandbox}/sandbox/{crm}/leads", timeout=30).json()
    return [sum(change["by"] == "api" for change in row["owner_changes"]) for row in rows]


@pytest.mark.slow
def test_flushall_in_the_middle_loses_nothing_and_decides_nothing_twice(tmp_path: Path, database_url: str) -> None:
    with daemon(tmp_path / "var", database_url) as running:
        sandbox, redis = running.environment["SALESFORCE_URL"], Redis.from_url(running.environment["REDIS_URL"])
        for crm in CRMS:
            create(sandbox, crm, range(60))
        eventually(lambda: any(sum(owner_changes(sandbox, crm)) for crm in CRMS))
        redis.flushall()
        for crm in CRMS:
            create(sandbox, crm, range(60, 120))
        redis.flushall()
        eventually(lambda: all(min(owner_changes(sandbox, crm)) for crm in CRMS))

        written = {crm: owner_changes(sandbox, crm) for crm in CRMS}
        with open_ledger(database_url) as ledger, ledger.reading() as tx:
            made = since(tx, START).decisions

    assert written == {crm: [1] * 120 for crm in CRMS}
    assert len({decision.lead for decision in made}) == len(made) == 240
