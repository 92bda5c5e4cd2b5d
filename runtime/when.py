"""When people changed a lead. The record tells when it was changed last, and not what was changed then; its history
tells both, and costs a call. So it is asked only where a clock hangs on the answer: one whose time was over by the
record's last change, and whose breach nobody has noticed yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import AsRead, ConnectorError, NotSignedIn, Refused
from domain.clocks import Clock, ClockKind, State
from domain.leads import History, Lead, LeadKey, ReadLater, Version
from ledger import clocks, leads
from ledger.leads import LeadRow
from playbook.book import Playbook
from runtime.cycles import is_taken
from runtime.lifecycle import status_of
from runtime.services import Services
from sla_monitor.lifecycle import happen

_NEVER_BREACHED = frozenset({ClockKind.LIMIT, ClockKind.HAND_OVER})


@dataclass(frozen=True, slots=True)
class Histories:
    """Of the leads that were asked about: what the CRM told of them, and those that it could not show just now."""

    told: Mapping[LeadKey, History] = field(default_factory=dict)
    later: Mapping[LeadKey, str] = field(default_factory=dict)


def histories(services: Services, crm: str, wanted: Iterable[LeadKey]) -> Histories:
    """The histories of these leads; none where the CRM lets nobody ask. Where it cannot say just now, they all wait."""
    keys = list(dict.fromkeys(wanted))
    if not keys:
        return Histories()
    ids = [key.id for key in keys]
    try:
        found = services.crms[crm].history(ids)
    except NotSignedIn:
        raise
    except Refused as problem:
        # Else clocks would wait for what never comes.
        services.log.warning("the CRM tells no history", crm=crm, leads=len(ids), problem=str(problem))
        return Histories()
    except ConnectorError as problem:
        # All others go on: their clocks are due, and their leads wait for an owner.
        services.log.warning("histories wait until the CRM can tell", crm=crm, leads=len(ids), problem=str(problem))
        return Histories(later=dict.fromkeys(keys, str(problem)))
    return Histories(
        {one.key: one for one in found if isinstance(one, History)},
        {one.key: one.reason for one in found if isinstance(one, ReadLater)},
    )


def hangs_on_its_status(playbook: Playbook, clock: Clock, lead: Lead, now: datetime) -> bool:
    """Whether the clock is met in time or is not, as the status was set before its due time or after."""
    if not _is_over(clock, lead, now):
        return False
    happening = status_of(playbook, lead)
    return happening is not None and happen(clock, happening, clock.due_at) != clock


def hangs_on_its_owner(clock: Clock, lead: Lead, now: datetime) -> bool:
    """Whether a clock of a lead that has another owner now is breached or is not, as he had it before the due time or
    after."""
    return clock.kind not in _NEVER_BREACHED and _is_over(clock, lead, now)


def has_one_over(tx: Connection, row: LeadRow, lead: Lead, now: datetime) -> bool:
    """Whether a clock of this current cycle hangs on the owner."""
    return any(hangs_on_its_owner(clock, lead, now) for clock in clocks.of_lead(tx, row.key, row.cycle))


def _is_over(clock: Clock, lead: Lead, now: datetime) -> bool:
    return clock.state == State.RUNNING and clock.due_at < min(lead.modified_at, now)


def of_arrivals(services: Services, crm: str, records: Sequence[AsRead]) -> Histories:
    """The histories of those leads that were decided before and have news on which a clock hangs: a status that is
    watched, or that somebody has taken a lead that waited for that."""
    playbook, now = services.playbook(), services.now()
    decided = {
        one.key: one
        for one in records
        if isinstance(one, Lead) and one.decision and not one.gone and (not one.unowned or status_of(playbook, one))
    }
    if not decided:
        return Histories()
    with services.ledger.reading() as tx:
        wanted = [
            row.key
            for row in leads.current(tx, decided).values()
            if _has_news(playbook, row, lead := decided[row.key])
            and any(
                hangs_on_its_status(playbook, clock, lead, now)
                or (clock.kind == ClockKind.CLAIM and hangs_on_its_owner(clock, lead, now))
                for clock in clocks.of_lead(tx, row.key, row.cycle)
            )
        ]
    return histories(services, crm, wanted)


def _has_news(playbook: Playbook, row: LeadRow, lead: Lead) -> bool:
    if row.ended:
        return False
    watched = "status" in playbook.watched & row.watched.keys()
    return is_taken(row, lead.owner_id) or (watched and row.watched["status"] != lead.values.get("status"))


def owner_at(history: History, lead: Lead, moment: datetime) -> Version | None:
    """Who had the lead then, and since when; None where that is not known: nothing is kept so far back, or the history
    does not lead to whoever has it now."""
    if not _leads_to_its_owner(history, lead):
        return None
    return next((one for one in reversed(history.owners) if one.at <= moment), None)


def _leads_to_its_owner(history: History, lead: Lead) -> bool:
    return bool(history.owners) and (history.owners[-1].value or None) == (lead.owner_id or None)


def taken_at(history: History | None, lead: Lead, now: datetime) -> datetime:
    """When whoever has the lead was made its owner: by the history, else by the record's last change. A CRM whose clock
    is ahead says that it was done later than now."""
    by_record = min(lead.modified_at, now)
    return min(history.owners[-1].at, by_record) if history and _leads_to_its_owner(history, lead) else by_record
