"""Numbers and amounts of money as people type them: "250 to 499", "1.200 €", "10k", "1,5 Mio. EUR".

What nobody can be sure of is not understood; nothing is guessed.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache

_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW KWD MAD MXN MYR NGN "
    "NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_CURRENCY = re.compile(
    r"(?:us|ca|au?|nz|hk|sg|c|s|r|mx)?\$|€|£|¥|₹|₺|₽|₩|zł|kč|"
    rf"(?<![A-Za-z])(?:{'|'.join(_CODES.split())}|euros?|(?:us[- ]?)?dollars?|pounds?(?: sterling)?|pfund|franken"
    r"|(?:sfr|fr)\b\.?)(?![A-Za-z])|(?<=[\d\s])kr\b\.?",
    re.IGNORECASE,
)
_LONGEST = 120  # characters; a field may hold megabytes
_SCALED_MARK = re.compile(r"(?<=[\d\s])([tkm])(?=(?:€|eur|usd|chf|gbp)\b|€)", re.IGNORECASE)  # 500 TEUR, 10 k€
_NO_CENTS = re.compile(r"(?<=\d)[.,]\s*[-–—]+(?!\s*\d)")  # 1.200,-
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


class NotUnderstood(ValueError):
    """The text says something, but nobody can tell which value."""


@lru_cache(maxsize=8192)
def number(text: str) -> int | float:
    """The number that a person meant; of a range its lower end, which is what can be relied on.

    A single separator before exactly three digits groups thousands (`1.200` and `1,200` are twelve hundred).
    NotUnderstood where there is no number, or only an upper limit ("under 50").
    """
    if len(text) > _LONGEST:
        raise NotUnderstood(text)
    text = _SCALED_MARK.sub(lambda found: ("k" if found[1] in "tT" else found[1]) + " ", text)
    rest = _COUNTED.sub(" ", _AROUND.sub(" ", _CURRENCY.sub(" ", _NO_CENTS.sub(" ", text)))).strip()
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


# Money ------------------------------------------------------------------------------------------------------------

_MARKS = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "pound": "GBP", "pounds": "GBP", "pound sterling": "GBP",
    "pounds sterling": "GBP", "pfund": "GBP", "₹": "INR", "₺": "TRY", "₽": "RUB", "₩": "KRW", "zł": "PLN", "kč": "CZK",
    "us$": "USD", "us dollar": "USD", "us dollars": "USD", "us-dollar": "USD", "us-dollars": "USD", "usdollar": "USD",
    "ca$": "CAD", "c$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "sg$": "SGD",
    "r$": "BRL", "mx$": "MXN", "franken": "CHF", "sfr": "CHF", "fr": "CHF",
}  # fmt: skip
# Several countries' money is called so. The currency of the house is meant where it is one of them, else the first,
# which everybody means; of crowns nobody can tell.
_SHARED: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"),
    "dollar": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD"),
    "dollars": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD"),
    "¥": ("JPY", "CNY"),
}
_CROWNS = ("SEK", "NOK", "DKK", "ISK")


@lru_cache(maxsize=8192)
def currency_mark(text: str) -> str | None:
    """The currency that the text names, as it is written there; None where it names none. NotUnderstood where it names
    several."""
    if len(text) > _LONGEST:
        raise NotUnderstood(text)
    marks = {found[0].strip(" .").casefold() for found in _CURRENCY.finditer(text)}
    if len({_MARKS.get(mark, mark) for mark in marks}) > 1:
        raise NotUnderstood(text)
    mark = min(marks, default="")
    return mark.upper() or None


def currency(mark: str, home: str) -> str:
    """The code of a mark: `€`, `US$`, `Euro`, `chf`. NotUnderstood where several currencies are called so."""
    low = mark.strip(" .").casefold()
    if low == "kr":
        if home in _CROWNS:
            return home
        raise NotUnderstood(mark)
    if shared := _SHARED.get(low):
        return home if home in shared else shared[0]
    code = _MARKS.get(low, low.upper())
    if code not in _KNOWN:
        raise NotUnderstood(mark)
    return code


_KNOWN = frozenset(_CODES.split())


def amount(text: str, home: str, rates: Mapping[str, float]) -> int | float:
    """The amount in the currency of the house. `rates`: what one of another currency is worth in it. NotUnderstood
    where the text is no amount, or in a currency without a rate."""
    value, mark = number(text), currency_mark(text)
    return worth(value, mark, home, rates) if mark else value


def worth(value: int | float, mark: str, home: str, rates: Mapping[str, float]) -> int | float:
    """The same in the currency of the house. NotUnderstood where the mark is none, or has no rate."""
    code = currency(mark, home)
    if code == home:
        return value
    if code not in rates:
        raise NotUnderstood(f"{value} {mark}")
    return whole(round(value * rates[code], 2))
