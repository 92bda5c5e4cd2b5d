"""`fairlead check`: every problem in `config/`, before a single lead is touched."""

import json
from dataclasses import asdict
from pathlib import Path

import click

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
    if format_ == "json":
        version = found.version if isinstance(found, Playbook) else None
        click.echo(json.dumps({"version": version, "problems": [asdict(each) for each in problems]}, indent=2))
    else:
        _print(folder, found)
    if problems:
        raise SystemExit(1)


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
