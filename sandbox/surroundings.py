"""What happens around every request to a CRM: its faults, the commit, the log of calls, and business time as `Date`."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.calls import Call, records_in
from sandbox.faults import NOTHING, Asked, Strike
from sandbox.trouble import (
    AnswerTwice,
    AnswerWith,
    ApplyLate,
    CutAfter,
    DropAfterWrite,
    DropBefore,
    Ending,
    ErrorInside,
    Html,
    Status,
    TruncatedJson,
)
from sandbox.world import Dialect, World

DROP = "sandbox.drop"
"""the scope's extension that closes the connection at once; `sandbox.server` puts it there"""
CLOSE = "sandbox.close"
"""the same, after what was sent has left"""

A_PAGE = (
    "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>We are checking your browser.</body></html>"
)
LOOK_AGAIN = 0.02
"""Real seconds between two looks at a business clock that can be set at any time."""


class LateWrites:
    """Requests that are done after their client has been told something else. They end with the sandbox, or a reset."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], datetime | None] = {}

    def add(self, write: Coroutine[None, None, None], due: datetime | None) -> None:
        """Do this; `due` is when it will be (business time; None: it waits for the real clock)."""
        task = asyncio.create_task(write)
        self._tasks[task] = due
        task.add_done_callback(self._tasks.pop)

    async def done_until(self, now: datetime) -> None:
        """Return when those that are due by this business time have been done."""
        if due := [task for task, at in self._tasks.items() if at and at <= now]:
            await asyncio.wait(due)

    def forget(self) -> None:
        """None of those that wait will be done."""
        for task in self._tasks:
            task.cancel()


class Surroundings:
    def __init__(self, app: ASGIApp, world: World, dialects: Mapping[str, Dialect], late: LateWrites) -> None:
        self._app = app
        self._world = world
        self._dialects = dialects
        self._late = late

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        crm = next((crm for crm in self._dialects.values() if scope["path"].startswith(crm.prefixes)), None)
        if crm is None:
            await self._app(scope, receive, self.finished(send, None, scope, NOTHING))
            return
        body = await _whole(receive)
        if body is None:
            return
        at_real, began = time.time(), time.monotonic()
        strike = self._world.faults.strike(Asked(crm.name, scope["method"], scope["path"], body))
        if strike.latency:
            await asyncio.sleep(strike.latency)
        status = await _Exchange(self, crm, scope, body, receive, send, strike).end()
        self._world.calls.add(
            Call(
                crm.name,
                scope["method"],
                scope["path"],
                status,
                at_real,
                time.monotonic() - began,
                records_in(body),
                strike.names,
            )
        )

    async def do(self, scope: Scope, body: bytes, receive: Receive, heard: Send) -> None:
        """The request as the CRM does it, committed before the first word of its answer and at its end."""
        await self._app(scope, _again(body, receive), heard)
        self._world.store.commit()

    def do_late(self, late: ApplyLate, scope: Scope, body: bytes) -> None:
        """Do it when it is time; nobody hears the answer."""
        due = self._world.clock.now() + timedelta(seconds=late.seconds) if late.time == "business" else None
        self._late.add(self._waited(late.seconds, due, scope, body), due)

    async def _waited(self, seconds: float, due: datetime | None, scope: Scope, body: bytes) -> None:
        if due is None:
            await asyncio.sleep(seconds)
        else:
            while self._world.clock.now() < due:
                await asyncio.sleep(LOOK_AGAIN)
        await self.do(scope, body, _gone, _unheard)

    def finished(self, send: Send, crm: Dialect | None, scope: Scope, strike: Strike) -> Send:
        """`send`, with the commit before the first word and with what every answer of this CRM carries."""

        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._world.store.commit()
                headers = MutableHeaders(scope=message)
                now = self._world.clock.now() + timedelta(seconds=strike.skew)
                date = format_datetime(now, usegmt=True) if strike.date is None else strike.date
                if date:
                    headers["Date"] = date
                if crm:
                    headers.update(crm.decorate(Headers(scope=scope)))
            with suppress(OSError):  # the client has gone; what it asked for is done all the same
                await send(message)

        return finished


class _Exchange:
    """One call to a CRM and how it ends."""

    def __init__(
        self,
        around: Surroundings,
        crm: Dialect,
        scope: Scope,
        body: bytes,
        receive: Receive,
        send: Send,
        strike: Strike,
    ) -> None:
        self._around = around
        self._crm = crm
        self._scope = scope
        self._body = body
        self._receive = receive
        self._finished = around.finished(send, crm, scope, strike)
        self._ending: Ending | None = strike.ending

    async def end(self) -> int | None:
        """Answer it, or do to it what a fault wants; the status, or None where the connection was dropped."""
        match self._ending:
            case None:
                return await self._answer()
            case Status(status, retry_after):
                return await self._refuse(status, retry_after)
            case DropBefore():
                await self._drop()
            case DropAfterWrite():
                await self._do(_unheard)
                await self._drop()
            case AnswerTwice():
                await self._do(_unheard)
                return await self._answer()
            case ApplyLate(_, _, status) as late:
                self._around.do_late(late, self._scope, self._body)
                if status is not None:
                    return await self._refuse(status, None)
                await self._drop()
            case CutAfter(count):
                return await self._cut(count)
            case TruncatedJson():
                return await self._truncate()
            case Html(status):
                await HTMLResponse(A_PAGE, status)(self._scope, self._receive, self._finished)
                return status
            case AnswerWith(body):
                response = Response(body, media_type="application/json")
                await response(self._scope, self._receive, self._finished)
                return 200
            case ErrorInside():
                response = self._crm.fault(500, None)
                response.status_code = 200
                await response(self._scope, self._receive, self._finished)
                return 200
        return None

    async def _do(self, heard: Send) -> None:
        await self._around.do(self._scope, self._body, self._receive, heard)

    async def _answer(self) -> int | None:
        statuses: list[int] = []

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await self._finished(message)

        await self._do(heard)
        return statuses[0] if statuses else None

    async def _refuse(self, status: int, retry_after: float | None) -> int:
        await self._crm.fault(status, retry_after)(self._scope, self._receive, self._finished)
        return status

    async def _drop(self) -> None:
        await self._scope["extensions"][DROP]()

    async def _cut(self, count: int) -> int:
        start, body = await self._recorded()
        await self._finished(start)
        if len(body) <= count:
            await self._finished({"type": "http.response.body", "body": body})
        else:
            await self._finished({"type": "http.response.body", "body": body[:count], "more_body": True})
            await self._scope["extensions"][CLOSE]()
        return int(start["status"])

    async def _truncate(self) -> int:
        start, body = await self._recorded()
        half = body[: len(body) // 2]
        MutableHeaders(scope=start)["Content-Length"] = str(len(half))
        await self._finished(start)
        await self._finished({"type": "http.response.body", "body": half})
        return int(start["status"])

    async def _recorded(self) -> tuple[Message, bytes]:
        """The start of the answer and its whole body, sent to nobody yet."""
        messages: list[Message] = []

        async def heard(message: Message) -> None:
            messages.append(message)

        await self._do(heard)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0], body


async def _whole(receive: Receive) -> bytes | None:
    """The request's body, None where the client left before it was all there."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A client that sends this body once more, and then says what the real one says."""
    sent = False

    async def repeated() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return repeated


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def _unheard(_: Message) -> None:
    """The answer that nobody gets."""
