"""Ingest: leads that a CRM named become rows of `arrivals` before anybody is told that we have them.

The arrivals and the cursor are committed together, so a crash repeats a window and never skips one; the event key
makes the repetition harmless.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.base import Crm
from domain.leads import Seen
from ledger import accounts, arrivals, cursors, people
from runtime.services import Services

FIRST_LOOK = timedelta(days=1)
"""How far back a first start looks; what is older is for `fairlead backfill`."""

RECONCILE_WITHIN = timedelta(hours=24)
"""How far back the reconciliation asks for leads without a decision id."""


def store(services: Services, crm: str, seen: Sequence[Seen]) -> int:
    """Commit what a webhook named, then wake the router. Returns how many of the events were new."""
    with services.ledger.writing() as tx:
        new = arrivals.store(tx, seen, services.machine())
    _wake(services, crm, seen, new)
    return new


def poll(services: Services, crm: str) -> int:
    """Ask the CRM for unowned leads that changed since the last window. Returns how many events were new."""
    return _window(services, services.crms[crm], "leads", FIRST_LOOK)


def _window(services: Services, connector: Crm, stream: str, first_look: timedelta) -> int:
    with services.ledger.reading() as tx:
        since = cursors.get(tx, connector.name, connector.account, stream)
    found = connector.arrived(since or connector.now() - first_look)
    with services.ledger.writing() as tx:
        new = arrivals.store(tx, found.seen, services.machine())
        cursors.move(tx, connector.name, connector.account, stream, found.cursor)
    _wake(services, connector.name, found.seen, new)
    return new


def reconcile(services: Services, crm: str) -> int:
    """Ask for recent leads that carry no decision id: whatever every other way in has missed."""
    connector = services.crms[crm]
    found = connector.unrouted(connector.now() - RECONCILE_WITHIN)
    new = store(services, crm, [_as_reconciled(seen, services.machine()) for seen in found.seen])
    if new:
        services.log.info("reconciled", crm=crm, leads=new)
    return new


def _as_reconciled(seen: Seen, machine: datetime) -> Seen:
    """A sighting of its own once an hour: an arrival that ended without an outcome gets another chance."""
    return Seen(seen.key, seen.at, f"reconcile:{seen.key}:{machine:%Y%m%d%H}", seen.hot)


def mirror(services: Services, crm: str) -> None:
    """Bring users, open leads per user and companies up to date."""
    connector = services.crms[crm]
    users = connector.users()
    reps = services.playbook().rules.reps
    owners = {user.id: user.email for user in users if user.email in reps}
    with services.ledger.reading() as tx:
        since = cursors.get(tx, crm, connector.account, "accounts")
    # The time of the count is taken before counting: a decision in between is counted twice rather than not at all.
    counted_at = services.now()
    open_leads = connector.open_leads(list(owners))
    companies = connector.accounts(since)
    with services.ledger.writing() as tx:
        people.replace(tx, crm, users)
        people.counted(tx, crm, {email: open_leads.get(id_, 0) for id_, email in owners.items() if email}, counted_at)
        accounts.upsert(tx, companies.accounts)
        cursors.move(tx, crm, connector.account, "accounts", companies.cursor)


def _wake(services: Services, crm: str, seen: Sequence[Seen], new: int) -> None:
    if new:
        services.wake("route", crm, "hot" if any(one.hot for one in seen) else "bulk")
