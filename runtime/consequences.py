"""What follows for people who break promises again and again, and when it is over; `sla_monitor.attainment` decides.

It is looked at when a promise of theirs was broken, met or given back, in the transaction that says so, and kept. What
stands is read with everything else that a decision is made from, and stored with it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import Report
from domain.clocks import Clock
from domain.hours import Span
from domain.targets import ends
from ledger import attainment, decisions, leads, outbox
from ledger.attainment import Consequence
from playbook.book import Playbook
from sla_monitor.attainment import PROMISES, in_words, is_chronic


def standing(tx: Connection, playbook: Playbook, now: datetime) -> Mapping[str, str]:
    """Who gets fewer leads just now, and why in words. Nobody during the introduction, and where sla.yaml has no such
    consequence (any more)."""
    if playbook.policy.chronic is None or _introducing(playbook, now):
        return {}
    return {one.rep: one.said for one in attainment.standing(tx, "chronic")}


def broken(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """A promise was broken by its owner, and the clock says so."""
    if not _concerns(playbook, clock) or _introducing(playbook, now):
        return
    _tell_of_repetition(tx, playbook, clock, now)
    chronic, rep = playbook.policy.chronic, str(clock.owner)
    if chronic is None:
        return
    before = attainment.of(tx, rep, "chronic")
    if before and before.ended_at is None:
        return
    found = attainment.count(tx, rep, _since(playbook, chronic.within, now, before.ended_at if before else None))
    if is_chronic(found, chronic):
        said = in_words(found, chronic)
        attainment.save(tx, Consequence(rep, "chronic", now, said))
        _note(tx, playbook, clock, "fewer_leads", f"gets fewer leads from now on: {said}", now)


def met(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """A promise was met: whoever got fewer leads may have recovered."""
    chronic, rep = playbook.policy.chronic, clock.owner
    if chronic is None or rep is None or clock.kind not in PROMISES:
        return
    stands = attainment.of(tx, rep, "chronic")
    if stands is None or stands.ended_at is not None:
        return
    run = attainment.met_in_a_row(tx, rep, stands.since, chronic.until_met)
    if run >= chronic.until_met:
        attainment.save(tx, replace(stands, ended_at=now))
        _note(tx, playbook, clock, "leads_as_usual", f"gets leads as usual again: {run} promises met in a row", now)


def taken_back(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """A breach was none, or not its owner's: what it led to is undone as if it had never been."""
    if not _concerns(playbook, clock):
        return
    chronic, repeated, rep = playbook.policy.chronic, playbook.policy.repeated, str(clock.owner)
    stands = attainment.of(tx, rep, "chronic")
    if chronic and stands and stands.ended_at is None:
        since = _since(playbook, chronic.within, stands.since, None)
        if not is_chronic(attainment.count(tx, rep, since, stands.since), chronic):
            attainment.forget(tx, rep, "chronic")
            said = "gets leads as usual again: a breach that led to fewer was none of his"
            _note(tx, playbook, clock, "leads_as_usual", said, now)
            stands = None
    told = attainment.of(tx, rep, "repeated")
    if repeated and told and clock.due_at <= told.since:
        since = _since(playbook, repeated.within, told.since, None)
        if attainment.count(tx, rep, since, told.since).broken < repeated.breaches:
            attainment.forget(tx, rep, "repeated")
            said = "what was said about repeated breaches no longer holds: one of them was none of his"
            _note(tx, playbook, clock, "repetition_withdrawn", said, now, repeated.notify)
    met(tx, playbook, clock, now)


def _tell_of_repetition(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    repeated, rep = playbook.policy.repeated, str(clock.owner)
    if repeated is None:
        return
    told = attainment.of(tx, rep, "repeated")
    # Whoever was told once is told again after as many further breaches, not with each.
    since = _since(playbook, repeated.within, now, told.since if told else None)
    found = attainment.count(tx, rep, since)
    if found.broken >= repeated.breaches:
        said = f"has broken {found.broken} promises within {repeated.within}"
        attainment.save(tx, Consequence(rep, "repeated", now, said, ended_at=now))
        _note(tx, playbook, clock, "repeated_breaches", said, now, repeated.notify)


def _note(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    kind: str,
    said: str,
    now: datetime,
    to: tuple[str, ...] = ("rep", "manager"),
) -> None:
    """The event on the lead with which it came about, and a message to those whom it concerns."""
    rep = str(clock.owner)
    decisions.event(tx, clock.lead, clock.cycle, kind, now, now, {"rep": rep, "why": said})
    known = playbook.rules.reps.get(rep)
    row = leads.current(tx, [clock.lead]).get(clock.lead)
    words = {"rep": rep, "manager": known.manager if known else None}
    addresses = tuple(dict.fromkeys(who for word in to if (who := words.get(word, word))))
    if addresses and row:
        notice = Report(clock.lead, "reminder", addresses, f"{known.name if known else rep} {said}.")
        outbox.put(tx, clock.lead, row.cycle, notice, f"{kind}:{rep}:{clock.id}:{now.isoformat()}")


def _concerns(playbook: Playbook, clock: Clock) -> bool:
    policy = playbook.policy
    if clock.owner is None or clock.kind not in PROMISES or (policy.repeated is None and policy.chronic is None):
        return False
    return policy.introduced is None or clock.due_at > policy.introduced


def _introducing(playbook: Playbook, now: datetime) -> bool:
    introduced = playbook.policy.introduced
    return introduced is not None and now < introduced


def _since(playbook: Playbook, within: Span, now: datetime, ended: datetime | None) -> datetime:
    """Since when breaches count: so long ago, and neither before the last time they were settled nor before the
    introduction was over."""
    begins = ends(playbook.policy.home, now, Span(-within.amount, within.kind))
    return max(moment for moment in (begins, ended, playbook.policy.introduced) if moment)
