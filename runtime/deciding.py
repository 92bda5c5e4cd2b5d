"""From leads that were read to decisions that are recorded: the one place where the decider lock is held.

Everything that a decision needs from the ledger is read under the lock, and everything that it changes is
written in the same transaction: claims, decisions, rotations, clocks, outbox. The network is never touched here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from domain.accounts import Account, AccountMatch, Duplicate
from domain.actions import AssignOwner
from domain.clocks import Clock, ClockKind
from domain.decisions import MACHINE_MADE, Cause, Decision, Outcome, decision_id
from domain.leads import Lead, LeadKey, Value
from ledger import accounts, clocks, codec, decisions, enriched, leads, outbox, people, playbooks, results, rotations
from ledger.leads import Begun, LeadRow
from ledger.outbox import Entry, Lane
from ledger.store import Ledger
from playbook.book import Playbook
from router.accounts import keys_of_account, keys_of_lead, match, worth_reading
from router.decide import NO_CONTACT, Case, State, consulted, decide, fold
from router.duplicates import EarlierLeads, keys_to_look_for
from router.limits import moments
from router.meaning import key_of
from router.rules import Answer, FromService
from router.waits import ATTEMPTED, POOL, to_be_handed_over
from runtime import consequences
from runtime.causes import routed_wrongly
from runtime.enriching import good_since
from runtime.pool_results import by_kind, by_pool, standing, worked_out
from runtime.starting import as_told, response_clock, wait_clock
from sla_monitor.clock import limit

RULES = "rules"
"""Where a wait that names nobody moves on to: to whatever the rules decide then."""


class StalePlaybook(Exception):
    """The configuration that this worker loaded is no longer the active one: load it again, then decide."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lead that is to be decided. `row` is its current cycle, which the new one ends; None for a lead never seen.

    `had` names the people who had it before; `to` overrides the rules (a ladder's or a limit's destination); `lane`
    says how soon the outcome is written. `reviews` says how reviews of rules have ended, the present one included.
    `hand_over` is the pool that takes over when it opens next, whoever `to` is. `breach_cause` is said on the record of
    a lead that a breach has handed on in the same moment.
    """

    lead: Lead
    row: LeadRow | None = None
    cause: Cause = Cause.NEW
    to: str | None = None
    had: tuple[str, ...] = ()
    lane: Lane = "hot"
    reviews: Mapping[str, Answer] = field(default_factory=dict)
    hand_over: str | None = None
    breach_cause: str | None = None

    @property
    def cycle(self) -> int:
        return self.row.cycle + 1 if self.row else 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the inputs that it was made from."""

    wanted: Wanted
    decision: Decision
    inputs: Mapping[str, object]


def plan(tx: Connection, ledger: Ledger, playbook: Playbook, wanted: Sequence[Wanted], now: datetime) -> list[Decided]:
    """Decide in order, each decision folded into the state before the next; nothing is written.

    Leads of one call belong to one CRM. The order is that of creation, so that batches of any size agree.
    """
    return _plan(tx, ledger, as_told(tx, playbook), wanted, now)[0]


def _plan(
    tx: Connection, ledger: Ledger, playbook: Playbook, wanted: Sequence[Wanted], now: datetime
) -> tuple[list[Decided], State]:
    """The decisions, and the state after the last of them."""
    if not wanted:
        return [], State()
    state = _state(tx, playbook, wanted[0].lead.key.crm, now)
    known = _Known(tx, playbook, [one.lead for one in wanted], now)
    decided = []
    for one in sorted(wanted, key=lambda w: (w.lead.created_at, w.lead.key)):
        case = _case(ledger, known, one)
        decision = decide(case, playbook.rules, state, now)
        before, state = state, fold(state, decision)
        inputs = {"case": codec.dump(case), "state": codec.dump(consulted(decision, playbook.rules, before))}
        decided.append(Decided(one, decision, inputs))
        known.add(one.lead, decision)
    return decided, state


def record(
    tx: Connection, ledger: Ledger, playbook: Playbook, wanted: Sequence[Wanted], now: datetime
) -> list[Decided]:
    """Claim each (lead, cycle), decide those that nobody else has claimed, and write all that follows from it.

    `tx` holds the decider lock. Raises StalePlaybook before anything is written.
    """
    if playbooks.active(tx) != playbook.version:
        raise StalePlaybook(playbook.version)
    playbook = as_told(tx, playbook)
    current = leads.current(tx, [one.lead.key for one in wanted])
    due = [one for one in wanted if _still(one, current)]
    claimed = decisions.claim(tx, [(one.lead.key, one.cycle) for one in due])
    mine = [one for one in due if (one.lead.key, one.cycle) in claimed]
    for one in mine:
        if one.row:
            _end_cycle(tx, one, one.row, now)
    results.save(tx, worked_out(tx, playbook.rules, now))
    decided, after = _plan(tx, ledger, playbook, mine, now)
    decisions.record(tx, [decisions.Recorded(each.decision, dict(each.inputs)) for each in decided])
    taken = {each.decision.turn.rotation for each in decided if each.decision.turn}
    rotations.save(tx, [after.rotations[name] for name in taken])
    clocks.insert(tx, [clock for each in decided for clock in _clocks(playbook, each, now)])
    watched = playbook.watched
    leads.remember(tx, [_begun(each, watched) for each in decided])
    outbox.put_all(tx, [_write(each) for each in decided])
    for each in decided:
        if each.decision.cause == Cause.ADMIN and each.wanted.row:
            routed_wrongly(tx, playbook, each.wanted.row, each.decision.owner, now)
    return decided


def _still(one: Wanted, current: Mapping[LeadKey, LeadRow]) -> bool:
    """Whether the cycle that this decision would end is still the current one."""
    row = current.get(one.lead.key)
    return (row.cycle if row else None) == (one.row.cycle if one.row else None)


def _end_cycle(tx: Connection, one: Wanted, row: LeadRow, now: datetime) -> None:
    outbox.void(tx, one.lead.key, row.cycle)
    clocks.end_cycle(tx, one.lead.key, row.cycle, now)
    if returns_turn(one.cause) or row.applied_at is None:
        rotations.give_back(tx, row.decision)


def returns_turn(cause: Cause) -> bool:
    """A turn comes back when its lead never became the person's own (refused, lost, declined, or never written). A lead
    that was had and not answered stays a turn taken: else whoever lets leads lie would be first in line for the
    next."""
    return cause in {Cause.LOST_RACE, Cause.WRITE_REFUSED, Cause.REJECTED}


def _state(tx: Connection, playbook: Playbook, crm: str, now: datetime) -> State:
    stand = standing(tx, playbook.rules, now)
    return State(
        rotations=rotations.load(tx),
        standing=people.standing(tx, crm),
        absences=playbook.absences,
        given=decisions.given(tx, moments(playbook.rules, now)),
        hours=playbook.rules.told_hours,
        results=by_pool(stand),
        similar=by_kind(stand),
        breaking=consequences.standing(tx, playbook, now),
    )


class _Known:
    """What the ledger knows about the leads of a batch: their companies, and earlier leads of the same people.

    Decisions of the batch itself are added as they are made: two leads of one person in one batch meet here.
    """

    def __init__(self, tx: Connection, playbook: Playbook, batch: Sequence[Lead], now: datetime) -> None:
        self._rules = playbook.rules
        self._free_mail = playbook.rules.free_mail
        crm = batch[0].key.crm if batch else ""
        wanted = {key for lead in batch for key in keys_of_lead(lead, self._free_mail)}
        self._filed: dict[str, list[Account]] = {}
        candidates = accounts.candidates(tx, crm, wanted)
        for account in candidates:
            for key in keys_of_account(account) & wanted:
                self._filed.setdefault(key, []).append(account)
        self._around = accounts.around(tx, crm, candidates) if candidates else {}
        self._served = {
            step.name: enriched.known(tx, step.name, keys, good_since(step, now))
            for step in self._rules.enrich
            if isinstance(step, FromService)
            and (keys := sorted({of for lead in batch if (of := key_of(lead, step.key, self._rules))}))
        }
        self._earlier = EarlierLeads(self._free_mail)
        filed_under = {key for lead in batch for key in keys_to_look_for(lead, self._free_mail)}
        for row in leads.duplicates(tx, sorted(filed_under)):
            self._earlier.keep(row.filed_under, row.key, row.owner)

    def account(self, lead: Lead) -> AccountMatch:
        keys = sorted(keys_of_lead(lead, self._free_mail))
        # What a batch of this lead alone would have read: its account does not depend on the others.
        found = {account.id: account for key in keys for account in worth_reading(key, self._filed.get(key, ()))}
        return match(
            lead,
            list(found.values()),
            self._free_mail,
            strict=self._rules.strict_accounts,
            hierarchy=self._rules.hierarchy,
        )

    def around(self, match_: AccountMatch) -> Mapping[str, Value]:
        return self._around.get(match_.account.id, {}) if match_.account else {}

    def served(self, lead: Lead) -> dict[str, Mapping[str, Value]]:
        """What services said about the lead, by their name."""
        return {
            step.name: said
            for step in self._rules.enrich
            if isinstance(step, FromService)
            and (said := self._served.get(step.name, {}).get(key_of(lead, step.key, self._rules) or ""))
        }

    def duplicate(self, lead: Lead) -> Duplicate | None:
        return self._earlier.of(lead)

    def add(self, lead: Lead, decision: Decision) -> None:
        if decision.owner:
            self._earlier.add(lead, decision.owner)


def case_of(tx: Connection, ledger: Ledger, playbook: Playbook, one: Wanted, now: datetime) -> Case:
    """What the router would be given for this lead."""
    return _case(ledger, _Known(tx, playbook, [one.lead], now), one)


def _case(ledger: Ledger, known: _Known, one: Wanted) -> Case:
    row = one.row
    account = known.account(one.lead)
    return Case(
        id=decision_id(ledger.id, one.lead.key, one.cycle),
        lead=one.lead,
        cycle=one.cycle,
        cause=one.cause,
        account=account,
        # A lead that is handed on must not come back by way of its own company's earlier lead.
        duplicate=known.duplicate(one.lead) if one.to is None and not one.had else None,
        had=one.had,
        to=one.to,
        pool=row.pool if row else None,
        owner=row.owner if row else None,
        tier=row.tier if row else None,
        in_vain=_in_vain(one),
        looked_up=known.around(account),
        served=known.served(one.lead),
        reviews=one.reviews,
        hand_over=one.hand_over,
    )


def _in_vain(one: Wanted) -> int:
    """How many machine-made cycles in a row have come to nothing. When a review is over the rules get one more try."""
    if one.row is None or one.cause not in MACHINE_MADE or one.row.outcome == Outcome.REVIEW:
        return 0
    return one.row.machine_made


def _clocks(playbook: Playbook, each: Decided, now: datetime) -> list[Clock]:
    """The clocks that run from the decision on. The first response's starts when the write was applied."""
    decision = each.decision
    if decision.outcome in {Outcome.NURTURED, Outcome.DISQUALIFIED, Outcome.GONE}:
        return []
    running = []
    if decision.tier:
        since = each.wanted.lead.created_at if decision.cycle == 0 else now
        running.append(response_clock(playbook, decision, ClockKind.ASSIGNMENT, since))
    if decision.until:
        running.append(wait_clock(playbook, decision, now, decision.until, decision.then or RULES))
    if after := decision.takes_over:
        to, kind = f"{POOL}{after.pool}", ClockKind.HAND_OVER
        running.append(limit(decision.lead, decision.cycle, decision.tier or "", now, after.at, to, kind))
    return [clock for clock in running if clock]


def _begun(each: Decided, watched: frozenset[str]) -> Begun:
    row, decision = each.wanted.row, each.decision
    machine_made = (row.machine_made if row else 0) + 1 if decision.cause in MACHINE_MADE else 0
    # What the rule sets is no news when it is seen on the record.
    lead = replace(each.wanted.lead, values={**each.wanted.lead.values, **decision.sets})
    return Begun(lead, decision, each.wanted.had, machine_made, watched)


def _write(each: Decided) -> Entry:
    decision = each.decision
    write = AssignOwner(
        lead=decision.lead,
        decision=decision.id,
        expected_owner=each.wanted.lead.owner_id,
        owner=decision.owner,
        queue=decision.queue,
        fields={**decision.sets, **_decision_fields(each)},
    )
    return Entry(decision.lead, decision.cycle, write, f"assign:{decision.id}", each.wanted.lane)


def _decision_fields(each: Decided) -> dict[str, str | int | None]:
    """The written-back fields that are known when deciding; those of the clock are added when the row is sent."""
    decision = each.decision
    cause = {"breach_cause": each.wanted.breach_cause} if each.wanted.breach_cause else {}
    return {
        **cause,
        "routed_at": decision.decided_at.isoformat(),
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "pool": decision.pool,
        "reason": decision.reason,
        "tier": decision.tier,
        "config_version": decision.playbook,
        "queue": decision.queue,
        "offered_to": decision.owner if decision.outcome == Outcome.OFFERED else None,
        "waiting_until": decision.until.isoformat() if decision.until else None,
        "reassignments": len(each.wanted.had),
        "previous_owners": ", ".join(each.wanted.had) or None,
        # What somebody answered to the decision before is no answer to this one.
        "answer": None,
    }


def put_back(tx: Connection, lead: Lead, row: LeadRow, lane: Lane = "hot") -> Wanted:
    """The next cycle of a lead that a person has made nobody's again. Who let it lie in earlier cycles is still passed
    over, and reviews that ended are not held again."""
    return Wanted(lead, row, Cause.TRIGGER, had=row.had, lane=lane, reviews=decisions.reviews(tx, row.decision))


def again(
    tx: Connection, lead: Lead, row: LeadRow, cause: Cause, to: str | None = None, answer: Answer | None = None
) -> Wanted:
    """The next cycle of a lead, without the people who had it. Whoever only lost a race may still get it. `answer` is
    how the review has ended that this cycle is; reviews that ended before are not held again. A hand-over
    to come stays."""
    had = row.had
    if row.owner and row.owner not in had and cause != Cause.LOST_RACE:
        had = (*had, row.owner)
    reviews, made = decisions.reviews(tx, row.decision), decisions.get(tx, row.decision)
    if answer and made and made.rule == NO_CONTACT:
        to = f"{ATTEMPTED}:{answer}"
    elif answer and made:
        reviews = {**reviews, made.rule: answer}
    # Where the rules decide they say themselves who takes over; who moves a lead by hand has chosen who has it.
    goes_on = made is not None and to is not None and cause not in (Cause.HAND_OVER, Cause.ADMIN)
    hand_over = to_be_handed_over(made) if goes_on and made else None
    return Wanted(lead, row, cause, to, had, reviews=reviews, hand_over=hand_over)
