"""By hand: somebody claims a lead, hands it to somebody else, or answers for it, and is not in the CRM just then.

What is asked here goes the way of every other decision: a cycle of its own, written under guard. A person who changes
the owner in the CRM at the same moment wins.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from domain.actions import AssignOwner
from domain.decisions import Cause, Decision, Outcome
from domain.leads import Lead, LeadKey
from ledger import decisions, leads, outbox
from ledger.leads import LeadRow
from ledger.outbox import SendState
from router.availability import moment
from router.considered import candidates_of
from runtime import cycles, news
from runtime.deciding import Wanted, again, plan, record
from runtime.deliver import deliver
from runtime.news import Answered
from runtime.services import Services

ANOTHER_SENDS = 5.0
"""Seconds for which another worker, who has taken our row to send it, is waited for."""

Became = Literal["written", "unsent", "taken", "changed"]
Claimed = Literal["claimed", "has_it", "taken", "not_waiting", "no_member", "cannot", "gone", "unsent", "changed"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of a claim, and in words. Only after `claimed` and `has_it` is the lead that person's; after `unsent`
    it will be when the CRM can be written to, unless somebody is quicker."""

    result: Claimed
    said: str


@dataclass(frozen=True, slots=True)
class HandOn:
    """Where a lead is to go: an e-mail address, `pool:NAME` or `queue:NAME`; None: wherever the rules say."""

    to: str | None


@dataclass(frozen=True, slots=True)
class Handed:
    """What becomes, or became, of one lead: the decision where there is one, and what else is to be said. `became` only
    where it was carried out; `why_not` where nothing can be done."""

    key: LeadKey
    decision: Decision | None = None
    said: str = ""
    why_not: str = ""
    became: Became | None = None


def claim(services: Services, lead: Lead, person: str, *, anyway: bool) -> Claim:
    """Make a person the owner of a lead that waits for whoever takes it. `lead` is the record as read just now.

    `anyway` also lets somebody have it for whose pools it does not wait. StalePlaybook before anything is written.
    """
    playbook, now = services.playbook(), services.now()
    with services.ledger.deciding() as tx:
        row = leads.current(tx, [lead.key]).get(lead.key)
        if row is None:
            return Claim("not_waiting", "it does not wait for anybody: Fairlead has never decided it")
        if lead.gone:
            cycles.end_gone(tx, playbook, lead, now)
            return Claim("gone", f"the record was {lead.gone} in the CRM")
        if refusal := _not_to_be_had(tx, services, row, lead, person, anyway=anyway):
            return refusal
        wanted = again(tx, lead, row, Cause.ADMIN, person)
        (proposed,) = plan(tx, services.ledger, playbook, [wanted], now)
        if proposed.decision.owner != person:
            return Claim("cannot", _passed_over(proposed.decision, person))
        (made,) = record(tx, services.ledger, playbook, [wanted], now)
    became, said = _delivered(services, lead.key.crm, [made.decision])[lead.key]
    return Claim("claimed" if became == "written" else became, said)


def _not_to_be_had(
    tx: Connection, services: Services, row: LeadRow, lead: Lead, person: str, *, anyway: bool
) -> Claim | None:
    playbook = services.playbook()
    waits = not row.ended and row.outcome == Outcome.WAITING
    if not lead.unowned and (not waits or cycles.is_taken(row, lead.owner_id)):
        # Whoever has taken it in the CRM has it from now on, and not only when a poll finds that.
        cycles.claim(tx, playbook, row, lead, services.now())
        if lead.owner == person:
            return Claim("has_it", f"{person} has it already")
        return Claim("taken", f"somebody else has it: {lead.owner or f'the user {lead.owner_id} of the CRM'}")
    made = decisions.get(tx, row.decision)
    if not waits or made is None:
        where = f" in {made.queue}" if made and made.queue else ""
        return Claim("not_waiting", f"it does not wait for anybody to take it: its outcome is {row.outcome}{where}")
    may = playbook.crms[lead.key.crm].queues.get(made.queue or "", ())
    if person not in may and not anyway:
        whose = f"it waits for {', '.join(may)}" if may else f"nobody's pool offers leads in {made.queue}"
        return Claim("no_member", f"{person} is in no pool that it waits for; {whose} (--anyway: all the same)")
    return None


def _passed_over(decision: Decision, person: str) -> str:
    """Why a decision that named this person ended elsewhere."""
    people = (candidate for tried in decision.explanation.pools for candidate in candidates_of(tried))
    why = next((one.detail or one.why.value for one in people if one.rep == person), decision.reason)
    return f"{person} cannot have it now: {why}"


def reassign(services: Services, read: Sequence[Lead], asked: HandOn | Answered, *, apply: bool) -> list[Handed]:
    """What becomes of these leads of one CRM, as read just now; with `apply` it is decided, written and told.

    StalePlaybook before anything is written.
    """
    playbook, now = services.playbook(), services.now()
    handed: dict[LeadKey, Handed] = {}
    wanted: list[Wanted] = []
    with _transaction(services, apply=apply) as tx:
        rows = leads.current(tx, [lead.key for lead in read])
        for lead in read:
            row = rows.get(lead.key)
            if row is None or lead.gone:
                why = f"the record was {lead.gone} in the CRM" if lead.gone else "Fairlead has never decided it"
                handed[lead.key] = Handed(lead.key, why_not=why)
            elif isinstance(asked, HandOn):
                handed[lead.key] = _handed_on(tx, row, lead, asked, wanted)
            else:
                handed[lead.key] = _answered(tx, services, row, lead, asked, wanted, apply=apply)
        decided = (record if apply else plan)(tx, services.ledger, playbook, wanted, now)
    for each in decided:
        handed[each.decision.lead] = replace(handed[each.decision.lead], decision=each.decision)
    if apply and read:
        delivered = _delivered(services, read[0].key.crm, [each.decision for each in decided])
        for key, (became, said) in delivered.items():
            handed[key] = replace(handed[key], became=became, said=said)
    return [handed[lead.key] for lead in read]


def _transaction(services: Services, *, apply: bool) -> AbstractContextManager[Connection]:
    return services.ledger.deciding() if apply else services.ledger.reading()


def _handed_on(tx: Connection, row: LeadRow, lead: Lead, asked: HandOn, wanted: list[Wanted]) -> Handed:
    settled = row.ended or row.outcome == Outcome.ASSIGNED
    if asked.to and asked.to == lead.owner and settled:
        return Handed(lead.key, said=f"{lead.owner} has it already")
    next_cycle = again(tx, lead, row, Cause.ADMIN, asked.to)
    if lead.owner and not lead.unowned and lead.owner not in next_cycle.had:
        next_cycle = replace(next_cycle, had=(*next_cycle.had, lead.owner))
    wanted.append(next_cycle)
    by_hand = lead.owner and not lead.unowned and (row.ended or lead.owner_id != row.owner_id)
    return Handed(lead.key, said=f"a person made {lead.owner} the owner" if by_hand else "")


def _answered(
    tx: Connection, services: Services, row: LeadRow, lead: Lead, kind: Answered, wanted: list[Wanted], *, apply: bool
) -> Handed:
    if row.ended:
        return Handed(lead.key, why_not="a person has it, and no answer is waited for")
    if lead.decision != row.decision:
        return Handed(lead.key, why_not="its present decision is not in the CRM yet; try again when it is")
    if (row.key, row.cycle, kind) in news.answers(tx, [row.key]):
        return Handed(lead.key, said=f"it was {kind} before")
    now = services.now()
    followed = (
        news.answer(tx, services.playbook(), lead, row, kind, now, now)
        if apply
        else news.what_follows(tx, lead, row, kind)
    )
    if followed.wanted:
        wanted.append(followed.wanted)
        return Handed(lead.key, said=kind)
    if kind == "accepted" and row.outcome == Outcome.OFFERED:
        return Handed(lead.key, said=f"accepted: {row.owner} keeps it")
    return Handed(lead.key, said=f"{kind} is noted; nothing follows from it, for its outcome is {row.outcome}")


# --- what became of it ----------------------------------------------------------------------------------------------


def _delivered(services: Services, crm: str, made: Sequence[Decision]) -> Mapping[LeadKey, tuple[Became, str]]:
    """Send what waits for this CRM, and tell what became of these decisions."""
    ends = time.monotonic() + ANOTHER_SENDS
    while True:
        deliver(services, crm, ("hot",))
        if time.monotonic() > ends or not _another_sends(services, made):
            break
        time.sleep(0.1)
    with services.ledger.reading() as tx:
        rows = leads.current(tx, [decision.lead for decision in made])
        return {decision.lead: _became(tx, decision, rows[decision.lead]) for decision in made}


def _another_sends(services: Services, made: Sequence[Decision]) -> bool:
    with services.ledger.reading() as tx:
        return any(
            one.state == SendState.SENDING and isinstance(one.action, AssignOwner) and one.cycle == decision.cycle
            for decision in made
            for one in outbox.of_lead(tx, decision.lead)
        )


def _became(tx: Connection, decision: Decision, row: LeadRow) -> tuple[Became, str]:
    if row.cycle != decision.cycle:
        now = decisions.get(tx, row.decision)
        return "changed", f"it was decided again meanwhile: {now.reason if now else row.outcome}"
    if row.ended:
        return "taken", f"somebody was quicker, and has it: {row.owner or 'a user of the CRM'}"
    if row.applied_at is None:
        waits = [one for one in outbox.of_lead(tx, decision.lead) if one.cycle == decision.cycle]
        why = next((f" ({one.detail})" for one in waits if isinstance(one.action, AssignOwner) and one.detail), "")
        return "unsent", f"decided, and to be written by `fairlead up` when the CRM can be written to{why}"
    if decision.owner:
        offered = decision.outcome == Outcome.OFFERED and decision.until
        until = f", and may accept it until {moment(offered)}" if offered else ""
        return "written", f"{decision.owner} has it{until}"
    return "written", decision.reason
