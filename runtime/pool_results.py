"""The results that weights come from: worked out when a period begins, and standing until it ends."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from domain import hours
from domain.people import Pool, Results
from ledger import results
from ledger.results import Result
from router.results import LOOKS_BACK, from_conversions
from router.rules import RuleSet


def standing(tx: Connection, rules: RuleSet, now: datetime) -> list[Result]:
    """Every result that stands now, or would."""
    return [one for found in _results(tx, rules, now) for part in found for one in part]


def worked_out(tx: Connection, rules: RuleSet, now: datetime) -> list[Result]:
    """The results that do not stand yet, to be saved: a period has begun, or somebody is new in a pool."""
    return [one for _, fresh in _results(tx, rules, now) for one in fresh]


def _results(tx: Connection, rules: RuleSet, now: datetime) -> Iterator[tuple[list[Result], list[Result]]]:
    """Those that stand and those that do not yet, pool by pool."""
    pools = [(pool, pool.results) for pool in rules.pools.values() if pool.results and pool.results.every]
    known = {(one.pool, one.rep): one for one in results.load(tx)} if pools else {}
    for pool, wanted in pools:
        began = hours.start_of(rules.calendar_of(pool), now, wanted.every or "day")
        stand = [
            one
            for member in pool.members
            if (one := known.get((pool.name, member.rep)))
            and one.worked_out_at >= began
            and one.source == wanted.source
        ]
        there = {one.rep for one in stand}
        fresh = _fresh(tx, pool, wanted, now) if len(there) < len(pool.members) else {}
        yield stand, [Result(pool.name, rep, of, wanted.source, now) for rep, of in fresh.items() if rep not in there]


def by_pool(stand: Sequence[Result]) -> Mapping[str, Mapping[str, float]]:
    """The results by pool and rep."""
    found: dict[str, dict[str, float]] = {}
    for one in stand:
        found.setdefault(one.pool, {})[one.rep] = one.result
    return found


def _fresh(tx: Connection, pool: Pool, wanted: Results, now: datetime) -> Mapping[str, float]:
    reps = [member.rep for member in pool.members]
    if wanted.of is not None:
        return {rep: wanted.of.get(rep, 1.0) for rep in reps}
    found = results.conversions(tx, pool.name, reps, now - LOOKS_BACK)
    return from_conversions({rep: (one.leads, one.converted) for rep, one in found.items()})
