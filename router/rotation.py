"""Weighted rotation by Tijdeman's rule (R. Tijdeman, The chairman assignment problem, Discrete Math. 32, 1980).

CONTRACT STUB: types and signatures are fixed, bodies are being written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.decisions import Turn


@dataclass(frozen=True, slots=True)
class Account:
    """One person's fairness account in one rotation: leads he was entitled to so far, and leads that he took."""

    entitled: float = 0.0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation's state. Never mutated: `take` and `give_back` return the next one."""

    name: str
    accounts: Mapping[str, Account] = field(default_factory=dict)


def next_in_turn(rotation: Rotation, eligible: Sequence[tuple[str, float]]) -> Turn:
    """Whose turn it is among (rep, weight > 0) in the pool's order; ValueError when empty."""
    raise NotImplementedError


def take(rotation: Rotation, turn: Turn) -> Rotation:
    """The state after the turn was taken."""
    raise NotImplementedError


def give_back(rotation: Rotation, turn: Turn) -> Rotation:
    """The state as if the turn had not been taken: the person is due again, and nobody else is owed more or less."""
    raise NotImplementedError
