"""Commands of people and a CRM that has no time for them: a few seconds are waited, then the way out is told."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Paced, TryLater
from ledger.store import open_ledger
from runtime.settings import Settings
from runtime.wiring import bring_into_force, read_playbook
from scripts.patience import NoTime, patiently, way_out
from scripts.sandbox import CREDENTIALS
from tests.runtime.installation import REPOSITORY, fairlead
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was waited, in seconds; nobody really waits."""
    waits: list[float] = []
    monkeypatch.setattr("scripts.patience.time.sleep", waits.append)
    return waits


def busy(*problems: Exception) -> Callable[[], str]:
    """Answers after it has raised these."""
    left = list(problems)

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "answered"

    return ask


def test_a_command_waits_for_its_turn(slept: list[float]) -> None:
    assert patiently("hubspot", busy(Paced("used up", 2.5), Paced("used up", 4.0))) == "answered"
    assert slept == [2.5, 4.0]


def test_a_command_does_not_wait_for_long(slept: list[float]) -> None:
    with pytest.raises(NoTime, match=r"hubspot: the day is over; run this again after .* UTC"):
        patiently("hubspot", busy(Paced("the day is over", 900.0)))
    assert slept == []


def test_short_waits_that_come_again_and_again_end(slept: list[float]) -> None:
    with pytest.raises(NoTime):
        patiently("hubspot", busy(*(Paced("used up", 6.0) for _ in range(9))))
    assert slept == [6.0, 6.0]


def test_an_outage_is_not_waited_for(slept: list[float]) -> None:
    with pytest.raises(TryLater, match="no answer"):
        patiently("hubspot", busy(TryLater("no answer")))
    assert slept == []


def test_a_time_of_another_day_is_told_with_its_date() -> None:
    now = datetime(2026, 11, 23, 23, 59, 30, tzinfo=UTC)
    assert "after 23:59:45 UTC" in way_out(14.2, now)
    assert "after 2026-11-24 00:14:30 UTC" in way_out(900, now)


@pytest.mark.parametrize("command", [("backfill", "--crm", "hubspot"), ("provision", "--crm", "hubspot")])
def test_a_command_names_the_crm_that_has_no_time_and_when_it_will(
    command: tuple[str, ...], tmp_path: Path, sandbox: SandboxProcess
) -> None:
    ran = limited(sandbox, tmp_path, *command)
    assert ran.returncode == 1
    assert re.search(r"^Error: hubspot: .*; run this again after .*:\d\d UTC", ran.stderr)


def test_doctor_does_not_take_a_limit_for_wrong_credentials(tmp_path: Path, sandbox: SandboxProcess) -> None:
    said = limited(sandbox, tmp_path, "doctor").stdout
    assert re.search(r"^\? +hubspot: limits: .*run this again after .* UTC", said, re.MULTILINE)
    assert "hubspot: sign-in" not in said


def test_status_does_not_take_a_limit_for_a_failed_sign_in(tmp_path: Path, sandbox: SandboxProcess) -> None:
    settings = Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path), "FAIRLEAD_CONFIG": str(REPOSITORY / "config")})
    with open_ledger(settings.database_url) as ledger:
        bring_into_force(ledger, read_playbook(settings), settings)
    said = limited(sandbox, tmp_path, "status").stdout
    assert re.search(r"^hubspot +not checked: .*; run this again after .* UTC", said, re.MULTILINE)


def test_a_limit_of_a_second_is_waited_for(tmp_path: Path, sandbox: SandboxProcess) -> None:
    ran = limited(sandbox, tmp_path, "provision", "--crm", "hubspot", seconds=1, times=1)
    assert (ran.returncode, ran.stderr) == (0, "")


def limited(
    sandbox: SandboxProcess, var: Path, *words: str, seconds: int = 3000, times: int = 1000
) -> "subprocess.CompletedProcess[str]":
    """What a command says while HubSpot refuses everything (429) for so long."""
    sandbox.reset()
    fault = {"crm": "hubspot", "times": times, "do": {"status": 429, "retry_after": seconds}}
    sandbox.control("POST", "/faults", fault)
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}
    return fairlead(var, *words, **CREDENTIALS, **urls)
