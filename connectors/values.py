"""From what the world typed into a CRM to values that rules can compare.

CRMs keep numbers as text ("250 to 499", "1.200 EUR"), lists as one string, and nothing as an empty string. What is
understood becomes a number, a tuple or an absent value; what is not is named, never guessed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from domain.leads import Value
from domain.mapping import CrmMapping
from router.numbers import NotUnderstood, currency_mark, number, whole
from router.values import AMOUNTS, AT, LISTS, NUMERIC, SIGNALS

__all__ = [
    "NO_END", "NotUnderstood", "address", "canonical", "domain_of", "end", "first", "instant", "items", "lead_values",
    "number", "stamp", "storable", "whole",
]  # fmt: skip

YES_OR_NO = frozenset({"consent"})

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Databases take neither a zero byte nor half a surrogate pair."""

_FIRST_YEAR, _LAST_YEAR = 1000, 9000
"""Earlier or later than that is nobody's date, and leaves no room to count from."""

NO_END = datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
"""When something ends that lasts as long as anybody can count."""


def items(text: str) -> tuple[str, ...]:
    """A multi-select (`a;b` in both CRMs) or a list typed with commas."""
    return tuple(part.strip() for part in text.split(";" if ";" in text else ",") if part.strip())


def canonical(name: str, raw: object, given: str | None = None) -> Value:
    """One canonical value; None where there is nothing. `given` is the type in the mapping (amount, number, list)."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if given is None and name.startswith(SIGNALS) and name.endswith(AT):
        return items(storable(str(raw))) or None
    if given in ("amount", "number") or (given is None and (name in NUMERIC or name.startswith(SIGNALS))):
        return whole(raw) if isinstance(raw, int | float) else _counted(name, str(raw), given)
    if given == "list" or (given is None and name in LISTS):
        return items(storable(str(raw))) or None
    if isinstance(raw, bool | int):
        return raw
    if isinstance(raw, float):
        return whole(raw)
    text = str(raw).strip()
    if _UNSTORABLE.search(text):
        raise NotUnderstood(storable(text))
    if name in YES_OR_NO and text.lower() in ("true", "false"):  # HubSpot keeps a checkbox as text
        return text.lower() == "true"
    return text


def _counted(name: str, text: str, given: str | None) -> int | float | str:
    """The number; an amount that names its currency keeps the name (`1200.5 USD`): its worth is not known here."""
    value = number(text)
    mark = currency_mark(text) if given == "amount" or (given is None and name in AMOUNTS) else None
    return f"{value} {mark}" if mark else value


def lead_values(mapping: CrmMapping, raw: Callable[[str], object]) -> tuple[dict[str, Value], dict[str, str]]:
    """Every mapped field of one record: what was understood, and the text of what was not. `raw` looks one up."""
    values: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    for name, field in mapping.fields.items():
        try:
            value = canonical(name, raw(field), mapping.types.get(name))
        except NotUnderstood:
            unreadable[name] = storable(str(raw(field)))
            continue
        if value is not None:
            values[name] = value
    return values, unreadable


def instant(text: object) -> datetime:
    """A CRM's date-time (`2026-11-23T09:00:00.000+0000` or `…Z`) in UTC. ValueError where it is none."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is too far away")
    return moment.astimezone(UTC)


def readable(text: object) -> datetime | None:
    """The same; None where nobody can read it, or there is none."""
    try:
        return instant(text)
    except ValueError:
        return None


def end(text: object) -> datetime:
    """Like `instant`, for the end of something; one that is further away than anybody's date is the last that there
    is."""
    moment = datetime.fromisoformat(str(text))
    return NO_END if moment.tzinfo and moment.year > _LAST_YEAR else instant(text)


def stamp(moment: datetime) -> str:
    """A date-time as both CRMs take it: UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def storable(text: str) -> str:
    """The same text with a mark in place of what no database takes."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def domain_of(website: object) -> str | None:
    """`https://www.acme.example/contact` -> `acme.example`; None where there is no host."""
    text = str(website or "").strip().lower()
    host = re.sub(r"^[a-z]+://", "", text).split("/")[0].split("?")[0].split("@")[-1].split(":")[0].strip(".")
    return host.removeprefix("www.") or None


def address(raw: object) -> str | None:
    """An e-mail address as we compare and store them: trimmed, lower case; None where there is none."""
    return storable(str(raw)).strip().lower() or None if raw else None


def first(record: Mapping[str, object], *names: str) -> object:
    """The first of these fields that holds something."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)
