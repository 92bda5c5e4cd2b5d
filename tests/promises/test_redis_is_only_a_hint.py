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
from runtime.settings import Settings
from runtime.wiring import connector_of, open_process, read_playbook
from tests.promises.world import CONFIG, MONDAY_TEN
from tests.sandbox_process import SandboxProcess

CRMS = ("salesforce", "hubspot")
PATIENCE = 120
"""Seconds after which a wait is given up: many times what it takes."""


SIGNED_IN_WITH_REFRESH_TOKENS = {
    "SALESFORCE_CONSUMER_KEY": "sandbox-key",
    "SALESFORCE_CONSUMER_SECRET": "sandbox-secret",
    "SALESFORCE_REFRESH_TOKEN": "sandbox-refresh-token",
    "HUBSPOT_CLIENT_ID": "sandbox-client-id",
    "HUBSPOT_CLIENT_SECRET": "sandbox-client-secret",
    "HUBSPOT_REFRESH_TOKEN": "na1-sandbox-refresh-token",
}
"""As an operator sets them once, and does not look at them again."""


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


@pytest.fixture
def rotating(sandbox: SandboxProcess, database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """An installation whose CRMs give a new refresh token with each answer, and take the one before no more."""
    sandbox.reset()
    sandbox.control("PUT", "/salesforce/settings", {"refresh_rotates": True})
    sandbox.control("PUT", "/hubspot/oauth", {"rotate": True})
    for crm in CRMS:
        sandbox.control("POST", f"/{crm}/users", [{"email": "ana@acme.example", "name": "Ana Keller"}])
    places = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url, "FAIRLEAD_CONFIG": str(CONFIG)}
    stores = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "FAIRLEAD_VAR": str(tmp_path)}
    return Settings.from_environment({**SIGNED_IN_WITH_REFRESH_TOKENS, **places, **stores})


def a_process_reads_the_people_of(crm: str, settings: Settings, sandbox: SandboxProcess) -> None:
    """One process from start to end, in whose time the session ends once."""
    process = open_process(settings, activate=True)
    try:
        assert process.services.crms[crm].users()
        sandbox.control("POST", f"/{crm}/expire", {})
        assert process.services.crms[crm].users()
    finally:
        process.close()


def authorized_anew(sandbox: SandboxProcess) -> str:
    """What an admin gets who authorizes the app once more; all that Salesforce gave out before is worth nothing."""
    sandbox.reset()
    sandbox.control("PUT", "/salesforce/settings", {"refresh_rotates": True})
    told = SIGNED_IN_WITH_REFRESH_TOKENS
    form = {
        "grant_type": "refresh_token",
        "client_id": told["SALESFORCE_CONSUMER_KEY"],
        "client_secret": told["SALESFORCE_CONSUMER_SECRET"],
        "refresh_token": told["SALESFORCE_REFRESH_TOKEN"],
    }
    return str(requests.post(f"{sandbox.url}/services/oauth2/token", form, timeout=30).json()["refresh_token"])


@pytest.mark.parametrize("crm", CRMS)
def test_flushall_and_a_restart_lose_no_sign_in_where_refresh_tokens_rotate(
    crm: str, rotating: Settings, sandbox: SandboxProcess
) -> None:
    for _ in range(2):
        a_process_reads_the_people_of(crm, rotating, sandbox)
        Redis.from_url(str(rotating.redis_url)).flushall()

    a_process_reads_the_people_of(crm, rotating, sandbox)


@pytest.mark.parametrize("crm", CRMS)
def test_a_command_that_signs_in_for_itself_leaves_the_next_refresh_token_to_the_others(
    crm: str, rotating: Settings, sandbox: SandboxProcess
) -> None:
    a_process_reads_the_people_of(crm, rotating, sandbox)
    mapping = read_playbook(rotating).crms[crm]
    connector_of(rotating, crm, mapping, frozenset()).sign_in()
    Redis.from_url(str(rotating.redis_url)).flushall()

    a_process_reads_the_people_of(crm, rotating, sandbox)


def test_a_refresh_token_that_an_operator_sets_anew_counts_again(rotating: Settings, sandbox: SandboxProcess) -> None:
    a_process_reads_the_people_of("salesforce", rotating, sandbox)
    anew = rotating.with_environment({"SALESFORCE_REFRESH_TOKEN": authorized_anew(sandbox)})

    a_process_reads_the_people_of("salesforce", anew, sandbox)
