"""CSV files that people bring along: every row that can be read, and a sentence with its place for what cannot.

Nothing that stands in a file stops the rows after it: not a quote that is never closed, not a null character, not a
value of ten megabytes.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST_VALUE = 32_767
"""Characters, as many as a spreadsheet's cell holds. What is longer is left out, and said."""

MOST_LINES = 100
"""Lines that one value may go over. A quote that is still open then was never meant to be one."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class NotATable(Exception):
    """The file cannot be read as the table that is wanted; the message says what its first line must be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read, and where: line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its trimmed values by column, without those that are empty or could not be read. `unread` is the
    sentence about a row whose values cannot be told apart. `say` reports what is wrong with the value of a column, in
    its place."""

    line: int
    values: dict[str, str]
    say: Callable[[str, str], object]
    unread: str = ""


def rows(
    path: Path,
    key: str | None,
    known: Sequence[str],
    report: Callable[[Fault], None],
    begins: Callable[[Sequence[str]], Sequence[str]] | None = None,
) -> Iterator[Row]:
    """The rows of the file that have a value in the column `key` (None: every row), read one after the other.

    `known` are the columns that mean something; others are ignored, and all but `key` may be missing. `begins` is told
    the columns that there are, and may name more that mean something. NotATable where the first line does not name
    `key`; OSError where there is no such file.
    """
    with path.open("rb") as raw:
        if raw.read(2) in _UTF16:
            raise NotATable(f"{path}:1:1: this is UTF-16: save it as CSV in UTF-8")
    csv.field_size_limit(2**31 - 1)  # of the whole process; a value is measured here, and not by an exception
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        never_closed = "a quote that is never closed"
        records = _records(lines, lambda line, column: report(Fault(str(path), line, column, never_closed)))
        names: list[str] = []
        for line, text in records:
            if not names:
                names = _header(path, text, key, known)
                meant = frozenset(known) | frozenset(begins(names) if begins else ())
                continue
            yield from _row(_Place(path, line, text, report), names, key, meant)
        if not names:
            raise NotATable(f"{path}:1:1: the file is empty: its first line must be {','.join(known)}")


def _header(path: Path, text: str, key: str | None, known: Sequence[str]) -> list[str]:
    names = [name.strip().lower() for name in next(csv.reader([text]), [])]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise NotATable(f"{path}:1:1: the column '{twice}' is there twice")
    if key is None or key in names:
        return names
    hint = "; the values are separated by semicolons, and must be by commas" if key in text.lower().split(";") else ""
    raise NotATable(f"{path}:1:1: the column '{key}' is missing: the first line must be {','.join(known)}{hint}")


@dataclass(frozen=True, slots=True)
class _Place:
    """A record, where it stands, and who wants to know of its faults."""

    path: Path
    line: int
    text: str
    report: Callable[[Fault], None]

    def say(self, at: int, message: str) -> str:
        """Report what is wrong with the value number `at`."""
        start = 0
        for _ in range(at):
            start = _end_of_value(self.text, start) + 1
        before = self.text[:start]
        column = start - (before.rfind("\n") + 1) + 1
        self.report(Fault(str(self.path), self.line + before.count("\n"), column, message))
        return message


def _row(place: _Place, names: Sequence[str], key: str | None, known: frozenset[str]) -> Iterator[Row]:
    try:
        cells = next(csv.reader([place.text]), [])
    except csv.Error as problem:
        place.say(0, f"this row is not CSV: {problem}")
        return
    if not any(cell.strip() for cell in cells):
        return
    unread = ""
    if len(cells) > len(names):
        message = f"{len(cells)} values in {len(names)} columns: a value that holds a comma needs quotes"
        unread = place.say(len(names), message)
    values = {}
    for at, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if name in known and (value := cell.strip()):
            if wrong := _wrong_with(value):
                place.say(at, f"the {name} {wrong}, and is left out")
            else:
                values[name] = value

    def say(column: str, message: str) -> str:
        return place.say(min(names.index(column), len(cells) - 1), message)

    if key is None or key in values:
        yield Row(place.line, values, say, unread)
    else:
        say(key, f"the row has no {key}, and is left out")


def _wrong_with(value: str) -> str:
    if len(value) > LONGEST_VALUE:
        return f"has {len(value):,} characters"
    if "\0" in value:
        return "holds a null character"
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        return "is not UTF-8 text"
    return ""


def _records(lines: Iterator[str], never_closed: Callable[[int, int], None]) -> Iterator[tuple[int, str]]:
    """Line by line, those that belong to one record together, with the number of the first."""
    waiting: deque[tuple[int, str]] = deque()
    numbered = enumerate(lines, start=1)
    while True:
        first = waiting.popleft() if waiting else next(numbered, None)
        if first is None:
            return
        number, text = first
        open_at = _open_at(text, opened=False) if '"' in text else -1
        if open_at < 0:
            yield number, text
            continue
        parts = [first]
        opened = True
        while opened and len(parts) < MOST_LINES:
            more = waiting.popleft() if waiting else next(numbered, None)
            if more is None:
                break
            parts.append(more)
            opened = _open_at(more[1], opened=True) >= 0
        if opened:
            never_closed(number, open_at + 1)
            waiting.extendleft(reversed(parts[1:]))
        else:
            yield number, "".join(part for _, part in parts)


def _open_at(text: str, *, opened: bool) -> int:
    """Where the quote stands whose value goes on after this line (0 for one from before); -1 where none does."""
    at = 0
    if opened or text.startswith('"'):
        at = _closing_quote(text, 0 if opened else 1)
        if at < 0:
            return 0
    while (comma := text.find(",", at)) >= 0:
        at = comma + 1
        if text.startswith('"', at):
            after = _closing_quote(text, at + 1)
            if after < 0:
                return at
            at = after
    return -1


def _end_of_value(text: str, start: int) -> int:
    """Where the comma after the value that begins at `start` stands."""
    at = _closing_quote(text, start + 1) if text.startswith('"', start) else start
    end = text.find(",", at) if at >= 0 else -1
    return end if end >= 0 else len(text)


def _closing_quote(text: str, start: int) -> int:
    """Where the text after the quote that closes begins; -1 where there is none. Two quotes are one that is meant."""
    at = text.find('"', start)
    while at >= 0 and text.startswith('"', at + 1):
        at = text.find('"', at + 2)
    return at + 1 if at >= 0 else -1
