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

from connectors.base import NOBODY, AsRead, ConnectorError, TryLater, Write, Written
from domain.actions import AssignOwner, LookBack, WriteFields
from domain.clocks import ClockKind
from domain.leads import Lead, ReadLater, Value
from domain.people import CrmUser
from ledger import clocks, decisions, leads, outbox, people
from ledger.leads import LeadRow
from ledger.outbox import OF_THE_PAST, Entry, OutboxRow, SendState
from runtime.cycles import end_taken
from runtime.outcomes import as_sent, give_way, put_off, read, wait
from runtime.pacing import LEASE_SECONDS
from runtime.services import Services

BATCH = 200
LAST_AFTER = 10
"""The last look comes so many times `Services.look_back_after` after the first one."""

CAME_OVER = "an earlier write that nobody heard of came over it"
DOUBTFUL = "whether a late write of ours has taken its owner away has to be told first"
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
    # Of the others it is known: they write whom they name.
    nobodys = [row for row in rows if isinstance(row.action, AssignOwner) and not row.action.owner]
    took_away = {one.row.id for one in as_sent(services, nobodys) if one.write.owner_id == NOBODY}
    with services.ledger.writing() as tx:
        for row in rows:
            if not isinstance(row.action, AssignOwner):
                continue
            sent = row.action
            if sent.owner or row.id in took_away:
                look = LookBack(row.key, sent.decision, sent.owner or NOBODY, sent.expected_owner)
                entry = Entry(row.key, row.cycle, look, f"look back {row.attempts}:{sent.decision}", row.lane)
                outbox.put_instead(tx, entry, first)


def read_settled(services: Services, crm: str, ids: Sequence[str]) -> list[AsRead]:
    """As `Crm.read`. Where a record of ours has no owner, and a write that takes him away may have come late over
    somebody's choice, that is looked up first, and the choice put back. Who cannot be told of now is read later."""
    connector = services.crms[crm]
    records = list(connector.read(ids))
    if connector.guards_itself:
        return records
    unowned = [one.key for one in records if isinstance(one, Lead) and one.unowned and one.decision and not one.gone]
    if not unowned:
        return records
    with services.ledger.reading() as tx:
        looks = outbox.unfinished(tx, unowned, OF_THE_PAST)
    suspects = {row.key for row in looks if isinstance(row.action, LookBack) and row.action.owner == NOBODY}
    looks = [row for row in looks if row.key in suspects]
    if not looks:
        return records
    with services.ledger.writing() as tx:
        for row in looks:
            if isinstance(row.action, LookBack):
                # Early looks are one more: the write may arrive still later.
                outbox.hasten(tx, row.id, replace(row.action, last=False), services.machine())
    for _ in looks:  # one of a lead at a time
        look_back(services, crm)
    with services.ledger.reading() as tx:
        open_still = {row.id for row in outbox.unfinished(tx, suspects, OF_THE_PAST)}
    doubtful = {row.key for row in looks if row.id in open_still}
    fresh = {one.key: one for one in connector.read([key.id for key in sorted(suspects - doubtful)])}
    return [ReadLater(one.key, DOUBTFUL) if one.key in doubtful else fresh.get(one.key, one) for one in records]


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
    with services.ledger.reading() as tx:
        if not outbox.due(tx, crm, (OF_THE_PAST,), services.machine()):
            return []
    with services.ledger.writing() as tx:
        rows = outbox.lease(tx, crm, (OF_THE_PAST,), BATCH, services.machine(), LEASE_SECONDS)
        ids = _ids(people.directory(tx, crm)) if rows else {}
        looks = []
        for row in rows:
            action = row.action
            if not isinstance(action, LookBack) or action.owner not in (NOBODY, *ids):
                outbox.finish(tx, row.id, SendState.REFUSED, NO_USER)
                continue
            write = Write(row.key, {}, action.decision, ids.get(action.owner, NOBODY), action.expected_owner)
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
            if (current.cycle == row.cycle or current.ended) and not _is_claimed(look, current):
                give_way(services, row, lead, detail)
            else:
                _restore(services, row, lead, detail)


def _came_over(lead: Lead, look: Look, current: LeadRow) -> bool:
    """Whether the record still shows that: a person's lead in the cycle of that write, and in a later cycle the
    decision of another one."""
    if current.cycle > look.row.cycle:
        return current.applied_at is not None and lead.decision in (None, look.action.decision)
    if _is_claimed(look, current):
        return True
    ours = lead.owner_id in (look.write.owner_id, look.write.expected_owner)
    return not (lead.gone or lead.unowned or ours or lead.decision == look.action.decision)


def _is_claimed(look: Look, current: LeadRow) -> bool:
    """Whether somebody is known to have taken the lead that this write opened to everyone."""
    opened = look.write.owner_id == NOBODY and current.cycle == look.row.cycle
    return opened and current.owner is not None and not current.ended


def _restore(services: Services, row: OutboxRow, lead: Lead, detail: str) -> None:
    """The lead has been decided again since, or claimed. Where the choice that was put back is the one that we know,
    the record carries what was written of it again; where it is not, that cycle ends."""
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
    """What was written of the current cycle, as far as the late write went over it. The answer is the person's."""
    fields: dict[str, Value] = {"decision": current.decision}
    for row in outbox.of_lead(tx, current.key):
        if row.cycle == current.cycle and isinstance(row.action, AssignOwner | WriteFields):
            fields |= row.action.fields
    fields.pop("answer", None)
    for clock in clocks.of_lead(tx, current.key, current.cycle):
        if clock.kind == ClockKind.FIRST_RESPONSE:
            fields["due_at"] = clock.due_at.isoformat()
    return fields
