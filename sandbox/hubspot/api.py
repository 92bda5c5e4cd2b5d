"""Where HubSpot takes hold of the HTTP application: sign-in, limits, and the frame of every answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.control import said
from sandbox.hubspot import table
from sandbox.hubspot.account import TIME_ZONE, Account
from sandbox.hubspot.association_calls import AssociationCalls
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.by_hand import ByHand
from sandbox.hubspot.errors import Refusal, invalid_json, resource_not_found
from sandbox.hubspot.exchange import Answer, Call, Json
from sandbox.hubspot.kinds import kind_called
from sandbox.hubspot.limits import Limits, ten_secondly
from sandbox.hubspot.lists import Lists
from sandbox.hubspot.objects import Objects
from sandbox.hubspot.owners import Owners
from sandbox.hubspot.paths import Row, found, taken_apart
from sandbox.hubspot.portal import PORTAL_ID, Portal
from sandbox.hubspot.properties import PropertyBook
from sandbox.hubspot.scopes import missing_scopes, needed, refuse_without, without_mail
from sandbox.hubspot.search import Index, Search
from sandbox.hubspot.sign_in import SignIn
from sandbox.hubspot.webhook_settings import WebhookSettings
from sandbox.hubspot.webhooks import Webhooks
from sandbox.world import World


class HubSpot(ByHand):
    """The portal as the application sees it. Every state it holds besides the store's is rebuilt by `reset`."""

    name = "hubspot"
    prefixes = ("/crm/", "/account-info/", "/settings/", "/oauth/", "/webhooks/", "/app-webhooks/")

    def __init__(self, world: World) -> None:
        self._world = world
        self._book = PropertyBook(world)
        self._index = Index()
        self._webhooks = Webhooks(world)
        self._webhook_settings = WebhookSettings(world, self._webhooks)
        self._limits = Limits(world.clock, TIME_ZONE)
        self._account = Account(self._limits)
        self._sign_in = SignIn(world.chance, PORTAL_ID)
        self._classic = not world.hubspot_2027
        owners = Owners(world.store)
        portal = Portal(world, self._book, owners, (self._index, self._webhooks))
        associations = Associations(portal)
        super().__init__(portal, associations)
        self._table: tuple[Row, ...] = (
            *table.of_objects(Objects(portal, associations), Search(portal, associations, self._index)),
            *table.of_associations(AssociationCalls(portal, associations)),
            *table.of_properties(self._book),
            *table.of_lists(Lists(portal)),
            *table.of_webhooks(self._webhook_settings),
            *table.of_the_account(self._account, self._sign_in, owners),
        )

    def reset(self) -> None:
        self._book.reset()
        self._index.lag_seconds = 0.0
        self._index.start(self._portal)
        self._webhooks.reset()
        self._webhook_settings.reset()
        self._limits.reset()
        self._account.reset()
        self._sign_in.reset()
        self._classic = not self._world.hubspot_2027
        self._portal.rules, self._portal.unreadable = {}, {}

    def routes(self) -> Sequence[BaseRoute]:
        """The API; and knobs of this CRM alone, under /sandbox/hubspot:

        PUT  /search             {"lag_seconds"}: how far the index is behind
        PUT  /limits             {"enforced"?, "tier"?, "per_ten_seconds"?, "per_day"?, "searches_per_second"?}
        PUT  /paths              {"classic"}: false turns v1 to v4 off, as in 2027
        PUT  /account            {"sales_hub"}: false is a portal without leads
        PUT  /validation         {"contacts": ["lastname"]}: what an admin demands of writes by paths of 2026-09
        PUT  /unreadable         {"records"?, "associations"?}: ids that batch reads cannot show
        POST /properties         [{"name", "label", "kind"?}] -> the names of the text fields that were not there yet
        POST /keys               {"token"?, "scopes"?} -> the key
        PUT  /oauth              {"seconds"?, "rotate"?, "scopes"?} for tokens from now on
        POST /expire             every access token ends
        POST /revoke             {"token"}: a key, an access token or a refresh token
        POST /records            [{"kind", "properties", "contact"?, "company"?, "source"?}] -> ids
        PUT  /records            {"kind", "id", "properties", "source"?}: somebody changes one
        POST /imports            [contact properties] -> ids, with IMPORT as their source
        POST /merge              {"primary", "other", "kind"?} -> {"id"}; /restore and /purge {"lead"}
        POST /deactivate         {"owner"}: the person has left
        POST /teams              [{"name", "members": owner ids, "secondary"?}] -> ids
        POST /webhooks           {"url", "secret", "subscriptions"?}; GET counts the events
        PUT  /deliveries         {"duplicates"? (0 to 1), "reorder"?, "retry_seconds"?}: how webhooks behave
        POST /webhooks/redeliver the last batch once more
        """
        control: list[tuple[str, str, Callable[[Any], Any]]] = [
            ("PUT", "search", self._set_search),
            ("PUT", "limits", self._limits.set),
            ("PUT", "paths", self._set_paths),
            ("PUT", "account", self._account.set),
            ("PUT", "validation", self._set_rules),
            ("PUT", "unreadable", self._set_unreadable),
            ("POST", "properties", self._book.grow),
            ("POST", "keys", self._sign_in.set_key),
            ("PUT", "oauth", self._sign_in.set_oauth),
            ("POST", "expire", self._sign_in.expire),
            ("POST", "revoke", self._sign_in.revoke),
            ("POST", "records", self.add_records),
            ("PUT", "records", self.change_record),
            ("POST", "imports", self.import_leads),
            ("POST", "merge", lambda asked: {"id": self.merge(asked)}),
            ("POST", "restore", lambda asked: self.restore(asked["lead"])),
            ("POST", "purge", lambda asked: self.purge(asked["lead"])),
            ("POST", "deactivate", lambda asked: self.deactivate(asked["owner"])),
            ("POST", "teams", self._add_teams),
            ("PUT", "deliveries", self._webhooks.set_manners),
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
        headers: dict[str, str] = {}
        try:
            answer = self._serve(request, body, headers)
        except Refusal as refusal:
            return self._refused(refusal, headers)
        headers["X-HubSpot-Correlation-Id"] = self._correlation_id()
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        return JSONResponse(answer.body, answer.status, headers)

    def _serve(self, request: Request, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer, or a Refusal. What the limits tell is put into `headers`, as soon as it is known who calls."""
        asked = taken_apart(request.url.path)
        if asked.classic and not self._classic:
            raise resource_not_found()
        row, words = found(self._table, request.method, asked)
        content_type = request.headers.get("Content-Type", "")
        call = Call(words, request.query_params, None, body.decode(errors="replace"), content_type, asked.version)
        if row.open:
            return row.serve(_parsed(call))
        token = self._sign_in.bearer(request.headers.get("Authorization"))
        searching = asked.rest.endswith("/search") and asked.family == "objects"
        try:
            self._limits.count(token, searching)
        finally:
            headers.update(self._limits.headers(token, searching))
        refuse_without(token.scopes, needed(asked.family, request.method, asked.rest, words))
        self._account.refuse_unbought(words)
        return without_mail(row.serve(_parsed(call)), token.scopes, words)

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

    def _set_rules(self, asked: Json) -> Json:
        self._portal.rules = {kind_called(alias).plural: list(names) for alias, names in asked.items()}
        return self._portal.rules

    def _set_unreadable(self, asked: Json) -> Json:
        self._portal.unreadable = {what: frozenset(asked.get(what, ())) for what in ("records", "associations")}
        return {what: sorted(ids) for what, ids in self._portal.unreadable.items()}

    def _add_teams(self, teams: Sequence[Json]) -> list[str]:
        return [self._portal.owners.add_team(team, self._world.clock.now()) for team in teams]

    def _set_paths(self, asked: Json) -> Json:
        self._classic = bool(asked["classic"])
        return {"classic": self._classic}


def _parsed(call: Call) -> Call:
    """With the body as JSON, where it is not a form. Refusal 400 for what cannot be read."""
    if not call.text or call.content_type.startswith("application/x-www-form-urlencoded"):
        return call
    try:
        return replace(call, body=json.loads(call.text))
    except ValueError:
        raise invalid_json("it could not be read") from None


_FAULTS = {
    401: Refusal(401, "The OAuth token used to make this call expired 12 second(s) ago.", "EXPIRED_AUTHENTICATION"),
    403: missing_scopes(["crm.objects.contacts.read"]),
    423: Refusal(423, "This resource is locked; try again in a moment."),
    429: ten_secondly(),
    477: Refusal(477, "This account is being migrated; try again later."),
}
