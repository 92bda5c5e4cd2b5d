"""Starting in order, ending in the reverse order, and leaving nobody behind."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from runtime.supervisor import Part, PartFailed, Stopped, Supervisor
from tests.runtime.waiting import alive, until

OBEDIENT = """
    import signal, sys
    def end(*_):
        open(sys.argv[1], "a").write(f"{sys.argv[2]} ends\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    open(sys.argv[1], "a").write(f"{sys.argv[2]} starts\\n")
    while True:
        signal.pause()
"""

STUBBORN_FAMILY = """
    import os, signal, sys
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.fork()
    open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
    while True:
        signal.pause()
"""

LAUNCHER = """
    import sys
    from pathlib import Path
    from runtime.supervisor import Part, Supervisor
    diary, folder = Path(sys.argv[1]), Path(sys.argv[2])
    stubborn = [sys.executable, "-c", sys.argv[3], str(diary)]
    with Supervisor(diary.parent / "log", print) as supervisor:
        there = lambda: diary.exists() and len(diary.read_text().splitlines()) == 2
        supervisor.start(Part("stubborn", stubborn, there, remove=folder))
        print("up", flush=True)
        supervisor.watch()
"""


def script(words: str) -> str:
    return textwrap.dedent(words)


def part(name: str, words: str, diary: Path, **more: object) -> Part:
    def started() -> bool:
        return diary.exists() and f"{name} starts" in diary.read_text()

    command = [sys.executable, "-c", script(words), str(diary), name]
    return Part(name, command, started, **more)  # type: ignore[arg-type]


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Where the parts write what happens to them."""
    return tmp_path / "diary"


@pytest.fixture
def said() -> list[str]:
    return []


def test_parts_end_in_the_reverse_of_the_order_in_which_they_started(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        for name in ("queue", "web", "worker"):
            supervisor.start(part(name, OBEDIENT, diary))
    lines = diary.read_text().splitlines()
    assert lines == ["queue starts", "web starts", "worker starts", "worker ends", "web ends", "queue ends"]


def test_ctrl_c_ends_the_watch_and_is_no_failure(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        supervisor.start(part("web", OBEDIENT, diary))
        signal.raise_signal(signal.SIGINT)
        supervisor.watch()
    assert said == ["stopping web"]


def test_nothing_more_is_started_after_ctrl_c(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Stopped):
            supervisor.start(part("web", OBEDIENT, diary))
    assert not diary.exists()


def test_a_part_that_dies_is_named_with_its_last_words_and_ends_the_rest(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        supervisor.start(part("queue", OBEDIENT, diary))
        dying = part("web", "import sys; sys.exit('the port is taken')", diary)
        with pytest.raises(PartFailed, match=r"web has ended by itself \(exit status 1\): the port is taken"):
            supervisor.start(dying)
    assert diary.read_text().splitlines()[-1] == "queue ends"


def test_a_part_that_was_killed_ends_the_watch(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        supervisor.start(part("worker", OBEDIENT, diary))
        os.kill(supervisor.pids["worker"], signal.SIGKILL)
        with pytest.raises(PartFailed, match="worker has ended by itself"):
            supervisor.watch()


def test_a_part_that_never_gets_ready_is_a_failure(diary: Path, said: list[str]) -> None:
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        slow = part("web", "import signal; signal.pause()", diary, start_within=0.2)
        with pytest.raises(PartFailed, match="web was not ready within"):
            supervisor.start(slow)


def family(diary: Path) -> list[int]:
    return [int(line) for line in diary.read_text().splitlines()] if diary.exists() else []


def test_a_part_that_does_not_end_by_itself_is_killed_with_all_its_children(diary: Path, said: list[str]) -> None:
    def both() -> bool:
        return len(family(diary)) == 2

    command = [sys.executable, "-c", script(STUBBORN_FAMILY), str(diary)]
    with Supervisor(diary.parent / "log", said.append) as supervisor:
        supervisor.start(Part("worker", command, both, drain_within=0.2))
    assert until(lambda: not alive(family(diary)))
    assert "was killed" in said[-1]


def test_nobody_is_left_when_the_launcher_is_killed(tmp_path: Path, diary: Path) -> None:
    folder = tmp_path / "socket"
    folder.mkdir()
    words = [sys.executable, "-c", script(LAUNCHER), str(diary), str(folder), script(STUBBORN_FAMILY)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        assert launcher.stdout.readline() == "up\n"
        launcher.kill()
    assert until(lambda: not alive(family(diary)))
    assert until(lambda: not folder.exists())
