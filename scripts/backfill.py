"""`fairlead backfill`: leads that nobody owns yet are found, planned, and with `--apply` routed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from connectors.base import Crm
from domain.decisions import Decision
from domain.leads import Lead, Seen, Unreadable
from ledger import arrivals, leads
from runtime.deciding import Wanted, plan
from runtime.ingest import mirror
from runtime.route import route
from runtime.services import Services
from runtime.settings import Settings
from runtime.wiring import services as wire

CHUNK = 200
SHOWN = 20


@click.command()
@click.option("--crm", "crms", multiple=True, help="Only this CRM (salesforce, hubspot). Default: all.")
@click.option("--since", type=click.DateTime(), help="Created since (UTC). Default: 30 days ago.")
@click.option("--apply", is_flag=True, help="Route them. Without it nothing is written anywhere.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print the plan.")
def backfill(crms: tuple[str, ...], since: datetime | None, apply: bool, format_: str) -> None:
    """Find leads without an owner and a decision, show who would get them, and with --apply route them.

    Safe to stop and start again: what was routed is not routed twice.
    """
    services = wire(Settings.from_environment())
    unknown = [crm for crm in crms if crm not in services.crms]
    if unknown:
        raise click.UsageError(f"{unknown[0]!r} is not set up; config/crm/ has {', '.join(sorted(services.crms))}")
    start = since.replace(tzinfo=UTC) if since else services.now() - timedelta(days=30)
    for crm in crms or sorted(services.crms):
        mirror(services, crm)
        found = services.crms[crm].unrouted(start).seen
        planned, set_aside = _plan(services, services.crms[crm], found)
        _show(crm, planned, set_aside, applied=apply, format_=format_)
        if apply and planned:
            _apply(services, crm, found)


def _plan(services: Services, connector: Crm, found: Sequence[Seen]) -> tuple[list[Decision], list[Unreadable]]:
    records: list[Lead | Unreadable] = []
    for chunk in _chunks([seen.key.id for seen in found]):
        records += connector.read(chunk)
    readable = [one for one in records if isinstance(one, Lead) and one.unowned and not one.gone]
    with services.ledger.reading() as tx:
        decided_before = leads.current(tx, [lead.key for lead in readable])
        wanted = [Wanted(lead) for lead in readable if lead.key not in decided_before]
        planned = plan(tx, services.ledger, services.playbook(), wanted, services.now())
    return [each.decision for each in planned], [one for one in records if isinstance(one, Unreadable)]


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), CHUNK):
        yield ids[at : at + CHUNK]


def _show(
    crm: str, planned: Sequence[Decision], set_aside: Sequence[Unreadable], *, applied: bool, format_: str
) -> None:
    if format_ == "json":
        rows = [
            {"lead": str(d.lead), "outcome": d.outcome, "owner": d.owner, "rule": d.rule, "pool": d.pool}
            for d in planned
        ]
        click.echo(json.dumps({"crm": crm, "leads": rows, "unreadable": [str(one.key) for one in set_aside]}, indent=2))
        return
    console = Console()
    console.print(f"{crm}: {len(planned)} leads without an owner")
    if planned:
        console.print(_who_gets_how_many(planned))
        console.print(_first_rows(planned))
    for one in set_aside:
        console.print(f"  {one.key} cannot be read: {one.reason}", markup=False)
    if planned and not applied:
        console.print("Nothing was written. Run it again with --apply to route them.")


def _who_gets_how_many(planned: Sequence[Decision]) -> Table:
    table = Table("who", "leads", title="Who would get how many")
    counts = Counter(decision.owner or f"nobody ({decision.outcome.value})" for decision in planned)
    for who, count in counts.most_common():
        table.add_row(who, str(count))
    return table


def _first_rows(planned: Sequence[Decision]) -> Table:
    table = Table("lead", "outcome", "owner", "rule", title=f"The first {min(SHOWN, len(planned))}")
    for decision in planned[:SHOWN]:
        table.add_row(str(decision.lead), decision.outcome.value, decision.owner or "", decision.rule)
    return table


def _apply(services: Services, crm: str, found: Sequence[Seen]) -> None:
    """Store the leads as arrivals of the bulk lane, then route until they are done; workers that run may help."""
    with services.ledger.writing() as tx:
        seen = [replace(one, event=f"backfill:{one.event}", hot=False) for one in found]
        arrivals.store(tx, seen, services.machine())
    with Progress() as progress:
        total = _waiting(services, crm)
        task = progress.add_task(f"routing {crm}", total=total)
        while route(services, crm, "bulk"):
            progress.update(task, completed=total - _waiting(services, crm))
    waiting = _waiting(services, crm)
    click.echo(
        f"{crm}: done."
        if not waiting
        else f"{crm}: {waiting} arrivals wait for a later attempt; run it again, or leave them to `fairlead up`."
    )


def _waiting(services: Services, crm: str) -> int:
    with services.ledger.reading() as tx:
        return arrivals.counts(tx).get((crm, "waiting"), 0)
