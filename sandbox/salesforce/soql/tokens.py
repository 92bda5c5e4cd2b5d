"""The words and signs of a query, and a reader that takes them one by one."""

import re
from typing import NamedTuple

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.soql.errors import malformed
from sandbox.salesforce.soql.syntax import Path

_TOKEN = re.compile(
    r"""\s*(?: '(?P<string>(?:[^'\\]|\\.)*)'
        | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:?\d\d))(?![\w.])
        | (?P<date>\d{4}-\d\d-\d\d)(?![\w.:-])
        | (?P<number>[-+]?\d+(?:\.\d+)?)(?![\w.:-])
        | (?P<span>[A-Za-z_]+:\d+)(?![\w.:-])
        | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
        | (?P<sign><=|>=|!=|<>|[=<>(),]) )""",
    re.VERBOSE | re.DOTALL,
)
_CLAUSES = frozenset(
    {"from", "where", "group", "order", "limit", "offset", "and", "or", "nulls", "asc", "desc", "having", "for"}
)


class Token(NamedTuple):
    type: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """In lower case where it is a name or a sign; empty for literals, so that 'and' is not AND."""
        return self.text.lower() if self.type in ("name", "sign") else ""

    @property
    def path(self) -> Path:
        return tuple(self.text.split("."))


def tokens(text: str) -> list[Token]:
    """The tokens and one more that is the end. Refused (MALFORMED_QUERY) at the first thing that is none."""
    found_so_far, at = [], 0
    while found := _TOKEN.match(text, at):
        type = str(found.lastgroup)
        found_so_far.append(Token(type, found[type], found.start(type) - (type == "string")))
        at = found.end()
    rest = text[at:]
    if rest.strip():
        at += len(rest) - len(rest.lstrip())
        raise malformed(text, at, f"unexpected token: '{text[at:].split()[0]}'")
    return [*found_so_far, Token("end", "<EOF>", len(text.rstrip()))]


class Reader:
    """Where in the query the parser is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    @property
    def _after(self) -> Token:
        """The token after this one; the end has none but itself."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _has(self, word: str) -> bool:
        """Take it if it is there."""
        there = self._here.word == word
        self._next += there
        return there

    def _must(self, word: str) -> None:
        if not self._has(word):
            raise self._unexpected()

    def _name(self) -> Token:
        if self._here.type != "name" or self._here.word in _CLAUSES:
            raise self._unexpected()
        return self._take()

    def _alias(self, *not_this: str) -> str | None:
        """A name that starts nothing else."""
        here = self._here
        return self._take().text if here.type == "name" and here.word not in {*_CLAUSES, *not_this} else None

    def _whole_number(self) -> int:
        if self._here.type != "number" or not self._here.text.isdecimal() or len(self._here.text) > 9:
            raise self._unexpected()
        return int(self._take().text)

    def _unexpected(self) -> Refused:
        return malformed(self._text, self._here.at, f"unexpected token: '{self._here.text}'")
