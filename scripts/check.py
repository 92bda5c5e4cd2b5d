"""`fairlead check`: every problem in `config/`, before a single lead is touched."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from connectors.hubspot.contacts import PREFIX
from connectors.hubspot.crm import HubSpot
from connectors.hubspot.kinds import KINDS
from playbook.book import Playbook, Problem
from runtime.wiring import load_for_connectors


@click.command()
@click.option(
    "--config",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="config",
    envvar="FAIRLEAD_CONFIG",
    show_default=True,
    help="The folder to check.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def check(folder: Path, format_: str) -> None:
    """Name every problem in the configuration, with its place and the way out.

    Nothing is asked of a CRM. docs/configuration.md lists the ids of the problems.

    Exit status: 0 no problems, 1 problems found, 2 wrong usage.
    """
    found = load_for_connectors(folder)
    problems = () if isinstance(found, Playbook) else found
    notes = _notes(found) if isinstance(found, Playbook) else []
    if format_ == "json":
        version = found.version if isinstance(found, Playbook) else None
        document = {"version": version, "problems": [asdict(each) for each in problems], "notes": notes}
        click.echo(json.dumps(document, indent=2))
    else:
        _print(folder, found)
        for note in notes:
            click.echo(f"note: {note}")
    if problems:
        raise SystemExit(1)


def _notes(playbook: Playbook) -> list[str]:
    """What is no mistake, and may not do what was meant."""
    return [
        f"crm/{crm}.yaml: a trigger on {name!r} sees {mapping.fields[name]} change only together with the lead itself; "
        "a change of the contact alone starts nothing"
        for crm, mapping in playbook.crms.items()
        if crm == HubSpot.name and mapping.object == KINDS["lead"].name
        for name in sorted(playbook.watched & mapping.fields.keys())
        if mapping.fields[name].startswith(PREFIX)
    ]


def _print(folder: Path, found: Playbook | tuple[Problem, ...]) -> None:
    if isinstance(found, Playbook):
        parts = (
            _count(len(found.rules.rules), "rule"),
            _count(len(found.rules.pools), "pool"),
            _count(len(found.rules.reps), "person", "people"),
            _count(len(found.policy.tiers), "tier"),
        )
        click.echo(f"{folder}: no problems. {', '.join(parts)}; version {found.version}")
        return
    for problem in found:
        # With the folder in front, the place can be clicked in a terminal.
        click.echo(str(folder / problem.file) + str(problem).removeprefix(problem.file))
    files = len({problem.file for problem in found})
    click.echo(f"\n{_count(len(found), 'problem')} in {_count(files, 'file')}. Nothing was loaded.")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
