"""A running `fairlead up --sandbox`, for what is measured of the whole daemon."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from benchmarks.office import CONFIG, MONDAY_TEN
from ledger import outbox
from ledger.store import open_ledger
from ledger.tables import decisions
from runtime.settings import Settings
from scripts.up import Installation, launched

PATIENCE = 600.0
"""Real seconds after which a daemon that does not get on is given up."""


@contextmanager
def installed(prepare: Callable[[Installation], None]) -> Iterator[Installation]:
    """A running `fairlead up --sandbox` in a folder of its own. Business time is real time, from Monday ten o'clock."""
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        settings = Settings.from_environment(
            {
                "FAIRLEAD_VAR": folder,
                "FAIRLEAD_CONFIG": str(CONFIG),
                "FAIRLEAD_CLOCK": f"{MONDAY_TEN.isoformat()},1,{time.time()}",
                "FAIRLEAD_PORT": "0",
            }
        )
        clock = f"{MONDAY_TEN.isoformat()},1"
        words = ("--clock", clock, "--db", ":memory:")
        with launched(settings, _quietly, sandbox=True, sandbox_words=words, prepare=prepare) as installation:
            yield installation


def _quietly(_: str) -> None:
    """The table is what is printed."""


def until_all_is_written(installation: Installation, leads: int) -> None:
    """Until all are decided and nothing waits to be sent."""
    ledger = open_ledger(installation.settings.database_url)
    end = time.monotonic() + PATIENCE
    try:
        while True:
            with ledger.reading() as tx:
                decided = int(tx.scalar(select(func.count()).select_from(decisions)) or 0)
                waiting = sum(
                    count
                    for (kind, state), count in outbox.counts(tx).items()
                    if kind == "assign_owner" and state in {"waiting", "sending", "unknown"}
                )
            if decided >= leads and not waiting:
                return
            if time.monotonic() > end:
                raise SystemExit(
                    f"after {PATIENCE:.0f} s {decided} of {leads} leads are decided, {waiting} not written"
                )
            installation.supervisor.pause(0.5)
    finally:
        ledger.close()
