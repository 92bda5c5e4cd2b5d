"""Ingest: leads that a CRM named are in the ledger, or its inbox, before anybody is told that we have them.

The arrivals and the cursor are committed together, so a crash repeats a window and never skips one; the event key
makes the repetition harmless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from connectors.base import Companies, Crm, DeletedKind, Found, Refused, RoleKind, Roles
from domain.leads import Seen
from ledger import accounts, arrivals, cursors, people
from runtime.services import Services
from runtime.windows import MOST_PAGES, last_cursor, walk

FIRST_LOOK = timedelta(days=1)
"""How far back a first start looks; what is older is for `fairlead backfill`."""

RECONCILE_WITHIN = timedelta(hours=24)
"""How far back the reconciliation asks for leads without a decision id."""

DELETED_EVERY = timedelta(hours=1)
"""How often what was deleted is listed where a CRM gives it as one list of all, a call for a hundred."""

LEADS, ACCOUNTS, UNROUTED, MIRRORED = "leads", "accounts", "unrouted", "mirrored"
"""The streams that are read here, as their cursors are called. `mirrored` is there once a mirror was complete."""


def deletions(kind: DeletedKind) -> str:
    """The stream of what was deleted of a kind."""
    return f"deleted {kind}"


def listing(kind: DeletedKind) -> str:
    """The stream of a list of it that is under way: when that began, and where it goes on."""
    return f"listing of deleted {kind}"


def store(services: Services, crm: str, seen: Sequence[Seen]) -> int:
    """Commit what was delivered, then wake the router. Returns how many of the events may be new."""
    [new] = services.ledger.inbox.keep([seen], services.machine())
    wake_router(services, crm, seen, new)
    return new


def wake_router(services: Services, crm: str, seen: Sequence[Seen], new: int) -> None:
    """Wake the router for those of a CRM's leads that were new."""
    if new:
        services.wake("route", crm, "hot" if any(one.hot for one in seen) else "bulk")


@dataclass(frozen=True, slots=True)
class Polled:
    """How many events were `new`, and whether the `whole` window was walked: where not, there is more to come."""

    new: int
    whole: bool


def poll(services: Services, crm: str) -> Polled:
    """Ask the CRM for unowned leads that changed since the last window."""
    connector = services.crms[crm]
    since = last_cursor(services, connector, LEADS) or connector.now() - FIRST_LOOK
    arriving = _Arriving(services)
    whole = walk(services, connector, LEADS, lambda at: connector.arrived(at or since), arriving.keep, since)
    wake_router(services, crm, arriving.seen, arriving.new)
    return Polled(arriving.new, whole)


class _Arriving:
    """Keeps pages of sightings, and what to wake the router for."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.seen: list[Seen] = []
        self.new = 0

    def keep(self, tx: Connection, found: Found) -> None:
        self.new += arrivals.store(tx, found.seen, self._services.machine())
        self.seen += found.seen


def reconcile(services: Services, crm: str) -> int:
    """Ask for recent leads that carry no decision id: whatever every other way in has missed.

    It starts from the beginning each time; only where that was too much for one run does the next one go on from there.
    """
    connector = services.crms[crm]
    since = last_cursor(services, connector, UNROUTED) or connector.now() - RECONCILE_WITHIN
    arriving = _Arriving(services)

    def ask(at: datetime | None) -> Found:
        found = connector.unrouted(at or since)
        again = tuple(_as_reconciled(seen, services.machine()) for seen in found.seen)
        return Found(again, found.cursor, found.more)

    if walk(services, connector, UNROUTED, ask, arriving.keep, since):
        with services.ledger.writing() as tx:
            cursors.forget(tx, crm, connector.account, UNROUTED)
    else:
        services.wake("reconcile", crm, "bulk")
    wake_router(services, crm, arriving.seen, arriving.new)
    if arriving.new:
        services.log.info("reconciled", crm=crm, leads=arriving.new)
    return arriving.new


def _as_reconciled(seen: Seen, machine: datetime) -> Seen:
    """A sighting of its own once an hour: an arrival that ended without an outcome gets another chance."""
    return Seen(seen.key, seen.at, f"reconcile:{seen.key}:{machine:%Y%m%d%H}", seen.hot)


def mirror(services: Services, crm: str) -> bool:
    """Bring users, open leads per user and companies up to date. False where there are more companies to come: the job
    has woken itself."""
    connector = services.crms[crm]
    _mirror_people(services, connector)
    since = last_cursor(services, connector, ACCOUNTS)
    follows = sorted(services.playbook().follows)
    _begin_deletions(services, connector, "companies", since)
    if "opportunities" in follows:
        _begin_deletions(services, connector, "opportunities", last_cursor(services, connector, "opportunities"))

    def keep(tx: Connection, companies: Companies) -> None:
        accounts.upsert(tx, companies.accounts)
        accounts.remove(tx, crm, companies.gone)

    if not walk(services, connector, ACCOUNTS, connector.accounts, keep, since):
        services.wake("mirror", crm, "bulk")
        return False
    if not all(_mirror_roles(services, connector, kind) for kind in follows):
        services.wake("mirror", crm, "bulk")
        return False
    first = not mirrored(services, crm)
    if first:
        with services.ledger.writing() as tx:
            cursors.move(tx, crm, connector.account, MIRRORED, connector.now())
        services.wake("route", crm, "bulk")
    complete = _forget_deleted(services, connector, "companies", accounts.remove, due=first)
    if complete and "opportunities" in follows:
        complete = _forget_deleted(services, connector, "opportunities", accounts.remove_roles, due=first)
    if not complete:
        services.wake("mirror", crm, "bulk")
        return False
    return True


def _mirror_roles(services: Services, connector: Crm, kind: RoleKind) -> bool:
    """Bring roles in companies up to date. False where there are more to come."""

    def keep(tx: Connection, found: Roles) -> None:
        accounts.keep_roles(tx, found.roles, found.gone, connector.name)

    ask = partial(connector.roles, kind)
    return walk(services, connector, kind, ask, keep, last_cursor(services, connector, kind))


def _begin_deletions(services: Services, connector: Crm, kind: DeletedKind, since: datetime | None) -> None:
    """Deletions count from before the first window: what goes while windows follow each other stood in one of them."""
    if last_cursor(services, connector, deletions(kind)) is None:
        with services.ledger.writing() as tx:
            cursors.move(tx, connector.name, connector.account, deletions(kind), since or connector.now())


def _forget_deleted(
    services: Services,
    connector: Crm,
    kind: DeletedKind,
    remove: Callable[[Connection, str, Sequence[str]], None],
    *,
    due: bool,
) -> bool:
    """Take what was deleted out of the mirror, once in a while or where it is `due`. False where there is more to come.
    What was deleted while a list was under way is the next one's, for it may have passed that place."""
    crm, account = connector.name, connector.account
    since = last_cursor(services, connector, deletions(kind))
    with services.ledger.reading() as tx:
        began, start = cursors.get(tx, crm, account, listing(kind)), cursors.position(tx, crm, account, listing(kind))
    if since is None or (began is None and not due and connector.now() - since < DELETED_EVERY):
        return True
    for _ in range(MOST_PAGES):
        try:
            part = connector.deleted(kind, since, start)
        except Refused:
            with services.ledger.writing() as tx:  # that place may be none any more
                cursors.forget(tx, crm, account, listing(kind))
            raise
        began, start = began or part.at, part.next
        with services.ledger.writing() as tx:
            remove(tx, crm, part.ids)
            if start is None:
                cursors.move(tx, crm, account, deletions(kind), began)
                cursors.forget(tx, crm, account, listing(kind))
                return True
            cursors.move(tx, crm, account, listing(kind), began, start)
    return False


def mirrored(services: Services, crm: str) -> bool:
    """Whether all users and companies were read once: before, the owner of a lead's company looks like nobody."""
    return last_cursor(services, services.crms[crm], MIRRORED) is not None


def _mirror_people(services: Services, connector: Crm) -> None:
    users = connector.users()
    reps = services.playbook().rules.reps
    owners = {user.id: user.email for user in users if user.email in reps}
    # The time of the count is taken before counting: a decision in between is counted twice rather than not at all.
    counted_at = services.now()
    open_leads = connector.open_leads(list(owners))
    counts = {email: open_leads.get(id_, 0) for id_, email in owners.items() if email}
    with services.ledger.writing() as tx:
        first = not people.directory(tx, connector.name)
        people.replace(tx, connector.name, users)
        people.counted(tx, connector.name, counts, counted_at)
    if first:
        # Its own tick may have come before anybody was known, and the next is minutes away.
        services.wake("absences", connector.name, "bulk")
