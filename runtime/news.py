"""What is new about a lead that was decided before: somebody answered in the CRM, or a field changed that a trigger
waits for.

Everything here happens in the transaction that decides, against what the ledger remembers of the lead. So a hint that
comes twice, a worker who read the same, and a repetition after a crash find no news any more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from domain.actions import Notify, WriteFields
from domain.clocks import ATTEMPTS, RESPONSES, ClockKind
from domain.decisions import Cause, Outcome
from domain.leads import History, Lead, LeadKey, Value
from ledger import clocks, decisions, leads, outbox
from ledger.leads import LeadRow
from ledger.store import Ledger
from playbook.book import Playbook
from router.case import Case
from router.meaning import understand
from router.triggers import Trigger, is_watched, pulled, rank
from runtime.cycles import accept, came_late, claim
from runtime.deciding import Wanted, again, case_of, plan
from runtime.lifecycle import happened, heed
from runtime.starting import as_told, first_response, owner_clocks
from runtime.when import taken_at
from sla_monitor.lifecycle import Happening

Answered = Literal["accepted", "declined", "approved", "rejected"]

ANSWERS: Mapping[str, Answered] = {
    "accept": "accepted",
    "decline": "declined",
    "approve": "approved",
    "reject": "rejected",
}
"""What a person sets in the answer field, and the event that it makes."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What the news led to, in words; `wanted` where the lead is decided again. With `too_early` nothing was noted, and
    the news is there to be found again."""

    note: str
    wanted: Wanted | None = None
    too_early: bool = False


Answers = Collection[tuple[LeadKey, int, str]]
"""Which leads were answered in which cycle, and the event that it made."""


def answers(tx: Connection, keys: Iterable[LeadKey]) -> Answers:
    """The answers of these leads that we have noted."""
    return decisions.noted(tx, keys, ANSWERS.values())


def has_news(
    row: LeadRow, values: Mapping[str, Value], answer: str | None, watched: Sequence[str], known: Answers
) -> bool:
    """Whether the record is worth reading again: an answer that is not among those `known`, or a watched field that is
    not as we remember it. An answer stays on the record, and our own writes change that too."""
    kind = _event(answer)
    answered = kind is not None and not row.ended and (row.key, row.cycle, kind) not in known
    return answered or any(name not in row.watched or row.watched[name] != values.get(name) for name in watched)


def follow(
    tx: Connection,
    ledger: Ledger,
    playbook: Playbook,
    lead: Lead,
    row: LeadRow,
    now: datetime,
    history: History | None = None,
) -> Followed | None:
    """Act on what is new; None where nothing is. `lead` is the record as read, `row` its current cycle; `tx` holds the
    decider lock. `history` is there where it matters when the lead was changed, and the CRM tells."""
    if lead.modified_at < row.watched_at:
        return None  # an older reading than what we remember: its values would look like a change back
    watched = playbook.watched
    changed = {name for name in watched & row.watched.keys() if row.watched[name] != lead.values.get(name)}
    if claim(tx, playbook, row, lead, now, taken_at(history, lead, now)):
        return Followed("claimed")
    kind = _new_answer(tx, lead, row)
    if (kind or changed) and _unconfirmed(lead, row):
        return Followed("waits until our write is confirmed", too_early=True)
    if changed or watched - row.watched.keys():
        leads.saw(tx, row.key, {name: lead.values.get(name) for name in sorted(watched)}, lead.modified_at)
    if changed:
        heed(tx, ledger, playbook, row, lead, now, history)
    answered = answer(tx, playbook, lead, row, kind, lead.modified_at, now) if kind else None
    if not changed or (answered and answered.wanted):
        return answered
    case = case_of(tx, ledger, playbook, Wanted(lead, row, Cause.TRIGGER), now)
    if _warmer(tx, case, playbook, row, now):
        decisions.event(tx, row.key, row.cycle, "warmed", lead.modified_at, now, {"changed": sorted(changed)})
        return Followed("its intent has risen: decided again", Wanted(lead, row, Cause.TRIGGER))
    trigger = pulled(playbook.triggers, case, playbook.rules, changed, now)
    if trigger is None:
        return answered
    followed = _triggered(tx, ledger, playbook, trigger, lead, row, now)
    return replace(followed, note=f"{answered.note}; {followed.note}") if answered else followed


def _unconfirmed(lead: Lead, row: LeadRow) -> bool:
    """Whether our write has arrived and the ledger does not know yet: whose lead it is, it says only then."""
    return not row.ended and row.applied_at is None and lead.decision == row.decision


# --- answers ------------------------------------------------------------------------------------------------------


def _new_answer(tx: Connection, lead: Lead, row: LeadRow) -> Answered | None:
    """The event that the record's answer makes. It belongs to the decision that the record carries, and counts once in
    its cycle. The next decision's write clears the field: until then it is known, and a person who answers otherwise
    meanwhile is not overwritten."""
    if row.ended or lead.decision != row.decision:
        return None
    kind = _event(lead.answer)
    return None if kind is None or (row.key, row.cycle, kind) in answers(tx, [row.key]) else kind


def _event(answer: str | None) -> Answered | None:
    return ANSWERS.get(answer.strip().casefold()) if answer else None


def answer(
    tx: Connection, playbook: Playbook, lead: Lead, row: LeadRow, kind: Answered, at: datetime, now: datetime
) -> Followed:
    """Note the answer that somebody gave at `at`, and what it leads to. `wanted`, where there is one, is for the caller
    to have decided."""
    decisions.event(tx, row.key, row.cycle, kind, at, now, {"owner": row.owner})
    if kind == "accepted" and row.outcome == Outcome.OFFERED:
        accept(tx, playbook, row, at, now, noted=True)
    if kind in ("approved", "rejected") and row.outcome == Outcome.REVIEW:
        happened(tx, playbook, row.key, row.cycle, Happening.REVIEWED, min(at, now), now)
    return what_follows(tx, lead, row, kind)


def what_follows(tx: Connection, lead: Lead, row: LeadRow, kind: Answered) -> Followed:
    """What such an answer leads to; nothing is written. Whoever declines may put the lead back in the same save: then
    nobody has it any more. Whoever approves may make himself or somebody else the owner: people win."""
    nobody_came = lead.unowned or lead.owner_id == row.owner_id
    if kind == "declined" and row.owner and nobody_came:
        return Followed("declined: decided again", _declined(tx, lead, row))
    if row.outcome == Outcome.REVIEW and kind in ("approved", "rejected"):
        if not nobody_came:
            return Followed(f"{kind}: a person has chosen the owner, who keeps the lead")
        return Followed(f"{kind}: decided again", again(tx, lead, row, Cause.REVIEW, answer=kind))
    return Followed(kind)


def _declined(tx: Connection, lead: Lead, row: LeadRow) -> Wanted:
    """Of an offer the next step has its turn at once; any other lead is decided again by the rules."""
    made = decisions.get(tx, row.decision)
    offered = made is not None and made.outcome == Outcome.OFFERED
    return again(tx, lead, row, Cause.REJECTED, made.then if offered and made else None)


def _warmer(tx: Connection, case: Case, playbook: Playbook, row: LeadRow, now: datetime) -> bool:
    """Whether a lead that is kept warm and watched has a higher intent than when that was decided."""
    made = decisions.get(tx, row.decision) if row.outcome == Outcome.NURTURED and not row.ended else None
    if made is None or not is_watched(playbook.rules, made.rule):
        return False
    facts = understand(case, playbook.rules, now).facts
    return rank(playbook.rules, facts) < rank(playbook.rules, made.explanation.values)


# --- triggers -----------------------------------------------------------------------------------------------------


def _triggered(
    tx: Connection, ledger: Ledger, playbook: Playbook, trigger: Trigger, lead: Lead, row: LeadRow, now: datetime
) -> Followed:
    what = f"{trigger.changed} changed"
    detail = {"changed": trigger.changed, "to": lead.values.get(trigger.changed), "then": trigger.then}
    decisions.event(tx, row.key, row.cycle, "triggered", lead.modified_at, now, detail)
    if trigger.then == "route_again":
        if not (lead.unowned or lead.owner_id == row.owner_id or came_late(tx, row, lead)):
            return Followed(f"{what}: a person has chosen the owner, who keeps the lead")
        return Followed(f"{what}: decided again", Wanted(lead, row, Cause.TRIGGER))
    if row.ended or row.owner is None or row.applied_at is None or lead.owner_id != row.owner_id:
        return Followed(f"{what}: no clock of ours runs for whoever has it")
    _start_afresh(tx, ledger, playbook, lead, row, now)
    return Followed(f"{what}: a fresh clock runs for {row.owner}")


def _start_afresh(tx: Connection, ledger: Ledger, playbook: Playbook, lead: Lead, row: LeadRow, now: datetime) -> None:
    """The owner stays. The clocks of his answer end, those of further attempts too, and run afresh, by the tier that
    the lead as it is now would get; the limit of an offer, and a hand-over, stay as they are."""
    made = decisions.get(tx, row.decision)
    if made is None or row.owner is None:
        return
    (proposed,) = plan(tx, ledger, playbook, [Wanted(lead, row, Cause.TRIGGER)], now)
    tier = proposed.decision.tier or row.tier
    before = clocks.of_lead(tx, row.key, row.cycle)
    clocks.end_cycle(tx, row.key, row.cycle, now, (*RESPONSES, *ATTEMPTS))
    number = 1 + max((one.round for one in before if one.kind == ClockKind.FIRST_RESPONSE), default=-1)
    begun = owner_clocks(as_told(tx, playbook), replace(made, tier=tier, owner=row.owner), now)
    clocks.insert(tx, [replace(clock, round=number) for clock in begun])
    clock = first_response(begun)
    if clock is None:
        return
    fields: dict[str, Value] = {"due_at": clock.due_at.isoformat(), "sla_state": "On track", "tier": tier}
    token = f"{row.decision}:{number}"
    outbox.put(tx, row.key, row.cycle, WriteFields(row.key, fields), f"afresh:{token}")
    text = f"Lead {row.key} asks for an answer again: due {clock.due_at:%Y-%m-%d %H:%M} UTC."
    outbox.put(tx, row.key, row.cycle, Notify(row.key, "reminder", (row.owner,), text), f"asked again:{token}")
