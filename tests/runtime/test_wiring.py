"""Where the parts meet: the configuration in force, the CRMs, the ways to tell people."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import ConnectorError
from domain.actions import Notify
from domain.leads import LeadKey
from runtime.settings import Settings, SettingsError
from runtime.wiring import PlaybookProblems, Process, open_process
from scripts.sandbox import CREDENTIALS
from tests.runtime.installation import REPOSITORY
from tests.runtime.waiting import until
from tests.sandbox_process import SandboxProcess

NOTICE = Notify(LeadKey("hubspot", "1", "contact", "7"), "assigned", ("ana@acme.example",), "Yours, by territory")


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxProcess) -> Settings:
    """An installation in a folder of its own, with a configuration that a test may spoil."""
    sandbox.reset()
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}
    places = {"FAIRLEAD_VAR": str(tmp_path / "var"), "FAIRLEAD_CONFIG": str(tmp_path / "config")}
    return Settings.from_environment({**CREDENTIALS, **urls, **places})


@pytest.fixture
def running(settings: Settings) -> Iterator[Process]:
    """A process that was started before anything changed."""
    process = open_process(settings, activate=True)
    yield process
    process.close()


def edit(settings: Settings, text: str) -> None:
    """Somebody changes a file of the configuration."""
    path = settings.config / "routing.yaml"
    path.write_text(f"{path.read_text('utf-8')}\n{text}\n", "utf-8")


def version(process: Process) -> str:
    return process.services.playbook().version


def test_a_running_process_follows_a_configuration_that_is_brought_into_force(
    settings: Settings, running: Process
) -> None:
    before = version(running)
    edit(settings, "# reviewed")
    open_process(settings, activate=True).close()
    assert until(lambda: version(running) != before)


def test_a_worker_that_starts_after_an_edit_keeps_to_what_is_in_force(settings: Settings, running: Process) -> None:
    edit(settings, "# not reviewed yet")
    later = open_process(settings, activate=False)
    try:
        assert version(later) == version(running)
    finally:
        later.close()


def test_a_broken_configuration_is_told_whole_and_leaves_the_one_in_force(settings: Settings, running: Process) -> None:
    before = version(running)
    edit(settings, "rulez: []")
    (settings.config / "teams.yaml").write_text("pols: {}\n", "utf-8")
    with pytest.raises(PlaybookProblems) as told:
        open_process(settings, activate=True)
    assert {problem.file for problem in told.value.problems} >= {"routing.yaml", "teams.yaml"}
    assert version(running) == before


def test_a_missing_credential_is_told_before_anything_is_asked(settings: Settings) -> None:
    poorer = Settings.from_environment({**settings.environment, "HUBSPOT_TOKEN": ""})
    with pytest.raises(SettingsError, match="HUBSPOT_TOKEN is not set"):
        open_process(poorer, activate=True)


def test_a_crm_that_is_out_of_reach_does_not_keep_the_other_waiting(
    settings: Settings, sandbox: SandboxProcess
) -> None:
    half = Settings.from_environment({**settings.environment, "SALESFORCE_URL": "http://127.0.0.1:9"})
    process = open_process(half, activate=True)
    try:
        with pytest.raises(ConnectorError):
            process.services.crms["salesforce"]
        assert process.services.crms["hubspot"].account == "147893286"
    finally:
        process.close()


def test_people_are_told_by_the_channel_that_the_configuration_names(
    settings: Settings, sandbox: SandboxProcess
) -> None:
    told = Settings.from_environment({**settings.environment, "SLACK_URL": f"{sandbox.url}/slack/hook/sales"})
    process = open_process(told, activate=True)
    try:
        process.services.tell(NOTICE)
    finally:
        process.close()
    assert [NOTICE.text in message["text"] for message in sandbox.control("GET", "/slack")] == [True]


def test_people_are_told_on_the_terminal_where_the_channel_has_no_address(
    running: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    running.services.tell(NOTICE)
    assert capsys.readouterr().out == "assigned: Yours, by territory (to ana@acme.example)\n"
