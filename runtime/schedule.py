"""What beat wakes, how often, and in which lane. Real seconds.

Every wake-up expires when the next one is due, so that a worker that was away finds one of each and not a pile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.mapping import CrmMapping
from runtime.celery_app import BULK, HOT, NAMES

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When each entry last ran, as beat is told at its start: so everything is due at once."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One job's wake-up. `quick` ones follow FAIRLEAD_BEAT_SECONDS where that is shorter."""

    job: str
    every: float
    lane: str
    quick: bool = True


def ticks(mapping: CrmMapping) -> list[Tick]:
    """Everything that beat wakes for one CRM."""
    return [
        Tick("poll", mapping.poll_every, HOT),
        # Arrivals whose wake-up was lost, or that were postponed.
        Tick("route", 2.0, HOT),
        Tick("route", 2.0, BULK),
        Tick("sweep", 2.0, HOT),
        Tick("deliver", 2.0, HOT),
        Tick("observe", mapping.poll_every, BULK),
        Tick("watch", mapping.poll_every, BULK),
        Tick("mirror", 60.0, BULK, quick=False),
        Tick("reconcile", 600.0, BULK, quick=False),
        Tick("calendars", 60.0, BULK, quick=False),
    ]


def schedule(crms: Mapping[str, CrmMapping], quickest: float | None) -> dict[str, dict[str, Any]]:
    """Celery's beat schedule. `quickest` is the longest interval of quick ticks, where one is set."""
    entries = {}
    for crm, mapping in crms.items():
        for tick in ticks(mapping):
            every = min(tick.every, quickest) if quickest and tick.quick else tick.every
            entries[f"{tick.job} {crm} {tick.lane}"] = {
                "task": NAMES + tick.job,
                "schedule": every,
                "args": (crm, tick.lane),
                "last_run_at": NEVER,
                "options": {"queue": tick.lane, "expires": every, "ignore_result": True},
            }
    return entries
