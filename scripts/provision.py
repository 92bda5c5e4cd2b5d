"""`fairlead provision`: the fields that Fairlead writes, created in each CRM where they are missing."""

import json
from dataclasses import asdict

import click

from connectors.registry import connect
from runtime.settings import Settings
from runtime.wiring import read_playbook


@click.command()
@click.option("--crm", "crms", multiple=True, help="Only this CRM (salesforce, hubspot). Default: all.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def provision(crms: tuple[str, ...], format_: str) -> int:
    """Create what Fairlead needs in each CRM: its fields, and the guard of the owner where the CRM has one.

    What is there already is left alone, so a second run changes nothing. Exits with 1 where the CRM refused something.
    """
    settings = Settings.from_environment()
    playbook = read_playbook(settings)
    if unknown := sorted(set(crms) - set(playbook.crms)):
        raise click.UsageError(f"{unknown[0]!r} is not set up; config/crm/ has {', '.join(sorted(playbook.crms))}")
    done = {}
    for crm in crms or sorted(playbook.crms):
        connector = connect(crm, settings.credentials(crm), playbook.crms[crm], playbook.not_people)
        connector.sign_in()
        done[crm] = connector.provision()
    if format_ == "json":
        click.echo(json.dumps({crm: [asdict(one) for one in found] for crm, found in done.items()}, indent=2))
    else:
        for crm, found in done.items():
            for one in found:
                if one.result != "there":
                    click.echo(f"{crm}: {one.what} {one.result}{f': {one.detail}' if one.detail else ''}")
            click.echo(f"{crm}: {sum(one.result != 'refused' for one in found)} of {len(found)} in place")
    return int(any(one.result == "refused" for found in done.values() for one in found))
