"""`fairlead experiment`: what came of the arms, and how sure that is."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.table import Table

from router.experiments import CONFIDENCE, Difference
from runtime import experiments
from runtime.experiments import Found
from runtime.settings import Settings
from scripts.opening import open_existing_ledger
from scripts.printed import print_table
from scripts.words import counted, listed

_MANY = {"person": "people", "company": "companies", "lead": "leads"}


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def experiment(names: tuple[str, ...], format_: str) -> None:
    """Tell what came of the arms of an experiment, and how sure that is.

    NAME is the experiment's; without one, all of the configuration in force are told. One that was taken out of
    config/ is told by its name. Nothing is asked of a CRM and nothing is changed.

    Exit status: 0 told, 1 no such experiment, 2 wrong usage.
    """
    settings = Settings.from_environment()
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        known = experiments.in_force(tx)
        found = [_found(experiments.find(tx, name, settings.clock.now()), name, known) for name in names or known]
    if format_ == "json":
        click.echo(json.dumps([_as_data(one) for one in found], indent=2, default=datetime.isoformat))
        return
    if not found:
        click.echo("no rule of the configuration in force is an experiment; one that was taken out is told by its name")
    for one in found:
        _print(one)


def _found(found: Found | None, name: str, known: list[str]) -> Found:
    if found:
        return found
    there = f"there are: {listed(known)}" if known else "the configuration in force has none"
    raise click.ClickException(f"no lead was ever in an experiment {name!r}, and no rule is one; {there}")


def _as_data(found: Found) -> dict[str, Any]:
    of, rule = found.experiment, found.rule
    return {
        "experiment": of.name,
        "rule": rule.name,
        "per": of.per,
        "goal": of.goal or "converted",
        "for": str(of.within) if of.within else None,
        "since": found.since,
        "until": str(rule.ends) if rule.ends else None,
        "confidence": CONFIDENCE,
        "arms": [asdict(arm) for arm in found.compared.arms],
        "differences": [{**asdict(one), "shown": one.shown} for one in found.compared.differences],
        "moved": found.compared.moved,
    }


def _print(found: Found) -> None:
    many = _MANY[found.experiment.per]
    within = f" within {found.experiment.within}" if found.experiment.within else ""
    until = f" until {found.rule.ends}" if found.rule.ends else ""
    since = f"since {found.since:%Y-%m-%d}" if found.since else "no lead so far"
    click.echo(f"{found.experiment.name}: {found.experiment.goal or 'converted'}{within}, by {many}, {since}{until}")
    table = Table("arm", many, "their time is over", "reached it", "rate", f"{CONFIDENCE:.0%} interval", box=None)
    for arm in found.compared.arms:
        rate = f"{arm.rate:.1%}" if arm.rate is not None else "-"
        interval = f"{arm.interval[0]:.1%} to {arm.interval[1]:.1%}" if arm.interval else "-"
        table.add_row(arm.arm, str(arm.units), str(arm.over), str(arm.reached), rate, interval)
    print_table(table, width=100)
    for line in _said(found, many):
        click.echo(line)


def _said(found: Found, many: str) -> Iterator[str]:
    yield from (_difference(one) for one in found.compared.differences)
    waiting = sum(arm.units - arm.over for arm in found.compared.arms)
    if waiting:
        yield f"{counted(waiting, found.experiment.per, many)} still within the time: not counted yet."
    if found.compared.moved:
        yield (
            f"{counted(found.compared.moved, found.experiment.per, many)} came into another arm when the arms were "
            "changed: counted in the first."
        )
    if found.compared.differences:
        yield (
            "An interval is honest for one look, at the end: whoever looks every day and stops when a difference "
            "shows, finds differences that are none."
        )


def _difference(one: Difference) -> str:
    low, high = (f"{100 * end:+.1f}" for end in one.interval)
    shown = f"{'more' if one.by > 0 else 'fewer'} in {one.arm}" if one.shown else "no difference is shown"
    return f"{one.arm} against {one.against}: {100 * one.by:+.1f} points, between {low} and {high}: {shown}."
