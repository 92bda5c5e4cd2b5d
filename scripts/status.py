"""`fairlead status`: what runs, what waits, and what needs a person."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import click
from redis.exceptions import RedisError
from sqlalchemy import Connection, Select, func, select

from connectors.base import ConnectorError, TryLater
from domain.mapping import CrmMapping
from ledger import arrivals, heard, outbox, playbooks
from ledger.columns import LEAD
from ledger.heard import Tally
from ledger.tables import arrivals as arrival_rows
from ledger.tables import clocks as clock_rows
from runtime.books import books
from runtime.clocks import machine_now
from runtime.running import Running, find
from runtime.settings import Settings, SettingsError
from runtime.wakes import LastProblem, Wakes
from runtime.wiring import connector_of
from scripts.limits_left import LimitsLeft, limits_left, sentence
from scripts.opening import open_existing_ledger, place
from scripts.patience import told as in_words
from scripts.words import counted, listed


@dataclass(frozen=True, slots=True)
class Queue:
    """What the queue's Redis tells: counts by lane and by CRM, and each CRM's newest problem.

    `unknown` says why nothing is known; the rest is None then.
    """

    unknown: str | None = None
    beat_seconds_ago: float | None = None
    wake_ups: Mapping[str, int] | None = None
    crm_calls: Mapping[str, int] | None = None
    problems: Mapping[str, LastProblem] | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `fairlead status` prints. Counts are by CRM, or by kind and state, joined with a blank.

    `set_aside` counts leads by CRM and reason; `arrivals` and `outbox` count rows, `inbox` sightings.
    """

    ledger: str
    business_time: str
    running: Mapping[str, bool]
    queue: Queue
    playbook: str | None
    inbox: Mapping[str, int]
    arrivals: Mapping[str, int]
    set_aside: Mapping[str, int]
    outbox: Mapping[str, int]
    open_clocks: Mapping[str, int]
    heard: Mapping[str, Tally]
    sign_in: Mapping[str, str]
    limits: Mapping[str, LimitsLeft]


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def status(format_: str) -> None:
    """Tell what runs, what waits to be routed or sent, what is set aside and why, which clocks are open, and what is
    left of the CRMs' limits.

    Each CRM gets one call, to see whether the credentials sign in. Nothing is changed.

    Exit status: 0 told, 1 nothing has run here yet or the ledger cannot be opened, 2 wrong usage.
    """
    settings = Settings.from_environment()
    found = _look(settings)
    click.echo(
        json.dumps(asdict(found), indent=2, default=datetime.isoformat)
        if format_ == "json"
        else "\n".join(_lines(found))
    )


def _look(settings: Settings) -> Status:
    running = find(settings.var)
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        version = playbooks.active(tx)
        book = books(tx)(version)
        crms: Mapping[str, CrmMapping] = book.crms if book else {}
        return Status(
            ledger=place(settings),
            business_time=settings.clock.now().isoformat(timespec="seconds"),
            running=_alive(running),
            queue=_queue(settings),
            playbook=version,
            inbox=_joined(ledger.inbox.counts()),
            arrivals=_joined(arrivals.counts(tx)),
            set_aside=_set_aside(tx),
            outbox=_joined(outbox.counts(tx)),
            open_clocks=_open_clocks(tx),
            heard=heard.tally(tx),
            sign_in=_sign_in(settings, crms),
            limits=limits_left(settings, crms),
        )


def _alive(running: Running | None) -> dict[str, bool]:
    return {name: _lives(pid) for name, pid in running.parts.items()} if running else {}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _queue(settings: Settings) -> Queue:
    if not settings.redis_url:
        return Queue(unknown="no queue runs here")
    wakes = Wakes.at(settings.redis_url, None)
    try:
        last = wakes.last_beat()
        ago = round(machine_now().timestamp() - last, 1) if last is not None else None
        return Queue(None, ago, wakes.waiting(), wakes.calls(), wakes.last_problems())
    except RedisError:
        return Queue(unknown="the queue does not answer")
    finally:
        wakes.close()


def _joined(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{one} {other}": number for (one, other), number in sorted(counts.items())}


def _set_aside(tx: Connection) -> dict[str, int]:
    """Leads whose newest sighting that was dealt with is set aside: one that could be read later counts no more."""
    newest: Select[tuple[int]] = (
        select(func.max(arrival_rows.c.id))
        .where(arrival_rows.c.state != arrivals.WAITING)
        .group_by(*(arrival_rows.c[name] for name in LEAD))
    )
    reason = arrival_rows.c.note
    rows = tx.execute(
        select(arrival_rows.c.crm, reason, func.count())
        .where(arrival_rows.c.id.in_(newest), arrival_rows.c.state == arrivals.SET_ASIDE)
        .group_by(arrival_rows.c.crm, reason)
        .order_by(arrival_rows.c.crm, reason)
    )
    return {f"{crm}: {note}": number for crm, note, number in rows}


def _open_clocks(tx: Connection) -> dict[str, int]:
    rows = tx.execute(
        select(clock_rows.c.kind, clock_rows.c.state, func.count())
        .where(clock_rows.c.next_at.is_not(None))
        .group_by(clock_rows.c.kind, clock_rows.c.state)
    )
    return {f"{kind} {state}": number for kind, state, number in rows}


def _sign_in(settings: Settings, crms: Mapping[str, CrmMapping]) -> dict[str, str]:
    """One sentence per CRM. This is the only part that asks the CRMs anything: one call each."""
    told = {}
    for crm, mapping in crms.items():
        if missing := settings.lacking(crm):
            told[crm] = f"not checked: {listed(missing)} {'is' if len(missing) == 1 else 'are'} not set"
            continue
        try:
            connector = connector_of(settings, crm, mapping, frozenset())
            told[crm] = f"signed in, account {connector.sign_in()}"
        except SettingsError as problem:
            told[crm] = f"not checked: {problem}"
        except ConnectorError as problem:
            known = "not checked" if isinstance(problem, TryLater) else "not signed in"
            told[crm] = f"{known}: {in_words(problem)}"
    return told


def _lines(found: Status) -> list[str]:
    lines = [_line("ledger", found.ledger), _line("business time", found.business_time)]
    lines.append(_line("configuration", found.playbook or "none is active yet"))
    parts = ", ".join(f"{name}{'' if alive else ' (dead)'}" for name, alive in found.running.items())
    lines.append(_line("running", parts or "no `fairlead up` in this folder"))
    if found.queue.beat_seconds_ago is not None:
        lines.append(_line("last tick", f"{found.queue.beat_seconds_ago} s ago"))
    lines += [_line(crm, sentence) for crm, sentence in found.sign_in.items()]
    lines += [_line(f"{crm} limits", sentence(left)) for crm, left in found.limits.items()]
    for crm, problem in (found.queue.problems or {}).items():
        lines.append(_line("last problem", f"{crm}, {problem.at:%Y-%m-%d %H:%M:%S} UTC, {problem.job}: {problem.what}"))
    lines += _counts("inbox", _worded(found.inbox))
    lines += _counts("arrivals", _worded(found.arrivals))
    lines += _counts("set aside", [f"{counted(number, 'lead')}, {why}" for why, number in found.set_aside.items()])
    lines += _counts("outbox", _worded(found.outbox))
    lines += _counts("open clocks", _worded(found.open_clocks))
    if found.heard:
        lines += _counts("heard", [_heard(source, tally) for source, tally in found.heard.items()])
    for title, counts in (("wake-ups waiting", found.queue.wake_ups), ("CRM calls", found.queue.crm_calls)):
        lines += _counts(title, [f"unknown: {found.queue.unknown}"] if counts is None else _worded(counts))
    return lines


def _worded(counts: Mapping[str, int]) -> list[str]:
    return [f"{number} {name.replace('_', ' ')}" for name, number in counts.items()]


def _heard(source: str, tally: Tally) -> str:
    waiting = f", {tally.waiting} not matched yet" if tally.waiting else ""
    newest = f"the newest of {tally.newest:%Y-%m-%d %H:%M:%S} UTC"
    return f"{source}: {tally.told}, of which {tally.of_leads} with leads{waiting}; {newest}"


def _counts(title: str, shown: Sequence[str]) -> list[str]:
    first, *others = shown or ["none"]
    return [_line(title, first), *(_line("", other) for other in others)]


def _line(title: str, what: str) -> str:
    return f"{title:<18} {what}"
