"""What storms beside the calls: sessions that end, and webhooks that come twice and in the wrong order.

What goes wrong with calls is a table in `sandbox/storms.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import requests

from sandbox.storms import SECONDS, STORMS
from scripts.demo.world import CRMS, Stage

NAMES = sorted(STORMS)
SESSIONS_END_EVERY = 9
"""Real seconds."""
DELIVERIES = {"duplicates": 0.2, "reorder": True}
IN_ORDER = {"duplicates": 0.0, "reorder": False}


@dataclass(slots=True)
class Storm:
    """One of NAMES over both CRMs of a stage; it blows over after SECONDS."""

    stage: Stage
    name: str

    def begin(self) -> None:
        """From now on calls fail and webhooks come as they like."""
        self.stage.call("POST", f"/sandbox/faults/{self.name}")
        self._deliver(DELIVERIES)

    def blow(self, second: int) -> None:
        """What this real second since the beginning brings."""
        if second < SECONDS and second % SESSIONS_END_EVERY == SESSIONS_END_EVERY - 1:
            self.stage.call("POST", "/sandbox/salesforce/expire")
        if second == SECONDS:
            self._deliver(IN_ORDER)

    def _deliver(self, how: Mapping[str, object]) -> None:
        for crm in CRMS:
            answer = requests.put(f"{self.stage.url}/sandbox/{crm}/deliveries", json=how, timeout=10)
            if answer.status_code not in (404, 405):  # a CRM that calls nobody
                answer.raise_for_status()
