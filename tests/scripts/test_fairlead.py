"""The command line: quick, and a sentence for everything that can go wrong."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.running import Running, only_one, tell
from scripts.fairlead import COMMANDS
from scripts.sandbox import CREDENTIALS
from tests.runtime.installation import REPOSITORY, environment, fairlead, fairlead_apart
from tests.sandbox_process import SandboxProcess

NOT_FOR_HELP = {"celery", "sqlalchemy", "simple_salesforce", "hubspot", "rich", "starlette", "yaml", "holidays"}


def refused(ran: "subprocess.CompletedProcess[str]", status: int = 1) -> str:
    """What a command said when it refused, which is no traceback."""
    assert (ran.returncode, ran.stdout) == (status, "")
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_the_overview_imports_none_of_the_heavy_libraries() -> None:
    asked = "import sys; from scripts.fairlead import main; main(['--help']); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert loaded & NOT_FOR_HELP == set()


def test_every_command_has_help_and_needs_nothing_for_it() -> None:
    asked = "from scripts.fairlead import COMMANDS, main; print([main([name, '--help']) for name in COMMANDS])"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == str([0] * len(COMMANDS))
    assert ran.stdout.count("Usage: fairlead ") == len(COMMANDS)


def test_the_overview_ends_with_where_to_start(tmp_path: Path) -> None:
    assert fairlead(tmp_path, "--help").stdout.endswith("Start with `fairlead check`, or see it work: `make demo`\n")


def test_a_command_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    assert "No such command 'dance'" in refused(fairlead(tmp_path, "dance"), status=2)


def test_a_missing_credential_is_a_sentence_that_names_it_and_the_way_out(tmp_path: Path) -> None:
    said = refused(fairlead(tmp_path, "up"))
    assert "HUBSPOT_TOKEN" in said or "SALESFORCE_URL" in said
    assert "fairlead up --sandbox" in said


def test_a_port_in_use_is_a_sentence_that_names_it_and_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(fairlead(tmp_path, "up", "--sandbox", "--port", str(port)))
    assert said.startswith(f"Error: port {port} is in use by ")
    assert said.endswith(": end it, or choose another with --port or FAIRLEAD_PORT\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells without asking for rights")
def test_who_holds_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused(fairlead(tmp_path, "up", "--sandbox", "--port", str(port)))
    assert f"(process {os.getpid()})" in said


def test_a_second_up_on_the_port_of_the_first_names_it_and_both_ways_out(tmp_path: Path) -> None:
    with only_one(tmp_path):
        tell(tmp_path, Running(os.getpid(), web="http://127.0.0.1:8123"))
        said = refused(fairlead(tmp_path, "up", "--sandbox", "--port", "8123"))
    assert f"port 8123 is in use by the `fairlead up` that runs in {tmp_path} (process {os.getpid()})" in said
    assert "another --port" in said
    assert "FAIRLEAD_VAR" in said


def test_a_redis_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    ran = fairlead(tmp_path, "up", "--sandbox", "--port", "0", REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    assert ran.returncode == 1
    assert "Error: no Redis answers at REDIS_URL: start it, or unset REDIS_URL" in ran.stderr


def test_credentials_that_a_crm_does_not_accept_stop_the_start_with_a_sentence(
    tmp_path: Path, sandbox: SandboxProcess
) -> None:
    urls = {"SALESFORCE_URL": sandbox.url, "HUBSPOT_URL": sandbox.url}
    wrong = {**CREDENTIALS, "SALESFORCE_CONSUMER_SECRET": "wr0ng"}
    ran = fairlead(tmp_path, "up", "--port", "0", **urls, **wrong)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: ")
    assert "wr0ng" not in ran.stderr + ran.stdout


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The example configuration with two mistakes, in two files."""
    folder = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", folder)
    for name, key, wrong in (("teams.yaml", "pools:", "pols:"), ("calendars.yaml", "calendars:", "calenders:")):
        path = folder / name
        path.write_text(path.read_text("utf-8").replace(f"\n{key}", f"\n{wrong}", 1), "utf-8")
    return folder


def test_a_broken_configuration_is_told_with_every_problem_and_nothing_starts(tmp_path: Path, broken: Path) -> None:
    var = tmp_path / "var"
    said = refused(fairlead(var, "up", "--sandbox", "--port", "0", "--config", str(broken)))
    assert "teams.yaml:" in said
    assert "calendars.yaml:" in said
    assert not var.exists()


def test_a_folder_without_a_configuration_is_named(tmp_path: Path) -> None:
    said = refused(fairlead(tmp_path, "up", "--sandbox", "--config", str(tmp_path / "nowhere")))
    assert f"there is no folder {tmp_path}/nowhere" in said


def test_status_where_nothing_has_run_yet_says_so_and_leaves_no_ledger(tmp_path: Path) -> None:
    said = refused(fairlead(tmp_path, "status"))
    assert "nothing has run here yet. Start `fairlead up`" in said
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_variable_is_a_sentence(tmp_path: Path) -> None:
    assert refused(fairlead(tmp_path, "status", FAIRLEAD_PORT="http")).startswith("Error: FAIRLEAD_PORT is 'http'")


def test_a_database_that_cannot_be_reached_is_a_sentence_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://fairlead:s3cret@127.0.0.1:1/fairlead?connect_timeout=2"
    said = refused(fairlead(tmp_path, "status", DATABASE_URL=url))
    assert "DATABASE_URL" in said
    assert "s3cret" not in said


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    ran = fairlead_apart(tmp_path, "--debug", "status")
    assert "NothingHere" in ran.stderr
    assert "Traceback" in ran.stderr


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_a_process_that_is_started_apart_refuses_in_a_sentence_too(tmp_path: Path, process: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"runtime.{process}"],
        cwd=REPOSITORY,
        env=environment(tmp_path, FAIRLEAD_PORT="0"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert "are not set" in ran.stderr or "is not set" in ran.stderr
    assert "Traceback" not in ran.stderr
