"""Deliver: send what the outbox holds, record writes first, then tasks, then notifications.

A row is marked as being sent, with a lease and the time, before the call. An answer that never came makes it *unknown*,
and nothing more happens to its lead before a read has told whether the write was applied (`runtime.settle`).
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from connectors.base import ConnectorError, NotSignedIn, Refused, TaskWrite, TryLater, Written
from domain.actions import CreateTask, Notify
from ledger import outbox, people
from ledger.outbox import RECORD_WRITES, OutboxRow, SendState
from runtime.outcomes import NOT_APPLIED, conclude, put_off, refuse
from runtime.pacing import LEASE_SECONDS
from runtime.rows import Prepared, directory, prepare
from runtime.services import Services
from runtime.settle import settle

BATCH = 200
MOST_NOTICES = 20
"""Notifications sent in one go; the rest wait for the next round, so that a slow channel does not hold up owners."""


def deliver(services: Services, crm: str) -> None:
    """Settle, then send: record writes first, then tasks, then notifications."""
    settle(services, crm)
    while _send_records(services, crm) == BATCH:
        pass
    _send_tasks(services, crm)
    _send_notices(services, crm)


# --- record writes ----------------------------------------------------------------------------------------------


def _send_records(services: Services, crm: str) -> int:
    at, playbook = services.now(), services.playbook()
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, RECORD_WRITES, BATCH, services.machine(), LEASE_SECONDS, at)
        owners = directory(people.directory(tx, crm))
        prepared, unsendable = prepare(tx, playbook, rows, owners, at)
    for batch in _batches(prepared):
        try:
            written = services.crms[crm].write([one.write for one in batch])
        except NotSignedIn as problem:
            services.log.error("writes wait for a sign-in", crm=crm, waiting=len(batch), problem=str(problem))
            written = [Written(one.write.key, "later", str(problem)) for one in batch]
        conclude(services, batch, written, at)
    if unsendable:
        refuse(services, unsendable)
    return len(rows)


def _batches(prepared: Sequence[Prepared]) -> Iterator[Sequence[Prepared]]:
    """All in one call; but rows that came to nothing before go apart, in halves. A row that makes the CRM stumble is
    alone after a few rounds, and its neighbours have got through."""
    suspects = [one for one in prepared if one.row.detail == NOT_APPLIED]
    half = (len(suspects) + 1) // 2
    fresh = [one for one in prepared if one.row.detail != NOT_APPLIED]
    yield from (batch for batch in (fresh, suspects[:half], suspects[half:]) if batch)


# --- tasks and notifications --------------------------------------------------------------------------------------


def _send_tasks(services: Services, crm: str) -> None:
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, ("create_task",), BATCH, services.machine(), LEASE_SECONDS)
        owners = directory(people.directory(tx, crm))
    if not rows:
        return
    tasks = [
        (row, _task(row, action, owners))
        for row in rows
        if isinstance(action := row.action, CreateTask) and action.owner in owners
    ]
    sendable = {row.id for row, _ in tasks}
    try:
        written = services.crms[crm].create_tasks([task for _, task in tasks]) if tasks else []
    except ConnectorError as problem:
        written = [Written(task.key, "later", str(problem)) for _, task in tasks]
    with services.ledger.writing() as tx:
        for row in rows:
            if row.id not in sendable:
                outbox.finish(tx, row.id, SendState.REFUSED, "the owner is not an active user of this CRM")
        for (row, _), result in zip(tasks, written, strict=True):
            _finish_simple(tx, services, row, result)


def _task(row: OutboxRow, action: CreateTask, owners: Mapping[str, str]) -> TaskWrite:
    return TaskWrite(row.key, owners[action.owner], action.subject, action.due_at, action.token, again=row.attempts > 1)


def _finish_simple(tx: Connection, services: Services, row: OutboxRow, result: Written) -> None:
    match result.outcome:
        case "applied":
            outbox.finish(tx, row.id, SendState.APPLIED, "", services.now())
        case "later":
            put_off(tx, services, row, result.detail, result.after)
        case "unknown":
            outbox.finish(tx, row.id, SendState.UNKNOWN, result.detail, services.now())
        case _:
            outbox.finish(tx, row.id, SendState.REFUSED, result.detail)


def _send_notices(services: Services, crm: str) -> None:
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, ("notify",), MOST_NOTICES, services.machine(), LEASE_SECONDS)
    results = [(row, _tell(services, row)) for row in rows]
    if not results:
        return
    with services.ledger.writing() as tx:
        for row, result in results:
            _finish_simple(tx, services, row, result)


def _tell(services: Services, row: OutboxRow) -> Written:
    """A message whose fate is unknown is sent again: told twice is better than not told."""
    if not isinstance(row.action, Notify):
        return Written(row.key, "refused", "not a notification")
    try:
        services.tell(row.action)
    except TryLater as problem:
        return Written(row.key, "later", str(problem), problem.after)
    except Refused as problem:
        return Written(row.key, "refused", str(problem))
    except ConnectorError as problem:
        return Written(row.key, "later", str(problem))
    return Written(row.key, "applied")
