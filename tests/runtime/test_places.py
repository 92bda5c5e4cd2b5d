"""Places for bulk jobs on a real Redis: one process of each worker is left to fresh leads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from redis import Redis
from structlog.testing import capture_logs

from runtime.pacing import LEASE_SECONDS
from runtime.places import Places


@dataclass
class Bulk:
    """Opens the places that a process sees, and keeps who was woken. The clock moves by hand."""

    url: str
    now: float = 1_795_000_000.0
    woken: list[str] = field(default_factory=list)
    clients: list[Redis] = field(default_factory=list)

    def __call__(self, processes: int, worker: str = "one", url: str = "") -> Places:
        client = Redis.from_url(url or self.url, retry=None, decode_responses=True)
        self.clients.append(client)
        log = structlog.get_logger()
        return Places(client, worker, processes, lambda: self.now, lambda *job: self.woken.append(" ".join(job)), log)


@pytest.fixture
def bulk(redis_url: str) -> Iterator[Bulk]:
    opened = Bulk(redis_url)
    yield opened
    for client in opened.clients:
        client.close()


LONG = (("mirror", "hubspot"), ("mirror", "salesforce"), ("reconcile", "hubspot"), ("reconcile", "salesforce"))


@pytest.mark.parametrize(("processes", "most"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_long_jobs_leave_one_process_of_a_worker_free(bulk: Bulk, processes: int, most: int) -> None:
    taken = [bulk(processes).take(*job) for job in LONG]
    assert sum(place is not None for place in taken) == most


def test_one_job_of_a_kind_runs_for_a_crm_at_a_time(bulk: Bulk) -> None:
    first, second = bulk(4).take("mirror", "hubspot"), bulk(4).take("mirror", "hubspot")
    assert (first is not None, second) == (True, None)


def test_of_a_backlog_one_process_may_write_while_another_decides(bulk: Bulk) -> None:
    taken = [bulk(3).take("route", "hubspot", several=True) for _ in range(3)]
    assert [place is not None for place in taken] == [True, True, False]


def test_who_has_waited_longest_is_woken_when_a_place_is_free(bulk: Bulk) -> None:
    places = bulk(2)
    held = places.take("mirror", "hubspot")
    for job in (("reconcile", "hubspot"), ("observe", "salesforce"), ("reconcile", "hubspot")):
        bulk.now += 1
        assert places.take(*job) is None
    assert held
    places.give_back(held)
    again = places.take("reconcile", "hubspot")
    assert again
    places.give_back(again)
    assert bulk.woken == ["reconcile hubspot", "observe salesforce"]


def test_a_job_that_was_asked_for_while_it_ran_is_woken_once_more(bulk: Bulk) -> None:
    places = bulk(2)
    held = places.take("mirror", "hubspot")
    places.take("mirror", "hubspot")
    places.take("mirror", "hubspot")
    assert held
    places.give_back(held)
    assert bulk.woken == ["mirror hubspot"]


def test_the_place_of_a_process_that_was_killed_is_free_when_its_lease_ends(bulk: Bulk) -> None:
    places = bulk(2)
    places.take("mirror", "hubspot")
    bulk.now += LEASE_SECONDS - 1
    before = places.take("mirror", "salesforce")
    bulk.now += 2
    assert (before, places.take("mirror", "salesforce") is not None) == (None, True)


def test_another_worker_has_places_of_its_own(bulk: Bulk) -> None:
    bulk(2).take("mirror", "hubspot")
    assert bulk(2, worker="another host's").take("mirror", "salesforce")


def test_a_job_that_runs_on_one_worker_is_not_begun_on_another_and_is_woken_there_when_it_ends(bulk: Bulk) -> None:
    here, there = bulk(4), bulk(4, worker="another host's")
    held = here.take("mirror", "hubspot")
    assert there.take("mirror", "hubspot") is None
    assert held
    here.give_back(held)
    assert bulk.woken == ["mirror hubspot"]
    assert there.take("mirror", "hubspot")


def test_a_job_of_a_worker_that_died_is_begun_by_another_when_its_lease_ends(bulk: Bulk) -> None:
    bulk(2).take("mirror", "hubspot")
    there = bulk(2, worker="another host's")
    bulk.now += LEASE_SECONDS - 1
    before = there.take("mirror", "hubspot")
    bulk.now += 2
    assert (before, there.take("mirror", "hubspot") is not None) == (None, True)


def test_a_redis_that_was_emptied_keeps_nobody_from_working(bulk: Bulk) -> None:
    places = bulk(2)
    held = places.take("mirror", "hubspot")
    bulk.clients[0].flushall()
    taken = places.take("mirror", "salesforce")
    assert (held is not None, taken is not None) == (True, True)
    for place in (held, taken):
        if place:
            places.give_back(place)
    assert places.take("reconcile", "hubspot")


def test_a_redis_that_is_away_keeps_nobody_from_working(bulk: Bulk, tmp_path: Path) -> None:
    places = bulk(2, url=f"unix://{tmp_path}/nobody.sock")
    with capture_logs() as logged:
        taken = [places.take(*job) for job in LONG]
        if taken[0]:
            places.give_back(taken[0])
    assert None not in taken
    assert {line["log_level"] for line in logged} == {"warning"}
