"""python -m runtime.web: what CRMs send us, and two answers for whoever looks after the process. Nothing else.

A delivery is checked, its events are committed to the ledger, and only then is it answered: a CRM sends what was
not answered with 2xx again.
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

from connectors.base import ConnectorError, Delivery, NotGenuine, NotReadable, Refused
from connectors.registry import CRMS
from ledger import playbooks
from runtime.clocks import machine_now
from runtime.ingest import store
from runtime.process import run
from runtime.settings import Settings, SettingsError
from runtime.wiring import Process, open_process

BEAT_MISSING_AFTER = 60.0
"""Seconds after which a beat that has not been heard of counts as gone; it ticks every two."""


WAITING_CONNECTIONS = 2048


class Web:
    """The three answers. Handlers that touch the ledger run in a thread: the event loop only moves bytes."""

    def __init__(self, process: Process, settings: Settings) -> None:
        self._process, self._services, self._settings = process, process.services, settings

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/{crm}/webhook", self.webhook, methods=["POST"]),
                Route("/{crm}/webhook/{secret}", self.webhook, methods=["POST"]),
                Route("/healthz", self.healthz, methods=["GET"]),
                Route("/readyz", self.readyz, methods=["GET"]),
            ]
        )

    async def webhook(self, request: Request) -> Response:
        """2xx when the delivery's events are in the ledger; 401, and not a word more, when it is not the CRM's."""
        connector = CRMS.get(request.path_params["crm"])
        if connector is None:
            return Response(status_code=404)
        body = await _body(request, connector.largest_delivery)
        if body is None:
            return Response(status_code=413)
        return await run_in_threadpool(self._take, request, body)

    def _take(self, request: Request, body: bytes) -> Response:
        log, crm = self._services.log.bind(crm=request.path_params["crm"]), request.path_params["crm"]
        mapping = self._services.playbook().crms.get(crm)
        if mapping is None:
            return Response(status_code=404)
        delivery = Delivery(
            request.method, self._address(request), request.path_params.get("secret", ""), request.headers, body
        )
        try:
            account = self._services.crms[crm].account
            heard = CRMS[crm].hear(delivery, self._settings.credentials(crm), mapping, account, machine_now())
        except Refused as problem:
            log.error("webhooks are refused", problem=str(problem))
            return Response(status_code=401)
        except NotGenuine as problem:
            log.warning("webhook refused", why=str(problem))
            return Response(status_code=401)
        except NotReadable as problem:
            log.error("webhook is genuine, but cannot be read", problem=str(problem))
            return Response(status_code=400)
        except ConnectorError as problem:
            log.warning("webhook put off: the CRM must be signed in to first", problem=str(problem))
            return Response(status_code=503, headers={"Retry-After": "30"})
        new = store(self._services, crm, heard.seen)
        log.info("webhook", events=len(heard.seen), new=new)
        return Response(heard.reply, 200 if heard.reply else 204, media_type=heard.media_type)

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


async def _body(request: Request, largest: int) -> bytes | None:
    """The whole body, None where it is too large; no more than that is ever held."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return body


def listen(host: str, port: int) -> socket.socket:
    """A socket on which connections wait from now on; SettingsError with the way out where the port is taken."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # Not left to the server: until it is up, a delivery would be refused and come back much later.
        bound.listen(WAITING_CONNECTIONS)
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
