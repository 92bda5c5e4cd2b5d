"""One row per lead: the current cycle. Earlier cycles are in `decisions` and in the events beside them."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, or_, select, update

from domain.decisions import Decision
from domain.leads import Lead, LeadKey, Value
from domain.phones import phone
from ledger import codec
from ledger.columns import (
    LEAD,
    Moment,
    among_leads,
    as_stored,
    in_parts,
    is_lead,
    is_one_of_these_leads,
    key_in,
    moment_in,
    naming,
    of_leads_by_record,
    of_these_leads,
    with_tuples,
)
from ledger.decisions import GONE
from ledger.dialects import insert_new, insert_or_replace
from ledger.tables import decisions, lead_events, lead_keys, leads
from router.duplicates import SAME_PERSON, keys_to_file
from router.places import country
from sla_monitor.matching import Reachable


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead's current cycle.

    `had` are the people who had it in earlier cycles. `machine_made` counts cycles in a row that no person started and
    none of whose writes was applied. `owner_id` is who owned the record when we last knew, by the CRM's own id: as read
    when deciding, then whom we wrote. `ended`: a person took the lead, or it is gone; no cycle is current.
    `applied_at` (business time) is when the owner was written to the CRM. `watched` are the fields that triggers look
    at, as they were at `watched_at` (the CRM's time of the change); one that nobody has looked at yet is missing.
    """

    key: LeadKey
    cycle: int
    decision: str
    outcome: str
    owner: str | None
    owner_id: str | None
    pool: str | None
    tier: str | None
    had: tuple[str, ...]
    machine_made: int
    ended: bool
    applied_at: datetime | None
    created_at: datetime
    watched: Mapping[str, Value]
    watched_at: datetime


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """The earliest lead under a key (`router.duplicates`), and whose it is."""

    filed_under: str
    key: LeadKey
    owner: str


def current(tx: Connection, keys: Iterable[LeadKey]) -> dict[LeadKey, LeadRow]:
    """The rows of those leads that have one."""
    return {
        (key := by_record[record]): _row(key, *beside)
        for these, by_record in of_leads_by_record(keys)
        for record, *beside in tx.execute(_CURRENT, these).all()
    }


@dataclass(frozen=True, slots=True)
class Begun:
    """A cycle that begins with a decision: who had the lead before, how many machine-made cycles this makes in a row,
    and which fields of the lead triggers look at."""

    lead: Lead
    decision: Decision
    had: tuple[str, ...] = ()
    machine_made: int = 0
    watched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Carried:
    """A cycle whose decision the CRM carries, and the CRM's id of the owner that was written (None: it stayed).
    `outcome` is the decision's."""

    key: LeadKey
    cycle: int
    outcome: str
    owner_id: str | None = None


def remember(tx: Connection, begun: Sequence[Begun]) -> None:
    """Make each of these cycles the current one of its lead, not applied yet."""
    if not begun:
        return
    tx.execute(insert_or_replace(tx, leads), [naming(one.lead.key) | _begun(one) for one in begun])
    for among in among_leads(lead_keys, [one.lead.key for one in begun]):
        tx.execute(delete(lead_keys).where(among))
    _file(tx, {one.lead.key: (*keys_to_file(one.lead), *_numbers(one.decision)) for one in begun})


def _file(tx: Connection, keys: Mapping[LeadKey, Sequence[str]]) -> None:
    if rows := [naming(lead) | {"key": key} for lead, filed_under in keys.items() for key in filed_under]:
        tx.execute(insert_new(tx, lead_keys), rows)


PHONE, SWITCHBOARD = "at phone:", "at switchboard:"
"""How the keys begin that say where a lead can be called: itself, and its company."""


def _numbers(decision: Decision) -> Iterator[str]:
    """By what the decision read: it knows the lead's country, whoever wrote it how."""
    known = decision.explanation
    home = known.values.get("country")
    account = known.account.account if known.account else None
    if own := phone(str(known.values.get("phone") or ""), country(str(home or ""))):
        yield f"{PHONE}{own}"
    if account and account.phone and (theirs := phone(account.phone, country(account.country or str(home or "")))):
        yield f"{SWITCHBOARD}{theirs}"


def _begun(one: Begun) -> dict[str, Any]:
    lead, decision = one.lead, one.decision
    return {
        "cycle": decision.cycle,
        "decision": decision.id,
        "outcome": decision.outcome.value,
        "owner": decision.owner,
        "owner_id": lead.owner_id,
        "pool": decision.pool,
        "tier": decision.tier,
        "had": one.had,
        "machine_made": one.machine_made,
        "ended": False,
        "applied_at": None,
        "created_at": lead.created_at,
        "decided_at": decision.decided_at,
        "watched": {name: lead.values.get(name) for name in sorted(one.watched)},
        "watched_at": lead.modified_at,
    }


def file_numbers(tx: Connection, after: int, most: int) -> int | None:
    """File leads under their numbers that were decided before numbers were filed: of the decisions that follow number
    `after`, so many. The number of the last of them; None where none is left."""
    following = select(decisions.c.seq, decisions.c.decision).where(decisions.c.seq > after)
    current = and_(
        *(leads.c[name] == decisions.c[name] for name in LEAD), leads.c.cycle == decisions.c.cycle, _not_gone
    )
    rows = tx.execute(following.where(exists().where(current)).order_by(decisions.c.seq).limit(most)).all()
    made = [codec.load(Decision, json.loads(row.decision)) for row in rows]
    _file(tx, {one.lead: tuple(_numbers(one)) for one in made})
    return int(rows[-1].seq) if rows else None


def saw(tx: Connection, key: LeadKey, values: Mapping[str, Value], at: datetime) -> None:
    """These are the watched fields now, at the CRM's time `at`; what triggers find next time is news against them."""
    tx.execute(update(leads).where(is_lead(leads, key)).values(watched=dict(values), watched_at=at))


def applied(tx: Connection, carried: Sequence[Carried], at: datetime) -> None:
    """The CRM carries these cycles' decisions since `at`; machine-made cycles are counted from zero again. One that
    somebody has claimed by now is known to be his already."""
    named = and_(*(leads.c[name] == bindparam(f"of_{name}") for name in (*LEAD, "cycle", "outcome")))
    rows: list[dict[str, Any]] = [
        {
            f"of_{name}": value
            for name, value in (naming(one.key) | {"cycle": one.cycle, "outcome": one.outcome}).items()
        }
        | {"written": one.owner_id}
        for one in carried
    ]
    if rows:
        owner_id: ColumnElement[str] = func.coalesce(bindparam("written"), leads.c.owner_id)
        tx.execute(update(leads).where(named).values(applied_at=at, machine_made=0, owner_id=owner_id), rows)


def claimed(tx: Connection, row: LeadRow, owner: str, owner_id: str | None, at: datetime) -> None:
    """Somebody has taken a lead that waited: the cycle is his from now on."""
    taken = {"owner": owner, "owner_id": owner_id, "outcome": "assigned", "applied_at": at, "machine_made": 0}
    tx.execute(update(leads).where(_is_cycle(row.key, row.cycle)).values(**taken))


def end(tx: Connection, key: LeadKey, cycle: int, taken_by: str | None = None) -> None:
    """No cycle is current any more: a person took the lead (`taken_by`, where known: later leads of the same company
    are that person's), or it was converted, merged or deleted."""
    changed: dict[str, Any] = {"ended": True} | ({"owner": taken_by} if taken_by else {})
    tx.execute(update(leads).where(_is_cycle(key, cycle)).values(**changed))


def carry(tx: Connection, row: LeadRow, key: LeadKey) -> bool:
    """This current cycle is the one of `key` as well, which the CRM has made of the record; False, and nothing changed,
    where that has a cycle already."""
    there = tx.execute(select(leads).where(is_lead(leads, row.key))).mappings().one()
    if not tx.execute(insert_new(tx, leads, leads.c.record), [dict(there) | naming(key)]).all():
        return False
    _file(tx, {key: tx.scalars(select(lead_keys.c.key).where(is_lead(lead_keys, row.key))).all()})
    return True


def duplicates(tx: Connection, keys: Sequence[str]) -> list[DuplicateRow]:
    """Of each key the lead of any CRM that was created first, of those that have an owner; none that are gone."""
    order = (leads.c.created_at, *(leads.c[name] for name in LEAD))
    place = func.row_number().over(partition_by=lead_keys.c.key, order_by=order).label("place")
    found: list[DuplicateRow] = []
    for part in in_parts(keys):
        filed = (
            select(lead_keys, leads.c.owner, place)
            .join(leads, _of_a_key)
            .where(lead_keys.c.key.in_(part), leads.c.owner.is_not(None), _not_gone)
        ).subquery()
        rows = tx.execute(select(filed).where(filed.c.place == 1)).mappings()
        found += [DuplicateRow(row["key"], key_in(row), row["owner"]) for row in rows]
    return found


def reachable(
    tx: Connection, numbers: Collection[str], mailboxes: Collection[str], records: Collection[str]
) -> list[Reachable]:
    """The leads that one of these E.164 numbers, mailboxes or record ids belongs to, with all of these that they have;
    none that are gone."""
    keys = sorted({f"{kind}{number}" for number in numbers for kind in (PHONE, SWITCHBOARD)})
    keys += sorted(f"{SAME_PERSON}{mailbox}" for mailbox in set(mailboxes))
    owners: dict[LeadKey, str | None] = {}
    marks: dict[LeadKey, list[str]] = {}
    for part in in_parts(keys):
        for row in tx.execute(_to_reach.where(lead_keys.c.key.in_(part))).mappings():
            key = key_in(row)
            owners[key] = row["owner"]
            marks.setdefault(key, []).append(row["key"])
    for part in in_parts(sorted(set(records))):
        for row in tx.execute(select(leads).where(leads.c.record.in_(part), _not_gone)).mappings():
            owners.setdefault(key_in(row), row["owner"])
    # Records are one person by their mailbox, also where they were found by a number.
    for among in among_leads(lead_keys, owners):
        for row in tx.execute(select(lead_keys).where(among, lead_keys.c.key.startswith(SAME_PERSON))).mappings():
            if row["key"] not in marks.setdefault(key_in(row), []):
                marks[key_in(row)].append(row["key"])

    def under(key: LeadKey, kind: str) -> tuple[str, ...]:
        return tuple(mark.removeprefix(kind) for mark in marks.get(key, ()) if mark.startswith(kind))

    return [
        Reachable(key, under(key, SAME_PERSON), under(key, PHONE), under(key, SWITCHBOARD), owners[key])
        for key in sorted(owners)
    ]


def in_step(tx: Connection, key: LeadKey) -> list[LeadRow]:
    """Leads of other CRMs that are the same person by e-mail address, and not gone, the earliest first: what a sync of
    two CRMs keeps in step."""
    return in_step_of(tx, [key]).get(key, [])


def in_step_of(tx: Connection, keys: Iterable[LeadKey]) -> dict[LeadKey, list[LeadRow]]:
    """The same for many leads at once; one that has none is left out."""
    found: dict[LeadKey, list[LeadRow]] = {}
    for these in of_these_leads(keys):
        for crm, account, object_, record, *row in tx.execute(_IN_STEP, these):
            own, of_row = LeadKey(crm, account, object_, record), LeadKey(*row[: len(LEAD)])
            found.setdefault(own, []).append(_row(of_row, *row[len(LEAD) :]))
    return found


_of_a_key = and_(*(lead_keys.c[name] == leads.c[name] for name in LEAD))
_not_gone = or_(
    leads.c.ended.is_(False),
    ~exists().where(
        *(lead_events.c[name] == leads.c[name] for name in LEAD),
        lead_events.c.cycle == leads.c.cycle,
        lead_events.c.kind == GONE,
    ),
)

_to_reach = select(lead_keys, leads.c.owner).join(leads, _of_a_key).where(_not_gone)


def by_id(tx: Connection, record: str, crm: str | None) -> list[LeadKey]:
    """The leads with this record id, in one CRM or in all."""
    where = [leads.c.record == record]
    if crm is not None:
        where.append(leads.c.crm == crm)
    rows = tx.execute(select(*(leads.c[name] for name in LEAD)).where(*where).order_by(*(leads.c[n] for n in LEAD)))
    return [key_in(row) for row in rows.mappings()]


def _is_cycle(key: LeadKey, cycle: int) -> ColumnElement[bool]:
    return and_(is_lead(leads, key), leads.c.cycle == cycle)


_BESIDE_KEY = tuple(field.name for field in fields(LeadRow) if field.name != "key")
_COLUMNS = tuple(as_stored(leads.c[name]) for name in _BESIDE_KEY)


@lru_cache(maxsize=2_000)
def _row(key: LeadKey, *beside: Any) -> LeadRow:
    """Of `_COLUMNS`, by their order: to look each up by its name would take as long as to read the row. Kept, because
    a job reads a lead's row before it asks the CRM, and again in the transaction in which it acts."""
    values = list(beside)
    for place in _MOMENTS:
        values[place] = moment_in(values[place])
    values[_HAD] = _people(values[_HAD])
    values[_WATCHED] = _fields(values[_WATCHED])
    return LeadRow(key, *values)


@lru_cache(maxsize=1_000)
def _people(text: str) -> tuple[str, ...]:
    """Most leads have the same: nobody had them."""
    return tuple(json.loads(text))


@lru_cache(maxsize=1_000)
def _fields(text: str) -> Mapping[str, Value]:
    """Where no trigger looks at anything, and where forms leave the same fields empty, it is the same, too."""
    return with_tuples(json.loads(text))


_HAD, _WATCHED = _BESIDE_KEY.index("had"), _BESIDE_KEY.index("watched")
_MOMENTS = tuple(place for place, name in enumerate(_BESIDE_KEY) if isinstance(leads.c[name].type, Moment))

# Statements are kept, because to make one takes several times as long as to run it.

_OWN = lead_keys.alias()
_CURRENT = select(leads.c.record, *_COLUMNS).where(is_one_of_these_leads(leads))
_IN_STEP = (
    select(*(_OWN.c[name].label(f"own_{name}") for name in LEAD), *(leads.c[name] for name in LEAD), *_COLUMNS)
    .join(lead_keys, _of_a_key)
    .join(_OWN, _OWN.c.key == lead_keys.c.key)
    .where(is_one_of_these_leads(_OWN), _OWN.c.key.startswith(SAME_PERSON), lead_keys.c.crm != _OWN.c.crm, _not_gone)
    .order_by(leads.c.created_at, *(leads.c[name] for name in LEAD))
)
