"""Observe: activities that people logged or changed become evidence, and the clocks that they meet are closed.

Each kind of activity has a cursor of its own, so what was read of one is kept although another one has to wait.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from connectors.base import ConnectorError, Crm, NotSignedIn
from domain.activities import Activity
from ledger import clocks, cursors, evidence, leads
from playbook.book import Playbook
from runtime.evidence import weigh_in
from runtime.services import Services
from runtime.windows import last_cursor

FIRST_LOOK = timedelta(days=1)
NEVER = datetime.min.replace(tzinfo=UTC)


def observe(services: Services, crm: str) -> int:
    """Read what was logged or changed since the last look. Returns how many activities were new or have changed.

    The kind that has waited longest comes first: where a limit ends a round early, the next one begins with those that
    are left. What has kept one from being read is raised after the others were.
    """
    connector = services.crms[crm]
    seen = {kind: last_cursor(services, connector, _stream(kind)) for kind in connector.activity_kinds}
    learnt = 0
    first: ConnectorError | None = None
    for kind, since in sorted(seen.items(), key=lambda one: one[1] or NEVER):
        try:
            learnt += _observe(services, connector, kind, since or connector.now() - FIRST_LOOK)
        except NotSignedIn:
            raise
        except ConnectorError as problem:
            first = first or problem
    if first:
        raise first
    return learnt


def _observe(services: Services, connector: Crm, kind: str, since: datetime) -> int:
    gathered = connector.activities(kind, since)
    playbook, now = services.playbook(), services.now()
    with services.ledger.writing() as tx:
        learnt = learn(tx, playbook, gathered.activities, now)
        cursors.move(tx, connector.name, connector.account, _stream(kind), gathered.cursor)
    return learnt


def learn(tx: Connection, playbook: Playbook, activities: Sequence[Activity], now: datetime) -> int:
    """Keep the activities, and let those that are new or have changed move the clocks of their leads; how many."""
    learnt = evidence.store(tx, activities, now)
    keys = list(dict.fromkeys(activity.lead for activity in learnt))
    known = evidence.of(tx, keys)
    still_open = clocks.open_of(tx, keys)
    cycles = {row.key: row.cycle for row in leads.current(tx, keys).values() if not row.ended}
    for clock in still_open:
        current = cycles.get(clock.lead) == clock.cycle
        weigh_in(tx, playbook, clock, known.get(clock.lead, []), now, current=current)
    return len(learnt)


def _stream(kind: str) -> str:
    return f"activities: {kind}"
