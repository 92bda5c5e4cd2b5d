"""Settle: rows that were sent and whose answer nobody got. A read tells what happened before anything else does."""

from collections.abc import Sequence

from connectors.base import ConnectorError
from connectors.base import lane as calls_of
from domain.actions import AssignOwner
from domain.leads import Lead
from ledger import outbox
from ledger.outbox import HOT_FIRST, Lane, OutboxRow
from runtime.look_back import ask_for
from runtime.outcomes import NOT_APPLIED, carries, confirm, give_way, put_off, read, settle_later
from runtime.pacing import LEASE_SECONDS
from runtime.services import Services

BATCH = 200


def settle(services: Services, crm: str, lanes: Sequence[Lane] = HOT_FIRST) -> None:
    """Our decision is on the record: applied, whoever owns it now. The owner is as expected: sent again. Anything else:
    somebody was quicker.

    The hot lane comes first, and each lane asks the CRM for itself.
    """
    with services.ledger.reading() as tx:
        if not outbox.unclear(tx, crm, services.machine()):
            return
    for name in sorted(lanes, key=HOT_FIRST.index):
        with calls_of(name):
            _settle_lane(services, crm, name)


def _settle_lane(services: Services, crm: str, name: Lane) -> None:
    with services.ledger.writing() as tx:
        rows = outbox.unsettled(tx, crm, BATCH, services.machine(), LEASE_SECONDS, (name,))
        for row in rows:
            if not isinstance(row.action, AssignOwner):
                # Fields are absolute values, a task is recognised by its token, and a person rather hears twice.
                put_off(tx, services, row, "fate unknown")
    guarded = [row for row in rows if isinstance(row.action, AssignOwner)]
    if not guarded:
        return
    try:
        found = read(services, guarded)
    except ConnectorError as problem:
        services.log.warning("unknown writes wait to be settled", crm=crm, waiting=len(guarded), problem=str(problem))
        settle_later(services, guarded, problem)
        return
    there = [(row, lead) for row in guarded if (lead := found.get(row.key))]
    settle_later(services, [row for row in guarded if row.key not in found])
    ask_for(services, crm, [row for row, lead in there if _may_still_arrive(row, lead)])
    confirm(services, [(row, lead) for row, lead in there if _applied(row, lead)])
    for row, lead in there:
        if not _applied(row, lead):
            _not_applied(services, row, lead)


def _may_still_arrive(row: OutboxRow, lead: Lead) -> bool:
    """Of a row that was sent once and is there, nothing is under way any more."""
    return not lead.gone and (row.attempts > 1 or not carries(row, lead))


def _applied(row: OutboxRow, lead: Lead) -> bool:
    return not lead.gone and carries(row, lead)


def _not_applied(services: Services, row: OutboxRow, lead: Lead) -> None:
    expected = row.action.expected_owner if isinstance(row.action, AssignOwner) else None
    if lead.gone:
        give_way(services, row, lead, "the lead is gone")
    elif lead.owner_id == expected:
        with services.ledger.writing() as tx:
            put_off(tx, services, row, NOT_APPLIED)
    else:
        give_way(services, row, lead, "somebody else changed the owner")
