"""What the CRMs still let us ask, and how long that lasts: the words of `fairlead status`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from redis.exceptions import RedisError

from connectors.registry import CRMS
from runtime.budget import Standing, account_key
from runtime.clocks import machine_now
from runtime.settings import Settings, SettingsError
from runtime.sharing import Sharing

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LimitsLeft:
    """One CRM's limits as all workers know them, or why they are `unknown`.

    `left_today` and `a_day` are what the CRM told within the last ten minutes; `per_minute` is the mean of the last
    ten; `lasts_until` (UTC) is when nothing will be left at this rate, None where it is enough for a day. `in_window`
    calls of `window_limit` were sent in the last `window_seconds`; nobody asks before `refused_until` (UTC).
    """

    unknown: str | None = None
    left_today: int | None = None
    a_day: int | None = None
    per_minute: float | None = None
    lasts_until: datetime | None = None
    in_window: int | None = None
    window_limit: int | None = None
    window_seconds: float | None = None
    refused_until: datetime | None = None


def limits_left(settings: Settings, crms: Iterable[str]) -> dict[str, LimitsLeft]:
    """By CRM. No CRM is asked: the queue's Redis knows."""
    if not settings.redis_url:
        return {crm: LimitsLeft(unknown="no queue runs here") for crm in crms}
    sharing = Sharing(settings.redis_url, settings.workers, settings.reserves, structlog.get_logger("fairlead"))
    try:
        return {crm: _of(settings, sharing, crm) for crm in crms}
    finally:
        sharing.close()


def _of(settings: Settings, sharing: Sharing, crm: str) -> LimitsLeft:
    try:
        account = account_key(crm, settings.credentials(crm))
        return measured(sharing.budget(account, CRMS[crm].limits).standing(), machine_now())
    except SettingsError:
        return LimitsLeft(unknown="without the credentials it is not known whose limits they are")
    except RedisError:
        return LimitsLeft(unknown="the queue does not answer")


def measured(standing: Standing, now: datetime) -> LimitsLeft:
    """How long it lasts, seen at that moment."""
    lasts = None
    if standing.left_today is not None and standing.per_minute > 0:
        minutes = standing.left_today / standing.per_minute
        lasts = now + timedelta(minutes=minutes) if minutes < A_DAY / timedelta(minutes=1) else None
    refused = standing.refused_until
    return LimitsLeft(
        left_today=standing.left_today,
        a_day=standing.a_day,
        per_minute=round(standing.per_minute, 1),
        lasts_until=lasts,
        in_window=standing.in_window if standing.window_limit else None,
        window_limit=standing.window_limit,
        window_seconds=standing.window_seconds,
        refused_until=datetime.fromtimestamp(refused, UTC) if refused else None,
    )


def sentence(left: LimitsLeft) -> str:
    """As a person reads it."""
    if left.unknown:
        return f"unknown: {left.unknown}"
    parts = []
    if left.left_today is None:
        parts.append(f"{left.per_minute:g} calls a minute; what is left today was not told in the last ten minutes")
    else:
        of = f" of {left.a_day:,}" if left.a_day else ""
        until = f"at this rate until {left.lasts_until:%H:%M} UTC" if left.lasts_until else "enough for the day"
        parts.append(f"{left.left_today:,}{of} calls left today, {left.per_minute:g} a minute: {until}")
    if left.window_limit:
        parts.append(f"{left.in_window} of {left.window_limit} in the last {left.window_seconds:g} s")
    if left.refused_until:
        parts.append(f"refused until {left.refused_until:%H:%M:%S} UTC")
    return "; ".join(parts)
