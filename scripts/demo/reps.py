"""The demo's sales people: most answer within minutes, some let a lead lie, some keep poor records of their calls."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from scripts.demo.world import Stage, shown


class Habit(Enum):
    """What goes wrong with a hot lead of a pool at its first owner. One that goes with an account, or with an earlier
    lead of the same person, would show less: nobody is next in turn, or a call to the other lead answers both."""

    LET_LIE = "he does not call, and neither does whoever has it next, short of a manager"
    LOGGED_LATE = "he calls in time, and the dialer logs it when the record says that he is late"
    WITHOUT_NOTE = "he logs a call without a word about it"


DEALT = {2: Habit.LET_LIE, 4: Habit.LOGGED_LATE, 6: Habit.WITHOUT_NOTE}
"""By the number of such a lead, so that few leads show each habit once. After EVERY of them it begins anew."""
EVERY = 25
NOTE = "Asked what they need, and by when."
SPOKEN = 120
"""Seconds of the calls that the stories at the end are about."""


@dataclass(frozen=True, slots=True)
class Intended:
    """A call: when it is made, what is written about it, and whether it is logged once the record says Breached."""

    at: datetime
    seconds: int
    note: str = NOTE
    logged_late: bool = False


@dataclass(slots=True)
class Team:
    """Reps who look at their leads in the CRM and pick up the phone. `lazy` is the share of leads that their first
    owner never answers, until `forget_until` (business time); whoever gets such a lead next does answer. Until then
    habits are dealt, too. `managers` are e-mail addresses."""

    stage: Stage
    seed: int
    forget_until: datetime
    managers: Collection[str] = ()
    lazy: float = 0.04
    _calls: dict[tuple[str, str, str], Intended | None] = field(default_factory=dict)
    _owners: dict[tuple[str, str], int] = field(default_factory=dict)
    _let_lie: set[tuple[str, str]] = field(default_factory=set)
    _hot: int = 0

    def work(self, now: datetime, seen: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Everybody looks at the leads of each CRM, at `now` (business time), and calls whom he meant to call."""
        for crm, rows in seen.items():
            people = set(self.stage.users[crm].values())
            for row in rows:
                if row["owner"] in people:
                    self._notice(crm, row, now)
            breached = {str(row["id"]) for row in rows if shown(crm, row, "sla_state") == "Breached"}
            self._call(crm, breached, now)

    @property
    def has_calls_to_make(self) -> bool:
        """Whether somebody means to call a lead soon."""
        return any(call and not call.logged_late for call in self._calls.values())

    def _notice(self, crm: str, row: Mapping[str, Any], now: datetime) -> None:
        lead, owner = str(row["id"]), str(row["owner"])
        if (crm, lead, owner) not in self._calls:
            self._calls[crm, lead, owner] = self._intended(crm, row, now)

    def _intended(self, crm: str, row: Mapping[str, Any], now: datetime) -> Intended | None:
        """The call that a new owner means to make; None where he lets the lead lie."""
        lead, owner = str(row["id"]), str(row["owner"])
        dice = random.Random(f"{self.seed}:{lead}:{owner}")  # noqa: S311 - a habit, not a secret
        had = self._owners.get((crm, lead), 0)
        self._owners[crm, lead] = had + 1
        habit = self._dealt(crm, row) if had == 0 and now < self.forget_until else None
        forgets = had == 0 and dice.random() < self.lazy and now < self.forget_until
        at = now + timedelta(minutes=dice.uniform(1, 7))
        match habit:
            case Habit.LET_LIE:
                self._let_lie.add((crm, lead))
                return None
            case Habit.LOGGED_LATE:
                return Intended(at, SPOKEN, logged_late=True)
            case Habit.WITHOUT_NOTE:
                return Intended(at, SPOKEN, note="")
        lies = forgets or (had == 1 and (crm, lead) in self._let_lie and not self._manages(crm, owner))
        return None if lies else Intended(at, self._seconds(lead))

    def _dealt(self, crm: str, row: Mapping[str, Any]) -> Habit | None:
        if shown(crm, row, "tier") != "hot" or not shown(crm, row, "pool"):
            return None
        self._hot += 1
        return DEALT.get(self._hot % EVERY)

    def _manages(self, crm: str, owner: str) -> bool:
        return owner in {self.stage.users[crm].get(email) for email in self.managers}

    def _call(self, crm: str, breached: set[str], now: datetime) -> None:
        ready = [
            (key, call)
            for key, call in self._calls.items()
            if key[0] == crm and call and call.at <= now and (not call.logged_late or key[1] in breached)
        ]
        if ready:
            self.stage.call("POST", f"/sandbox/{crm}/calls", [_logged(key, call) for key, call in ready])
        for key, _ in ready:
            self._calls[key] = None

    def _seconds(self, lead: str) -> int:
        """Talk time: some people do not pick up, which is an attempt and no contact."""
        return random.Random(f"{self.seed}:{lead}").choice((0, 45, 60, 120, 240))  # noqa: S311 - a call, not a secret


def _logged(key: tuple[str, str, str], call: Intended) -> dict[str, object]:
    _, lead, owner = key
    late = {"at": call.at.isoformat(), "dialer": True} if call.logged_late else {}
    return {"lead": lead, "owner": owner, "seconds": call.seconds, "note": call.note, **late}
