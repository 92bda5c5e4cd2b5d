"""python -m runtime.web: what CRMs send us, and two answers for whoever looks after the process. Nothing else.

A delivery is checked, its events are committed to the ledger or its inbox, and only then is it answered: a CRM sends
what was not answered with 2xx again.
"""

import asyncio
import errno
import socket
import sys
from contextlib import suppress
from threading import Thread

import structlog
import uvicorn
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.telephony.services import SERVICES
from ledger import playbooks
from runtime.clocks import machine_now
from runtime.deliveries import Deliveries
from runtime.intake import Intake
from runtime.ports import holder
from runtime.process import keep_what_is_loaded, run
from runtime.settings import Settings, SettingsError
from runtime.told_calls import ToldCalls
from runtime.wiring import Process, open_process

BEAT_MISSING_AFTER = 60.0
"""Seconds after which a beat that has not been heard of counts as gone; it ticks every two."""


WAITING_CONNECTIONS = 2048


class Web:
    """The routes. What touches the ledger or asks a CRM runs in a thread: the event loop waits for nobody."""

    def __init__(self, process: Process, settings: Settings) -> None:
        self._process, self._services, self._settings = process, process.services, settings
        self._intake = Intake(process.services)
        self._deliveries = Deliveries(process.services, settings, self._intake, self._address)
        self._calls = ToldCalls(process.services, self._address)

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                *(Route(f"/{service}/webhook", self._calls.take, methods=["POST"]) for service in SERVICES),
                Route("/{crm}/webhook", self._deliveries.take, methods=["POST"]),
                Route("/{crm}/webhook/{secret}", self._deliveries.take, methods=["POST"]),
                Route("/healthz", self.healthz, methods=["GET"]),
                Route("/readyz", self.readyz, methods=["GET"]),
            ]
        )

    def get_ready(self) -> None:
        """What the first deliveries would have to wait for otherwise: the sign-in, the inbox's file, and the first
        wake-up, which opens the way to the queue."""
        Thread(target=self._deliveries.sign_in, name="sign-in", daemon=True).start()
        with suppress(SQLAlchemyError):  # the first delivery tells what is wrong with it
            self._services.ledger.inbox.open()
        for crm in self._services.playbook().crms:
            self._services.wake("route", crm, "hot")
        keep_what_is_loaded()

    def close(self) -> None:
        """Commit what was handed in."""
        self._intake.close()

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
        """200 when work gets done: the ledger and the broker answer, deliveries are committed, and beat's ticks reach a
        worker. Else 503."""
        ready = await asyncio.to_thread(self._ready)
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
        return {"ledger": ledger, "intake": self._intake.alive, "broker": broker, "beat": beat}


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
                f"port {port} is in use by {holder(port)}: end it, or choose another with --port or FAIRLEAD_PORT"
            ) from problem
        raise SettingsError(
            f"cannot listen on {host}:{port} ({problem.strerror}): choose others with FAIRLEAD_HOST and FAIRLEAD_PORT"
        ) from problem
    return bound


def main(settings: Settings) -> None:
    """Answer until SIGTERM, then finish the requests in hand."""
    bound = listen(settings.host, settings.port)
    process = open_process(settings, activate=False)
    web = Web(process, settings)
    web.get_ready()
    config = uvicorn.Config(
        web.application(),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    structlog.get_logger("fairlead").info("web listens", port=bound.getsockname()[1])
    uvicorn.Server(config).run(sockets=[bound])
    web.close()
    process.close()


if __name__ == "__main__":
    sys.exit(run("web", main))
