"""A backlog of ten thousand leads in each CRM, through the real path: poll, read, decide, guarded write, tasks.

The CRM is the sandbox, over HTTP through the real client libraries, in a process of its own; the jobs are called one
after the other in this one. There is no peer: nothing among our dependencies does this. What is compared is the promise
about CRM calls per lead.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import requests
from sqlalchemy import func, select

from benchmarks.measuring import Table, kept_or_not, per_second
from benchmarks.office import CONFIG, MONDAY_TEN, inquiries
from connectors.base import Crm
from domain.actions import Notify
from ledger import outbox
from ledger.tables import decisions
from runtime import ingest
from runtime.deliver import deliver
from runtime.route import route
from runtime.services import Services
from runtime.settings import Settings
from runtime.wiring import services as wire
from scripts.sandbox import CREDENTIALS, READY, settle

LEADS = 10_000
PROMISED: Mapping[str, float] = {"salesforce": 0.03, "hubspot": 0.06}
"""CRM calls per lead of a backlog, at most."""

QUESTIONS = {"arrived": "poll", "read": "read", "write": "write", "create_tasks": "task"}
"""What a connector is asked, and how the table calls it."""

NATIVE: Mapping[str, Mapping[str, str]] = {
    "salesforce": {
        "email": "Email",
        "company": "Company",
        "industry": "Industry",
        "country": "Country",
        "source": "LeadSource",
        "title": "Title",
        "employees": "NumberOfEmployees",
    },
    "hubspot": {
        "email": "email",
        "company": "company",
        "industry": "industry",
        "country": "country",
        "title": "jobtitle",
    },
}


def run() -> Table:
    """Route the backlog of each CRM, each on a new ledger."""
    rounds: dict[str, _Round] = {}
    for crm in PROMISED:
        with sandbox() as url, tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
            rounds[crm] = _measure(crm, url, Path(folder))
    return Table(
        f"A backlog of {LEADS:,} leads, one process, SQLite, stand-in CRM on the same machine",
        (
            "CRM",
            "leads decided",
            "owners written",
            "leads/s",
            *(f"{name} calls/lead" for name in QUESTIONS.values()),
            "read, write, task",
            "promised",
            "kept",
        ),
        [_row(crm, one) for crm, one in rounds.items()],
        [
            *(f"{crm} calls per lead: {one.calls_per_lead:.3f}" for crm, one in rounds.items()),
            "From the first poll until nothing waits to be sent. Leads without an owner are kept warm by a rule, and "
            "are written all the same. A call is one HTTP request that the stand-in CRM counted. *Read* are the records"
            " before the decision; *write* is everything that a guarded write needs (on HubSpot the owner before and "
            "its history after), *task* the task *Answer this lead*. The promise is about these; *poll* is what "
            "finding the leads by asking costs on top, and a webhook saves. "
            "The once-a-minute mirror of users and companies, and the sign-in, go by time and not by leads. Leads per "
            "second include the time that the stand-in CRM takes on the same cores.",
        ],
    )


class Counted:
    """A connector that notes how many requests each of its questions took."""

    def __init__(self, connector: Crm) -> None:
        self._connector = connector
        self.requests: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connector, name)
        return self._counting(name, found) if callable(found) else found

    def _counting(self, name: str, question: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*words: Any) -> Any:
            before = self._connector.calls
            try:
                return question(*words)
            finally:
                self.requests[name] += self._connector.calls - before

        return asked


@dataclass(frozen=True, slots=True)
class _Round:
    """One backlog from the first poll until nothing waits to be sent; `took` are seconds."""

    created: int
    decided: int
    owned: int
    took: float
    requests: Mapping[str, int]
    answered: int
    """all requests that the CRM counted meanwhile"""

    @property
    def calls_per_lead(self) -> float:
        """Reads, guards, writes and tasks: what the promise is about."""
        return (self.answered - self.requests["arrived"]) / self.created


def _measure(crm: str, url: str, folder: Path) -> _Round:
    services = installation(url, folder)
    connector = services.crms[crm]
    settle(url, connector, services.playbook())
    ingest.mirror(services, crm)
    created = fill(url, crm, LEADS)
    counted = Counted(connector)
    services = replace(services, crms={crm: cast(Crm, counted)})
    control(url, "DELETE", "calls")
    begun = time.perf_counter()
    while ingest.poll(services, crm).new:
        pass
    while route(services, crm, "bulk"):
        pass
    while _waiting(services):
        deliver(services, crm)
    took = time.perf_counter() - begun
    answered = int(control(url, "GET", "calls")[crm])
    with services.ledger.reading() as tx:
        decided = tx.scalar(select(func.count()).select_from(decisions)) or 0
    services.ledger.close()
    return _Round(created, decided, _owned(url, crm), took, counted.requests, answered)


def _row(crm: str, one: _Round) -> tuple[str, ...]:
    return (
        crm,
        f"{one.decided:,} of {one.created:,}",
        f"{one.owned:,}",
        per_second(one.created, one.took),
        *(f"{one.requests[question] / one.created:.4f}" for question in QUESTIONS),
        f"{one.calls_per_lead:.4f}",
        f"{PROMISED[crm]}",
        kept_or_not(one.calls_per_lead <= PROMISED[crm]),
    )


def installation(url: str, folder: Path) -> Services:
    """A daemon's parts as they are wired in production, without a queue and with nobody to tell."""
    environment = {
        **CREDENTIALS,
        "SALESFORCE_URL": url,
        "HUBSPOT_URL": url,
        "FAIRLEAD_VAR": str(folder),
        "FAIRLEAD_CONFIG": str(CONFIG),
        "FAIRLEAD_CLOCK": f"{MONDAY_TEN.isoformat()},1,{time.time()}",
    }
    return replace(wire(Settings.from_environment(environment)), tell=nobody_hears)


def nobody_hears(_: Notify) -> None:
    """Notifications are not measured: they wait for whoever receives them."""


def fill(url: str, crm: str, count: int, first: int = 0) -> int:
    """So many leads by form, from that number on; how many were made."""
    names = NATIVE[crm]
    rows = [
        {names[name]: str(value) for name, value in asdict(one).items() if name in names}
        | {"LastName" if crm == "salesforce" else "lastname": one.email.partition("@")[0]}
        for one in islice(inquiries(first + count), first, None)
    ]
    return len(control(url, "POST", f"{crm}/leads", rows))


def _owned(url: str, crm: str) -> int:
    """Leads whose owner the API has written, as the CRM's people see it."""
    return sum(bool(row["owner_written_real"]) for row in control(url, "GET", f"{crm}/leads"))


def _waiting(services: Services) -> int:
    with services.ledger.reading() as tx:
        return sum(
            count for (_, state), count in outbox.counts(tx).items() if state in {"waiting", "sending", "unknown"}
        )


@contextmanager
def sandbox() -> Iterator[str]:
    """A new stand-in CRM on a free port; its address."""
    words = [sys.executable, "-m", "sandbox", "--port", "0", "--until-stdin-closes"]
    words += ["--clock", f"{MONDAY_TEN.isoformat()},1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield line.removeprefix(READY).strip()
        finally:
            process.terminate()


def control(url: str, method: str, path: str, body: object = None) -> Any:
    """One call to the sandbox's control API; the answer's JSON, None where there is none."""
    answer = requests.request(method, f"{url}/sandbox/{path}", json=body, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None
