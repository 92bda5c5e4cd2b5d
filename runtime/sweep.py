"""Sweep: clocks whose moment has come. The CRM is read again before anything is held against anybody.

A clock is leased, its lead and its activities are read, `sla_monitor` says which steps are due, and the commit carries
the clock's version. Where the CRM cannot be read nothing happens now, and the clock is looked at again later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from connectors.base import ConnectorError
from domain.activities import Activity
from domain.clocks import WAITS, Clock, ClockKind, State
from domain.decisions import Outcome
from domain.leads import History, Lead, LeadKey, ReadLater
from ledger import clocks, decisions, evidence, leads, people
from ledger.leads import LeadRow
from playbook.book import Playbook
from runtime.causes import routed_wrongly
from runtime.cycles import accept, claim, end_gone, end_taken
from runtime.deciding import StalePlaybook, put_back, record
from runtime.deliver import deliver
from runtime.evidence import MET_BY_ACTIVITIES, weigh_in
from runtime.hear import catch_up
from runtime.lifecycle import go_on, heed, says_something
from runtime.look_back import read_settled
from runtime.news import follow
from runtime.pacing import LEASE_SECONDS, pause
from runtime.recompute import recompute
from runtime.services import Services
from runtime.starting import calendar_for
from runtime.steps import Steps
from runtime.when import hangs_on_its_owner, hangs_on_its_status, histories, owner_at, taken_at
from sla_monitor.clock import due_steps, met_by, resume, weigh

BATCH = 200
MOST_HANDED_ON = 50
"""So many leads at most are handed on in one transaction: each is decided anew, and on SQLite nobody else writes
meanwhile. To commit more often is not enough: SQLite's lock has no queue, and is free only while the CRM is asked."""

ASKED_ABOUT = MET_BY_ACTIVITIES | WAITS - {ClockKind.HAND_OVER}
"""Clocks that what people did may end: the limit of an offer, too."""


def sweep(services: Services, crm: str) -> int:
    """Act on every clock that is due. Returns how many steps were taken."""
    recompute(services, crm)
    with services.ledger.writing() as tx:
        leased = clocks.lease_due(tx, crm, services.now(), services.machine(), LEASE_SECONDS, BATCH)
    if not leased:
        return 0
    due, rest = _at_once(leased, services.now())
    try:
        looked = _look_again(services, crm, due)
    except ConnectorError as problem:
        services.log.warning("clocks wait until the CRM can be read", crm=crm, clocks=len(due), problem=str(problem))
        with services.ledger.writing() as tx:
            _look_later(tx, services, leased)
        return 0
    taken = act(services, due, looked)
    if rest:
        with services.ledger.writing() as tx:
            clocks.release(tx, [clock.id for clock in rest if clock.id is not None], None)
        services.wake("sweep", crm, "hot")
    if taken:
        deliver(services, crm, ("hot",))
    return taken


def _at_once(leased: Sequence[Clock], now: datetime) -> tuple[Sequence[Clock], Sequence[Clock]]:
    """The clocks that are acted on now, and those after them, which are left until the CRM has been read once more. The
    order stays: a lead that is handed on by one clock owes nothing to those of its clocks that come later."""
    handing_on = [
        at
        for at, clock in enumerate(leased)
        if any(step.hands_on and step.at <= now for step in clock.steps[clock.done :])
    ]
    if len(handing_on) <= MOST_HANDED_ON:
        return leased, []
    return leased[: handing_on[MOST_HANDED_ON]], leased[handing_on[MOST_HANDED_ON] :]


@dataclass(frozen=True, slots=True)
class Looked:
    """What the CRM said just now."""

    rows: Mapping[LeadKey, LeadRow]
    """what the ledger knew before"""
    leads: Mapping[LeadKey, Lead]
    activities: Mapping[LeadKey, Sequence[Activity]]
    in_part: frozenset[LeadKey] = frozenset()
    """leads of which not all activities could be read"""
    histories: Mapping[LeadKey, History] = field(default_factory=dict)
    """of leads of which it matters when they were changed"""
    unread: frozenset[LeadKey] = frozenset()
    """leads of which that could not be read"""


def _look_again(services: Services, crm: str, due: Sequence[Clock]) -> Looked:
    connector = services.crms[crm]
    with services.ledger.reading() as tx:
        rows = leads.current(tx, [clock.lead for clock in due])
    found = read_settled(services, crm, list(dict.fromkeys(clock.lead.id for clock in due)))
    there = {one.key: one for one in found if isinstance(one, Lead)}
    wanted = _of_which_it_matters_when(services, due, rows, there)
    told = histories(services, crm, wanted)
    asked = [clock.lead.id for clock in due if clock.kind in ASKED_ABOUT]
    answerable = list(dict.fromkeys([*asked, *(key.id for key in wanted)]))
    if answerable:
        catch_up(services)
    logged = connector.activities_of(answerable) if answerable else []
    in_part = frozenset(one.key for one in logged if isinstance(one, ReadLater))
    with services.ledger.writing() as tx:
        evidence.store(tx, [one for one in logged if isinstance(one, Activity)], services.now())
        known = evidence.of(tx, [clock.lead for clock in due])
    return Looked(rows, there, known, in_part, told.told, frozenset(told.later))


def _of_which_it_matters_when(
    services: Services, due: Sequence[Clock], rows: Mapping[LeadKey, LeadRow], found: Mapping[LeadKey, Lead]
) -> list[LeadKey]:
    """Leads whose owner or status was changed, perhaps before a due time at which nobody has looked."""
    playbook, now = services.playbook(), services.now()
    return [
        clock.lead
        for clock in due
        if (row := rows.get(clock.lead)) and (lead := found.get(clock.lead)) and not lead.gone
        if _is_over(clock, row)
        or hangs_on_its_status(playbook, clock, lead, now)
        or (hangs_on_its_owner(clock, lead, now) and _changed_hands(clock, row, lead))
    ]


def _is_over(clock: Clock, row: LeadRow) -> bool:
    """Whether the clock waits for the confirmation of what was typed in when its cycle was not over yet."""
    return clock.state == State.MET and (row.cycle != clock.cycle or row.ended)


def act(services: Services, due: Sequence[Clock], looked: Looked) -> int:
    """Take the due steps of these clocks, all in one transaction; how many there were."""
    playbook = services.playbook()
    try:
        with services.ledger.deciding() as tx:
            return _Batch(tx, services, playbook, looked).act(due)
    except StalePlaybook:
        with services.ledger.writing() as tx:
            _look_later(tx, services, due)
        return 0
    except OperationalError:
        raise
    except Exception:
        # One that cannot be decided must not keep the others of its batch from being acted on, time after time.
        services.log.exception("clocks could not be swept together", clocks=len(due), first=str(due[0].lead))
        return sum(act(services, [clock], looked) for clock in due) if len(due) > 1 else 0


class _Batch:
    """Clocks that are acted on in one transaction. What follows from them is written at the end, except for a lead that
    is decided again, which is written at once: for it, all that was gathered before is written first."""

    def __init__(self, tx: Connection, services: Services, playbook: Playbook, looked: Looked) -> None:
        self._tx, self._services, self._playbook, self._looked = tx, services, playbook, looked
        self._now = services.now()
        self._steps = Steps(tx, services.ledger, playbook, self._now)
        self._rows: dict[LeadKey, LeadRow] = {}
        self._elsewhere: dict[LeadKey, list[Activity]] = {}
        self._later: list[Clock] = []

    def act(self, due: Sequence[Clock]) -> int:
        """Steps that were taken. Nothing is done about a clock that was changed since it was leased."""
        taken = 0
        for together in _one_of_each_lead(due):
            # Before each round: the one before may have ended cycles, or moved clocks of the same leads.
            current = clocks.unchanged(self._tx, together)
            self._rows = leads.current(self._tx, [clock.lead for clock in current])
            self._elsewhere = self._in_the_other_crm(current)
            taken += sum(self._act(clock) for clock in current)
            self._steps.write()
        _look_later(self._tx, self._services, self._later)
        return taken

    def _act(self, clock: Clock) -> int:
        row, lead = self._rows.get(clock.lead), self._looked.leads.get(clock.lead)
        if row and _is_over(clock, row):
            self._confirm(clock, row)
            return 0
        if row is None or row.cycle != clock.cycle or row.ended:
            clocks.end_cycle(self._tx, clock.lead, clock.cycle, self._now)
            return 0
        # What somebody else has done meanwhile the CRM may not have shown yet. Of what is unreadable nothing is held
        # against anybody, and the step is taken when it can be read.
        if lead is None or row != self._looked.rows.get(clock.lead) or clock.lead in self._looked.unread:
            self._later.append(clock)
            return 0
        if lead.gone:
            end_gone(self._tx, self._playbook, lead, self._now)
            return 0
        if _changed_hands(clock, row, lead):
            if clock.lead in self._looked.in_part:
                self._later.append(clock)
                return 0
            return self._follow(row, lead)
        if clock.kind in WAITS and self._answered(row, lead):
            return 0
        if clock.kind in ASKED_ABOUT and clock.lead in self._looked.in_part:
            self._later.append(clock)
            return 0
        activities = self._activities(clock)
        heard = self._heard(clock, row, lead, activities)
        if heard is None:
            return 0
        steps, after = due_steps(heard, self._now)
        return self._steps.take(after, steps, row, lead, activities) if steps or after != heard else 0

    def _confirm(self, clock: Clock, row: LeadRow) -> None:
        """A cycle that is over, and what was typed in then: by now it had to be confirmed. Where it was not, that is
        held against whoever had the lead at the due time."""
        lead = self._looked.leads.get(clock.lead)
        if lead is None or clock.lead in self._looked.unread | self._looked.in_part:
            self._later.append(clock)
            return
        history = self._looked.histories.get(clock.lead)
        had = owner_at(history, lead, clock.due_at) if history else None
        if had:
            emails = {user.id: user.email for user in people.directory(self._tx, clock.lead.crm)}
            until = self._now if emails.get(had.value or "") == clock.owner else clock.due_at
        elif row.cycle == clock.cycle:
            until = clock.due_at  # a person ended it, and nobody knows when
        else:
            until = clocks.ended_at(self._tx, clock) or self._now
        weigh_in(self._tx, self._playbook, clock, self._activities(clock), self._now, current=False, until=until)
        if row.ended and (row.key, clock.cycle, "owner_changed") in decisions.noted(
            self._tx, [row.key], ["owner_changed"]
        ):
            routed_wrongly(self._tx, self._playbook, replace(row, owner=clock.owner), row.owner, self._now)

    def _heard(self, clock: Clock, row: LeadRow, lead: Lead, activities: Sequence[Activity]) -> Clock | None:
        """The clock when it has heard all that the record and the activities say; None where it is over then, or not
        due any more."""
        if clock.state == State.PAUSED and clock.next_at and clock.next_at <= self._now:
            after = resume(clock, calendar_for(self._playbook, clock, row), self._now)
            if not go_on(self._tx, clock, after, self._now):
                return None
            clock = self._again(clock)
        if says_something(self._playbook, clock, lead):
            self._heed(row, lead)
            clock = self._again(clock)  # what is new about the lead was heard with its answers
        if activities and clock.kind in ASKED_ABOUT & WAITS and (at := self._got_in_touch(row, activities)):
            accept(self._tx, self._playbook, row, at, self._now)
            return None
        if activities:
            clock = weigh_in(self._tx, self._playbook, clock, activities, self._now)
        return clock

    def _heed(self, row: LeadRow, lead: Lead) -> None:
        history = self._looked.histories.get(lead.key)
        heed(self._tx, self._services.ledger, self._playbook, row, lead, self._now, history)

    def _again(self, clock: Clock) -> Clock:
        return next(one for one in clocks.of_lead(self._tx, clock.lead, clock.cycle) if one.id == clock.id)

    def _activities(self, clock: Clock) -> Sequence[Activity]:
        """What was done for the person, in the other CRM too, as far as we know: whoever called has answered, wherever
        he logs it."""
        return [*self._looked.activities.get(clock.lead, ()), *self._elsewhere.get(clock.lead, ())]

    def _in_the_other_crm(self, together: Sequence[Clock]) -> dict[LeadKey, list[Activity]]:
        if len(self._playbook.crms) < 2:
            return {}
        asked = [clock.lead for clock in together if clock.kind in ASKED_ABOUT]
        others = leads.in_step_of(self._tx, asked)
        known = evidence.of(self._tx, [row.key for rows in others.values() for row in rows])
        return {lead: [one for row in rows for one in known.get(row.key, ())] for lead, rows in others.items()}

    def _answered(self, row: LeadRow, lead: Lead) -> bool:
        """Whether somebody has answered, or changed what a trigger waits for, and nobody has noticed yet: that is acted
        on first. What is left of the limit is looked at again when the clock's lease has ended."""
        history = self._looked.histories.get(lead.key)
        followed = follow(self._tx, self._services.ledger, self._playbook, lead, row, self._now, history)
        if followed and followed.wanted:
            record(self._tx, self._services.ledger, self._playbook, [followed.wanted], self._now)
        return followed is not None

    def _got_in_touch(self, row: LeadRow, activities: Sequence[Activity]) -> datetime | None:
        """When whom the lead is offered to has accepted it by getting in touch; None: he has not."""
        if row.outcome != Outcome.OFFERED or row.applied_at is None:
            return None
        of_cycle = clocks.of_lead(self._tx, row.key, row.cycle)
        responses = [one for one in of_cycle if one.kind == ClockKind.FIRST_RESPONSE]
        if not responses:  # the tier asks for none
            counted = weigh(activities, self._playbook.policy.counts_as, row.applied_at, row.owner, self._now)
            met = met_by(self._playbook.policy.tier(row.tier or ""), counted)
            return met.happened_at if met else None
        weighed = [weigh_in(self._tx, self._playbook, each, activities, self._now) for each in responses]
        return min((each.met_at for each in weighed if each.met_at), default=None)

    def _follow(self, row: LeadRow, lead: Lead) -> int:
        """A person has it: people win. Nobody has it: somebody put it back, and it is decided again. Promises that were
        broken before that stay broken; how many."""
        tx, ledger, playbook, now = self._tx, self._services.ledger, self._playbook, self._now
        if lead.unowned:
            broken = self._broken_before(row, lead)
            self._steps.write()
            record(tx, ledger, playbook, [put_back(tx, lead, row)], now)
            return broken
        if claim(tx, playbook, row, lead, now, taken_at(self._looked.histories.get(row.key), lead, now)):
            return 0
        broken = self._broken_before(row, lead)
        end_taken(tx, playbook, row, lead, now)
        return broken

    def _broken_before(self, row: LeadRow, lead: Lead) -> int:
        """Breach the clocks of this cycle whose time was over while the lead was still as we knew it. Where the CRM
        does not tell when that changed, nothing is held against anybody."""
        history = self._looked.histories.get(lead.key)
        if history is None or (lead.owner and any(one.owner == lead.owner for one in leads.in_step(self._tx, row.key))):
            return 0  # what a sync of two CRMs brought here goes on there
        self._heed(row, lead)
        over = []
        for clock in clocks.of_lead(self._tx, row.key, row.cycle):
            if not hangs_on_its_owner(clock, lead, self._now):
                continue
            had = owner_at(history, lead, clock.due_at)
            weighed = weigh_in(self._tx, self._playbook, clock, self._activities(clock), self._now, current=False)
            if had and (had.value or None) == (row.owner_id or None) and weighed.state == State.RUNNING:
                over.append(weighed)
        self._steps.break_off(over, row)
        return len(over)


def _one_of_each_lead(due: Sequence[Clock]) -> list[list[Clock]]:
    """The clocks in rounds, each of which has no lead twice; in their order."""
    rounds: list[dict[LeadKey, Clock]] = []
    for clock in due:
        free = next((each for each in rounds if clock.lead not in each), None)
        if free is None:
            rounds.append(free := {})
        free[clock.lead] = clock
    return [list(each.values()) for each in rounds]


def _look_later(tx: Connection, services: Services, unread: Sequence[Clock]) -> None:
    ids = [clock.id for clock in unread if clock.id is not None]
    clocks.release(tx, ids, services.machine() + timedelta(seconds=pause(3)))


def _changed_hands(clock: Clock, row: LeadRow, lead: Lead) -> bool:
    """Whether the record's owner is not the one that we last knew of: whom we wrote, or, for a wait, who was there when
    it was decided. While a write is under way nobody can tell; and a wait may move from one queue to another."""
    if lead.owner_id == row.owner_id or (lead.unowned and not row.owner):
        return False
    return row.applied_at is not None or clock.kind in WAITS
