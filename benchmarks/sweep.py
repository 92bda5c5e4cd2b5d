"""The SLA sweep on SQLite: what it costs while nothing is due, and how fast due clocks are decided and committed.

The CRM's answers are left out: every lead is as it was written, and nobody has called. There is no peer; the limits
that the product sets itself stand in the table.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import text

from benchmarks.measuring import Table, kept_or_not
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
from runtime.process import keep_what_is_loaded
from runtime.services import Services
from runtime.starting import response_clock
from runtime.sweep import BATCH, Looked, act

OPEN = 1_000_000
DUE = 10_000
HANDED_ON = 1_000  # these are deciding more than sweeping, and nothing is promised of them
ROUNDS = 3
IDLE_ROUNDS = 50
CRM = "salesforce"
WITHIN_MS, WITHIN_S = 20, 2
"""The limits that `Speed` of the SLA monitor sets."""

STEPS: Mapping[str, tuple[timedelta, int]] = {
    "reminded (75 %)": (timedelta(minutes=45), DUE),
    "breached and reminded": (timedelta(minutes=60), DUE),
    "handed on": (timedelta(days=1), HANDED_ON),
}
"""What happens how long after the assignment, and for how many clocks it is measured."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall and of the processor: the machine may have other work."""

    wall: float
    processor: float


def run() -> Table:
    """An idle sweep over many clocks, and each kind of step for many due ones."""
    book = playbook()
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        found = []
        for number in range(ROUNDS):
            with _ledger(Path(name) / f"due-{number}.db", book) as ledger:
                found.append(_due(ledger, book))
        # At last: half a gigabyte is written for it, and the system would be busy with that meanwhile.
        with _ledger(Path(name) / "idle.db", book) as ledger:
            idle = _idle(ledger, book)
    rows = [
        (
            f"idle, over {OPEN:,} open clocks",
            f"{idle.wall * 1000:.1f} ms",
            f"{idle.processor * 1000:.1f} ms",
            f"{WITHIN_MS} ms",
            kept_or_not(idle.wall * 1000 < WITHIN_MS),
        )
    ]
    for what, (_, many) in STEPS.items():
        took = Took(min(each[what].wall for each in found), min(each[what].processor for each in found))
        promised = (f"{WITHIN_S} s", kept_or_not(took.wall < WITHIN_S)) if many == DUE else ("", "")
        rows.append((f"{many:,} clocks {what}", f"{took.wall:.2f} s", f"{took.processor:.2f} s", *promised))
    return Table(
        "The sweep: one process, one ledger on SQLite",
        ("what", "on the wall", "of processor", "promised", "kept"),
        rows,
        [
            f"Idle: the median of {IDLE_ROUNDS} looks. Due: leased, decided and committed in batches of {BATCH}, from "
            f"the first lease to the last commit, the fastest of {ROUNDS} rounds; reading the CRM, and sending what "
            "the steps ask for, is not in it. Garbage is collected as in a worker, which passes over what was there "
            "before. A lead that is handed on is decided twice, as a proposal and for good, with its explanation."
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


def _idle(ledger: Ledger, book: Playbook) -> Took:
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
            row.name
            for row in tx.execute(text("PRAGMA table_info(clocks)"))
            if row.name not in ("id", "record", "next_at")
        ]
        listed = ", ".join(columns)
        tx.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {OPEN}) "  # noqa: S608
                f"INSERT INTO clocks (record, next_at, {listed}) "
                # In the order of the index, and each at a moment of its own.
                f"SELECT printf('%07d', i), next_at + i, {listed} FROM n, (SELECT * FROM clocks LIMIT 1)"
            )
        )
    took = []
    for _ in range(IDLE_ROUNDS):
        with _timed() as read, ledger.writing() as tx:
            found = clocks.lease_due(tx, CRM, MONDAY_TEN, MONDAY_TEN, 60, BATCH)
        if found:
            raise LookupError(f"{len(found)} clocks are due: the sweep is not idle")
        took.append(read())
    return Took(statistics.median(each.wall for each in took), statistics.median(each.processor for each in took))


# --- due ----------------------------------------------------------------------------------------------------------


def _due(ledger: Ledger, book: Playbook) -> dict[str, Took]:
    there = _leads(ledger, book)
    # As a worker does after its start; what stands in for the CRM's answers is not a worker's to look through, either.
    before = gc.get_threshold()
    keep_what_is_loaded()
    found = {}
    for what, (after, many) in STEPS.items():
        services = _services(ledger, book, MONDAY_TEN + after + timedelta(minutes=1))
        with _timed() as read:
            swept, taken = _sweep(services, there, many)
        found[what] = read()
        if (swept, taken) != (many, many * (2 if "breached" in what else 1)):
            raise LookupError(f"{what}: {taken} steps for {swept} of {many} clocks")
    gc.unfreeze()
    gc.set_threshold(*before)
    return found


@contextmanager
def _timed() -> Iterator[Callable[[], Took]]:
    """What asks, after the block, how long it took."""
    wall, processor = time.perf_counter(), time.process_time()
    took: list[Took] = []
    yield took.pop
    took.append(Took(time.perf_counter() - wall, time.process_time() - processor))


def _sweep(services: Services, there: Mapping[LeadKey, Lead], many: int) -> tuple[int, int]:
    """How many clocks were swept until so many were, or none was left; and how many steps that took."""
    swept = taken = 0
    while swept < many:
        with services.ledger.writing() as tx:
            due = clocks.lease_due(tx, CRM, services.now(), services.machine(), 60, BATCH)
        if not due:
            break
        with services.ledger.reading() as tx:
            rows = leads.current(tx, [clock.lead for clock in due])
        swept += len(due)
        taken += act(services, due, Looked(rows, {clock.lead: there[clock.lead] for clock in due}, {}))
    return swept, taken


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
