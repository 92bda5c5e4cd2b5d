"""Read people's own calendars: who is away, and who is in a meeting."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.base import ConnectorError
from connectors.calendar_feed import busy
from ledger import cursors, people
from runtime.services import Services

AHEAD = timedelta(days=60)
BACK = timedelta(days=30)
"""What is over may still be made good: `after_absence`."""


MEETINGS_AHEAD = timedelta(days=1)
"""Every batch of decisions reads what is kept: meetings of weeks to come would be most of it, and say nothing yet."""

EVERY = timedelta(minutes=5)
"""How often a calendar is read, in real time."""

MOST = 5
"""Calendars of one job: with their time-outs they fit into its lease."""

_STREAM = ("calendars", "read")


def read_calendars(services: Services, crm: str) -> int:
    """Read the calendars that were not read lately, some at a time; returns how many. One that cannot be read stays as
    it was. Calendars belong to no CRM: of several, the first one's job reads them."""
    if crm != min(services.crms):
        return 0
    reps = services.playbook().rules.reps.values()
    feeds = {rep.email: rep.calendar_feed for rep in reps if rep.calendar_feed}
    at = services.machine()
    with services.ledger.writing() as tx:
        people.forget_calendars(tx, feeds)
        tried = {email: cursors.get(tx, _STREAM[0], email, _STREAM[1]) or _NEVER for email in feeds}
        due = sorted((moment, email) for email, moment in tried.items() if at - moment >= EVERY)
        for _, email in due[:MOST]:
            cursors.move(tx, _STREAM[0], email, _STREAM[1], at)
    for _, email in due[:MOST]:
        _read(services, email, feeds[email])
    if len(due) > MOST:
        services.wake("calendars", crm, "bulk")
    return len(due[:MOST])


_NEVER = datetime.min.replace(tzinfo=UTC)


def _read(services: Services, email: str, variable: str) -> None:
    try:
        text = services.feed(variable)
    except ConnectorError as problem:
        services.log.warning("a calendar cannot be read", variable=variable, problem=str(problem))
        return
    now, zone = services.now(), ZoneInfo(services.playbook().rules.calendar_of_rep(email).timezone)
    found = busy(text, email, zone, now - BACK, now + AHEAD)
    kept = [one for one in found if not one.meeting or (one.ends > now and one.starts < now + MEETINGS_AHEAD)]
    with services.ledger.writing() as tx:
        people.calendar_says(tx, email, kept)
