"""`fairlead doctor`: what is wrong with settings, ledger, queue, configuration and CRMs, and the way out of each."""

import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import click
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from connectors.base import ConnectorError, Crm, Finding, Refused
from connectors.mail.mailbox import address_of
from connectors.registry import CRMS
from ledger import playbooks
from ledger.store import LedgerUnavailable, open_ledger
from playbook.book import Playbook, load
from playbook.evidence import Sources
from runtime.settings import Settings, SettingsError
from runtime.wiring import connector_of
from scripts.patience import NoTime, patiently
from scripts.words import listed

ENOUGH_SPACE = 500 * 1024 * 1024
"""bytes; a ledger that cannot grow loses nothing, but decides nothing either"""

CLOCK_MAY_DIFFER = 60.0
"""Seconds between this machine's clock and a CRM's: HubSpot's signatures count for five minutes."""


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def doctor(format_: str) -> int:
    """Look at settings, ledger, queue, configuration and each CRM, and tell what is wrong and what to do about it.

    Nothing is changed in a CRM. Exit status: 0 all is well, 1 something is wrong, 2 wrong usage.
    """
    settings = Settings.from_environment()
    findings = list(_examined(settings))
    if format_ == "json":
        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        for one in findings:
            click.echo(_line(one))
    return 1 if any(one.ok is False for one in findings) else 0


def _line(one: Finding) -> str:
    mark = {True: "well ", False: "WRONG", None: "?    "}[one.ok]
    detail = f": {one.detail}" if one.detail else ""
    return f"{mark} {one.what}{detail}" + (f"\n      {one.way_out}" if one.way_out and one.ok is not True else "")


def _examined(settings: Settings) -> Iterator[Finding]:
    yield from _files(settings)
    yield from _ledger(settings)
    yield _queue(settings)
    playbook = load(settings.config)
    if not isinstance(playbook, Playbook):
        first = f"{len(playbook)} problems, the first: {playbook[0]}" if len(playbook) > 1 else str(playbook[0])
        yield Finding("configuration", False, first, "fairlead check names them all")
        return
    yield Finding("configuration", True, f"version {playbook.version}")
    for crm in playbook.crms:
        yield from _crm(settings, playbook, crm)
    yield from _sources(settings, playbook.sources)


def _files(settings: Settings) -> Iterator[Finding]:
    """Files that hold secrets, named by VAR_FILE."""
    for name, path in sorted(settings.environment.items()):
        if not (name.endswith("_FILE") and name.startswith(("SALESFORCE", "HUBSPOT", "SLACK", "REDIS", "DATABASE"))):
            continue
        what = f"the file of {name}"
        try:
            mode = stat.S_IMODE(Path(path).stat().st_mode)
        except OSError as problem:
            yield Finding(what, False, f"it cannot be read ({problem.strerror})", f"name a file that exists in {name}")
            continue
        if mode & 0o077:
            yield Finding(what, False, f"others may read it (mode {mode:o})", f"chmod 600 {path}")
        elif not os.access(path, os.R_OK):
            yield Finding(what, False, "this user may not read it", f"chown it to the user who runs Fairlead: {path}")
        else:
            yield Finding(what, True)


def _sources(settings: Settings, sources: Sources) -> Iterator[Finding]:
    """What `evidence.yaml` names: variables that are not set, folders that cannot be read, addresses that are none."""
    folders = [*(one.folder for one in sources.files), *(one.folder for one in sources.logs)]
    secrets = [*(one.secret for one in sources.services), *(one.url for one in sources.mailboxes)]
    for name in dict.fromkeys((*folders, *secrets)):
        what = f"evidence: {name}"
        try:
            value = settings.variable(name)
            if not value:
                way_out = "set it in the environment of every Fairlead process"
                yield Finding(what, False, "config/evidence.yaml names it, and it is not set", way_out)
                continue
            if name in folders and not os.access(value, os.R_OK | os.X_OK):
                yield Finding(what, False, "there is no such folder, or this user may not read it", f"correct {name}")
                continue
            if name in [one.url for one in sources.mailboxes]:
                address_of(value)
            yield Finding(what, True)
        except (SettingsError, Refused) as problem:
            yield Finding(what, False, str(problem), f"correct {name}")


def _ledger(settings: Settings) -> Iterator[Finding]:
    where = make_url(settings.database_url)
    folder = Path(where.database or ".").absolute().parent if where.get_backend_name() == "sqlite" else None
    if folder is not None and not Path(str(where.database)).exists():
        yield Finding("ledger", None, "there is none yet", "it is made by the first `fairlead up`")
        return
    try:
        with open_ledger(settings.database_url) as ledger, ledger.reading() as tx:
            version = playbooks.active(tx)
            inbox = ledger.inbox.counts()
    except (LedgerUnavailable, SQLAlchemyError) as problem:
        yield Finding("ledger", False, str(problem), "repair what the sentence names, then run this again")
        return
    yield Finding("ledger", True, f"up to date, configuration {version or 'none'} is in force")
    yield _inbox(inbox)
    if folder is not None:
        free = shutil.disk_usage(folder).free
        more = f"{free // 2**20} MiB are free where the ledger lies"
        yield Finding("disk", free >= ENOUGH_SPACE, more, "make room, or name another place with FAIRLEAD_VAR")


def _inbox(counts: Mapping[tuple[str, str], int]) -> Finding:
    waiting, unreadable = (
        sum(number for (_, state), number in counts.items() if state == which) for which in ("waiting", "unreadable")
    )
    if unreadable:
        detail = f"{unreadable} delivered events cannot be read"
        return Finding("inbox", False, detail, "please report it; polling finds their leads all the same")
    return Finding("inbox", True, f"{waiting} delivered events wait for a worker")


def _queue(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("queue", None, "none is named here", "`fairlead up` starts one; else set REDIS_URL")
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2, retry=None) as queue:
            queue.ping()
    except (RedisError, ValueError) as problem:
        return Finding("queue", False, f"it does not answer ({problem})", "start it, or correct REDIS_URL")
    return Finding("queue", True, "it answers")


def _crm(settings: Settings, playbook: Playbook, crm: str) -> Iterator[Finding]:
    if missing := settings.lacking(crm):
        detail = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not set"
        yield Finding(f"{crm}: credentials", False, detail, "set them in the environment of every Fairlead process")
        return
    try:
        connector = connector_of(settings, crm, playbook.crms[crm], playbook.not_people)
    except SettingsError as problem:
        yield Finding(f"{crm}: credentials", False, str(problem), "do what the sentence says")
        return
    try:
        patiently(crm, connector.sign_in)
        for one in patiently(crm, partial(connector.examine, playbook.follows)):
            yield replace(one, what=f"{crm}: {one.what}")
        yield _clock(settings, crm, connector)
    except NoTime as problem:
        yield Finding(f"{crm}: limits", None, problem.message, "wait; nothing is wrong with the credentials")
    except ConnectorError as problem:
        way_out = f"correct the credentials or {CRMS[crm].signs_in_with.url}, or wait until the CRM answers"
        yield Finding(f"{crm}: sign-in", False, str(problem), way_out)


def _clock(settings: Settings, crm: str, connector: Crm) -> Finding:
    apart = abs((connector.now() - settings.clock.now()).total_seconds())
    detail = f"{apart:.0f} s between it and this machine's"
    return Finding(f"{crm}: clock", apart <= CLOCK_MAY_DIFFER, detail, "let this machine's clock follow a time server")
