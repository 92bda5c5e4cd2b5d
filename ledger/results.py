"""The results that pools' weights come from, as they were worked out when their period began."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from domain.leads import Gone
from ledger.columns import LEAD, with_tuples
from ledger.decisions import GONE, ROWS_AT_ONCE
from ledger.dialects import insert_or_replace
from ledger.tables import decisions, kind_results, lead_events, leads, pool_results
from router.conditions import Facts


@dataclass(frozen=True, slots=True)
class Result:
    """What one member of a pool has attained, with leads of one `kind` or (empty) with all; `source` is the file that
    says so, or `conversion`."""

    pool: str
    rep: str
    result: float
    source: str
    worked_out_at: datetime
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """How many of somebody's leads were decided for him, and how many of these were converted."""

    leads: int = 0
    converted: int = 0


def load(tx: Connection) -> list[Result]:
    """Every result, by pool and rep; those with leads of one kind after those with all."""
    return [
        Result(**row)
        for table, order in ((pool_results, ("pool", "rep")), (kind_results, ("pool", "kind", "rep")))
        for row in tx.execute(select(table).order_by(*(table.c[name] for name in order))).mappings()
    ]


def save(tx: Connection, results: Sequence[Result]) -> None:
    """These stand from now on; those of others stay. Of a pool whose results by kind are among them, no older ones by
    kind stay: kinds come and go."""
    of_kinds = [asdict(one) for one in results if one.kind]
    of_all = [{name: value for name, value in asdict(one).items() if name != "kind"} for one in results if not one.kind]
    if of_all:
        tx.execute(insert_or_replace(tx, pool_results), of_all)
    if of_kinds:
        pools = {row["pool"] for row in of_kinds}
        tx.execute(delete(kind_results).where(kind_results.c.pool.in_(pools)))
        tx.execute(insert_or_replace(tx, kind_results), of_kinds)


def conversions(tx: Connection, pool: str, reps: Sequence[str], since: datetime) -> dict[str, Converted]:
    """What became of the leads that people have or had from this pool, decided since then."""
    theirs = and_(leads.c.pool == pool, leads.c.owner.in_(reps), leads.c.decided_at >= since)
    owned = tx.execute(select(leads.c.owner, func.count()).where(theirs).group_by(leads.c.owner))
    number = {row[0]: row[1] for row in owned}
    gone = tx.execute(
        select(leads.c.owner, lead_events.c.detail)
        .join(lead_events, _of_its_cycle)
        .where(theirs, lead_events.c.kind == GONE)
    )
    converted = Counter(row[0] for row in gone if row[1].get("why") == Gone.CONVERTED.value)
    return {rep: Converted(number.get(rep, 0), converted[rep]) for rep in reps}


def conversions_by_kind(
    tx: Connection, pool: str, reps: Sequence[str], since: datetime, kind_of: Callable[[Facts], str]
) -> dict[str, dict[str, Converted]]:
    """The same by kind of lead, which `kind_of` tells by the facts of the lead's latest decision. Reads that decision
    of every such lead."""
    theirs = and_(leads.c.pool == pool, leads.c.owner.in_(reps), leads.c.decided_at >= since)
    rows = (
        select(leads.c.owner, decisions.c.decision, lead_events.c.detail)
        .join(decisions, decisions.c.id == leads.c.decision)
        .join(lead_events, and_(_of_its_cycle, lead_events.c.kind == GONE), isouter=True)
        .where(theirs)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    found: dict[str, dict[str, Converted]] = {}
    for row in tx.execute(rows):
        kind = kind_of(with_tuples(json.loads(row.decision)["explanation"]["values"]))
        of_kind = found.setdefault(kind, {})
        before = of_kind.get(row.owner, Converted())
        won = row.detail is not None and row.detail.get("why") == Gone.CONVERTED.value
        of_kind[row.owner] = Converted(before.leads + 1, before.converted + won)
    return found


_of_its_cycle = and_(*(lead_events.c[name] == leads.c[name] for name in (*LEAD, "cycle")))
