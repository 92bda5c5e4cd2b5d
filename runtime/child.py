"""Runs a command that must not outlive its launcher.

    python -m runtime.child FD [--grace SECONDS] [--remove FOLDER] -- COMMAND...

The launcher keeps the other end of the pipe FD open and never writes to it. However the launcher dies, SIGKILL
included, the kernel closes that end; then the command is asked to end, and after the grace its whole process group
is killed.
SIGTERM is passed on to the command alone, so that a worker can drain its own children.

A pipe rather than PR_SET_PDEATHSIG: that is Linux only, and fires when the thread that started the child ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

GRACE_SECONDS = 5.0


class Child:
    """The command, and everything that may end it."""

    def __init__(self, command: Sequence[str], grace: float) -> None:
        self._command = command
        self._grace = grace
        self._ended = threading.Event()
        self._asked = False
        self.alone = False
        """Whether the launcher is gone."""
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, pipe: int) -> int:
        """Run the command to its end and return its exit status, as a shell would tell it."""
        signal.signal(signal.SIGTERM, self._pass_on)
        # Ctrl-C goes to the launcher, which ends its parts in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603 - the launcher's words
        if self._asked:
            self._process.terminate()
        threading.Thread(target=self._watch, args=(pipe,), daemon=True).start()
        status = self._process.wait()
        self._ended.set()
        return status if status >= 0 else 128 - status

    def _pass_on(self, *_: object) -> None:
        self._asked = True
        if self._process:
            self._process.terminate()

    def _watch(self, pipe: int) -> None:
        while os.read(pipe, 1):
            pass
        self.alone = True
        if self._process:
            self._process.terminate()
            if not self._ended.wait(self._grace):
                self._process.kill()


def main(words: Sequence[str]) -> int:
    """The exit status of the command."""
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)
    at = words.index("--")
    pipe, options, command = int(words[0]), dict(zip(words[1:at:2], words[2:at:2], strict=True)), words[at + 1 :]
    child = Child(command, float(options.get("--grace", GRACE_SECONDS)))
    try:
        return child.run(pipe)
    finally:
        if folder := options.get("--remove"):
            shutil.rmtree(folder, ignore_errors=True)
        if child.alone:
            # What the command has left behind is in our group; nobody else is there to end it.
            os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
