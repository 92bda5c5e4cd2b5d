"""What activities do to running clocks, and what is written back when they are met."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.activities import Activity
from domain.clocks import Clock, ClockKind, State
from domain.hours import working_seconds
from domain.leads import Value
from ledger import clocks, decisions, leads, outbox
from playbook.book import Playbook
from runtime.deciding import as_told, away_from, pool_calendar
from sla_monitor.clock import Event, Evidence, advance, met_by, weigh
from sla_monitor.deadlines import calendar_of
from sla_monitor.policy import Tier


def weigh_in(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    activities: Sequence[Activity],
    now: datetime,
    *,
    current: bool = True,
) -> Clock:
    """The clock after these activities, saved, and what was learnt written back; the same clock where that is nothing.

    A call that happened before the due time but was logged after a breach retracts the breach. Of a cycle that is not
    `current` any more that is all that can change; the record shows the lead's present cycle and is left alone.
    """
    tier = _tier(playbook, clock)
    if clock.kind != ClockKind.FIRST_RESPONSE:
        return clock
    evidence = weigh(activities, playbook.policy.counts_as, clock.started_at, clock.owner)
    met = met_by(tier, evidence)
    if met is None or (not current and met.happened_at > clock.due_at):
        return clock
    event = Event.CONTACTED if met is evidence.first_contact else Event.ATTEMPTED
    after = advance(clock, event, met.happened_at)
    if after == clock or not clocks.save(tx, after):
        return clock
    kind = "late_contact" if after.state != State.MET else "retracted" if clock.state == State.BREACHED else "met"
    decisions.event(tx, clock.lead, clock.cycle, kind, met.happened_at, now, {"activity": met.id, "kind": met.kind})
    if not current:
        return replace(after, version=after.version + 1)
    fields = _fields(playbook, tx, after, evidence, met, retracted=kind == "retracted")
    outbox.put(tx, clock.lead, clock.cycle, WriteFields(clock.lead, fields), f"{kind}:{clock.id}:{clock.version}")
    return replace(after, version=after.version + 1)


def _tier(playbook: Playbook, clock: Clock) -> Tier:
    """The clock's tier; one that was renamed or taken out since then is met as a tier is that does not say how."""
    return playbook.policy.tiers.get(clock.tier) or Tier(clock.tier)


def _fields(
    playbook: Playbook, tx: Connection, clock: Clock, evidence: Evidence, met: Activity, retracted: bool
) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "attempts": evidence.attempts,
        "response_minutes": _business_minutes(playbook, tx, clock, met.happened_at),
        "response_minutes_clock": _minutes((met.happened_at - clock.started_at).total_seconds()),
    }
    if evidence.first_attempt:
        fields["first_attempt_at"] = evidence.first_attempt.happened_at.isoformat()
    if contact := evidence.first_contact:
        fields |= {"first_contact_at": contact.happened_at.isoformat(), "first_contact_by": contact.by}
    if clock.state == State.MET:
        fields["sla_state"] = "Met late-logged" if retracted else "Met"
        if retracted:
            fields["breach_cause"] = None
    return fields


def _business_minutes(playbook: Playbook, tx: Connection, clock: Clock, until: datetime) -> float:
    playbook, row = as_told(tx, playbook), leads.current(tx, [clock.lead]).get(clock.lead)
    rep = playbook.rules.reps.get(clock.owner or "")
    pool = playbook.rules.pools.get(row.pool or "") if row else None
    away = away_from(playbook.absences, clock.owner, clock.started_at)
    calendar = calendar_of(
        _tier(playbook, clock), playbook.policy, rep.hours if rep else None, pool_calendar(pool), away
    )
    return _minutes(working_seconds(calendar, clock.started_at, until))


def _minutes(seconds: float) -> float:
    return round(max(0.0, seconds) / 60, 1)
