"""Settle: rows that were sent and whose answer nobody got. A read tells what happened before anything else does."""

from connectors.base import ConnectorError
from domain.actions import AssignOwner
from domain.leads import Lead
from ledger import outbox
from ledger.outbox import OutboxRow
from runtime.look_back import ask_for
from runtime.outcomes import NOT_APPLIED, carries, confirm, give_way, put_off, read, settle_later
from runtime.pacing import LEASE_SECONDS
from runtime.services import Services

BATCH = 200


def settle(services: Services, crm: str) -> None:
    """Our decision is on the record: applied, whoever owns it now. The owner is as expected: sent again. Anything else:
    somebody was quicker."""
    with services.ledger.reading() as tx:
        if not outbox.unclear(tx, crm, services.machine()):
            return
    with services.ledger.writing() as tx:
        rows = outbox.unsettled(tx, crm, BATCH, services.machine(), LEASE_SECONDS)
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
    ask_for(services, crm, [row for row, lead in there if _may_still_arrive(row, lead)])
    for row, lead in there:
        _settle(services, row, lead)


def _may_still_arrive(row: OutboxRow, lead: Lead) -> bool:
    """Of a row that was sent once and is there, nothing is under way any more."""
    return not lead.gone and (row.attempts > 1 or not carries(row, lead))


def _settle(services: Services, row: OutboxRow, lead: Lead) -> None:
    expected = row.action.expected_owner if isinstance(row.action, AssignOwner) else None
    if lead.gone:
        give_way(services, row, lead, "the lead is gone")
    elif carries(row, lead):
        confirm(services, row, lead)
    elif lead.owner_id == expected:
        with services.ledger.writing() as tx:
            put_off(tx, services, row, NOT_APPLIED)
    else:
        give_way(services, row, lead, "somebody else changed the owner")
