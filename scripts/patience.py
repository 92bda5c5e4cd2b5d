"""Commands and a CRM that has no time for them: a few seconds are waited, then a person is told when to try again.

Workers never wait like this: what they do waits in a column of the ledger.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

import click

from connectors.base import TryLater
from runtime.clocks import machine_now

T = TypeVar("T")

MOST_PATIENCE = 15.0
"""Seconds that one question waits for its turn, all in all."""


class NoTime(click.ClickException):
    """The CRM takes no more of our calls for a while. The message names it, the time, and the way out."""


def patiently(crm: str, ask: Callable[[], T]) -> T:
    """The answer, asked for again after as long as the CRM, or our own share of its limits, tells us to wait.

    NoTime where that is beyond MOST_PATIENCE; an outage, of which nobody knows how long it takes, is raised as it is.
    `ask` may be repeated.
    """
    left = MOST_PATIENCE
    while True:
        try:
            return ask()
        except TryLater as problem:
            if problem.after is None:
                raise
            if problem.after > left:
                raise NoTime(f"{crm}: {told(problem)}") from problem
            wait = max(problem.after, 0.1)
        left -= wait
        time.sleep(wait)


def told(problem: Exception) -> str:
    """What went wrong, and when it is worth trying again where that is known."""
    after = problem.after if isinstance(problem, TryLater) else None
    return str(problem) if after is None else f"{problem}; {way_out(after, machine_now())}"


def way_out(after: float, now: datetime) -> str:
    """When it is worth trying again, in words; `after` in seconds."""
    at = now + timedelta(seconds=ceil(after))
    day = "" if at.date() == now.date() else f"{at:%Y-%m-%d} "
    return f"run this again after {day}{at:%H:%M:%S} UTC; `fairlead status` tells what is left of its limits"
