"""Observe: activities that people logged or changed become evidence, and the clocks that they meet are closed."""

from datetime import timedelta

from ledger import clocks, cursors, evidence, leads
from runtime.evidence import weigh_in
from runtime.services import Services
from runtime.windows import last_cursor

FIRST_LOOK = timedelta(days=1)


def observe(services: Services, crm: str) -> int:
    """Read what was logged or changed since the last look. Returns how many activities were new or have changed."""
    connector = services.crms[crm]
    since = last_cursor(services, connector, "activities")
    gathered = connector.activities(since or connector.now() - FIRST_LOOK)
    playbook, now = services.playbook(), services.now()
    with services.ledger.writing() as tx:
        learnt = evidence.store(tx, gathered.activities, now)
        cursors.move(tx, crm, connector.account, "activities", gathered.cursor)
        keys = list(dict.fromkeys(activity.lead for activity in learnt))
        known = evidence.of(tx, keys)
        cycles = {row.key: row.cycle for row in leads.current(tx, keys).values() if not row.ended}
        for clock in clocks.open_of(tx, keys):
            current = cycles.get(clock.lead) == clock.cycle
            weigh_in(tx, playbook, clock, known.get(clock.lead, []), now, current=current)
    return len(learnt)
