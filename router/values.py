"""What a field of a lead says, as rules compare it: canonical names, codes of countries and languages, numbers, money.

What cannot be read is named, never guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.leads import Value
from router import places
from router.accounts import domain_key
from router.conditions import is_missing, plain_text
from router.numbers import NotUnderstood, amount, currency_mark, number, whole, worth

NUMBERS = frozenset({"employees", "score", "account.employees"})
AMOUNTS = frozenset({"revenue", "deal_size"})
NUMERIC = NUMBERS | AMOUNTS
LISTS = frozenset({"tags", "tech_stack", "sic_codes"})
_NEVER_NEGATIVE = frozenset({"employees", "account.employees", "revenue", "deal_size"})
_COUNTRIES = frozenset({"country", "account.country"})
SIGNALS = "signals."
AT = ".at"
"""`signals.KIND` counts signals of a kind, `signals.KIND.at` holds when they came."""

CURRENCY = ".currency"
"""`deal_size.currency` holds the currency of `deal_size`, where the CRM keeps it in a field of its own."""


@dataclass(frozen=True, slots=True)
class Money:
    """The currency of the house, and what one of each other is worth in it (`rates.csv`). `amounts` are the fields that
    hold money."""

    home: str = "EUR"
    rates: Mapping[str, float] = field(default_factory=dict)
    amounts: frozenset[str] = AMOUNTS


_ANY_COUNT = 2**53
"""Whole numbers below are what they say in every field; of others a float cannot tell whether they are whole."""

Aliases = Mapping[str, Mapping[str, str]]
"""field -> (lower-case text as the world writes it -> what the rules say)"""


def read(name: str, value: Value, aliases: Aliases, money: Money) -> Value:
    """The value of one field; NotUnderstood where it cannot be read. Names of RevOps' own (`normalise`) win."""
    if as_it_stands(value):
        return value
    known = aliases.get(name)
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        if known and (own := known.get(value.lower()) or (value if value in known.values() else None)):
            # One that is a country's or a language's is read on, as it is in their rules.
            return (name in _COUNTRIES and places.country(own)) or (name == "language" and places.language(own)) or own
        reader = _READERS.get(name)
        if reader:
            return reader(value)
    elif isinstance(value, tuple):
        return tuple(_alias(item, known or {}) for item in value)
    elif value is None:
        return None
    if name in NUMBERS or name in money.amounts or name.startswith(SIGNALS):
        return value if name.endswith(AT) else _counted(name, value, money)
    return value


def as_it_stands(value: Value) -> bool:
    """Whether it is a number that says the same in every field."""
    return type(value) is int and 0 <= value < _ANY_COUNT


def tells_times(name: str) -> bool:
    """Whether it is the field that says when signals of a kind came."""
    return name.startswith(SIGNALS) and name.endswith(AT)


Reading = tuple[Value, str, str]
"""What a text says; how it is written, quoted, where that differs; and a note where it could not be read."""

_MOST_TEXTS = 4096  # for each field
_LONGEST = 256  # characters; a field may hold megabytes, and those are not kept


class _Texts(dict[str, Reading]):
    """What texts say in one field. When there are too many all are forgotten."""

    def __init__(self, name: str, aliases: Aliases, money: Money) -> None:
        super().__init__()
        self._name, self._aliases, self._money = name, aliases, money

    def __missing__(self, text: str) -> Reading:
        found = self._read(text)
        if len(text) <= _LONGEST:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[text] = found
        return found

    def _read(self, text: str) -> Reading:
        try:
            value = read(self._name, text, self._aliases, self._money)
        except NotUnderstood:
            return None, "", unreadable(self._name, text)
        return value, "" if value is None or value == text.strip() else quoted(text), ""


class Readings(dict[str, _Texts | None]):
    """What texts say in the fields of leads, under one configuration: by field and by text, or None where a text says
    no more than itself. A text that came before is not read again: what it says depends on nothing else."""

    def __init__(self, aliases: Aliases, money: Money) -> None:
        super().__init__()
        self._aliases, self._money = aliases, money
        self._say_more = frozenset((*aliases, *_READERS, *NUMBERS, *money.amounts))

    def __missing__(self, name: str) -> _Texts | None:
        self[name] = found = _Texts(name, self._aliases, self._money) if self._says_more(name) else None
        return found

    def _says_more(self, name: str) -> bool:
        return name in self._say_more or name.startswith(SIGNALS)

    def of(self, name: str, text: str) -> Reading:
        """`read` of a text, in a form that can be kept; it raises nothing."""
        # A service may make up any number of names, which are not kept.
        texts = self[name] if self._says_more(name) else None
        return (text.strip() or None, "", "") if texts is None else texts[text]


_LONGEST_QUOTE = 80


def quoted(text: str) -> str:
    """The text as notes quote it."""
    text = text.strip()
    return repr(text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…")


def unreadable(field: str, text: str) -> str:
    """The note for a text that could not be read."""
    return f"{field} could not be read: {quoted(text)}"


def _counted(name: str, value: Value, money: Money) -> Value:
    if isinstance(value, bool | tuple | None):
        raise NotUnderstood(str(value))
    if isinstance(value, str):
        found = amount(value, money.home, money.rates) if name in money.amounts else number(value)
    else:
        found = whole(value)
    if found < 0 and (name in _NEVER_NEGATIVE or name.startswith(SIGNALS)):
        raise NotUnderstood(str(value))
    return found


def converted(read: Value, written: Value, mark: str, money: Money) -> Value:
    """The amount in the currency of the house; one that was written with its own currency has been converted."""
    if isinstance(read, bool | str | tuple | None) or (isinstance(written, str) and currency_mark(written)):
        return read
    return worth(read, mark, money.home, money.rates)


def _country(text: str) -> str:
    return _known(places.country(text), text)


def _language(text: str) -> str:
    return _known(places.language(text), text)


def _known(code: str | None, text: str) -> str:
    if code is None:
        raise NotUnderstood(text)
    return code


def _time_zone(text: str) -> str:
    """HubSpot writes europe_slash_berlin."""
    return text.replace("_slash_", "/")


def _postcode(text: str) -> str:
    """Without the country that some write before it: `D-10115`, `CH-8000`."""
    before, dash, code = text.partition("-")
    return (
        code.strip() if dash and before.strip().isalpha() and len(before.strip()) <= 3 and code[:1].isdigit() else text
    )


_READERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(_COUNTRIES, _country),
    "language": _language,
    "timezone": _time_zone,
    "postcode": _postcode,
}


def _alias(text: str, known: Mapping[str, str]) -> str:
    text = text.strip()
    return known.get(text.lower(), text)


def key_of(field: str, value: Value) -> str | None:
    """What a line of a table is found by: domains as `domain_key` has them, other text as it compares."""
    if is_missing(value) or isinstance(value, tuple):
        return None
    return (domain_key(str(value)) if field in ("domain", "website") else None) or plain_text(value)


def moments(value: Value) -> tuple[datetime, ...]:
    """The times that a field holds: one, or several. NotUnderstood where one of them is none."""
    texts = value if isinstance(value, tuple) else str(value).replace(";", ",").split(",")
    return tuple(sorted(_moment(text.strip()) for text in texts if text.strip()))


def _moment(text: str) -> datetime:
    """ISO 8601; without an offset it is UTC. HubSpot may give milliseconds since 1970."""
    try:
        if text.isascii() and text.isdigit() and len(text) == 13:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotUnderstood(text) from error
