"""CSV in which a record is a line: what is broken costs its own line, and is named with line and column.

Telephone systems and mail servers write one line a record. A quote that is never closed is therefore a fault of that
line, and not the beginning of a value that goes on in the next.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

LONGEST_LINE = 65_536
"""Characters. No such system writes a longer one."""


class NotATable(Exception):
    """This is no file of calls at all; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read; line and column count from 1."""

    line: int
    column: int
    message: str


class Broken(Exception):
    """The value number `at` of a line cannot be read."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its trimmed values, and where it stands."""

    number: int
    text: str
    cells: Sequence[str]

    def fault(self, at: int, message: str) -> Fault:
        """What is wrong with the value number `at`."""
        return Fault(self.number, column_of(self.text, at), message)


def read(numbered: Iterable[tuple[int, str]]) -> Iterator[Line | Fault]:
    """Each line that holds something, or what is wrong with its form."""
    csv.field_size_limit(2**31 - 1)  # of the whole process; a line is measured here, and not by an exception
    for number, text in numbered:
        text = text.rstrip("\r\n")
        if not text.strip():
            continue
        if len(text) > LONGEST_LINE:
            yield Fault(number, 1, f"the line has {len(text):,} characters")
            continue
        if wrong := _wrong_with(text):
            yield Fault(number, *wrong)
            continue
        try:
            (cells,) = csv.reader([text], skipinitialspace=True, strict=True)
        except csv.Error:
            yield Fault(
                number, column_of(text, 0, open_quote=True), "a quote that is never closed, or closes within the value"
            )
            continue
        yield Line(number, text, [cell.strip() for cell in cells])


def _wrong_with(text: str) -> tuple[int, str] | None:
    if "\0" in text:
        return text.index("\0") + 1, "a null character"
    if not text.isascii():
        for at, letter in enumerate(text):
            if "\ud800" <= letter <= "\udfff":
                return at + 1, "this is not UTF-8 text"
    return None


def column_of(text: str, at: int, *, open_quote: bool = False) -> int:
    """The column in which the value number `at` begins (the line's end where it has fewer); with `open_quote`, of the
    first value whose quote is not closed, or closed within the value."""
    start = 0
    while True:
        opens = start + len(text[start:]) - len(text[start:].lstrip(" "))
        end = _after_value(text, opens)
        if open_quote and end < 0:
            return opens + 1
        if at == 0 and not open_quote:
            return opens + 1
        comma = text.find(",", max(end, opens))
        if comma < 0:
            return (opens if open_quote else len(text)) + 1
        start, at = comma + 1, at - 1


def _after_value(text: str, start: int) -> int:
    """Where the value that begins at `start` ends; -1 where its quote does not, or is followed by something else."""
    if not text.startswith('"', start):
        return start
    at = text.find('"', start + 1)
    while at >= 0 and text.startswith('"', at + 1):
        at = text.find('"', at + 2)
    return -1 if at < 0 or text[at + 1 : at + 2] not in ("", ",") else at + 1


def moment(text: str, zone: tzinfo | None = UTC) -> datetime:
    """A date with a time, of the time zone where it names none of its own (None: as it is written). ValueError for
    anything else; and for years in which nobody has rung or written, so that whoever counts from it stays in reach."""
    if len(text) < 16:
        raise ValueError("not a date with a time")
    at = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError("not a time of ours")
    return at if at.tzinfo else at.replace(tzinfo=zone)


_FIRST_YEAR, _LAST_YEAR = 1970, 2999
