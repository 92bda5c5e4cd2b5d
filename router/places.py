"""Countries, states, languages and time zones from whatever people type: ISO codes, names in many languages, `U.K.`.

What is not known, or means two things, is nothing: nobody guesses.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from router import gazetteer

LONGEST = 120
"""No name has more characters; a field may hold megabytes."""

_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_UNSEEN = re.compile("['’ʼ`´.]")
_BLANKS = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bsaint\b")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text without case, accents, punctuation and double blanks: `Côte d'Ivoire` is `cote divoire`."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)
    return _BLANKS.sub(" ", _UNSEEN.sub("", plain.replace("&", " and "))).strip()


def _lines(table: str) -> Iterator[list[str]]:
    return (line.split("|") for line in table.splitlines())


def _by_name(rows: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    return {_SAINT.sub("st", fold(name)): code for code, names in rows for name in (code, *names) if name}


_COUNTRIES = _by_name((code, names) for code, _, *names in _lines(gazetteer.COUNTRIES))
_LANGUAGES = _by_name((code, names) for code, *names in _lines(gazetteer.LANGUAGES))
_COUNTRY_ZONES = {code: zone for code, zone, *_ in _lines(gazetteer.COUNTRIES) if zone}
_STATE_ZONES = {
    state: zone for zone, states in (line.split(": ") for line in gazetteer.STATE_ZONES.splitlines())
    for state in states.split()
}  # fmt: skip


def _states() -> Mapping[str, Mapping[str, str]]:
    """country -> name or code -> code"""
    found: dict[str, dict[str, str]] = {}
    for full, *names in _lines(gazetteer.STATES):
        country, _, code = full.partition("-")
        found.setdefault(country, {}).update(dict.fromkeys((fold(code), *names), code))
    return found


# Not "democratic": there are two Koreas and two Congos.
_KIND_OF_COUNTRY = re.compile(
    r"^(?:the )?(?:republic of|kingdom of|state of|republik|republique(?: de| du)?|republica de)(?: the)? |"
    r" (?:republic|kingdom|state) of(?: the)?$|^the "
)
_STATES = _states()
_KIND_OF_STATE = re.compile(r"^(?:(?:free )?state of|freistaat|land|province of|kanton|canton d[eu]|canton)\b ?")


def country(text: str) -> str | None:
    """The two-letter ISO code: of `Deutschland`, `DEU`, `U.K.`, `Germany (DE)`; None where it is not known."""
    if len(text) > LONGEST:
        return None
    found = _named_country(text)
    if found:
        return found
    # Menus write both: "Germany (DE)", "DE - Germany". Both have to say the same.
    parts = [part for part in re.split(r"[()/,|]|\s[-–—:]\s", text) if fold(part)]
    codes = {_named_country(part) for part in parts}
    return codes.pop() if len(parts) > 1 and len(codes) == 1 else None


def _named_country(text: str) -> str | None:
    name = _SAINT.sub("st", fold(text))
    return _COUNTRIES.get(name) or _COUNTRIES.get(_KIND_OF_COUNTRY.sub("", name))


def has_states(country: str) -> bool:
    """Whether the states of the country are known here."""
    return country in _STATES


def state(text: str, country: str | None) -> str | None:
    """The state's code in its country (`CA`, `BY`; also of `US-CA`). Without a country, of a name that only one country
    has. None where it is not known."""
    if len(text) > LONGEST:
        return None
    written = text.strip().upper()
    plain = _KIND_OF_STATE.sub("", fold(text))
    wanted = [country] if country else list(_STATES)
    found = {
        (each, code)
        for each in wanted
        for name in (fold(text), plain, fold(written.removeprefix(f"{each}-")))
        if (code := _STATES.get(each, {}).get(name))
    }
    return found.pop()[1] if len(found) == 1 else None


def language(text: str) -> str | None:
    """The two-letter code: of `German`, `Deutsch`, `de-AT`, `de_DE`; None where it is not known."""
    if len(text) > LONGEST:
        return None
    found = _LANGUAGES.get(fold(text))
    if found:
        return found
    regional = re.fullmatch(r"([A-Za-z]{2})[-_](?:[A-Za-z]{2,4}|\d{3})", text.strip())
    return _LANGUAGES.get(regional[1].lower()) if regional else None


def zone_of_state(country: str | None, state: str | None) -> str | None:
    """Where the whole state keeps one time, its zone (`America/Los_Angeles`)."""
    return _STATE_ZONES.get(f"{country}-{state}") if country and state else None


def zone_of_country(country: str | None) -> str | None:
    """Where the whole country keeps one time, its zone (`Europe/Berlin`)."""
    return _COUNTRY_ZONES.get(country or "")
