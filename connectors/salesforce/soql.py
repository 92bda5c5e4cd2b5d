"""Literals of SOQL, which has no bound parameters."""

import re
from collections.abc import Iterable
from datetime import datetime

from connectors.values import stamp

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def is_id(text: str) -> bool:
    """Whether the text has the shape of a record id (15 case-sensitive characters, or 18 with their checksum).

    One with a wrong checksum would make Salesforce refuse the whole query that names it.
    """
    return _ID.fullmatch(text) is not None and text[15:] in ("", _checksum(text))


def _checksum(id: str) -> str:
    """For each five characters, which of them are capitals, as one of 32 signs."""
    fives = (id[start : start + 5] for start in (0, 5, 10))
    return "".join(_SIGNS[sum(sign.isupper() << place for place, sign in enumerate(five))] for five in fives)


def short(id: str) -> str:
    """The 15 characters that tell one record from another; answers always carry 18."""
    return id[:15]


def long(id: str) -> str:
    """The 18 characters of an id of 15 or 18."""
    return id[:15] + _checksum(id[:15])


def text(value: str) -> str:
    """A string literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def texts(values: Iterable[str]) -> str:
    """The right side of IN."""
    return "(" + ",".join(text(value) for value in values) + ")"


def select(fields: Iterable[str], kind: str, where: str = "", then: str = "") -> str:
    """A query; `where` and `then` (grouping, order, limit) are made with the literals above."""
    query = f"SELECT {', '.join(fields)} FROM {kind}"  # noqa: S608 - SOQL only reads
    return query + (f" WHERE {where}" if where else "") + (f" {then}" if then else "")


def moment(value: datetime) -> str:
    """A date-time literal; unquoted, in UTC."""
    return stamp(value)
