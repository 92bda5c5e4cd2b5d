"""CSV files that commands write."""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click


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
