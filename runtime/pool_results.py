"""The results that weights come from: worked out when a period begins, and standing until it ends."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from domain import hours
from domain.people import Pool, Results
from ledger import results
from ledger.results import Converted, Result
from router.results import LOOKS_BACK, REST, from_conversions, from_similar, kind_of
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
    stored = results.load(tx) if pools else []
    known = {(one.pool, one.rep): one for one in stored if not one.kind}
    for pool, wanted in pools:
        began = hours.start_of(rules.calendar_of(pool), now, wanted.every or "day")
        stand = [
            one
            for member in pool.members
            if (one := known.get((pool.name, member.rep))) and _stands(one, wanted, began)
        ]
        there = {one.rep for one in stand}
        fresh = list(_fresh(tx, pool, wanted, now)) if len(there) < len(pool.members) else []
        if there:  # whoever joined meanwhile is added; the kinds stay as they were worked out
            of_kinds = [one for one in stored if one.kind and one.pool == pool.name and _stands(one, wanted, began)]
            yield [*stand, *of_kinds], [one for one in fresh if not one.kind and one.rep not in there]
        else:
            yield [], fresh


def _stands(one: Result, wanted: Results, began: datetime) -> bool:
    return one.worked_out_at >= began and one.source == wanted.source


def by_pool(stand: Sequence[Result]) -> Mapping[str, Mapping[str, float]]:
    """The results with all leads, by pool and rep."""
    found: dict[str, dict[str, float]] = {}
    for one in stand:
        if not one.kind:
            found.setdefault(one.pool, {})[one.rep] = one.result
    return found


def by_kind(stand: Sequence[Result]) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """The results with leads of one kind, by pool, kind and rep."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for one in stand:
        if one.kind:
            found.setdefault(one.pool, {}).setdefault(one.kind, {})[one.rep] = one.result
    return found


def _fresh(tx: Connection, pool: Pool, wanted: Results, now: datetime) -> Iterator[Result]:
    overall, of_kinds = _worked_out(tx, pool, wanted, pool.reps, now)
    for kind, found in {"": overall, **of_kinds}.items():
        yield from (Result(pool.name, rep, of, wanted.source, now, kind) for rep, of in found.items())


def _worked_out(
    tx: Connection, pool: Pool, wanted: Results, reps: Sequence[str], now: datetime
) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]:
    """With all leads, and by kind."""
    if wanted.of is not None:
        return {rep: wanted.of.get(rep, 1.0) for rep in reps}, {}
    since = now - LOOKS_BACK
    if not wanted.similar:
        return from_conversions(_counts(results.conversions(tx, pool.name, reps, since))), {}
    kinds = results.conversions_by_kind(tx, pool.name, reps, since, partial(kind_of, wanted.similar))
    nothing_yet = {REST: dict.fromkeys(reps, (0, 0))}
    return from_similar({**{kind: _counts(found) for kind, found in kinds.items()}, **nothing_yet})


def _counts(found: Mapping[str, Converted]) -> Mapping[str, tuple[int, int]]:
    return {rep: (one.leads, one.converted) for rep, one in found.items()}
