"""`fairlead calls`: one row for every real call in a file of call detail records."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import click

from connectors.lines import Fault as LineFault
from connectors.lines import NotATable
from connectors.telephony.cdr import Reading, legs_of_file
from connectors.telephony.legs import calls
from domain.activities import Call
from scripts.rows import Fault
from scripts.tables import Faults, reading, say_sum, written
from scripts.words import counted

OUT_COLUMNS = ("call_id", "started_at", "direction", "number", "agent", "talk_seconds", "answered_by")


def _zone(_: click.Context, __: click.Parameter, name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    if name not in available_timezones():
        raise click.BadParameter(f"{name!r} is no time zone, such as Europe/Berlin")
    return ZoneInfo(name)


@click.command("calls")
@click.option(
    "--in",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An Asterisk CDR (CSV, with or without a line of column names), or a CSV with the columns "
    "call_id,started_at,answered_at,ended_at,direction,from,to,agent.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where to write {', '.join(OUT_COLUMNS)}.",
)
@click.option(
    "--timezone",
    "zone",
    callback=_zone,
    metavar="NAME",
    help="The time zone of times that name none; without it, what an Asterisk's ids tell, else UTC.",
)
@click.option(
    "--inbound", multiple=True, metavar="CONTEXT", help="A context of Asterisk's whose calls come in; may be repeated."
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print the sum.")
def command(file: Path, out: Path, zone: ZoneInfo | None, inbound: Sequence[str], format_: str) -> None:
    """Make one row for every real call of a telephone system's file.

    Phones that rang at the same time are one call. What a machine answered, or an IVR, and what was answered for no
    second, was answered by no human. docs/sla.md says what then counts as contact.

    Exit status: 0 all lines were read, 1 some could not be (each is named with its line and column; the others are
    taken), 2 wrong usage.
    """
    faults = Faults()

    def report(fault: LineFault) -> None:
        faults.report(Fault(str(file), fault.line, fault.column, fault.message))

    with reading():
        try:
            legs = legs_of_file(file, Reading(zone, frozenset(inbound)), report)
        except NotATable as problem:
            raise click.ClickException(f"{file}:1:1: {problem}") from problem
    found = calls(legs)
    with written(out, OUT_COLUMNS) as table:
        for call in found:
            table.writerow(_row(call))
    _print(found, len(legs), faults.number, out, format_)
    if faults.number:
        raise SystemExit(1)


def _row(call: Call) -> dict[str, object]:
    return {
        "call_id": call.id,
        "started_at": call.started_at.isoformat(),
        "direction": call.direction,
        "number": call.number,
        "agent": call.agent,
        "talk_seconds": call.talk_seconds,
        "answered_by": call.answered_by,
    }


def _print(found: Sequence[Call], legs: int, faults: int, out: Path, format_: str) -> None:
    by = Counter(call.answered_by for call in found)
    if format_ == "json":
        sums = {"legs": legs, "calls": len(found), **{who: by[who] for who in ("human", "machine", "nobody")}}
        say_sum(json.dumps(sums | {"problems": faults}), out)
        return
    say_sum(
        f"{counted(len(found), 'call')} of {counted(legs, 'leg')}: {by['human']} answered by a human, {by['machine']} "
        f"by a machine, {by['nobody']} by nobody. Written to {out}.",
        out,
    )
    if faults:
        click.echo(f"{counted(faults, 'line')} could not be read; see above.", err=True)
