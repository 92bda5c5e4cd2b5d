"""Deliver: send what the outbox holds, and settle what nobody knows the fate of.

A row is marked as being sent, with a lease, before the call. An answer that never came makes it *unknown*, and nothing
more happens to its lead before a read has told whether the write was applied.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.base import ConnectorError, NotSignedIn, Refused, TaskWrite, TryLater, Write, Written
from domain.actions import AssignOwner, CreateTask, Notify, WriteFields
from domain.clocks import Clock, ClockKind
from domain.decisions import Cause, Decision, Outcome
from domain.leads import Lead, LeadKey, Value
from domain.people import CrmUser
from ledger import clocks, decisions, leads, outbox, people
from ledger.decisions import LeadEvent
from ledger.leads import LeadRow
from ledger.outbox import Entry, OutboxRow, SendState
from runtime.cycles import end_gone, end_taken
from runtime.deciding import StalePlaybook, again, record, response_clock
from runtime.pacing import LEASE_SECONDS, pause
from runtime.services import Services
from sla_monitor.clock import Event, advance

BATCH = 200
RECORD_WRITES = ("assign_owner", "write_fields")
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


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row of the outbox as the CRM will get it. `clock` is what starts if the write is applied at `at`."""

    row: OutboxRow
    write: Write
    decision: Decision | None = None
    clock: Clock | None = None


def _send_records(services: Services, crm: str) -> int:
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, RECORD_WRITES, BATCH, services.machine(), LEASE_SECONDS)
        directory = _directory(people.directory(tx, crm))
        current = leads.current(tx, [row.key for row in rows])
    if not rows:
        return 0
    at = services.now()
    prepared, unsendable = _prepare(services, rows, directory, at)
    try:
        written = services.crms[crm].write([one.write for one in prepared]) if prepared else []
    except NotSignedIn as problem:
        services.log.error("writes wait for a sign-in", crm=crm, waiting=len(rows), problem=str(problem))
        written = [Written(one.write.key, "later", str(problem)) for one in prepared]
    _settle_written(services, prepared, written, at)
    for row, reason in unsendable:
        _refuse(services, row, current.get(row.key), reason)
    return len(rows)


def _directory(users: Sequence[CrmUser]) -> Mapping[str, str]:
    """E-mail address of an active person, or the name of a queue, to the CRM's id."""
    return {(user.email or user.name): user.id for user in users if user.active}


def _prepare(
    services: Services, rows: Sequence[OutboxRow], directory: Mapping[str, str], at: datetime
) -> tuple[list[_Prepared], list[tuple[OutboxRow, str]]]:
    prepared, unsendable = [], []
    with services.ledger.reading() as tx:
        made = decisions.get_all(tx, [row.action.decision for row in rows if isinstance(row.action, AssignOwner)])
        for row in rows:
            action = row.action
            if isinstance(action, WriteFields):
                prepared.append(_Prepared(row, Write(row.key, action.fields)))
            elif isinstance(action, AssignOwner):
                if action.owner and action.owner not in directory:
                    unsendable.append((row, f"{action.owner} is not an active user of this CRM"))
                    continue
                decision = made.get(action.decision)
                since = _since(services, tx, decision, at) if decision else at
                prepared.append(_with_clock(services, row, action, decision, directory, since))
    return prepared, unsendable


def _with_clock(
    services: Services,
    row: OutboxRow,
    action: AssignOwner,
    decision: Decision | None,
    directory: Mapping[str, str],
    since: datetime,
) -> _Prepared:
    """The due time that travels in the row is the one of the clock that starts when this very write is applied."""
    clock = None
    fields: dict[str, Value] = dict(action.fields)
    if decision and decision.outcome == Outcome.ASSIGNED:
        clock = response_clock(services.playbook(), decision, ClockKind.FIRST_RESPONSE, since)
    if clock:
        fields |= {"due_at": clock.due_at.isoformat(), "sla_state": "On track"}
    write = Write(
        row.key,
        fields,
        decision=action.decision,
        owner_id=directory.get(action.owner) if action.owner else None,
        expected_owner=action.expected_owner,
    )
    return _Prepared(row, write, decision, clock)


def _since(services: Services, tx: Connection, decision: Decision, at: datetime) -> datetime:
    """When the first response's time begins: with the applied write, unless `sla.yaml` says otherwise."""
    tier = services.playbook().policy.tiers.get(decision.tier or "")
    if tier and decision.cycle == 0 and tier.starts == "created":
        row = leads.current(tx, [decision.lead]).get(decision.lead)
        return row.created_at if row else at
    if tier and decision.cause == Cause.SLA and tier.on_reassign == "continue":
        before = clocks.of_lead(tx, decision.lead, decision.cycle - 1)
        return next((one.started_at for one in before if one.kind == ClockKind.FIRST_RESPONSE), at)
    return at


def _settle_written(
    services: Services, prepared: Sequence[_Prepared], written: Sequence[Written], at: datetime
) -> None:
    """Commit what became of each row; then end or renew the cycles of those that did not get through."""
    applied, lost, refused = [], [], []
    with services.ledger.writing() as tx:
        for one, result in zip(prepared, written, strict=True):
            row = one.row
            match result.outcome:
                case "applied":
                    applied.append(one)
                case "later":
                    seconds = pause(row.attempts, result.after)
                    outbox.later(tx, row.id, services.machine() + timedelta(seconds=seconds), result.detail)
                case "unknown":
                    outbox.finish(tx, row.id, SendState.UNKNOWN, result.detail, at)
                case "lost":
                    lost.append((row, result.detail))
                case "refused":
                    refused.append((row, result.detail))
        _applied(tx, applied, at, services.now())
    for row, detail in lost:
        _lose(services, row, detail)
    if refused:
        with services.ledger.reading() as tx:
            current = leads.current(tx, [row.key for row, _ in refused])
        for row, detail in refused:
            _refuse(services, row, current.get(row.key), detail)


def _applied(tx: Connection, applied: Sequence[_Prepared], at: datetime, learnt_at: datetime) -> None:
    """The CRM carries these rows since `at`: assignment clocks are met, the first response's start, people are told."""
    outbox.finish_all(tx, [one.row.id for one in applied], SendState.APPLIED, at)
    made = [(one, one.decision) for one in applied if one.decision]
    cycles = [(decision.lead, decision.cycle) for _, decision in made]
    leads.applied_all(tx, cycles, at)
    decisions.note(tx, [LeadEvent(d.lead, d.cycle, "applied", at, learnt_at, {"owner": d.owner}) for _, d in made])
    for clock in clocks.of_cycles(tx, cycles, ClockKind.ASSIGNMENT):
        clocks.save(tx, advance(clock, Event.ASSIGNED, at))
    clocks.insert(tx, [one.clock for one, _ in made if one.clock])
    outbox.put_all(tx, [entry for one, decision in made for entry in _announced(decision, one.clock)])


def _announced(decision: Decision, clock: Clock | None) -> Iterator[Entry]:
    """Whoever answers for the lead is told, and the owner gets a task with the due time."""
    who = decision.owner or decision.responsible
    if who and decision.outcome in {Outcome.ASSIGNED, Outcome.REVIEW, Outcome.WAITING}:
        event = "assigned" if decision.owner and not decision.cycle else "reassigned" if decision.owner else "review"
        notice = Notify(decision.lead, event, (who,), f"{decision.reason} (lead {decision.lead})")
        yield Entry(decision.lead, decision.cycle, notice, f"{event}:{decision.id}")
    if decision.owner and clock:
        task = CreateTask(decision.lead, decision.owner, "Answer this lead", clock.due_at, f"fairlead {decision.id}")
        yield Entry(decision.lead, decision.cycle, task, f"task:{decision.id}")


def _lose(services: Services, row: OutboxRow, detail: str) -> None:
    """Somebody else changed the owner first. A person wins; where it was a queue or nobody, decide again."""
    try:
        lead = _read_one(services, row.key)
    except ConnectorError as problem:
        with services.ledger.writing() as tx:
            outbox.finish(tx, row.id, SendState.UNKNOWN, f"{detail}; then {problem}")
        return
    _conclude(services, row, lead, SendState.LOST, detail, Cause.LOST_RACE)


def _refuse(services: Services, row: OutboxRow, current: LeadRow | None, detail: str) -> None:
    """The CRM will never take this row: decide again without that owner, unless the row has none (a review, a wait)."""
    services.log.error("write refused", lead=str(row.key), cycle=row.cycle, problem=detail)
    if not isinstance(row.action, AssignOwner) or not row.action.owner or not current or current.cycle != row.cycle:
        with services.ledger.writing() as tx:
            outbox.finish(tx, row.id, SendState.REFUSED, detail)
            if isinstance(row.action, AssignOwner):
                decisions.event(
                    tx, row.key, row.cycle, "write_refused", services.now(), services.now(), {"why": detail}
                )
        return
    try:
        lead = _read_one(services, row.key)
    except ConnectorError as problem:
        with services.ledger.writing() as tx:
            outbox.later(tx, row.id, services.machine() + timedelta(seconds=pause(row.attempts)), str(problem))
        return
    _conclude(services, row, lead, SendState.REFUSED, detail, Cause.WRITE_REFUSED)


def _conclude(
    services: Services, row: OutboxRow, lead: Lead | None, state: SendState, detail: str, cause: Cause
) -> None:
    """End the row's cycle: gone, taken by a person, or decided again from what the CRM shows now."""
    now = services.now()
    try:
        with services.ledger.deciding() as tx:
            outbox.finish(tx, row.id, state, detail, now)
            kind = "lost_race" if state == SendState.LOST else "write_refused"
            decisions.event(tx, row.key, row.cycle, kind, now, now, {"why": detail})
            current = leads.current(tx, [row.key]).get(row.key)
            if not current or current.cycle != row.cycle or lead is None:
                return
            if lead.gone:
                end_gone(tx, lead, now)
            elif (
                not lead.unowned and isinstance(row.action, AssignOwner) and lead.owner_id != row.action.expected_owner
            ):
                end_taken(tx, current, lead, now)
            elif isinstance(row.action, AssignOwner):
                record(tx, services.ledger, services.playbook(), [again(lead, current, cause)], now)
    except StalePlaybook:
        with services.ledger.writing() as tx:
            outbox.later(tx, row.id, services.machine() + timedelta(seconds=1), "the configuration has changed")


def _read_one(services: Services, key: LeadKey) -> Lead | None:
    found = services.crms[key.crm].read([key.id])
    return next((one for one in found if isinstance(one, Lead)), None)


# --- settling ---------------------------------------------------------------------------------------------------


def settle(services: Services, crm: str) -> None:
    """Read the leads of unknown rows: our decision is there (applied), the owner is as expected (send again), or a
    person was quicker (lost)."""
    with services.ledger.writing() as tx:
        rows = outbox.unsettled(tx, crm, BATCH, services.machine(), LEASE_SECONDS)
    repeatable = [row for row in rows if not isinstance(row.action, AssignOwner)]
    guarded = [row for row in rows if isinstance(row.action, AssignOwner)]
    if repeatable:
        # Fields are absolute values, a task is recognised by its token: sending these twice does no harm.
        with services.ledger.writing() as tx:
            for row in repeatable:
                outbox.later(tx, row.id, services.machine(), "sent again: its fate was unknown")
    if not guarded:
        return
    try:
        records = services.crms[crm].read(list(dict.fromkeys(row.key.id for row in guarded)))
    except ConnectorError as problem:
        services.log.warning("unknown writes wait to be settled", crm=crm, waiting=len(guarded), problem=str(problem))
        return
    found = {one.key: one for one in records if isinstance(one, Lead)}
    for row in guarded:
        _settle_one(services, row, found.get(row.key))


def _settle_one(services: Services, row: OutboxRow, lead: Lead | None) -> None:
    action = row.action
    if not isinstance(action, AssignOwner):
        return
    if lead is None or lead.gone:
        _conclude(services, row, lead, SendState.LOST, "the lead is gone", Cause.LOST_RACE)
    elif lead.decision == action.decision:
        at = row.sent_at or services.now()
        with services.ledger.writing() as tx:
            decision = decisions.get(tx, action.decision)
            since = _since(services, tx, decision, at) if decision else at
            _applied(tx, [_with_clock(services, row, action, decision, {}, since)], at, services.now())
    elif lead.owner_id == action.expected_owner:
        with services.ledger.writing() as tx:
            outbox.later(tx, row.id, services.machine(), "not applied: sent again")
    else:
        _conclude(services, row, lead, SendState.LOST, "somebody else changed the owner", Cause.LOST_RACE)


# --- tasks and notifications --------------------------------------------------------------------------------------


def _send_tasks(services: Services, crm: str) -> None:
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, ("create_task",), BATCH, services.machine(), LEASE_SECONDS)
        directory = _directory(people.directory(tx, crm))
    tasks = [
        (row, _task(row, action, directory))
        for row in rows
        if isinstance(action := row.action, CreateTask) and action.owner in directory
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


def _task(row: OutboxRow, action: CreateTask, directory: Mapping[str, str]) -> TaskWrite:
    return TaskWrite(
        row.key, directory[action.owner], action.subject, action.due_at, action.token, again=row.attempts > 1
    )


def _finish_simple(tx: Connection, services: Services, row: OutboxRow, result: Written) -> None:
    match result.outcome:
        case "applied":
            outbox.finish(tx, row.id, SendState.APPLIED, "", services.now())
        case "later":
            until = services.machine() + timedelta(seconds=pause(row.attempts, result.after))
            outbox.later(tx, row.id, until, result.detail)
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
