"""`fairlead status`: what runs, what waits, and what needs a person."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import click
from redis.exceptions import RedisError
from sqlalchemy import Connection, func, select

from connectors.base import ConnectorError
from connectors.registry import connect
from ledger import arrivals, outbox, playbooks
from ledger.tables import arrivals as arrival_rows
from ledger.tables import clocks as clock_rows
from playbook.book import Playbook, load_texts
from runtime.clocks import machine_now
from runtime.running import Running, find
from runtime.settings import Settings, SettingsError
from runtime.wakes import Wakes
from scripts.opening import open_existing_ledger


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `fairlead status` prints. Counts are by CRM, or by kind and state, joined with a blank."""

    business_time: str
    running: Mapping[str, bool]
    beat_seconds_ago: float | None
    wake_ups: Mapping[str, int]
    playbook: str | None
    arrivals: Mapping[str, int]
    set_aside: Mapping[str, int]
    outbox: Mapping[str, int]
    open_clocks: Mapping[str, int]
    crm_calls: Mapping[str, int]
    sign_in: Mapping[str, str]


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def status(format_: str) -> None:
    """What runs, how many leads wait or are set aside and why, what waits to be sent, which clocks are open."""
    settings = Settings.from_environment()
    found = _look(settings)
    click.echo(json.dumps(asdict(found), indent=2) if format_ == "json" else "\n".join(_lines(found)))


def _look(settings: Settings) -> Status:
    running = find(settings.var)
    beat, wake_ups, calls = _queue(settings)
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        version = playbooks.active(tx)
        return Status(
            business_time=settings.clock.now().isoformat(timespec="seconds"),
            running=_alive(running),
            beat_seconds_ago=beat,
            wake_ups=wake_ups,
            playbook=version,
            arrivals=_joined(arrivals.counts(tx)),
            set_aside=_set_aside(tx),
            outbox=_joined(outbox.counts(tx)),
            open_clocks=_open_clocks(tx),
            crm_calls=calls,
            sign_in=_sign_in(settings, load_texts(playbooks.texts(tx, version) or {}) if version else ()),
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


def _queue(settings: Settings) -> tuple[float | None, dict[str, int], dict[str, int]]:
    """Seconds since the last tick, wake-ups that wait, calls to the CRMs; nothing where the queue does not answer."""
    if not settings.redis_url:
        return None, {}, {}
    wakes = Wakes.at(settings.redis_url, None)
    try:
        last = wakes.last_beat()
        ago = round(machine_now().timestamp() - last, 1) if last is not None else None
        return ago, wakes.waiting(), wakes.calls()
    except RedisError:
        return None, {}, {}
    finally:
        wakes.close()


def _joined(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{one} {other}": number for (one, other), number in sorted(counts.items())}


def _set_aside(tx: Connection) -> dict[str, int]:
    reason = arrival_rows.c.note
    rows = tx.execute(
        select(arrival_rows.c.crm, reason, func.count())
        .where(arrival_rows.c.state == arrivals.SET_ASIDE)
        .group_by(arrival_rows.c.crm, reason)
    )
    return {f"{crm}: {note}": number for crm, note, number in rows}


def _open_clocks(tx: Connection) -> dict[str, int]:
    rows = tx.execute(
        select(clock_rows.c.kind, clock_rows.c.state, func.count())
        .where(clock_rows.c.next_at.is_not(None))
        .group_by(clock_rows.c.kind, clock_rows.c.state)
    )
    return {f"{kind} {state}": number for kind, state, number in rows}


def _sign_in(settings: Settings, playbook: Playbook | tuple[Any, ...]) -> dict[str, str]:
    """One sentence per CRM. This is the only part that asks the CRMs anything: one call each."""
    told = {}
    for crm, mapping in (playbook.crms if isinstance(playbook, Playbook) else {}).items():
        try:
            connector = connect(crm, settings.credentials(crm), mapping, frozenset())
            told[crm] = f"signed in, account {connector.sign_in()}"
        except (SettingsError, ConnectorError) as problem:
            told[crm] = f"not signed in: {problem}"
    return told


def _lines(found: Status) -> list[str]:
    lines = [f"business time      {found.business_time}"]
    lines.append(f"configuration      {found.playbook or 'none is active yet'}")
    if found.running:
        parts = ", ".join(f"{name}{'' if alive else ' (dead)'}" for name, alive in found.running.items())
        lines.append(f"running            {parts}")
    else:
        lines.append("running            no `fairlead up` in this folder")
    if found.beat_seconds_ago is not None:
        lines.append(f"last tick          {found.beat_seconds_ago} s ago")
    for name, sentence in found.sign_in.items():
        lines.append(f"{name:<18} {sentence}")
    for title, counts in (
        ("arrivals", found.arrivals),
        ("set aside", found.set_aside),
        ("outbox", found.outbox),
        ("open clocks", found.open_clocks),
        ("wake-ups waiting", found.wake_ups),
        ("CRM calls", found.crm_calls),
    ):
        shown = [f"{number} {name.replace('_', ' ')}" for name, number in counts.items()] or ["none"]
        lines.append(f"{title:<18} {shown[0]}")
        lines += [f"{'':<18} {line}" for line in shown[1:]]
    return lines
