"""Pages of a CRM's window, when a job is killed between them or there are more than one run may walk."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import event, select

from connectors.base import Companies, Deleted, Found
from domain.accounts import Account
from domain.leads import LeadKey, Seen
from domain.people import CrmUser
from ledger import accounts, cursors, tables
from runtime import ingest
from runtime.ingest import Polled
from runtime.services import Services
from runtime.windows import MOST_PAGES, last_cursor
from tests.runtime.conftest import NOON


@dataclass
class Paged:
    """A CRM that gives one lead and one company a page, in the order of their minutes."""

    pages: int
    name: str = "salesforce"
    account: str = "00D"
    stuck: bool = False

    def now(self) -> datetime:
        return NOON + timedelta(hours=1)

    def arrived(self, since: datetime) -> Found:
        at = max(0, round((since - NOON) / timedelta(minutes=1)))
        key = LeadKey(self.name, self.account, "Lead", f"lead {at}")
        cursor = since if self.stuck else NOON + timedelta(minutes=at + 1)
        return Found((Seen(key, since, f"seen {at}"),) if at < self.pages else (), cursor, at < self.pages - 1)

    unrouted = arrived

    def users(self) -> list[CrmUser]:
        return []

    def open_leads(self, owner_ids: list[str]) -> dict[str, int]:
        return dict.fromkeys(owner_ids, 0)

    def accounts(self, since: datetime | None) -> Companies:
        if since is None:
            return Companies((Account(self.name, "1", "Bolt"), Account(self.name, "2", "Acme")), (), NOON, True)
        return Companies((Account(self.name, "3", "Volt"),), ("1",), NOON + timedelta(minutes=1))

    def deleted(self, kind: str, since: datetime, start: str | None) -> Deleted:
        return Deleted((), None, self.now())


class Killed(BaseException):
    """The worker dies here; nothing of ours may catch it."""


def on(services: Services, crm: Paged, woken: list[str] | None = None) -> Services:
    def wake(job: str, _crm: str, _lane: str) -> None:
        if woken is not None:
            woken.append(job)

    return replace(services, crms={crm.name: cast(Any, crm)}, wake=wake)


def arrived(services: Services) -> set[str]:
    with services.ledger.reading() as tx:
        return set(tx.scalars(select(tables.arrivals.c.record)))


def test_one_poll_walks_all_pages_of_a_window(services: Services) -> None:
    polled = ingest.poll(on(services, Paged(pages=4)), "salesforce")

    assert (polled.new, arrived(services)) == (4, {f"lead {at}" for at in range(4)})


def test_where_a_poll_meets_more_pages_than_it_may_walk_the_next_one_goes_on(services: Services) -> None:
    polling = on(services, Paged(pages=MOST_PAGES + 3))

    first = ingest.poll(polling, "salesforce")
    second = ingest.poll(polling, "salesforce")

    assert (first, second) == (Polled(MOST_PAGES, whole=False), Polled(3, whole=True))


@pytest.mark.parametrize("job", [ingest.poll, ingest.reconcile])
def test_a_job_that_dies_at_any_commit_repeats_a_page_and_skips_none(services: Services, job: Any) -> None:
    polling = on(services, Paged(pages=4))
    for dies_at in range(12):
        for moment in ("commit", "checkin"):
            _killed_at(polling, job, moment, dies_at)

    job(polling, "salesforce")

    assert arrived(services) == {f"lead {at}" for at in range(4)}


def _killed_at(services: Services, job: Any, moment: str, number: int) -> None:
    passed = 0

    def point(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed > number:
            raise Killed

    event.listen(services.ledger.engine, moment, point)
    try:
        job(services, "salesforce")
    except Killed:
        return
    finally:
        event.remove(services.ledger.engine, moment, point)


def test_a_window_that_does_not_move_on_ends_the_run_and_not_the_worker(services: Services) -> None:
    assert ingest.poll(on(services, Paged(pages=4, stuck=True)), "salesforce").whole


def test_a_reconciliation_starts_from_the_beginning_once_it_has_come_to_the_end(services: Services) -> None:
    polling = on(services, Paged(pages=MOST_PAGES + 3))
    at_first = [ingest.reconcile(polling, "salesforce") for _ in range(2)]
    an_hour_later = replace(polling, machine=lambda: NOON + timedelta(hours=1))

    again = ingest.reconcile(an_hour_later, "salesforce")

    assert (at_first, again) == ([MOST_PAGES, 3], MOST_PAGES)


def test_companies_that_are_gone_leave_the_mirror(services: Services) -> None:
    ingest.mirror(on(services, Paged(pages=0)), "salesforce")

    with services.ledger.reading() as tx:
        names = ["name:bolt", "name:acme", "name:volt"]
        assert [one.name for one in accounts.candidates(tx, "salesforce", names)] == ["Acme", "Volt"]


def test_a_cursor_that_a_wrong_date_moved_into_the_future_keeps_no_lead_from_being_found(services: Services) -> None:
    crm = Paged(pages=1)
    with services.ledger.writing() as tx:
        cursors.move(tx, crm.name, crm.account, "leads", crm.now() + timedelta(days=1))

    assert last_cursor(services, crm, "leads") == crm.now()  # type: ignore[arg-type]
