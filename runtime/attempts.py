"""What follows an attempt without contact: the next one with its task in the CRM, and in the end the review.

An attempt's clock starts when the one before was made, or its time was over. Nothing is created before that, so a lead
with which there is contact costs no task.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import CreateTask
from domain.clocks import ATTEMPTS, Clock, ClockKind
from ledger import clocks, decisions, leads, outbox
from playbook.book import Playbook
from router.waits import ATTEMPTED
from runtime.starting import around, with_told_hours
from sla_monitor.clock import Evidence, limit, start
from sla_monitor.deadlines import For

_ORDER = (ClockKind.FIRST_RESPONSE, *ATTEMPTS)
_SUBJECTS = {
    ClockKind.SECOND_ATTEMPT: "Try this lead a second time",
    ClockKind.THIRD_ATTEMPT: "Try this lead a third time",
}


def followed_by(tx: Connection, playbook: Playbook, clock: Clock, evidence: Evidence, now: datetime) -> None:
    """Start what follows where these activities hold an attempt and no contact. What was started before goes on."""
    if evidence.first_attempt and not evidence.first_contact:
        begin_next(tx, playbook, clock, evidence.first_attempt.happened_at, now)


def begin_next(tx: Connection, playbook: Playbook, clock: Clock, at: datetime, now: datetime) -> None:
    """Start the attempt after this clock's, counted from `at`; after the last, have the sweep see to the review."""
    tier = playbook.policy.tiers.get(clock.tier)
    if tier is None or clock.kind not in _ORDER or ClockKind.SECOND_ATTEMPT not in tier.targets:
        return
    there = {(one.kind, one.round): one for one in clocks.of_lead(tx, clock.lead, clock.cycle)}
    if clock.id not in {one.id for one in there.values()}:
        return  # forgotten meanwhile: what began it came to nothing
    place = _ORDER.index(clock.kind) + 1
    kind = _ORDER[place] if place < len(_ORDER) and _ORDER[place] in tier.targets else ClockKind.LIMIT
    # A hand-over is the cycle's first limit.
    number = clock.round + 1 if kind == ClockKind.LIMIT else clock.round
    row = leads.current(tx, [clock.lead]).get(clock.lead)
    if (kind, number) in there or row is None or row.cycle != clock.cycle or row.ended:
        return
    if kind == ClockKind.LIMIT:
        if clock.tier in playbook.rules.follow_ups:
            over = limit(clock.lead, clock.cycle, clock.tier, at, max(at, now), ATTEMPTED)
            clocks.insert(tx, [replace(over, owner=clock.owner, round=number)])
        return
    made = decisions.get(tx, row.decision)
    if made is None or clock.owner is None:
        return
    tried = [one.started_at for (each, _), one in there.items() if each in ATTEMPTS]
    told = with_told_hours(tx, playbook)
    whom = For(clock.lead, clock.cycle, clock.owner, around(told, replace(made, owner=clock.owner)))
    begun = start(kind, whom, tier, told.policy, at, (*tried, at))
    if begun is None:
        return
    clocks.insert(tx, [replace(begun, round=number)])
    token = f"fairlead {made.id} {kind.value}{f' {number}' if number else ''}"
    task = CreateTask(clock.lead, clock.owner, _SUBJECTS[kind], begun.due_at, token)
    outbox.put(tx, clock.lead, clock.cycle, task, f"task:{token}")
