"""CSV files of `config/`, row by row with the place of each value."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from playbook.problems import Id, Problem
from playbook.reading import Node
from playbook.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `values` are trimmed texts under the names of the header; an empty one is missing."""

    file: str
    line: int
    values: dict[str, str]
    columns: dict[str, int]

    def problem(self, column: str, id_: Id, message: str, hint: str = "") -> Problem:
        return Problem(self.file, self.line, self.columns.get(column, 1), id_, message, hint)

    def nobody(self, column: str, email: str, reps: Iterable[str]) -> Problem:
        """That person is not in `reps`."""
        return self.problem(
            column, Id.NO_SUCH_PERSON, f"{email!r} is not a person in `reps`", did_you_mean(email, [*reps])
        )


def rows(
    file: str, content: str, required: Sequence[str], allowed: Sequence[str], problems: list[Problem]
) -> Iterator[Row]:
    """The rows of a table whose header names `required` columns and perhaps others that are `allowed`."""
    lines = content.splitlines()
    reader = csv.reader(io.StringIO(content), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        places = _starts(lines[0]) if lines else []
        for name, column in zip(header, places, strict=False):
            if name not in allowed:
                message = f"{name!r} is not a column of this file"
                problems.append(Problem(file, 1, column, Id.UNKNOWN_KEY, message, did_you_mean(name, allowed)))
        for name in required:
            if name not in header:
                message = f"the column {name!r} is missing"
                problems.append(Problem(file, 1, 1, Id.MISSING_KEY, message, f"the first line is {','.join(allowed)}"))
                return
        first = reader.line_num + 1
        for cells in reader:
            line, first = first, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                message = f"{len(cells)} values in {len(header)} columns"
                problems.append(
                    Problem(file, line, 1, Id.BAD_TABLE, message, "a value that holds a comma needs quotes")
                )
                continue
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
            row = Row(file, line, values, dict(zip(header, _starts(lines[line - 1]), strict=False)))
            lacking = [name for name in required if name not in values]
            if lacking:
                problems.append(row.problem(lacking[0], Id.MISSING_KEY, f"{lacking[0]!r} is empty"))
                continue
            yield row
    except csv.Error as error:
        problems.append(Problem(file, max(reader.line_num, 1), 1, Id.BAD_TABLE, f"this is not CSV: {error}"))


def named_by(node: Node) -> tuple[str, str] | None:
    """The name and the text of the table that the value names; None, and a problem, where it does not exist."""
    reading, file = node.reading, str(node.value)
    if file in reading.texts:
        return file, reading.texts[file]
    tables = sorted(each for each in reading.texts if each.endswith(".csv"))
    message = f"{node.subject_prefix}there is no file {file!r} in this folder"
    node.problem(Id.NO_SUCH_FILE, message, did_you_mean(file, tables))
    return None


def header(content: str) -> list[str]:
    """The names in the first line."""
    first = next(csv.reader(io.StringIO(content.partition("\n")[0])), [])
    return [name.strip().lower() for name in first]


def table(node: Node, required: Sequence[str], allowed: Sequence[str]) -> list[Row]:
    """The rows of the table that the value names."""
    found = named_by(node)
    return list(rows(*found, required, allowed, node.reading.problems)) if found else []


def column(node: Node, field: str) -> list[str] | None:
    """One column of the table that the value names: the one that is called like the field, else the first."""
    found = named_by(node)
    if found is None:
        return None
    names = header(found[1])
    name = field if field in names else next(iter(names), "")
    if not name:
        message = f"{node.subject_prefix}{found[0]} is empty"
        node.problem(Id.BAD_TABLE, message, f"its first line names the column, such as {field}")
        return None
    return [row.values[name] for row in rows(*found, (name,), names, node.reading.problems)]


def _starts(line: str) -> list[int]:
    """The column, from 1, at which each value of a line begins; commas inside quotes separate nothing."""
    starts, quoted = [1], False
    for column, character in enumerate(line, start=1):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            starts.append(column + 1)
    return starts
