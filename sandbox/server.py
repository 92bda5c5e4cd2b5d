"""The process: a port, one line when it is ready, and an end when it is told or left alone."""

import asyncio
import os
import socket
import sys
import threading
from contextlib import suppress
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.surroundings import CLOSE, DROP

KEEP_ALIVE = 75
"""seconds; longer than clients keep an idle connection, so that none is closed under a request"""


class DroppableConnection(H11Protocol):
    """A connection that the application can close before or in the middle of an answer: ASGI has no words for it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = cast(ASGIApp, self.app)

        async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
            async def drop() -> None:
                transport.abort()
                await gone()

            async def close() -> None:
                transport.close()
                await gone()

            async def gone() -> None:
                while (await receive())["type"] != "http.disconnect":  # or uvicorn complains that nobody answered
                    pass

            scope.setdefault("extensions", {}).update({DROP: drop, CLOSE: close})
            await app(scope, receive, send)

        self.app = cast(Any, droppable)


class AnnouncedServer(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for bound in sockets or []:
            host, port = bound.getsockname()[:2]
            sys.stdout.write(f"sandbox ready on http://{host}:{port}\n")
            sys.stdout.flush()


def serve(app: ASGIApp, host: str, port: int, until_stdin_closes: bool) -> None:
    """Serve until SIGTERM, SIGINT or, if asked, the end of stdin. OSError where the port cannot be had."""
    bound = _bound(host, port)
    config = uvicorn.Config(
        app,
        http=DroppableConnection,
        ws="none",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    server = AnnouncedServer(config)
    if until_stdin_closes:
        threading.Thread(target=_end_with_stdin, args=[server], daemon=True).start()
    server.run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only on sockets that name their protocol, and socket.create_server names
    # none: every small answer then waits 40 ms for the client's delayed acknowledgement.
    family, type, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    bound = socket.socket(family, type, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(512)
    except OSError:
        bound.close()
        raise
    return bound


def _end_with_stdin(server: uvicorn.Server) -> None:
    # Read past Python's buffer: at exit the interpreter wants the buffer's lock, which a blocked read would hold.
    with suppress(OSError):  # it may have been closed from the start
        while os.read(0, 1024):
            pass
    server.should_exit = True
