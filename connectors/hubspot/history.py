"""Whether a person chose an owner around our write, as the owner's history tells. HubSpot cannot guard a row itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

APPS = frozenset({"INTEGRATION", "API"})
"""`sourceType` of what programs write through the API; people's changes are CRM_UI, MOBILE_IOS and others."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody else chose `owner` (None: nobody), and this choice is to stand."""

    owner: str | None


def taken(versions: Sequence[Mapping[str, object]], wrote: str | None, expected: str | None) -> Taken | None:
    """Whose choice our write met; None where there was nobody's but ours.

    `versions` of the owner, newest first; `wrote` is the owner that we wrote (None: we left him alone; empty: we took
    him away), `expected` the one that was there at the guard read.
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
    return None if before == expected else Taken(before)
