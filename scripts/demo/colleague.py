"""The demo's colleague: somebody who gives leads to people by hand, whatever Fairlead is doing with them just then."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scripts.demo.world import Stage

WITHIN_MINUTES = 8.0
"""Business time: seconds of real time, so that some leads are taken before they are decided and some while written."""


@dataclass(slots=True)
class Colleague:
    """Gives a share of the leads, chosen by the seed, to a person of his own choice within minutes of seeing them."""

    stage: Stage
    seed: int
    share: float = 0.03
    _due: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _known: set[tuple[str, str]] = field(default_factory=set)

    def work(self, now: datetime, seen: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Look at the leads of each CRM (as its people see them) at `now`, business time, and hand over those due."""
        for crm, rows in seen.items():
            for row in rows:
                self._notice(crm, str(row["id"]), now)
        for crm, lead in [key for key, due in self._due.items() if due <= now]:
            del self._due[crm, lead]
            self.stage.call("POST", f"/sandbox/{crm}/owner", {"lead": lead, "owner": self._choice(crm, lead)})

    def _notice(self, crm: str, lead: str, now: datetime) -> None:
        if (crm, lead) in self._known:
            return
        self._known.add((crm, lead))
        dice = random.Random(f"{self.seed}:{lead}:by hand")  # noqa: S311 - a habit, not a secret
        if dice.random() < self.share:
            self._due[crm, lead] = now + timedelta(minutes=dice.uniform(0, WITHIN_MINUTES))

    def _choice(self, crm: str, lead: str) -> str:
        people = sorted(self.stage.users[crm].values())
        return random.Random(f"{self.seed}:{lead}:choice").choice(people)  # noqa: S311 - a choice, not a secret
