"""CSV files that commands read and write, and what is said of them."""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from scripts.rows import Fault, NotATable


@dataclass(slots=True)
class Faults:
    """What could not be read: each is said when it is found, and counted."""

    number: int = 0

    def report(self, fault: Fault) -> None:
        self.number += 1
        click.echo(str(fault), err=True)


@contextmanager
def reading() -> Iterator[None]:
    """A file that cannot be read, or is not the table that is wanted, ends the command with a sentence."""
    try:
        yield
    except NotATable as problem:
        raise click.ClickException(str(problem)) from problem
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem


def say_sum(text: str, out: Path) -> None:
    """On standard error where the rows themselves go to standard output: nothing else is printed there."""
    click.echo(text, err=str(out) == "-")


class Writer(Protocol):
    """Takes rows."""

    def writerow(self, row: Mapping[str, Any], /) -> object: ...


@contextmanager
def written(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    """A CSV file that is there, whole, when the block ends well, and else as it was; `-` is standard output. None
    becomes nothing. What is there and no file (a pipe, `/dev/null`) is written to and stays what it is."""
    if str(path) == "-":
        yield _begun(sys.stdout, columns)
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as stream:
                yield _begun(stream, columns)
            return
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
