"""The CSV of the Bulk API: texts in, typed values out, and results back with the columns that were sent."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.salesforce.schema import NUMBER_TYPES, Kind

NOTHING = "#N/A"
"""empties a field; an empty text leaves it as it is"""
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class BadCsv(ValueError):
    """The job fails as a whole; the text says why, as Salesforce would."""


def read(text: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """The columns and the rows. BadCsv where a row has another number of cells."""
    try:
        columns, *rows = (row for row in csv.reader(io.StringIO(text), delimiter=DELIMITERS[delimiter]) if row)
    except (ValueError, csv.Error) as wrong:
        raise BadCsv("InvalidBatch : The CSV has no header row") from wrong
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise BadCsv(
                f"InvalidBatch : Row {number} has {len(row)} columns, and the header has {len(columns)} columns"
            )
    return columns, rows


def written(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> str:
    """Every cell in quotes, as the real results are."""
    out = io.StringIO()
    ending = LINE_ENDINGS[line_ending]
    writer = csv.writer(out, delimiter=DELIMITERS[delimiter], lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def values(kind: Kind, columns: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """The row as JSON would have it: without cells that are empty, None for #N/A."""
    return {
        name: None if text == NOTHING else _typed(kind, name, text)
        for name, text in zip(columns, row, strict=True)
        if text != ""
    }


def _typed(kind: Kind, name: str, text: str) -> Any:
    """Text that is no number or boolean stays text; the row's checks refuse it then."""
    field = kind.field(name)
    if field is None:
        return text
    if field.type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if field.type in NUMBER_TYPES:
        try:
            return int(text) if field.type == "int" else float(text)
        except ValueError:
            return text
    return text


def flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A row of a query with its parents' fields as `Owner.Name`."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping):
            cells.update(flat(value, f"{prefix}{name}."))
        elif isinstance(value, bool):
            cells[prefix + name] = "true" if value else "false"
        else:
            cells[prefix + name] = "" if value is None else str(value)
    return cells
