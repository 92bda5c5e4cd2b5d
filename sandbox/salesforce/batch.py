"""Up to 25 independent requests in one call (composite/batch), each answered as it would be alone."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, bad_request, not_found

MOST = 25
HALTED = Refused("BATCH_PROCESSING_HALTED", "Batch processing halted per request")


def add_to(endpoints: Endpoints) -> None:
    def batch(call: Call) -> Answer:
        return _batch(endpoints, call)

    endpoints.add("composite/batch", POST=batch)


def _batch(endpoints: Endpoints, call: Call) -> Answer:
    parts: list[dict[str, Any]] = call.listed("batchRequests", dict)
    if len(parts) > MOST:
        raise bad_request(f"The number of subrequests exceeds the limit of {MOST}", "LIMIT_EXCEEDED")
    halts, failed = bool(call.object_body().get("haltOnError")), False
    results = []
    for part in parts:
        answer = Answer(412, HALTED.body()) if halts and failed else _one(endpoints, call, part)
        failed = failed or answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer(200, {"hasErrors": failed, "results": results})


def _one(endpoints: Endpoints, call: Call, part: dict[str, Any]) -> Answer:
    """`url` begins with the version: v59.0/sobjects/Lead/…"""
    if not isinstance(part.get("url"), str) or not isinstance(part.get("method"), str):
        return Answer(400, bad_request("Each subrequest needs method and url", "JSON_PARSER_ERROR").body())
    url = urlsplit(part["url"])
    version, _, path = url.path.strip("/").partition("/")
    if not path:
        return Answer(404, not_found().body())
    params = dict(parse_qsl(url.query, keep_blank_values=True))
    body = part.get("richInput")
    return endpoints.answer(Call(call.org, version, part["method"].upper(), unquote(path), params, call.headers, body))
