"""One request and its answer, as the modules of this package see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams

from sandbox.hubspot.errors import invalid_json, invalid_request

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked: the words of the path by name, the query, and the parsed body (None without one)."""

    words: Mapping[str, str]
    query: QueryParams
    body: Any
    text: str = ""
    """the body as it came"""
    content_type: str = ""
    version: str = "v3"
    """the path's: v3, v4, or a date such as 2026-09"""

    def listed(self, name: str) -> list[str]:
        """A query parameter that may be repeated, or hold several with commas."""
        return [word for text in self.query.getlist(name) for word in text.split(",") if word]

    def flag(self, name: str) -> bool:
        """A yes-or-no parameter; Python's clients send `False` with a capital."""
        return self.query.get(name, "").lower() == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """A count between 1 and `most`. Refusal 400 for anything else."""
        return bounded(name, self.query.get(name), default, most)

    def after(self) -> int:
        """The id or place that the page starts behind; 0 for the first. Refusal 400 for what is no number."""
        text = self.query.get("after") or "0"
        if not text.isdecimal():
            raise invalid_request(f"after must be a number, but was {text}")
        return int(text)

    def json(self) -> Json:
        """The body, which has to be an object. Refusal 400 otherwise."""
        if not isinstance(self.body, dict):
            raise invalid_json("an object was expected")
        return self.body

    def inputs(self, most: int) -> list[Json]:
        """The rows of a batch. Refusal 400 for none, too many, or rows that are not objects."""
        rows = self.json().get("inputs")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise invalid_json("Some required fields were not set: [inputs]")
        if len(rows) > most:
            raise invalid_request(f"The maximum number of inputs supported in a batch request is {most}")
        return rows


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. `body` None is an empty answer, as 204 wants."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def bounded(name: str, given: object, default: int, most: int) -> int:
    """A page size, which clients send as a number or as text. Refusal 400 when it is not between 1 and `most`."""
    try:
        count = default if given is None else int(str(given))
    except ValueError:
        count = 0
    if not 1 <= count <= most:
        raise invalid_request(f"{name} must be between 1 and {most}, but was {given}")
    return count


def field_of(row: Json, *path: str) -> str:
    """A required text or number inside a row, as text. Refusal 400 where it is missing."""
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None or isinstance(value, dict | list):
        raise invalid_json(f"Some required fields were not set: [{'.'.join(path)}]")
    return str(value)


def batch(results: list[Json], errors: list[Json], now: str, done: int = 200) -> Answer:
    """A batch's answer: `done` when every row went well, 207 with the rows that did not."""
    body = {"completedAt": now, "status": "COMPLETE", "startedAt": now, "results": results}
    if not errors:
        return Answer(done, body)
    return Answer(207, {**body, "errors": errors, "numErrors": len(errors)})


def page(results: list[Json], after: str | None, link: str = "") -> Json:
    """A page of a collection; the last one has no `paging` at all."""
    if after is None:
        return {"results": results}
    following = {"after": after, "link": link} if link else {"after": after}
    return {"results": results, "paging": {"next": following}}
