"""HubSpot's limits as its answers tell them: what is left, and how long nobody should ask."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Budget, Told
from connectors.wire import seconds

TEN_SECONDLY = 10.0
SECONDLY = 1.0
UNKNOWN_MIDNIGHT = 3600.0
"""Seconds to wait for the day's limit where the account's time zone is not known yet."""

MIGRATING = 477
UNAVAILABLE = 503

_PREFIX = "X-HubSpot-RateLimit-"


def told(headers: Mapping[str, str]) -> list[Told]:
    """What the headers of an answer say. Searches tell of the day only, and apps with OAuth not of the day."""
    limits: list[Told] = []
    if headers.get(f"{_PREFIX}Interval-Milliseconds", "10000") == "10000":
        limits += _pair("ten_seconds", headers.get(f"{_PREFIX}Max"), headers.get(f"{_PREFIX}Remaining"))
    return limits + _pair("day", headers.get(f"{_PREFIX}Daily"), headers.get(f"{_PREFIX}Daily-Remaining"))


def _pair(window: Any, limit: str | None, left: str | None) -> list[Told]:
    numbers = [int(text) if text and text.isascii() and text.isdigit() else None for text in (limit, left)]
    return [] if numbers == [None, None] else [Told(window, *numbers)]


def wait(policy: str, searching: bool, to_midnight: float | None) -> float:
    """Seconds after a 429 that names no Retry-After."""
    if policy == "DAILY":
        return UNKNOWN_MIDNIGHT if to_midnight is None else to_midnight
    return SECONDLY if searching or policy == "SECONDLY" else TEN_SECONDLY


def tell_refusal(budget: Budget, status: int, policy: str, searching: bool, after: float | None) -> None:
    """Tell the others of a refusal that is meant for all of us: a limit, a migration, an outage of told length."""
    if after is None or status not in (429, MIGRATING, UNAVAILABLE):
        return
    of_both = policy == "DAILY" or status != 429
    for what in ("call", "search"):
        if of_both or (what == "search") is searching:
            budget.refused(what, after)


def to_midnight(now: datetime | None, utc_offset: timedelta | None) -> float | None:
    """Seconds until the account's day ends; None where its clock is not known."""
    if now is None or utc_offset is None:
        return None
    local = now + utc_offset
    ended = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (ended - local).total_seconds()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, where the answer says so."""
    return seconds(headers.get("Retry-After"))
