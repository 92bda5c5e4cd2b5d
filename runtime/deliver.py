"""Deliver: send what the outbox holds, record writes first, then tasks, then notifications.

A row is marked as being sent, with a lease and the time, before the call. An answer that never came makes it *unknown*,
and nothing more happens to its lead before a read has told whether the write was applied (`runtime.settle`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import ConnectorError, NotSignedIn, Refused, TaskWrite, TryLater, Written, lane
from domain.actions import CreateTask, Notify, Report
from ledger import leads, outbox, people
from ledger.leads import LeadRow
from ledger.outbox import HOT_FIRST, NOTICES, RECORD_WRITES, Lane, OutboxRow, SendState
from runtime.look_back import look_back
from runtime.outcomes import NOT_APPLIED, conclude, put_off, refuse, wait
from runtime.pacing import LEASE_SECONDS
from runtime.rows import Prepared, directory, prepare
from runtime.services import Services
from runtime.settle import settle

BATCH = 200
MOST_NOTICES = 20
"""Notifications sent in one go; the rest wait for the next round, so that a slow channel does not hold up owners."""


def deliver(services: Services, crm: str, lanes: Sequence[Lane] = HOT_FIRST) -> None:
    """Settle and send what these lanes hold: record writes first, then tasks, then notifications.

    Each lane asks the CRM for itself. Where the bulk lane has used up its share of the limits its rows wait in the
    ledger, and hot ones go on. Looks back at earlier writes are left to the bulk lane.
    """
    settle(services, crm, lanes)
    while _send_records(services, crm, lanes):
        pass
    if "bulk" in lanes:
        look_back(services, crm)
    for name in lanes:
        _send_tasks(services, crm, name)
    _send_notices(services, crm, lanes)


def _lease(
    services: Services,
    crm: str,
    kinds: Sequence[str],
    most: int,
    lanes: Sequence[Lane],
    at: datetime | None = None,
) -> list[OutboxRow]:
    """As `outbox.lease`. Whether there is anything is asked first: one who writes keeps all others from writing."""
    with services.ledger.reading() as tx:
        if not outbox.due(tx, crm, kinds, services.machine(), lanes):
            return []
    with services.ledger.writing() as tx:
        return outbox.lease(tx, crm, kinds, most, services.machine(), LEASE_SECONDS, at, lanes)


# --- record writes ----------------------------------------------------------------------------------------------


def _send_records(services: Services, crm: str, lanes: Sequence[Lane]) -> bool:
    """Send one batch; whether there may be more to send at once."""
    at, playbook = services.now(), services.playbook()
    rows = _lease(services, crm, RECORD_WRITES, BATCH, lanes, at)
    if not rows:
        return False
    with services.ledger.reading() as tx:
        owners = directory(people.directory(tx, crm))
        prepared, unsendable = prepare(tx, playbook, rows, owners, at)
    told_to_wait = False
    for name, batch in _batches(prepared):
        with lane(name):
            try:
                written = services.crms[crm].write([one.write for one in batch])
            except NotSignedIn as problem:
                services.log.error("writes wait for a sign-in", crm=crm, waiting=len(batch), problem=str(problem))
                written = [Written(one.write.key, "later", str(problem)) for one in batch]
            conclude(services, batch, written, at)
        # Whatever comes next would be told the same, and would push the rows of this lane further and further away.
        told_to_wait = told_to_wait or any(one.outcome == "later" for one in written)
    if unsendable:
        refuse(services, unsendable)
    return len(rows) == BATCH and not told_to_wait


def _batches(prepared: Sequence[Prepared]) -> Iterator[tuple[Lane, Sequence[Prepared]]]:
    """All of a lane in one call; but rows that came to nothing before go apart, in halves. A row that makes the CRM
    stumble is alone after a few rounds, and its neighbours have got through."""
    for name in HOT_FIRST:
        of_lane = [one for one in prepared if one.row.lane == name]
        suspects = [one for one in of_lane if one.row.detail == NOT_APPLIED]
        half = (len(suspects) + 1) // 2
        fresh = [one for one in of_lane if one.row.detail != NOT_APPLIED]
        yield from ((name, batch) for batch in (fresh, suspects[:half], suspects[half:]) if batch)


# --- tasks and notifications --------------------------------------------------------------------------------------


def _send_tasks(services: Services, crm: str, name: Lane) -> None:
    rows = _lease(services, crm, ("create_task",), BATCH, (name,))
    if not rows:
        return
    with services.ledger.reading() as tx:
        owners = directory(people.directory(tx, crm))
    tasks = [
        (row, _task(row, action, owners))
        for row in rows
        if isinstance(action := row.action, CreateTask) and action.owner in owners
    ]
    sendable = {row.id for row, _ in tasks}
    try:
        with lane(name):
            written = services.crms[crm].create_tasks([task for _, task in tasks]) if tasks else []
    except ConnectorError as problem:
        after = problem.after if isinstance(problem, TryLater) else None
        written = [Written(task.key, "later", str(problem), after) for _, task in tasks]
    with services.ledger.writing() as tx:
        stranded = [row.id for row in rows if row.id not in sendable]
        outbox.finish_all(tx, stranded, SendState.REFUSED, detail="the owner is not an active user of this CRM")
        _finish(tx, services, [(row, result) for (row, _), result in zip(tasks, written, strict=True)])


def _task(row: OutboxRow, action: CreateTask, owners: Mapping[str, str]) -> TaskWrite:
    return TaskWrite(row.key, owners[action.owner], action.subject, action.due_at, action.token, again=row.attempts > 1)


def _finish(tx: Connection, services: Services, results: Sequence[tuple[OutboxRow, Written]]) -> None:
    ended: dict[tuple[SendState, str], list[int]] = {}
    for row, result in results:
        match result.outcome:
            case "applied":
                ended.setdefault((SendState.APPLIED, ""), []).append(row.id)
            case "later" if not _was_told_to_wait(result):
                put_off(tx, services, row, result.detail)
            case "later":
                pass
            case "unknown":
                ended.setdefault((SendState.UNKNOWN, result.detail), []).append(row.id)
            case _:
                ended.setdefault((SendState.REFUSED, result.detail), []).append(row.id)
    for (state, detail), ids in ended.items():
        outbox.finish_all(tx, ids, state, None if state == SendState.REFUSED else services.now(), detail)
    wait(tx, services, [one for one in results if _was_told_to_wait(one[1])])


def _was_told_to_wait(result: Written) -> bool:
    return result.outcome == "later" and result.after is not None


def _send_notices(services: Services, crm: str, lanes: Sequence[Lane]) -> None:
    rows = _lease(services, crm, NOTICES, MOST_NOTICES, lanes)
    if not rows:
        return
    with services.ledger.reading() as tx:
        current = leads.current(tx, [row.key for row in rows if isinstance(row.action, Report)])
    results = [(row, _tell(services, row, current.get(row.key))) for row in rows]
    with services.ledger.writing() as tx:
        _finish(tx, services, results)


def _tell(services: Services, row: OutboxRow, current: LeadRow | None) -> Written:
    """A message whose fate is unknown is sent again: told twice is better than not told."""
    match row.action:
        case Notify() as notice:
            pass
        case Report(lead, event, to, text, asked):
            goes_on = current is not None and current.cycle == row.cycle and not current.ended
            notice = Notify(lead, event, (*asked, *to) if goes_on else to, text)
        case _:
            return Written(row.key, "refused", "not a notification")
    try:
        services.tell(notice)
    except TryLater as problem:
        return Written(row.key, "later", str(problem), problem.after)
    except Refused as problem:
        return Written(row.key, "refused", str(problem))
    except ConnectorError as problem:
        return Written(row.key, "later", str(problem))
    return Written(row.key, "applied")
