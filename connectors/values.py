"""From what the world typed into a CRM to values that rules can compare.

CRMs keep numbers as text ("250 to 499", "1.200 EUR"), lists as one string, and nothing as an empty string. What is
understood becomes a number, a tuple or an absent value; what is not is named, never guessed.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from domain.leads import Value
from domain.mapping import CrmMapping

NUMBERS = frozenset({"employees", "revenue", "deal_size", "score"})
LISTS = frozenset({"tags", "tech_stack", "sic_codes"})
YES_OR_NO = frozenset({"consent"})

_CURRENCY = re.compile(
    r"€|\$|£|¥|\b(?:eur|euros?|usd|gbp|chf|sek|nok|dkk|pln|czk|jpy|cad|aud|dollars?)\b", re.IGNORECASE
)
_AROUND = re.compile(r"\b(?:ca|circa|approx|approximately|about|around|etwa|rund)\b\.?|~|≈", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:employees|people|persons|staff|mitarbeiter(?:innen)?|fte)\b", re.IGNORECASE)
_RANGE = re.compile(r"(?<=[\dkm])\s*(?:-|–|—|\bto\b|\bbis\b|\.\.)\s*(?=\d)", re.IGNORECASE)
_UP_TO = re.compile(r"^(?:<|≤|less than|fewer than|under|below|up to|unter|weniger als|bis(?: zu)?)\s*", re.IGNORECASE)
_FROM = re.compile(
    r"^(?:>|≥|>=|more than|over|above|at least|from|über|mehr als|ab|mindestens)\s*|\s*(?:\+|and more|or more|plus)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^([+-]?\d[\d.,'’\s]*)\s*(k|tsd|thousand|m|mn|mio|mill?ion(?:en|s)?|b|bn|mrd|billions?)?\.?$", re.IGNORECASE
)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_DECIMAL = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*(?!\1)(?=[.,]))(?:[.,]\d+)?")
_SCALE = {"k": 10**3, "t": 10**3, "m": 10**6, "b": 10**9}


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Databases take neither a zero byte nor half a surrogate pair."""

_FIRST_YEAR, _LAST_YEAR = 1000, 9000
"""Earlier or later than that is nobody's date, and leaves no room to count from."""


class NotUnderstood(ValueError):
    """The text says something, but nobody can tell which value."""


def number(text: str) -> int | float:
    """The number that a person meant; of a range its lower end, which is what can be relied on.

    A single separator before exactly three digits groups thousands (`1.200` and `1,200` are twelve hundred).
    NotUnderstood where there is no number, or only an upper limit ("under 50").
    """
    rest = _COUNTED.sub(" ", _AROUND.sub(" ", _CURRENCY.sub(" ", text))).strip()
    if _UP_TO.match(rest):
        raise NotUnderstood(text)
    lower, *upper = _RANGE.split(_FROM.sub("", rest).strip())
    match = _NUMBER.match(lower.strip())
    if match is None or len(upper) > 1:
        raise NotUnderstood(text)
    digits, scale = match.groups()
    if upper and not scale:  # "5 to 10 k" counts both ends in thousands
        end = _NUMBER.match(upper[0].strip())
        scale = end.group(2) if end else None
    return whole(_decimal(digits, text) * _factor(scale))


def _factor(scale: str | None) -> int:
    if not scale:
        return 1
    return 10**9 if scale.lower() == "mrd" else _SCALE[scale[0].lower()]


def _decimal(digits: str, text: str) -> float:
    bare = re.sub(r"['’\s]", "", digits)
    if _GROUPED.fullmatch(bare):
        return float(re.sub(r"[.,]", "", bare))
    if not _DECIMAL.fullmatch(bare):
        raise NotUnderstood(text)
    last = max(bare.rfind("."), bare.rfind(","))
    return float(bare) if last < 0 else float(re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :])


def whole(value: float) -> int | float:
    """The same number, as an integer where it is one. NotUnderstood where it is beyond all numbers."""
    try:
        near = float(value)
    except OverflowError:
        near = math.inf
    if not math.isfinite(near):
        raise NotUnderstood(str(value))
    return int(value) if near.is_integer() else value


def items(text: str) -> tuple[str, ...]:
    """A multi-select (`a;b` in both CRMs) or a list typed with commas."""
    return tuple(part.strip() for part in text.split(";" if ";" in text else ",") if part.strip())


def canonical(name: str, raw: object, given: str | None = None) -> Value:
    """One canonical value; None where there is nothing. `given` is the type in the mapping (amount, number, list)."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if given in ("amount", "number") or (given is None and name in NUMBERS):
        return whole(raw) if isinstance(raw, int | float) else number(str(raw))
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
