"""The inbox of a SQLite ledger: deliveries are kept while somebody decides, and moved without loss or doubling."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from domain.leads import Seen
from ledger import arrivals, tables
from ledger.database import Database
from ledger.inbox import InboxFile, deliveries
from ledger.store import Ledger, open_ledger
from tests.ledger.examples import NINE, seen

SPAWN = multiprocessing.get_context("spawn")
MOST_POINTS = 40


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as opened:
        yield opened


def events(ledger: Ledger) -> list[str]:
    with ledger.reading() as tx:
        return sorted(tx.scalars(select(tables.arrivals.c.event)))


def file_of(ledger: Ledger, *, moving: bool = False) -> Database:
    assert isinstance(ledger.inbox, InboxFile)
    return ledger.inbox._file(moving=moving)


def test_what_was_kept_is_an_arrival_after_the_move(ledger: Ledger) -> None:
    ledger.inbox.keep([[seen(1, hot=True)], [seen(2), seen(3)]], NINE)

    ledger.inbox.move()

    assert (events(ledger), ledger.inbox.counts()) == (["event 1", "event 2", "event 3"], {})


def test_an_arrival_that_came_through_the_inbox_is_what_was_seen_to_the_microsecond(ledger: Ledger) -> None:
    ledger.inbox.keep([[seen(1, hot=True)]], NINE)
    ledger.inbox.move()

    with ledger.writing() as tx:
        [arrival] = arrivals.lease(tx, "salesforce", ["hot"], 1, NINE, 60)

    assert Seen(arrival.key, arrival.seen_at, arrival.event, hot=True) == seen(1, hot=True)
    assert arrival.received_at == NINE


def test_the_same_delivery_twice_is_one_arrival(ledger: Ledger) -> None:
    ledger.inbox.keep([[seen(1)], [seen(1)]], NINE)
    ledger.inbox.move()
    ledger.inbox.keep([[seen(1)]], NINE)

    ledger.inbox.move()

    assert events(ledger) == ["event 1"]


def test_a_delivery_is_kept_while_somebody_decides(sqlite: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.database.BUSY_SECONDS", 0.0)
    with sqlite.deciding():
        sqlite.inbox.keep([[seen(1)]], NINE)

    assert sqlite.inbox.counts() == {("salesforce", "waiting"): 1}


def test_what_is_kept_is_there_for_the_next_process(sqlite: Ledger) -> None:
    sqlite.inbox.keep([[seen(1), seen(2)]], NINE)

    with open_ledger(sqlite.url) as other:
        assert other.inbox.counts() == {("salesforce", "waiting"): 2}


def test_a_ledger_that_no_crm_delivers_to_has_no_inbox_file(sqlite: Ledger, tmp_path: Path) -> None:
    sqlite.inbox.move()

    assert not list(tmp_path.glob("*.inbox"))


def test_more_deliveries_than_one_transaction_moves_are_all_moved(
    sqlite: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.inbox.MOST_AT_ONCE", 2)
    sqlite.inbox.keep([[seen(number)] for number in range(5)], NINE)

    assert (sqlite.inbox.move(), len(events(sqlite))) == (5, 5)


def test_a_full_disk_is_told_and_what_was_kept_before_stays(sqlite: Ledger) -> None:
    sqlite.inbox.keep([[seen(1)]], NINE)
    event.listen(file_of(sqlite).engine, "begin", lambda tx: tx.exec_driver_sql("PRAGMA max_page_count = 1"))

    with pytest.raises(OperationalError, match="full"):
        sqlite.inbox.keep([[seen(number) for number in range(1000)]], NINE)

    assert sqlite.inbox.counts() == {("salesforce", "waiting"): 1}


def test_a_delivery_that_nobody_can_read_any_more_keeps_no_other_from_being_moved(sqlite: Ledger) -> None:
    sqlite.inbox.keep([[seen(1)], [seen(2)]], NINE)
    with file_of(sqlite).writing() as tx:
        tx.execute(update(deliveries).where(deliveries.c.id == 1).values(seen=b"{"))

    sqlite.inbox.move()

    assert (events(sqlite), sqlite.inbox.counts()) == (["event 2"], {("salesforce", "unreadable"): 1})


def move_and_die(url: str, point: int) -> None:
    """Move, and die by SIGKILL at this commit, or right after it."""
    ledger = open_ledger(url)
    passed = 0

    def here(*_: object) -> None:
        nonlocal passed
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    for engine in (ledger.engine, file_of(ledger, moving=True).engine):
        event.listen(engine, "commit", here)
        event.listen(engine, "checkin", here)
    ledger.inbox.move()


def test_a_worker_that_is_killed_at_any_commit_of_the_move_loses_and_doubles_nothing(sqlite: Ledger) -> None:
    names: list[str] = []
    for point in range(MOST_POINTS):
        sqlite.inbox.keep([[seen(point)]], NINE)
        names.append(f"event {point}")
        worker = SPAWN.Process(target=move_and_die, args=(sqlite.url, point))
        worker.start()
        worker.join()
        if worker.exitcode == 0:
            break
        sqlite.inbox.move()
        assert events(sqlite) == sorted(names), f"killed at point {point}"
    assert (worker.exitcode, point > 3, sqlite.inbox.counts()) == (0, True, {})


def move(url: str) -> None:
    with open_ledger(url) as ledger:
        ledger.inbox.move()


def test_two_workers_who_move_at_once_lose_and_double_nothing(sqlite: Ledger) -> None:
    sqlite.inbox.keep([_delivery(number) for number in range(200)], NINE)
    workers = [SPAWN.Process(target=move, args=(sqlite.url,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert (len(events(sqlite)), sqlite.inbox.counts()) == (2000, {})


def test_a_delivery_that_comes_after_another_worker_has_moved_the_same_is_not_deleted_with_them(sqlite: Ledger) -> None:
    sqlite.inbox.keep([[seen(1)]], NINE)

    def meanwhile(*_: object) -> None:
        with open_ledger(sqlite.url) as other:
            other.inbox.move()
            other.inbox.keep([[seen(2)]], NINE)

    event.listen(sqlite.engine, "checkin", meanwhile, once=True)
    sqlite.inbox.move()

    assert sqlite.inbox.counts() == {("salesforce", "waiting"): 1}


def _delivery(number: int) -> Sequence[Seen]:
    return [seen(10 * number + each) for each in range(10)]
