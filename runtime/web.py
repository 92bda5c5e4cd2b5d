"""python -m runtime.web: HubSpot's webhooks, and two answers for whoever looks after the process. Nothing else.

A delivery is checked, its events are committed to the ledger, and only then is it answered: HubSpot sends what was not
answered with 2xx again.
"""

import errno
import socket
import sys

import structlog
import uvicorn
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.base import ConnectorError
from connectors.hubspot import webhooks
from ledger import playbooks
from runtime.clocks import machine_now
from runtime.ingest import store
from runtime.process import run
from runtime.settings import Settings, SettingsError
from runtime.wiring import Process, open_process

LARGEST_BODY = 1 << 20
"""HubSpot puts at most 100 events into a delivery, about 350 bytes each."""

BEAT_MISSING_AFTER = 60.0
"""Seconds after which a beat that has not been heard of counts as gone; it ticks every two."""


class Web:
    """The three answers. Handlers that touch the ledger run in a thread: the event loop only moves bytes."""

    def __init__(self, process: Process, settings: Settings) -> None:
        self._process, self._services, self._settings = process, process.services, settings

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/hubspot/webhook", self.hubspot, methods=["POST"]),
                Route("/healthz", self.healthz, methods=["GET"]),
                Route("/readyz", self.readyz, methods=["GET"]),
            ]
        )

    async def hubspot(self, request: Request) -> Response:
        """204 when the delivery's events are in the ledger; 401, and not a word more, when it is not HubSpot's."""
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        return await run_in_threadpool(self._take, request, body)

    def _take(self, request: Request, body: bytes) -> Response:
        log = self._services.log
        mapping = self._services.playbook().crms.get("hubspot")
        if mapping is None:
            return Response(status_code=404)
        secret = self._settings.credentials("hubspot").extra.get("client_secret")
        if not secret:
            log.error("webhooks are refused: HUBSPOT_CLIENT_SECRET is not set")
            return Response(status_code=401)
        wrong = webhooks.verify(secret, request.method, self._address(request), body, request.headers, machine_now())
        if wrong:
            log.warning("webhook refused", why=wrong)
            return Response(status_code=401)
        try:
            seen = webhooks.seen(body, self._services.crms["hubspot"].account, mapping.object)
        except ConnectorError as problem:
            log.warning("webhook put off: HubSpot must be signed in to first", problem=str(problem))
            return Response(status_code=503, headers={"Retry-After": "30"})
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            log.error("webhook is signed, but cannot be read", problem=repr(problem))
            return Response(status_code=400)
        new = store(self._services, "hubspot", seen)
        log.info("webhook", events=len(seen), new=new)
        return Response(status_code=204)

    def _address(self, request: Request) -> str:
        """What HubSpot called, and signed. A proxy changes what arrives, so the public address is configuration."""
        if self._settings.public_url is None:
            return str(request.url)
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{self._settings.public_url.rstrip('/')}{request.url.path}{query}"

    async def healthz(self, _: Request) -> Response:
        """200 as long as this process answers."""
        return JSONResponse({"alive": True})

    async def readyz(self, _: Request) -> Response:
        """200 when work gets done: the ledger and the broker answer, and beat's ticks reach a worker. Else 503."""
        ready = await run_in_threadpool(self._ready)
        return JSONResponse(ready, status_code=200 if all(ready.values()) else 503)

    def _ready(self) -> dict[str, bool]:
        try:
            with self._services.ledger.reading() as tx:
                ledger = playbooks.active(tx) is not None
        except SQLAlchemyError:
            ledger = False
        try:
            last = self._process.wakes.last_beat() if self._process.wakes else None
            broker = self._process.wakes is not None
        except RedisError:
            last, broker = None, False
        beat = last is not None and machine_now().timestamp() - last < BEAT_MISSING_AFTER
        return {"ledger": ledger, "broker": broker, "beat": beat}


async def _body(request: Request) -> bytes | None:
    """The whole body, None where it is too large; no more than that is ever held."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return body


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; SettingsError with the way out where the port is taken."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as problem:
        bound.close()
        if problem.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"port {port} is in use by another program: end it, or choose another with --port or FAIRLEAD_PORT"
            ) from problem
        raise SettingsError(
            f"cannot listen on {host}:{port} ({problem.strerror}): choose others with FAIRLEAD_HOST and FAIRLEAD_PORT"
        ) from problem
    return bound


def main(settings: Settings) -> None:
    """Answer until SIGTERM, then finish the requests in hand."""
    bound = listen(settings.host, settings.port)
    process = open_process(settings, activate=False)
    config = uvicorn.Config(
        Web(process, settings).application(),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    structlog.get_logger("fairlead").info("web listens", port=bound.getsockname()[1])
    uvicorn.Server(config).run(sockets=[bound])
    process.close()


if __name__ == "__main__":
    sys.exit(run("web", main))
