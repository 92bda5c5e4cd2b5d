"""What is between the quotes of a query's text literals."""

import re

from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.syntax import Literal

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))|([^\\])", re.DOTALL)


def text(query: str, literal: Literal) -> str:
    """The literal without its escapes. Refused (MALFORMED_QUERY) where one is none."""
    if "\\" not in literal.text:
        return literal.text
    return "".join(character for character, _ in _characters(query, literal))


def pattern(query: str, literal: Literal) -> re.Pattern[str]:
    """LIKE's pattern: % is any text and _ any character, unless escaped."""
    wild = {"%": ".*", "_": "."}
    parts = (
        re.escape(character) if escaped else wild.get(character, re.escape(character))
        for character, escaped in _characters(query, literal)
    )
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _characters(query: str, literal: Literal) -> list[tuple[str, bool]]:
    """The characters of a string literal, each with whether it was escaped."""
    found = []
    for code, escaped, plain in _ESCAPE.findall(literal.text):
        if escaped and escaped.lower() not in _ESCAPES:
            raise malformed(query, literal.at, f"Invalid string literal '{literal.text}'. Illegal escape sequence")
        found.append((plain or (chr(int(code, 16)) if code else _ESCAPES[escaped.lower()]), not plain))
    return found
