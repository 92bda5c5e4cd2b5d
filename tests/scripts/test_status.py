"""`fairlead status`: what a person reads where an installation stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.leads import LeadKey, Seen
from ledger import arrivals
from ledger.store import Ledger, open_ledger
from runtime.settings import Settings
from runtime.wakes import Wakes
from runtime.wiring import bring_into_force, read_playbook
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
