"""Record ids: 15 characters that tell upper from lower case, and three more that keep them apart where case is lost."""

import re
import string

_SHAPE = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-5]{3})?")
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECK = string.ascii_uppercase + "012345"
_INSTANCE = "5g0"
"""what follows the key prefix in ids of this org"""


def new_id(prefix: str, number: int) -> str:
    """The 18-character id of the number-th record of a kind."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return long(prefix + _INSTANCE + digits.rjust(9, "0"))


def long(short: str) -> str:
    """The 18-character form: per group of five, one character that says which of them are capitals."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return short[:15] + "".join(
        _CHECK[sum(char.isupper() << bit for bit, char in enumerate(group))] for group in groups
    )


def read_id(text: object) -> str | None:
    """The 18-character form of what was sent as an id, or None where it is no id at all."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        return None
    return long(text) if len(text) == 15 or long(text) == text else None
