"""What telephone services deliver: checked, committed, and only then answered.

These are few beside what CRMs deliver, so each is a transaction of its own in the ledger.
"""

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connectors.base import Delivery, NotGenuine, NotReadable
from connectors.telephony.services import SERVICES
from ledger import heard
from runtime.clocks import machine_now
from runtime.deliveries import AGAIN, body_of
from runtime.services import Services
from runtime.settings import SettingsError

LARGEST = 1_048_576
"""Bytes of a body. Aircall's are the largest, with a contact and its notes; a hundredth of this."""


class ToldCalls:
    """Takes deliveries. `address` gives the URL that the service called."""

    def __init__(self, services: Services, address: Callable[[Request], str]) -> None:
        self._services, self._address = services, address

    async def take(self, request: Request) -> Response:
        """200 when the call is kept; 401, and not a word more, when the delivery is not the service's; 404 where
        `config/` names no such service."""
        service = request.url.path.split("/")[1]
        try:
            body = await body_of(request, LARGEST)
        except ClientDisconnect:
            return Response(status_code=400)
        if isinstance(body, Response):
            return body
        delivery = Delivery(request.method, self._address(request), "", request.headers, body)
        return await run_in_threadpool(self._take, service, delivery)

    def _take(self, service: str, delivery: Delivery) -> Response:
        log = self._services.log
        try:
            return Response(status_code=self._answer(service, delivery))
        except NotReadable as problem:
            log.error("a call of a telephone service cannot be read", service=service, problem=str(problem))
            return Response(status_code=400)
        except (SQLAlchemyError, SettingsError) as problem:
            log.error("a call of a telephone service could not be kept", service=service, problem=str(problem))
            return Response(status_code=503, headers=AGAIN)
        except Exception:
            # The edge of the web process: a fault of ours, and the service keeps what it wanted to tell.
            log.exception("a call of a telephone service could not be taken", service=service)
            return Response(status_code=503, headers=AGAIN)

    def _answer(self, service: str, delivery: Delivery) -> int:
        services = self._services
        sources = [one for one in services.playbook().sources.services if one.service == service]
        if not sources:
            return 404
        why = ""
        for source in sources:
            secret = services.variable(source.secret)
            if not secret:
                why = f"{source.secret} is not set"
                continue
            try:
                calls = SERVICES[service](delivery, secret, machine_now())
            except NotGenuine as problem:
                why = str(problem)
                continue
            with services.ledger.writing() as tx:
                new = heard.keep(tx, service, calls, services.now())
            if new:
                services.wake("hear", min(services.playbook().crms), "bulk")
            return 200
        services.log.warning("webhook refused", crm=service, why=why)
        return 401
