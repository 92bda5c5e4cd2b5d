"""Claims beside the evidence, for a person to judge: a random sample that anybody can draw again, and shares."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ledger import evidence
from runtime.attainment import in_force, stretch
from sla_monitor.claims import REFUTED, Judged, Reported, Verdict, judge


@dataclass(frozen=True, slots=True)
class Share:
    """Of somebody's claims, or a team's: how many were confirmed and how many refuted. Those that still wait, and those
    without a note, are in `claims` alone."""

    of: str
    claims: int
    confirmed: int
    refuted: int

    @property
    def refuted_share(self) -> float | None:
        """Of those about which something is known."""
        known = self.confirmed + self.refuted
        return self.refuted / known if known else None


@dataclass(frozen=True, slots=True)
class Audit:
    """Every claim of the stretch as it stands, those that were drawn, in order of time, and the shares."""

    judged: tuple[Judged, ...]
    drawn: tuple[Judged, ...]
    by_rep: tuple[Share, ...]
    by_team: tuple[Share, ...]


def audit(tx: Connection, first: date, last: date, now: datetime, *, seed: int, sample: int) -> Audit:
    """The calls that were typed in and happened on these days (both included; days of `defaults.hours`). The same seed
    draws the same sample from the same claims."""
    playbook = in_force(tx)
    claims = evidence.claims(tx, *stretch(playbook.policy, first, last))
    known = evidence.of(tx, dict.fromkeys(claim.lead for claim in claims))
    # Where sla.yaml says nothing of claims they are still judged: by a day, as the language's example has it.
    reported = playbook.policy.counts_as.reported or Reported(confirm_within=timedelta(days=1))
    judged = tuple(judge(claim, known[claim.lead], reported, now) for claim in claims)
    # Not for secrets: anybody shall be able to draw it again.
    chosen = sorted(random.Random(seed).sample(range(len(judged)), min(sample, len(judged))))  # noqa: S311
    teams = {email: rep.team or "" for email, rep in playbook.rules.reps.items()}
    return Audit(
        judged=judged,
        drawn=tuple(judged[at] for at in chosen),
        by_rep=_shares([(one.claim.by or "", one) for one in judged]),
        by_team=_shares([(teams.get(one.claim.by or "", ""), one) for one in judged]),
    )


def _shares(judged: Sequence[tuple[str, Judged]]) -> tuple[Share, ...]:
    found: dict[str, list[Verdict]] = {}
    for of, one in judged:
        found.setdefault(of, []).append(one.verdict)
    return tuple(
        Share(of, len(all_), all_.count(Verdict.CONFIRMED), sum(verdict in REFUTED for verdict in all_))
        for of, all_ in sorted(found.items())
    )
