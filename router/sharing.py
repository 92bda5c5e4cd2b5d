"""One lead shared out among the members of a pool: who can have it, with which weights, and whose turn it is.

Those whom the pool would rather have come first; among the rest decides the rotation, by leads or by their value, or
the number of open leads.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from domain.decisions import Candidate, Turn, Why
from domain.people import CatchUp, Member, Pool, of_kind
from router.availability import Obstacle, Roster
from router.case import Standing
from router.conditions import Facts
from router.rotation import Account, Missing, Rotation, next_in_turn

HIGHEST_VALUE = 1_000_000_000
"""A lead that is worth more is taken for a slip: it would keep somebody without leads for years."""


class Sharing:
    """The members of the pool, each with what keeps him from the lead, and the turn; None where nobody can have it."""

    def __init__(self, roster: Roster, facts: Facts, pool: Pool) -> None:
        self.roster, self.facts, self.pool = roster, facts, pool
        self.value = None if pool.balance_by == "leads" else self._value()
        self.kind = roster.state.kind(pool, facts)
        name = of_kind(pool.account if self.value is None else pool.value_account, self.kind)
        self.rotation = roster.state.rotations.get(name) or Rotation(name)
        self.obstacles: dict[str, Obstacle] = {}
        """of those who cannot have it, or should not as long as others can"""
        for member in pool.members:
            if obstacle := roster.passed_over(member.rep, pool):
                self.obstacles[member.rep] = obstacle
        if pool.method == "least_loaded" or pool.name in roster.rules.fits:
            able = [member.rep for member in pool.members if member.rep not in self.obstacles]
            self.obstacles |= self._less_wanted(able)
        self.eligible = [member for member in pool.members if member.rep not in self.obstacles]
        self.turn = self._turn()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Each member with the reason why he was chosen, or was not."""
        turn, value, breaking = self.turn, self.value, self.roster.state.breaking
        if turn is None:
            return tuple(Candidate(member.rep, *self.obstacles[member.rep]) for member in self.pool.members)
        found, known, what = [], self.rotation.accounts, "leads" if value is None else "value"
        for member in self.pool.members:
            rep = member.rep
            if rep in self.obstacles:
                found.append(Candidate(rep, *self.obstacles[rep]))
                continue
            share = turn.shares.get(rep, 0.0) / turn.amount
            ahead = known[rep].ahead if rep in known else 0.0
            ramp = self.roster.ramp(rep, self.pool) if self.pool.ramp else None
            told = self.roster.breaking(rep) if breaking else None
            found.append(_in_turn(rep, rep == turn.rep, share, ahead, what, self.kind, ramp, told))
        return tuple(found)

    @property
    def result(self) -> str:
        """What came of it, in words."""
        if self.turn is None:
            return "nobody can take a lead now"
        return f"{self.roster.name(self.turn.rep)} {self._because()}"

    def _because(self) -> str:
        if self.pool.method == "least_loaded" and len(self.eligible) < self._able:
            return "has the fewest open leads"
        counted = self.pool.balance_by != "leads" and self.value is None
        number = f" by number of leads, without a {self.pool.balance_by}," if counted else ""
        return f"is next in turn{number}" + (f" for leads of {self.kind}" if self.kind else "")

    # Who ------------------------------------------------------------------------------------------------------------

    def _less_wanted(self, able: Sequence[str]) -> Mapping[str, Obstacle]:
        """Those who could have the lead, but should not as long as others can."""
        found = self._not_preferred(able)
        left = [rep for rep in able if rep not in found]
        self._able = len(left)
        return {**found, **self._busier(left)} if self.pool.method == "least_loaded" else found

    def _not_preferred(self, able: Sequence[str]) -> Mapping[str, Obstacle]:
        """By the first preference that leaves anybody."""
        fits = self.roster.rules.fits.get(self.pool.name)
        for fit in fits.prefer if fits else ():
            misfits = {rep: reason for rep in able if (reason := self.roster.misfit(rep, self.pool, fit))}
            if len(misfits) < len(able):
                return {rep: (Why.NOT_PREFERRED, reason) for rep, reason in misfits.items()}
        return {}

    def _busier(self, able: Sequence[str]) -> Mapping[str, Obstacle]:
        """All but those with the fewest open leads."""
        load = {rep: self.roster.state.standing.get(rep, Standing()).open_leads for rep in able}
        least = min(load.values(), default=0)
        return {
            rep: (Why.BUSIER, f"{leads} open leads, others have {least}")
            for rep, leads in load.items()
            if leads > least
        }

    # How much -------------------------------------------------------------------------------------------------------

    def _value(self) -> int | None:
        """The lead's value in hundredths; None where it has no usable one, and is counted instead."""
        value = self.facts.get(self.pool.balance_by)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        hundredths = round(Decimal(str(value)) * 100)
        return hundredths if 0 < hundredths <= HIGHEST_VALUE * 100 else None

    def _weights(self) -> list[tuple[str, float]]:
        """Of everybody who can have the lead."""
        if self.pool.ramp or self.pool.results or self.roster.state.breaking:
            return [(member.rep, self._weight(member)) for member in self.eligible]
        weighted = self.pool.method == "weighted"
        return [(member.rep, member.weight if weighted else 1.0) for member in self.eligible]

    def _weight(self, member: Member) -> float:
        ramp = self.roster.ramp(member.rep, self.pool) if self.pool.ramp else None
        breaking = self.roster.breaking(member.rep)
        return self._whole_weight(member) * (ramp[1] if ramp else 1) * (breaking[0] if breaking else 1)

    def _whole_weight(self, member: Member) -> float:
        if self.pool.method != "weighted":
            return 1.0
        results = self.pool.results
        if results is None:
            return member.weight
        known = self.roster.state.results.get(self.pool.name) or results.of or {}
        if self.kind:
            known = {**known, **self.roster.state.similar[self.pool.name][self.kind]}
        return results.weight(known.get(member.rep, 1.0))

    def _turn(self) -> Turn | None:
        if not self.eligible:
            return None
        missing = [self._missing(member) for member in self.pool.members if member.rep in self.obstacles]
        return next_in_turn(self.rotation, self._weights(), self.value, missing, self._expired())

    def _missing(self, member: Member) -> Missing:
        owed = self.pool.after_absence
        if owed is None or not self.roster.missed_by_absence(member.rep, self.pool):
            return Missing(member.rep)
        return Missing(member.rep, self._weight(member), self._room(owed, self.rotation.account(member.rep)))

    def _room(self, owed: CatchUp, account: Account) -> float | None:
        if owed.credit is None:
            return None
        return owed.credit * (1 if self.value is None else 100) - account.credit

    def _expired(self) -> Sequence[str]:
        """Those who have not made good in time what they were credited."""
        credited = [rep for rep, account in self.rotation.accounts.items() if account.credit > 0]
        if not credited:
            return ()
        reps = [member.rep for member in self.pool.members if member.rep in credited]
        return [rep for rep in reps if not self.roster.may_still_catch_up(rep, self.pool)]


# The same standings come round again and again, and words take longer than all else about a rotation.
@lru_cache(maxsize=8192)
def _in_turn(
    rep: str,
    chosen: bool,
    share: float,
    ahead: float,
    what: str,
    kind: str | None,
    ramp: tuple[int, float] | None,
    breaking: tuple[float, str] | None,
) -> Candidate:
    far = f"{abs(ahead):.2f}" if what == "leads" else f"{abs(ahead) / 100:.2f}"
    parts = [f"{share:.0%} of the {what} of {kind}" if kind else f"{share:.0%} of the {what}"]
    if float(far):
        parts.append(f"{far} {'ahead of' if ahead > 0 else 'behind'} that share")
    if ramp:
        parts.append(f"week {ramp[0]} after the start: {ramp[1]:.0%} of the weight")
    if breaking and breaking[0] < 1:
        parts.append(f"{breaking[0]:.0%} of the weight: {breaking[1]}")
    return Candidate(rep, Why.CHOSEN if chosen else Why.NOT_NEXT, "; ".join(parts), share, ahead)
