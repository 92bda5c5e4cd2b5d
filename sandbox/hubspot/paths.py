"""Which call a path means. One table serves the classic paths (`/crm/v3/objects/contacts`) and the dated ones
(`/crm/objects/2026-09/contacts`).

The classic ones can be turned off, as HubSpot will do in 2027 (OAuth v1 in February, v4 in March, v1 to v3 in
September): then they lead nowhere.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sandbox.hubspot.errors import Refusal, resource_not_found
from sandbox.hubspot.exchange import Answer, Call

DATES = ("2025-09", "2026-03", "2026-09")
_VERSION = r"(?P<version>v\d|\d{4}-\d\d)"
_REST = r"(?P<rest>/.*)?"
_CRM = r"(?P<family>objects|associations|properties|pipelines|owners|lists)"
_SHAPES = tuple(
    re.compile(shape + _REST)
    for shape in (
        rf"/crm/(?P<version>v\d)/{_CRM}",
        rf"/crm/{_CRM}/{_VERSION}",
        r"/settings/(?P<version>v\d)/(?P<family>users)",
        rf"/settings/(?P<family>users)/{_VERSION}",
        rf"/(?P<family>account-info|oauth|webhooks|app-webhooks)/{_VERSION}",
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """One call: `path` is what follows family and version, with names in braces. `open` ones need no bearer; without
    `dated` no date has it.
    """

    method: str
    family: str
    version: str
    path: str
    serve: Callable[[Call], Answer]
    open: bool = False
    dated: bool = True

    def words(self, asked: "Asked") -> Mapping[str, str] | None:
        """The named words of a path that is this one, whatever the method."""
        if asked.family != self.family or (asked.version != self.version and (asked.classic or not self.dated)):
            return None
        found = _pattern(self.path).fullmatch(asked.rest)
        return found.groupdict() if found else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A path taken apart."""

    family: str
    version: str
    rest: str

    @property
    def classic(self) -> bool:
        return self.version not in DATES


def taken_apart(path: str) -> Asked:
    """Family, version and rest. Refusal 404 for a path of another shape.

    Classic paths may end in a slash. Whether dated ones may is not known, so here they may not.
    """
    for shape in _SHAPES:
        if found := shape.fullmatch(path):
            rest = found["rest"] or ""
            asked = Asked(found["family"], found["version"], rest)
            return Asked(asked.family, asked.version, rest.rstrip("/")) if asked.classic else asked
    raise resource_not_found()


def found(table: Sequence[Row], method: str, asked: Asked) -> tuple[Row, Mapping[str, str]]:
    """The call and the named words of its path. Refusal 404, or 405 where only the method is wrong."""
    known = [(row, words) for row in table if (words := row.words(asked)) is not None]
    for row, words in known:
        if row.method == method:
            return row, words
    raise Refusal(405, "HTTP 405 Method Not Allowed") if known else resource_not_found()


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
