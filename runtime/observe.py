"""Observe: activities that people logged become evidence, and the clocks that they meet are closed."""

from datetime import timedelta

from ledger import clocks, cursors, evidence
from runtime.evidence import weigh_in
from runtime.services import Services

FIRST_LOOK = timedelta(days=1)


def observe(services: Services, crm: str) -> int:
    """Read what was logged since the last look. Returns how many activities were new."""
    connector = services.crms[crm]
    with services.ledger.reading() as tx:
        since = cursors.get(tx, crm, connector.account, "activities")
    gathered = connector.activities(since or connector.now() - FIRST_LOOK)
    playbook, now = services.playbook(), services.now()
    with services.ledger.writing() as tx:
        new = evidence.store(tx, gathered.activities, now)
        cursors.move(tx, crm, connector.account, "activities", gathered.cursor)
        keys = list(dict.fromkeys(activity.lead for activity in new))
        known = evidence.of(tx, keys)
        for clock in clocks.open_of(tx, keys):
            weigh_in(tx, playbook, clock, known.get(clock.lead, []), now)
    return len(new)
