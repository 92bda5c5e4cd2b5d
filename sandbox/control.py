"""The control API under /sandbox: tests and the demo act as people in the CRM, break things, and look what happened.

Everything is JSON. `crm` is salesforce or hubspot; what only one of them has is in its own package.

    GET    /health               {"ready": true}
    GET    /clock                {"now", "speed"}: business time, and business seconds per real second
    PUT    /clock                {"now"?, "speed"?}; answered when what was due until then has been done
    POST   /reset                all is empty and ids start again; the clock goes on and sessions stay good
    POST   /faults               {"crm"?, "method"?, "path"? and "body"? (a part of it), "skip"?, "every"?, "times"?,
                                  "probability"?, "after_seconds"?, "for_seconds"?, "do": …} -> {"id"}
    POST   /faults/storm         all rules of that name in sandbox/storms.py -> {"ids"}
    DELETE /faults
    GET    /calls                {"salesforce": n, "hubspot": n, "counts": by method and path pattern, "log": the last
                                  ten thousand}; ?crm=, ?path= (a part) and ?since= (epoch seconds, for the log) narrow
                                  counts and log; DELETE starts again
    GET    /slack                what came to /slack/hook/…: [{"text", "at_real"}]
    POST   /{crm}/users          [{"email", "name", "active"?}] -> ids
    POST   /{crm}/accounts       [native fields] -> ids; /{crm}/leads alike
    POST   /{crm}/calls          [{"lead", "owner", "seconds", "note"?, "at"?, "logged_at"?, "dialer"?: a program logs
                                  it in the owner's name}] -> ids; /{crm}/emails, too, but by a person
    POST   /{crm}/owner          {"lead", "owner"}: a person changes it by hand
    POST   /{crm}/fields         {"lead", "fields"}: a person changes these native fields
    POST   /{crm}/convert        {"lead"}; /{crm}/delete alike
    GET    /{crm}/leads          [native fields, "id", "owner", "created_real",
                                  "owner_changes": [{"at", "owner", "by": "api" or "person"}],
                                  "owner_written_real": when the API first gave it to a user]
    POST   /salesforce/queues    [{"name", "objects"?: ["Lead"]}] -> ids
    POST   /salesforce/expire    every session ends
    PUT    /salesforce/settings  {"page_size"?, "assignment_owner"?, "daily_calls"?}
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.clock import instant
from sandbox.world import Dialect, Json, World

Answer = Callable[[Request], Awaitable[Response]]


def said(act: Callable[[Any], Any]) -> Answer:
    """An endpoint around `act`, which takes the request's JSON body (None without one) and returns JSON or None (204).

    LookupError is answered with 404, ValueError and a body of the wrong shape with 400, both with the reason.
    """

    async def endpoint(request: Request) -> Response:
        try:
            result = act(await request.json() if await request.body() else None)
        except LookupError as missing:
            return JSONResponse({"error": str(missing.args[0] if missing.args else missing)}, 404)
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        return Response(status_code=204) if result is None else JSONResponse(result)

    return endpoint


def routes(
    world: World,
    dialects: Mapping[str, Dialect],
    reset: Callable[[], None],
    done_until: Callable[[datetime], Awaitable[None]],
) -> list[Route]:
    """Health, clock, reset, faults and calls; and for each CRM what people do in it by hand. Whoever sets the clock is
    answered when whatever was to happen until then has been done (`done_until`)."""
    plain = [
        ("GET", "health", lambda _: {"ready": True}),
        ("GET", "clock", lambda _: _clock(world)),
        ("POST", "reset", lambda _: reset()),
        ("POST", "faults", lambda body: {"id": world.faults.add(body)}),
        ("DELETE", "faults", lambda _: world.faults.clear()),
        ("DELETE", "calls", lambda _: world.calls.clear()),
    ]
    return [
        *(Route(f"/sandbox/{path}", said(act), methods=[method]) for method, path, act in plain),
        Route("/sandbox/clock", _clock_setting(world, done_until), methods=["PUT"]),
        Route("/sandbox/faults/{name}", _storms(world), methods=["POST"]),
        Route("/sandbox/calls", _calls(world.calls, list(dialects)), methods=["GET"]),
        *(route for name, crm in dialects.items() for route in _by_hand(f"/sandbox/{name}", crm)),
    ]


def _by_hand(prefix: str, crm: Dialect) -> list[Route]:
    acts: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("POST", "users", crm.add_users),
        ("POST", "accounts", crm.add_accounts),
        ("POST", "leads", crm.add_leads),
        ("POST", "calls", crm.add_calls),
        ("POST", "emails", crm.add_emails),
        ("POST", "owner", lambda body: crm.set_owner(body["lead"], body["owner"])),
        ("POST", "fields", lambda body: crm.set_fields(body["lead"], body["fields"])),
        ("POST", "convert", lambda body: crm.convert(body["lead"])),
        ("POST", "delete", lambda body: crm.delete(body["lead"])),
        ("GET", "leads", lambda _: crm.leads()),
    ]
    return [Route(f"{prefix}/{path}", said(act), methods=[method]) for method, path, act in acts]


def _clock_setting(world: World, done_until: Callable[[datetime], Awaitable[None]]) -> Answer:
    async def endpoint(request: Request) -> Response:
        answer = await said(lambda body: _set_clock(world, body))(request)
        await done_until(world.clock.now())
        return answer

    return endpoint


def _storms(world: World) -> Answer:
    async def endpoint(request: Request) -> Response:
        return await said(lambda _: {"ids": world.faults.begin(request.path_params["name"])})(request)

    return endpoint


def _calls(calls: CallLog, crms: list[str]) -> Answer:
    async def endpoint(request: Request) -> Response:
        return await said(lambda _: _counted(calls, crms, request.query_params))(request)

    return endpoint


def _counted(calls: CallLog, crms: list[str], asked: Mapping[str, str]) -> Json:
    if unknown := sorted(set(asked) - {"crm", "path", "since"}):
        raise ValueError(f"calls are asked for by crm, path and since; not {unknown}")
    crm, path = asked.get("crm", ""), asked.get("path", "")
    log = calls.log(crm, path, float(asked.get("since", 0)))
    return {**{name: calls.count(name) for name in crms}, "counts": calls.counts(crm, path), "log": log}


def _clock(world: World) -> Json:
    return {"now": world.clock.now().isoformat(), "speed": world.clock.speed}


def _set_clock(world: World, body: Json) -> Json:
    now = instant(body["now"]) if "now" in body else world.clock.now()
    world.clock.set(now, float(body.get("speed", world.clock.speed)))
    return _clock(world)
