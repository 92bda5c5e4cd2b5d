"""Several processes and threads on one ledger: nothing is lost, and nothing is done twice."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import pytest

from domain.actions import WriteFields
from domain.leads import LeadKey
from ledger import arrivals, clocks, decisions, feed, outbox, rotations
from ledger.decisions import Recorded
from ledger.outbox import SendState
from ledger.store import Ledger, open_ledger
from router.rotation import Account, Rotation
from tests.ledger.examples import ANA, NINE, clock, decision, key, seen

T = TypeVar("T")

PROCESSES = 4
TURNS_EACH = 50


def take_turns(url: str, turns: int) -> None:
    """Read the rotation, take a turn, write it back: what every decision does."""
    with open_ledger(url) as ledger:
        for _ in range(turns):
            take_a_turn(ledger)


def take_a_turn(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        taken = turns_in(rotations.load(tx))
        rotations.save(tx, [Rotation("dach", {ANA: Account(0.0, taken + 1)})])


def turns_in(known: dict[str, Rotation]) -> int:
    return known["dach"].accounts[ANA].taken if known else 0


def turns_taken(ledger: Ledger) -> int:
    with ledger.reading() as tx:
        return turns_in(rotations.load(tx))


def test_processes_that_decide_at_once_lose_no_turn(ledger: Ledger) -> None:
    """On SQLite it fails without BEGIN IMMEDIATE: by lost turns under the driver's own transactions, and by
    `database is locked` under a plain BEGIN."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=take_turns, args=(ledger.url, TURNS_EACH)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert turns_taken(ledger) == PROCESSES * TURNS_EACH


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_worker_does_not_use_the_connections_of_its_parent(ledger: Ledger) -> None:
    take_a_turn(ledger)
    parents = connections(ledger)
    with ledger.reading():  # of two connections one is in use at the fork, the other lies in the pool
        child = os.fork()
        if child == 0:
            # A failure must not run the rest of the tests a second time in here.
            try:
                for _ in range(TURNS_EACH):
                    take_a_turn(ledger)
                os._exit(0 if parents.isdisjoint(connections(ledger)) else 2)
            finally:
                os._exit(1)
    for _ in range(TURNS_EACH):
        take_a_turn(ledger)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert turns_taken(ledger) == 1 + 2 * TURNS_EACH


def connections(ledger: Ledger) -> set[object]:
    """Two to read on and one to write on, as the driver knows them."""
    with ledger.reading() as one, ledger.reading() as other, ledger.writing() as third:
        return {tx.connection.driver_connection for tx in (one, other, third)}


def together(work: Callable[[], T], workers: int = 4) -> list[T]:
    """What each of several threads, started at the same moment, came back with."""
    results: list[T] = []
    ready = threading.Barrier(workers)

    def run() -> None:
        ready.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == workers, "a worker failed"
    return results


def flat(parts: Sequence[Sequence[T]]) -> list[T]:
    return [one for part in parts for one in part]


def until_empty(lease: Callable[[], Sequence[T]]) -> Callable[[], list[T]]:
    def work() -> list[T]:
        mine: list[T] = []
        while leased := lease():
            mine += leased
        return mine

    return work


def test_no_arrival_is_leased_to_two_workers(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(number, hot=number % 2 == 0) for number in range(100)], NINE)

    def lease() -> list[LeadKey]:
        with ledger.writing() as tx:
            return [one.key for one in arrivals.lease(tx, "salesforce", ("hot", "bulk"), 7, NINE, 60)]

    assert sorted(flat(together(until_empty(lease)))) == sorted(key(number) for number in range(100))


def test_no_clock_is_leased_to_two_sweeps(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        clocks.insert(tx, [clock(number, next_at=NINE) for number in range(100)])

    def lease() -> list[LeadKey]:
        with ledger.writing() as tx:
            return [one.lead for one in clocks.lease_due(tx, "salesforce", NINE, NINE, 60, 7)]

    assert sorted(flat(together(until_empty(lease)))) == sorted(key(number) for number in range(100))


def test_each_row_of_the_outbox_is_sent_once_and_in_order_for_its_lead(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        for at in range(60):
            lead = key(at % 20)
            outbox.put(tx, lead, 0, WriteFields(lead, {"attempts": at}), f"step {at}")
    order: list[tuple[LeadKey, int]] = []

    def send() -> list[int]:
        with ledger.writing() as tx:
            leased = outbox.lease(tx, "salesforce", ("write_fields",), 7, NINE, 600)
        order.extend((row.key, row.id) for row in leased)
        with ledger.writing() as tx:
            for row in leased:
                outbox.finish(tx, row.id, SendState.APPLIED, "")
        with ledger.reading() as tx:
            left = outbox.counts(tx).get(("write_fields", "waiting"), 0)
        return [row.id for row in leased] or [0] * bool(left)

    sent = [id_ for id_ in flat(together(until_empty(send))) if id_]

    assert sorted(sent) == list(range(1, 61))
    for at in range(20):
        ids = [id_ for lead, id_ in order if lead == key(at)]
        assert ids == sorted(ids)


def test_a_cycle_is_claimed_by_one_worker(ledger: Ledger) -> None:
    wanted = [(key(number), 0) for number in range(100)]

    def claim() -> list[tuple[LeadKey, int]]:
        with ledger.writing() as tx:
            return list(decisions.claim(tx, wanted))

    assert sorted(flat(together(claim))) == sorted(wanted)


def test_the_same_events_from_a_webhook_and_a_poll_are_new_once(ledger: Ledger) -> None:
    events = [seen(number) for number in range(100)]
    orders = iter([events, events[::-1]] * 2)

    def store() -> int:
        mine = next(orders)
        with ledger.writing() as tx:
            return arrivals.store(tx, mine, NINE)

    assert sum(together(store)) == 100


def test_a_turn_is_given_back_by_one_worker(ledger: Ledger) -> None:
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision(number), {}) for number in range(10)])

    def give_back() -> int:
        given = 0
        for number in range(10):
            with ledger.writing() as tx:
                given += rotations.give_back(tx, decision(number).id)
        return given

    assert sum(together(give_back)) == 10
    with ledger.reading() as tx:
        assert rotations.load(tx)["dach"].accounts[ANA] == Account(-5.0, -10)


def test_the_chain_holds_when_several_decide(ledger: Ledger) -> None:
    numbers = iter(range(4))

    def decide() -> None:
        first = 100 * next(numbers)
        for number in range(first, first + 10):
            with ledger.deciding() as tx:
                decisions.record(tx, [Recorded(decision(number), {"case": number})])

    together(decide)

    with ledger.reading() as tx:
        assert decisions.verify(tx) == []
        assert len(feed.since(tx, feed.START).decisions) == 40


def test_of_several_who_change_a_clock_one_wins(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        clocks.insert(tx, [clock()])
        (read,) = clocks.of_lead(tx, key())

    def save() -> bool:
        with ledger.writing() as tx:
            return clocks.save(tx, replace(read, done=1))

    assert sorted(together(save)) == [False, False, False, True]
