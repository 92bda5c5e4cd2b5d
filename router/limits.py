"""How many leads a pool's members may be given in a time: from when each limit counts, and what has been used up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from domain import hours
from domain.hours import Calendar
from domain.people import Limit, Pool
from router.case import Given
from router.rules import RuleSet


def counts_from(limit: Limit, calendar: Calendar, now: datetime) -> datetime:
    """The first moment whose leads count against the limit."""
    return _counts_from(limit.period, limit.seconds, calendar, now)


# All leads of a batch are decided at one moment.
@lru_cache(maxsize=1024)
def _counts_from(period: str | None, seconds: int, calendar: Calendar, now: datetime) -> datetime:
    match period:
        case "day" | "week" | "month":
            return hours.start_of(calendar, now, period)
    # A lead that was given just an hour ago was not given in the last hour.
    return now - timedelta(seconds=seconds) + timedelta.resolution


def moments(rules: RuleSet, now: datetime) -> dict[str, set[datetime]]:
    """By rep, the moments since which his leads have to be counted, for the limits of all his pools."""
    found: dict[str, set[datetime]] = {}
    for pool in rules.pools.values():
        for limit in pool.limits:
            since = counts_from(limit, rules.calendar_of(pool), now)
            for rep in _people(pool):
                found.setdefault(rep, set()).add(since)
    return found


def used_up(pool: Pool, calendar: Calendar, given: Iterable[Given], now: datetime) -> str | None:
    """The first of the pool's limits that leaves no room for one more lead, in words."""
    counted = {one.since: one.leads for one in given}
    for limit in pool.limits:
        leads = counted.get(counts_from(limit, calendar, now), 0)
        if leads >= limit.leads:
            return f"{leads} leads of at most {limit.leads} {limit.per.replace('_', ' ')}"
    return None


def _people(pool: Pool) -> Iterable[str]:
    return (*pool.reps, *pool.backup)
