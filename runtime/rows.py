"""Rows of the outbox as the CRM will get them: owners as its own ids, and the due time of the clock that will start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import NOBODY, Write
from domain.actions import AssignOwner, WriteFields
from domain.clocks import Clock, State
from domain.decisions import Decision, Outcome
from domain.leads import Value
from domain.people import CrmUser
from ledger import decisions
from ledger.outbox import OutboxRow
from playbook.book import Playbook
from router.waits import RETURN, lasts_until
from runtime.late_truth import NO_BREACH
from runtime.starting import as_told, first_response, response_clocks


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row that can be sent. `clocks` are what starts when the write is applied, and `until` is when the offer that
    begins then is over."""

    row: OutboxRow
    write: Write
    decision: Decision | None = None
    clocks: tuple[Clock, ...] = ()
    until: datetime | None = None

    @property
    def clock(self) -> Clock | None:
        """The first response's."""
        return first_response(self.clocks)


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A row that no write can be made of, and why."""

    row: OutboxRow
    reason: str


def directory(users: Sequence[CrmUser]) -> dict[str, str]:
    """E-mail address of an active person, or the name of a queue, to the CRM's id."""
    return {(user.email or user.name): user.id for user in users if user.active}


def prepare(
    tx: Connection, playbook: Playbook, rows: Sequence[OutboxRow], owners: Mapping[str, str], at: datetime
) -> tuple[list[Prepared], list[Unsendable]]:
    """What is sent at `at` (business time), and what cannot be. The due time that travels in a row is the one of the
    clock that starts when this very write is applied."""
    made = decisions.get_all(tx, [row.action.decision for row in rows if isinstance(row.action, AssignOwner)])
    if made:
        playbook = as_told(tx, playbook)
    prepared, unsendable = [], []
    for row in rows:
        action = row.action
        if isinstance(action, WriteFields):
            prepared.append(Prepared(row, Write(row.key, action.fields)))
        elif isinstance(action, AssignOwner):
            if action.owner and action.owner not in owners:
                unsendable.append(Unsendable(row, f"{action.owner} is not an active user of this CRM"))
                continue
            prepared.append(_assignment(tx, playbook, row, action, made.get(action.decision), owners, at))
    return prepared, unsendable


def _assignment(
    tx: Connection,
    playbook: Playbook,
    row: OutboxRow,
    action: AssignOwner,
    decision: Decision | None,
    owners: Mapping[str, str],
    at: datetime,
) -> Prepared:
    clocks: tuple[Clock, ...] = ()
    fields: dict[str, Value] = dict(action.fields)
    if decision and decision.outcome in (Outcome.ASSIGNED, Outcome.OFFERED):
        clocks = response_clocks(tx, playbook, decision, at)
    response = first_response(clocks)
    if response:
        state = "On track" if response.state == State.RUNNING else "Breached"
        fields |= {"due_at": response.due_at.isoformat(), "sla_state": state}
    elif decision and decision.rule == RETURN:
        fields |= {"sla_state": "Met late-logged", "ladder_step": NO_BREACH, "breach_cause": None}
    until = lasts_until(decision, playbook.rules, at) if decision else None
    if until:
        fields["waiting_until"] = until.isoformat()
    write = Write(
        row.key,
        fields,
        decision=action.decision,
        owner_id=owners.get(action.owner) if action.owner else _lies_in(playbook, action, decision, owners),
        expected_owner=action.expected_owner,
    )
    return Prepared(row, write, decision, clocks, until)


def _lies_in(
    playbook: Playbook, action: AssignOwner, decision: Decision | None, owners: Mapping[str, str]
) -> str | None:
    """Who owns a lead that lies in a queue: the CRM's queue of that name, which `fairlead provision` makes. Where there
    is none the owner stays; but a person who has not taken up a lead that is open to everyone loses it all the same:
    to the first queue that `new_when` names, else to nobody."""
    if action.queue is None:
        return None
    if there := _queue(owners, action.queue):
        return there
    people = {id for name, id in owners.items() if "@" in name}
    mapping = playbook.crms[action.lead.crm]
    lies_there = action.queue in mapping.queues or (decision is not None and decision.outcome == Outcome.WAITING)
    if action.expected_owner not in people or not lies_there:
        return None
    entries = mapping.unowned_by
    queues = (_queue(owners, entry.removeprefix("queue:")) for entry in entries if entry.startswith("queue:"))
    return next((id for id in queues if id), NOBODY if "nobody" in entries else None)


def _queue(owners: Mapping[str, str], name: str) -> str | None:
    """The queue of this name; Salesforce finds, and so `fairlead provision` leaves, one with other capitals too."""
    return owners.get(name) or next((id for each, id in owners.items() if each.casefold() == name.casefold()), None)
