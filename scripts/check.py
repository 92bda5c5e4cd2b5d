"""`fairlead check`: every problem in `config/`, before a single lead is touched."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from connectors.hubspot.contacts import PREFIX
from connectors.hubspot.crm import HubSpot
from connectors.hubspot.kinds import KINDS
from playbook import rule_tests
from playbook.book import Playbook, Problem
from playbook.problems import Id
from playbook.source import START, parse
from runtime import rehearsal
from runtime.recompute import forecast
from runtime.settings import Settings
from runtime.wiring import load_for_connectors
from scripts.opening import open_existing_ledger
from scripts.words import counted


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
@click.option("--forecast", "ahead", is_flag=True, help="Tell what this would do to the clocks that run.")
def check(folder: Path, format_: str, ahead: bool) -> None:
    """Name every problem in the configuration, with its place and the way out.

    What can be proved about the rules is among them. Where there is none, the rule tests in tests/*.yaml are run.
    A note is no problem: something that may not do what was meant, such as a field that nothing fills.
    Nothing is asked of a CRM. With --forecast the ledger is asked which clocks run, and nothing in it is changed.
    docs/configuration.md lists the ids of the problems.

    Exit status: 0 no problems, 1 problems found, 2 wrong usage.
    """
    found = load_for_connectors(folder)
    tests, problems = _tested(folder, found) if isinstance(found, Playbook) else (0, found)
    notes = _notes(found) if isinstance(found, Playbook) else []
    running = _forecast(found) if ahead and isinstance(found, Playbook) else None
    if format_ == "json":
        version = found.version if isinstance(found, Playbook) else None
        told = {
            "version": version,
            "rule_tests": tests,
            "problems": [asdict(each) for each in problems],
            "notes": [asdict(each) for each in notes],
        } | ({"forecast": running} if running else {})
        click.echo(json.dumps(told, indent=2))
    else:
        _print(folder, found, tests, problems)
        for note in notes:
            click.echo(f"note: {_clickable(folder, note)}")
        if running:
            click.echo(running)
    if problems:
        raise SystemExit(1)


def _notes(playbook: Playbook) -> list[Problem]:
    """What is no mistake, and may not do what was meant."""
    of_contacts = [
        _of_the_contact(playbook, f"crm/{crm}.yaml", name, mapping.fields[name])
        for crm, mapping in playbook.crms.items()
        if crm == HubSpot.name and mapping.object == KINDS["lead"].name
        for name in sorted(playbook.watched & mapping.fields.keys())
        if mapping.fields[name].startswith(PREFIX)
    ]
    return sorted([*playbook.notes, *of_contacts])


def _of_the_contact(playbook: Playbook, file: str, name: str, field: str) -> Problem:
    source, _ = parse(file, playbook.texts[file])
    line, column = source.keys[("fields", name)] if source else START
    message = (
        f"a trigger on {name!r} sees {field} change only together with the lead itself; "
        "a change of the contact alone starts nothing"
    )
    return Problem(file, line, column, Id.OF_THE_CONTACT, message, "map a field of the lead where it should")


def _forecast(playbook: Playbook) -> str:
    settings = Settings.from_environment()
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        return str(forecast(tx, playbook, settings.clock.now()))


def _tested(folder: Path, playbook: Playbook) -> tuple[int, tuple[Problem, ...]]:
    """How many rule tests there are, and where they fail or cannot be understood."""
    tests, problems = rule_tests.read(folder, playbook)
    return len(tests), tuple(sorted({*problems, *rehearsal.failures(tests, playbook)}))


def _clickable(folder: Path, problem: Problem) -> str:
    """With the folder in front, the place can be clicked in a terminal."""
    return str(folder / problem.file) + str(problem).removeprefix(problem.file)


def _print(folder: Path, found: Playbook | tuple[Problem, ...], tests: int, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo(_clickable(folder, problem))
    if not problems and isinstance(found, Playbook):
        parts = (
            counted(len(found.rules.rules), "rule"),
            counted(len(found.rules.pools), "pool"),
            counted(len(found.rules.reps), "person", "people"),
            counted(len(found.policy.tiers), "tier"),
        )
        passed = f"; {counted(tests, 'rule test')} passed" if tests else "; no rule tests (tests/*.yaml)"
        click.echo(f"{folder}: no problems. {', '.join(parts)}; version {found.version}{passed}")
        return
    files = len({problem.file for problem in problems})
    loaded = "The rules can be loaded; their tests fail." if isinstance(found, Playbook) else "Nothing was loaded."
    click.echo(f"\n{counted(len(problems), 'problem')} in {counted(files, 'file')}. {loaded}")
