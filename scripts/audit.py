"""`fairlead audit`: a random sample of what people typed in, beside what the telephone system knows of it."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from runtime.attainment import NoConfiguration
from runtime.audit import Audit, Share, audit
from runtime.settings import Settings
from scripts.opening import open_existing_ledger
from scripts.period import period, period_options
from scripts.tables import written
from scripts.words import counted
from sla_monitor.claims import Judged

COLUMNS = (
    "lead", "rep", "claim", "happened_at", "logged_at", "claimed_seconds", "noted", "verdict", "evidence",
    "evidence_at", "evidence_seconds", "evidence_answered", "judgement",
)  # fmt: skip
"""`judgement` is empty: it is for the person who judges."""


@click.command("audit")
@click.option("--seed", type=int, required=True, help="The same number draws the same sample again.")
@click.option("--sample", type=click.IntRange(min=1), default=20, show_default=True, help="How many are drawn.")
@period_options("thirty days ago")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the sample as CSV; `-` prints it.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def command(
    seed: int, sample: int, first: datetime | None, last: datetime | None, out: Path | None, format_: str
) -> None:
    """Draw a random sample of calls that were typed in, beside the evidence, for a person to judge; and tell which
    share was refuted, per rep and team.

    Refuted is what the telephone system contradicts, or did not confirm within the time that `counts_as.reported`
    gives. What still waits, and what has no note, is in no share. Nothing is asked of a CRM and nothing is changed.

    Exit status: 0 told, 1 there is nothing to tell from, 2 wrong usage.
    """
    settings = Settings.from_environment()
    now = settings.clock.now()
    since, until = period(first, last, now.date(), lambda until: until - timedelta(days=30))
    with open_existing_ledger(settings) as ledger, ledger.reading() as tx:
        try:
            found = audit(tx, since, until, now, seed=seed, sample=sample)
        except NoConfiguration as problem:
            raise click.ClickException(str(problem)) from problem
    if out:
        with written(out, COLUMNS) as writer:
            for judged in found.drawn:
                writer.writerow(as_data(judged))
    elif format_ == "json":
        told = {
            "seed": seed,
            "claims": len(found.judged),
            "sample": [as_data(judged) for judged in found.drawn],
            "by_rep": [_share(one) for one in found.by_rep],
            "by_team": [_share(one) for one in found.by_team],
        }
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo("\n".join(_told(found, seed)))


def as_data(judged: Judged) -> Mapping[str, Any]:
    """One line of the sample."""
    claim, proof = judged.claim, judged.proof
    return {
        "lead": str(claim.lead),
        "rep": claim.by,
        "claim": claim.id,
        "happened_at": claim.happened_at.isoformat(),
        "logged_at": claim.logged_at.isoformat(),
        "claimed_seconds": claim.talk_seconds,
        "noted": claim.noted,
        "verdict": judged.verdict.value,
        "evidence": proof.id if proof else None,
        "evidence_at": proof.happened_at.isoformat() if proof else None,
        "evidence_seconds": proof.talk_seconds if proof else None,
        "evidence_answered": proof.answered if proof else None,
        "judgement": None,
    }


def _share(share: Share) -> Mapping[str, Any]:
    return {
        "of": share.of,
        "claims": share.claims,
        "confirmed": share.confirmed,
        "refuted": share.refuted,
        "refuted_share": share.refuted_share,
    }


def _told(found: Audit, seed: int) -> Iterator[str]:
    yield f"{counted(len(found.judged), 'call')} typed in, {len(found.drawn)} drawn with seed {seed}"
    for judged in found.drawn:
        claim, proof = judged.claim, judged.proof
        beside = f"{proof.id} at {proof.happened_at:%H:%M}, {proof.talk_seconds or 0} s" if proof else "nothing"
        yield (
            f"  {claim.happened_at:%Y-%m-%d %H:%M} UTC {claim.lead} {claim.by or 'somebody'}: {judged.verdict.value} "
            f"(evidence: {beside}; logged {claim.logged_at:%Y-%m-%d %H:%M})"
        )
    for title, shares in (("rep", found.by_rep), ("team", found.by_team)):
        for share in shares:
            refuted = "-" if share.refuted_share is None else f"{share.refuted_share:.0%}"
            yield f"{title} {share.of or '(none)'}: {refuted} refuted of {share.confirmed + share.refuted} known, " + (
                f"{share.claims} claimed"
            )
