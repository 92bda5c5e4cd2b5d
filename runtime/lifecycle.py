"""What happens to a lead, brought to the clocks of its cycle: `sla_monitor.lifecycle` says what it does to each.

Statuses are heard here, and what a pause waits for; both from a record that was just read.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from domain.actions import WriteFields
from domain.clocks import Clock, ClockKind, State
from domain.decisions import Cause
from domain.leads import Gone, History, Lead, LeadKey
from ledger import clocks, decisions, outbox
from ledger.leads import LeadRow
from ledger.store import Ledger
from playbook.book import Playbook
from router.conditions import check
from router.meaning import understand
from runtime import consequences
from runtime.deciding import Wanted, case_of
from runtime.starting import calendar_for
from sla_monitor.clock import pause, resume
from sla_monitor.lifecycle import Happening, happen

OF_STATUS: Mapping[str, Happening] = {
    "accepted": Happening.ACCEPTED,
    "opportunity": Happening.OPPORTUNITY,
    "follow_up_agreed": Happening.FOLLOW_UP_AGREED,
    "requalified": Happening.REQUALIFIED,
    "disqualified": Happening.DISQUALIFIED,
}
"""What the `statuses` of `crm/<name>.yaml` mean for the clocks."""

OF_GONE: Mapping[Gone, Happening] = {
    Gone.CONVERTED: Happening.CONVERTED,
    Gone.MERGED: Happening.MERGED,
    Gone.DELETED: Happening.DELETED,
}


def happened(
    tx: Connection, playbook: Playbook, key: LeadKey, cycle: int, happening: Happening, at: datetime, now: datetime
) -> list[Clock]:
    """Bring it to the clocks of this cycle; those that it changed, as they are now."""
    running = [clock for clock in clocks.of_lead(tx, key, cycle) if _is_open(clock)]
    changed = [after for clock in running if (after := happen(clock, happening, at)) != clock]
    clocks.save_all(tx, changed)
    for clock in changed:
        if clock.state == State.MET:
            consequences.met(tx, playbook, clock, now)
    return changed


def _is_open(clock: Clock) -> bool:
    return clock.state in (State.RUNNING, State.PAUSED) or clock.next_at is not None


def heed(
    tx: Connection,
    ledger: Ledger,
    playbook: Playbook,
    row: LeadRow,
    lead: Lead,
    now: datetime,
    history: History | None = None,
) -> None:
    """Have the clocks of this current cycle hear what the record says: its status, and whether they rest. The record
    tells when it was changed last and not when its status was; where `history` does not tell either, the last change
    counts: earlier than that it cannot have been held against anybody."""
    if row.ended or lead.gone:
        return
    for happening, status, at in _said(playbook, row, lead, history, now):
        _hear_status(tx, playbook, row, happening, status, at, now)
    _hear_pauses(tx, ledger, playbook, row, lead, min(lead.modified_at, now), now)


def _said(
    playbook: Playbook, row: LeadRow, lead: Lead, history: History | None, now: datetime
) -> list[tuple[Happening, str, datetime]]:
    """What the record's status has meant without a break until now, and since when; nothing from before its owner had
    the lead."""
    means, since = status_of(playbook, lead), row.applied_at or row.created_at
    if means is None:
        return []
    said: list[tuple[Happening, str, datetime]] = []
    for version in reversed(history.statuses if history else ()):
        status = (version.value or "").strip()
        happening = meaning(playbook, lead.key.crm, status)
        if happening is None:
            break
        said.insert(0, (happening, status, min(max(version.at, since), now)))
        if version.at <= since:
            break
    if said and said[-1][0] == means:
        return said
    return [(means, lead.text("status"), min(lead.modified_at, now))]


def says_something(playbook: Playbook, clock: Clock, lead: Lead) -> bool:
    """Whether `heed` may change this clock; nothing is asked of the ledger."""
    return status_of(playbook, lead) is not None or (clock.tier, clock.kind) in playbook.pauses


def status_of(playbook: Playbook, lead: Lead) -> Happening | None:
    """What the record's status means, if it means anything."""
    return meaning(playbook, lead.key.crm, lead.text("status"))


def meaning(playbook: Playbook, crm: str, status: str) -> Happening | None:
    """What such a status means in that CRM, if it means anything."""
    if not status:
        return None
    mapping = playbook.crms[crm]
    return next((happening for name, happening in OF_STATUS.items() if mapping.means(status, name)), None)


def _hear_status(
    tx: Connection, playbook: Playbook, row: LeadRow, happening: Happening, status: str, at: datetime, now: datetime
) -> None:
    changed = happened(tx, playbook, row.key, row.cycle, happening, at, now)
    if changed:
        detail = {"as": happening.value, "status": status, "clocks": [one.kind.value for one in changed]}
        decisions.event(tx, row.key, row.cycle, "settled", at, now, detail)


def _hear_pauses(
    tx: Connection,
    ledger: Ledger,
    playbook: Playbook,
    row: LeadRow,
    lead: Lead,
    at: datetime,
    now: datetime,
) -> None:
    resting = [
        (clock, playbook.pauses[clock.tier, clock.kind])
        for clock in (clocks.of_lead(tx, row.key, row.cycle) if playbook.pauses else ())
        if clock.state in (State.RUNNING, State.PAUSED) and (clock.tier, clock.kind) in playbook.pauses
    ]
    if not resting:
        return
    facts = understand(case_of(tx, ledger, playbook, Wanted(lead, row, Cause.TRIGGER), now), playbook.rules, now).facts
    for clock, when in resting:
        calendar = calendar_for(playbook, clock, row)
        if check(when, facts).held:
            after = pause(clock, calendar, at)
            # What has ended by now is over: `next_at` says so, and the clock goes on.
            _rest(tx, clock, after, at, now)
        else:
            go_on(tx, clock, resume(clock, calendar, at), now)


def _rest(tx: Connection, clock: Clock, after: Clock, at: datetime, now: datetime) -> None:
    if after == clock or not clocks.save(tx, after):
        return
    detail = {"clock": clock.kind.value, "until": after.next_at.isoformat() if after.next_at else None}
    decisions.event(tx, clock.lead, clock.cycle, "paused", at, now, detail)


def go_on(tx: Connection, clock: Clock, after: Clock, now: datetime) -> bool:
    """The clock runs again, with another due time; false where it was not paused, or somebody was quicker."""
    if after == clock or not clocks.save(tx, after):
        return False
    detail = {"clock": clock.kind.value, "due": after.due_at.isoformat()}
    decisions.event(tx, clock.lead, clock.cycle, "resumed", now, now, detail)
    if clock.kind == ClockKind.FIRST_RESPONSE:
        fields = WriteFields(clock.lead, {"due_at": after.due_at.isoformat()})
        outbox.put(tx, clock.lead, clock.cycle, fields, f"resumed:{clock.id}:{clock.version}")
    return True
