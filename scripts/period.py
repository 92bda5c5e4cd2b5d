"""Days from and to which a command tells something."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_DAY = click.DateTime(["%Y-%m-%d"])


def period_options(otherwise: str) -> Callable[[Command], Command]:
    """`--from` and `--to`, as `first` and `last`; `otherwise` is the first day where none is named, in words."""
    first = click.option("--from", "first", type=_DAY, help=f"First day; {otherwise}.")
    last = click.option("--to", "last", type=_DAY, help="Last day; today.")
    return lambda command: first(last(command))


def period(
    first: datetime | None, last: datetime | None, today: date, otherwise: Callable[[date], date]
) -> tuple[date, date]:
    """The first day and the last; `otherwise` finds the first from the last. click.UsageError where it is later."""
    until = last.date() if last else today
    since = first.date() if first else otherwise(until)
    if since > until:
        raise click.UsageError(f"--from {since} is after --to {until}")
    return _within_reach(since), _within_reach(until)


def _within_reach(day: date) -> date:
    """Nothing happened before or after, and there are days beside these two in every time zone."""
    return min(max(day, date(1970, 1, 1)), date(9998, 12, 31))
