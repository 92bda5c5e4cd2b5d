"""A running sandbox: the real process, over real HTTP, for everybody's tests.

    with SandboxProcess() as sandbox:
        [ana] = sandbox.control("POST", "/salesforce/users", [{"email": "ana@acme.example", "name": "Ana"}])

It ends with the `with` block, and with the tests' process however that dies.
"""

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

REPOSITORY = Path(__file__).resolve().parent.parent
READY = "sandbox ready on "


class SandboxProcess:
    """`python -m sandbox` on a free port. `clock` is "START,SPEED"; by default it is Monday 09:00 and stays so."""

    def __init__(self, db: str = ":memory:", clock: str = "2026-06-01T09:00:00Z,0", seed: int = 0) -> None:
        words = ["--port", "0", "--db", db, "--clock", clock, "--seed", str(seed), "--until-stdin-closes"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", *words],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line.startswith(READY):
            self.stop()
            raise RuntimeError(f"the sandbox said {line!r} instead of {READY!r}; its reason is on stderr")
        self.url = line.removeprefix(READY).strip()
        self._session = requests.Session()
        self._session.trust_env = False

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One call to the control API, `path` as after /sandbox; the answer's JSON, or None for 204.

        RuntimeError with the sandbox's reason where it refuses.
        """
        answer = self._session.request(method, f"{self.url}/sandbox{path}", json=json, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} /sandbox{path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def reset(self) -> None:
        """Empty again: records, faults, call log, webhooks. The clock goes on as it is."""
        self.control("POST", "/reset", {})

    def stop(self) -> int:
        """End the process and wait for it; its exit code. A second time does nothing."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return self._process.wait()

    def __enter__(self) -> "SandboxProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
