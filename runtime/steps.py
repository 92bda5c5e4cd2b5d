"""The steps of ladders: somebody is told, a flag or a field is written, a breach is noted, the lead is handed on.

A ladder always ends: at most `max_reassignments` times it goes to somebody who has not had the lead; then, or where
nobody is left, the manager has it, and keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import Notify, Report, WriteFields
from domain.activities import Activity
from domain.clocks import ATTEMPTS, Clock, ClockKind, State, Step
from domain.decisions import MACHINE_MADE, Cause, Decision, Outcome
from domain.leads import Lead, LeadKey, Value
from domain.people import Absence
from ledger import clocks, decisions, leads, outbox
from ledger.decisions import LeadEvent
from ledger.leads import LeadRow
from ledger.outbox import Entry
from ledger.store import Ledger
from playbook.book import Playbook
from router.decide import NO_CONTACT
from router.waits import ATTEMPTED, NO_ANSWER, POOL, QUEUE
from runtime import consequences
from runtime.attempts import begin_next
from runtime.causes import Causes, noted
from runtime.deciding import RULES, Wanted, again, plan, record
from runtime.late_truth import WITHDRAWN
from runtime.starting import NO_FURTHER_STEP
from sla_monitor.causes import AGAINST_THE_OWNER, Found
from sla_monitor.clock import Event, advance, weigh

ENDS_WITH = "the ladder ends with the person who has the lead"

LONGEST_STEP = 80  # the field in the CRM

WAITED_FOR: Mapping[ClockKind, str] = {
    ClockKind.ASSIGNMENT: "has no owner yet",
    ClockKind.REVIEW: "waits for a review",
    ClockKind.CLAIM: "waits for somebody to take it",
    ClockKind.ACCEPTANCE: "waits to be accepted",
    ClockKind.FIRST_RESPONSE: "has no answer yet",
    ClockKind.SECOND_ATTEMPT: "waits for a second attempt",
    ClockKind.THIRD_ATTEMPT: "waits for a third attempt",
    ClockKind.CONVERSATION: "has not been spoken to yet",
    ClockKind.OUTCOME: "has no outcome yet",
    ClockKind.LIMIT: "waits",
    ClockKind.HAND_OVER: "waits to be handed over",
}


_Handing = tuple[Clock, LeadRow, Wanted]
"""A lead that is handed on: by which clock, from which cycle, and what is to be decided."""


@dataclass(frozen=True, slots=True)
class _Due:
    """Due steps of a clock, which has them done already."""

    clock: Clock
    steps: Sequence[Step]
    row: LeadRow
    lead: Lead
    activities: Sequence[Activity]

    @property
    def breaks_it(self) -> bool:
        return any(step.do == "breach" for step in self.steps)


class Steps:
    """Takes the due steps of clocks of different leads in one transaction under the decider lock. They are gathered,
    and `write` takes them together; a lead that is handed on is decided and written at once."""

    def __init__(self, tx: Connection, ledger: Ledger, playbook: Playbook, now: datetime) -> None:
        self._tx, self._ledger, self._playbook, self._now = tx, ledger, playbook, now
        self._due: list[_Due] = []
        self._clocks: list[Clock] = []
        self._events: list[LeadEvent] = []
        self._entries: list[Entry] = []
        self._handing: list[_Handing] = []
        self._absent: Mapping[str, Absence] | None = None
        self._causes = Causes(tx, playbook)
        self._broken: dict[str, Clock] = {}
        self._broken_by: dict[int | None, str] = {}

    def write(self) -> None:
        """Take what was gathered, write what that asks for, and decide the leads that are handed on."""
        due, self._due = self._due, []
        breached = [one for one in due if one.breaks_it]
        found = self._causes.of([(one.clock, one.row) for one in breached])
        causes = {one.clock.id: cause for one, cause in zip(breached, found, strict=True)}
        for one in due:
            self._take(one, causes.get(one.clock.id))
        self._write()
        if self._handing:
            self._hand_on()
            self._write()

    def _write(self) -> None:
        clocks.save_all(self._tx, self._clocks, self._broken_by)
        decisions.note(self._tx, self._events)
        outbox.put_all(self._tx, self._entries)
        for clock in self._broken.values():
            consequences.broken(self._tx, self._playbook, clock, self._now)
        self._clocks, self._events, self._entries, self._broken, self._broken_by = [], [], [], {}, {}

    def break_off(self, over: Sequence[Clock], row: LeadRow) -> None:
        """The time of these clocks of one cycle was over, and nobody looked before a person ended the cycle: they are
        breached at once, and nothing else of their ladders happens. What follows is written with the rest."""
        broken = [advance(clock, Event.CYCLE_ENDED, self._now) for clock in over]
        for clock in broken:
            [found] = self._causes.of([(clock, row)])
            self._breached(clock, row, found)
        clocks.save_all(self._tx, broken, self._broken_by)
        decisions.note(self._tx, self._events)
        self._events = []

    def take(
        self, clock: Clock, steps: Sequence[Step], row: LeadRow, lead: Lead, activities: Sequence[Activity]
    ) -> int:
        """Gather these steps of the clock, which has them done already; how many they are."""
        self._due.append(_Due(clock, steps, row, lead, activities))
        return len(steps)

    def _take(self, due: _Due, cause: Found | None) -> None:
        clock, steps, row = due.clock, due.steps, due.row
        self._clocks.append(clock)
        if cause:
            self._breached(clock, row, cause)
        for number, step in enumerate(steps, start=clock.done - len(steps)):
            match step.do:
                case "notify":
                    self._remind(clock, step, number, row)
                case "flag":
                    self._flag(clock, step, number)
                case "set":
                    self._set(clock, step, number, row)
                case "breach" if clock.kind in ATTEMPTS and clock.met_at is None:
                    begin_next(self._tx, self._playbook, clock, clock.due_at, self._now)
                case "reassign" | "move_on":
                    if wanted := self._wanted(clock, step, due):
                        # What was written of the breach is not sent any more: it is of a cycle that is over.
                        wanted = replace(wanted, breach_cause=_on_the_record(clock, cause))
                        self._handing.append((clock, row, wanted))
        if _came_to_its_end(clock, steps):
            detail = {"clock": clock.kind.value, "owner": row.owner, "why": NO_FURTHER_STEP}
            self._note(clock, "ladder_ended", self._now, detail)

    # --- told and written -------------------------------------------------------------------------------------------

    def _note(self, clock: Clock, kind: str, at: datetime, detail: Mapping[str, object]) -> None:
        self._events.append(LeadEvent(clock.lead, clock.cycle, kind, at, self._now, dict(detail)))

    def _put(self, clock: Clock, action: Notify | Report | WriteFields, token: str) -> None:
        self._entries.append(Entry(clock.lead, clock.cycle, action, token))

    def _remind(self, clock: Clock, step: Step, number: int, row: LeadRow) -> None:
        whom = {word: who for word in step.to if (who := self._address(word, clock, row))}
        to = tuple(dict.fromkeys(whom.values()))
        minutes = round((clock.due_at - self._now).total_seconds() / 60)
        left = f"{minutes} min left" if minutes > 0 else "the time is over"
        waits = WAITED_FOR[clock.kind]
        text = f"Lead {clock.lead} {waits}: {left} (tier {clock.tier}, {step.label or 'reminder'})."
        # That it was breached they hear also where the lead is handed on for it.
        breached = step.at >= clock.due_at
        others = {who for word, who in whom.items() if word != "rep"} - {clock.owner, row.owner} if breached else ()
        notice: Notify | Report
        if others:
            asked = tuple(who for who in to if who not in others)
            notice = Report(clock.lead, "reminder", tuple(who for who in to if who in others), text, asked)
        else:
            notice = Notify(clock.lead, "reminder", to, text)
        if to:
            self._put(clock, notice, f"notify:{clock.id}:{number}")
        self._note(clock, "reminded", step.at, {"to": list(to), "step": step.label})
        if clock.state == State.RUNNING:
            self._show(clock, step.label, number)

    def _flag(self, clock: Clock, step: Step, number: int) -> None:
        text = step.to[0] if step.to else step.label
        self._note(clock, "flagged", step.at, {"as": text, "step": step.label})
        self._show(clock, text, number)

    def _show(self, clock: Clock, text: str, number: int) -> None:
        """The step, on the record; and that the lead is at risk while its first response is still due."""
        first = clock.kind == ClockKind.FIRST_RESPONSE
        named = text if first else f"{clock.kind.replace('_', ' ')}: {text}"
        fields: dict[str, Value] = {"ladder_step": named[:LONGEST_STEP]}
        if first and clock.state == State.RUNNING:
            fields["sla_state"] = "At risk"
        self._put(clock, WriteFields(clock.lead, fields), f"step:{clock.id}:{number}")

    def _set(self, clock: Clock, step: Step, number: int, row: LeadRow) -> None:
        self._note(clock, "fields_set", step.at, {"fields": dict(step.sets), "step": step.label})
        self._put(clock, WriteFields(clock.lead, dict(step.sets)), f"set:{clock.id}:{number}")
        if row.watched.keys() & step.sets.keys():
            # What a ladder sets is no news when it is seen on the record.
            watched = {**row.watched, **{name: step.sets[name] for name in row.watched if name in step.sets}}
            leads.saw(self._tx, row.key, watched, row.watched_at)

    def _address(self, word: str, clock: Clock, row: LeadRow) -> str | None:
        """The e-mail address that a word of the ladder stands for just now. Where somebody is away, it is whoever
        stands in for him, or his manager."""
        if word == "manager":
            return self._manager(clock.owner, row)
        if word != "rep":
            return word
        absence = self._away().get(clock.owner or "")
        if absence is None:
            return clock.owner
        return absence.cover or self._manager(clock.owner, row) or clock.owner

    def _manager(self, owner: str | None, row: LeadRow) -> str | None:
        rules = self._playbook.rules
        rep, pool = rules.reps.get(owner or ""), rules.pools.get(row.pool or "")
        return (rep.manager if rep else None) or (pool.manager if pool else None)

    def _away(self) -> Mapping[str, Absence]:
        if self._absent is None:
            known = self._causes.told().absences
            self._absent = {one.rep: one for one in known if one.starts <= self._now < one.ends and not one.meeting}
        return self._absent

    def _breached(self, clock: Clock, row: LeadRow, found: Found) -> None:
        """The breach and its cause are noted and written. Only one of the causes counts against the clock's owner."""
        owner = (clock.owner or row.owner) if found.cause in AGAINST_THE_OWNER else None
        self._broken_by[clock.id] = found.cause.value
        self._note(clock, "breached", clock.due_at, noted(clock, found, owner))
        if told := _on_the_record(clock, found):
            fields: dict[str, Value] = {"sla_state": "Breached", "breach_cause": told}
            self._put(clock, WriteFields(clock.lead, fields), f"breach:{clock.id}:{clock.version}")
        if owner and clock.owner:
            self._broken[owner] = clock

    # --- handed on --------------------------------------------------------------------------------------------------

    def _wanted(self, clock: Clock, step: Step, due: _Due) -> Wanted | None:
        """What is to be decided about the lead next; None where it stays, which is noted."""
        row, lead = due.row, due.lead
        said = step.to[0] if step.to else "next"
        cause = _cause(step, said)
        why = self._no_review(clock, due.activities) if said == ATTEMPTED else None
        if cause == Cause.SLA and said != ATTEMPTED and self._ends_with(row):
            why = ENDS_WITH
        if why:
            self._stays(clock, row, why)
            return None
        to = None if said in (RULES, NO_ANSWER) else self._destination(said, cause, clock, row)
        return again(self._tx, lead, row, cause, to, NO_ANSWER if said == NO_ANSWER else None)

    def _hand_on(self) -> None:
        """Decide and record the next cycle of each lead that is handed on, but for those that would come back to
        somebody who had them: they go to the manager, and stay where even he is one of those.

        What is recorded is what was proposed last: the same leads, in the same order, from the same state.
        """
        handing, self._handing = self._handing, []
        while handing:
            decided = plan(self._tx, self._ledger, self._playbook, [wanted for _, _, wanted in handing], self._now)
            proposed = {each.wanted.lead.key: each.decision for each in decided}
            settled = [self._settled(*one, proposed[one[1].key]) for one in handing]
            if settled == handing:
                record(self._tx, self._ledger, self._playbook, [wanted for _, _, wanted in handing], self._now)
                return
            handing = [one for one in settled if one]

    def _settled(self, clock: Clock, row: LeadRow, wanted: Wanted, proposed: Decision) -> _Handing | None:
        """The same where that may be decided; or what is tried instead; or None where the lead stays."""
        by_silence = wanted.cause == Cause.SLA
        comes_back = proposed.owner == row.owner or (by_silence and proposed.owner in row.had)
        if proposed.owner is None or not comes_back:
            return clock, row, wanted
        if by_silence and wanted.to != "manager":
            to_manager = again(self._tx, wanted.lead, row, wanted.cause, "manager")
            return clock, row, replace(to_manager, breach_cause=wanted.breach_cause)
        self._stays(clock, row, ENDS_WITH)
        return None

    def _stays(self, clock: Clock, row: LeadRow, why: str) -> None:
        self._note(clock, "stays", self._now, {"owner": row.owner, "why": why})

    def _destination(self, said: str, cause: Cause, clock: Clock, row: LeadRow) -> str:
        """Where the lead is to go, in the router's words."""
        if cause != Cause.SLA or said == ATTEMPTED:
            return said
        if elsewhere := self._handed_on_elsewhere(row):
            return elsewhere
        if self._times_handed_on(row.key) >= self._most(clock):
            return "manager"
        if said == "queue":
            return f"{QUEUE}{row.pool}" if row.pool in self._playbook.rules.pools else "manager"
        return said

    def _most(self, clock: Clock) -> int:
        if clock.terms:
            return clock.terms.max_reassignments
        tier = self._playbook.policy.tiers.get(clock.tier)
        return tier.max_reassignments if tier else 0

    def _handed_on_elsewhere(self, row: LeadRow) -> str | None:
        """Who has the same person in another CRM and did not have this lead yet: both go to one owner."""
        if len(self._playbook.crms) < 2:
            return None
        others = self._playbook.rules.reps.keys() - {row.owner, *row.had}
        return next((one.owner for one in leads.in_step(self._tx, row.key) if one.owner in others), None)

    def _times_handed_on(self, lead: LeadKey) -> int:
        """Cycles that silence has started since a person or a trigger last began one; reviews, and owners whom the CRM
        refused, do not count; nor does silence that was none."""
        times = 0
        forgiven = {cycle for _, cycle, _ in decisions.noted(self._tx, [lead], ["retracted", WITHDRAWN])}
        for decision in reversed(decisions.of_lead(self._tx, lead)):
            if decision.cause not in MACHINE_MADE:
                break
            silence = decision.cause == Cause.SLA and decision.cycle - 1 not in forgiven
            times += silence and decision.outcome != Outcome.REVIEW
        return times

    def _ends_with(self, row: LeadRow) -> bool:
        """Whether the manager has it whom it came to from those who let it lie: he keeps it."""
        rules = self._playbook.rules
        if not row.owner or not row.had:
            return False
        pool = rules.pools.get(row.pool or "")
        managers = {rules.reps[rep].manager for rep in row.had if rep in rules.reps}
        return row.owner in managers | {pool.manager if pool else None, rules.last_resort}

    def _no_review(self, clock: Clock, activities: Sequence[Activity]) -> str | None:
        """Why no review follows the last attempt: there is contact after all, or the lead was reviewed so before."""
        of_cycle = clocks.of_lead(self._tx, clock.lead, clock.cycle)
        first = next((one for one in of_cycle if one.kind == ClockKind.FIRST_RESPONSE), clock)
        counts = self._playbook.policy.counts_as
        if weigh(activities, counts, first.started_at, first.owner, self._now).first_contact:
            return "there was contact"
        if any(decision.rule == NO_CONTACT for decision in decisions.of_lead(self._tx, clock.lead)):
            return "all attempts were made, and it was reviewed for that before"
        return None


def _came_to_its_end(clock: Clock, steps: Sequence[Step]) -> bool:
    """Whether these were the last steps, and none of them has handed the lead on."""
    over = clock.state == State.BREACHED and clock.next_at is None and clock.met_at is None
    return over and not any(step.hands_on for step in steps)


def _on_the_record(clock: Clock, found: Found | None) -> str | None:
    """What the record says of a breach's cause; nothing of one that is not of the first response."""
    return str(found)[:LONGEST_STEP] if found and clock.kind == ClockKind.FIRST_RESPONSE else None


def _cause(step: Step, to: str) -> Cause:
    if step.do == "reassign" or to == ATTEMPTED:
        return Cause.SLA
    return Cause.HAND_OVER if to.startswith(POOL) else Cause.LIMIT
