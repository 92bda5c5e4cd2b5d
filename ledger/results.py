"""The results that pools' weights come from, as they were worked out when their period began."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from domain.leads import Gone
from ledger.columns import LEAD
from ledger.decisions import GONE
from ledger.dialects import insert_or_replace
from ledger.tables import lead_events, leads, pool_results


@dataclass(frozen=True, slots=True)
class Result:
    """What one member of a pool has attained; `source` is the file that says so, or `conversion`."""

    pool: str
    rep: str
    result: float
    source: str
    worked_out_at: datetime


@dataclass(frozen=True, slots=True)
class Converted:
    """How many of somebody's leads were decided for him, and how many of these were converted."""

    leads: int = 0
    converted: int = 0


def load(tx: Connection) -> list[Result]:
    """Every result, by pool and rep."""
    rows = tx.execute(select(pool_results).order_by(pool_results.c.pool, pool_results.c.rep)).mappings()
    return [Result(**row) for row in rows]


def save(tx: Connection, results: Iterable[Result]) -> None:
    """These stand from now on; those of others stay."""
    rows = [asdict(result) for result in results]
    if rows:
        tx.execute(insert_or_replace(tx, pool_results), rows)


def conversions(tx: Connection, pool: str, reps: Sequence[str], since: datetime) -> dict[str, Converted]:
    """What became of the leads that people have or had from this pool, decided since then."""
    theirs = and_(leads.c.pool == pool, leads.c.owner.in_(reps), leads.c.decided_at >= since)
    owned = tx.execute(select(leads.c.owner, func.count()).where(theirs).group_by(leads.c.owner))
    number = {row[0]: row[1] for row in owned}
    gone = tx.execute(
        select(leads.c.owner, lead_events.c.detail)
        .join(lead_events, and_(*(lead_events.c[name] == leads.c[name] for name in LEAD)))
        .where(theirs, lead_events.c.cycle == leads.c.cycle, lead_events.c.kind == GONE)
    )
    converted = Counter(row[0] for row in gone if row[1].get("why") == Gone.CONVERTED.value)
    return {rep: Converted(number.get(rep, 0), converted[rep]) for rep in reps}
