"""What becomes of a row that was sent: applied, later, unknown, lost to somebody, or refused.

Where a read is needed, it is one for all rows of the batch; where a lead is decided again, that is a short transaction
of its own under the decider lock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.base import ConnectorError, TryLater, Written
from domain.actions import AssignOwner, CreateTask, LookBack, Notify
from domain.clocks import Clock, ClockKind, State
from domain.decisions import Cause, Decision, Outcome
from domain.leads import Lead, LeadKey
from ledger import clocks, decisions, leads, outbox, people
from ledger.decisions import LeadEvent
from ledger.leads import Carried, LeadRow
from ledger.outbox import Entry, Lane, OutboxRow, SendState
from playbook.book import Playbook
from runtime.cycles import came_late, claim, end_gone, end_taken
from runtime.deciding import StalePlaybook, again, record
from runtime.pacing import pause
from runtime.rows import Prepared, Unsendable, directory, prepare
from runtime.services import Services
from runtime.starting import NO_FURTHER_STEP
from sla_monitor.lifecycle import Happening, happen

NOT_APPLIED = "not applied: sent again"
"""What is noted on a row whose fate was unknown and that a read has shown not to be applied."""


def conclude(services: Services, sent: Sequence[Prepared], written: Sequence[Written], at: datetime) -> None:
    """Commit what became of each row; then end or renew the cycles of those that did not get through."""
    applied, lost, refused = [], [], []
    told_to_wait: list[tuple[OutboxRow, Written]] = []
    with services.ledger.writing() as tx:
        for one, result in zip(sent, written, strict=True):
            row = one.row
            match result.outcome:
                case "applied":
                    applied.append(one)
                case "later" if result.after is not None:
                    told_to_wait.append((row, result))
                case "later":
                    put_off(tx, services, row, result.detail)
                case "unknown":
                    outbox.finish(tx, row.id, SendState.UNKNOWN, result.detail, at)
                case "lost":
                    lost.append((row, result.detail))
                case "refused":
                    refused.append(Unsendable(row, result.detail))
        wait(tx, services, told_to_wait)
        _applied(tx, applied, at, services.now())
    if lost:
        _lost(services, lost)
    if refused:
        refuse(services, refused)


def put_off(tx: Connection, services: Services, row: OutboxRow, detail: str) -> None:
    """The row is tried again after a pause that grows with its attempts."""
    outbox.later(tx, row.id, services.machine() + timedelta(seconds=pause(row.attempts)), detail)


def wait(tx: Connection, services: Services, told_to_wait: Sequence[tuple[OutboxRow, Written]]) -> None:
    """Rows that are to come back after a number of seconds do so together, as a batch costs what a row costs."""
    rows: dict[tuple[str, float], list[int]] = {}
    for row, result in told_to_wait:
        rows.setdefault((result.detail, result.after or 0.0), []).append(row.id)
    for (detail, after), ids in rows.items():
        outbox.wait(tx, ids, services.machine() + timedelta(seconds=pause(0, after)), detail)


def settle_later(services: Services, rows: Sequence[OutboxRow], problem: ConnectorError | None = None) -> None:
    """What became of these could not be told now; somebody looks again soon, and not only when the lease ends."""
    after = problem.after if isinstance(problem, TryLater) else None
    with services.ledger.writing() as tx:
        for row in rows:
            until = services.machine() + timedelta(seconds=pause(row.attempts, after))
            outbox.look_again(tx, [row.id], until)


# --- applied ----------------------------------------------------------------------------------------------------


def _applied(tx: Connection, applied: Sequence[Prepared], at: datetime, learnt_at: datetime) -> None:
    """The CRM carries these rows since `at`: assignment clocks are met, the first response's start, people are told.

    A cycle that ended while its write was on its way starts nothing: somebody else answers for the lead, or nobody has
    to.
    """
    outbox.finish_all(tx, [one.row.id for one in applied], SendState.APPLIED, sent_at=at)
    made = [(one, one.decision) for one in applied if one.decision]
    leads.applied(tx, [Carried(d.lead, d.cycle, d.outcome, one.write.owner_id) for one, d in made], at)
    decisions.note(tx, [LeadEvent(d.lead, d.cycle, "applied", at, learnt_at, {"owner": d.owner}) for _, d in made])
    # Asked after the rows were changed: on PostgreSQL they are ours by now, and nobody ends a cycle in between.
    rows = leads.current(tx, [decision.lead for _, decision in made])
    going_on = {(row.key, row.cycle) for row in rows.values() if not row.ended}
    made = [(one, decision) for one, decision in made if (decision.lead, decision.cycle) in going_on]
    waiting = clocks.of_cycles(tx, [(d.lead, d.cycle) for _, d in made], ClockKind.ASSIGNMENT)
    clocks.save_all(tx, [after for clock in waiting if (after := happen(clock, Happening.ASSIGNED, at)) != clock])
    started = [clock for one, _ in made for clock in one.clocks]
    clocks.insert(tx, started)
    decisions.note(
        tx, [_over(clock, at, learnt_at) for clock in started if clock.state == State.BREACHED and not clock.next_at]
    )
    _begin_offers(tx, {(d.lead, d.cycle): one.until for one, d in made if one.until})
    outbox.put_all(tx, [entry for one, decision in made for entry in _announced(decision, one.clock, one.row.lane)])


def _over(clock: Clock, at: datetime, learnt_at: datetime) -> LeadEvent:
    """The ladder goes on with the next owner, and nothing of it is left."""
    detail = {"clock": clock.kind.value, "owner": clock.owner, "why": NO_FURTHER_STEP}
    return LeadEvent(clock.lead, clock.cycle, "ladder_ended", at, learnt_at, detail)


def _begin_offers(tx: Connection, until: Mapping[tuple[LeadKey, int], datetime]) -> None:
    """An offer's time begins when the lead is there; its ladder is put off with its end."""
    for kind in OFFERS if until else ():
        for clock in clocks.of_cycles(tx, list(until), kind):
            later = until[clock.lead, clock.cycle] - clock.due_at
            if clock.state == State.RUNNING and clock.next_at and later > timedelta():
                steps = tuple(replace(step, at=step.at + later) for step in clock.steps)
                moved = replace(clock, due_at=clock.due_at + later, steps=steps, next_at=clock.next_at + later)
                clocks.save(tx, moved)


OFFERS = (ClockKind.ACCEPTANCE, ClockKind.CLAIM, ClockKind.LIMIT)
"""Clocks of the steps of a chain; the last one, of those that were decided before each had one of its own."""


def _announced(decision: Decision, clock: Clock | None, lane: Lane) -> Iterator[Entry]:
    """Whoever answers for the lead is told, and the owner gets a task with the due time."""
    who = decision.owner or decision.responsible
    if who and decision.outcome in {Outcome.ASSIGNED, Outcome.OFFERED, Outcome.REVIEW, Outcome.WAITING}:
        event = "assigned" if decision.owner and not decision.cycle else "reassigned" if decision.owner else "review"
        notice = Notify(decision.lead, event, (who,), f"{decision.reason} (lead {decision.lead})")
        yield Entry(decision.lead, decision.cycle, notice, f"{event}:{decision.id}", lane)
    if decision.owner and clock:
        task = CreateTask(decision.lead, decision.owner, "Answer this lead", clock.due_at, f"fairlead {decision.id}")
        yield Entry(decision.lead, decision.cycle, task, f"task:{decision.id}", lane)


# --- lost, or of unknown fate -----------------------------------------------------------------------------------


def _lost(services: Services, lost: Sequence[tuple[OutboxRow, str]]) -> None:
    """Somebody else changed the owner first, or an earlier attempt of our own did: a read tells."""
    try:
        found = read(services, [row for row, _ in lost])
    except ConnectorError as problem:
        found, unread = {}, f"; then {problem}"
    else:
        unread = "; then the record could not be read"
    confirm(services, [(row, lead) for row, _ in lost if (lead := found.get(row.key)) and carries(row, lead)])
    for row, detail in lost:
        lead = found.get(row.key)
        if lead is None:
            with services.ledger.writing() as tx:
                outbox.finish(tx, row.id, SendState.UNKNOWN, detail + unread)
        elif not carries(row, lead):
            give_way(services, row, lead, detail)


def read(services: Services, rows: Sequence[OutboxRow]) -> dict[LeadKey, Lead]:
    """The leads of these rows as the CRM shows them now; what nobody can read is missing."""
    records = services.crms[rows[0].key.crm].read(list(dict.fromkeys(row.key.id for row in rows)))
    return {one.key: one for one in records if isinstance(one, Lead)}


def carries(row: OutboxRow, lead: Lead) -> bool:
    """Whether the record carries this row's decision: then the write was applied, whoever owns the lead now."""
    return isinstance(row.action, AssignOwner) and lead.decision == row.action.decision


def confirm(services: Services, carried: Sequence[tuple[OutboxRow, Lead]]) -> None:
    """Earlier attempts were applied and their answers lost. The owners' history is looked at now, as it would have been
    then, in one batch for all of them; a person who has taken a lead since keeps it."""
    leads_read = {row.key: lead for row, lead in carried}
    prepared = as_sent(services, [row for row, _ in carried])
    if not prepared:
        return
    rows = [one.row for one in prepared]
    try:
        results = services.crms[rows[0].key.crm].confirm([one.write for one in prepared])
    except ConnectorError as problem:
        services.log.warning(
            "writes wait to be confirmed", crm=rows[0].key.crm, waiting=len(rows), problem=str(problem)
        )
        settle_later(services, rows, problem)
        return
    became = list(zip(prepared, results, strict=True))
    settle_later(services, [one.row for one, result in became if result.outcome == "later"])
    if confirmed := [one for one, result in became if result.outcome not in {"later", "lost"}]:
        _confirmed(services, confirmed, leads_read)
    lost = [(one.row, result.detail) for one, result in became if result.outcome == "lost"]
    now_there = read(services, [row for row, _ in lost]) if lost else {}
    for row, detail in lost:
        give_way(services, row, now_there.get(row.key, leads_read[row.key]), detail)


def as_sent(services: Services, rows: Sequence[OutboxRow]) -> list[Prepared]:
    """The rows as they were when they were sent; one whose owner is no active user any more is missing."""
    playbook, found = services.playbook(), []
    with services.ledger.reading() as tx:
        owners = directory(people.directory(tx, rows[0].key.crm)) if rows else {}
        for at, together in _by_time(rows, services.now()):
            prepared, _ = prepare(tx, playbook, together, owners, at)
            found += prepared
    return found


def _by_time(rows: Sequence[OutboxRow], now: datetime) -> list[tuple[datetime, list[OutboxRow]]]:
    """The rows by when they were sent: clocks start then."""
    times: dict[datetime, list[OutboxRow]] = {}
    for row in rows:
        times.setdefault(row.sent_at or now, []).append(row)
    return list(times.items())


def _confirmed(services: Services, confirmed: Sequence[Prepared], leads_read: Mapping[LeadKey, Lead]) -> None:
    now = services.now()
    of_row = {one.row.id: one for one in confirmed}
    with services.ledger.deciding() as tx:
        for at, together in _by_time([one.row for one in confirmed], now):
            _applied(tx, [of_row[row.id] for row in together], at, now)
        current = leads.current(tx, [one.row.key for one in confirmed])
        for one in confirmed:
            lead, cycle, wrote = leads_read[one.row.key], current.get(one.row.key), one.write.owner_id
            if not (cycle and cycle.cycle == one.row.cycle and not lead.unowned and wrote):
                continue
            if lead.owner_id not in (wrote, cycle.owner_id) and not claim(tx, services.playbook(), cycle, lead, now):
                end_taken(tx, services.playbook(), cycle, lead, now)


def give_way(services: Services, row: OutboxRow, lead: Lead, detail: str) -> None:
    """End the cycle of a row that was lost: the lead is gone, a person has it, or it is decided again."""
    _end_or_renew(services, row, lead, SendState.LOST, detail, Cause.LOST_RACE)


# --- refused ----------------------------------------------------------------------------------------------------


def refuse(services: Services, refused: Sequence[Unsendable]) -> None:
    """The CRM will never take these rows. Where one would have made somebody the owner, the lead is decided again
    without him; where it would not (a review, a wait), whoever answers for the lead is told all the same."""
    with services.ledger.reading() as tx:
        current = leads.current(tx, [one.row.key for one in refused])
    for one in refused:
        services.log.error("write refused", lead=str(one.row.key), cycle=one.row.cycle, problem=one.reason)
    renewed = [one for one in refused if _would_assign(one.row, current)]
    for one in refused:
        if one not in renewed:
            _refused_for_good(services, one)
    if not renewed:
        return
    try:
        found = read(services, [one.row for one in renewed])
    except ConnectorError as problem:
        found = {}
        services.log.warning("refused leads wait to be decided again", leads=len(renewed), problem=str(problem))
    for one in renewed:
        lead = found.get(one.row.key)
        if lead is None:
            with services.ledger.writing() as tx:
                put_off(tx, services, one.row, one.reason)
        else:
            _end_or_renew(services, one.row, lead, SendState.REFUSED, one.reason, Cause.WRITE_REFUSED)


def _would_assign(row: OutboxRow, current: dict[LeadKey, leads.LeadRow]) -> bool:
    cycle = current.get(row.key)
    return isinstance(row.action, AssignOwner) and bool(row.action.owner) and bool(cycle and cycle.cycle == row.cycle)


def _refused_for_good(services: Services, one: Unsendable) -> None:
    row, now = one.row, services.now()
    with services.ledger.writing() as tx:
        outbox.finish(tx, row.id, SendState.REFUSED, one.reason)
        if not isinstance(row.action, AssignOwner):
            return
        decisions.event(tx, row.key, row.cycle, "write_refused", now, now, {"why": one.reason})
        decision = decisions.get(tx, row.action.decision)
        if decision:
            outbox.put_all(tx, list(_announced(decision, None, row.lane)))


def _end_or_renew(services: Services, row: OutboxRow, lead: Lead, state: SendState, detail: str, cause: Cause) -> None:
    """End the row's cycle: gone, taken by a person, or decided again from what the CRM shows now."""
    now, playbook = services.now(), services.playbook()
    try:
        with services.ledger.deciding() as tx:
            outbox.finish(tx, row.id, state, detail, now)
            kind = "lost_race" if state == SendState.LOST else "write_refused"
            decisions.event(tx, row.key, row.cycle, kind, now, now, {"why": detail})
            current = leads.current(tx, [row.key]).get(row.key)
            if not current or current.cycle != row.cycle or current.ended:
                return
            if not isinstance(row.action, AssignOwner | LookBack):
                return
            if lead.gone:
                end_gone(tx, playbook, lead, now)
            elif _has_claimed(tx, playbook, current, lead, now):
                return
            elif not (lead.unowned or lead.owner_id == row.action.expected_owner or came_late(tx, current, lead)):
                end_taken(tx, playbook, current, lead, now)
            else:
                record(tx, services.ledger, playbook, [again(tx, lead, current, cause)], now)
    except StalePlaybook:
        with services.ledger.writing() as tx:
            outbox.later(tx, row.id, services.machine() + timedelta(seconds=1), "the configuration has changed")


def _has_claimed(tx: Connection, playbook: Playbook, current: LeadRow, lead: Lead, now: datetime) -> bool:
    """Whether whoever was quicker than our write of a lead that waits has it now, as noticed before or just here."""
    if current.outcome == Outcome.WAITING:
        return claim(tx, playbook, current, lead, now)
    made = decisions.get(tx, current.decision)
    return bool(made and made.outcome == Outcome.WAITING and current.owner and lead.owner_id == current.owner_id)
