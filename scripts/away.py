"""`fairlead away`: who is away from when to when, and who stands in; entered here, beside `absences.csv`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import click
from sqlalchemy import Connection

from domain.people import Absence
from ledger import people, playbooks
from playbook.absences import HOW, moment, zone_of
from playbook.book import Playbook, load_texts
from runtime.settings import Settings
from runtime.wiring import PlaybookProblems, read_playbook
from scripts import fresh
from scripts.opening import open_existing_ledger

Where = Literal["absences.csv", "fairlead away", "calendar or CRM"]
IN_A_FILE: Where = "absences.csv"
HERE: Where = "fairlead away"
ELSEWHERE: Where = "calendar or CRM"
TIME = "2026-12-24 (that whole day) or 2026-12-24T13:00, in the time zone of the person's calendar."


@dataclass(frozen=True, slots=True)
class Known:
    """An absence, and where it was entered."""

    absence: Absence
    where: Where


@click.command()
@click.argument("email", required=False)
@click.option("--from", "starts", metavar="TIME", help=f"When it begins: {TIME}")
@click.option("--to", "ends", metavar="TIME", help="When it ends, such as --from; of a day the end.")
@click.option("--cover", metavar="EMAIL", help="Who gets the leads that name this person.")
@click.option("--reason", default="", metavar="TEXT", help="Why; `fairlead explain` shows it.")
@click.option("--list", "list_", is_flag=True, help="Show who is away, now or later.")
@click.option(
    "--back", is_flag=True, help="The person is back: what is running ends now. With --from that one is dropped."
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def away(
    email: str | None,
    starts: str | None,
    ends: str | None,
    cover: str | None,
    reason: str,
    list_: bool,
    back: bool,
    format_: str,
) -> int:
    """Enter when a person is away, so that no pool's turn and no new lead goes there; or that the person is back.

    EMAIL is an address in teams.yaml. What was entered counts at once, beside config/absences.csv, and starts no clock
    and moves no lead that the person has.

    Exit status: 0 done or shown, 1 nothing to end, or the ledger stands in the way, 2 wrong usage.
    """
    settings = Settings.from_environment()
    now = settings.clock.now()
    if list_ and (back or starts or ends or cover or reason):
        raise click.UsageError("--list goes with an address at most")
    if not list_ and not email:
        raise click.UsageError("say who is away, or --list")
    with open_existing_ledger(settings) as ledger, ledger.reading() if list_ else ledger.writing() as tx:
        playbook = _in_force(tx, settings)
        rep = fresh.person(email, playbook.rules.reps) if email else None
        if not list_ and rep and back:
            shown = _come_back(tx, playbook, rep, starts, now)
        elif not list_ and rep:
            shown = [_enter(tx, playbook, rep, (starts, ends), cover, reason, now)]
        else:
            shown = [one for one in _known(tx, playbook) if one.absence.ends > now and rep in {None, one.absence.rep}]
    if format_ == "json":
        click.echo(json.dumps([_as_data(one) for one in shown], indent=2))
    else:
        for one in shown:
            click.echo(_said(one, playbook, now))
        if not shown:
            click.echo("nobody is away, now or later")
    return 0


def _in_force(tx: Connection, settings: Settings) -> Playbook:
    """The configuration in force; the files, where none is yet."""
    version = playbooks.active(tx)
    if version is None:
        return read_playbook(settings)
    loaded = load_texts(playbooks.texts(tx, version) or {})
    if isinstance(loaded, Playbook):
        return loaded
    raise PlaybookProblems(loaded)


def _known(tx: Connection, playbook: Playbook) -> list[Known]:
    """Every absence, wherever it was entered, by its beginning."""
    found = [
        *(Known(one, IN_A_FILE) for one in playbook.absences),
        *(Known(one, HERE) for one in people.entered(tx)),
        *(Known(one, ELSEWHERE) for one in people.read_elsewhere(tx) if not one.meeting),
    ]
    return sorted(found, key=lambda one: (one.absence.starts, one.absence.rep))


# --- away and back --------------------------------------------------------------------------------------------------


def _enter(
    tx: Connection,
    playbook: Playbook,
    rep: str,
    times: tuple[str | None, str | None],
    cover: str | None,
    reason: str,
    now: datetime,
) -> Known:
    starts, ends = times
    if not starts or not ends:
        raise click.UsageError("say from when to when, with --from and --to; --back ends an absence")
    stands_in = fresh.person(cover, playbook.rules.reps) if cover else None
    absence = Absence(
        rep,
        _at(playbook, rep, "--from", starts),
        _at(playbook, rep, "--to", ends),
        stands_in,
        reason.strip(),
    )
    if absence.ends <= absence.starts:
        raise click.UsageError(f"{rep} would be back before the absence begins")
    if absence.ends <= now:
        raise click.UsageError(f"that is over: it ended on {_local(absence.ends, playbook, rep)}")
    others = [one.absence for one in _known(tx, playbook) if _key(one.absence) != _key(absence)]
    if circle := _circle(absence, others):
        raise click.UsageError(f"nobody would stand in: {circle}. Name another cover")
    people.add_absence(tx, absence)
    return Known(absence, HERE)


def _at(playbook: Playbook, rep: str, option: str, text: str) -> datetime:
    try:
        return moment(text, zone_of(playbook.rules.reps[rep], playbook.calendars), end=option == "--to")
    except (ValueError, OverflowError) as problem:
        raise click.UsageError(f"{option} {text!r} is neither a date nor a time: {HOW}") from problem


def _key(absence: Absence) -> tuple[str, datetime]:
    return absence.rep, absence.starts


def _circle(absence: Absence, others: Sequence[Absence]) -> str:
    """The covers that lead back to the absent person, as a clause; empty where there is no moment at which they do."""
    for chain in _chains([absence], others):
        if chain[-1].cover in {one.rep for one in chain}:
            return ", and ".join(f"{one.cover} covers for {one.rep}" for one in chain)
    return ""


def _chains(chain: list[Absence], others: Sequence[Absence]) -> Iterator[list[Absence]]:
    """Each chain of covers from here on, as far as all are away at one moment. It ends where a person comes twice."""
    yield chain
    if chain[-1].cover in {one.rep for one in chain}:
        return
    starts, ends = max(one.starts for one in chain), min(one.ends for one in chain)
    for one in others:
        if one.rep == chain[-1].cover and one.cover and one.starts < ends and one.ends > starts:
            yield from _chains([*chain, one], others)


def _come_back(tx: Connection, playbook: Playbook, rep: str, starts: str | None, now: datetime) -> list[Known]:
    """End what runs now, or drop the absence that begins at `starts`; what is still to come stays."""
    entered = [one for one in people.entered(tx) if one.rep == rep and one.ends > now]
    if starts:
        at = _at(playbook, rep, "--from", starts)
        meant = [one for one in entered if one.starts == at]
    else:
        meant = [one for one in entered if one.starts <= now]
    if not meant:
        raise click.ClickException(_why_nothing_ends(tx, playbook, rep, now))
    ended = []
    for one in meant:
        people.drop_absence(tx, rep, one.starts)
        ended.append(replace(one, ends=max(one.starts, now)))
        if one.starts < now:
            people.add_absence(tx, ended[-1])
    return [Known(one, HERE) for one in ended]


def _why_nothing_ends(tx: Connection, playbook: Playbook, rep: str, now: datetime) -> str:
    known = [one for one in _known(tx, playbook) if one.absence.rep == rep and one.absence.ends > now]
    if any(one.where == IN_A_FILE and one.absence.starts <= now for one in known):
        return f"{rep} is away by config/absences.csv: shorten that row, and start Fairlead again"
    for one in known:
        if one.where == ELSEWHERE and one.absence.starts <= now:
            return f"{rep} is away by what is read elsewhere ({one.absence.reason}): end it there"
    if coming := [one.absence for one in known if one.where == HERE]:
        begin = _local(coming[0].starts, playbook, rep)
        return f"no such absence runs; one begins on {begin}, and --back --from with its beginning drops it"
    return f"{rep} is not away"


# --- shown ----------------------------------------------------------------------------------------------------------


def _local(at: datetime, playbook: Playbook, rep: str) -> str:
    """The time as the person's own clock shows it."""
    zone = zone_of(playbook.rules.reps.get(rep), playbook.calendars)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def _said(one: Known, playbook: Playbook, now: datetime) -> str:
    absence = one.absence
    if absence.ends <= max(now, absence.starts):
        return f"{absence.rep} is back" if absence.starts < now else f"{absence.rep}: the absence is dropped"
    times = f"from {_local(absence.starts, playbook, absence.rep)} to {_local(absence.ends, playbook, absence.rep)}"
    cover = f"; {absence.cover} stands in" if absence.cover else ""
    reason = f" ({absence.reason})" if absence.reason else ""
    file = f", by config/{one.where}" if one.where == IN_A_FILE else ""
    return f"{absence.rep} is away {times}{cover}{reason}{file}"


def _as_data(one: Known) -> dict[str, object]:
    absence = one.absence
    return {
        "email": absence.rep,
        "from": absence.starts.isoformat(),
        "to": absence.ends.isoformat(),
        "cover": absence.cover,
        "reason": absence.reason,
        "entered": one.where,
    }
