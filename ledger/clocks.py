"""The SLA clocks: leased while somebody looks at the lead, and saved only where nobody changed them meanwhile."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from domain.clocks import Clock, ClockKind, State, Step, Terms
from domain.leads import LeadKey
from ledger import codec
from ledger.columns import LEAD, Moment, among_leads, as_stored, in_parts, is_the_lead, moment_in, naming, of_the_lead
from ledger.dialects import insert_new, insert_or_replace, write_all
from ledger.lists import is_in_list
from ledger.tables import clocks as table
from ledger.tables import leads, meta

UNFINISHED = (State.RUNNING.value, State.PAUSED.value)
WITH_STEPS = (*UNFINISHED, State.BREACHED.value, State.MET.value)


def insert(tx: Connection, clocks: Sequence[Clock]) -> None:
    """Start the clocks. One that this cycle has already (same lead, kind and round) goes on as it is."""
    rows = [
        naming(clock.lead) | {"cycle": clock.cycle, "kind": clock.kind.value, "round": clock.round} | _values(clock)
        for clock in clocks
    ]
    if rows:
        tx.execute(insert_new(tx, table), rows)


def lease_due(tx: Connection, crm: str, now: datetime, machine: datetime, seconds: float, most: int) -> list[Clock]:
    """Clocks whose next moment has come (`now`, business time), longest overdue first; nobody else gets them for
    `seconds` of machine time."""
    rows = tx.execute(_DUE, {"of_crm": crm, "by": now, "by_machine": machine, "most": most}).all()
    due = [clock_in(row) for row in rows]
    release(tx, [clock.id for clock in due if clock.id is not None], machine + timedelta(seconds=seconds))
    return due


def save(tx: Connection, clock: Clock) -> bool:
    """Write the clock as its next version and end its lease; False, and nothing written, where somebody else changed it
    since it was read."""
    values = _values(clock) | {"version": clock.version + 1, "leased_until": None}
    written = tx.execute(update(table).where(table.c.id == clock.id, table.c.version == clock.version).values(values))
    return written.rowcount == 1


def forget(tx: Connection, clock: Clock) -> None:
    """As if it had never been started."""
    tx.execute(delete(table).where(table.c.id == clock.id))


_PROGRESS = ("state", "done", "next_at", "met_at", "breached_at", "paused_at", "paused_seconds", "cause")
_MOMENTS = ("due_at", "steps", "terms")
_NONE: Mapping[int | None, str] = {}


def save_all(
    tx: Connection, changed: Sequence[Clock], causes: Mapping[int | None, str] = _NONE, *, moved: bool = False
) -> None:
    """Save many in one statement. `causes`: why those of these numbers were breached, whatever they say themselves;
    `moved`: their due times and steps too. One that somebody else changed since it was read stays as that one left it.
    """
    columns: dict[str, Sequence[Any]] = {
        "of_id": [clock.id for clock in changed],
        "of_version": [clock.version for clock in changed],
        "to_state": [clock.state.value for clock in changed],
        "to_done": [clock.done for clock in changed],
        "to_next_at": [clock.next_at for clock in changed],
        "to_met_at": [clock.met_at for clock in changed],
        "to_breached_at": [clock.breached_at for clock in changed],
        "to_paused_at": [clock.paused_at for clock in changed],
        "to_paused_seconds": [clock.paused_seconds for clock in changed],
        "to_cause": [causes.get(clock.id, clock.cause) for clock in changed],
    }
    if moved:
        columns |= {
            "to_due_at": [clock.due_at for clock in changed],
            "to_steps": [clock.steps for clock in changed],
            "to_terms": [clock.terms for clock in changed],
        }
    write_all(tx, _SAVE_MOVED if moved else _SAVE, columns)


def _saving(names: Sequence[str]) -> Update:
    return (
        update(table)
        .where(table.c.id == bindparam("of_id"), table.c.version == bindparam("of_version"))
        .values(
            {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
            | {"version": table.c.version + literal_column("1"), "leased_until": null()}
        )
    )


_SAVE, _SAVE_MOVED = _saving(_PROGRESS), _saving((*_PROGRESS, *_MOMENTS))


def unchanged(tx: Connection, read: Sequence[Clock]) -> list[Clock]:
    """Those of the clocks that nobody has changed since they were read; nobody will until this transaction ends."""
    versions: dict[int, int] = {}
    for ids in in_parts(sorted(clock.id for clock in read if clock.id is not None)):
        versions.update(tuple(row) for row in tx.execute(_VERSIONS, {"of_ids": ids}))
    return [clock for clock in read if clock.id is not None and versions.get(clock.id) == clock.version]


def release(tx: Connection, ids: Sequence[int], until_machine: datetime | None) -> None:
    """End the leases now (None), or at that machine time."""
    for part in in_parts(ids):
        tx.execute(_LEASED, {"of_ids": part, "until": until_machine})


def of_lead(tx: Connection, key: LeadKey, cycle: int | None = None) -> list[Clock]:
    """The lead's clocks, of one cycle or of all, in the order in which they were started."""
    if cycle is None:
        rows = tx.execute(_OF_LEAD, of_the_lead(key))
    else:
        rows = tx.execute(_OF_CYCLE, of_the_lead(key) | {"of_cycle": cycle})
    return [clock_in(row) for row in rows]


def of_cycles(tx: Connection, cycles: Sequence[tuple[LeadKey, int]], kind: ClockKind) -> list[Clock]:
    """The clocks of this kind that these cycles have."""
    wanted = set(cycles)
    return [
        clock
        for among in among_leads(table, [key for key, _ in cycles])
        for row in tx.execute(select(*COLUMNS).where(among, table.c.kind == kind.value).order_by(table.c.id))
        if ((clock := clock_in(row)).lead, clock.cycle) in wanted
    ]


def open_of(tx: Connection, keys: Iterable[LeadKey]) -> list[Clock]:
    """Clocks that news may still change: those of current cycles that run or are paused, and their first responses that
    are met, for an earlier answer moves that, and the record shows the contact that follows an attempt; and breached
    ones of any cycle, for a call that is logged late may retract that. Nobody else changes them until this transaction
    ends: what was read while a clock was being breached would be lost on it."""
    current = and_(
        *(leads.c[name] == table.c[name] for name in LEAD), leads.c.cycle == table.c.cycle, leads.c.ended.is_(False)
    )
    still_open = or_(
        and_(
            or_(
                table.c.state.in_(UNFINISHED),
                and_(table.c.state == State.MET.value, table.c.kind == ClockKind.FIRST_RESPONSE.value),
            ),
            exists().where(current),
        ),
        # Met by what was typed in: it waits for confirmation.
        and_(table.c.state == State.MET.value, table.c.next_at.is_not(None)),
        table.c.state == State.BREACHED.value,
    )
    return [
        clock_in(row)
        for among in among_leads(table, keys)
        for row in tx.execute(select(*COLUMNS).where(among, still_open).order_by(table.c.id).with_for_update(of=table))
    ]


def running(tx: Connection) -> int:
    """How many clocks run or rest."""
    return int(tx.scalar(select(func.count()).select_from(table).where(table.c.state.in_(UNFINISHED))) or 0)


def running_after(tx: Connection, after: int, most: int, crm: str | None = None) -> list[Clock]:
    """Clocks that run or rest, of one CRM or of all, by their number, from behind that one on."""
    where = [table.c.id > after, table.c.state.in_(UNFINISHED), *([table.c.crm == crm] if crm else [])]
    return [clock_in(row) for row in tx.execute(select(*COLUMNS).where(*where).order_by(table.c.id).limit(most))]


def is_laid_out(tx: Connection, crm: str, activation: int) -> bool:
    """Whether all running clocks of this CRM have been laid out since that activation."""
    return _layout(tx, crm) == f"{activation} done"


def laid_out_up_to(tx: Connection, crm: str, activation: int) -> int:
    """The number of the last clock that was laid out since that activation; 0 before the first."""
    of, _, number = (_layout(tx, crm) or "").partition(" ")
    return int(number) if of == str(activation) and number.isdecimal() else 0


def laid_out(tx: Connection, crm: str, activation: int, number: int | None) -> None:
    """The running clocks of this CRM up to that number (None: all) have been laid out since that activation."""
    value = f"{activation} {'done' if number is None else number}"
    tx.execute(insert_or_replace(tx, meta), {"name": _LAYOUT + crm, "value": value})


_LAYOUT = "running clocks laid out: "


def _layout(tx: Connection, crm: str) -> str | None:
    return tx.execute(select(meta.c.value).where(meta.c.name == _LAYOUT + crm)).scalar()


def end_cycle(
    tx: Connection, key: LeadKey, cycle: int, at: datetime, kinds: Collection[ClockKind] = tuple(ClockKind)
) -> int:
    """Nothing more happens to this cycle's clocks of these kinds; how many that changed. Those met or breached stay
    so; one that was met by what was typed in waits for its confirmation all the same."""
    wanted = {"of_cycle": cycle, "of_kinds": [kind.value for kind in kinds], "at": at}
    return tx.execute(_END, of_the_lead(key) | wanted).rowcount


def ended_at(tx: Connection, clock: Clock) -> datetime | None:
    """When the clock's time was ended for another reason than being met or breached; None: it was not."""
    return tx.execute(select(table.c.ended_at).where(table.c.id == clock.id)).scalar()


def _values(clock: Clock) -> dict[str, Any]:
    return {
        "tier": clock.tier,
        "owner": clock.owner,
        "state": clock.state.value,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "steps": clock.steps,
        "done": clock.done,
        "next_at": clock.next_at,
        "met_at": clock.met_at,
        "breached_at": clock.breached_at,
        "version": clock.version,
        "terms": clock.terms,
        "paused_at": clock.paused_at,
        "paused_seconds": clock.paused_seconds,
        "cause": clock.cause,
    }


def awaited(tx: Connection, until: datetime) -> int:
    """How many clocks have a step to come until then."""
    return int(tx.scalar(select(func.count()).select_from(table).where(table.c.next_at <= until)) or 0)


_BESIDE_KEY = tuple(field.name for field in fields(Clock) if field.name != "lead")
COLUMNS = tuple(as_stored(table.c[name]) for name in (*LEAD, *_BESIDE_KEY))


def clock_in(row: Iterable[Any]) -> Clock:
    """Of `COLUMNS`, by their order: to look each up by its name would take as long as to read the row."""
    crm, account, object_, record, *values = row
    for place in _TIMES:
        values[place] = moment_in(values[place])
    values[_KIND] = _KINDS[values[_KIND]]
    values[_STEPS] = _steps(values[_STEPS])
    values[_STATE] = _STATES[values[_STATE]]
    values[_TERMS] = _terms(values[_TERMS])
    return Clock(LeadKey(crm, account, object_, record), *values)


_KIND, _STEPS, _STATE, _TERMS = (_BESIDE_KEY.index(name) for name in ("kind", "steps", "state", "terms"))
_KINDS, _STATES = {one.value: one for one in ClockKind}, {one.value: one for one in State}
_TIMES = tuple(place for place, name in enumerate(_BESIDE_KEY) if isinstance(table.c[name].type, Moment))


@lru_cache(maxsize=1_000)
def _steps(text: str) -> tuple[Step, ...]:
    """Clocks of one tier that were started together, as those of a batch that was written are, have the same."""
    return tuple(codec.load(tuple[Step, ...], json.loads(text)))


@lru_cache(maxsize=1_000)
def _terms(text: str) -> Terms | None:
    """Clocks that were started under one policy share it."""
    stored = json.loads(text)
    return codec.load(Terms, stored) if stored else None


# Statements are kept, because to make one takes several times as long as to run it.

_DUE = (
    select(*COLUMNS)
    .where(
        table.c.crm == bindparam("of_crm"),
        table.c.next_at <= bindparam("by"),
        table.c.state.in_(WITH_STEPS),
        or_(table.c.leased_until.is_(None), table.c.leased_until <= bindparam("by_machine")),
    )
    .order_by(table.c.next_at, table.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_THESE = is_in_list(table.c.id, "of_ids")
# In one order everywhere, so that two who lock the same ones never block each other (PostgreSQL).
_VERSIONS = select(table.c.id, table.c.version).where(_THESE).order_by(table.c.id).with_for_update()
_LEASED = update(table).where(_THESE).values(leased_until=bindparam("until"))
_OF_LEAD = select(*COLUMNS).where(is_the_lead(table)).order_by(table.c.cycle, table.c.id)
_OF_CYCLE = _OF_LEAD.where(table.c.cycle == bindparam("of_cycle"))
_END = (
    update(table)
    .where(
        is_the_lead(table),
        table.c.cycle == bindparam("of_cycle"),
        table.c.kind.in_(bindparam("of_kinds", expanding=True)),
        or_(table.c.state.in_(UNFINISHED), table.c.next_at.is_not(None)),
    )
    .values(
        state=case((table.c.state.in_(UNFINISHED), State.ENDED.value), else_=table.c.state),
        ended_at=func.coalesce(table.c.ended_at, bindparam("at", type_=table.c.ended_at.type)),
        next_at=case((table.c.state == State.MET.value, table.c.next_at), else_=None),
        version=table.c.version + 1,
        leased_until=None,
    )
)
