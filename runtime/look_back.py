"""Look back: a write whose answer was lost, and that a read did not find, may still arrive.

Some gateway holds the request and carries it out minutes later, over the choice of a person who came meanwhile. A CRM
that guards each row refuses it even then. Of the others the owner's history is asked twice, a minute and ten minutes
after that read, and a choice that was written over is put back. A look is a row of the outbox, so that it outlives
workers and the broker; the end of the lead's cycle does not withdraw it. A write that was answered costs none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from connectors.base import ConnectorError, TryLater, Write, Written
from domain.actions import AssignOwner, LookBack, WriteFields
from domain.clocks import ClockKind
from domain.leads import Lead, Value
from domain.people import CrmUser
from ledger import clocks, decisions, leads, outbox, people
from ledger.leads import LeadRow
from ledger.outbox import OF_THE_PAST, Entry, OutboxRow, SendState
from runtime.cycles import end_taken
from runtime.outcomes import give_way, put_off, read, wait
from runtime.pacing import LEASE_SECONDS
from runtime.services import Services

BATCH = 200
LAST_AFTER = 10
"""The last look comes so many times `Services.look_back_after` after the first one."""

CAME_OVER = "an earlier write that nobody heard of came over it"
NO_USER = "its owner is not a user of this CRM any more"


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the outbox that is due, and the write that it asks about."""

    row: OutboxRow
    action: LookBack
    write: Write


def ask_for(services: Services, crm: str, rows: Sequence[OutboxRow]) -> None:
    """Whoever looks back does so at these rows, each of which may still arrive. Asked for twice it is done once."""
    if services.crms[crm].guards_itself or not rows:
        return
    first = services.machine() + timedelta(seconds=services.look_back_after)
    with services.ledger.writing() as tx:
        for row in rows:
            if isinstance(row.action, AssignOwner) and row.action.owner:
                sent = row.action
                look = LookBack(row.key, sent.decision, row.action.owner, sent.expected_owner)
                entry = Entry(row.key, row.cycle, look, f"look back {row.attempts}:{sent.decision}", row.lane)
                outbox.put_instead(tx, entry, first)


def look_back(services: Services, crm: str) -> None:
    """Ask what became of writes that a read has not found, where that is due."""
    if services.crms[crm].guards_itself:
        return
    looks = _due(services, crm)
    if not looks:
        return
    told = _told(services, crm, looks)
    doubtful: list[tuple[Look, Written]] = []
    with services.ledger.writing() as tx:
        now = leads.current(tx, [look.row.key for look in looks])
        wait(tx, services, [(look.row, one) for look, one in told if one.outcome == "later" and one.after is not None])
        for look, one in told:
            if one.outcome == "later":
                if one.after is None:
                    put_off(tx, services, look.row, one.detail)
                continue
            _once_more(tx, services, look)
            row = look.row
            # Whoever looked before and did not come back may have put a choice back, and not have told the ledger.
            if one.outcome == "applied" and row.attempts == 1 and now[row.key].cycle == row.cycle:
                outbox.finish(tx, look.row.id, SendState.APPLIED, "")
            else:
                doubtful.append((look, one))
    if doubtful:
        _conclude(services, doubtful)


def _due(services: Services, crm: str) -> list[Look]:
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, (OF_THE_PAST,), BATCH, services.machine(), LEASE_SECONDS)
        ids = _ids(people.directory(tx, crm)) if rows else {}
        looks = []
        for row in rows:
            action = row.action
            if not isinstance(action, LookBack) or action.owner not in ids:
                outbox.finish(tx, row.id, SendState.REFUSED, NO_USER)
                continue
            write = Write(row.key, {}, action.decision, ids[action.owner], action.expected_owner)
            looks.append(Look(row, action, write))
    return looks


def _ids(users: Sequence[CrmUser]) -> Mapping[str, str]:
    """Whoever was written minutes ago may be inactive now; of two with one address the active one was written."""
    return {(user.email or user.name): user.id for user in sorted(users, key=lambda user: user.active)}


def _told(services: Services, crm: str, looks: Sequence[Look]) -> list[tuple[Look, Written]]:
    try:
        told = services.crms[crm].confirm([look.write for look in looks])
    except ConnectorError as problem:
        services.log.warning("looks back have to wait", crm=crm, waiting=len(looks), problem=str(problem))
        after = problem.after if isinstance(problem, TryLater) else None
        told = [Written(look.row.key, "later", str(problem), after) for look in looks]
    return list(zip(looks, told, strict=True))


def _once_more(tx: Connection, services: Services, look: Look) -> None:
    """A second look follows the first."""
    if look.action.last:
        return
    at = services.machine() + timedelta(seconds=services.look_back_after * LAST_AFTER)
    again = replace(look.action, last=True)
    outbox.put(tx, look.row.key, look.row.cycle, again, f"look back again:{look.row.id}", at)


def _conclude(services: Services, looks: Sequence[tuple[Look, Written]]) -> None:
    """The cycle of each lead that somebody else has ends; one read for all of them tells who that is."""
    try:
        found = read(services, [look.row for look, _ in looks])
    except ConnectorError as problem:
        found = {}
        services.log.warning("late writes wait to be made up for", leads=len(looks), problem=str(problem))
    with services.ledger.reading() as tx:
        now = leads.current(tx, [look.row.key for look, _ in looks])
    for look, one in looks:
        row, lead, current = look.row, found.get(look.row.key), now[look.row.key]
        if lead is None:
            with services.ledger.writing() as tx:
                put_off(tx, services, row, one.detail)
        elif one.outcome == "applied" and not _came_over(lead, look, current):
            with services.ledger.writing() as tx:
                outbox.finish(tx, row.id, SendState.APPLIED, "")
        else:
            detail = one.detail or CAME_OVER
            services.log.warning("a late write came over another choice", lead=str(row.key), detail=detail)
            if current.cycle == row.cycle or current.ended:
                give_way(services, row, lead, detail)
            else:
                _restore(services, row, lead, detail)


def _came_over(lead: Lead, look: Look, current: LeadRow) -> bool:
    """Whether the record still shows that: a person's lead in the cycle of that write, and in a later cycle the
    decision of another one."""
    if current.cycle > look.row.cycle:
        return current.applied_at is not None and lead.decision in (None, look.action.decision)
    ours = lead.owner_id in (look.write.owner_id, look.write.expected_owner)
    return not (lead.gone or lead.unowned or ours or lead.decision == look.action.decision)


def _restore(services: Services, row: OutboxRow, lead: Lead, detail: str) -> None:
    """The lead has been decided again since. Where the choice that was put back is ours, the record carries that
    decision again; where it is not, that cycle ends."""
    now = services.now()
    with services.ledger.deciding() as tx:
        outbox.finish(tx, row.id, SendState.LOST, detail, now)
        decisions.event(tx, row.key, row.cycle, "lost_race", now, now, {"why": detail})
        current = leads.current(tx, [row.key])[row.key]
        if current.ended or lead.gone or lead.unowned:
            return
        if lead.owner_id != current.owner_id:
            end_taken(tx, services.playbook(), current, lead, now)
        elif current.applied_at:
            fields = WriteFields(row.key, _fields(tx, current))
            outbox.put(tx, row.key, current.cycle, fields, f"carry again:{row.id}")


def _fields(tx: Connection, current: LeadRow) -> dict[str, Value]:
    """What the current decision wrote, as far as the late write went over it."""
    fields: dict[str, Value] = {"decision": current.decision}
    for row in outbox.of_lead(tx, current.key):
        if isinstance(row.action, AssignOwner) and row.action.decision == current.decision:
            fields |= row.action.fields
    for clock in clocks.of_lead(tx, current.key, current.cycle):
        if clock.kind == ClockKind.FIRST_RESPONSE:
            fields["due_at"] = clock.due_at.isoformat()
    return fields
