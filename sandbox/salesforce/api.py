"""A call to the REST API and its answer, and the table of who answers what.

The table is used twice: for requests, and for the subrequests inside a Composite.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.salesforce.conditional import Unchanged
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import Author

T = TypeVar("T")


class Csv(str):
    """A body that is CSV and not JSON."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One request below /services/data/vNN.N/. Header names are lower case.

    `body` is its JSON, Csv where that is what was sent, None without one.
    """

    org: Org
    version: str
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None

    @property
    def base(self) -> str:
        """/services/data/v59.0"""
        return f"/services/data/{self.version}"

    @property
    def author(self) -> Author:
        """The integration user; assignment and duplicate rules run unless headers say otherwise."""
        auto = self.headers.get("sforce-auto-assign", "true").lower()
        save = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return Author(self.org.integration_user, auto != "false", "allowsave=true" in save)

    def object_body(self) -> dict[str, Any]:
        """The body where it must be a JSON object."""
        if not isinstance(self.body, dict):
            raise Refused("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
        return self.body

    def listed(self, name: str, type: type[T]) -> list[T]:
        """What the body has under this name, where it must be a list of such."""
        items = self.object_body().get(name)
        if not isinstance(items, list) or not all(isinstance(item, type) for item in items):
            raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of a list from the value of {name}")
        return items


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what goes with it. Without a body there is no content type either."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Endpoint = Callable[..., Answer]
"""(call, **parts of the path) -> answer; raises Refused"""


class Endpoints:
    """Who answers which method and path. A trailing slash makes no difference, as in the real API."""

    def __init__(self) -> None:
        self._table: list[tuple[re.Pattern[str], dict[str, Endpoint]]] = []

    def add(self, path: str, **by_method: Endpoint) -> None:
        """`path` as in `sobjects/{kind}/{id}`; a part matches up to the next slash."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        self._table.append((pattern, by_method))

    def answer(self, call: Call) -> Answer:
        """The endpoint's answer, its refusal included."""
        try:
            return self._endpoint(call)
        except Refused as refused:
            return Answer(refused.status, refused.body())
        except Unchanged as unchanged:
            return Answer(304, headers=unchanged.headers)

    def _endpoint(self, call: Call) -> Answer:
        for pattern, by_method in self._table:
            found = pattern.fullmatch(call.path.strip("/"))
            if not found:
                continue
            endpoint = by_method.get(call.method)
            if endpoint:
                return endpoint(call, **found.groupdict())
            allowed = ",".join(by_method)
            raise Refused(
                "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}", status=405
            )
        raise not_found()
