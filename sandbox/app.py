"""The HTTP application: every CRM's API, the control API and Slack's hook on one port.

Where a CRM plugs in: its package `sandbox/<name>/` has a function `dialect(world: World) -> Dialect` (the protocol in
`sandbox/world.py`), and DIALECTS below names it. A dialect

* lists its API's path prefixes and routes. Handlers are `async def` and do their work without awaiting anything but
  the request's body, so that each request is one step for all others;
* keeps its records in `world.store` under its own name: `store.add("hubspot", "contacts", id, fields, at)`,
  `store.change(record, fields, at, owner=OwnerChange(…))`, `store.where(…)` through an index. The commit, once per
  request and before the answer, is done around it;
* reads time from `world.clock` (business time) only, and real time only for limits, signatures and `…_real` values;
* does not look at faults, the call log or the `Date` header: that is done around it, in `sandbox/surroundings.py`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.types import ASGIApp

from sandbox import control, hubspot, rest, salesforce, slack
from sandbox.surroundings import LateWrites, Surroundings
from sandbox.world import DialectMaker, World

DIALECTS: dict[str, DialectMaker] = {"salesforce": salesforce.dialect, "hubspot": hubspot.dialect, "rest": rest.dialect}


def application(world: World) -> ASGIApp:
    """The sandbox as an ASGI application."""
    dialects = {name: make(world) for name, make in DIALECTS.items()}
    late = LateWrites()

    def reset() -> None:
        late.forget()
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
        late.forget()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    for dialect in dialects.values():
        dialect.reset()
    world.store.commit()
    routes = [
        *control.routes(world, dialects, reset, late.done_until),
        *slack.routes(world),
        *(route for dialect in dialects.values() for route in dialect.routes()),
    ]
    return Surroundings(Starlette(routes=routes, lifespan=lifespan), world, dialects, late)
