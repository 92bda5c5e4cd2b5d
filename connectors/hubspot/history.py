"""What the versions of a property tell: whether a person chose an owner around our write, which HubSpot cannot guard
itself, and who had a record when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.values import instant
from domain.leads import Version

APPS = frozenset({"INTEGRATION", "API"})
"""`sourceType` of what programs write through the API; people's changes are CRM_UI, MOBILE_IOS and others."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody else chose `owner` (None: nobody), and this choice is to stand."""

    owner: str | None


def taken(
    versions: Sequence[Mapping[str, object]], wrote: str | None, expected: str | None, arrived: datetime | None = None
) -> Taken | None:
    """Whose choice our write met; None where there was nobody's but ours.

    `versions` of the owner, newest first; `wrote` is the owner that we wrote (None: we left him alone; empty: we took
    him away), `expected` the one that was there at the guard read. `arrived` is since when the record carries our
    decision, where it does: a request that was held up may have come after another one for the same decision.
    """
    owners = [str(version.get("value") or "") or None for version in versions]
    now = owners[0] if owners else None
    if wrote is None or (wrote or None) == expected:
        return None if now == expected else Taken(now)
    if now != (wrote or None):
        return Taken(now)
    if versions[0].get("sourceType") not in APPS:
        return None  # a person chose the same owner
    if len(owners) == 1 and expected is not None:
        return None  # HubSpot keeps so many versions only; without an older one there is nothing to go by
    before = owners[1] if len(owners) > 1 else None
    brought_back = len(owners) > 1 and arrived is not None and _chosen_after(versions[1], arrived)
    return None if before == expected and not brought_back else Taken(before)


def _chosen_after(version: Mapping[str, object], moment: datetime) -> bool:
    at = when(version)
    return version.get("sourceType") not in APPS and at is not None and at > moment


def when(version: Mapping[str, object]) -> datetime | None:
    """The time of a version, where it tells."""
    try:
        return instant(version.get("timestamp"))
    except ValueError:
        return None


def in_order(versions: Sequence[Mapping[str, object]]) -> tuple[Version, ...]:
    """The versions, oldest first; none where one of them does not tell its time."""
    times = [when(version) for version in versions]
    found = [
        Version(at, str(version.get("value") or "") or None)
        for at, version in zip(times, versions, strict=True)
        if at is not None
    ]
    return tuple(reversed(found)) if len(found) == len(times) else ()
