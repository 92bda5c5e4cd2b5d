"""What beat wakes, how often, and in which lane. Real seconds.

Every wake-up expires when the next one is due, so that a worker that was away finds one of each and not a pile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.mapping import CrmMapping
from runtime.celery_app import BULK, HOT, NAMES


@dataclass(frozen=True, slots=True)
class Tick:
    """One job's wake-up. `quick` ones follow FAIRLEAD_BEAT_SECONDS where that is shorter. `after` is the share of its
    interval that it comes later than the others: what polls at the same time takes the searches of the same second."""

    job: str
    every: float
    lane: str
    quick: bool = True
    after: float = 0.0


def ticks(mapping: CrmMapping) -> list[Tick]:
    """Everything that beat wakes for one CRM."""
    return [
        Tick("poll", mapping.poll_every, HOT),
        # Arrivals whose wake-up was lost, or that were postponed.
        Tick("route", 2.0, HOT),
        Tick("route", 2.0, BULK),
        Tick("sweep", 2.0, HOT),
        Tick("deliver", 2.0, HOT),
        Tick("deliver", 2.0, BULK),
        Tick("observe", mapping.poll_every, BULK, after=1 / 3),
        Tick("watch", mapping.poll_every, BULK, after=2 / 3),
        Tick("mirror", 60.0, BULK, quick=False),
        # What came while nobody was here is the first poll's.
        Tick("reconcile", 600.0, BULK, quick=False, after=1 / 4),
        Tick("hear", 10.0, BULK, quick=False, after=1 / 2),
        Tick("calendars", 60.0, BULK, quick=False),
        Tick("absences", 600.0, BULK, quick=False),
    ]


def schedule(crms: Mapping[str, CrmMapping], quickest: float | None, start: datetime) -> dict[str, dict[str, Any]]:
    """Celery's beat schedule from `start` on. `quickest` is the longest interval of quick ticks, where one is set."""
    entries = {}
    for crm, mapping in crms.items():
        for tick in ticks(mapping):
            every = min(tick.every, quickest) if quickest and tick.quick else tick.every
            entries[f"{tick.job} {crm} {tick.lane}"] = {
                "task": NAMES + tick.job,
                "schedule": every,
                "args": (crm, tick.lane),
                # Beat counts from it: the first one is due at the start, or its share of the interval later.
                "last_run_at": start - timedelta(seconds=every * (1 - tick.after)),
                "options": {"queue": tick.lane, "expires": every, "ignore_result": True},
            }
    return entries
