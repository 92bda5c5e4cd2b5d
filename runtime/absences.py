"""Ask a CRM when its people are not there: absences, long meetings, and the hours that they work by."""

from connectors.base import Refused
from domain.people import Pool
from ledger import people
from runtime.calendars import AHEAD, BACK, MEETINGS_AHEAD
from runtime.services import Services

MOST_NAMED = 5
"""Of what could not be read so many are named in the log: a mistake of a program stands in hundreds of events."""


WAYS_OUT = "fairlead doctor names what is missing; or write `absences: ignore`"


def read_absences(services: Services, crm: str) -> int:
    """Replace what is known from this CRM by what it says now; returns how many absences and meetings that are. One
    that cannot be asked just now, or hides them from us, is believed as before; one that is not to be asked says
    nothing."""
    book, now = services.playbook(), services.now()
    with services.ledger.reading() as tx:
        reps = [user for user in people.directory(tx, crm) if user.active and user.email in book.rules.reps]
    if not book.crms[crm].asks_for_absences or not reps:
        with services.ledger.writing() as tx:
            people.crm_says(tx, crm, (), {})
        return 0
    meetings = (now, now + MEETINGS_AHEAD) if any(map(_asks_for_meetings, book.rules.pools.values())) else None
    try:
        found = services.crms[crm].whereabouts(reps, now - BACK, now + AHEAD, meetings)
    except Refused as problem:
        # Not everybody wants to show us calendars: no reason to call the installation broken.
        services.log.warning("absences are hidden", problem=str(problem), way_out=f"{WAYS_OUT} in crm/{crm}.yaml")
        return 0
    if found.odd:
        named = "; ".join(found.odd[:MOST_NAMED])
        services.log.warning("absences that cannot be read", number=len(found.odd), problem=named)
    with services.ledger.writing() as tx:
        people.crm_says(tx, crm, found.absences, found.hours)
        people.forget_crms(tx, but=book.crms)
    return len(found.absences)


def _asks_for_meetings(pool: Pool) -> bool:
    return pool.pass_over.meetings_longer_than is not None
