"""`fairlead backfill`: leads that nobody owns yet are found, planned, and with `--apply` routed."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select

from connectors.base import AsRead, ConnectorError, Crm
from connectors.base import lane as calls_of
from domain.decisions import Decision
from domain.leads import Lead, LeadKey, ReadLater, Seen, Unreadable
from ledger import arrivals, leads, playbooks
from ledger.tables import outbox as outbox_rows
from playbook.book import Playbook
from runtime.deciding import Wanted, plan
from runtime.ingest import mirror
from runtime.route import route
from runtime.services import Services
from runtime.settings import Settings, SettingsError
from runtime.wiring import SignedIn, open_process, read_playbook, services_to_plan
from scripts.explain import UNSENT
from scripts.opening import ledger_to_plan_with
from scripts.patience import NoTime, patiently, told
from scripts.words import counted, listed

CHUNK = 200
SHOWN = 20

SINCE = "Only leads created since then (UTC), such as 2026-10-01 or 2026-10-01T08:00:00. Default: 30 days ago."


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one CRM's leads, and what was found before anybody read them."""

    crm: str
    found: Sequence[Seen]
    decisions: Sequence[Decision]
    unreadable: Sequence[Unreadable | ReadLater]


@click.command()
@click.option("--crm", "crms", multiple=True, help="Only this CRM (salesforce, hubspot). Default: all.")
@click.option("--since", type=click.DateTime(), metavar="TIME", help=SINCE)
@click.option("--apply", is_flag=True, help="Route them. Without it no lead is touched and no configuration activated.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print the plan.")
def backfill(crms: tuple[str, ...], since: datetime | None, apply: bool, format_: str) -> int:
    """Find leads that have neither an owner nor a decision, show who would get them, and with --apply route them.

    The plan follows the files of config/. For it users and companies are read into the ledger, where there is one;
    nothing else changes. With --apply the files come into force first, as with `fairlead up`. Safe to stop and to start
    again: what was routed is not routed twice. A CRM that cannot be reached does not keep the others waiting.

    Exit status: 0 done, 1 a CRM, the configuration or the ledger stands in the way, 2 wrong usage.
    """
    settings = Settings.from_environment()
    playbook = read_playbook(settings)
    unknown = [crm for crm in crms if crm not in playbook.crms]
    if unknown:
        raise click.UsageError(f"{unknown[0]!r} is not set up; config/crm/ has {listed(sorted(playbook.crms))}")
    start = since.replace(tzinfo=UTC) if since else settings.clock.now() - timedelta(days=30)
    # Asked before the ledger is opened: a CRM that cannot be reached leaves no empty ledger behind.
    signed_in = SignedIn(settings, lambda: playbook)
    problems: dict[str, str] = {}
    found: dict[str, list[Seen]] = {}
    for crm in dict.fromkeys(crms or sorted(playbook.crms)):
        with _noting(crm, problems, apply=apply):
            found[crm] = _unrouted(patiently(crm, partial(signed_in.__getitem__, crm)), start)
    if not found:
        return 1
    documents: list[dict[str, object]] = []
    with _opened(settings, playbook, apply=apply) as services:
        in_force = _in_force(services)
        if in_force not in {None, playbook.version} and format_ == "text":
            click.echo(
                f"The plan follows the files of {settings.config}, version {playbook.version}; "
                f"version {in_force} stays in force until --apply or the next start."
            )
        for crm, seen in found.items():
            with _noting(crm, problems, apply=apply):
                with calls_of("bulk"):
                    planned = _plan(services, crm, seen)
                if format_ == "text":
                    _show(planned, applied=apply)
                if apply and planned.decisions:
                    _apply(services, planned)
                    if format_ == "text":
                        click.echo(f"{crm}: {_outcome(services, crm)}")
                documents.append(_as_data(planned) | ({"left": _left(services, crm)} if apply else {}))
    if format_ == "json":
        versions = {"configuration": playbook.version, "in_force": in_force}
        document = {"applied": apply, **versions, "crms": documents, "problems": problems}
        click.echo(json.dumps(document, indent=2))
    return int(bool(problems))


@contextmanager
def _noting(crm: str, problems: dict[str, str], *, apply: bool) -> Iterator[None]:
    """What keeps this CRM's leads from being planned is told, and kept for the end; the others go on. With `apply` a
    variable that is wrong ends it all: such a configuration does not come into force."""
    try:
        yield
    except (SettingsError, ConnectorError, NoTime) as problem:
        if apply and isinstance(problem, SettingsError):
            raise
        problems[crm] = told(problem)
        click.echo(f"Error: {crm}: {problems[crm]}", err=True)


@contextmanager
def _opened(settings: Settings, playbook: Playbook, *, apply: bool) -> Iterator[Services]:
    """Everything that a plan needs; with `apply` everything that routing needs, and the files in force."""
    if not apply:
        with ledger_to_plan_with(settings) as ledger:
            yield services_to_plan(settings, playbook, ledger)
        return
    process = open_process(settings, activate=True)
    try:
        yield process.services
    finally:
        process.close()


def _in_force(services: Services) -> str | None:
    with services.ledger.reading() as tx:
        return playbooks.active(tx)


def _unrouted(connector: Crm, since: datetime) -> list[Seen]:
    """Every lead that nobody owns, window after window; what two windows show counts once."""
    seen: dict[LeadKey, Seen] = {}
    at = since
    with calls_of("bulk"):
        while True:
            found = patiently(connector.name, partial(connector.unrouted, at))
            seen |= {one.key: one for one in found.seen}
            if not found.more:
                return list(seen.values())
            if found.cursor <= at:
                raise click.ClickException(
                    f"{connector.name} names the same leads of {at:%Y-%m-%d %H:%M} UTC again and again, and none after "
                    "them; start with --since after that time for the others"
                )
            at = found.cursor


def _plan(services: Services, crm: str, found: Sequence[Seen]) -> Planned:
    while not patiently(crm, partial(mirror, services, crm)):
        pass
    records = _read(services.crms[crm], [seen.key.id for seen in found])
    readable = [one for one in records if isinstance(one, Lead) and one.unowned and not one.gone]
    with services.ledger.reading() as tx:
        decided_before = leads.current(tx, [lead.key for lead in readable])
        wanted = [Wanted(lead) for lead in readable if lead.key not in decided_before]
        planned = plan(tx, services.ledger, services.playbook(), wanted, services.now())
    unreadable = [one for one in records if not isinstance(one, Lead)]
    return Planned(crm, found, [each.decision for each in planned], unreadable)


def _read(connector: Crm, ids: Sequence[str]) -> list[AsRead]:
    records: list[AsRead] = []
    for at in range(0, len(ids), CHUNK):
        records += patiently(connector.name, partial(connector.read, ids[at : at + CHUNK]))
    return records


def _as_data(planned: Planned) -> dict[str, object]:
    rows = [
        {"lead": str(d.lead), "outcome": d.outcome, "owner": d.owner, "rule": d.rule, "pool": d.pool}
        for d in planned.decisions
    ]
    return {"crm": planned.crm, "leads": rows, "unreadable": [str(one.key) for one in planned.unreadable]}


def _show(planned: Planned, *, applied: bool) -> None:
    console = Console()
    console.print(f"{planned.crm}: {counted(len(planned.decisions), 'lead')} without an owner")
    if planned.decisions:
        console.print(_who_gets_how_many(planned.decisions, applied=applied))
        console.print(_first_rows(planned.decisions))
    for one in planned.unreadable:
        console.print(f"  {one.key} cannot be read: {one.reason}", markup=False)
    if planned.decisions and not applied:
        console.print("No lead was touched. Run it again with --apply to route them.")


def _who_gets_how_many(planned: Sequence[Decision], *, applied: bool) -> Table:
    table = Table("who", "leads", title="Who gets how many" if applied else "Who would get how many")
    counts = Counter(decision.owner or f"nobody ({decision.outcome.value})" for decision in planned)
    for who, count in counts.most_common():
        table.add_row(who, str(count))
    return table


def _first_rows(planned: Sequence[Decision]) -> Table:
    table = Table("lead", "outcome", "owner", "rule", title=f"The first {min(SHOWN, len(planned))}")
    for decision in planned[:SHOWN]:
        table.add_row(str(decision.lead), decision.outcome.value, decision.owner or "", decision.rule)
    return table


def _apply(services: Services, planned: Planned) -> None:
    """Store the leads as arrivals of the bulk lane, then route until they are done; workers that run may help.

    The progress, and notifications for the terminal above it, go to standard error: the plan may be data.
    """
    crm = planned.crm
    with services.ledger.writing() as tx:
        seen = [replace(one, event=f"backfill:{one.event}", hot=False) for one in planned.found]
        arrivals.store(tx, seen, services.machine())
    with redirect_stdout(sys.stderr), Progress(console=Console(stderr=True)) as progress:
        total = _waiting(services, crm)
        task = progress.add_task(f"routing {crm}", total=total)
        while route(services, crm, "bulk"):
            progress.update(task, completed=total - _waiting(services, crm))


KINDS: Mapping[str, tuple[str, str]] = {
    "arrivals": ("lead to be routed", "leads to be routed"),
    "assign_owner": ("owner to be written", "owners to be written"),
    "write_fields": ("update of fields", "updates of fields"),
    "create_task": ("task", "tasks"),
    "notify": ("notification", "notifications"),
    "report": ("notification", "notifications"),
}
"""What can be left to do, as people say it."""


def _outcome(services: Services, crm: str) -> str:
    left = _left(services, crm)
    if not left:
        return "routed, and nothing is left to be sent"
    what = listed(counted(number, *KINDS[kind]) for kind, number in left.items())
    return f"routed; {what} {'waits' if sum(left.values()) == 1 else 'wait'} for `fairlead up`"


def _left(services: Services, crm: str) -> dict[str, int]:
    """How much waits to be routed and sent for this CRM, by the names of KINDS; what is nothing is left out."""
    counts = {"arrivals": _waiting(services, crm)}
    with services.ledger.reading() as tx:
        rows = tx.execute(
            select(outbox_rows.c.kind, func.count().label("number"))
            .where(outbox_rows.c.crm == crm, outbox_rows.c.state.in_([state.value for state in UNSENT]))
            .group_by(outbox_rows.c.kind)
        )
        counts |= {row.kind: row.number for row in rows}
    return {kind: counts[kind] for kind in KINDS if counts.get(kind)}


def _waiting(services: Services, crm: str) -> int:
    with services.ledger.reading() as tx:
        return arrivals.counts(tx).get((crm, "waiting"), 0)
