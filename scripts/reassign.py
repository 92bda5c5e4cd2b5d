"""`fairlead reassign`: leads are handed to somebody else, or answered for, by somebody who is not in the CRM."""

import json
from collections.abc import Mapping, Sequence

import click

from connectors.base import ConnectorError
from domain.leads import LeadKey
from playbook.book import Playbook
from router.waits import POOL, QUEUE
from runtime import by_hand
from runtime.by_hand import Handed, HandOn
from runtime.news import ANSWERS, Answered
from runtime.services import Services
from runtime.settings import Settings
from scripts import fresh
from scripts.explain import key_of
from scripts.opening import place, services_in_force
from scripts.patience import NoTime

TO = "To whom: an address in teams.yaml, pool:NAME, queue:NAME, or rules (whatever routing.yaml says)."


@click.command()
@click.argument("leads", metavar="LEAD...", nargs=-1, required=True)
@click.option("--to", metavar="WHERE", help=TO)
@click.option("--accept", "answers", flag_value="accept", multiple=True, help="Whom it is offered to keeps it.")
@click.option("--decline", "answers", flag_value="decline", multiple=True, help="The next in turn gets it.")
@click.option("--approve", "answers", flag_value="approve", multiple=True, help="Say yes to a lead in review.")
@click.option("--reject", "answers", flag_value="reject", multiple=True, help="Say no to a lead in review.")
@click.option("--apply", is_flag=True, help="Do it. Without it nothing is written.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def reassign(leads: tuple[str, ...], to: str | None, answers: tuple[str, ...], apply: bool, format_: str) -> int:
    """Show where these leads would go, and with --apply hand them on; or give the answer that people give in the CRM.

    LEAD is the CRM and the record's id, such as salesforce:00Q5g00000ABCDE; the id alone where only one CRM has it. Who
    had a lead before does not get it again, unless named with --to. The leads are read in the CRM before, and whoever
    changes an owner there at the same moment wins.

    Exit status: 0 done or shown, 1 something stands in the way of a lead, 2 wrong usage.
    """
    if len(answers) + (to is not None) != 1:
        raise click.UsageError("say one of --to, --accept, --decline, --approve and --reject")
    settings = Settings.from_environment()
    handed: dict[LeadKey, Handed] = {}
    with services_in_force(settings) as services:
        asked = ANSWERS[answers[0]] if answers else _destination(to or "", services.playbook())
        keys = list(dict.fromkeys(key_of(services.ledger, lead, place(settings)) for lead in leads))
        for crm in dict.fromkeys(key.crm for key in keys):
            handed |= _of_crm(services, [key for key in keys if key.crm == crm], asked, apply=apply)
    found = [handed[key] for key in keys]
    if format_ == "json":
        click.echo(json.dumps({"applied": apply, "leads": [_as_data(one) for one in found]}, indent=2))
    else:
        _show(found, applied=apply)
    return int(any(one.why_not or one.became not in {None, "written"} for one in found))


def _destination(to: str, playbook: Playbook) -> HandOn:
    """What --to says; click.UsageError where the configuration in force has no such person, pool or queue."""
    if to == "rules":
        return HandOn(None)
    if to.startswith(POOL):
        return HandOn(POOL + fresh.name(to.removeprefix(POOL), "pool", playbook.rules.pools))
    if to.startswith(QUEUE):
        return HandOn(QUEUE + fresh.name(to.removeprefix(QUEUE), "queue", playbook.rules.queues))
    if "@" not in to:
        raise click.UsageError(f"--to {to!r} is neither an address nor pool:NAME, queue:NAME or rules")
    return HandOn(fresh.person(to, playbook.rules.reps))


def _of_crm(
    services: Services, keys: Sequence[LeadKey], asked: HandOn | Answered, *, apply: bool
) -> Mapping[LeadKey, Handed]:
    """The leads of one CRM; one that is out of reach does not keep those of another from being handed on."""
    try:
        read, unread = fresh.read(services, keys)
    except (ConnectorError, NoTime) as problem:
        return {key: Handed(key, why_not=str(problem)) for key in keys}
    handed = {one.key: one for one in by_hand.reassign(services, read, asked, apply=apply)}
    return handed | {key: Handed(key, why_not=why) for key, why in unread.items()}


def _as_data(one: Handed) -> dict[str, object]:
    made = one.decision
    decided = {
        "outcome": made.outcome if made else None,
        "owner": made.owner if made else None,
        "pool": made.pool if made else None,
        "queue": made.queue if made else None,
        "reason": made.reason if made else None,
    }
    return {"lead": str(one.key), **decided, "became": one.became, "said": one.said, "problem": one.why_not or None}


def _show(found: Sequence[Handed], *, applied: bool) -> None:
    for one in found:
        click.echo(f"{one.key}: {_sentence(one)}", err=bool(one.why_not))
    if not applied and any(not one.why_not for one in found):
        click.echo("Nothing was written. Run it again with --apply to do it.")


def _sentence(one: Handed) -> str:
    made = one.decision
    if one.why_not or made is None:
        return one.why_not or one.said
    if one.became:
        return one.said
    whose = f"{made.outcome} to {made.owner}" if made.owner else f"{made.outcome} in {made.queue or 'no queue'}"
    return f"would be {whose}: {made.reason}" + (f" ({one.said})" if one.said else "")
