"""`fairlead claim`: a lead that waits for whoever takes it, for somebody who is not in the CRM just then."""

import json

import click

from runtime import by_hand
from runtime.settings import Settings
from scripts import fresh
from scripts.explain import key_of
from scripts.opening import place, services_in_force

DONE = frozenset({"claimed", "has_it"})


@click.command()
@click.argument("lead")
@click.option("--as", "email", required=True, metavar="EMAIL", help="Who takes it: an address in teams.yaml.")
@click.option("--anyway", is_flag=True, help="Also for somebody who is in no pool that the lead waits for.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def claim(lead: str, email: str, anyway: bool, format_: str) -> int:
    """Take a lead that waits for whoever takes it first: the person becomes its owner in the CRM, and the time for the
    first response begins.

    LEAD is the CRM and the record's id, such as salesforce:00Q5g00000ABCDE; the id alone where only one CRM has it. The
    lead is read in the CRM before; whoever takes it there at the same moment keeps it.

    Exit status: 0 the person has it, 1 not, and why, 2 wrong usage.
    """
    settings = Settings.from_environment()
    with services_in_force(settings) as services:
        key = key_of(services.ledger, lead, place(settings))
        person = fresh.person(email, services.playbook().rules.reps)
        found, unread = fresh.read(services, [key])
        if not found:
            raise click.ClickException(f"{key}: {unread[key]}")
        came = by_hand.claim(services, found[0], person, anyway=anyway)
    if format_ == "json":
        told = {"lead": str(key), "as": person, "result": came.result, "said": came.said}
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(f"{key}: {came.said}", err=came.result not in DONE)
    return int(came.result not in DONE)
