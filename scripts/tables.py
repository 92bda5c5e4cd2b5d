"""CSV files that commands read and write: what people export, with everything that can be wrong with it."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

LARGEST_VALUE = 64 * 1024 * 1024
"""Characters; a longer value makes its row unreadable."""

UNREADABLE = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` is where it begins, counted from 1; `values` are trimmed, and empty ones are left out."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why. `column` is the place of the value in the row, counted from 1."""

    line: int
    column: int
    why: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.why}"


class Table:
    """A CSV file with a header, row by row; it is never held as a whole. click.ClickException where it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = csv.reader(self._lines(path))
        csv.field_size_limit(LARGEST_VALUE)
        try:
            header = next(self._reader, None)
        except csv.Error as problem:
            raise click.ClickException(f"{path}: this is not CSV: {problem}") from problem
        if not header:
            raise click.ClickException(f"{path} is empty: its first line has to name the columns")
        self.columns = tuple(name.strip().lower() for name in header)
        twice = next((name for name in self.columns if name and self.columns.count(name) > 1), None)
        if twice:
            raise click.ClickException(f"{path}:1: the column {twice!r} is there twice")

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows, blank ones left out. One that cannot be read does not stop the others."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as problem:
                yield BadRow(line, 1, f"this is not CSV: {problem}")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(self.columns):
                extra = len(self.columns) + 1
                yield BadRow(line, extra, f"{len(cells)} values in {len(self.columns)} columns: quote what has a comma")
                continue
            yield Row(
                line, {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False) if cell.strip()}
            )

    @staticmethod
    def _lines(path: Path) -> Iterator[str]:
        # Bytes that are no UTF-8, and zero bytes, which would end the whole file, cost one character each.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for line in file:
                yield line.replace("\0", UNREADABLE)


class Writer(Protocol):
    """Takes rows."""

    def writerow(self, row: Mapping[str, Any], /) -> object: ...


@contextmanager
def written(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    """A CSV file that is there, whole, when the block ends well, and else as it was; `-` is standard output. None
    becomes nothing."""
    if str(path) == "-":
        yield _begun(sys.stdout, columns)
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield _begun(file, columns)
        part.replace(path)
    except OSError as problem:
        raise click.ClickException(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        part.unlink(missing_ok=True)


def _begun(file: Any, columns: Sequence[str]) -> Writer:
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    return writer


def tell(path: Path, bad: Iterable[BadRow], most: int = 20) -> int:
    """Name the rows that could not be read on standard error, the first of them one by one; how many there were."""
    number = 0
    for number, row in enumerate(bad, start=1):
        if number <= most:
            click.echo(f"{path}:{row}", err=True)
    if number > most:
        click.echo(f"{path}: and {number - most} more rows that cannot be read", err=True)
    return number
