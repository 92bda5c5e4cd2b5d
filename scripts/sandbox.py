"""`fairlead sandbox`: the stand-in CRMs alone, and how to sign in to them."""

import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click
import requests

from connectors.base import Crm
from connectors.registry import CRMS
from playbook.book import Playbook
from sandbox.clock import start_and_speed
from sandbox.world import Example

READY = "sandbox ready on "
"""What the sandbox says when it can be used, followed by its address."""

EXAMPLES: Mapping[str, Example] = {crm: import_module(f"sandbox.{crm}.example").EXAMPLE for crm in CRMS}

CREDENTIALS: Mapping[str, str] = {name: value for each in EXAMPLES.values() for name, value in each.environment.items()}
"""What the sandbox accepts. No secrets: it holds nothing but invented data, and listens on this machine only."""


USES = (
    """POST {url}/faults -d '{{"method": "PATCH", "every": 3, "do": {{"drop_after_write": true}}}}'""",
    """POST {url}/faults/storm""",
    """DELETE {url}/faults""",
    """GET '{url}/calls?crm=salesforce&path=/sobjects'""",
)
"""Words for curl, each to be sent with the control API's address."""


def _clock(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    try:
        if text is not None:
            start_and_speed(text)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem
    return text


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 takes a free one.")
@click.option("--db", type=click.Path(path_type=Path), help="Keep the records in this file (default: in memory).")
@click.option(
    "--clock", callback=_clock, help="START,SPEED: business time, such as 2026-06-01T09:00Z,60 (default: real time)."
)
@click.option("--hubspot-2027", is_flag=True, help="HubSpot's old paths are gone, as they will be in 2027.")
def sandbox(port: int, db: Path | None, clock: str | None, hubspot_2027: bool) -> int:
    """Run stand-in CRMs over HTTP, until Ctrl-C. The lines to sign in with are printed, and how to
    make their calls fail.

    Exit status: 0 stopped by you, 1 it did not start, 2 wrong usage.
    """
    words = [
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        str(port),
        "--db",
        str(db or ":memory:"),
        "--until-stdin-closes",
    ]
    words += ["--clock", clock] if clock else []
    words += ["--hubspot-2027"] if hubspot_2027 else []
    # Its standard input is ours to close, and closes by itself when this process dies.
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            if line.startswith(READY):
                _show(line.removeprefix(READY).strip())
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            process.terminate()


def addresses(url: str) -> dict[str, str]:
    """The variables that lead to the stand-ins at this address."""
    return dict.fromkeys((each.url for each in EXAMPLES.values()), url)


def _show(url: str) -> None:
    click.echo(
        f"stand-ins for Salesforce, HubSpot and a company's own CRM on {url} (Ctrl-C stops them). To sign in to them:"
    )
    for name, value in {**addresses(url), **CREDENTIALS}.items():
        click.echo(f"export {name}={value}")
    click.echo("# To break them, and to see what they were asked (docs/developers.md tells the rest):")
    for line in USES:
        click.echo(f"curl -X {line.format(url=f'{url}/sandbox')}")


def settle(url: str, connector: Crm, playbook: Playbook) -> None:
    """Make the people and the inbound queues of the configuration users and queues of the sandbox at this address, add
    the fields of its own that the worked configuration maps, and create Fairlead's, where they are not there yet."""
    there = connector.users()
    known = {user.email for user in there} | {user.name for user in there}
    people = [{"email": rep.email, "name": rep.name} for rep in playbook.rules.reps.values() if rep.email not in known]
    owners = playbook.crms[connector.name].unowned_by
    inbound = [word.removeprefix("queue:") for word in owners if word.startswith("queue:")]
    queues = [{"name": name} for name in inbound if name not in known]
    grown = EXAMPLES[connector.name].grown
    for what, rows in (("users", people), ("queues", queues), *grown.items()):
        if rows:
            requests.post(f"{url}/sandbox/{connector.name}/{what}", json=rows, timeout=10).raise_for_status()
    connector.users()  # whoever came just now is known from here on
    connector.provision()
