"""`fairlead experiment`: what came of the arms, from leads that were really decided."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.leads import Lead, LeadKey
from domain.people import CrmUser
from ledger import decisions, people
from ledger.store import open_ledger
from runtime.wiring import playbook_in
from tests.runtime.installation import REPOSITORY, fairlead
from tests.scripts import office

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIX_WEEKS_ON = "2027-01-04T09:00:00+00:00,0,0"
TRIAL = """rules:
  - name: Half of Ireland
    when: { country: IE }
    experiment: { name: irish "trial", per: person, goal: converted, for: 28 calendar days, arms: { uk: { pool: uk }, us: { pool: us } } }
    until: 2026-12-31
"""  # noqa: E501 - one line of YAML


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    (folder / "routing.yaml").write_text((folder / "routing.yaml").read_text().replace("rules:\n", TRIAL, 1))
    return folder


def decided(tmp_path: Path, config: Path, emails: Sequence[str], converted: Sequence[int] = ()) -> None:
    """A lead of each address, of which some convert a day later; one is deleted."""
    playbook = playbook_in(config)
    keys = [LeadKey("salesforce", "00D1", "Lead", f"00Q{number}") for number, _ in enumerate(emails)]
    arrived = [
        Lead(key, START, START, {"email": email, "country": "IE"}) for key, email in zip(keys, emails, strict=True)
    ]
    users = [CrmUser("salesforce", f"005{rep}", rep, rep) for rep in playbook.rules.reps]
    later = START + timedelta(days=1)
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        with ledger.writing() as tx:
            people.replace(tx, "salesforce", users)
        office.decided(ledger, playbook, arrived, START)
        with ledger.deciding() as tx:
            for number in converted:
                decisions.event(tx, keys[number], 0, "gone", later, later, {"why": "converted"})
            decisions.event(tx, keys[0], 0, "gone", later, later, {"why": "deleted"})


def told(tmp_path: Path, *words: str, now: str = SIX_WEEKS_ON) -> Any:
    ran = fairlead(tmp_path, "experiment", *words, "--format", "json", FAIRLEAD_CLOCK=now)
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


EMAILS = [f"lead{number % 30}@firm{number % 30}.example" for number in range(40)]
"""Thirty people, ten of them with two leads."""


def test_the_result_counts_people_and_not_leads_and_no_lead_that_is_gone_otherwise(
    tmp_path: Path, config: Path
) -> None:
    decided(tmp_path, config, EMAILS, converted=[1, 2, 31, 39])
    [one] = told(tmp_path)
    assert (one["experiment"], one["for"], one["until"]) == ('irish "trial"', "28 calendar days", "2026-12-31")
    assert sum(arm["units"] for arm in one["arms"]) == sum(arm["over"] for arm in one["arms"]) == 30
    assert sum(arm["reached"] for arm in one["arms"]) == 3


def test_nobody_is_compared_before_the_time_is_over(tmp_path: Path, config: Path) -> None:
    decided(tmp_path, config, EMAILS, converted=[1])
    ran = fairlead(tmp_path, "experiment", FAIRLEAD_CLOCK=f"{(START + timedelta(days=27)).isoformat()},0,0")
    assert ran.returncode == 0
    assert "30 people still within the time: not counted yet." in ran.stdout


def test_a_person_reads_the_rates_the_intervals_and_whether_a_difference_is_shown(tmp_path: Path, config: Path) -> None:
    decided(tmp_path, config, EMAILS)
    ran = fairlead(tmp_path, "experiment", 'irish "trial"', FAIRLEAD_CLOCK=SIX_WEEKS_ON)
    first, _, of_uk, of_us, verdict, *_ = ran.stdout.splitlines()
    assert first == 'irish "trial": converted within 28 calendar days, by people, since 2026-11-23 until 2026-12-31'
    assert (of_uk.split()[0], of_us.split()[0]) == ("uk", "us")
    assert "0.0% to " in of_uk
    assert verdict.startswith("us against uk: +0.0 points, between -") and verdict.endswith(": no difference is shown.")


def test_an_experiment_that_was_taken_out_of_the_configuration_is_told_by_its_name(
    tmp_path: Path, config: Path
) -> None:
    decided(tmp_path, config, EMAILS)
    shutil.copy(REPOSITORY / "config" / "routing.yaml", config / "routing.yaml")
    decided(tmp_path, config, ["other@other.example"])
    assert told(tmp_path) == []
    assert [one["rule"] for one in told(tmp_path, 'irish "trial"')] == ["Half of Ireland"]


def test_a_name_that_is_no_experiment_is_said_with_those_that_are(tmp_path: Path, config: Path) -> None:
    decided(tmp_path, config, EMAILS[:1])
    ran = fairlead(tmp_path, "experiment", "irish")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "no lead was ever in an experiment 'irish'" in ran.stderr
    assert 'there are: irish "trial"' in ran.stderr
