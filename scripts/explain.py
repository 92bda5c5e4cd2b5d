"""`fairlead explain LEAD`: why this owner, why nobody else, what happens next."""

import json
from dataclasses import dataclass

import click
from sqlalchemy import Connection

from domain.clocks import Clock
from domain.decisions import Decision
from domain.leads import LeadKey
from ledger import clocks, codec, decisions, leads, outbox
from ledger.decisions import LeadEvent
from ledger.outbox import OutboxRow, SendState
from ledger.store import Ledger
from router.explain import explain as page
from runtime.settings import Settings
from scripts.opening import open_existing_ledger

UNSENT = frozenset({SendState.WAITING, SendState.SENDING, SendState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the ledger knows about one lead, oldest first."""

    key: LeadKey
    decisions: list[Decision]
    events: list[LeadEvent]
    clocks: list[Clock]
    sends: list[OutboxRow]


@click.command()
@click.argument("lead")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def explain(lead: str, format_: str) -> None:
    """Why this owner, why nobody else, and what happens next.

    LEAD is `crm:id` (salesforce:00Q…, hubspot:101), or a bare id where only one CRM has it.
    """
    with open_existing_ledger(Settings.from_environment()) as ledger:
        story = _story(ledger, _key(ledger, lead))
    click.echo(json.dumps(_as_data(story), indent=2) if format_ == "json" else _as_text(story))


def _key(ledger: Ledger, text: str) -> LeadKey:
    crm, _, record = text.rpartition(":")
    with ledger.reading() as tx:
        found = leads.by_id(tx, record, crm or None)
    if not found:
        raise click.ClickException(
            f"no lead {text!r} in this ledger. `fairlead status` shows what is in it; "
            "FAIRLEAD_VAR names another folder."
        )
    if len(found) > 1:
        names = ", ".join(str(key) for key in found)
        raise click.ClickException(f"{text!r} is a lead in more than one CRM: name one of {names}")
    return found[0]


def _story(ledger: Ledger, key: LeadKey) -> Story:
    with ledger.reading() as tx:
        return Story(
            key, decisions.of_lead(tx, key), decisions.events(tx, key), _clocks(tx, key), outbox.of_lead(tx, key)
        )


def _clocks(tx: Connection, key: LeadKey) -> list[Clock]:
    return sorted(clocks.of_lead(tx, key), key=lambda clock: (clock.cycle, clock.started_at))


def _as_data(story: Story) -> dict[str, object]:
    return {
        "lead": str(story.key),
        "decisions": [codec.dump(one) for one in story.decisions],
        "events": [codec.dump(one) for one in story.events],
        "clocks": [codec.dump(one) for one in story.clocks],
        "next": _next(story),
    }


def _as_text(story: Story) -> str:
    parts = [page(decision) for decision in story.decisions]
    parts.append("What happened\n" + "\n".join(_happened(story) or ["  nothing yet"]))
    parts.append("Waiting now\n" + "\n".join(f"  {line}" for line in _next(story)))
    return "\n\n".join(parts)


def _happened(story: Story) -> list[str]:
    return [
        f"  {event.at:%Y-%m-%d %H:%M:%S} UTC  cycle {event.cycle}  {event.kind.replace('_', ' ')}{_detail(event)}"
        for event in story.events
    ]


def _detail(event: LeadEvent) -> str:
    shown = ", ".join(f"{key} {value}" for key, value in event.detail.items() if value)
    return f" ({shown})" if shown else ""


def _next(story: Story) -> list[str]:
    lines = [_awaited(clock) for clock in story.clocks if clock.next_at]
    lines += [_unsent(row) for row in story.sends if row.state in UNSENT]
    return lines or ["nothing: no clock runs and nothing waits to be sent"]


def _awaited(clock: Clock) -> str:
    what = f"{clock.kind.value.replace('_', ' ')}, tier {clock.tier or '-'}"
    return f"{clock.next_at:%Y-%m-%d %H:%M:%S} UTC: {_step(clock)} ({what})"


def _unsent(row: OutboxRow) -> str:
    detail = f", {row.detail}" if row.detail else ""
    return f"to be sent: {row.action.kind.replace('_', ' ')} ({row.state.value}, attempt {row.attempts}{detail})"


def _step(clock: Clock) -> str:
    step = clock.steps[clock.done]
    return f"{step.do.replace('_', ' ')} {', '.join(step.to)}".strip()
