"""What activities do to running clocks, and what is written back when they are met."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.activities import Activity
from domain.clocks import ATTEMPTS, Clock, ClockKind, State
from domain.hours import working_seconds
from domain.leads import Value
from ledger import clocks, decisions, leads, outbox
from playbook.book import Playbook
from runtime import consequences, late_truth
from runtime.attempts import followed_by
from runtime.causes import cause_afterwards
from runtime.starting import calendar_for
from sla_monitor.claims import Verdict
from sla_monitor.clock import Event, Evidence, advance, met_by, weigh
from sla_monitor.policy import Tier

MET_BY_ACTIVITIES = frozenset({ClockKind.FIRST_RESPONSE, *ATTEMPTS, ClockKind.CONVERSATION})
"""Clocks that what people did with the lead may meet."""


def weigh_in(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    activities: Sequence[Activity],
    now: datetime,
    *,
    current: bool = True,
    until: datetime | None = None,
) -> Clock:
    """The clock after these activities, saved, and what was learnt written back; the same clock where that is nothing.
    An attempt without contact starts the next one.

    A call that happened before the due time but was logged after a breach retracts the breach. Of a cycle that is not
    `current` any more that is all that can change, and that what was typed in comes to nothing: then it counts `until`
    when its owner had the lead, and where nobody has looked that up (None) the sweep does. The record shows the lead's
    present cycle and is left alone.
    """
    if clock.kind not in MET_BY_ACTIVITIES:
        return clock
    counts, since = playbook.policy.counts_as, _since(clock)
    evidence = weigh(activities, counts, since, clock.owner, now)
    if (met := _answer(playbook, clock, evidence)) and (assigned := _assigned_later(tx, clock, met)):
        since = assigned
        evidence = weigh(activities, counts, since, clock.owner, now)
        met = _answer(playbook, clock, evidence)
    if met and _too_late_to_say(clock, met, evidence):
        evidence = weigh(activities, counts, since, clock.owner, now, proven_after=clock.due_at)
    after = _met(tx, playbook, clock, activities, evidence, now, current=current, until=until)
    if current and not _is_over(clock):
        followed_by(tx, playbook, after, evidence, now)
    return after


def _is_over(clock: Clock) -> bool:
    """Whether it is met for good: what followed has been started then, by the policy of that time."""
    return clock.state == State.MET and clock.next_at is None


def _since(clock: Clock) -> datetime:
    """From when on activities count. The attempt with which a further one's time began is not that further one."""
    return clock.started_at + timedelta(microseconds=1) if clock.kind in ATTEMPTS else clock.started_at


def _assigned_later(tx: Connection, clock: Clock, met: Activity) -> datetime | None:
    """When the lead was assigned, where that was after this activity: with `starts: created` the clock ran before."""
    if clock.cycle:
        return None
    applied = decisions.happened(tx, [clock.lead], ["applied"])
    return next((event.at for event in applied if event.cycle == 0 and event.at > met.happened_at), None)


def _met(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    activities: Sequence[Activity],
    evidence: Evidence,
    now: datetime,
    *,
    current: bool,
    until: datetime | None,
) -> Clock:
    opened = advance(clock, Event.REFUTED, now) if clock.state == State.MET and clock.next_at else clock
    met = _answer(playbook, clock, evidence)
    if current and opened != clock and (ended := clocks.ended_at(tx, clock)):
        current, until = False, ended  # a fresh clock of its kind runs for the same owner
    if met is None or (not current and met.happened_at > clock.due_at):
        if opened == clock:
            return clock
        if not current and until is None:
            return _to_be_looked_up(tx, clock, now)
        return _refuted(tx, playbook, clock, opened, evidence, now, until=until)
    event = Event.CONTACTED if met is evidence.first_contact else Event.ATTEMPTED
    after = advance(opened, event, met.happened_at)
    if after.state == State.MET and (claim := evidence.claims.get(met.id)) and claim.verdict == Verdict.WAITING:
        after = replace(after, next_at=claim.until)
    if after == clock and current:
        _show_contact(tx, clock, evidence)
    if after == clock or not clocks.save(tx, after):
        return clock
    if (after.state, after.met_at) == (clock.state, clock.met_at):
        return replace(after, version=after.version + 1)  # nothing but that it is proven now
    if clock.met_at and after.met_at and clock.met_at < after.met_at:
        _forget_next(tx, playbook, clock, now)
    kind = "late_contact" if after.state != State.MET else "retracted" if clock.state == State.BREACHED else "met"
    detail = {"activity": met.id, "kind": met.kind, "clock": clock.kind.value}
    decisions.event(tx, clock.lead, clock.cycle, kind, met.happened_at, now, detail)
    if kind == "retracted":
        late_truth.retracted(tx, playbook, after, now)
    elif kind == "met":
        consequences.met(tx, playbook, after, now)
    if current and (fields := _learnt(tx, playbook, after, activities, evidence, met, now)):
        outbox.put(tx, clock.lead, clock.cycle, WriteFields(clock.lead, fields), f"{kind}:{clock.id}:{clock.version}")
    return replace(after, version=after.version + 1)


def _show_contact(tx: Connection, clock: Clock, evidence: Evidence) -> None:
    """An attempt has answered the lead, and it was reached later: the record shows that, once. Where another clock of
    the cycle waits for it, that one writes it."""
    contact = evidence.first_contact
    if clock.kind != ClockKind.FIRST_RESPONSE or not clock.met_at or not contact or contact.happened_at <= clock.met_at:
        return
    others = MET_BY_ACTIVITIES - {ClockKind.FIRST_RESPONSE}
    of_cycle = clocks.of_lead(tx, clock.lead, clock.cycle)
    if any(one.kind in others and one.met_at is None and one.state != State.ENDED for one in of_cycle):
        return
    fields = WriteFields(clock.lead, _since_then(evidence))
    outbox.put(tx, clock.lead, clock.cycle, fields, f"reached:{clock.id}:{contact.id}")


def _too_late_to_say(clock: Clock, met: Activity, evidence: Evidence) -> bool:
    """Whether it is a claim that was typed in after the due time: nobody takes a breach back, or stops a ladder, by his
    word alone."""
    return met.claimed and met.id in evidence.claims and met.logged_at > clock.due_at


def _to_be_looked_up(tx: Connection, clock: Clock, now: datetime) -> Clock:
    """The same, and the sweep comes at once: who had the lead at the due time, only the CRM tells."""
    sooner = replace(clock, next_at=min(now, clock.next_at or now))
    return replace(sooner, version=sooner.version + 1) if sooner != clock and clocks.save(tx, sooner) else clock


def _refuted(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    opened: Clock,
    evidence: Evidence,
    now: datetime,
    *,
    until: datetime | None,
) -> Clock:
    """What was typed in was not confirmed, and nothing else meets the clock: it runs as if nothing had been said; where
    its cycle is over, it ran `until` then."""
    after = advance(opened, Event.CYCLE_ENDED, until) if until else opened
    found = cause_afterwards(tx, playbook, after) if after.state == State.BREACHED else None
    if found:
        after = replace(after, cause=found.cause.value)
    if not clocks.save(tx, after):
        return clock
    refused = dict(evidence.refused)
    said = next((refused[one] for one in evidence.claims if one in refused), "")
    detail = {"clock": clock.kind.value, "why": said, "over": until is not None}
    decisions.event(tx, clock.lead, clock.cycle, "claim_refuted", now, now, detail)
    _forget_next(tx, playbook, clock, now)
    if found:
        late_truth.broken(tx, playbook, after, found, now)
    if clock.kind == ClockKind.FIRST_RESPONSE and not until:
        fields: dict[str, Value] = dict.fromkeys((
            "first_attempt_at", "first_contact_at", "first_contact_by", "response_minutes", "response_minutes_clock",
        ))  # fmt: skip
        fields |= {"sla_state": "On track", **_since_then(evidence)}
        outbox.put(tx, clock.lead, clock.cycle, WriteFields(clock.lead, fields), f"refuted:{clock.id}:{clock.version}")
    return replace(after, version=after.version + 1)


def _forget_next(tx: Connection, playbook: Playbook, clock: Clock, now: datetime) -> None:
    """The clocks of further attempts that began with what was typed in and came to nothing, each with the one before it
    or at the end of its time: they begin with the next one made. A breach of theirs was none."""
    began = {clock.met_at}
    of_cycle = {one.kind: one for one in clocks.of_lead(tx, clock.lead, clock.cycle) if one.round == clock.round}
    for kind in ATTEMPTS:
        one = of_cycle.get(kind)
        if one and one.started_at in began:
            began |= {one.met_at, one.due_at}
            clocks.forget(tx, one)
            if one.state == State.BREACHED:
                late_truth.never_owed(tx, playbook, one, now)


def _answer(playbook: Playbook, clock: Clock, evidence: Evidence) -> Activity | None:
    """The activity that meets the clock, if there is one."""
    match clock.kind:
        case ClockKind.CONVERSATION:
            return evidence.first_contact
        case ClockKind.FIRST_RESPONSE if clock.terms:
            return met_by(Tier(clock.tier, met_by=clock.terms.met_by), evidence)
        case ClockKind.FIRST_RESPONSE:
            return met_by(playbook.policy.tier(clock.tier), evidence)
        case _:
            return met_by(Tier(clock.tier, met_by="attempt"), evidence)


def _learnt(
    tx: Connection,
    playbook: Playbook,
    clock: Clock,
    activities: Sequence[Activity],
    evidence: Evidence,
    met: Activity,
    now: datetime,
) -> dict[str, Value]:
    """What the record does not show yet."""
    if clock.kind == ClockKind.FIRST_RESPONSE:
        return _fields(playbook, tx, clock, evidence, met, retracted=clock.breached_at is not None)
    responses = (one for one in clocks.of_lead(tx, clock.lead, clock.cycle) if one.kind == ClockKind.FIRST_RESPONSE)
    first = max(responses, key=lambda one: one.round, default=None)
    if first is None:
        return _since_then(evidence)
    if first.met_at == met.happened_at:
        return {}  # what met the first response was written with it
    return _since_then(weigh(activities, playbook.policy.counts_as, first.started_at, first.owner, now))


def _fields(
    playbook: Playbook, tx: Connection, clock: Clock, evidence: Evidence, met: Activity, retracted: bool
) -> dict[str, Value]:
    fields = {
        "response_minutes": _business_minutes(playbook, tx, clock, met.happened_at),
        "response_minutes_clock": _minutes((met.happened_at - clock.started_at).total_seconds()),
        **_since_then(evidence),
    }
    if clock.state == State.MET:
        fields["sla_state"] = "Met late-logged" if retracted else "Met"
        if retracted:
            fields["breach_cause"] = None
    return fields


def _since_then(evidence: Evidence) -> dict[str, Value]:
    fields: dict[str, Value] = {"attempts": evidence.attempts}
    if evidence.first_attempt:
        fields["first_attempt_at"] = evidence.first_attempt.happened_at.isoformat()
    if contact := evidence.first_contact:
        fields |= {"first_contact_at": contact.happened_at.isoformat(), "first_contact_by": contact.by}
    return fields


def _business_minutes(playbook: Playbook, tx: Connection, clock: Clock, until: datetime) -> float:
    calendar = calendar_for(playbook, clock, leads.current(tx, [clock.lead]).get(clock.lead))
    return _minutes(working_seconds(calendar, clock.started_at, until))


def _minutes(seconds: float) -> float:
    return round(max(0.0, seconds) / 60, 1)
