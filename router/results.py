"""Weights from conversion: what share of his leads somebody converted, beside the others of his pool."""

from collections.abc import Mapping
from datetime import timedelta

LOOKS_BACK = timedelta(days=90)
"""Leads that were decided longer ago say nothing about how well somebody works now."""

AS_MANY_AS_USUAL = 20
"""Everybody starts with so many leads that were converted as often as the pool's: a few leads prove little."""


def from_conversions(of: Mapping[str, tuple[int, int]]) -> Mapping[str, float]:
    """Each person's result from (leads, converted of these): 1.0 is as often as the pool as a whole."""
    leads = sum(number for number, _ in of.values())
    converted = sum(number for _, number in of.values())
    if not converted:
        return dict.fromkeys(of, 1.0)
    usual = converted / leads
    return {
        rep: (own + AS_MANY_AS_USUAL * usual) / (number + AS_MANY_AS_USUAL) / usual for rep, (number, own) in of.items()
    }
