"""The HTTP application: every CRM's API, the control API and Slack's hook on one port.

Where a CRM plugs in: its package `sandbox/<name>/` has a function `dialect(world: World) -> Dialect` (the protocol in
`sandbox/world.py`), and DIALECTS below names it. A dialect

* lists its API's path prefixes and routes. Handlers are `async def` and do their work without awaiting anything but
  the request's body, so that each request is one step for all others;
* keeps its records in `world.store` under its own name: `store.add("hubspot", "contacts", id, fields, at)`,
  `store.change(record, fields, at, owner=OwnerChange(…))`, `store.where(…)` through an index. The commit, once per
  request and before the answer, is done here;
* reads time from `world.clock` (business time) only, and real time only for limits, signatures and `…_real` values;
* does not look at faults, the call log or the `Date` header: that is done here, around it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox import control, hubspot, rest, salesforce, slack
from sandbox.calls import Call
from sandbox.world import Dialect, DialectMaker, World

DIALECTS: dict[str, DialectMaker] = {"salesforce": salesforce.dialect, "hubspot": hubspot.dialect, "rest": rest.dialect}

DROP = "sandbox.drop"
"""the scope's extension that closes the connection without an answer; `sandbox.server` puts it there"""


def application(world: World) -> ASGIApp:
    """The sandbox as an ASGI application."""
    dialects = {name: make(world) for name, make in DIALECTS.items()}

    def reset() -> None:
        world.store.clear()
        world.faults.clear()
        world.calls.clear()
        world.slack.clear()
        for dialect in dialects.values():
            dialect.reset()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        beside = [asyncio.create_task(dialect.background()) for dialect in dialects.values()]
        yield
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    for dialect in dialects.values():
        dialect.reset()
    world.store.commit()
    routes = [
        *control.routes(world, dialects, reset),
        *slack.routes(world),
        *(route for dialect in dialects.values() for route in dialect.routes()),
    ]
    return Surroundings(Starlette(routes=routes, lifespan=lifespan), world, dialects)


class Surroundings:
    """What happens around every request: faults, the commit, the call log, and business time as `Date`."""

    def __init__(self, app: ASGIApp, world: World, dialects: Mapping[str, Dialect]) -> None:
        self._app = app
        self._world = world
        self._dialects = dialects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        crm = next((crm for crm in self._dialects.values() if scope["path"].startswith(crm.prefixes)), None)
        if crm is None:
            await self._app(scope, receive, self._finished(send, None, scope))
            return
        status = await self._call(crm, scope, receive, send)
        self._world.calls.add(Call(crm.name, scope["method"], scope["path"], status, time.time()))

    async def _call(self, crm: Dialect, scope: Scope, receive: Receive, send: Send) -> int | None:
        """Answer it, or do to it what a fault wants; the status, or None where the connection was dropped."""
        trouble = self._world.faults.strike(crm.name, scope["method"], scope["path"])
        if trouble.latency:
            await asyncio.sleep(trouble.latency)
        if trouble.drop_before:
            await scope["extensions"][DROP]()
            return None
        if trouble.drop_after_write:
            await self._app(scope, receive, _unheard)
            self._world.store.commit()
            await scope["extensions"][DROP]()
            return None
        finished = self._finished(send, crm, scope)
        if trouble.status is not None:
            await crm.fault(trouble.status, trouble.retry_after)(scope, receive, finished)
            return trouble.status
        statuses: list[int] = []

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await finished(message)

        await self._app(scope, receive, heard)
        return statuses[0] if statuses else None

    def _finished(self, send: Send, crm: Dialect | None, scope: Scope) -> Send:
        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._world.store.commit()
                headers = MutableHeaders(scope=message)
                headers["Date"] = format_datetime(self._world.clock.now(), usegmt=True)
                if crm:
                    headers.update(crm.decorate(Headers(scope=scope)))
            with suppress(OSError):  # the client has gone; what it asked for is done all the same
                await send(message)

        return finished


async def _unheard(_: Message) -> None:
    """The answer that nobody gets."""
