"""Decisions, their inputs and the hash chain over both; claims; and the events beside a decision.

A decision is immutable. Its row carries the SHA-256 of the hash of the row before and the canonical JSON of decision
and inputs, and the sequence has no gaps: whoever changes, removes or inserts a row later shows in `verify`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, exists, func, select, update
from sqlalchemy import insert as plain_insert

from domain.decisions import Decision
from domain.leads import Lead, LeadKey
from ledger import codec
from ledger.columns import (
    LEAD,
    in_parts,
    is_lead,
    is_one_of_these_leads,
    is_the_lead,
    key_in,
    naming,
    naming_all,
    of_the_lead,
    of_these_leads,
)
from ledger.dialects import insert_new, lock_decider, write_all
from ledger.tables import claims, decider, decisions, lead_events, returned_turns
from router.decide import Given

GONE = "gone"
"""The kind of the event that says a lead was converted, merged or deleted."""

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision and, as plain data, everything that it was made from: enough to make it again."""

    decision: Decision
    inputs: dict[str, object]


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """Something that happened to a lead in a cycle: `at` when it happened, `learnt_at` when we knew (business time)."""

    key: LeadKey
    cycle: int
    kind: str
    at: datetime
    learnt_at: datetime
    detail: dict[str, Any]


def claim(tx: Connection, wanted: Sequence[tuple[LeadKey, int]]) -> set[tuple[LeadKey, int]]:
    """Those (lead, cycle) that are now ours to decide; the rest were claimed before, for ever."""
    if not wanted:
        return set()
    # In one order everywhere, so that two who want the same ones never wait for each other (PostgreSQL).
    rows = [naming(key) | {"cycle": cycle} for key, cycle in sorted(set(wanted))]
    inserted = tx.execute(insert_new(tx, claims, *claims.c), rows).mappings()
    return {(key_in(row), row["cycle"]) for row in inserted}


def record(tx: Connection, recorded: Sequence[Recorded]) -> None:
    """Append decisions to the chain, in this order, under the decider lock.

    IntegrityError where the lead has a decision of that cycle already.
    """
    if not recorded:
        return
    seq, hash_ = lock_decider(tx)
    rows = []
    for one in recorded:
        texts = {"decision": codec.canonical(codec.dump(one.decision)), "inputs": codec.canonical(one.inputs)}
        seq, hash_ = seq + 1, _link(hash_, texts)
        rows.append({"seq": seq, "hash": hash_} | texts | _copies(one.decision))
    tx.execute(plain_insert(decisions), rows)
    tx.execute(update(decider).values(seq=seq, hash=hash_))


def get(tx: Connection, id: str) -> Decision | None:
    """The decision with this id."""
    text = tx.execute(_MADE, {"of_id": id}).scalar()
    return _decision(text) if text is not None else None


def inputs(tx: Connection, id: str) -> dict[str, Any] | None:
    """What that decision was made from, as plain data."""
    text = tx.execute(_MADE_FROM, {"of_id": id}).scalar()
    return dict(json.loads(text)) if text is not None else None


def reviews(tx: Connection, id: str) -> dict[str, Any]:
    """How the reviews had ended of which that decision knew, by rule."""
    case = (inputs(tx, id) or {}).get("case")
    return dict(case.get("reviews", {})) if isinstance(case, dict) else {}


def of_lead(tx: Connection, key: LeadKey) -> list[Decision]:
    """Every decision about the lead, by cycle."""
    return [_decision(text) for text in tx.execute(_OF_LEAD, of_the_lead(key)).scalars()]


def all_of_them(tx: Connection) -> Iterator[Decision]:
    """Every decision in the order in which they were made; never all at once."""
    rows = select(decisions.c.seq, decisions.c.decision).order_by(decisions.c.seq).limit(ROWS_AT_ONCE)
    after = 0
    while found := tx.execute(rows.where(decisions.c.seq > after)).all():
        yield from (_decision(row.decision) for row in found)
        after = found[-1].seq


def get_all(tx: Connection, ids: Sequence[str]) -> dict[str, Decision]:
    """The decisions with these ids, by id."""
    return {
        row.id: _decision(row.decision)
        for part in in_parts(ids)
        for row in tx.execute(select(decisions.c.id, decisions.c.decision).where(decisions.c.id.in_(part)))
    }


def event(
    tx: Connection, key: LeadKey, cycle: int, kind: str, at: datetime, learnt_at: datetime, detail: Mapping[str, object]
) -> None:
    """Note what happened to the lead in this cycle."""
    note(tx, [LeadEvent(key, cycle, kind, at, learnt_at, dict(detail))])


def note(tx: Connection, happened: Sequence[LeadEvent]) -> None:
    """Note all of these, in this order."""
    columns: dict[str, Sequence[Any]] = {
        "cycle": [one.cycle for one in happened],
        "kind": [one.kind for one in happened],
        "at": [one.at for one in happened],
        "learnt_at": [one.learnt_at for one in happened],
        "detail": [one.detail for one in happened],
    }
    write_all(tx, _NOTE, naming_all([one.key for one in happened]) | columns)


def events(tx: Connection, key: LeadKey) -> list[LeadEvent]:
    """What happened to the lead, in the order in which it was noted."""
    rows = tx.execute(select(lead_events).where(is_lead(lead_events, key)).order_by(lead_events.c.id)).mappings()
    return [_event(row) for row in rows]


_NOTE = plain_insert(lead_events)


# Statements are kept, because to make one takes several times as long as to run it.

_MADE = select(decisions.c.decision).where(decisions.c.id == bindparam("of_id"))
_MADE_FROM = select(decisions.c.inputs).where(decisions.c.id == bindparam("of_id"))
_HAPPENED = select(lead_events).where(
    is_one_of_these_leads(lead_events), lead_events.c.kind.in_(bindparam("of_kinds", expanding=True))
)
_NOTED = _HAPPENED.with_only_columns(*(lead_events.c[name] for name in (*LEAD, "cycle", "kind")))
_OF_LEAD = select(decisions.c.decision).where(is_the_lead(decisions)).order_by(decisions.c.cycle)


def _event(row: RowMapping) -> LeadEvent:
    return LeadEvent(key_in(row), row["cycle"], row["kind"], row["at"], row["learnt_at"], row["detail"])


def in_experiment(tx: Connection, name: str) -> Iterator[tuple[Decision, Lead]]:
    """Every decision that put a lead into an arm of the experiment, in the order in which they were made, and the lead
    as it was then. Looks through all decisions: for a person who asks, not for the daemon."""
    begins = f"{name}: "
    written = f'"arm":{codec.canonical(begins)[:-1]}'
    rows = (
        select(decisions.c.seq, decisions.c.decision, decisions.c.inputs)
        .where(decisions.c.decision.contains(written, autoescape=True))
        .order_by(decisions.c.seq)
        .limit(ROWS_AT_ONCE)
    )
    after = 0
    while found := tx.execute(rows.where(decisions.c.seq > after)).all():
        for row in found:
            made = _decision(row.decision)
            if made.arm and made.arm.startswith(begins):
                yield made, codec.load(Lead, json.loads(row.inputs)["case"]["lead"])
        after = found[-1].seq


def happened(tx: Connection, keys: Iterable[LeadKey], kinds: Collection[str]) -> list[LeadEvent]:
    """The events of these kinds that were noted of these leads, in the order in which they were noted."""
    rows = [
        row
        for these in of_these_leads(keys)
        for row in tx.execute(_HAPPENED, these | {"of_kinds": list(kinds)}).mappings()
    ]
    return [_event(row) for row in sorted(rows, key=lambda row: row["id"])]


def noted(tx: Connection, keys: Iterable[LeadKey], kinds: Collection[str]) -> set[tuple[LeadKey, int, str]]:
    """Which events of these kinds were noted of these leads, as (lead, cycle, kind)."""
    return {
        (LeadKey(*lead), cycle, kind)
        for these in of_these_leads(keys)
        for *lead, cycle, kind in tx.execute(_NOTED, these | {"of_kinds": list(kinds)})
    }


def verify(tx: Connection) -> list[int]:
    """The sequence numbers whose row was changed, removed or added afterwards; empty where the chain holds."""
    head = tx.execute(select(decider.c.seq, decider.c.hash)).one()
    broken: list[int] = []
    seq, hash_ = 0, BEFORE_THE_FIRST
    rows = tx.execution_options(yield_per=ROWS_AT_ONCE).execute(select(decisions).order_by(decisions.c.seq)).mappings()
    for row in rows:
        broken += range(seq + 1, row["seq"])
        if not _fits(row, hash_) or row["seq"] > head.seq:
            broken.append(row["seq"])
        seq, hash_ = row["seq"], row["hash"]
    broken += range(seq + 1, head.seq + 1)
    if seq == head.seq and hash_ != head.hash and seq not in broken:
        broken.append(seq)
    return broken


def given(tx: Connection, since: Mapping[str, Collection[datetime]]) -> dict[str, tuple[Given, ...]]:
    """How many leads each of these people was given since each of these moments (included), in any CRM. A lead whose
    turn came back was not given."""
    moments = sorted({moment for wanted in since.values() for moment in wanted})
    found: dict[str, tuple[Given, ...]] = {}
    for part in in_parts(sorted(since)):
        columns = [func.count(case((decisions.c.decided_at >= moment, 1))) for moment in moments]
        returned = exists().where(returned_turns.c.decision == decisions.c.id)
        rows = tx.execute(
            select(decisions.c.owner, *columns)
            .where(decisions.c.owner.in_(part), decisions.c.decided_at >= moments[0], ~returned)
            .group_by(decisions.c.owner)
        )
        counted = {row[0]: dict(zip(moments, row[1:], strict=True)) for row in rows}
        for rep in part:
            found[rep] = tuple(Given(moment, counted.get(rep, {}).get(moment, 0)) for moment in sorted(since[rep]))
    return found


BEFORE_THE_FIRST = "0" * 64


def _link(before: str, texts: Mapping[str, Any] | RowMapping) -> str:
    chained = f'{before}{{"decision":{texts["decision"]},"inputs":{texts["inputs"]}}}'
    return hashlib.sha256(chained.encode()).hexdigest()


def _fits(row: RowMapping, before: str) -> bool:
    """Whether the row's hash follows from the one before, and its columns say what the decision says."""
    if row["hash"] != _link(before, row):
        return False
    copies = _copies(_decision(row["decision"]))
    return all(row[name] == value for name, value in copies.items())


def _copies(decision: Decision) -> dict[str, Any]:
    """What queries need, as columns of their own."""
    return naming(decision.lead) | {
        "id": decision.id,
        "cycle": decision.cycle,
        "cause": decision.cause.value,
        "outcome": decision.outcome.value,
        "owner": decision.owner,
        "decided_at": decision.decided_at,
    }


def _decision(text: str) -> Decision:
    return codec.load(Decision, json.loads(text))
