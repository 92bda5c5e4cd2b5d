"""`fairlead sandbox`: the stand-in CRMs alone."""

import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from scripts.sandbox import CREDENTIALS, EXAMPLES
from tests.runtime.installation import FAIRLEAD, REPOSITORY, environment, fairlead_apart
from tests.runtime.waiting import alive, descendants, until

LINES = 1 + len(CREDENTIALS) + len(EXAMPLES)


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [*FAIRLEAD, "sandbox", "--port", "0"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(running: "subprocess.Popen[str]") -> list[str]:
    """What it prints when it is ready: a sentence, and a variable a line."""
    return printed(running)[:LINES]


def printed(running: "subprocess.Popen[str]") -> list[str]:
    """The same, and after it a sentence and four commands for curl."""
    assert running.stdout
    return [running.stdout.readline().strip() for _ in range(LINES + 5)]


def test_the_lines_that_it_prints_lead_to_both_crms(running: "subprocess.Popen[str]") -> None:
    exports = dict(line.removeprefix("export ").split("=", 1) for line in lines(running)[1:])
    assert requests.get(f"{exports['HUBSPOT_URL']}/sandbox/health", timeout=30).json() == {"ready": True}
    assert exports["SALESFORCE_URL"] == exports["HUBSPOT_URL"]


def test_the_commands_that_it_prints_break_its_calls_and_show_them(running: "subprocess.Popen[str]") -> None:
    commands = [shlex.split(line) for line in printed(running)[LINES + 1 :]]

    answers = [requests.request(method, url, data=body[-1], timeout=30) for _, _, method, url, *body in whole(commands)]

    assert [answer.status_code for answer in answers] == [200, 200, 204, 200]


def whole(commands: list[list[str]]) -> list[list[str]]:
    """The words of each command, with an empty body where it sends none."""
    return [words if len(words) > 4 else [*words, ""] for words in commands]


def test_ctrl_c_ends_it(running: "subprocess.Popen[str]") -> None:
    lines(running)
    family = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    assert (running.wait(30), until(lambda: not alive(family))) == (0, True)


def test_nobody_is_left_when_it_is_killed(running: "subprocess.Popen[str]") -> None:
    lines(running)
    family = descendants(running.pid)
    running.kill()
    assert family
    assert until(lambda: not alive(family))


def test_a_port_in_use_is_a_sentence_that_names_it_and_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = fairlead_apart(tmp_path, "sandbox", "--port", str(port))

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"Error: port {port} is in use by another program")
    assert "--port" in ran.stderr


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        pytest.param("nonsense", "'nonsense' is no time", id="a word"),
        pytest.param("2026-06-01T09:00", "names no time zone", id="no zone", marks=pytest.mark.slow),
        pytest.param(
            "2026-06-01T09:00Z,fast", "the speed is 'fast'", id="a speed that is none", marks=pytest.mark.slow
        ),
        pytest.param("2026-06-01T09:00Z,-1", "the speed is '-1'", id="backwards", marks=pytest.mark.slow),
        pytest.param("2026-06-01T09:00Z,inf", "the speed is 'inf'", id="endless", marks=pytest.mark.slow),
    ],
)
def test_a_clock_that_is_none_is_wrong_usage_that_says_why(tmp_path: Path, clock: str, why: str) -> None:
    ran = fairlead_apart(tmp_path, "sandbox", "--port", "0", "--clock", clock)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert why in ran.stderr
    assert "Usage: fairlead sandbox" in ran.stderr
