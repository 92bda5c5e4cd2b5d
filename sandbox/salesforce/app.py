"""Salesforce as one of the sandbox's CRMs: its HTTP routes, its headers, its faults, and what people do in it."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import said
from sandbox.salesforce import by_hand, composite, records, sign_in, sobject_collections, sobjects, tooling
from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.org import NAME, Org
from sandbox.salesforce.queries import Queries
from sandbox.world import Json, World

LONGEST_ADDRESS = 16_384
VERSIONS = range(31, 67)


class SalesforceDialect:
    name = NAME
    prefixes: tuple[str, ...] = ("/services/",)

    def __init__(self, world: World) -> None:
        self._org = Org(world)
        self._endpoints = Endpoints()
        self._queries = Queries()
        self._queries.add_to(self._endpoints)
        for part in (sobjects, sobject_collections, composite, tooling):
            part.add_to(self._endpoints)

    def routes(self) -> Sequence[Route]:
        control = f"/sandbox/{NAME}"
        return [
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route("/services/oauth2/userinfo", self._user_info),
            Route("/services/data", self._versions),
            Route("/services/data/", self._versions),
            Route(
                "/services/data/{version}/{path:path}", self._data, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]
            ),
            Route("/services/{path:path}", _nothing_there),
            Route(f"{control}/queues", said(lambda body: by_hand.add_queues(self._org, body)), methods=["POST"]),
            Route(f"{control}/expire", said(lambda _: self._org.sessions.clear()), methods=["POST"]),
            Route(f"{control}/settings", said(self._settings), methods=["PUT"]),
            *records.routes(self._org),
        ]

    def fault(self, status: int, retry_after: float | None) -> Response:
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        if status == 503:
            body = "<html><head><title>Service Unavailable</title></head><body>Server Unavailable</body></html>"
            return Response(body, 503, headers, "text/html;charset=UTF-8")
        refused = _FAULTS.get(status) or Refused("UNKNOWN_EXCEPTION", f"HTTP {status}")
        return JSONResponse(refused.body(), status, headers)

    def decorate(self, headers: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002  (HubSpot's need them)
        """What the real edge adds. The call count is not exact: it was seen to go back by one."""
        used = self._org.world.calls.count(NAME) + self._org.world.chance.randint(0, 1)
        return {
            "Sforce-Limit-Info": f"api-usage={used}/{self._org.settings.daily_calls}",
            "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
            "X-Sfdc-Request-Id": f"{self._org.world.chance.getrandbits(128):032x}",
            "Server": "sfdcedge",
        }

    def reset(self) -> None:
        self._queries.forget()
        self._org.begin()

    def add_users(self, users: Sequence[Json]) -> list[str]:
        return by_hand.add_users(self._org, users)

    def add_accounts(self, accounts: Sequence[Json]) -> list[str]:
        return by_hand.add_records(self._org, "Account", accounts)

    def add_leads(self, leads: Sequence[Json]) -> list[str]:
        return by_hand.add_records(self._org, "Lead", leads)

    def add_calls(self, calls: Sequence[Json]) -> list[str]:
        return by_hand.add_calls(self._org, calls)

    def add_emails(self, emails: Sequence[Json]) -> list[str]:
        return by_hand.add_emails(self._org, emails)

    def set_owner(self, lead: str, owner: str) -> None:
        by_hand.set_owner(self._org, lead, owner)

    def convert(self, lead: str) -> None:
        by_hand.convert(self._org, lead)

    def delete(self, lead: str) -> None:
        by_hand.delete(self._org, lead)

    def leads(self) -> list[Json]:
        return by_hand.leads(self._org)

    async def background(self) -> None:
        """Salesforce calls nobody yet."""

    def _settings(self, body: Json) -> Json:
        """What is named changes: page_size, assignment_owner (null: no rule), daily_calls. All of them as they are."""
        for name, value in body.items():
            if name not in ("page_size", "assignment_owner", "daily_calls"):
                raise ValueError(f"there is no setting {name!r}")
            setattr(self._org.settings, name, value)
        settings = self._org.settings
        return {
            "page_size": settings.page_size,
            "assignment_owner": settings.assignment_owner,
            "daily_calls": settings.daily_calls,
        }

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        authorization = request.headers.get("Authorization", "")
        issued = int(time.time() * 1000)
        return _response(sign_in.token(self._org, str(request.base_url).rstrip("/"), form, authorization, issued))

    async def _user_info(self, request: Request) -> Response:
        refusal = self._not_signed_in(request)
        return refusal or _response(sign_in.user_info(self._org))

    async def _versions(self, _: Request) -> Response:
        versions = [
            {"label": f"Version {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in VERSIONS
        ]
        return JSONResponse(versions)

    async def _data(self, request: Request) -> Response:
        raw = await request.body()
        refusal = self._not_signed_in(request)
        if refusal:
            return refusal
        if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > LONGEST_ADDRESS:
            return Response(status_code=414)
        version = request.path_params["version"]
        if not re.fullmatch(r"v\d+\.0", version) or int(version[1:-2]) not in VERSIONS:
            return _response(Answer(404, not_found().body()))
        try:
            body = json.loads(raw) if raw.strip() else None
        except ValueError as wrong:
            return _response(Answer(400, Refused("JSON_PARSER_ERROR", str(wrong)).body()))
        path, params = request.path_params["path"], dict(request.query_params)
        return _response(
            self._endpoints.answer(Call(self._org, version, request.method, path, params, request.headers, body))
        )

    def _not_signed_in(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme in ("Bearer", "OAuth") and token in self._org.sessions:
            return None
        refused = Refused("INVALID_SESSION_ID", "Session expired or invalid")
        return _response(Answer(401, refused.body(), {"WWW-Authenticate": "Token"}))


_FAULTS = {
    401: Refused("INVALID_SESSION_ID", "Session expired or invalid"),
    403: Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    429: Refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    500: Refused(
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567-89 (1234567890)",
    ),
}


async def _nothing_there(_: Request) -> Response:
    return _response(Answer(404, not_found().body()))


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    content: Any = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, answer.status, dict(answer.headers), "application/json;charset=UTF-8")
