"""Several requests in one: at most 25, of which at most five are queries or collections. It counts as one call."""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, bad_request

Json = dict[str, Any]

MOST = 25
MOST_HEAVY = 5
_HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)(/|\?|$)")
_REFERENCE = re.compile(r"@\{([\w.\[\]]+)\}")
HALTED = Refused(
    "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."
)


class _Halted(Exception):
    """Takes everything back."""


def add_to(endpoints: Endpoints) -> None:
    def composite(call: Call) -> Answer:
        return _composite(endpoints, call)

    endpoints.add("composite", POST=composite)


def _composite(endpoints: Endpoints, call: Call) -> Answer:
    parts = _parts(call)
    answers: dict[str, Answer] = {}
    try:
        with call.org.all_or_nothing():
            for part in parts:
                answers[part["referenceId"]] = _one(endpoints, call, part, answers)
            failed = [name for name, answer in answers.items() if answer.status >= 400]
            if call.body.get("allOrNone") and failed:
                raise _Halted
    except _Halted:
        halted = Answer(400, HALTED.body())
        answers = {name: answer if name in failed else halted for name, answer in answers.items()}
    return Answer(
        200,
        {
            "compositeResponse": [
                {
                    "body": answer.body,
                    "httpHeaders": dict(answer.headers),
                    "httpStatusCode": answer.status,
                    "referenceId": name,
                }
                for name, answer in answers.items()
            ]
        },
    )


def _parts(call: Call) -> list[Json]:
    parts: list[Json] = call.listed("compositeRequest", dict)
    if len(parts) > MOST:
        raise bad_request(f"The number of subrequests exceeds the limit of {MOST}", "LIMIT_EXCEEDED")
    if sum(bool(_HEAVY.search(str(part.get("url")))) for part in parts) > MOST_HEAVY:
        raise bad_request(f"At most {MOST_HEAVY} subrequests can be queries or sObject Collections", "LIMIT_EXCEEDED")
    for part in parts:
        named = all(isinstance(part.get(name), str) for name in ("method", "url", "referenceId"))
        if not named or not isinstance(part.get("httpHeaders", {}), dict):
            raise bad_request("Each subrequest needs method, url and referenceId", "JSON_PARSER_ERROR")
    if len({part["referenceId"] for part in parts}) < len(parts):
        raise bad_request("The reference ids of subrequests have to differ")
    return parts


def _one(endpoints: Endpoints, call: Call, part: Json, answers: dict[str, Answer]) -> Answer:
    try:
        url = urlsplit(str(_filled(part["url"], answers)))
        body = _filled(part.get("body"), answers)
    except KeyError as missing:
        message = f"Invalid reference specified. No value for {missing.args[0]} found"
        return Answer(400, bad_request(message, "PROCESSING_HALTED").body())
    found = re.fullmatch(r"/services/data/(v\d+\.0)/(.*)", url.path)
    if not found:
        return Answer(404, Refused("NOT_FOUND", "The requested resource does not exist").body())
    # Not known of the real one is whether the outer request's headers count here; whoever relies on it should notice.
    headers = {name.lower(): str(value) for name, value in part.get("httpHeaders", {}).items()}
    params = dict(parse_qsl(url.query, keep_blank_values=True))
    return endpoints.answer(Call(call.org, found[1], part["method"].upper(), unquote(found[2]), params, headers, body))


def _filled(value: Any, answers: dict[str, Answer]) -> Any:
    """With `@{reference.path}` replaced by what that subrequest answered. KeyError where it has no such thing."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: str(_referenced(found[1], answers)), value)
    if isinstance(value, dict):
        return {name: _filled(inner, answers) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, answers) for inner in value]
    return value


def _referenced(path: str, answers: dict[str, Answer]) -> Any:
    name, *steps = re.findall(r"\w+", path)
    try:
        value = answers[name].body
        for step in steps:
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, TypeError, ValueError) as missing:
        raise KeyError(path) from missing
    return value
