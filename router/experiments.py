"""Experiments: which arm a lead is in, and what came of the arms.

The arm is the same one for the same person or company, on every machine and for ever: the share of [0, 1) that a
SHA-256 of experiment and unit falls into; nothing is drawn and nothing is stored.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from math import sqrt
from statistics import NormalDist

from domain import hours
from domain.leads import Lead
from router.duplicates import company_of, person_of
from router.rules import Arm, Experiment

CONFIDENCE = 0.95
"""How often such intervals hold the truth."""


def unit_of(experiment: Experiment, lead: Lead, free_mail: frozenset[str]) -> str:
    """Whom the lead counts for. Without an e-mail address (`per: person`) or a company's domain (`per: company`) each
    lead counts alone."""
    unit = {"person": person_of(lead), "company": company_of(lead, free_mail), "lead": None}[experiment.per]
    return unit or str(lead.key)


def arm_of(experiment: Experiment, lead: Lead, free_mail: frozenset[str]) -> Arm:
    """The lead's arm."""
    digest = hashlib.sha256(f"{experiment.name}\x1f{unit_of(experiment, lead, free_mail)}".encode()).digest()
    share = int.from_bytes(digest[:8]) / 2**64 * sum(arm.weight for arm in experiment.arms)
    ends = accumulate(arm.weight for arm in experiment.arms)
    return next((arm for arm, end in zip(experiment.arms, ends, strict=True) if share < end), experiment.arms[-1])


# What came of it ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """A lead that was put into an arm `at` a moment, and when it reached the goal (None: not so far)."""

    unit: str
    arm: str
    at: datetime
    reached: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """`units` are the people, companies or leads of the arm; `over` those of them whose time is over, and `reached`
    those of these who reached the goal in time. `rate` is reached / over, and `interval` where the true rate probably
    is; None where nobody's time is over."""

    arm: str
    units: int
    over: int
    reached: int
    rate: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much (a share, 0.05 are 5 points) the rate of `arm` is above that of `against`, and the interval in which
    the true difference probably lies."""

    arm: str
    against: str
    by: float
    interval: tuple[float, float]

    @property
    def shown(self) -> bool:
        """Whether chance alone would hardly explain it: the interval does not hold zero."""
        return not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of an experiment so far. Differences are against the first arm, where anything can be compared yet;
    together, not each alone, they hold with `CONFIDENCE` (Bonferroni). `moved` counts units that were in a second arm
    later, because the arms were changed meanwhile: each counts in its first."""

    arms: tuple[ArmResult, ...]
    differences: tuple[Difference, ...]
    moved: int


def compare(experiment: Experiment, entered: Iterable[Entered], now: datetime) -> Compared:
    """Each unit counts once, in the arm that it was put into first, from that moment, whatever became of its leads
    there. Only those whose whole time (`for`) is over are compared: whoever came yesterday has had no time to convert.
    Without a `for` everybody's is over at any time."""
    first, arms_of = _first(entered)
    names = dict.fromkeys([arm.name for arm in experiment.arms] + [one.arm for one in first.values()])
    arms = [_result(name, [one for one in first.values() if one.arm == name], experiment, now) for name in names]
    return Compared(tuple(arms), tuple(_differences(arms)), sum(len(found) > 1 for found in arms_of.values()))


def _first(entered: Iterable[Entered]) -> tuple[Mapping[str, Entered], Mapping[str, set[str]]]:
    """Each unit as it came in first, with the earliest moment at which any of its leads reached the goal."""
    first: dict[str, Entered] = {}
    arms: dict[str, set[str]] = {}
    for one in sorted(entered, key=lambda each: each.at):
        arms.setdefault(one.unit, set()).add(one.arm)
        before = first.setdefault(one.unit, one)
        moments = [moment for moment in (before.reached, one.reached) if moment]
        first[one.unit] = replace(before, reached=min(moments, default=None))
    return first, arms


def _result(name: str, units: Sequence[Entered], experiment: Experiment, now: datetime) -> ArmResult:
    over = reached = 0
    for one in units:
        end = hours.due(hours.always(), one.at, experiment.within) if experiment.within else now
        over += end <= now
        reached += end <= now and one.reached is not None and one.reached <= end
    rate, interval = (reached / over, wilson(reached, over)) if over else (None, None)
    return ArmResult(name, len(units), over, reached, rate, interval)


def _differences(arms: Sequence[ArmResult]) -> Iterable[Difference]:
    first, *others = arms
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(others))
    for other in others:
        if first.over and other.over:
            by, interval = difference((other.reached, other.over), (first.reached, first.over), confidence)
            yield Difference(other.arm, first.arm, by, interval)


def wilson(reached: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927): honest with few leads and rates near
    nothing too, where the usual plus-minus reaches below zero. `of` > 0."""
    z, share = _z(confidence), reached / of
    scale = 1 + z * z / of
    centre = (share + z * z / (2 * of)) / scale
    half = z / scale * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def difference(
    one: tuple[int, int], other: tuple[int, int], confidence: float = CONFIDENCE
) -> tuple[float, tuple[float, float]]:
    """How far the first (reached, of) is above the other, and the interval made of both Wilson intervals
    (R. G. Newcombe, Statistics in Medicine 17, 1998, p. 873, method 10)."""
    share, share_of_other = one[0] / one[1], other[0] / other[1]
    (low, high), (low_of_other, high_of_other) = wilson(*one, confidence), wilson(*other, confidence)
    by = share - share_of_other
    below = sqrt((share - low) ** 2 + (high_of_other - share_of_other) ** 2)
    above = sqrt((high - share) ** 2 + (share_of_other - low_of_other) ** 2)
    return by, (by - below, by + above)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
