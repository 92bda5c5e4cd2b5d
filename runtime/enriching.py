"""Services that know companies are asked before leads are decided, all at once and for no longer than `config/` says.

What came in time is kept in the ledger, where the decision finds it. What did not is as if nobody had been asked: a
late answer holds no lead up.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import requests

from connectors.base import ConnectorError
from connectors.enrichment import ask
from domain import hours
from domain.leads import Lead, ReadLater, Unreadable, Value
from ledger import enriched
from router.meaning import key_of
from router.rules import FromService
from runtime.services import Services

AT_ONCE = 8
QUIET = timedelta(minutes=1)
"""For how long a service that answered nothing in time is left alone: else each batch would wait for it."""

A_DAY = timedelta(hours=24)


def good_since(step: FromService, now: datetime) -> datetime:
    """From when on answers are still good."""
    return hours.ago(step.keep, now)


def enrich(services: Services, records: Sequence[Lead | Unreadable | ReadLater]) -> None:
    """Ask about the leads that are to be decided and of which nobody knows yet."""
    rules = services.playbook().rules
    leads = [one for one in records if isinstance(one, Lead) and one.unowned and not one.gone]
    for step in rules.enrich:
        if not isinstance(step, FromService) or services.ask_service is None:
            continue
        keys = sorted({key for lead in leads if (key := key_of(lead, step.key, rules))})
        unknown = _to_ask(services, step, keys) if keys else []
        answers = services.ask_service(step, unknown) if unknown else {}
        if answers:
            with services.ledger.writing() as tx:
                enriched.keep(tx, step.name, answers, services.now())


def _to_ask(services: Services, step: FromService, keys: Sequence[str]) -> list[str]:
    now = services.now()
    with services.ledger.reading() as tx:
        known = enriched.known(tx, step.name, keys, good_since(step, now))
        asked = enriched.asked_since(tx, step.name, now - A_DAY) if step.budget is not None else 0
    unknown = [key for key in keys if key not in known]
    if step.budget is None:
        return unknown
    left = max(0, step.budget - asked)
    if len(unknown) > left:
        services.log.warning("the day's budget is used up", service=step.name, budget=step.budget)
    return unknown[:left]


class ServiceAsker:
    """Asks services at the addresses that the environment gives."""

    def __init__(self, environment: Mapping[str, str], machine: Callable[[], datetime], log: Any) -> None:
        self._environment, self._machine, self._log = environment, machine, log
        self._session = requests.Session()
        self._quiet: dict[str, datetime] = {}
        self._lock = Lock()

    def __call__(self, step: FromService, keys: Sequence[str]) -> dict[str, Mapping[str, Value]]:
        """What was answered in time, by key."""
        machine = self._machine()
        url = self._environment.get(step.name)
        with self._lock:
            quiet = self._quiet.get(step.name)
        if not url or (quiet and machine < quiet):
            return {}
        pool = ThreadPoolExecutor(AT_ONCE)
        asked = {pool.submit(ask, self._session, url, step.key, key, step.timeout): key for key in keys}
        done, late = wait(asked, timeout=step.timeout)
        pool.shutdown(wait=False, cancel_futures=True)
        answers: dict[str, Mapping[str, Value]] = {}
        problem = "no answer in time" if late else ""
        for future in done:
            try:
                answers[asked[future]] = future.result()
            except ConnectorError as error:
                problem = str(error)
        if problem:
            self._log.warning("a service was late", service=step.name, answered=len(answers), problem=problem)
        if problem and not answers:
            with self._lock:
                self._quiet[step.name] = machine + QUIET
        return answers
