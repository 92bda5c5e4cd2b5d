"""The SLA sweep on SQLite: what it costs while nothing is due, and how fast due clocks are decided and committed.

The CRM's answers are left out: every lead is as it was written, and nobody has called. There is no peer; the limits
that the product sets itself stand in the table.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import text

from benchmarks.measuring import Table
from benchmarks.office import MONDAY_TEN, playbook
from domain.clocks import Clock, ClockKind
from domain.decisions import Decision, Outcome
from domain.leads import Lead, LeadKey
from domain.people import CrmUser
from ledger import clocks, leads, people, playbooks
from ledger.leads import Carried
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook
from runtime.deciding import Wanted, record
from runtime.services import Services
from runtime.starting import response_clock
from runtime.sweep import BATCH, Looked, act

OPEN = 1_000_000
DUE = 10_000
IDLE_ROUNDS = 50
CRM = "salesforce"
WITHIN_MS, WITHIN_S = 20, 2
"""The limits that `Speed` of the SLA monitor sets."""

STEPS: Mapping[str, timedelta] = {
    "reminded (75 %)": timedelta(minutes=45),
    "breached and reminded": timedelta(minutes=60),
    "handed on": timedelta(days=1),
}


def run() -> Table:
    """An idle sweep over many clocks, then each kind of step for many due ones."""
    book = playbook()
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        with _ledger(Path(name) / "idle.db", book) as ledger:
            idle = _idle(ledger, book)
        with _ledger(Path(name) / "due.db", book) as ledger:
            took = _due(ledger, book)
    rows = [(f"idle, over {OPEN:,} open clocks", "-", f"{idle * 1000:.1f} ms", f"under {WITHIN_MS} ms")]
    rows += [
        (f"{DUE:,} clocks {what}", f"{DUE / seconds:,.0f}", f"{seconds:.2f} s", limit)
        for (what, seconds), limit in zip(took.items(), (f"within {WITHIN_S} s",) * 2 + ("-",), strict=True)
    ]
    return Table(
        "Sweep: one process, one ledger on SQLite",
        ("what", "clocks/s", "took", "wanted"),
        rows,
        [
            f"Idle: the median of {IDLE_ROUNDS} looks. Due: leased, decided and committed in batches of {BATCH}, from "
            "the first lease to the last commit, one round; reading the CRM, and sending what the steps ask for, is "
            "not in it. A lead that is handed on is decided twice, as a proposal and for good, with its explanation."
        ],
    )


@contextmanager
def _ledger(path: Path, book: Playbook) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{path}") as ledger:
        with ledger.writing() as tx:
            playbooks.activate(tx, book.version, book.texts, MONDAY_TEN)
            people.replace(tx, CRM, [CrmUser(CRM, email, email, email) for email in book.rules.reps])
        yield ledger


def _services(ledger: Ledger, book: Playbook, now: datetime) -> Services:
    return Services(
        ledger=ledger,
        crms={},
        playbook=lambda: book,
        now=lambda: now,
        machine=lambda: now,
        tell=lambda _: None,
        wake=lambda *_: None,
        log=structlog.get_logger(),
    )


# --- idle ---------------------------------------------------------------------------------------------------------


def _idle(ledger: Ledger, book: Playbook) -> float:
    key = LeadKey(CRM, "00D1", "Lead", "1")
    decision = Decision(
        "x/0", key, 0, "new", Outcome.ASSIGNED, "r", "", MONDAY_TEN, "", "ana@acme.example", tier="standard"
    )  # type: ignore[arg-type]
    clock = response_clock(book, decision, ClockKind.FIRST_RESPONSE, MONDAY_TEN)
    if clock is None:
        raise LookupError("the tier has no first response")
    with ledger.writing() as tx:
        clocks.insert(tx, [clock])
        columns = [
            row.name for row in tx.execute(text("PRAGMA table_info(clocks)")) if row.name not in ("id", "record")
        ]
        listed = ", ".join(columns)
        tx.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {OPEN}) "  # noqa: S608
                f"INSERT INTO clocks (record, {listed}) SELECT CAST(i AS TEXT), {listed} FROM n, "
                "(SELECT * FROM clocks LIMIT 1)"
            )
        )
    took = []
    for _ in range(IDLE_ROUNDS):
        begun = time.perf_counter()
        with ledger.writing() as tx:
            clocks.lease_due(tx, CRM, MONDAY_TEN, MONDAY_TEN, 60, BATCH)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


# --- due ----------------------------------------------------------------------------------------------------------


def _due(ledger: Ledger, book: Playbook) -> dict[str, float]:
    there = _leads(ledger, book)
    found = {}
    for what, after in STEPS.items():
        services = _services(ledger, book, MONDAY_TEN + after + timedelta(minutes=1))
        begun = time.perf_counter()
        taken = _sweep(services, there)
        found[what] = time.perf_counter() - begun
        if taken != DUE * (2 if "breached" in what else 1):
            raise LookupError(f"{what}: {taken} steps for {DUE} clocks")
    return found


def _sweep(services: Services, there: Mapping[LeadKey, Lead]) -> int:
    taken = 0
    while True:
        with services.ledger.writing() as tx:
            due = clocks.lease_due(tx, CRM, services.now(), services.machine(), 60, BATCH)
        if not due:
            return taken
        with services.ledger.reading() as tx:
            rows = leads.current(tx, [clock.lead for clock in due])
        taken += act(services, due, Looked(rows, {clock.lead: there[clock.lead] for clock in due}, {}))


def _leads(ledger: Ledger, book: Playbook) -> dict[LeadKey, Lead]:
    """Leads that were assigned at ten and written at once, with the clock of their first response."""
    keys = [LeadKey(CRM, "00D1", "Lead", f"{number:06}") for number in range(DUE)]
    there = {
        key: Lead(key, MONDAY_TEN, MONDAY_TEN, {"email": f"doe@firm{key.id}.example", "company": f"Firm {key.id}"})
        for key in keys
    }
    for first in range(0, DUE, BATCH):
        batch = [there[key] for key in keys[first : first + BATCH]]
        with ledger.deciding() as tx:
            made = [each.decision for each in record(tx, ledger, book, [Wanted(lead) for lead in batch], MONDAY_TEN)]
            leads.applied(tx, [Carried(one.lead, 0, one.outcome, one.owner) for one in made], MONDAY_TEN)
            clocks.insert(tx, _started(book, made))
            for one in made:
                clocks.end_cycle(tx, one.lead, 0, MONDAY_TEN, [ClockKind.ASSIGNMENT])
                there[one.lead] = replace(
                    there[one.lead], owner_id=one.owner, owner=one.owner, unowned=False, decision=one.id
                )
    return there


def _started(book: Playbook, made: Sequence[Decision]) -> list[Clock]:
    begun = (response_clock(book, one, ClockKind.FIRST_RESPONSE, MONDAY_TEN) for one in made)
    return [clock for clock in begun if clock]
