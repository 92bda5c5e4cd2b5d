"""What each person has kept in each period, from the ledger: for bonuses and for talks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from domain.clocks import Clock, ClockKind
from domain.people import Rep
from ledger import attainment, playbooks
from playbook.book import Playbook
from runtime.books import books
from runtime.starting import with_told_hours
from sla_monitor.attainment import Attained, Ended, attained
from sla_monitor.deadlines import calendar_of, own_seconds
from sla_monitor.policy import Policy

Per = Literal["week", "month", "all"]


@dataclass(frozen=True, slots=True)
class Row:
    """What one person has kept in one period: from `begins` until before `ends` (local dates)."""

    rep: str
    known: Rep | None
    begins: date
    ends: date
    attained: Attained


class NoConfiguration(Exception):
    """No configuration has come into force yet, or this version cannot read it."""


def rows(tx: Connection, first: date, last: date, per: Per) -> Iterator[Row]:
    """By person and period, those with promises that were due in it; both dates are included. Days are those of
    `defaults.hours`."""
    playbook = in_force(tx)
    since, until = stretch(playbook.policy, first, last)
    zone = since.tzinfo

    @lru_cache(maxsize=4096)
    def period(day: date) -> tuple[date, date]:
        if per == "all":
            return first, last + timedelta(days=1)
        begins = day - timedelta(days=day.weekday()) if per == "week" else day.replace(day=1)
        after = begins + timedelta(days=7 if per == "week" else 32)
        return begins, after if per == "week" else after.replace(day=1)

    def which(clock: Clock) -> tuple[str, tuple[date, date]]:
        return str(clock.owner), period(clock.due_at.astimezone(zone).date())

    for (rep, (begins, ends)), clocks in groupby(attainment.ended(tx, since, until), which):
        found = attained(_ended(clock, playbook.policy) for clock in clocks)
        yield Row(rep, playbook.rules.reps.get(rep), max(begins, first), min(ends, last + timedelta(days=1)), found)


def in_force(tx: Connection) -> Playbook:
    """The configuration by which the ledger decides; NoConfiguration where there is none."""
    found = books(tx)(playbooks.active(tx))
    if found is None:
        raise NoConfiguration("no configuration is in force that this version can read: start `fairlead up`")
    return with_told_hours(tx, found)


def stretch(policy: Policy, first: date, last: date) -> tuple[datetime, datetime]:
    """From when until before when these days last, both included, on the clocks of `defaults.hours`."""
    zone = ZoneInfo(policy.home.timezone)
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def _ended(clock: Clock, policy: Policy) -> Ended:
    return Ended(
        owner=str(clock.owner),
        kind=clock.kind,
        due_at=clock.due_at,
        met_at=clock.met_at,
        cause=clock.cause,
        retracted=clock.cause is None and clock.breached_at is not None,
        seconds=_seconds(clock, policy) if clock.kind == ClockKind.FIRST_RESPONSE else None,
    )


def _seconds(clock: Clock, policy: Policy) -> float | None:
    if clock.met_at is None:
        return None
    if clock.terms is None:
        return (clock.met_at - clock.started_at).total_seconds()
    return own_seconds(clock, calendar_of(clock, policy), clock.started_at, clock.met_at)
