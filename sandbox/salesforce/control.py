"""What only this CRM has under /sandbox/salesforce: an admin's settings, sessions, locks, merges, outbound messages.

POST /queues      [{"name", "objects"?: ["Lead"]}] -> ids
PUT  /settings    {name: value}: see `settings.py` -> all of them
POST /expire      every session ends; {"refresh_token": true}: it is no good any more either
GET  /jwt         {"username", "consumer_key", "private_key"}: signs assertions for the JWT bearer flow
PUT  /jwt         {"public_key"}: the PEM key that assertions are checked with instead
POST /move        {"to"?, "answer"? (420)} -> {"instance"}: sign-ins lead there from now on, sessions are over, and
                  the address that was asked is answered with that status. Without `to` the instance's name is the
                  other one of localhost and 127.0.0.1. A client that rewrites addresses names the one that it
                  was asked for in `X-Orig-Host`.
POST /locks       {"id", "writes"}: so many writes of this record are refused
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control import said
from sandbox.salesforce import by_hand, lives_of_leads, sign_in
from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import INTEGRATION_USER, NAME, Org
from sandbox.salesforce.outbound_messages import OutboundMessages

Json = dict[str, Any]

_OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def routes(org: Org, outbound: OutboundMessages) -> list[Route]:
    def route(method: str, path: str, act: Callable[[Any], Any]) -> Route:
        def acted(body: Any) -> Any:
            org.settle()
            return act(body)

        return Route(f"/sandbox/{NAME}/{path}", said(acted), methods=[method])

    async def move(request: Request) -> Response:
        wish = await request.json() if await request.body() else {}
        try:
            return JSONResponse({"instance": _move(org, request, wish)})
        except ValueError as wrong:
            return JSONResponse({"error": str(wrong)}, 400)

    return [
        route("POST", "queues", lambda body: by_hand.add_queues(org, body)),
        route("PUT", "settings", lambda body: org.settings.change(body)),
        route("POST", "expire", lambda body: _expire(org, body or {})),
        route("GET", "jwt", lambda _: _jwt(org)),
        route("PUT", "jwt", lambda body: _upload(org, body["public_key"])),
        Route(f"/sandbox/{NAME}/move", move, methods=["POST"]),
        route("POST", "change", lambda body: by_hand.change(org, body["id"], body["fields"])),
        route("POST", "merge", lambda body: by_hand.merge(org, body["master"], body["losers"])),
        route("POST", "undelete", lambda body: lives_of_leads.undelete(org, body["id"])),
        route("POST", "outbound", outbound.set_up),
        route("GET", "outbound", lambda _: outbound.tally()),
        route("PUT", "deliveries", lambda body: outbound.habits.change(body)),
        route("POST", "locks", lambda body: _lock(org, body)),
    ]


def asked_host(headers: Mapping[str, str]) -> str:
    """The host that the client meant, whatever address brought it here."""
    return headers.get("x-orig-host") or headers.get("host", "")


def _move(org: Org, request: Request, wish: Mapping[str, Any]) -> str:
    here = request.url
    other = _OTHER_NAME.get(here.hostname or "", "localhost")
    to = wish.get("to") or f"{here.scheme}://{other}:{here.port}"
    old_host = (org.sessions.instance or str(request.base_url)).partition("://")[2].rstrip("/")
    org.sessions.move(old_host, to, int(wish.get("answer", 420)))
    return str(to)


def _expire(org: Org, body: Mapping[str, Any]) -> None:
    org.sessions.end_all()
    if body.get("refresh_token"):
        org.refresh_token = None


def _jwt(org: Org) -> Json:
    from sandbox.salesforce import jwt_bearer  # noqa: PLC0415 - start-up time: see there

    if org.private_key is None:
        org.private_key = jwt_bearer.new_private_key()
        org.certificate = jwt_bearer.certificate_of(org.private_key)
    return {"username": INTEGRATION_USER, "consumer_key": sign_in.KEY, "private_key": org.private_key}


def _upload(org: Org, public_key: str) -> None:
    from sandbox.salesforce import jwt_bearer  # noqa: PLC0415 - start-up time: see there

    jwt_bearer.check_certificate(public_key)
    org.private_key, org.certificate = None, public_key


def _lock(org: Org, body: Mapping[str, Any]) -> None:
    id = read_id(body["id"])
    if id is None or org.find(id) is None:
        raise LookupError(f"there is no record {body['id']} in this Salesforce")
    org.locks.lock(id, int(body["writes"]))
