"""What the core asked the world to do: each row once, with what became of it.

A row's life is the table FOLLOWS. While a row is being sent, or nobody knows what became of it, nothing else that could
overtake it is sent about its lead.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, and_, bindparam, case, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from domain.actions import Action
from domain.leads import LeadKey
from ledger import codec
from ledger.columns import (
    EPOCH,
    LEAD,
    among_leads,
    as_stored,
    in_parts,
    is_lead,
    is_one_of_these_leads,
    is_the_lead,
    key_in,
    naming_all,
    of_leads_by_record,
    of_the_lead,
)
from ledger.dialects import insert_new, write_all
from ledger.lists import is_in_list
from ledger.tables import outbox


class SendState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    APPLIED = "applied"
    LOST = "lost"
    """Somebody else changed the record first."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It may have been applied: a read has to settle it."""
    VOID = "void"
    """Its cycle ended before it was sent."""


FOLLOWS: Mapping[SendState, frozenset[SendState]] = {
    SendState.WAITING: frozenset({SendState.SENDING, SendState.VOID}),
    SendState.SENDING: frozenset(
        {
            SendState.APPLIED,
            SendState.LOST,
            SendState.REFUSED,
            SendState.UNKNOWN,
            SendState.WAITING,
            SendState.VOID,
        }
    ),
    # Unknown again: a worker that was slower than its lease reports what others have found out.
    SendState.UNKNOWN: frozenset(
        {
            SendState.APPLIED,
            SendState.LOST,
            SendState.REFUSED,
            SendState.UNKNOWN,
            SendState.WAITING,
            SendState.VOID,
        }
    ),
    SendState.APPLIED: frozenset(),
    SendState.LOST: frozenset(),
    # Refused for good, unless somebody has repaired the reason: the reconciliation asks again.
    SendState.REFUSED: frozenset({SendState.WAITING}),
    SendState.VOID: frozenset(),
}

Lane = Literal["hot", "bulk"]

HOT_FIRST: tuple[Lane, ...] = ("hot", "bulk")

RECORD_WRITES = ("assign_owner", "write_fields")
"""Kinds that change the record in the CRM. Until one is settled, nothing younger is sent about its lead."""

NOTICES = ("notify", "report")

OF_THE_PAST = "look_back"
"""The kind that asks about a write of the past."""

OUTLIVES_ITS_CYCLE = (OF_THE_PAST, "report")
"""Kinds that are about what has happened: the end of a cycle does not withdraw them."""

IN_FLIGHT = (SendState.SENDING.value, SendState.UNKNOWN.value)


class ImpossibleMove(Exception):
    """A row was asked to become what cannot follow its state: two workers disagree, and nothing is written."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One action and what became of it. `sent_at` is business time; `detail` says why, in words. `attempts` counts
    those that were made or whose fate is unknown, not those for which the CRM had no time."""

    id: int
    key: LeadKey
    cycle: int
    action: Action
    state: SendState
    attempts: int
    sent_at: datetime | None
    detail: str
    lane: Lane = "hot"


@dataclass(frozen=True, slots=True)
class Entry:
    """An action that is asked for; two with the same `token` (`assign:<decision>`) are one. The hot lane is sent before
    the bulk lane, whatever waits there."""

    key: LeadKey
    cycle: int
    action: Action
    token: str
    lane: Lane = "hot"


def put(
    tx: Connection,
    key: LeadKey,
    cycle: int,
    action: Action,
    token: str,
    not_before_machine: datetime | None = None,
) -> bool:
    """Ask for the action, not before that machine time; False where its token was there already."""
    statement = insert_new(tx, outbox, outbox.c.id)
    return tx.execute(statement, _values(Entry(key, cycle, action, token), not_before_machine)).first() is not None


def put_instead(tx: Connection, entry: Entry, not_before_machine: datetime) -> None:
    """Ask for the action, not before that machine time, in place of whatever of its kind waits about the lead. Where
    its token was there already, all stays as it is."""
    waiting = and_(is_lead(outbox, entry.key), outbox.c.state == SendState.WAITING.value)
    new = tx.execute(insert_new(tx, outbox, outbox.c.id), _values(entry, not_before_machine)).scalar()
    if new is not None:
        tx.execute(
            update(outbox)
            .where(waiting, outbox.c.kind == entry.action.kind, outbox.c.id != new)
            .values(state=SendState.VOID.value)
        )


def put_all(tx: Connection, entries: Sequence[Entry]) -> None:
    """Ask for all of these, in this order; what was asked for before stays as it is."""
    write_all(tx, insert_new(tx, outbox), _columns(entries))


def _columns(entries: Sequence[Entry]) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {
        "token": [entry.token for entry in entries],
        "cycle": [entry.cycle for entry in entries],
        "kind": [entry.action.kind for entry in entries],
        "action": [entry.action for entry in entries],
        "lane": [entry.lane for entry in entries],
    }
    alike = {name: [value] * len(entries) for name, value in _ANEW.items()}
    return naming_all([entry.key for entry in entries]) | columns | alike


def _values(entry: Entry, not_before_machine: datetime | None = None) -> dict[str, Any]:
    row = {name: value for name, [value] in _columns([entry]).items()}
    return {**row, "next_try_at": not_before_machine or EPOCH}


_WAITING, _APPLIED = SendState.WAITING.value, SendState.APPLIED.value
_ANEW: Mapping[str, Any] = {
    "state": _WAITING,
    "attempts": 0,
    "next_try_at": EPOCH,
    "detail": "",
    "withdrawn": False,
}


def lease(
    tx: Connection,
    crm: str,
    kinds: Sequence[str],
    most: int,
    machine: datetime,
    seconds: float,
    at: datetime | None = None,
    lanes: Sequence[Lane] = HOT_FIRST,
) -> list[OutboxRow]:
    """Rows of these kinds to send now, the hot lane first, then the oldest, and one per lead; they are `sending` for at
    most `seconds`. `at` (business time) is kept as the time of sending: whoever settles them after a crash knows it.

    A row is passed over while its lead has an older unfinished record write, or an older unfinished row of the same
    kind. Rows whose lease ran out while they were being sent become `unknown` first.
    """
    _expire(tx, crm, machine)
    first_of_each: dict[LeadKey, RowMapping] = {}
    for lane in sorted(set(lanes), key=HOT_FIRST.index):
        wanted = {"of_crm": crm, "of_lane": lane, "of_kinds": list(kinds), "by_machine": machine}
        rows = tx.execute(_SENDABLE, wanted | {"most": most - len(first_of_each)}).mappings()
        for row in rows:
            first_of_each.setdefault(key_in(row), row)
    leased = list(first_of_each.values())
    for ids in in_parts([row["id"] for row in leased]):
        tx.execute(_BEING_SENT, {"of_ids": ids, "until": machine + timedelta(seconds=seconds), "sent": at})
    return [_row(row, SendState.SENDING, row["attempts"] + 1) for row in leased]


def due(tx: Connection, crm: str, kinds: Sequence[str], machine: datetime, lanes: Sequence[Lane] = HOT_FIRST) -> bool:
    """Whether rows of these kinds wait for their turn now. Some may have to wait all the same for others of their lead:
    `lease` tells."""
    wanted = {"of_crm": crm, "of_lanes": list(lanes), "of_kinds": list(kinds), "by_machine": machine}
    return tx.scalar(_DUE, wanted) is not None


def unclear(tx: Connection, crm: str, machine: datetime) -> bool:
    """Whether there are rows for `unsettled`: of unknown fate, or being sent by somebody who never came back."""
    return tx.scalar(_UNCLEAR, {"of_crm": crm, "by_machine": machine}) is not None


def unsettled(
    tx: Connection, crm: str, most: int, machine: datetime, seconds: float, lanes: Sequence[Lane] = HOT_FIRST
) -> list[OutboxRow]:
    """Rows of these lanes that nobody knows the fate of, of every kind, oldest first; nobody else gets them for
    `seconds`.

    They stay `unknown` until `finish` or `later` says otherwise.
    """
    _expire(tx, crm, machine)
    rows = tx.execute(
        select(outbox)
        .where(
            outbox.c.crm == crm,
            outbox.c.state == SendState.UNKNOWN.value,
            outbox.c.lane.in_(lanes),
            or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= machine),
        )
        .order_by(outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).mappings()
    found = [_row(row) for row in rows]
    for ids in in_parts([row.id for row in found]):
        tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(leased_until=machine + timedelta(seconds=seconds)))
    return found


def look_again(tx: Connection, ids: Sequence[int], machine: datetime) -> None:
    """These could not be settled now: whoever asks for unsettled rows from then on gets them."""
    for part in in_parts(ids):
        unknown = outbox.c.state == SendState.UNKNOWN.value
        tx.execute(update(outbox).where(outbox.c.id.in_(part), unknown).values(leased_until=machine))


def finish(tx: Connection, row_id: int, state: SendState, detail: str, sent_at: datetime | None = None) -> None:
    """What became of the row. ImpossibleMove where that cannot follow; to try again is `later`."""
    if state in (SendState.WAITING, SendState.SENDING):
        raise ImpossibleMove(f"{state.value} is no end")
    values: dict[str, Any] = {"state": state.value, "detail": detail, "leased_until": None}
    if sent_at is not None:
        values["sent_at"] = sent_at
    _move(tx, row_id, state, values)


def finish_all(
    tx: Connection, row_ids: Sequence[int], state: SendState, sent_at: datetime | None = None, detail: str = ""
) -> None:
    """The same end for many rows. ImpossibleMove where one of them cannot: the transaction is to be rolled back."""
    if state in (SendState.WAITING, SendState.SENDING):
        raise ImpossibleMove(f"{state.value} is no end")
    before = [each.value for each, after in FOLLOWS.items() if state in after]
    values: dict[str, Any] = {"state": state.value, "detail": detail, "leased_until": None}
    if sent_at is not None:
        values["sent_at"] = sent_at
    moved = 0
    for ids in in_parts(row_ids):
        moved += tx.execute(
            update(outbox).where(outbox.c.id.in_(ids), outbox.c.state.in_(before)).values(**values)
        ).rowcount
    if moved != len(row_ids):
        raise ImpossibleMove(f"{len(row_ids) - moved} of {len(row_ids)} rows of the outbox cannot become {state.value}")


def later(tx: Connection, row_id: int, next_try_machine: datetime, detail: str) -> None:
    """The row waits until then; or is void, where its cycle has ended while it was being sent."""
    state = case((outbox.c.withdrawn, SendState.VOID.value), else_=SendState.WAITING.value)
    values = {"state": state, "detail": detail, "leased_until": None, "next_try_at": next_try_machine}
    _move(tx, row_id, SendState.WAITING, values)


def wait(tx: Connection, row_ids: Sequence[int], next_try_machine: datetime, detail: str) -> None:
    """Like `later`, for rows that the CRM had no time for: nothing was tried, and it does not count as an attempt. A
    row that others have found out about meanwhile stays as they left it."""
    state = case((outbox.c.withdrawn, SendState.VOID.value), else_=SendState.WAITING.value)
    for ids in in_parts(row_ids):
        tx.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.state == SendState.SENDING.value)
            .values(
                state=state,
                detail=detail,
                leased_until=None,
                next_try_at=next_try_machine,
                attempts=outbox.c.attempts - 1,
            )
        )


def holds(tx: Connection, crm: str, lane: Lane, number: int) -> bool:
    """Whether so many record writes of this lane wait to be sent."""
    waiting = select(outbox.c.id).where(
        outbox.c.crm == crm,
        outbox.c.state == SendState.WAITING.value,
        outbox.c.lane == lane,
        outbox.c.kind.in_(RECORD_WRITES),
    )
    return tx.scalar(waiting.offset(number - 1).limit(1)) is not None


def ask_again(tx: Connection, key: LeadKey, cycle: int, machine: datetime) -> int:
    """Send the owner's write of this cycle again where it was refused: the reason may be repaired. How many rows."""
    refused = and_(outbox.c.state == SendState.REFUSED.value, outbox.c.kind == "assign_owner")
    return tx.execute(
        update(outbox)
        .where(is_lead(outbox, key), outbox.c.cycle == cycle, refused)
        .values(state=SendState.WAITING.value, next_try_at=machine)
    ).rowcount


def void(tx: Connection, key: LeadKey, cycle: int) -> int:
    """Withdraw what was not sent yet of an ended cycle; how many rows. What is being sent is not sent a second time.
    What is about the past (`OUTLIVES_ITS_CYCLE`) is sent all the same."""
    of_cycle = of_the_lead(key) | {"of_cycle": cycle}
    tx.execute(_WITHDRAW, of_cycle)
    return tx.execute(_VOID, of_cycle).rowcount


def of_lead(tx: Connection, key: LeadKey) -> list[OutboxRow]:
    """Everything that was asked for about the lead, oldest first."""
    rows = tx.execute(select(outbox).where(is_lead(outbox, key)).order_by(outbox.c.id)).mappings()
    return [_row(row) for row in rows]


def untold(tx: Connection, owners: Mapping[LeadKey, tuple[int, str]]) -> set[LeadKey]:
    """The leads of whose cycle its owner was to be told, and nothing has reached him: neither a message nor a task."""
    wanted: set[LeadKey] = set()
    reached: set[LeadKey] = set()
    for these, by_record in of_leads_by_record(owners):
        for record, cycle, state, stored in tx.execute(_TELLING, these).all():
            key = by_record[record]
            of, owner = owners[key]
            known = reached if state == _APPLIED else wanted
            if cycle != of or key in reached or key in known:
                continue
            action = json.loads(stored)
            if owner in (*action.get("asked", action.get("to", ())), action.get("owner")):
                known.add(key)
    return wanted - reached


def unfinished(tx: Connection, keys: Iterable[LeadKey], kind: str) -> list[OutboxRow]:
    """Rows of this kind about these leads that wait, are being sent, or are of unknown fate; oldest first."""
    open_ = and_(outbox.c.kind == kind, outbox.c.state.in_((SendState.WAITING.value, *IN_FLIGHT)))
    rows = (
        row
        for among in among_leads(outbox, keys)
        for row in tx.execute(select(outbox).where(among, open_).order_by(outbox.c.id)).mappings()
    )
    return [_row(row) for row in rows]


def hasten(tx: Connection, row_id: int, action: Action, machine: datetime) -> None:
    """Where the row waits it is due now, with this action in place of its own."""
    waiting = and_(outbox.c.id == row_id, outbox.c.state == SendState.WAITING.value)
    tx.execute(update(outbox).where(waiting).values(action=action, next_try_at=machine))


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """How many rows there are by (kind, state)."""
    rows = tx.execute(select(outbox.c.kind, outbox.c.state, func.count()).group_by(outbox.c.kind, outbox.c.state))
    return {(kind, state): number for kind, state, number in rows}


def _held_back() -> ColumnElement[bool]:
    """Whether another row of the lead has to be settled before this one is sent.

    A younger row in flight counts too: on PostgreSQL a row may be committed after one that has a higher number.
    """
    other = outbox.alias("other")
    return exists().where(
        *(other.c[name] == outbox.c[name] for name in LEAD),
        other.c.id != outbox.c.id,
        or_(other.c.kind.in_(RECORD_WRITES), other.c.kind == outbox.c.kind),
        or_(
            other.c.state.in_(IN_FLIGHT),
            and_(other.c.state == SendState.WAITING.value, other.c.id < outbox.c.id),
        ),
    )


def _expire(tx: Connection, crm: str, machine: datetime) -> None:
    tx.execute(_EXPIRE, {"of_crm": crm, "by_machine": machine})


def _move(tx: Connection, row_id: int, to: SendState, values: Mapping[str, Any]) -> None:
    before = [state.value for state, after in FOLLOWS.items() if to in after]
    moved = tx.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state.in_(before)).values(**values))
    if moved.rowcount != 1:
        state = tx.execute(select(outbox.c.state).where(outbox.c.id == row_id)).scalar()
        raise ImpossibleMove(f"row {row_id} of the outbox is {state or 'not there'}: it cannot become {to.value}")


def _row(row: RowMapping, state: SendState | None = None, attempts: int | None = None) -> OutboxRow:
    return OutboxRow(
        id=row["id"],
        key=key_in(row),
        cycle=row["cycle"],
        action=codec.load(Action, row["action"]),
        state=state or SendState(row["state"]),
        attempts=row["attempts"] if attempts is None else attempts,
        sent_at=row["sent_at"],
        detail=row["detail"],
        lane=row["lane"],
    )


# Statements are kept, because to make one takes several times as long as to run it.

_OF_CRM = outbox.c.crm == bindparam("of_crm")
_OF_KINDS = outbox.c.kind.in_(bindparam("of_kinds", expanding=True))
_WAITS = and_(outbox.c.state == SendState.WAITING.value, outbox.c.next_try_at <= bindparam("by_machine"))
_ABANDONED = and_(outbox.c.state == SendState.SENDING.value, outbox.c.leased_until <= bindparam("by_machine"))

_SENDABLE = (
    select(outbox)
    .where(_OF_CRM, outbox.c.lane == bindparam("of_lane"), _OF_KINDS, _WAITS, ~_held_back())
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=outbox, skip_locked=True)
)
_TELLING = select(*(as_stored(outbox.c[name]) for name in ("record", "cycle", "state", "action"))).where(
    is_one_of_these_leads(outbox), outbox.c.kind.in_((*NOTICES, "create_task"))
)
_DUE = (
    select(outbox.c.id)
    .where(_OF_CRM, outbox.c.lane.in_(bindparam("of_lanes", expanding=True)), _OF_KINDS, _WAITS)
    .limit(1)
)
_UNCLEAR = (
    select(outbox.c.id)
    .where(
        _OF_CRM,
        or_(
            _ABANDONED,
            and_(
                outbox.c.state == SendState.UNKNOWN.value,
                or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= bindparam("by_machine")),
            ),
        ),
    )
    .limit(1)
)
_BEING_SENT = (
    update(outbox)
    .where(is_in_list(outbox.c.id, "of_ids"))
    .values(
        state=SendState.SENDING.value,
        attempts=outbox.c.attempts + 1,
        leased_until=bindparam("until"),
        sent_at=bindparam("sent"),
    )
)
_OF_CYCLE = and_(is_the_lead(outbox), outbox.c.cycle == bindparam("of_cycle"), outbox.c.kind.not_in(OUTLIVES_ITS_CYCLE))
_WITHDRAW = update(outbox).where(_OF_CYCLE, outbox.c.state.in_(IN_FLIGHT)).values(withdrawn=True)
_VOID = (
    update(outbox)
    .where(_OF_CYCLE, outbox.c.state == SendState.WAITING.value)
    .values(state=SendState.VOID.value, withdrawn=True)
)
_EXPIRE = (
    update(outbox)
    .where(_OF_CRM, _ABANDONED)
    .values(state=SendState.UNKNOWN.value, leased_until=None, detail="whoever was sending it never came back")
)
