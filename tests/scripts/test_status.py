"""`fairlead status`: what a person reads where an installation stands still."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from connectors.base import Told
from connectors.registry import CRMS
from domain.activities import Call
from domain.leads import LeadKey, Seen
from ledger import arrivals, heard
from ledger.store import Ledger, open_ledger
from runtime.budget import Standing, account_key
from runtime.reserves import Reserves
from runtime.settings import Settings
from runtime.sharing import Sharing
from runtime.wakes import Wakes
from runtime.wiring import bring_into_force, read_playbook
from scripts.limits_left import measured, sentence
from tests.runtime.installation import REPOSITORY, fairlead

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger with the example configuration in force."""
    settings = Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path), "FAIRLEAD_CONFIG": str(REPOSITORY / "config")})
    with open_ledger(settings.database_url) as ledger:
        bring_into_force(ledger, read_playbook(settings), settings)
        yield ledger


def told(tmp_path: Path, **more: str) -> list[str]:
    """The lines of `fairlead status`, without the blanks that align them."""
    ran = fairlead(tmp_path, "status", **more)
    assert (ran.returncode, ran.stderr) == (0, "")
    return [" ".join(line.split()) for line in ran.stdout.splitlines()]


def sighted(ledger: Ledger, record: str, times: int, reason: str | None) -> None:
    """The lead was seen so often, and each time set aside for this reason, or dealt with where there is none."""
    key = LeadKey("hubspot", "1", "contact", record)
    seen = [Seen(key, NINE, f"{record} {reason} {time}", hot=False) for time in range(times)]
    with ledger.writing() as tx:
        arrivals.store(tx, seen, NINE)
        leased = [one.id for one in arrivals.lease(tx, "hubspot", ["bulk"], times, NINE, 60)]
        if reason:
            arrivals.set_aside(tx, leased, reason)
        else:
            arrivals.finish(tx, leased, "")


def test_the_ledger_that_was_looked_at_is_named(tmp_path: Path, ledger: Ledger) -> None:
    assert told(tmp_path)[0] == f"ledger {tmp_path / 'ledger.db'}"


def test_a_crm_whose_variables_are_not_set_is_not_checked_and_that_is_all_that_is_said(
    tmp_path: Path, ledger: Ledger
) -> None:
    lines = told(tmp_path, SALESFORCE_CONSUMER_SECRET="s3cret")
    assert "salesforce not checked: SALESFORCE_URL and SALESFORCE_CONSUMER_KEY are not set" in lines
    assert "hubspot not checked: HUBSPOT_TOKEN is not set" in lines


def test_what_only_a_queue_knows_is_unknown_where_none_runs(tmp_path: Path, ledger: Ledger) -> None:
    assert told(tmp_path)[-2:] == [
        "wake-ups waiting unknown: no queue runs here",
        "CRM calls unknown: no queue runs here",
    ]


def test_a_lead_that_was_set_aside_often_counts_once_and_one_that_was_mended_not_at_all(
    tmp_path: Path, ledger: Ledger
) -> None:
    sighted(ledger, "1", 3, "its date cannot be read")
    sighted(ledger, "2", 2, "its date cannot be read")
    sighted(ledger, "2", 1, None)
    assert "set aside 1 lead, hubspot: its date cannot be read" in told(tmp_path)


def test_the_last_problem_of_a_crm_is_told_with_its_time(tmp_path: Path, ledger: Ledger, redis_url: str) -> None:
    Wakes.at(redis_url, None).failed("poll", "hubspot", NINE, "the CRM refuses this: no such queue")
    assert "last problem hubspot, 2026-11-23 09:00:00 UTC, poll: the CRM refuses this: no such queue" in told(
        tmp_path, REDIS_URL=redis_url
    )


HUBSPOT = {"HUBSPOT_TOKEN": "token", "HUBSPOT_URL": "http://127.0.0.1:9"}
"""Nobody answers at this address: whether HubSpot signs us in does not matter here."""


def called(redis_url: str, left: int, times: int) -> None:
    """A worker has called HubSpot so often, and was told what is left of the day."""
    account = account_key("hubspot", Settings.from_environment(HUBSPOT).credentials("hubspot"))
    sharing = Sharing(redis_url, 2, Reserves(), structlog.get_logger())
    budget = sharing.budget(account, CRMS["hubspot"].limits)
    for _ in range(times):
        budget.take("call")
    budget.told([Told("day", 250_000, left)])
    sharing.close()


def test_what_is_left_of_a_limit_is_what_the_workers_were_told(tmp_path: Path, ledger: Ledger, redis_url: str) -> None:
    called(redis_url, 243_112, times=30)
    (line,) = [one for one in told(tmp_path, REDIS_URL=redis_url, **HUBSPOT) if one.startswith("hubspot limits")]
    assert re.match(r"hubspot limits 243,112 of 250,000 calls left today, [\d.]+ a minute: enough for the day; ", line)


def test_what_is_left_is_printed_for_programs_too(tmp_path: Path, ledger: Ledger, redis_url: str) -> None:
    called(redis_url, 10, times=30)
    found = json.loads(fairlead(tmp_path, "status", "--format", "json", REDIS_URL=redis_url, **HUBSPOT).stdout)
    limits = found["limits"]["hubspot"]
    assert (limits["left_today"], limits["a_day"], limits["window_limit"]) == (10, 250_000, 190)
    assert datetime.fromisoformat(limits["lasts_until"]).tzinfo == UTC


def test_what_telephone_systems_have_told_is_counted(tmp_path: Path, ledger: Ledger) -> None:
    with ledger.writing() as tx:
        heard.keep(tx, "cdr:CALLS", [Call("c1", NINE, "inbound", "+493055501", None, 0, "nobody", "101")], NINE)

    said = "cdr:CALLS: 1, of which 0 with leads, 1 not matched yet; the newest of 2026-11-23 09:00:00 UTC"
    assert f"heard {said}" in told(tmp_path)


def test_limits_are_unknown_where_the_credentials_are(tmp_path: Path, ledger: Ledger, redis_url: str) -> None:
    lines = told(tmp_path, REDIS_URL=redis_url)
    assert "hubspot limits unknown: without the credentials it is not known whose limits they are" in lines


def test_a_secret_s_file_that_others_may_read_is_told_and_the_rest_is_too(tmp_path: Path, ledger: Ledger) -> None:
    path = tmp_path / "token"
    path.write_text("hush", "utf-8")
    path.chmod(0o644)
    lines = told(tmp_path, HUBSPOT_TOKEN_FILE=str(path))
    assert any(line.startswith("hubspot not checked: HUBSPOT_TOKEN_FILE names ") for line in lines)


AS_EVER = Standing(243_112, 250_000, 96.0, 171, 190, 10.0, None)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        pytest.param(
            AS_EVER,
            "243,112 of 250,000 calls left today, 96 a minute: enough for the day; 171 of 190 in the last 10 s",
            id="enough for a day",
        ),
        pytest.param(
            replace(AS_EVER, left_today=44_160, window_limit=None),
            "44,160 of 250,000 calls left today, 96 a minute: at this rate until 16:40 UTC",
            id="used up in the afternoon",
        ),
        pytest.param(
            replace(AS_EVER, left_today=None, window_limit=None, per_minute=0.0),
            "0 calls a minute; what is left today was not told in the last ten minutes",
            id="nothing is known yet",
        ),
        pytest.param(
            replace(AS_EVER, window_limit=None, per_minute=0.0, refused_until=NINE.timestamp() + 75),
            "243,112 of 250,000 calls left today, 0 a minute: enough for the day; refused until 09:01:15 UTC",
            id="the CRM has asked us to wait",
        ),
    ],
)
def test_limits_are_told_in_a_sentence(standing: Standing, words: str) -> None:
    assert sentence(measured(standing, NINE)) == words
