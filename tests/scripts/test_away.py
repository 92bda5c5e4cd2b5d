"""`fairlead away`: what is entered, refused, listed and ended."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.people import Absence
from ledger import people
from ledger.store import open_ledger
from runtime.settings import Settings
from runtime.wiring import bring_into_force, read_playbook
from tests.runtime.installation import REPOSITORY, fairlead

ANA, BEN, CHO, DEV = (f"{name}@acme.example" for name in ("ana", "ben", "cho", "dev"))
MONDAY_TEN = "2026-11-23T09:00:00+00:00"


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """A ledger with the example configuration in force. It is Monday, 10:00 in Berlin."""
    in_force(tmp_path, REPOSITORY / "config")
    return tmp_path


def in_force(var: Path, config: Path) -> None:
    settings = Settings.from_environment({"FAIRLEAD_VAR": str(var), "FAIRLEAD_CONFIG": str(config)})
    with open_ledger(settings.database_url) as ledger:
        bring_into_force(ledger, read_playbook(settings), settings)


def away(var: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return fairlead(var, "away", *words, FAIRLEAD_CLOCK=f"{MONDAY_TEN},0,0")


def said(var: Path, *words: str) -> str:
    ran = away(var, *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def listed(var: Path, *words: str) -> list[dict[str, Any]]:
    return list(json.loads(said(var, "--list", *words, "--format", "json")))


def refused(var: Path, *words: str, status: int = 2) -> str:
    ran = away(var, *words)
    assert (ran.returncode, ran.stdout) == (status, "")
    return ran.stderr


def test_days_are_whole_days_of_the_persons_calendar(var: Path) -> None:
    told = said(var, ANA, "--from", "2026-12-24", "--to", "2026-12-27", "--cover", BEN, "--reason", "Christmas")

    assert told == (
        f"{ANA} is away from 2026-12-24 00:00 (Europe/Berlin) to 2026-12-28 00:00 (Europe/Berlin); {BEN} stands in "
        "(Christmas)\n"
    )
    assert listed(var, ANA) == [
        {
            "email": ANA,
            "from": "2026-12-23T23:00:00+00:00",
            "to": "2026-12-27T23:00:00+00:00",
            "cover": BEN,
            "reason": "Christmas",
            "entered": "fairlead away",
        }
    ]


def test_an_absence_that_begins_at_the_same_moment_is_replaced(var: Path) -> None:
    said(var, ANA, "--from", "2026-12-24T13:00", "--to", "2026-12-27")
    said(var, ANA, "--from", "2026-12-24T13:00", "--to", "2026-12-28")

    assert [one["to"] for one in listed(var, ANA)] == ["2026-12-28T23:00:00+00:00"]


def test_who_is_back_is_back_now_and_goes_on_leave_later_all_the_same(var: Path) -> None:
    said(var, ANA, "--from", "2026-11-23", "--to", "2026-11-27", "--reason", "ill")
    said(var, ANA, "--from", "2026-12-24", "--to", "2026-12-27")

    assert said(var, ANA, "--back") == f"{ANA} is back\n"
    assert [one["from"] for one in listed(var, ANA)] == ["2026-12-23T23:00:00+00:00"]


def test_an_absence_that_has_not_begun_is_dropped_by_its_beginning(var: Path) -> None:
    said(var, ANA, "--from", "2026-12-24", "--to", "2026-12-27")
    assert "one begins on 2026-12-24 00:00 (Europe/Berlin)" in refused(var, ANA, "--back", status=1)

    said(var, ANA, "--back", "--from", "2026-12-24")

    assert listed(var, ANA) == []
    assert refused(var, ANA, "--back", status=1) == f"Error: {ANA} is not away\n"


def test_covers_that_lead_back_to_the_absent_person_are_refused(var: Path) -> None:
    said(var, BEN, "--from", "2026-12-20", "--to", "2026-12-27", "--cover", CHO)
    said(var, CHO, "--from", "2026-12-26", "--to", "2026-12-30", "--cover", ANA)

    said(var, ANA, "--from", "2026-12-20", "--to", "2026-12-24", "--cover", BEN)  # Cho is there until the 26th
    told = refused(var, ANA, "--from", "2026-12-25", "--to", "2026-12-26", "--cover", BEN)

    assert f"{BEN} covers for {ANA}, and {CHO} covers for {BEN}, and {ANA} covers for {CHO}" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "2026-12-24", "--to", "2026-12-23"], "would be back before the absence begins"),
        (["--from", "2026-12-24", "--to", "Christmas"], "--to 'Christmas' is neither a date nor a time: write 2026-"),
        (["--from", "2025-12-24", "--to", "2025-12-27"], "that is over"),
        (["--from", "2026-12-24"], "say from when to when, with --from and --to"),
        (["--from", "2026-12-24", "--to", "2026-12-27", "--cover", ANA], f"{ANA} covers for {ANA}"),
        (["--from", "2026-12-24", "--to", "2026-12-27", "--cover", "bem@acme.example"], f"did you mean {BEN!r}?"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(var: Path, words: list[str], said: str) -> None:
    assert said in refused(var, ANA, *words)
    assert listed(var) == []


def test_nobody_of_that_name_is_refused(var: Path) -> None:
    told = refused(var, "dew@acme.example", "--from", "2026-12-24", "--to", "2026-12-27")

    assert f"nobody in teams.yaml is called 'dew@acme.example'; did you mean {DEV!r}?" in told


def test_people_read_a_line_for_each_absence(var: Path) -> None:
    assert said(var, "--list") == "nobody is away, now or later\n"
    said(var, DEV, "--from", "2026-12-24", "--to", "2026-12-27")

    assert said(var, "--list") == (
        f"{DEV} is away from 2026-12-24 00:00 (Europe/London) to 2026-12-28 00:00 (Europe/London)\n"
    )


def test_an_absence_of_the_file_is_listed_and_can_only_end_there(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    (tmp_path / "config" / "absences.csv").write_text(f"email,from,to\n{ANA},2026-11-23,2026-11-27\n", "utf-8")
    in_force(tmp_path, tmp_path / "config")

    assert [one["entered"] for one in listed(tmp_path)] == ["absences.csv"]
    assert f"{ANA} is away by config/absences.csv" in refused(tmp_path, ANA, "--back", status=1)


def read_in_salesforce(var: Path) -> None:
    """Ana is away until Wednesday by an event, and in a meeting."""
    noon = datetime(2026, 11, 23, 8, tzinfo=UTC)
    away_ = Absence(ANA, noon, noon + timedelta(days=2), reason="Salesforce event")
    with open_ledger(f"sqlite:///{var}/ledger.db") as ledger, ledger.writing() as tx:
        people.crm_says(tx, "salesforce", [away_, replace(away_, ends=noon + timedelta(hours=4), meeting=True)], {})


def test_an_absence_that_a_crm_tells_is_listed_with_its_source_and_meetings_are_not(var: Path) -> None:
    read_in_salesforce(var)

    assert [(one["email"], one["reason"], one["entered"]) for one in listed(var)] == [
        (ANA, "Salesforce event", "calendar or CRM")
    ]


def test_an_absence_that_a_crm_tells_is_ended_there(var: Path) -> None:
    read_in_salesforce(var)

    assert "(Salesforce event): end it there" in refused(var, ANA, "--back", status=1)
    assert [one["entered"] for one in listed(var)] == ["calendar or CRM"]
