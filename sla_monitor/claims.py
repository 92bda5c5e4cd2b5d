"""Proven or claimed: what somebody typed in beside what the telephone system knows of it.

A claim is a call that a person logged by hand. Whatever a program recorded is proof. Nothing here asks anybody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from domain.activities import Activity

NEAR = timedelta(minutes=15)
"""People log a call when it is over, at a time that they remember."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What a call counts for that was typed in: with a note, where one is asked for; for `confirm_within` of real time
    since it was logged, unless it is confirmed (None: for ever); and what becomes of it otherwise."""

    note_required: bool = False
    confirm_within: timedelta | None = None
    otherwise: Literal["ignore", "count"] = "ignore"


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    """there was a call, and it went otherwise: nobody answered"""
    UNCONFIRMED = "not confirmed"
    WITHOUT_NOTE = "no note"
    WAITING = "waiting for confirmation"


REFUTED = frozenset({Verdict.CONTRADICTED, Verdict.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, what the telephone system says of it, and the call that says so. `until` is how long it stands without
    one (None: it does not, or for ever)."""

    claim: Activity
    verdict: Verdict
    proof: Activity | None = None
    until: datetime | None = None

    def why_ignored(self, reported: Reported) -> str:
        """Why it does not count; empty where it does. What a proof tells counts by itself."""
        match self.verdict:
            case Verdict.CONFIRMED | Verdict.CONTRADICTED:
                return "typed in: what the telephone system knows of this call counts instead"
            case Verdict.WITHOUT_NOTE:
                return "typed in without a note"
            case Verdict.UNCONFIRMED if reported.otherwise == "ignore":
                return "typed in, and not confirmed in time"
            case _:
                return ""


def judge(claim: Activity, activities: Iterable[Activity], reported: Reported, now: datetime) -> Judged:
    """What `activities` of the lead say of a claim at `now`."""
    proof = _proof(claim, activities)
    if proof:
        otherwise = _contradicts(claim, proof)
        return Judged(claim, Verdict.CONTRADICTED if otherwise else Verdict.CONFIRMED, proof)
    if reported.note_required and not claim.noted:
        return Judged(claim, Verdict.WITHOUT_NOTE)
    until = claim.logged_at + reported.confirm_within if reported.confirm_within else None
    return Judged(claim, Verdict.UNCONFIRMED if until and until <= now else Verdict.WAITING, None, until)


def judge_all(activities: Sequence[Activity], reported: Reported | None, now: datetime) -> dict[str, Judged]:
    """Every claim among these activities of a lead, by its id; none where nothing is said of claims."""
    if reported is None:
        return {}
    return {one.id: judge(one, activities, reported, now) for one in activities if one.claimed}


def _proof(claim: Activity, activities: Iterable[Activity]) -> Activity | None:
    """The nearest call that a program recorded, by the same person as far as is known; first one that says the same,
    for whoever calls in vain calls again."""
    near = (
        one
        for one in activities
        if one.kind == "call" == claim.kind
        and not one.claimed
        and not one.automated
        and abs(one.happened_at - claim.happened_at) <= NEAR
        and (one.by is None or claim.by is None or one.by == claim.by)
        and (one.direction or claim.direction) == (claim.direction or one.direction)
    )
    return min(
        near,
        key=lambda one: (_contradicts(claim, one), abs(one.happened_at - claim.happened_at), one.id),
        default=None,
    )


def _contradicts(claim: Activity, proof: Activity) -> bool:
    return claim.answered is True and proof.answered is False
