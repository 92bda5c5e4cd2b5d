"""`fairlead provision`: the fields that Fairlead writes, created in each CRM where they are missing."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from connectors.base import ConnectorError, Provisioned
from playbook.book import Playbook
from runtime.settings import Settings, SettingsError
from runtime.wiring import connector_of, read_playbook
from scripts.patience import NoTime, patiently
from scripts.words import listed


@click.command()
@click.option("--crm", "crms", multiple=True, help="Only this CRM (salesforce, hubspot). Default: all.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def provision(crms: tuple[str, ...], format_: str) -> int:
    """Create what Fairlead needs in each CRM: its fields, and the guard of the owner where the CRM has one.

    What is there already is left alone, so a second run changes nothing. A CRM that cannot be reached does not keep the
    others waiting.

    Exit status: 0 everything is in place, 1 a CRM refused something or could not be reached, 2 wrong usage.
    """
    settings = Settings.from_environment()
    playbook = read_playbook(settings)
    if unknown := sorted(set(crms) - set(playbook.crms)):
        raise click.UsageError(f"{unknown[0]!r} is not set up; config/crm/ has {listed(sorted(playbook.crms))}")
    done: dict[str, Sequence[Provisioned]] = {}
    for crm in crms or sorted(playbook.crms):
        try:
            done[crm] = _provisioned(settings, playbook, crm)
        except (SettingsError, ConnectorError) as problem:
            done[crm] = ()
            click.echo(f"Error: {crm}: {problem}", err=True)
        except NoTime as problem:
            done[crm] = ()
            problem.show()
        if format_ == "text":
            _show(crm, done[crm])
    if format_ == "json":
        click.echo(json.dumps({crm: [asdict(one) for one in found] for crm, found in done.items()}, indent=2))
    return int(any(not found or any(one.result == "refused" for one in found) for found in done.values()))


def _provisioned(settings: Settings, playbook: Playbook, crm: str) -> Sequence[Provisioned]:
    connector = connector_of(settings, crm, playbook.crms[crm], playbook.not_people)
    patiently(crm, connector.sign_in)
    return patiently(crm, connector.provision)


def _show(crm: str, found: Sequence[Provisioned]) -> None:
    """What changed, and how much is in place; nothing for a CRM that could not be reached, which was said already."""
    for one in found:
        if one.result != "there":
            click.echo(f"{crm}: {one.what} {one.result}{f': {one.detail}' if one.detail else ''}")
    if found:
        click.echo(f"{crm}: {sum(one.result != 'refused' for one in found)} of {len(found)} in place")
