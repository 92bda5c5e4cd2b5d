"""Sweep: clocks whose moment has come. The CRM is read again before anything is held against anybody.

A clock is leased, its lead and its activities are read, `sla_monitor` says which steps are due, and the commit carries
the clock's version. Where the CRM cannot be read nothing happens now, and the clock is looked at again later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.base import ConnectorError
from domain.actions import Notify, WriteFields
from domain.activities import Activity
from domain.clocks import Clock, ClockKind, State, Step
from domain.decisions import Cause, Outcome
from domain.leads import Lead, LeadKey, ReadLater
from ledger import clocks, decisions, evidence, leads, outbox
from ledger.leads import LeadRow
from playbook.book import Playbook
from router.waits import NO_ANSWER, POOL
from runtime.cycles import accept, claim, end_gone, end_taken
from runtime.deciding import RULES, StalePlaybook, again, plan, put_back, record
from runtime.deliver import deliver
from runtime.evidence import weigh_in
from runtime.hear import catch_up
from runtime.look_back import read_settled
from runtime.news import follow
from runtime.pacing import LEASE_SECONDS, pause
from runtime.services import Services
from sla_monitor.clock import due_steps, met_by, weigh
from sla_monitor.policy import Tier

BATCH = 200

MET_BY_ACTIVITIES = (ClockKind.FIRST_RESPONSE, ClockKind.LIMIT)
"""Clocks that what people did may end: the limit of an offer, too."""


WAITS = (ClockKind.LIMIT, ClockKind.HAND_OVER)


def sweep(services: Services, crm: str) -> int:
    """Act on every clock that is due. Returns how many steps were taken."""
    with services.ledger.writing() as tx:
        due = clocks.lease_due(tx, crm, services.now(), services.machine(), LEASE_SECONDS, BATCH)
    if not due:
        return 0
    try:
        looked = _look_again(services, crm, due)
    except ConnectorError as problem:
        services.log.warning("clocks wait until the CRM can be read", crm=crm, clocks=len(due), problem=str(problem))
        with services.ledger.writing() as tx:
            _look_later(tx, services, due)
        return 0
    taken = sum(_act(services, clock, looked) for clock in due)
    if taken:
        deliver(services, crm, ("hot",))
    return taken


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the CRM said just now."""

    rows: Mapping[LeadKey, LeadRow]
    """what the ledger knew before"""
    leads: Mapping[LeadKey, Lead]
    activities: Mapping[LeadKey, Sequence[Activity]]
    in_part: frozenset[LeadKey]
    """leads of which not all activities could be read"""


def _look_again(services: Services, crm: str, due: Sequence[Clock]) -> _Looked:
    connector = services.crms[crm]
    with services.ledger.reading() as tx:
        rows = leads.current(tx, [clock.lead for clock in due])
    found = read_settled(services, crm, list(dict.fromkeys(clock.lead.id for clock in due)))
    answerable = list(dict.fromkeys(clock.lead.id for clock in due if clock.kind in MET_BY_ACTIVITIES))
    if answerable:
        catch_up(services)
    logged = connector.activities_of(answerable) if answerable else []
    in_part = frozenset(one.key for one in logged if isinstance(one, ReadLater))
    with services.ledger.writing() as tx:
        evidence.store(tx, [one for one in logged if isinstance(one, Activity)], services.now())
        known = evidence.of(tx, [clock.lead for clock in due])
    return _Looked(rows, {one.key: one for one in found if isinstance(one, Lead)}, known, in_part)


def _act(services: Services, clock: Clock, looked: _Looked) -> int:
    """One clock, one transaction. Nothing is committed where the clock was changed in between."""
    playbook, now = services.playbook(), services.now()
    try:
        with services.ledger.deciding() as tx:
            row = leads.current(tx, [clock.lead]).get(clock.lead)
            lead = looked.leads.get(clock.lead)
            if row is None or row.cycle != clock.cycle or row.ended:
                clocks.end_cycle(tx, clock.lead, clock.cycle, now)
                return 0
            if not clocks.is_unchanged(tx, clock):
                return 0
            # What somebody else has done meanwhile the CRM may not have shown yet. Of what is unreadable nothing is
            # held against anybody, and the step is taken when it can be read.
            if lead is None or row != looked.rows.get(clock.lead):
                _look_later(tx, services, [clock])
                return 0
            if lead.gone:
                end_gone(tx, lead, now)
                return 0
            if _changed_hands(clock, row, lead):
                _follow(tx, services, playbook, row, lead, now)
                return 0
            if clock.kind in WAITS and _answered(tx, services, playbook, row, lead, now):
                return 0
            if clock.kind in MET_BY_ACTIVITIES:
                if clock.lead in looked.in_part:
                    _look_later(tx, services, [clock])
                    return 0
                activities = [*looked.activities.get(clock.lead, ()), *_in_the_other_crm(tx, clock)]
                if clock.kind == ClockKind.LIMIT and _got_in_touch(tx, playbook, row, activities, now):
                    accept(tx, row, lead.modified_at, now)
                    return 0
                clock = weigh_in(tx, playbook, clock, activities, now)
            steps, after = due_steps(clock, now)
            if not clocks.save(tx, after):
                return 0
            for step in steps:
                _take(tx, services, playbook, after, step, row, lead, now)
            return len(steps)
    except StalePlaybook:
        with services.ledger.writing() as tx:
            _look_later(tx, services, [clock])
        return 0


def _answered(tx: Connection, services: Services, playbook: Playbook, row: LeadRow, lead: Lead, now: datetime) -> bool:
    """Whether somebody has answered, or changed what a trigger waits for, and nobody has noticed yet: that is acted on
    first. What is left of the limit is looked at again when the clock's lease has ended."""
    followed = follow(tx, services.ledger, playbook, lead, row, now)
    if followed and followed.wanted:
        record(tx, services.ledger, playbook, [followed.wanted], now)
    return followed is not None


def _got_in_touch(
    tx: Connection, playbook: Playbook, row: LeadRow, activities: Sequence[Activity], now: datetime
) -> bool:
    """Whether whom the lead is offered to has accepted it by getting in touch."""
    if row.outcome != Outcome.OFFERED or row.applied_at is None:
        return False
    responses = [one for one in clocks.of_lead(tx, row.key, row.cycle) if one.kind == ClockKind.FIRST_RESPONSE]
    if not responses:  # the tier asks for none
        tier = playbook.policy.tiers.get(row.tier or "") or Tier(row.tier or "")
        return met_by(tier, weigh(activities, playbook.policy.counts_as, row.applied_at, row.owner)) is not None
    return any(weigh_in(tx, playbook, each, activities, now).met_at is not None for each in responses)


def _in_the_other_crm(tx: Connection, clock: Clock) -> Iterator[Activity]:
    """What was done for the same person there, as far as we know: whoever called has answered, wherever he logs it."""
    others = leads.in_step(tx, clock.lead)
    for known in evidence.of(tx, [one.key for one in others]).values():
        yield from known


def _look_later(tx: Connection, services: Services, unread: Sequence[Clock]) -> None:
    ids = [clock.id for clock in unread if clock.id is not None]
    clocks.release(tx, ids, services.machine() + timedelta(seconds=pause(3)))


def _changed_hands(clock: Clock, row: LeadRow, lead: Lead) -> bool:
    """Whether the record's owner is not the one that we last knew of: whom we wrote, or, for a wait, who was there when
    it was decided. While a write is under way nobody can tell; and a wait may move from one queue to another."""
    if lead.owner_id == row.owner_id or (lead.unowned and not row.owner):
        return False
    return row.applied_at is not None or clock.kind in WAITS


def _follow(tx: Connection, services: Services, playbook: Playbook, row: LeadRow, lead: Lead, now: datetime) -> None:
    """A person has it: people win. Nobody has it: somebody put it back, and it is decided again."""
    if lead.unowned:
        record(tx, services.ledger, playbook, [put_back(tx, lead, row)], now)
    elif not claim(tx, playbook, row, lead, now):
        end_taken(tx, row, lead, now)


def _take(
    tx: Connection,
    services: Services,
    playbook: Playbook,
    clock: Clock,
    step: Step,
    row: LeadRow,
    lead: Lead,
    now: datetime,
) -> None:
    number = clock.steps.index(step)
    match step.do:
        case "notify":
            _remind(tx, playbook, clock, step, number, row, now)
        case "breach":
            _breach(tx, clock, row, now)
        case "reassign" | "move_on":
            _hand_on(tx, services, playbook, clock, step, row, lead, now)


def _remind(
    tx: Connection, playbook: Playbook, clock: Clock, step: Step, number: int, row: LeadRow, now: datetime
) -> None:
    to = tuple(dict.fromkeys(who for word in step.to if (who := _address(playbook, word, clock, row))))
    minutes = round((clock.due_at - now).total_seconds() / 60)
    left = f"{minutes} min left" if minutes > 0 else "the time is over"
    text = f"Lead {clock.lead} has no answer yet: {left} (tier {clock.tier}, {step.label or 'reminder'})."
    if to:
        outbox.put(tx, clock.lead, clock.cycle, Notify(clock.lead, "reminder", to, text), f"notify:{clock.id}:{number}")
    decisions.event(tx, clock.lead, clock.cycle, "reminded", step.at, now, {"to": list(to), "step": step.label})
    if clock.state == State.RUNNING:
        fields = WriteFields(clock.lead, {"sla_state": "At risk", "ladder_step": step.label})
        outbox.put(tx, clock.lead, clock.cycle, fields, f"step:{clock.id}:{number}")


def _address(playbook: Playbook, word: str, clock: Clock, row: LeadRow) -> str | None:
    """The e-mail address that a word of the ladder stands for just now."""
    if word == "rep":
        return clock.owner
    if word != "manager":
        return word
    rep = playbook.rules.reps.get(clock.owner or "")
    if rep and rep.manager:
        return rep.manager
    pool = playbook.rules.pools.get(row.pool or "")
    return pool.manager if pool else None


ASSIGNED_LATE = "assigned late"
NOT_ANSWERED = "owner did not act"


def _breach(tx: Connection, clock: Clock, row: LeadRow, now: datetime) -> None:
    """An assignment that came late is nobody's fault; a first response that did not come is its owner's."""
    cause = ASSIGNED_LATE if clock.kind == ClockKind.ASSIGNMENT else NOT_ANSWERED
    detail = {"clock": clock.kind.value, "cause": cause, "owner": row.owner if cause == NOT_ANSWERED else None}
    decisions.event(tx, clock.lead, clock.cycle, "breached", clock.due_at, now, detail)
    if clock.kind == ClockKind.FIRST_RESPONSE:
        fields = WriteFields(clock.lead, {"sla_state": "Breached", "breach_cause": cause})
        outbox.put(tx, clock.lead, clock.cycle, fields, f"breach:{clock.id}")


def _hand_on(
    tx: Connection,
    services: Services,
    playbook: Playbook,
    clock: Clock,
    step: Step,
    row: LeadRow,
    lead: Lead,
    now: datetime,
) -> None:
    """The next cycle, decided and recorded; or nothing where the lead would stay with the same person."""
    to: str | None = step.to[0] if step.to else "next"
    cause = _cause(step, to)
    answer = NO_ANSWER if to == NO_ANSWER else None
    if to in (RULES, NO_ANSWER):
        to = None
    tier = playbook.policy.tiers.get(clock.tier)
    if cause == Cause.SLA and (elsewhere := _handed_on_elsewhere(tx, playbook, row)):
        to = elsewhere
    elif cause == Cause.SLA and tier and _times_handed_on(tx, clock.lead) >= tier.max_reassignments:
        to = "manager"
    wanted = again(tx, lead, row, cause, to, answer)
    (proposed,) = plan(tx, services.ledger, playbook, [wanted], now)
    if proposed.decision.owner == row.owner and row.owner:
        detail: dict[str, object] = {"owner": row.owner, "why": "the ladder ends with the person who has the lead"}
        decisions.event(tx, clock.lead, clock.cycle, "stays", now, now, detail)
        return
    record(tx, services.ledger, playbook, [wanted], now)


def _handed_on_elsewhere(tx: Connection, playbook: Playbook, row: LeadRow) -> str | None:
    """Who has the same person in another CRM and did not have this lead yet: both go to one owner."""
    others = playbook.rules.reps.keys() - {row.owner, *row.had}
    return next((one.owner for one in leads.in_step(tx, row.key) if one.owner in others), None)


def _cause(step: Step, to: str | None) -> Cause:
    if step.do == "reassign":
        return Cause.SLA
    return Cause.HAND_OVER if to and to.startswith(POOL) else Cause.LIMIT


def _times_handed_on(tx: Connection, lead: LeadKey) -> int:
    """Cycles that silence has started; owners whom the CRM refused do not count."""
    return sum(decision.cause == Cause.SLA for decision in decisions.of_lead(tx, lead))
