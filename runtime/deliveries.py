"""What a CRM delivers: checked, committed to the ledger or its inbox, and only then answered.

Nothing that arrives here ends in a 500: what nobody can read is refused with a reason in the log, and what cannot be
kept just now is asked for again (503 with Retry-After), because a CRM sends again what was not answered with 2xx.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connectors.base import ConnectorError, Credentials, Delivery, Heard, NotGenuine, NotReadable, Refused
from connectors.registry import CRMS
from domain.mapping import CrmMapping
from ledger.database import BUSY_SECONDS
from runtime.clocks import machine_now
from runtime.intake import Intake
from runtime.services import Services
from runtime.settings import Settings

BODY_SECONDS = 10.0
"""How long a body may take to arrive; HubSpot gives up after five seconds."""

STORED_SECONDS = BUSY_SECONDS + 10.0
"""How long a commit is waited for: longer than the database itself waits, so that it tells what kept it."""

SIGN_IN_SECONDS = 2.0
"""How long a delivery waits for the sign-in that another one has begun."""

SIGN_IN_PAUSE = 5.0
"""Seconds after a sign-in that failed in which nobody tries another for a delivery."""

TOLD_EVERY = 10.0
"""Seconds between two lines of the log that count deliveries."""

TERMS_SECONDS = 1.0
"""How long the configuration, the credentials and the account are taken to be what they were."""

READ_AT_ONCE = 64 * 1024
"""Bytes of a body that is checked and read on the event loop. That takes a millisecond or two; threads that do it at
once take the interpreter from the loop, and from each other, for five each time. A larger one would hold up others."""

AGAIN = {"Retry-After": "30"}


class NotNow(Exception):
    """The account is not known: the CRM must be signed in to first."""


class Accounts:
    """The account of each CRM, signed in to once and kept. While one is away its deliveries are put off at once, and
    those of the others do not wait for it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, str] = {}
        self._asking: dict[str, Lock] = {crm: Lock() for crm in CRMS}
        self._not_before: dict[str, float] = {}

    def of(self, crm: str) -> str:
        """NotNow where it cannot be told just now."""
        if account := self._known.get(crm):
            return account
        asking = self._asking[crm]
        if time.monotonic() < self._not_before.get(crm, 0.0) or not asking.acquire(timeout=SIGN_IN_SECONDS):
            raise NotNow("it is being signed in to, or could not be a moment ago")
        try:
            if crm in self._known:
                return self._known[crm]
            if time.monotonic() < self._not_before.get(crm, 0.0):
                raise NotNow("it could not be signed in to a moment ago")
            account = self._services.crms[crm].account
        except ConnectorError as problem:
            self._not_before[crm] = time.monotonic() + SIGN_IN_PAUSE
            raise NotNow(str(problem)) from problem
        finally:
            asking.release()
        self._known[crm] = account
        return account


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a CRM's deliveries are read with, until then (monotonic seconds)."""

    credentials: Credentials
    mapping: CrmMapping
    account: str
    until: float


class Deliveries:
    """Takes deliveries. `address` gives the URL that the CRM called."""

    def __init__(
        self, services: Services, settings: Settings, intake: Intake, address: Callable[[Request], str]
    ) -> None:
        self._services, self._settings, self._intake, self._address = services, settings, intake, address
        self._accounts = Accounts(services)
        self._tally = _Tally(services)
        self._terms: dict[str, _Terms] = {}
        self._learning = {crm: asyncio.Lock() for crm in CRMS}

    def sign_in(self) -> None:
        """Sign in to the CRMs before the first delivery has to wait for it; one that is away is tried again later."""
        for crm in self._services.playbook().crms:
            with suppress(NotNow):
                self._accounts.of(crm)

    async def take(self, request: Request) -> Response:
        """2xx when the delivery's events are kept; 401, and not a word more, when it is not the CRM's."""
        crm = request.path_params["crm"]
        if crm not in CRMS or not CRMS[crm].largest_delivery:
            return Response(status_code=404, headers={"Connection": "close"})  # the body stays unread
        try:
            answer = await self._take(crm, request)
        except ClientDisconnect:
            answer = Response(status_code=400)  # nobody is there to read it
        except Exception:
            # The edge of the web process: a fault of ours, and the CRM keeps what it wanted to tell.
            self._services.log.exception("a delivery could not be taken", crm=crm)
            answer = Response(status_code=503, headers=AGAIN)
        self._tally.count(crm, answer.status_code)
        return answer

    async def _take(self, crm: str, request: Request) -> Response:
        body = await body_of(request, CRMS[crm].largest_delivery)
        if isinstance(body, Response):
            return body
        terms = await self._terms_of(crm)
        if isinstance(terms, Response):
            return terms
        secret = request.path_params.get("secret", "")
        delivery = Delivery(request.method, self._address(request), secret, request.headers, body)
        if len(body) <= READ_AT_ONCE:
            heard = self._hear(crm, delivery, terms)
        else:
            heard = await asyncio.to_thread(self._hear, crm, delivery, terms)
        if isinstance(heard, Response):
            return heard
        if heard.passed_over:
            # Counts by reason, and no ids: those of people have no place in a log.
            self._services.log.info("events of a delivery were passed over", crm=crm, why=dict(heard.passed_over))
        if heard.seen:
            stored = asyncio.wrap_future(self._intake.hand_in(crm, heard.seen))
            try:
                await asyncio.wait_for(stored, STORED_SECONDS)
            except (SQLAlchemyError, TimeoutError) as problem:
                why = str(problem) or f"the database has not committed it within {STORED_SECONDS:.0f} seconds"
                self._services.log.error("a delivery could not be kept", crm=crm, problem=why)
                return Response(status_code=503, headers=AGAIN)
        return Response(heard.reply, 200 if heard.reply else 204, media_type=heard.media_type)

    async def _terms_of(self, crm: str) -> _Terms | Response:
        async with self._learning[crm]:
            known = self._terms.get(crm)
            if known is None or time.monotonic() >= known.until:
                # These may ask the ledger, and the CRM.
                learnt = await asyncio.to_thread(self._learn_terms, crm)
                if isinstance(learnt, Response):
                    return learnt
                known = self._terms[crm] = learnt
            return known

    def _learn_terms(self, crm: str) -> _Terms | Response:
        until = time.monotonic() + TERMS_SECONDS
        mapping = self._services.playbook().crms.get(crm)
        if mapping is None:
            return Response(status_code=404)
        try:
            return _Terms(self._settings.credentials(crm), mapping, self._accounts.of(crm), until)
        except (NotNow, ConnectorError) as problem:
            self._services.log.warning(
                "webhook put off: the CRM must be signed in to first", crm=crm, problem=str(problem)
            )
            return Response(status_code=503, headers=AGAIN)

    def _hear(self, crm: str, delivery: Delivery, terms: _Terms) -> Heard | Response:
        log = self._services.log
        try:
            return CRMS[crm].hear(delivery, terms.credentials, terms.mapping, terms.account, machine_now())
        except Refused as problem:
            log.error("webhooks are refused", crm=crm, problem=str(problem))
            return Response(status_code=401)
        except NotGenuine as problem:
            log.warning("webhook refused", crm=crm, why=str(problem))
            return Response(status_code=401)
        except NotReadable as problem:
            log.error("webhook is genuine, but cannot be read", crm=crm, problem=str(problem))
            return Response(status_code=400)
        except RecursionError:
            log.error("webhook is genuine, but nested too deeply to be read", crm=crm)
            return Response(status_code=400)


async def body_of(request: Request, largest: int) -> bytes | Response:
    """The whole body, or the answer where it is too large (no more than that is ever held), or too long in coming."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > largest:
        return Response(status_code=413, headers={"Connection": "close"})
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(request, largest)
    except TimeoutError:
        return Response(status_code=408, headers={"Connection": "close"})
    return Response(status_code=413, headers={"Connection": "close"}) if body is None else body


async def _read(request: Request, largest: int) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)


class _Tally:
    """Deliveries by CRM and status, told in one line now and then: a storm is thousands of deliveries."""

    def __init__(self, services: Services) -> None:
        self._log = services.log
        self._counts: Counter[str] = Counter()
        self._told_at = 0.0

    def count(self, crm: str, status: int) -> None:
        """Only called on the event loop."""
        self._counts[f"{crm} {status}"] += 1
        if time.monotonic() - self._told_at >= TOLD_EVERY:
            self._log.info("deliveries", **self._counts)
            self._counts.clear()
            self._told_at = time.monotonic()
