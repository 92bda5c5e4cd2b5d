"""Whom the last part of a CRM's limits is kept for."""

from dataclasses import dataclass
from math import floor

from connectors.base import Lane


@dataclass(frozen=True, slots=True)
class Reserves:
    """Shares of a limit that are left alone: bulk leaves `for_hot` of the short windows to hot leads, and of the day
    that and `for_others`; hot leads leave `for_others` of the day to people's other tools."""

    for_hot: float = 0.10
    for_others: float = 0.05

    def of_window(self, lane: Lane, calls: int) -> int:
        """How many of so many calls this lane may have, at least one."""
        return max(1, floor(calls * (1 - self.for_hot))) if lane == "bulk" else calls

    def of_day(self, lane: Lane) -> float:
        """The share of the day's calls that this lane leaves."""
        return self.for_others + (self.for_hot if lane == "bulk" else 0.0)
