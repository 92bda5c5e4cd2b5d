"""The demo's sales people: most answer within minutes, some let a lead lie."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scripts.demo.world import Stage


@dataclass(slots=True)
class Team:
    """Reps who look at their leads in the CRM and pick up the phone. `lazy` is the share of leads that their first
    owner never answers, until `forget_until` (business time); whoever gets such a lead next does answer."""

    stage: Stage
    seed: int
    forget_until: datetime
    lazy: float = 0.04
    _due: dict[tuple[str, str, str], datetime | None] = field(default_factory=dict)
    _had: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0

    def work(self, now: datetime, seen: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Everybody looks at the leads of each CRM, at `now` (business time), and calls whom he meant to call."""
        for crm, rows in seen.items():
            people = set(self.stage.users[crm].values())
            for row in rows:
                if row["owner"] in people:
                    self._notice(crm, str(row["id"]), str(row["owner"]), now)
            self._call(crm, now)

    def _notice(self, crm: str, lead: str, owner: str, now: datetime) -> None:
        if (crm, lead, owner) in self._due:
            return
        dice = random.Random(f"{self.seed}:{lead}:{owner}")  # noqa: S311 - a habit, not a secret
        first = (crm, lead) not in self._had
        self._had.add((crm, lead))
        forgets = first and dice.random() < self.lazy and now < self.forget_until
        self._due[crm, lead, owner] = None if forgets else now + timedelta(minutes=dice.uniform(1, 7))

    def _call(self, crm: str, now: datetime) -> None:
        ready = [key for key, due in self._due.items() if key[0] == crm and due and due <= now]
        rows = [{"lead": lead, "owner": owner, "seconds": self._seconds(lead)} for _, lead, owner in ready]
        if rows:
            self.stage.call("POST", f"/sandbox/{crm}/calls", rows)
        for key in ready:
            self._due[key] = None
        self.calls += len(rows)

    def _seconds(self, lead: str) -> int:
        """Talk time: some people do not pick up, which is an attempt and no contact."""
        return random.Random(f"{self.seed}:{lead}").choice((0, 45, 60, 120, 240))  # noqa: S311 - a call, not a secret
