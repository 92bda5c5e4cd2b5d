"""`fairlead simulate`: what the rules would do with the leads of a file; nothing is written to a CRM."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from domain.decisions import Decision
from playbook.book import Playbook
from playbook.conditions import LEAD_FIELDS
from playbook.suggest import nearest
from runtime.clocks import machine_now
from runtime.rehearsal import OnPaper, Rehearsal, Rehearsed, on_paper
from runtime.wiring import playbook_in
from scripts.rows import Fault, Row, rows
from scripts.tables import Faults, reading, written
from scripts.words import counted

COLUMNS = ("id", "outcome", "rule", "pool", "owner", "sla", "due", "reason")
COMPARED = ("outcome", "rule", "pool", "owner", "sla", "due")

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


Leads = Sequence[tuple[str, OnPaper]]
"""The ids of the file's leads, and what it says of each, in its order."""


@click.command()
@click.option("--config", "folder", type=FOLDER, default="config", envvar="FAIRLEAD_CONFIG", show_default=True)
@click.option("--leads", type=FILE, required=True, help="CSV with canonical field names as columns.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV; - is the terminal.")
@click.option("--compare", type=FOLDER, help="Another configuration, as things were: adds was_* and a summary.")
def simulate(folder: Path, leads: Path, out: Path, compare: Path | None) -> None:
    """Decide the leads of a file by the rules of a configuration, each at its created_at, and write what would happen.

    Everybody is there unless absences.csv says otherwise, with no open leads at the beginning; rotations begin anew.
    Columns are canonical fields (docs/configuration.md); without `created_at` a lead arrives now. A row that cannot be
    read is named and does not stop the others. Nothing is asked of a CRM or written to one.

    Exit status: 0 done, 1 some rows could not be read or the configuration has problems, 2 wrong usage.
    """
    faults = Faults()
    playbook = playbook_in(folder)
    before = playbook_in(compare) if compare else None
    with reading():
        read = _read(leads, playbook, faults.report)
    decided = _decided(read, playbook, f"{folder}: deciding")
    was = _decided(read, before, f"{compare}: deciding") if before else None
    with written(out, (*COLUMNS, *(f"was_{name}" for name in COMPARED)) if was else COLUMNS) as writer:
        for at, (id_, _) in enumerate(read):
            row = {"id": id_, **_row(decided[at])}
            if was:
                row |= {f"was_{name}": value for name, value in _row(was[at]).items() if name in COMPARED}
            writer.writerow(row)
    say = Console(stderr=True, highlight=False).print
    for line in _summary(decided) if was is None else _changes(decided, was):
        say(line, markup=False)
    if faults.number:
        raise SystemExit(1)


def _read(path: Path, playbook: Playbook, report: Callable[[Fault], None]) -> Leads:
    now = machine_now()

    def begins(names: Sequence[str]) -> Sequence[str]:
        for name in names:
            if name and not LEAD_FIELDS.has(name):
                meant = nearest(name, LEAD_FIELDS.names())
                hint = f"; did you mean {meant!r}?" if meant else ""
                click.echo(
                    f"{path}:1: the column {name!r} is nothing that is known of a lead: not used{hint}", err=True
                )
        return [name for name in names if LEAD_FIELDS.has(name)]

    found: list[tuple[str, OnPaper]] = []
    for number, row in enumerate(rows(path, None, ("id",), report, begins), start=1):
        if row.unread:
            continue
        try:
            arrives = _arrives(row, now)
        except ValueError as problem:
            row.say("created_at", str(problem))
            continue
        id_ = row.values.get("id", str(number))
        known = {name: value for name, value in row.values.items() if name not in ("id", "created_at")}
        found.append((id_, on_paper(f"{id_}#{number}", known, arrives, playbook)))
    return found


def _arrives(row: Row, now: datetime) -> datetime:
    """ValueError where it is no time. Without an offset it is UTC, as in the CRMs' exports."""
    text = row.values.get("created_at")
    if text is None:
        return now
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"created_at: {text[:40]!r} is not a time; write 2026-11-23T10:00+01:00") from None
    if not 1990 <= moment.year < 2200:
        raise ValueError(f"created_at: {text[:40]!r} is too far away")
    return moment


def _decided(read: Leads, playbook: Playbook, title: str) -> list[Rehearsed]:
    """What happens to each lead, in the order of the file; decided in the order of arrival."""
    rehearsal = Rehearsal(playbook)
    order = sorted(range(len(read)), key=lambda at: (read[at][1].lead.created_at, at))
    found: dict[int, Rehearsed] = {}
    console = Console(stderr=True)
    for at in track(order, title, console=console, transient=True, disable=not console.is_terminal):
        found[at] = rehearsal.decide(read[at][1])
    return [found[at] for at in range(len(read))]


def _row(one: Rehearsed) -> Mapping[str, str | None]:
    decision = one.decision
    return {
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "owner": decision.owner,
        "sla": decision.tier,
        "due": one.due.isoformat() if one.due else None,
        "reason": decision.reason,
    }


def _summary(decided: Sequence[Rehearsed]) -> Iterator[str]:
    """How the leads fell."""
    decisions = [one.decision for one in decided]
    yield f"{counted(len(decisions), 'lead')}: {_counts(Counter(str(one.outcome) for one in decisions))}"
    for title, counts in (
        ("rules", Counter(one.rule for one in decisions)),
        ("owners", Counter(one.owner for one in decisions if one.owner)),
    ):
        if counts:
            yield f"{title}: {_counts(counts)}"


def _changes(decided: Sequence[Rehearsed], was: Sequence[Rehearsed]) -> Iterator[str]:
    """Who gains, and who loses."""
    pairs = [(before.decision, now.decision) for before, now in zip(was, decided, strict=True)]
    moved = sum(_where(before) != _where(now) for before, now in pairs)
    yield f"{counted(len(pairs), 'lead')}; {moved} would go elsewhere"
    yield from _gains("owners", Counter(_owner(one) for one, _ in pairs), Counter(_owner(one) for _, one in pairs))
    yield from _gains("rules", Counter(one.rule for one, _ in pairs), Counter(one.rule for _, one in pairs))


def _where(decision: Decision) -> tuple[object, ...]:
    return decision.outcome, decision.owner, decision.pool, decision.queue


def _owner(decision: Decision) -> str:
    return decision.owner or str(decision.outcome)


def _gains(title: str, before: Mapping[str, int], now: Mapping[str, int]) -> Iterator[str]:
    change = {name: now.get(name, 0) - before.get(name, 0) for name in {**before, **now}}
    for name, by in sorted(change.items(), key=lambda each: (-each[1], each[0])):
        if by:
            yield f"  {title[:-1]} {name}: {before.get(name, 0)} -> {now.get(name, 0)} ({by:+d})"


def _counts(counts: "Counter[str]") -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())
