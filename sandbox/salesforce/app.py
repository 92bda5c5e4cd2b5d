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

from sandbox.salesforce import (
    batch,
    by_hand,
    composite,
    control,
    external_ids,
    limits,
    records,
    sign_in,
    sobject_collections,
    sobjects,
    tooling,
)
from sandbox.salesforce.api import Answer, Call, Csv, Endpoints
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.org import NAME, Org
from sandbox.salesforce.outbound_messages import OutboundMessages
from sandbox.salesforce.queries import Queries
from sandbox.world import Json, World

LONGEST_ADDRESS = 16_384
VERSIONS = range(31, 67)


class SalesforceDialect:
    name = NAME
    prefixes: tuple[str, ...] = ("/services/",)

    def __init__(self, world: World) -> None:
        self._org = Org(world)
        self._outbound = self._org.watcher = OutboundMessages(self._org)
        self._endpoints = Endpoints()
        self._queries = Queries()
        self._queries.add_to(self._endpoints)
        self._bulk = Bulk()
        self._bulk.add_to(self._endpoints)
        for part in (sobjects, external_ids, sobject_collections, composite, batch, tooling, limits):
            part.add_to(self._endpoints)

    def routes(self) -> Sequence[Route]:
        return [
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route("/services/oauth2/revoke", self._revoke, methods=["POST"]),
            Route("/services/oauth2/userinfo", self._user_info),
            Route("/services/data", self._versions),
            Route("/services/data/", self._versions),
            Route(
                "/services/data/{version}/{path:path}", self._data, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]
            ),
            Route("/services/{path:path}", _nothing_there),
            *control.routes(self._org, self._outbound),
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
        """What the real edge adds."""
        return {
            "Sforce-Limit-Info": limits.limit_info(self._org),
            "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
            "X-Sfdc-Request-Id": f"{self._org.world.chance.getrandbits(128):032x}",
            "Server": "sfdcedge",
        }

    def reset(self) -> None:
        self._queries.forget()
        self._bulk.forget()
        self._org.begin()
        self._outbound.reset()

    def add_users(self, users: Sequence[Json]) -> list[str]:
        return by_hand.add_users(self._settled, users)

    def add_accounts(self, accounts: Sequence[Json]) -> list[str]:
        return by_hand.add_records(self._settled, "Account", accounts)

    def add_leads(self, leads: Sequence[Json]) -> list[str]:
        return by_hand.add_records(self._settled, "Lead", leads)

    def add_calls(self, calls: Sequence[Json]) -> list[str]:
        return by_hand.add_calls(self._settled, calls)

    def add_emails(self, emails: Sequence[Json]) -> list[str]:
        return by_hand.add_emails(self._settled, emails)

    def set_owner(self, lead: str, owner: str) -> None:
        by_hand.set_owner(self._settled, lead, owner)

    def set_fields(self, lead: str, fields: Mapping[str, Any]) -> None:
        by_hand.change(self._settled, lead, fields)

    def convert(self, lead: str) -> None:
        by_hand.convert(self._settled, lead)

    def delete(self, lead: str) -> None:
        by_hand.delete(self._settled, lead)

    def leads(self) -> list[Json]:
        return by_hand.leads(self._settled)

    async def background(self) -> None:
        await self._outbound.deliver()

    @property
    def _settled(self) -> Org:
        """The org with everything that is committed by now."""
        self._org.settle()
        return self._org

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        authorization = request.headers.get("Authorization", "")
        base_url = str(request.base_url).rstrip("/")
        return _response(sign_in.token(self._settled, base_url, form, authorization, time.time()))

    async def _revoke(self, request: Request) -> Response:
        return _response(sign_in.revoked(self._org, await _form(request)))

    async def _user_info(self, request: Request) -> Response:
        return self._turned_away(request) or _response(sign_in.user_info(self._org))

    async def _versions(self, _: Request) -> Response:
        versions = [
            {"label": f"Version {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in VERSIONS
        ]
        return JSONResponse(versions)

    async def _data(self, request: Request) -> Response:
        raw = await request.body()
        refusal = self._turned_away(request)
        if refusal:
            return refusal
        if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > LONGEST_ADDRESS:
            return Response(status_code=414)
        version = request.path_params["version"]
        if not re.fullmatch(r"v\d+\.0", version) or int(version[1:-2]) not in VERSIONS:
            return _response(Answer(404, not_found().body()))
        try:
            body = _body(raw, request.headers.get("Content-Type", ""))
        except ValueError as wrong:
            return _response(Answer(400, Refused("JSON_PARSER_ERROR", str(wrong)).body()))
        path, params = request.path_params["path"], dict(request.query_params)
        return _response(
            self._endpoints.answer(Call(self._settled, version, request.method, path, params, request.headers, body))
        )

    def _turned_away(self, request: Request) -> Response | None:
        """Why the request gets no further than the edge: the org lives elsewhere, nobody signed in, too many calls."""
        org = self._org
        if org.sessions.has_left(control.asked_host(request.headers)):
            return Response(_NO_ROUTE, org.sessions.moved_answer, media_type="text/html;charset=UTF-8")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme not in ("Bearer", "OAuth") or not org.sessions.use(token, org.settings):
            if org.settings.html_when_expired:
                return Response(_SIGN_IN_PAGE, 401, media_type="text/html;charset=UTF-8")
            refused = Refused("INVALID_SESSION_ID", "Session expired or invalid")
            return _response(Answer(401, refused.body(), {"WWW-Authenticate": "Token"}))
        over = limits.refusal(org)
        return _response(Answer(over.status, over.body())) if over else None


_NO_ROUTE = "<html><head><title>Instance unreachable</title></head><body>No route to the instance</body></html>"
_SIGN_IN_PAGE = "<html><head><title>Login</title></head><body>Please log in</body></html>"

_FAULTS = {
    401: Refused("INVALID_SESSION_ID", "Session expired or invalid"),
    403: Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    429: Refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    500: Refused(
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567-89 (1234567890)",
    ),
}


def _body(raw: bytes, content_type: str) -> Any:
    if content_type.lower().startswith("text/csv"):
        return Csv(raw.decode())
    return json.loads(raw) if raw.strip() else None


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


async def _nothing_there(_: Request) -> Response:
    return _response(Answer(404, not_found().body()))


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    if isinstance(answer.body, Csv):
        return Response(answer.body, answer.status, dict(answer.headers), "text/csv")
    content: Any = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, answer.status, dict(answer.headers), "application/json;charset=UTF-8")
