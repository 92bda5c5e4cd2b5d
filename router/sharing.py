"""One lead shared out among the members of a pool: who can have it, with which weights, and whose turn it is.

Those whom the pool would rather have come first; among the rest decides the rotation, by leads or by their value, or
the number of open leads.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.decisions import Candidate, TakingTurns, Turn, Why
from domain.people import CatchUp, Pool, of_kind
from router.availability import Obstacle, Roster
from router.case import Standing
from router.conditions import Facts
from router.considered import in_turn
from router.rotation import Account, Missing, Rotation, next_in_turn, turn_by_standing

HIGHEST_VALUE = 1_000_000_000
"""A lead that is worth more is taken for a slip: it would keep somebody without leads for years."""


class Sharing:
    """The members of the pool, each with what keeps him from the lead, and the turn; None where nobody can have it."""

    def __init__(self, roster: Roster, facts: Facts, pool: Pool) -> None:
        self.roster, self.facts, self.pool = roster, facts, pool
        self.value = None if pool.balance_by == "leads" else self._value()
        self.kind = roster.state.kind(pool, facts) if pool.results else None
        name = of_kind(pool.account if self.value is None else pool.value_account, self.kind)
        self.rotation = roster.state.rotations.get(name) or Rotation(name)
        self.obstacles = roster.obstacles(pool)
        """of those who cannot have it, or should not as long as others can"""
        if pool.method == "least_loaded" or pool.name in roster.rules.fits:
            able = [rep for rep in pool.reps if rep not in self.obstacles]
            self.obstacles |= self._less_wanted(able)
        self.eligible = pool.weights
        """with the weights that the configuration gives them"""
        if self.obstacles:
            self.eligible = tuple(one for one in pool.weights if one[0] not in self.obstacles)
        self.turn: Turn | None = None
        self.candidates: TakingTurns | tuple[Candidate, ...] = ()
        """everybody, with the reason why he was chosen, or was not"""
        if self.eligible:
            self._share_out()
        else:
            self.candidates = tuple(Candidate(rep, *self.obstacles[rep]) for rep in pool.reps)

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

    def _weight(self, rep: str, weight: float) -> float:
        """What his weight is now."""
        ramp = self.roster.ramp(rep, self.pool) if self.pool.ramp else None
        breaking = self.roster.breaking(rep)
        return self._whole_weight(rep, weight) * (ramp[1] if ramp else 1) * (breaking[0] if breaking else 1)

    def _whole_weight(self, rep: str, weight: float) -> float:
        results = self.pool.results
        if self.pool.method != "weighted" or results is None:
            return weight
        known = self.roster.state.results.get(self.pool.name) or results.of or {}
        if self.kind:
            known = {**known, **self.roster.state.similar[self.pool.name][self.kind]}
        return results.weight(known.get(rep, 1.0))

    # Whose turn -----------------------------------------------------------------------------------------------------

    def _share_out(self) -> None:
        pool, breaking = self.pool, self.roster.state.breaking
        # Not whether anybody is breaking promises, wherever: what is decided again from what was consulted is the same.
        each_his_own = pool.ramp or (breaking and not breaking.keys().isdisjoint(pool.reps))
        weights = self.eligible
        if each_his_own or pool.results:
            weights = tuple((rep, self._weight(rep, weight)) for rep, weight in weights)
        if self.value is not None or each_his_own:
            self.turn = turn = self._with_absences(weights)
            self.candidates = tuple(self._in_words(rep, turn) for rep in pool.reps)
            return
        reps = [rep for rep, _ in weights] if self.obstacles else pool.reps
        ahead = self.rotation.ahead(reps)
        if (pool.after_absence and self.obstacles) or [one for one in self.rotation.accounts.values() if one.credit]:
            turn = self._with_absences(weights)
        else:
            turn = turn_by_standing(self.rotation.name, weights, ahead)
        standings: tuple[float | None, ...] = tuple(ahead)
        if self.obstacles:
            of_whom = dict(zip(reps, ahead, strict=True))
            standings = tuple(of_whom.get(rep) for rep in pool.reps)
        self.turn = turn
        self.candidates = TakingTurns(turn.rep, pool.reps, standings, turn.shares, self.obstacles, self.kind)

    def _with_absences(self, weights: Sequence[tuple[str, float]]) -> Turn:
        """The turn, where those who are away may be owed something."""
        missing = [self._missing(rep, weight) for rep, weight in self.pool.weights if rep in self.obstacles]
        return next_in_turn(self.rotation, weights, self.value, missing, self._expired())

    def _in_words(self, rep: str, turn: Turn) -> Candidate:
        if rep in self.obstacles:
            return Candidate(rep, *self.obstacles[rep])
        what = "leads" if self.value is None else "value"
        share, ahead = turn.shares.get(rep, 0.0) / turn.amount, self.rotation.account(rep).ahead
        ramp = self.roster.ramp(rep, self.pool) if self.pool.ramp else None
        told = self.roster.breaking(rep)
        return in_turn(rep, share, ahead, what, self.kind, ramp, told, chosen=rep == turn.rep)

    def _missing(self, rep: str, weight: float) -> Missing:
        owed = self.pool.after_absence
        if owed is None or not self.roster.missed_by_absence(rep, self.pool):
            return Missing(rep)
        return Missing(rep, self._weight(rep, weight), self._room(owed, self.rotation.account(rep)))

    def _room(self, owed: CatchUp, account: Account) -> float | None:
        if owed.credit is None:
            return None
        return owed.credit * (1 if self.value is None else 100) - account.credit

    def _expired(self) -> Sequence[str]:
        """Those who have not made good in time what they were credited."""
        credited = [rep for rep, account in self.rotation.accounts.items() if account.credit > 0]
        if not credited:
            return ()
        reps = [rep for rep in self.pool.reps if rep in credited]
        return [rep for rep in reps if not self.roster.may_still_catch_up(rep, self.pool)]
