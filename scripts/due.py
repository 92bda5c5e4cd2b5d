"""`fairlead due`: due times, and the working time between two instants, for the rows of a file.

Of the configuration only `calendars.yaml` is needed. Each row is read, answered and written by itself.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from domain.hours import Calendar, OutOfReach, due, share, working_seconds
from playbook import spans
from playbook.book import load_calendars
from playbook.suggest import did_you_mean
from scripts.rows import Fault, NotATable, Row, rows
from scripts.tables import Faults, reading, say_sum, written
from scripts.words import counted

DUE_COLUMNS = ("id", "due", "warn")
WORKING_COLUMNS = ("id", "working_seconds")

WARN_AT = 0.75
"""The share of a target after which the examples' ladders warn."""

_HOW = "write 2026-11-23T10:00 (local to the calendar) or 2026-11-23T10:00+01:00"
_END_OF_DAY = re.compile(r"(.{10}[T ])24(:?00(?::?00(?:\.0+)?)?)(?![\d:.])(.*)")


@click.command("due")
@click.option(
    "--config",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="config",
    envvar="FAIRLEAD_CONFIG",
    show_default=True,
    help="A folder with calendars.yaml; nothing else in it is looked at.",
)
@click.option("--calendar", "name", help="The calendar of the rows that name none in a column `calendar`.")
@click.option(
    "--in",
    "source",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns id,start,target or id,start,end, and perhaps calendar.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where to write {','.join(DUE_COLUMNS)} or {','.join(WORKING_COLUMNS)}; - is the terminal.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print the sum.")
def command(folder: Path, name: str | None, source: Path, out: Path, format_: str) -> None:
    """Say when targets are due, or how much working time lies between two instants, for the rows of a file.

    A target is written as in config/: `4 h`, `1 business day`, `24 h elapsed`, `30 calendar days`; a minus sign counts
    backwards. A time without an offset is local to the calendar. `warn` is when 75 % of the target has passed. Columns
    that are not named here are ignored.

    Exit status: 0 all rows were answered, 1 some could not be (each is named with its line and column) or
    calendars.yaml has problems, 2 wrong usage.
    """
    calendars = load_calendars(folder)
    if isinstance(calendars, tuple):
        for problem in calendars:
            click.echo(str(replace(problem, file=str(folder / problem.file))), err=True)
        raise click.ClickException(f"{counted(len(calendars), 'problem')} with the calendars; nothing was written")
    if name is not None and name not in calendars:
        raise click.UsageError(f"calendars.yaml has no calendar {name!r}; {_names(name, calendars)}")
    faults = Faults()
    with reading():
        answered = _answer(_Questions(source, calendars, name, faults.report), out)
    say_sum(_sum(answered, faults.number, out, format_), out)
    if faults.number:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class _Questions:
    """The rows of a file, and who wants to know of those that cannot be read."""

    source: Path
    calendars: Mapping[str, Calendar]
    otherwise: str | None
    report: Callable[[Fault], None]

    def columns(self) -> Sequence[str]:
        """What the answers are made of. NotATable where the first line asks nothing, or two things at once."""
        names: list[str] = []

        def begins(found: Sequence[str]) -> Sequence[str]:
            names.extend(found)
            return ()

        next(rows(self.source, "id", ("id", "start", "target"), lambda _: None, begins), None)
        wanted = [name for name in ("target", "end") if name in names]
        if "start" not in names or len(wanted) != 1:
            raise NotATable(
                f"{self.source}:1:1: the first line must be id,start,target or id,start,end, and perhaps calendar"
            )
        if "calendar" not in names and self.otherwise is None:
            raise click.UsageError("name the calendar with --calendar, or in a column `calendar`")
        return DUE_COLUMNS if wanted == ["target"] else WORKING_COLUMNS

    def answers(self, ask: Callable[[Row, Calendar], dict[str, str] | None]) -> Iterator[dict[str, str]]:
        """What each row that can be read is answered, in the order of the file."""
        for row in rows(self.source, "id", ("id", "start", "target", "end", "calendar"), self.report):
            calendar = None if row.unread else self._calendar(row)
            if calendar and (answer := ask(row, calendar)):
                yield {"id": row.values["id"], **answer}

    def _calendar(self, row: Row) -> Calendar | None:
        name = row.values.get("calendar", self.otherwise)
        if name is None:
            row.say("calendar", "the row names no calendar, and --calendar names none either")
        elif name not in self.calendars:
            row.say("calendar", f"calendars.yaml has no calendar {name[:40]!r}; {_names(name, self.calendars)}")
        else:
            return self.calendars[name]
        return None


def _names(name: str, calendars: Mapping[str, Calendar]) -> str:
    return did_you_mean(name, calendars) or "it defines none"


def _answer(questions: _Questions, out: Path) -> int:
    columns = questions.columns()
    ask = _due if columns == DUE_COLUMNS else _working
    answered = 0
    with written(out, columns) as table:
        for answer in questions.answers(ask):
            table.writerow(answer)
            answered += 1
    return answered


def _due(row: Row, calendar: Calendar) -> dict[str, str] | None:
    start = _moment(row, "start", calendar)
    text = row.values.get("target")
    if text is None:
        row.say("target", "the row has no target")
    if start is None or text is None:
        return None
    try:
        target = spans.parse(text)
    except spans.NotASpan as problem:
        row.say("target", f"{_cut(str(problem))}: {problem.hint}")
        return None
    try:
        end = due(calendar, start, target)
        return {
            "due": _shown(end, calendar),
            "warn": _shown(share(calendar, start, end, WARN_AT, target.kind), calendar),
        }
    except OutOfReach as problem:
        row.say("target", f"{text[:40]} from {_cut(row.values['start'])}: {problem}")
        return None


def _working(row: Row, calendar: Calendar) -> dict[str, str] | None:
    start, end = _moment(row, "start", calendar), _moment(row, "end", calendar)
    if start is None or end is None:
        return None
    return {"working_seconds": f"{working_seconds(calendar, start, end):.6f}".rstrip("0").rstrip(".")}


def _moment(row: Row, column: str, calendar: Calendar) -> datetime | None:
    text = row.values.get(column)
    if text is None:
        row.say(column, f"the row has no {column}")
        return None
    try:
        return moment(text, ZoneInfo(calendar.timezone))
    except (ValueError, OverflowError):
        row.say(column, f"{_cut(text)!r} is not a time: {_HOW}")
        return None


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The time; without an offset what the clocks show in `zone`, the first time where they show it twice. 24:00 is the
    end of a day. ValueError or OverflowError where it is none."""
    end_of_day = _END_OF_DAY.fullmatch(text)
    at = datetime.fromisoformat("{}00{}{}".format(*end_of_day.groups()) if end_of_day else text)
    if end_of_day:
        at += timedelta(days=1)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def _shown(at: datetime, calendar: Calendar) -> str:
    """With the calendar's own offset; before there were time zones it had seconds, which ISO 8601 cannot say."""
    try:
        local = at.astimezone(ZoneInfo(calendar.timezone))
    except OverflowError:  # in the first hours of the year 1 and the last ones of 9999
        local = at
    offset = local.utcoffset()
    return (at if offset and offset % timedelta(minutes=1) else local).isoformat()


def _sum(answered: int, faults: int, out: Path, format_: str) -> str:
    if format_ == "json":
        return json.dumps({"rows": answered, "problems": faults})
    problems = f" {counted(faults, 'problem')} with the rows; see above." if faults else ""
    return f"{counted(answered, 'row')} answered. Written to {out}.{problems}"
