"""The users of the CRMs, how many open leads each has, and absences that were entered here."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, delete, func, insert, select

from domain.people import Absence, CrmUser, WorkingHours
from ledger import codec
from ledger.columns import in_parts
from ledger.dialects import insert_or_replace
from ledger.tables import absences as absence_table
from ledger.tables import calendar_busy, crm_busy, crm_hours, crm_users, leads, open_leads
from router.decide import Standing

BY_CALENDAR = "calendar"
"""The reason of an absence that somebody's own calendar tells."""

_BUSY = tuple(column.name for column in calendar_busy.c)
_IN_A_CRM = tuple(column.name for column in crm_busy.c if column.name != "crm")
_ENTERED = tuple(column.name for column in absence_table.c)

# Statements are kept, because to make one takes several times as long as to run it: every batch asks who is there.

_ABSENCES = select(absence_table).order_by(absence_table.c.rep, absence_table.c.starts)
_IN_CALENDARS = select(calendar_busy).order_by(*calendar_busy.c)
_IN_CRMS = select(*(crm_busy.c[name] for name in _IN_A_CRM)).order_by(*crm_busy.c)
_HOURS = select(crm_hours.c.rep, crm_hours.c.hours).order_by(crm_hours.c.crm.desc())


def replace(tx: Connection, crm: str, users: Sequence[CrmUser]) -> None:
    """These are the users and queues of the CRM now; nobody else is."""
    known = set(tx.execute(select(crm_users.c.id).where(crm_users.c.crm == crm)).scalars())
    for part in in_parts(sorted(known - {user.id for user in users})):
        tx.execute(delete(crm_users).where(crm_users.c.crm == crm, crm_users.c.id.in_(part)))
    if users:
        rows = [asdict(user) | {"crm": crm} for user in sorted(users, key=lambda user: user.id)]
        tx.execute(insert_or_replace(tx, crm_users), rows)


def directory(tx: Connection, crm: str) -> list[CrmUser]:
    """The users and queues of the CRM, by id."""
    rows = tx.execute(select(crm_users).where(crm_users.c.crm == crm).order_by(crm_users.c.id)).mappings()
    return [CrmUser(**row) for row in rows]


def counted(tx: Connection, crm: str, loads: Mapping[str, int], at: datetime) -> None:
    """The CRM's own count of open leads per person (e-mail address), taken at `at` (business time).

    A count that is older than the known one changes nothing.
    """
    rows = [{"crm": crm, "email": email, "number": number, "counted_at": at} for email, number in sorted(loads.items())]
    if rows:
        tx.execute(insert_or_replace(tx, open_leads, open_leads.c.counted_at), rows)


def standing(tx: Connection, crm: str) -> dict[str, Standing]:
    """Each person of the CRM by e-mail address: an active user or not, and the leads that are open.

    Open leads are the CRM's count and our own decisions that it could not see yet, their write being applied later or
    not at all so far. One applied at the very moment of the count is added: to count a lead twice until the next
    count is better than not at all.
    """
    people = [user for user in directory(tx, crm) if user.email and user.kind == "person"]
    active = {user.email for user in people if user.active}
    # Of several users with one address, whoever logged in last counts; where the CRM does not tell of one, nobody can.
    logins = {user.email: user.last_login for user in sorted(people, key=_by_login)}
    known = {user.email for user in people if user.email}
    rows = tx.execute(select(open_leads.c.email, open_leads.c.number).where(open_leads.c.crm == crm))
    counts: dict[str, int] = {row.email: row.number for row in rows}
    own = _unseen_by_the_count(tx, crm) + _decided(tx, crm, sorted(known - counts.keys()))
    return {
        email: Standing(email in known, email in active, counts.get(email, 0) + own[email], logins.get(email))
        for email in sorted(known | counts.keys())
    }


def _by_login(user: CrmUser) -> tuple[bool, datetime]:
    return user.last_login is None, user.last_login or datetime.min.replace(tzinfo=UTC)


def absences(tx: Connection) -> list[Absence]:
    """Every absence that was entered, by rep and time; then those that were read, and meetings."""
    return [*entered(tx), *read_elsewhere(tx)]


def entered(tx: Connection) -> list[Absence]:
    """Every absence that was entered here, by rep and time."""
    return [Absence(**row) for row in tx.execute(_ABSENCES).mappings()]


def read_elsewhere(tx: Connection) -> list[Absence]:
    """Every absence and meeting that people's own calendars, then the CRMs tell."""
    return [
        *(Absence(reason=BY_CALENDAR, **row) for row in tx.execute(_IN_CALENDARS).mappings()),
        *(Absence(**row) for row in tx.execute(_IN_CRMS).mappings()),
    ]


def working_hours(tx: Connection) -> dict[str, WorkingHours]:
    """The hours that people work by as their CRM says, by e-mail address; of two CRMs the first one's."""
    return {row.rep: codec.load(WorkingHours, row.hours) for row in tx.execute(_HOURS)}


def crm_says(tx: Connection, crm: str, busy: Collection[Absence], hours: Mapping[str, WorkingHours]) -> None:
    """This is all that the CRM says now of when its people are not there, and of the hours that they work by."""
    tx.execute(delete(crm_busy).where(crm_busy.c.crm == crm))
    tx.execute(delete(crm_hours).where(crm_hours.c.crm == crm))
    rows = [{name: getattr(one, name) for name in _IN_A_CRM} | {"crm": crm} for one in set(busy)]
    if rows:
        tx.execute(insert(crm_busy), rows)
    if hours:
        tx.execute(insert(crm_hours), [{"crm": crm, "rep": rep, "hours": one} for rep, one in sorted(hours.items())])


def forget_crms(tx: Connection, but: Collection[str]) -> None:
    """No other CRM says any more when anybody is not there."""
    for table in (crm_busy, crm_hours):
        tx.execute(delete(table).where(table.c.crm.not_in(sorted(but))))


def calendar_says(tx: Connection, rep: str, busy: Sequence[Absence]) -> None:
    """This is all that the person's calendar says now; titles are not kept."""
    tx.execute(delete(calendar_busy).where(calendar_busy.c.rep == rep))
    rows = [{name: getattr(one, name) for name in _BUSY} | {"rep": rep} for one in set(busy)]
    if rows:
        tx.execute(insert(calendar_busy), rows)


def forget_calendars(tx: Connection, but_of: Collection[str]) -> None:
    """Nobody else has a calendar any more."""
    tx.execute(delete(calendar_busy).where(calendar_busy.c.rep.not_in(sorted(but_of))))


def add_absence(tx: Connection, absence: Absence) -> None:
    """Note an absence; one of the same person that starts at the same moment is replaced."""
    tx.execute(insert_or_replace(tx, absence_table), {name: getattr(absence, name) for name in _ENTERED})


def drop_absence(tx: Connection, rep: str, starts: datetime) -> None:
    """Forget the absence that was entered for this person from this moment on; nothing where there is none."""
    tx.execute(delete(absence_table).where(absence_table.c.rep == rep, absence_table.c.starts == starts))


def _unseen_by_the_count(tx: Connection, crm: str) -> Counter[str]:
    """Leads whose write was applied after the CRM's count, or is not applied so far."""
    unseen: Counter[str] = Counter()
    # Two questions rather than one with OR, which no index would answer.
    for when in (leads.c.applied_at.is_(None), leads.c.applied_at >= open_leads.c.counted_at):
        own = and_(leads.c.crm == open_leads.c.crm, leads.c.owner == open_leads.c.email, leads.c.ended.is_(False), when)
        rows = tx.execute(
            select(open_leads.c.email, func.count().label("number"))
            .join(leads, own)
            .where(open_leads.c.crm == crm)
            .group_by(open_leads.c.email)
        )
        unseen.update({row.email: row.number for row in rows})
    return unseen


def _decided(tx: Connection, crm: str, owners: Sequence[str]) -> Counter[str]:
    """Leads decided for people whom the CRM has never counted."""
    decided: Counter[str] = Counter()
    for part in in_parts(owners):
        rows = tx.execute(
            select(leads.c.owner, func.count().label("number"))
            .where(leads.c.crm == crm, leads.c.owner.in_(part), leads.c.ended.is_(False))
            .group_by(leads.c.owner)
        )
        decided.update({row.owner: row.number for row in rows})
    return decided
