"""Route: lease arrivals, read the records, drop what needs no decision, decide the rest, deliver."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.base import AsRead, ConnectorError, Lane, NotSignedIn, TryLater
from connectors.base import lane as calls_of
from domain.leads import History, Lead, LeadKey, ReadLater, Seen, Unreadable
from domain.mapping import CrmMapping
from ledger import arrivals, decisions, leads, outbox
from ledger.arrivals import Arrival
from ledger.leads import LeadRow
from ledger.outbox import HOT_FIRST
from ledger.store import Ledger
from playbook.book import Playbook
from runtime.cycles import end_gone
from runtime.deciding import StalePlaybook, Wanted, put_back, record
from runtime.deliver import deliver
from runtime.enriching import enrich
from runtime.look_back import read_settled
from runtime.news import follow
from runtime.pacing import LEASE_SECONDS, pause
from runtime.services import Services
from runtime.when import has_one_over, of_arrivals

BATCH = 200
MOST_UNSENT = 1000
"""Leads of an import are not decided long before they can be written: with so many unsent ones, the next have to wait.
Their owner would be chosen by who is free now, and a person's turn taken for a lead that he gets hours later."""

LINGER_SECONDS = 0.05
"""How long a batch that is not full waits for company: leads come in bursts, and a read costs the same for 1 or 200."""


@dataclass(slots=True)
class _Sorted:
    """What is to become of each arrival of a batch."""

    wanted: dict[LeadKey, Wanted] = field(default_factory=dict)
    gone: list[Lead] = field(default_factory=list)
    unwritten: list[LeadRow] = field(default_factory=list)
    """cycles that the record does not carry: the CRM has refused them, and is asked again"""
    notes: dict[LeadKey, str] = field(default_factory=dict)
    too_early: dict[LeadKey, str] = field(default_factory=dict)
    """what has to be known first; they are read again soon"""
    set_aside: dict[LeadKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of arrivals that was decided and is to be delivered: how many there were, and of which lane."""

    size: int
    lane: Lane


def route(services: Services, crm: str, lane: str) -> int:
    """Decide one batch of what is waiting and deliver it. Returns how many arrivals were taken care of."""
    batch = decide_next(services, crm, lane)
    if batch is None:
        return 0
    send(services, crm, batch)
    return batch.size


def decide_next(services: Services, crm: str, lane: str) -> Batch | None:
    """Decide one batch of what is waiting; None where nothing was decided.

    A batch is of one lane, and so are its calls to the CRM: fresh leads do not wait for what is left to an import. The
    hot lane comes first; a task of the hot lane leaves bulk arrivals to the others, and so does every task while the
    CRM is behind with what is to be written already.
    """
    services.ledger.inbox.move()
    batch = _lease(services, crm, "hot", BATCH)
    if not batch and lane == "bulk" and not _behind(services, crm):
        batch = _lease(services, crm, "bulk", BATCH)
    if not batch:
        return None
    taken: Lane = "hot" if batch[0].lane == "hot" else "bulk"
    if len(batch) < BATCH:
        time.sleep(LINGER_SECONDS)
        batch += _lease(services, crm, taken, BATCH - len(batch))
    with calls_of(taken):
        try:
            records = read_settled(services, crm, list(dict.fromkeys(arrival.key.id for arrival in batch)))
            asked = of_arrivals(services, crm, records)
        except ConnectorError as problem:
            # The batch waits.
            _postpone(services, batch, problem)
            return None
    enrich(services, records)
    known = [ReadLater(one.key, why) if (why := asked.later.get(one.key)) else one for one in records]
    _decide(services, batch, known, asked.told, taken)
    return Batch(len(batch), taken)


def send(services: Services, crm: str, batch: Batch) -> None:
    """Deliver what was decided for this batch, and what else has waited in its lane."""
    with calls_of(batch.lane):
        deliver(services, crm, ("hot",) if batch.lane == "hot" else HOT_FIRST)


def _behind(services: Services, crm: str) -> bool:
    with services.ledger.reading() as tx:
        return outbox.holds(tx, crm, "bulk", MOST_UNSENT)


def _lease(services: Services, crm: str, lane: Lane, most: int) -> list[Arrival]:
    with services.ledger.writing() as tx:
        return arrivals.lease(tx, crm, (lane,), most, services.machine(), LEASE_SECONDS)


def _postpone(services: Services, batch: Sequence[Arrival], problem: ConnectorError) -> None:
    after = problem.after if isinstance(problem, TryLater) else None
    seconds = pause(max(arrival.attempts for arrival in batch), after)
    with services.ledger.writing() as tx:
        until = services.machine() + timedelta(seconds=seconds)
        arrivals.postpone(tx, [arrival.id for arrival in batch], until, str(problem))
    level = services.log.error if isinstance(problem, NotSignedIn) else services.log.warning
    level("leads could not be read", crm=batch[0].key.crm, waiting=len(batch), problem=str(problem), again_in=seconds)


def _decide(
    services: Services,
    batch: Sequence[Arrival],
    records: Sequence[AsRead],
    histories: Mapping[LeadKey, History],
    taken: Lane,
) -> None:
    playbook = services.playbook()
    now = services.now()
    try:
        with services.ledger.deciding() as tx:
            sorted_ = _sort(tx, services.ledger, playbook, records, histories, now, services.machine(), taken)
            for lead in sorted_.gone:
                end_gone(tx, playbook, lead, now)
            for row in sorted_.unwritten:
                outbox.ask_again(tx, row.key, row.cycle, services.machine())
            decided = record(tx, services.ledger, playbook, list(sorted_.wanted.values()), now)
            _close(tx, batch, sorted_, services.machine())
    except StalePlaybook:
        with services.ledger.writing() as tx:
            ids = [arrival.id for arrival in batch]
            arrivals.postpone(tx, ids, services.machine() + timedelta(seconds=1), "the configuration has changed")
        services.wake("route", batch[0].key.crm, batch[0].lane)
        return
    for each in decided:
        services.log.info(
            "decided",
            lead=str(each.decision.lead),
            decision=each.decision.id,
            outcome=each.decision.outcome.value,
            rule=each.decision.rule,
        )


def _sort(
    tx: Connection,
    ledger: Ledger,
    playbook: Playbook,
    records: Sequence[AsRead],
    histories: Mapping[LeadKey, History],
    now: datetime,
    machine: datetime,
    taken: Lane,
) -> _Sorted:
    rows = leads.current(tx, [record.key for record in records])
    others = _others(tx, records, rows)
    sorted_ = _Sorted()
    for one in records:
        row = rows.get(one.key)
        if isinstance(one, Unreadable):
            sorted_.set_aside[one.key] = one.reason
        elif isinstance(one, ReadLater):
            sorted_.too_early[one.key] = one.reason
        elif one.gone:
            sorted_.gone.append(one)
            sorted_.notes[one.key] = one.gone.value
        elif (
            row
            and (followed := follow(tx, ledger, playbook, one, row, now, histories.get(one.key)))
            and followed.too_early
        ):
            sorted_.too_early[one.key] = followed.note
        elif row and followed and (followed.wanted or not _put_back(one, row)):
            sorted_.notes[one.key] = followed.note
            if followed.wanted:
                sorted_.wanted[one.key] = followed.wanted
        elif not one.unowned and (other := others.get(one.key)) and _ask_after(tx, other, one, machine):
            sorted_.too_early[one.key] = f"carries the decision about {other}, which is read first"
        elif note := _needs_no_decision(one, row, playbook.crms[one.key.crm], copy=one.key in others):
            sorted_.notes[one.key] = note
            if row and not row.ended and row.applied_at is None:
                sorted_.unwritten.append(row)
        elif row and not row.ended and has_one_over(tx, row, one, now):
            sorted_.too_early[one.key] = "was put back after a due time: the sweep finds out first who had it then"
        else:
            sorted_.wanted[one.key] = put_back(tx, one, row, taken) if row else Wanted(one, lane=taken)
    return sorted_


def _others(tx: Connection, records: Sequence[AsRead], rows: Mapping[LeadKey, LeadRow]) -> dict[LeadKey, LeadKey]:
    """Records that are new to us and carry our decision about another one, and that one: a person has copied that lead,
    or the CRM has made a new record of two."""
    carried = {
        one.key: one.decision for one in records if isinstance(one, Lead) and one.decision and one.key not in rows
    }
    known = decisions.get_all(tx, list(carried.values()))
    return {key: known[id].lead for key, id in carried.items() if id in known and known[id].lead != key}


def _ask_after(tx: Connection, other: LeadKey, lead: Lead, machine: datetime) -> bool:
    """Have the other record read, once: if it became this one, its cycle goes on here. False where that was done."""
    return arrivals.store(tx, [Seen(other, lead.modified_at, f"made of:{other}:{lead.key}", hot=True)], machine) == 1


def _needs_no_decision(lead: Lead, row: LeadRow | None, mapping: CrmMapping, *, copy: bool) -> str:
    status = lead.text("status")
    out = mapping.means(status, "disqualified")
    disqualified = f"disqualified in the CRM (status {status})"
    if row and not row.ended and not _put_back(lead, row):
        return f"already decided; {disqualified}" if out else "already decided"
    if not lead.unowned:
        return "owned by a person"
    if out:
        return disqualified
    if lead.decision and not row and not copy:
        return "carries a decision that this ledger does not know: another Fairlead routes it, or a rebuild is due"
    return ""


def _put_back(lead: Lead, row: LeadRow) -> bool:
    """Whether somebody has taken the owner that we wrote away, and put nobody in his place."""
    return bool(row.owner and row.applied_at and lead.unowned and lead.decision == row.decision)


def _close(tx: Connection, batch: Sequence[Arrival], sorted_: _Sorted, machine: datetime) -> None:
    by_note: dict[str, list[int]] = {}
    for arrival in batch:
        if why := sorted_.too_early.get(arrival.key):
            arrivals.postpone(tx, [arrival.id], machine + timedelta(seconds=pause(arrival.attempts)), why)
        elif note := sorted_.notes.get(arrival.key) or ("decided" if arrival.key in sorted_.wanted else ""):
            by_note.setdefault(note, []).append(arrival.id)
        else:
            reason = sorted_.set_aside.get(arrival.key, "the CRM did not return this record")
            arrivals.set_aside(tx, [arrival.id], reason)
    for note, ids in by_note.items():
        arrivals.finish(tx, ids, note)
