"""A whole installation in processes of its own: `fairlead up --sandbox`, as a person would start it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import requests
import structlog

from ledger.store import Ledger, open_ledger
from runtime.running import Running, find
from scripts.fairlead import main
from tests.runtime.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
FAIRLEAD = (sys.executable, "-m", "scripts.fairlead")
OURS = re.compile("FAIRLEAD|SALESFORCE|HUBSPOT|SLACK|REDIS|DATABASE")


def environment(var: Path, **more: str) -> dict[str, str]:
    """This process's environment without anything that concerns Fairlead, and these."""
    plain = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return plain | {"FAIRLEAD_VAR": str(var)} | more


def fairlead(var: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, as a process of its own would: with this environment only, in the repository. It runs
    in this process, for which all that it imports is there already."""
    out, err = StringIO(), StringIO()
    settings, logs = dict(os.environ), structlog.get_config()
    os.environ.clear()
    os.environ.update(environment(var, **more))
    try:
        with chdir(REPOSITORY), redirect_stdout(out), redirect_stderr(err):
            status = _status_of(words)
    finally:
        os.environ.clear()
        os.environ.update(settings)
        structlog.configure(**logs)
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def fairlead_apart(var: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The same in a process of its own, for what processes under it print or how it starts."""
    return subprocess.run(
        [*FAIRLEAD, *words],
        cwd=REPOSITORY,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _status_of(words: Sequence[str]) -> int:
    try:
        return main(words)
    except SystemExit as ended:
        return int(ended.code or 0)


class Installation:
    """`fairlead up --sandbox` on free ports, ticking every second."""

    def __init__(self, var: Path) -> None:
        self.var = var
        var.mkdir(parents=True, exist_ok=True)
        self.output = var / "output"
        with self.output.open("wb") as output:
            self.launcher = subprocess.Popen(
                [*FAIRLEAD, "up", "--sandbox", "--port", "0"],
                cwd=REPOSITORY,
                env=environment(var, FAIRLEAD_BEAT_SECONDS="1"),
                stdout=output,
                stderr=output,
            )
        up = until(lambda: self.launcher.poll() is not None or "\nrunning;" in self.said)
        if not up or self.launcher.poll() is not None:
            self.stop()
            raise RuntimeError(f"it did not start:\n{self.said}")
        running = find(var)
        assert running
        self.running: Running = running

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text("utf-8", "replace")

    @property
    def sandbox(self) -> str:
        return self.running.environment["SALESFORCE_URL"]

    @property
    def redis_url(self) -> str:
        return self.running.environment["REDIS_URL"]

    def ledger(self) -> Ledger:
        return open_ledger(f"sqlite:///{self.var / 'ledger.db'}")

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One call to the sandbox's control API."""
        answer = requests.request(method, f"{self.sandbox}/sandbox{path}", json=json, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def new_lead(self, crm: str, name: str) -> str:
        """A lead in the CRM, by a form; its id there."""
        last, company = ("LastName", "Company") if crm == "salesforce" else ("lastname", "company")
        email = "Email" if crm == "salesforce" else "email"
        row = {last: name, company: f"{name} AG", email: f"{name.lower()}@{name.lower()}.example"}
        return str(self.control("POST", f"/{crm}/leads", [row])[0])

    def decided(self, crm: str, lead: str) -> bool:
        """Whether the CRM's record carries a decision of ours."""
        field = "Fairlead_Decision__c" if crm == "salesforce" else "fairlead_decision"
        rows = {row["id"]: row for row in self.control("GET", f"/{crm}/leads")}
        return bool(rows[lead].get(field) or rows[lead].get("properties", {}).get(field))

    def stop(self) -> int:
        """Ctrl-C, and wait; its exit status."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGINT)
        return self.launcher.wait(60)
