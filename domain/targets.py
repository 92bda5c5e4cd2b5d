"""Targets: in whose hours one runs, and when it is due. The rules need it to choose a tier, the clocks to start."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.hours import Calendar, OutOfReach, Span, SpanKind, always, due, share
from domain.hours.daytime import known_zone


@dataclass(frozen=True, slots=True)
class Hours:
    """The calendars that there are, and the one of `defaults.hours`."""

    calendars: Mapping[str, Calendar]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Whose hours a target may run in: names of calendars (None, or a name that is none: no hours of their own), and
    the lead's time zone as the CRM has it."""

    rep: str | None = None
    pool: str | None = None
    lead: str | None = None
    away: tuple[tuple[datetime, datetime], ...] = ()
    """when the rep is not there: it does not count where the target runs in his hours"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A calendar; `name` is the one that it was made of (None: it never rests), `timezone` the lead's own. `note` says
    why it is not the one that was asked for."""

    calendar: Calendar
    name: str | None = None
    timezone: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a tier promises of the first response: enough to tell when it would be due."""

    within: Span
    calendar: str
    starts: Literal["assigned", "created"] = "assigned"


def choose(word: str, hours: Hours, around: Around) -> Chosen:
    """The calendar that `calendar: word` means.

    `pool` is the rep's where there is no pool. `lead` is `defaults.hours` in the lead's own time zone; where that is
    not known, what `pool` means. Where none of these has hours, `defaults.hours` applies, and without them time never
    rests.
    """
    if word == "lead":
        if zone := known_zone(around.lead or ""):
            return calendar_in(hours, hours.default, zone)
        said = f"{around.lead!r} is no time zone" if around.lead else "the lead's time zone is not known"
        return replace(choose("pool", hours, around), note=f"{said}: the pool's hours apply")
    shared = {"rep": None, "pool": around.pool}.get(word, word)
    if shared is not None and shared in hours.calendars:
        return Chosen(hours.calendars[shared], shared)
    his = word in ("rep", "pool")
    names = (around.rep if his else None, hours.default)
    name = next((each for each in names if each is not None and each in hours.calendars), None)
    found = hours.calendars[name] if name is not None else always()
    return Chosen(found.without(around.away) if his else found, name)


def calendar_in(hours: Hours, name: str | None, zone: str | None) -> Chosen:
    """That calendar, with its hours on the clocks of that time zone; a name that is none any more is `defaults.hours`.
    What a clock has stored is found again so."""
    if name is not None and name not in hours.calendars:
        name = hours.default
    if name is None or name not in hours.calendars:
        return Chosen(always(zone) if zone else always(), None, zone)
    found = hours.calendars[name]
    if zone is None:
        return Chosen(found, name)
    return Chosen(replace(found, name=f"{name} in {zone}", timezone=zone), name, zone)


def due_at(promise: Promise, hours: Hours, around: Around, start: datetime) -> datetime:
    """When the promise is due that starts then (UTC)."""
    return ends(choose(promise.calendar, hours, around).calendar, start, promise.within)


def ends(calendar: Calendar, start: datetime, span: Span) -> datetime:
    """The moment (UTC) at which the span ends. Where the calendar has too few hours left for it (a closed office, the
    end of its `open` days), real time counts: a lead must not wait for ever."""
    try:
        return due(calendar, start, span)
    except OutOfReach:
        return due(always(calendar.timezone), start, span)


def part(calendar: Calendar, start: datetime, end: datetime, fraction: float, kind: SpanKind) -> datetime:
    """The moment (UTC) at which that share of the time between them has passed: of the real time where the calendar
    has no hours left, as `ends` has it."""
    try:
        return share(calendar, start, end, fraction, kind)
    except OutOfReach:
        return share(always(calendar.timezone), start, end, fraction, kind)


def in_reach(chosen: Chosen, start: datetime, span: Span) -> Chosen:
    """The same calendar; without the absences in it where these leave too few hours: one that never ends is
    overlooked."""
    if not chosen.calendar.away:
        return chosen
    try:
        due(chosen.calendar, start, span)
    except OutOfReach:
        return replace(chosen, calendar=replace(chosen.calendar, away=()))
    return chosen
