"""One launcher per folder, and how other commands find what it runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.running import AlreadyRunning, NoFolder, Running, find, only_one, tell
from runtime.settings import Settings

HOLD = """
import sys, signal
from pathlib import Path
from runtime.running import Running, only_one, tell
var = Path(sys.argv[1])
with only_one(var):
    tell(var, Running(1, environment={"REDIS_URL": "unix:///of-the-launcher"}))
    print("held", flush=True)
    signal.pause()
"""


def test_a_second_launcher_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with only_one(tmp_path):
        tell(tmp_path, Running(os.getpid()))
        refusal = rf"process {os.getpid()}\): stop it first, or set FAIRLEAD_VAR"
        with pytest.raises(AlreadyRunning, match=refusal), only_one(tmp_path):
            pass


def test_a_folder_is_free_again_when_its_launcher_has_ended(tmp_path: Path) -> None:
    with only_one(tmp_path):
        tell(tmp_path, Running(os.getpid()))
    assert find(tmp_path) is None


def test_other_commands_use_the_embedded_parts_of_a_launcher_that_lives_and_of_no_other(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        launcher.stdout.readline()
        beside = Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path)}).redis_url
        launcher.send_signal(signal.SIGKILL)
        launcher.wait()
        after = Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path)}).redis_url
    assert (beside, after) == ("unix:///of-the-launcher", None)


def test_what_the_environment_names_wins_over_what_a_launcher_brought(tmp_path: Path) -> None:
    with only_one(tmp_path):
        tell(tmp_path, Running(os.getpid(), environment={"REDIS_URL": "unix:///of-the-launcher"}))
        named = Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path), "REDIS_URL": "redis://named"})
    assert named.redis_url == "redis://named"


def test_the_record_is_for_its_owner_only(tmp_path: Path) -> None:
    with only_one(tmp_path):
        tell(tmp_path, Running(os.getpid(), environment={"HUBSPOT_TOKEN": "pat"}))
        assert (tmp_path / "running.json").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_a_sentence_that_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for var in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NoFolder, match="set FAIRLEAD_VAR to one"), only_one(var):
            pass
