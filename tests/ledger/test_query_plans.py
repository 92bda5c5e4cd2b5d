"""What jobs ask every second does not read whole tables, and a batch of decisions is written in few statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from domain.activities import Activity
from ledger import accounts, arrivals, clocks, decisions, evidence, leads, outbox, people
from ledger.decisions import Recorded
from ledger.store import Ledger, open_ledger
from ledger.tables import metadata
from tests.ledger.examples import NINE, clock, decision, key, lead, seen


def call(number: int) -> Activity:
    return Activity(str(number), "salesforce", key(number), "call", NINE, NINE)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as opened:
        yield opened


@contextmanager
def statements(ledger: Ledger) -> Iterator[list[tuple[str, Any]]]:
    """Everything that is sent to the database meanwhile: statement and parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(ledger.engine, "before_cursor_execute", note)
    yield sent
    event.remove(ledger.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        pytest.param(
            lambda tx: arrivals.lease(tx, "salesforce", ("hot", "bulk"), 200, NINE, 60),
            "ix_arrivals_waiting (crm=? AND state=? AND lane=?)",
            id="arrivals that wait",
        ),
        pytest.param(
            lambda tx: clocks.lease_due(tx, "salesforce", NINE, NINE, 60, 200),
            "ix_clocks_crm_next_at (crm=? AND next_at<?)",
            id="clocks that are due",
        ),
        pytest.param(
            lambda tx: clocks.unchanged(tx, [clock(number, id=number) for number in range(200)]),
            "clocks USING INTEGER PRIMARY KEY (rowid=?)",
            id="whether clocks are still as they were",
        ),
        pytest.param(
            lambda tx: clocks.release(tx, range(200), None),
            "clocks USING INTEGER PRIMARY KEY (rowid=?)",
            id="leases that end",
        ),
        pytest.param(
            lambda tx: outbox.untold(tx, {key(number): (0, "ana@acme.example") for number in range(200)}),
            "ix_outbox_crm_account_object_record_state (crm=? AND account=? AND object=? AND record=?)",
            id="whether owners were told",
        ),
        pytest.param(
            lambda tx: decisions.noted(tx, [key(number) for number in range(200)], ["gone"]),
            "ix_lead_events_crm_account_object_record (crm=? AND account=? AND object=? AND record=?)",
            id="what was noted of the leads of a batch",
        ),
        pytest.param(
            lambda tx: decisions.given(tx, {"ana@acme.example": {NINE}}),
            "ix_decisions_owner_decided_at (owner=? AND decided_at>?)",
            id="leads that count against a limit",
        ),
        pytest.param(
            lambda tx: outbox.lease(tx, "salesforce", ("assign_owner", "write_fields"), 200, NINE, 60),
            "ix_outbox_waiting (crm=? AND state=? AND lane=?)",
            id="outbox rows that wait",
        ),
        pytest.param(
            lambda tx: outbox.holds(tx, "salesforce", "bulk", 1000),
            "COVERING INDEX ix_outbox_waiting (crm=? AND state=? AND lane=?)",
            id="whether much waits to be sent",
        ),
        pytest.param(
            lambda tx: outbox.unsettled(tx, "salesforce", 200, NINE, 60),
            "ix_outbox_waiting (crm=? AND state=?)",
            id="outbox rows to settle",
        ),
        pytest.param(
            lambda tx: leads.current(tx, [key(number) for number in range(200)]),
            "sqlite_autoindex_leads_1 (crm=? AND account=? AND object=? AND record=?)",
            id="the leads of a batch",
        ),
        pytest.param(
            lambda tx: leads.duplicates(tx, ["email:a@b.example", "email:c@d.example", "company:b.example"]),
            "lead_keys USING PRIMARY KEY (key=?)",
            id="earlier leads of the same people",
        ),
        pytest.param(
            lambda tx: leads.in_step(tx, key()),
            "lead_keys USING PRIMARY KEY (key=?)",
            id="the same person in another CRM",
        ),
        pytest.param(
            lambda tx: accounts.candidates(tx, "salesforce", [f"name:{number}" for number in range(2_400)]),
            "PRIMARY KEY (crm=? AND key=?)",
            id="companies that may be those of a batch",
        ),
        pytest.param(
            lambda tx: people.standing(tx, "salesforce"),
            "ix_leads_crm_owner_applied_at (crm=? AND owner=? AND applied_at>?)",
            id="how many leads each person has",
        ),
        pytest.param(
            lambda tx: evidence.of(tx, [key(number) for number in range(200)]),
            "sqlite_autoindex_evidence_1 (crm=? AND account=? AND object=? AND record=?)",
            id="what was done with the leads of a batch",
        ),
    ],
)
def test_an_index_answers(sqlite: Ledger, ask: Callable[[Connection], object], index: str) -> None:
    with statements(sqlite) as sent, sqlite.writing() as tx:
        ask(tx)

    with sqlite.reading() as tx:
        plans = [
            [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in sent
            if statement.startswith(("SELECT", "UPDATE"))
        ]

    steps = [step for plan in plans for step in plan]
    assert any(index in step for step in steps), steps
    # A subquery's own rows are scanned under a name of their own.
    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in metadata.tables], steps


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda tx: arrivals.store(tx, [seen(number) for number in range(200)], NINE), id="arrivals"),
        pytest.param(lambda tx: decisions.claim(tx, [(key(number), 0) for number in range(200)]), id="claims"),
        pytest.param(
            lambda tx: decisions.record(tx, [Recorded(decision(number), {}) for number in range(200)]), id="decisions"
        ),
        pytest.param(lambda tx: clocks.insert(tx, [clock(number) for number in range(200)]), id="clocks"),
        pytest.param(
            lambda tx: leads.remember(tx, [leads.Begun(lead(number), decision(number)) for number in range(200)]),
            id="leads with their keys",
        ),
        pytest.param(
            lambda tx: outbox.wait(tx, list(range(200)), NINE, "the limit is used up"), id="rows that have to wait"
        ),
        pytest.param(lambda tx: evidence.store(tx, [call(number) for number in range(200)], NINE), id="evidence"),
    ],
)
def test_a_batch_is_written_in_a_few_statements(ledger: Ledger, work: Callable[[Connection], object]) -> None:
    with statements(ledger) as sent, ledger.deciding() as tx:
        work(tx)

    assert len(sent) <= 7, [statement for statement, _ in sent]
