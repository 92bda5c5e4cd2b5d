"""Intake: what many deliveries brought at once is committed together, and each is answered after that commit.

A commit waits for the disk, and on SQLite for whoever writes just now. One at a time, a storm of deliveries would stand
in line for minutes; together they cost one wait. Nor does a delivery wait while workers are woken for another.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Thread
from time import sleep
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from domain.leads import Seen
from runtime.ingest import store, wake_router
from runtime.services import Services

T = TypeVar("T")

MOST_AT_ONCE = 64
"""Deliveries in one transaction."""

PAUSE = 0.05
"""Seconds after a wake-up in which nobody is woken again: a storm of deliveries needs no more."""


def _promised() -> "Future[int]":
    """A future that whoever waits for it cannot cancel: the writer would fail at setting it."""
    future: Future[int] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What one delivery brought; `stored` becomes the number of new events, or the error that kept them out."""

    crm: str
    seen: Sequence[Seen]
    stored: "Future[int]" = field(default_factory=_promised)


def _what_waits(queue: "SimpleQueue[T | None]") -> tuple[list[T], bool]:
    """What lies there, MOST_AT_ONCE at most, waiting for the first; and whether None, the end, came behind it."""
    found: list[T] = []
    while len(found) < MOST_AT_ONCE and not (found and queue.empty()):
        one = queue.get()
        if one is None:
            return found, True
        found.append(one)
    return found, False


class _Bell:
    """One thread that wakes jobs: at once after a quiet time, else together with what comes within PAUSE."""

    def __init__(self, wake: Callable[[str, str, str], None]) -> None:
        self._wake = wake
        self._wanted: SimpleQueue[tuple[str, str, str] | None] = SimpleQueue()
        self._ringer = Thread(target=self._ring, name="bell", daemon=True)
        self._ringer.start()

    def wake(self, job: str, crm: str, lane: str) -> None:
        """As `Services.wake`, without waiting for the queue."""
        self._wanted.put((job, crm, lane))

    def close(self) -> None:
        """Wake whom somebody wanted to be woken, and end."""
        self._wanted.put(None)
        self._ringer.join()

    def _ring(self) -> None:
        ending = False
        while not ending:
            wanted, ending = _what_waits(self._wanted)
            for job, crm, lane in dict.fromkeys(wanted):
                self._wake(job, crm, lane)
            if not ending:
                sleep(PAUSE)


class Intake:
    """One thread that writes. Use it as a context manager; at its end everything that was handed in is committed."""

    def __init__(self, services: Services) -> None:
        self._bell = _Bell(services.wake)
        self._services = replace(services, wake=self._bell.wake)
        self._waiting: SimpleQueue[_Parcel | None] = SimpleQueue()
        self._writer = Thread(target=self._write, name="intake", daemon=True)
        self._writer.start()

    def hand_in(self, crm: str, seen: Sequence[Seen]) -> "Future[int]":
        """The number of new events, once they are committed; an SQLAlchemyError where they could not be."""
        parcel = _Parcel(crm, seen)
        self._waiting.put(parcel)
        return parcel.stored

    @property
    def alive(self) -> bool:
        """Whether what is handed in will be committed."""
        return self._writer.is_alive()

    def close(self) -> None:
        """Commit what was handed in, and end."""
        self._waiting.put(None)
        self._writer.join()
        self._bell.close()

    def _write(self) -> None:
        ending = False
        while not ending:
            parcels, ending = _what_waits(self._waiting)
            if not parcels:
                return
            try:
                self._commit(parcels)
            except Exception as problem:
                # The edge of the thread: a fault of ours must not keep out every delivery that is still to come.
                self._services.log.exception("the intake failed; it goes on with the next deliveries")
                for parcel in parcels:
                    if not parcel.stored.done():
                        parcel.stored.set_exception(problem)

    def _commit(self, parcels: Sequence[_Parcel]) -> None:
        try:
            new = self._services.ledger.inbox.keep([parcel.seen for parcel in parcels], self._services.machine())
        except OperationalError as problem:  # the ledger is away: the same for all of them
            for parcel in parcels:
                parcel.stored.set_exception(problem)
        except Exception:
            # The database does not take one of them: the others must not be refused for that.
            for parcel in parcels:
                self._commit_alone(parcel)
        else:
            for parcel, number in zip(parcels, new, strict=True):
                parcel.stored.set_result(number)
            self._wake(parcels, new)

    def _wake(self, parcels: Sequence[_Parcel], new: Sequence[int]) -> None:
        for crm in {parcel.crm for parcel in parcels}:
            of_crm = [(parcel, number) for parcel, number in zip(parcels, new, strict=True) if parcel.crm == crm]
            seen = [one for parcel, number in of_crm if number for one in parcel.seen]
            wake_router(self._services, crm, seen, sum(number for _, number in of_crm))

    def _commit_alone(self, parcel: _Parcel) -> None:
        try:
            parcel.stored.set_result(store(self._services, parcel.crm, parcel.seen))
        except (SQLAlchemyError, ValueError, OverflowError) as problem:
            parcel.stored.set_exception(problem)
