"""Weighted rotation by Tijdeman's rule (R. Tijdeman, The chairman assignment problem, Discrete Math. 32, 1980).

Among k >= 2 people whose eligibility does not change, nobody is ever further than 1 - 1/(2k-2) leads from his
weighted share. Where eligibility changes from lead to lead, each lead is shared out among those who could have had it.
"Largest deficit first" looks alike and does not keep the bound.

Shares are whole multiples of UNIT and add up to exactly 1, so that sums of them are exact as floats (up to 2**17 leads
a person; beyond that, to within a UNIT a lead): nothing drifts, equal standings are equal, and a turn that comes back
leaves the state as it was, to the last bit, on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from domain.decisions import Turn

_UNITS = 2**36
UNIT = 1 / _UNITS


@dataclass(frozen=True, slots=True)
class Account:
    """One person's fairness account in one rotation: leads he was entitled to so far, and leads that he took."""

    entitled: float = 0.0
    taken: int = 0

    @property
    def ahead(self) -> float:
        """Leads above (+) or below (-) the share."""
        return self.taken - self.entitled


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation's state. Never mutated: `take` and `give_back` return the next one."""

    name: str
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def account(self, rep: str) -> Account:
        """The person's account; a new one for somebody who was not eligible before."""
        return self.accounts.get(rep, Account())


def next_in_turn(rotation: Rotation, eligible: Sequence[tuple[str, float]]) -> Turn:
    """Whose turn it is among (rep, weight > 0) in the pool's order; ValueError when empty."""
    if not eligible:
        raise ValueError(f"nobody is eligible in rotation {rotation.name!r}")
    shares = _shares(tuple(eligible))
    due = [rep for rep in shares if _may_take(rotation.account(rep), shares[rep], len(shares))]
    # Nobody may where those who are behind cannot have this lead; then it goes to whoever comes next all the same.
    rep = min(due or shares, key=lambda rep: _overdue_in(rotation.account(rep), shares[rep], len(shares)))
    return Turn(rotation.name, rep, {rep: share * UNIT for rep, share in shares.items() if share})


def take(rotation: Rotation, turn: Turn) -> Rotation:
    """The state after the turn was taken."""
    return _moved(rotation, turn, 1)


def give_back(rotation: Rotation, turn: Turn) -> Rotation:
    """The state as if the turn had not been taken: the person is due again, and nobody else is owed more or less."""
    return _moved(rotation, turn, -1)


def _moved(rotation: Rotation, turn: Turn, leads: int) -> Rotation:
    accounts = dict(rotation.accounts)
    for rep in {**turn.shares, turn.rep: None}:
        before = rotation.account(rep)
        entitled = before.entitled + leads * turn.shares.get(rep, 0.0)
        accounts[rep] = Account(entitled, before.taken + (leads if rep == turn.rep else 0))
    return Rotation(rotation.name, accounts)


@lru_cache(maxsize=4096)
def _shares(eligible: tuple[tuple[str, float], ...]) -> Mapping[str, int]:
    """What each is entitled to of one lead, in UNITs that add up to one lead; what rounding leaves goes to those who
    lost most by it."""
    exact = {rep: Fraction(weight) for rep, weight in eligible}
    whole = sum(exact.values())
    units = {rep: weight * _UNITS / whole for rep, weight in exact.items()}
    shares = {rep: int(unit) for rep, unit in units.items()}
    left = _UNITS - sum(shares.values())
    for rep in sorted(shares, key=lambda rep: shares[rep] - units[rep])[:left]:
        shares[rep] += 1
    return MappingProxyType(shares)


def _may_take(account: Account, share: int, people: int) -> bool:
    """Whether taking this lead leaves the person within the bound: entitled + share - taken >= 1/(2k-2)."""
    owed = round(account.entitled * _UNITS) + share - account.taken * _UNITS
    return people == 1 or owed * (2 * people - 2) >= _UNITS


def _overdue_in(account: Account, share: int, people: int) -> tuple[int, Fraction]:
    """After how many more leads the person would be further behind than the bound allows: the moment n with
    n * share - taken = 1 - 1/(2k-2), counted from now. The smallest comes first; a share of nothing comes last."""
    if not share or people == 1:
        return (1, Fraction(0))
    room = round(account.entitled * _UNITS) - (account.taken + 1) * _UNITS
    return (0, Fraction(-room * (2 * people - 2) - _UNITS, share))
