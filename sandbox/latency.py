"""How long an answer takes: a number of seconds, or a distribution that is drawn from with the sandbox's chance."""

from collections.abc import Callable, Mapping
from math import log
from random import Random
from typing import Any

Seconds = Callable[[Random], float]
"""Draws one duration (real seconds)."""

_NINETY_NINTH = 2.3263478740408408
"""The 99th percentile of the normal distribution, in standard deviations."""


def read(wish: Any) -> Seconds:
    """`0.2`, `{"fixed": 0.2}`, `{"uniform": [0.1, 0.3]}` or `{"lognormal": {"p50": 0.05, "p99": 1}}`, in seconds.

    ValueError says what is wrong with any other wish.
    """
    if _is_duration(wish):
        return _fixed(float(wish))
    match wish:
        case {"fixed": seconds, **rest} if not rest and _is_duration(seconds):
            return _fixed(float(seconds))
        case {"uniform": [least, most], **rest} if not rest and _ascending(least, most):
            return lambda chance: chance.uniform(least, most)
        case {"lognormal": {"p50": half, "p99": most, **unknown}, **rest} if (
            not rest and not unknown and _ascending(half, most) and half > 0
        ):
            return _lognormal(half, most)
    raise ValueError(
        f"latency is {_shown(wish)}; it may be seconds, or {{'fixed': seconds}}, {{'uniform': [least, most]}} or"
        " {'lognormal': {'p50': seconds, 'p99': seconds}}"
    )


def _fixed(seconds: float) -> Seconds:
    return lambda _: seconds


def _lognormal(half: float, most: float) -> Seconds:
    spread = (log(most) - log(half)) / _NINETY_NINTH
    return lambda chance: chance.lognormvariate(log(half), spread)


def _ascending(least: Any, most: Any) -> bool:
    return _is_duration(least) and _is_duration(most) and least <= most


def _is_duration(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _shown(wish: Any) -> str:
    return str(dict(wish)) if isinstance(wish, Mapping) else repr(wish)
