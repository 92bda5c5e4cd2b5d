"""Telephone numbers: one way of writing them, and the time zone that they were given out in."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType
from phonenumbers import timezone as zones

_LONGEST = 100
# The regions that share a calling code share their time too, but for an island: that is not what a number tells.
_SAME_TIME = {
    "Europe/Guernsey": "Europe/London",
    "Europe/Isle_of_Man": "Europe/London",
    "Europe/Jersey": "Europe/London",
}
_NOWHERE = frozenset(
    {PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.VOIP,
     PhoneNumberType.UAN, PhoneNumberType.PERSONAL_NUMBER}
)  # fmt: skip


@lru_cache(maxsize=8192)
def phone(text: str, country: str | None) -> str | None:
    """`+4930901820`: of `+49 (0)30 / 901820`, `0049 30 901820`, and of `030 901820` for somebody in DE. None for what
    is no number, or none without its country."""
    number = _parsed(text, country)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164)) if number else None


@lru_cache(maxsize=8192)
def time_zone(number: str) -> str | None:
    """The one time zone of an E.164 number; None where it has several, or is bound to no place."""
    parsed = _parsed(number, None)
    if parsed is None or phonenumbers.number_type(parsed) in _NOWHERE:
        return None
    found = {_SAME_TIME.get(zone, zone) for zone in zones.time_zones_for_number(parsed)}
    return found.pop() if len(found) == 1 and zones.UNKNOWN_TIMEZONE not in found else None


def _parsed(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    if len(text) > _LONGEST:
        return None
    written = text.strip()
    try:
        number = phonenumbers.parse(f"+{written[2:]}" if written.startswith("00") else written, country)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
