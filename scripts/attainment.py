"""`fairlead attainment`: what each person has kept of what was promised, for bonuses and for talks."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from runtime.attainment import NoConfiguration, Per, Row, rows
from runtime.settings import Settings
from scripts.opening import open_existing_ledger
from scripts.period import period, period_options
from scripts.printed import print_table
from scripts.tables import written
from sla_monitor.causes import BreachCause

CAUSES = {f"breached_{cause.value.replace(' ', '_')}": cause.value for cause in BreachCause}
COLUMNS = (
    "rep", "name", "team", "from", "until", "owed", "met", "breached", "against_rep", *CAUSES, "retracted", "streak",
    "longest_streak", "responses", "median_minutes", "mean_minutes",
)  # fmt: skip


@click.command()
@period_options("the first of this month")
@click.option("--per", type=click.Choice(["week", "month", "all"]), default="month", help="A row for each of these.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write CSV there; `-` prints it.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def attainment(first: datetime | None, last: datetime | None, per: Per, out: Path | None, format_: str) -> None:
    """Tell what each person has kept of what was promised: met, broken by cause, taken back, in a row, and how fast.

    A promise belongs to the day on which it was due, in the time zone of defaults.hours, and to whoever owned the lead
    then. Only `against_rep` counts against the person. Nothing is asked of a CRM and nothing is changed.

    Exit status: 0 told, 1 there is nothing to tell from, 2 wrong usage.
    """
    settings = Settings.from_environment()
    since, until = period(first, last, settings.clock.now().date(), lambda until: until.replace(day=1))
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        try:
            found = rows(tx, since, until, per)
            if out:
                with written(out, COLUMNS) as writer:
                    for row in found:
                        writer.writerow(as_data(row))
            elif format_ == "json":
                told = [as_data(row) for row in found]
                click.echo(json.dumps(told, indent=2, default=date.isoformat))
            else:
                _print(list(found), since, until)
        except NoConfiguration as problem:
            raise click.ClickException(str(problem)) from problem


def as_data(row: Row) -> Mapping[str, Any]:
    """One line of the table; times in minutes of the clock's own time."""
    of = row.attained
    return {
        "rep": row.rep,
        "name": row.known.name if row.known else None,
        "team": row.known.team if row.known else None,
        "from": row.begins,
        "until": row.ends,
        "owed": of.owed,
        "met": of.met,
        "breached": of.owed - of.met,
        "against_rep": of.broken,
        **{column: of.causes.get(cause, 0) for column, cause in CAUSES.items()},
        "retracted": of.retracted,
        "streak": of.streak,
        "longest_streak": of.longest,
        "responses": of.responses,
        "median_minutes": _minutes(of.median_seconds),
        "mean_minutes": _minutes(of.mean_seconds),
    }


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 1)


def _print(found: list[Row], since: date, until: date) -> None:
    if not found:
        click.echo(f"nobody owed anything that was due from {since} to {until}")
        return
    table = Table("rep", "from", "owed", "met", "breached", "of these theirs", "in a row", "median", box=None)
    for row in found:
        of, minutes = row.attained, _minutes(row.attained.median_seconds)
        numbers = (of.owed, of.met, of.owed - of.met, of.broken, of.streak)
        median = "-" if minutes is None else f"{minutes:g} min"
        table.add_row(row.rep, str(row.begins), *(str(number) for number in numbers), median)
    print_table(table, width=110)
