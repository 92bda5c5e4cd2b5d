"""HubSpot's refusals, with the bodies its API answers.

Texts are recorded ones where a recording exists; where none is public the docstring says so. `correlationId` is
added where the answer leaves, because it repeats the response header.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

VALIDATION = "VALIDATION_ERROR"


class Refusal(Exception):
    """A request answered with an error. Keys of `more` stand in the body beside `status` and `message`."""

    def __init__(self, status: int, message: str, category: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.more = more

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON body. Real ones leave `category` out on some paths, so it is absent rather than null."""
        body = {"status": "error", "message": self.message, "correlationId": correlation_id, **self.more}
        return body if self.category is None else {**body, "category": self.category}


@dataclass(frozen=True, slots=True)
class Invalid:
    """One property value that HubSpot would not take."""

    name: str
    message: str
    code: str


def not_signed_in() -> Refusal:
    """401 without a token, or with one that the account does not know."""
    return Refusal(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION",
    )


def resource_not_found() -> Refusal:
    """404 for a path that leads nowhere."""
    return Refusal(404, "resource not found")


def object_not_found(object_id: str) -> Refusal:
    """404 for an id that is unknown or archived."""
    return Refusal(
        404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND", context={"id": [object_id]}
    )


def invalid_json(detail: str) -> Refusal:
    """400 for a body that is not the JSON the call wants."""
    return Refusal(400, f"Invalid input JSON on line 1, column 2: {detail}", VALIDATION)


def invalid_request(message: str, **more: Any) -> Refusal:
    """400 with a plain sentence. HubSpot's own wording of most of these is not public."""
    return Refusal(400, message, VALIDATION, **more)


def invalid_values(problems: Iterable[Invalid]) -> Refusal:
    """400 for property values; in a batch one bad value refuses all rows."""
    found = list(problems)
    rows = [{"isValid": False, "message": p.message, "error": p.code, "name": p.name} for p in found]
    return Refusal(
        400,
        f"Property values were not valid: {json.dumps(rows, separators=(',', ':'), ensure_ascii=False)}",
        VALIDATION,
        errors=[{"message": p.message, "code": p.code, "context": {"propertyName": [p.name]}} for p in found],
    )


def missing_properties(kind: str, names: Sequence[str]) -> Refusal:
    """400 for a create that lacks what the object type demands."""
    return Refusal(
        400,
        f"Error creating {kind}. Some required properties were not set.",
        VALIDATION,
        context={"properties": list(names)},
    )


def duplicate_ids(ids: Sequence[str]) -> Refusal:
    """400 for a batch that names one record twice."""
    return Refusal(
        400,
        f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique",
        VALIDATION,
        context={"ids": list(ids)},
    )


def contact_exists(existing_id: str) -> Refusal:
    """409 for a single create or update that would give two contacts one e-mail address."""
    return Refusal(409, f"Contact already exists. Existing ID: {existing_id}", "CONFLICT")


def contact_exists_in_batch() -> Refusal:
    """409 for a whole batch create whose rows carry no objectWriteTraceId."""
    return Refusal(409, "Contact already exists", "CONFLICT")


def failed_row(id: str, called: str = "ids") -> dict[str, Any]:
    """The 207 row of a batch read for a record that is there and cannot be shown just now. `called` is the word of the
    context that names it. No public body shows one; this has the shape of the others."""
    return {
        "status": "error",
        "category": "INTERNAL_ERROR",
        "message": "There was a problem with the request.",
        "context": {called: [id]},
    }


def missing_ids_row(kind: str, ids: Sequence[str]) -> dict[str, Any]:
    """The 207 row of a batch for ids that lead to no live record."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": list(ids)},
    }
