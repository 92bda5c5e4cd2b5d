"""Where HubSpot takes hold of the HTTP application: paths, sign-in, limits, and the frame of every answer.

One table of calls serves the classic paths (`/crm/v3/objects/contacts`) and the dated ones
(`/crm/objects/2026-09/contacts`).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import said
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.by_hand import ByHand
from sandbox.hubspot.errors import Refusal, invalid_json, not_signed_in, resource_not_found
from sandbox.hubspot.example import EXAMPLE
from sandbox.hubspot.exchange import Answer, Call, Json
from sandbox.hubspot.limits import Limits, ten_secondly
from sandbox.hubspot.objects import Objects
from sandbox.hubspot.owners import Owners
from sandbox.hubspot.portal import PORTAL_ID, Portal
from sandbox.hubspot.properties import PropertyBook
from sandbox.hubspot.search import Index, Search
from sandbox.hubspot.webhooks import Webhooks
from sandbox.world import World

TOKEN = "pat-na1-sandbox"  # noqa: S105  (the sandbox's own, and no secret)
DATES = ("2025-09", "2026-03", "2026-09")

_CLASSIC = re.compile(r"/crm/(?P<version>v\d)/(?P<family>\w+)(?P<rest>/.*)?")
_DATED = re.compile(r"/crm/(?P<family>\w+)/(?P<version>v\d|\d{4}-\d\d)(?P<rest>/.*)?")
_ACCOUNT = re.compile(r"/(?P<family>account-info)/(?P<version>v\d|\d{4}-\d\d)(?P<rest>/.*)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One call: `path` is what follows family and version, with names in braces."""

    method: str
    family: str
    version: str
    path: str
    serve: Callable[[Call], Answer]

    def words(self, family: str, version: str, rest: str) -> Mapping[str, str] | None:
        """The named words of a path that is this one, whatever the method."""
        if family != self.family or (version != self.version and version not in DATES):
            return None
        found = _pattern(self.path).fullmatch(rest)
        return found.groupdict() if found else None


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


class HubSpot(ByHand):
    """The portal as the application sees it. Every state it holds besides the store's is rebuilt by `reset`."""

    name = "hubspot"
    prefixes = ("/crm/", "/account-info/")
    example = EXAMPLE

    def __init__(self, world: World) -> None:
        self._world = world
        self._book = PropertyBook(world)
        self._index = Index()
        self._webhooks = Webhooks(world)
        self._limits = Limits()
        owners = Owners(world.store)
        portal = Portal(world, self._book, owners, (self._index, self._webhooks))
        associations = Associations(portal)
        super().__init__(portal, associations)
        self._table = _table(portal, owners, self._book, associations, self._index)

    def reset(self) -> None:
        self._book.reset()
        self._index.lag_seconds = 0.0
        self._index.start(self._portal)
        self._webhooks.reset()
        self._limits.reset()

    def routes(self) -> Sequence[BaseRoute]:
        control: list[tuple[str, str, Callable[[Any], Any]]] = [
            ("PUT", "search", self._set_search),
            ("PUT", "limits", self._set_limits),
            ("POST", "webhooks/redeliver", lambda _: self._webhooks.redeliver()),
            ("POST", "webhooks", self._webhooks.subscribe),
            ("GET", "webhooks", lambda _: self._webhooks.tally()),
        ]
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            *(Route(f"/sandbox/hubspot/{path}", said(act), methods=[method]) for method, path, act in control),
            *(Route(f"{prefix}{{rest:path}}", self._answer, methods=methods) for prefix in self.prefixes),
        ]

    def decorate(self, headers: Mapping[str, str]) -> Mapping[str, str]:  # noqa: ARG002  (the protocol's)
        return {"Server": "cloudflare"}

    def fault(self, status: int, retry_after: float | None) -> Response:
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        if status in (502, 504):
            return HTMLResponse(f"<html><body><h1>{status}</h1></body></html>", status, headers)
        return self._refused(_FAULTS.get(status, Refusal(status, "internal error")), headers)

    async def background(self) -> None:
        await self._webhooks.deliver()

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        searching = request.url.path.rstrip("/").endswith("/search")
        try:
            answer = self._serve(request, body, searching)
        except Refusal as refusal:
            return self._refused(refusal, self._limits.headers(searching))
        headers = {**self._limits.headers(searching), "X-HubSpot-Correlation-Id": self._correlation_id()}
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        return JSONResponse(answer.body, answer.status, headers)

    def _serve(self, request: Request, body: bytes, searching: bool) -> Answer:
        row, words = self._found(request.method, request.url.path)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise not_signed_in()
        if searching:
            self._limits.search()
        else:
            self._limits.call()
        try:
            parsed = json.loads(body) if body else None
        except ValueError:
            raise invalid_json("it could not be read") from None
        return row.serve(Call(words, request.query_params, parsed, len(body.decode(errors="replace"))))

    def _found(self, method: str, path: str) -> tuple[Row, Mapping[str, str]]:
        asked = _CLASSIC.fullmatch(path) or _DATED.fullmatch(path) or _ACCOUNT.fullmatch(path)
        if asked is None:
            raise resource_not_found()
        rest = (asked["rest"] or "").rstrip("/")
        known = [
            (row, words)
            for row in self._table
            if (words := row.words(asked["family"], asked["version"], rest)) is not None
        ]
        for row, words in known:
            if row.method == method:
                return row, words
        raise Refusal(405, "HTTP 405 Method Not Allowed") if known else resource_not_found()

    def _refused(self, refusal: Refusal, headers: Mapping[str, str]) -> Response:
        correlation_id = self._correlation_id()
        return JSONResponse(
            refusal.body(correlation_id), refusal.status, {**headers, "X-HubSpot-Correlation-Id": correlation_id}
        )

    def _correlation_id(self) -> str:
        return str(UUID(int=self._world.chance.getrandbits(128), version=4))

    def _set_search(self, asked: Json) -> Json:
        self._index.lag_seconds = float(asked["lag_seconds"])
        return {"lag_seconds": self._index.lag_seconds}

    def _set_limits(self, asked: Json) -> Json:
        limits = self._limits
        limits.enforced = bool(asked.get("enforced", limits.enforced))
        limits.searches_per_second = int(asked.get("searches_per_second", limits.searches_per_second))
        limits.per_ten_seconds = int(asked.get("per_ten_seconds", limits.per_ten_seconds))
        return {
            "enforced": limits.enforced,
            "searches_per_second": limits.searches_per_second,
            "per_ten_seconds": limits.per_ten_seconds,
        }


def _table(
    portal: Portal, owners: Owners, book: PropertyBook, associations: Associations, index: Index
) -> tuple[Row, ...]:
    objects, search = Objects(portal, associations), Search(portal, associations, index)
    return (
        Row("GET", "account-info", "v3", "/details", lambda _: Answer(200, _DETAILS)),
        Row("GET", "owners", "v3", "", owners.page),
        Row("GET", "owners", "v3", "/{owner}", owners.one),
        Row("POST", "objects", "v3", "/{kind}/search", search.find),
        Row("POST", "objects", "v3", "/{kind}/merge", objects.merge),
        Row("POST", "objects", "v3", "/{kind}/batch/read", objects.read_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/create", objects.create_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/update", objects.update_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/archive", objects.archive_batch),
        Row("GET", "objects", "v3", "/{kind}", objects.page),
        Row("POST", "objects", "v3", "/{kind}", objects.create),
        Row("GET", "objects", "v3", "/{kind}/{id}", objects.one),
        Row("PATCH", "objects", "v3", "/{kind}/{id}", objects.update),
        Row("DELETE", "objects", "v3", "/{kind}/{id}", objects.archive),
        Row("GET", "objects", "v4", "/{from}/{id}/associations/{to}", associations.of_one),
        Row("PUT", "objects", "v4", "/{from}/{id}/associations/default/{to}/{to_id}", associations.create_default),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/read", associations.read_batch),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/create", associations.create_batch),
        Row("GET", "properties", "v3", "/{kind}/groups", book.groups),
        Row("POST", "properties", "v3", "/{kind}/groups", book.create_group),
        Row("GET", "properties", "v3", "/{kind}/groups/{name}", book.group),
        Row("POST", "properties", "v3", "/{kind}/batch/create", book.create_batch),
        Row("POST", "properties", "v3", "/{kind}/batch/read", book.read_batch),
        Row("GET", "properties", "v3", "/{kind}", book.list),
        Row("POST", "properties", "v3", "/{kind}", book.create),
        Row("GET", "properties", "v3", "/{kind}/{name}", book.one),
    )


_DETAILS = {
    "portalId": PORTAL_ID,
    "accountType": "STANDARD",
    "timeZone": "US/Eastern",
    "companyCurrency": "USD",
    "additionalCurrencies": [],
    "utcOffset": "-04:00",
    "utcOffsetMilliseconds": -14400000,
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}

_FAULTS = {
    401: Refusal(401, "The OAuth token used to make this call expired 12 second(s) ago.", "EXPIRED_AUTHENTICATION"),
    403: Refusal(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": ["crm.objects.contacts.read"]},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    ),
    423: Refusal(423, "This resource is locked; try again in a moment."),
    429: ten_secondly(),
    477: Refusal(477, "This account is being migrated; try again later."),
}
