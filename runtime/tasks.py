"""The tasks: each wakes one job for one CRM, and is the process edge where its errors end as one line of the log.

A task carries no data and is never retried; what it did not do, the next tick finds in the ledger.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_process_shutdown
from sqlalchemy.exc import OperationalError

from connectors.base import ConnectorError, NotSignedIn, Paced, Refused, TryLater
from connectors.base import lane as calls_of
from ledger import people
from ledger.outbox import HOT_FIRST
from ledger.store import LedgerUnavailable
from runtime import ingest
from runtime.absences import read_absences
from runtime.calendars import read_calendars
from runtime.celery_app import BULK, HOT, NAMES, application
from runtime.clocks import machine_now
from runtime.deliver import deliver
from runtime.hear import hear
from runtime.observe import observe
from runtime.process import keep_what_is_loaded
from runtime.route import BATCH, decide_next, send
from runtime.services import Services
from runtime.settings import Settings
from runtime.sweep import sweep
from runtime.watch import watch
from runtime.wiring import Process, open_process

IN_THE_BULK_LANE = frozenset({"observe", "mirror", "calendars", "absences", "hear", "reconcile", "watch"})
"""Jobs whose calls to the CRM leave the reserves alone. `route` says for each batch by itself."""

LONG_POLL, LONGEST_REST = 5.0, 30.0
"""Seconds: a poll that takes longer than the first is followed by a rest, of the second at most. For as long nobody
else polls beside one that goes on, or that died at it: two at once lose nothing, but fresh leads would wait."""

MOST_WAIT = timedelta(minutes=3)
"""How long a worker keeps fresh leads waiting for the first complete mirror of a CRM."""

NEED_PEOPLE = frozenset({"route", "sweep", "deliver"})
"""Jobs for which a CRM's users must be known: on a new ledger everybody would look like a stranger."""

JOBS: Mapping[str, Callable[[Services, str], object]] = {
    "mirror": ingest.mirror,
    "calendars": read_calendars,
    "absences": read_absences,
    "hear": hear,
    "reconcile": ingest.reconcile,
    "observe": observe,
    "watch": watch,
    "sweep": sweep,
}
"""All but `poll`, and `route` and `deliver`, which are told their lane."""


class Worker:
    """One process's parts, opened by the first task that runs in it: after the fork, never before it. A database
    connection or a TLS session that two processes share answers one with what the other has asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Made before the fork, so that all processes of this worker count their places together.
        self.name = uuid4().hex
        self._process: Process | None = None
        self._peopled: set[str] = set()
        self._mirrored: set[str] = set()
        self._waiting_since: dict[str, datetime] = {}

    def run(self, job: str, crm: str, lane: str) -> None:
        """Do one job. What the CRM or the ledger cannot do just now is one line of the log, and the next tick tries
        again. What a CRM said is kept for `fairlead status` until the same job runs through."""
        log = structlog.get_logger("fairlead")
        with structlog.contextvars.bound_contextvars(job=job, crm=crm):
            ran = False
            try:
                ran = self._do(job, crm, lane)
            except NotSignedIn as problem:
                log.error("not signed in", problem=str(problem))
                self._failed(job, crm, f"not signed in: {problem}")
            except Refused as problem:
                log.error("the CRM refuses this", problem=str(problem))
                self._failed(job, crm, f"the CRM refuses this: {problem}")
            except Paced as problem:
                until = _until(problem.seconds)
                log.info("paced: no call is sent before that time", until=until, problem=str(problem))
                self._failed(job, crm, f"paced until {until}: {problem}")
            except ConnectorError as problem:
                what, again = _what_is_wrong(problem)
                log.warning(what, problem=str(problem), kind=type(problem).__name__, again=again)
                self._failed(job, crm, f"{what}, tried again {again}: {problem}")
            except OperationalError as problem:
                # A database that is locked, a deadlock's victim, a server that was restarted.
                log.warning("the ledger did not answer in time; the next tick tries again", problem=str(problem.orig))
            except LedgerUnavailable as problem:
                log.error("the ledger cannot be opened; the next tick tries again", problem=str(problem))
            if ran and self._process and self._process.wakes:
                self._process.wakes.ran_through(job, crm)

    def _failed(self, job: str, crm: str, what: str) -> None:
        if self._process and self._process.wakes:
            self._process.wakes.failed(job, crm, machine_now(), what)

    def _do(self, job: str, crm: str, lane: str) -> bool:
        """Whether the job was done; False where it is another one's turn, or something has to be known first."""
        if self._process is None:
            self._process = open_process(self._settings, activate=False)
            keep_what_is_loaded()
        services = self._process.services
        if wakes := self._process.wakes:
            wakes.woken(job, crm, lane)
            if job == "sweep":
                wakes.beat(machine_now().timestamp())
        if crm not in services.playbook().crms:
            services.log.warning("the active configuration has no such CRM any more; beat learns it on its next start")
            return False
        if lane == HOT or wakes is None:
            return self._work(services, job, crm, lane)
        places = wakes.places(self.name, self._settings.workers)
        # While one process writes a batch of a backlog, another one may decide the next.
        place = places.take(job, crm, several=job == "route")
        if place is None:
            return False
        try:
            return self._work(services, job, crm, lane)
        finally:
            places.give_back(place)

    def _work(self, services: Services, job: str, crm: str, lane: str) -> bool:
        connector, wakes = services.crms[crm], self._process.wakes if self._process else None
        before = connector.calls
        try:
            if job in NEED_PEOPLE and not self._people_known(services, crm):
                return False
            if job == "route":
                return self._route(services, crm, lane)
            if job == "poll":
                return self._poll(services, crm, lane)
            if job == "deliver":
                deliver(services, crm, ("hot",) if lane == HOT else HOT_FIRST)
            else:
                with calls_of("bulk" if job in IN_THE_BULK_LANE else "hot"):
                    JOBS[job](services, crm)
            return True
        finally:
            if wakes and connector.calls > before:
                wakes.count_calls(crm, connector.calls - before)

    def _poll(self, services: Services, crm: str, lane: str) -> bool:
        """One process at a time; a long one is followed by as long a rest. Until the leads of an import have their
        owners, each window holds all of them again: polls one after the other would keep a process from giving them
        any, and two at once take the few searches that HubSpot allows from each other."""
        wakes = self._process.wakes if self._process else None
        if wakes and not wakes.alone("poll", crm, lane, LONGEST_REST):
            return False
        began, rest = monotonic(), 0.0
        try:
            polled = ingest.poll(services, crm)
            if polled.whole and (took := monotonic() - began) > LONG_POLL:
                rest = min(took, LONGEST_REST)
        finally:
            if wakes:
                wakes.finished("poll", crm, lane, rest)
        if not polled.whole:
            services.wake("poll", crm, lane)
        return True

    def _route(self, services: Services, crm: str, lane: str) -> bool:
        """One process at a time decides about a CRM's backlog; while it writes what came of that, another one decides
        the next batch, so that the CRM is not left waiting for us."""
        if not self._may_decide(services, crm, lane):
            return False
        wakes = self._process.wakes if self._process else None
        alone = wakes is None or lane == HOT or wakes.alone("route", crm, lane)
        if not alone:
            return False
        try:
            batch = decide_next(services, crm, lane)
        finally:
            if wakes and lane != HOT:
                wakes.finished("route", crm, lane)
        if batch is None:
            return True
        # What comes next is told after the place is free: who is woken before finds it taken, and goes.
        if batch.size == BATCH or lane == BULK:
            services.wake("route", crm, lane)
        send(services, crm, batch)
        return True

    def _may_decide(self, services: Services, crm: str, lane: str) -> bool:
        """Nothing is decided before the companies are known, too. Fresh leads do not wait for longer than MOST_WAIT."""
        if crm in self._mirrored:
            return True
        if ingest.mirrored(services, crm):
            self._mirrored.add(crm)
            return True
        now = services.machine()
        if lane != HOT or now - self._waiting_since.setdefault(crm, now) < MOST_WAIT:
            return False
        services.log.warning("fresh leads are decided although not all companies are known yet", crm=crm)
        return True

    def _people_known(self, services: Services, crm: str) -> bool:
        """Whether the CRM's users are known. Where they are not, the mirror is woken: it reads the companies too, and
        they may be so many that a fresh lead, or the next job, would wait for minutes."""
        if crm in self._peopled:
            return True
        with services.ledger.reading() as tx:
            known = bool(people.directory(tx, crm))
        if not known and not ingest.mirrored(services, crm):
            services.wake("mirror", crm, BULK)
            return False
        self._peopled.add(crm)
        return True

    def close(self, **_: Any) -> None:
        """Close what was opened in this process."""
        if self._process:
            self._process.close()
            self._process = None


def serve(settings: Settings, redis_url: str) -> Celery:
    """A Celery application with all tasks, for a worker or beat."""
    app, worker = application(redis_url), Worker(settings)
    app.set_current()
    _add(app, worker, "route", BULK)
    for job in ("deliver", "poll", *JOBS):
        _add(app, worker, job, BULK)
    worker_process_shutdown.connect(worker.close, weak=False)
    # Logging is set up by runtime.telemetry: a receiver keeps Celery from doing it again in every process.
    setup_logging.connect(_leave_logging_alone, weak=False)
    return app


def _add(app: Celery, worker: Worker, job: str, lane: str) -> None:
    @app.task(name=NAMES + job, ignore_result=True)  # type: ignore[untyped-decorator]
    def run(crm: str, lane: str = lane) -> None:
        worker.run(job, crm, lane)


def _what_is_wrong(problem: ConnectorError) -> tuple[str, str]:
    """Whether the CRM has answered, and when it is asked again, in words."""
    if isinstance(problem, TryLater) and problem.after is not None:
        return "the CRM puts us off", f"after {_until(problem.after)}"
    return "the CRM cannot be reached just now", "with the next tick"


def _until(seconds: float) -> str:
    """So many seconds from now, in words."""
    return f"{machine_now() + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"


def _leave_logging_alone(**_: Any) -> None:
    """Nothing to do."""
