"""What became of the promises that people owed, and what follows for whoever breaks them again and again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, delete, func, or_, select

from domain.clocks import Clock, State
from ledger.clocks import COLUMNS, clock_in
from ledger.dialects import insert_or_replace
from ledger.tables import clocks, consequences
from sla_monitor.attainment import OWN, PROMISES, Count, streaks

Kind = Literal["repeated", "chronic"]

ROWS_AT_ONCE = 500

_PROMISES = clocks.c.kind.in_([kind.value for kind in PROMISES])
_MET = clocks.c.state == State.MET.value
_BROKEN = and_(clocks.c.state == State.BREACHED.value, clocks.c.cause.in_(sorted(OWN)))
_ENDED_AT = case((_MET, clocks.c.met_at), else_=clocks.c.due_at)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What was done about somebody: told (`repeated`), or given fewer leads (`chronic`) from `since` until `ended_at`
    (None: still). `said` is it in words."""

    rep: str
    kind: Kind
    since: datetime
    said: str
    ended_at: datetime | None = None


def count(tx: Connection, rep: str, after: datetime, until: datetime | None = None) -> Count:
    """The promises of this person that were due after that moment and have ended (by `until`)."""
    of = _of(rep, after, until)
    row = tx.execute(select(func.count(), func.count(case((_BROKEN, 1)))).where(of)).one()
    return Count(row[0], row[1])


def met_in_a_row(tx: Connection, rep: str, since: datetime, most: int) -> int:
    """How many of his promises that ended after `since` this person has met in a row until now, counted up to `most`.
    Breaches of another cause do not end a row."""
    ended = (_of(rep, since, None), since < _ENDED_AT)
    last = tx.execute(
        select(clocks.c.state).where(*ended).order_by(_ENDED_AT.desc(), clocks.c.id.desc()).limit(most)
    ).scalars()
    return streaks([state == State.MET.value for state in reversed(last.all())])[0]


def of(tx: Connection, rep: str, kind: Kind) -> Consequence | None:
    """What was last done about this person."""
    row = tx.execute(select(consequences).where(consequences.c.rep == rep, consequences.c.kind == kind)).mappings()
    return next((_consequence(each) for each in row), None)


def standing(tx: Connection, kind: Kind) -> list[Consequence]:
    """Those that stand just now, by person."""
    rows = tx.execute(
        select(consequences)
        .where(consequences.c.kind == kind, consequences.c.ended_at.is_(None))
        .order_by(consequences.c.rep)
    ).mappings()
    return [_consequence(row) for row in rows]


def save(tx: Connection, consequence: Consequence) -> None:
    """It takes the place of the one before of its kind."""
    tx.execute(insert_or_replace(tx, consequences), asdict(consequence))


def forget(tx: Connection, rep: str, kind: Kind) -> None:
    """As if it had never been."""
    tx.execute(delete(consequences).where(consequences.c.rep == rep, consequences.c.kind == kind))


def ended(tx: Connection, since: datetime, until: datetime) -> Iterator[Clock]:
    """The clocks of people that were met, or breached, with a due time in that stretch, by owner and due time; never
    all at once. A breach without a cause is nobody's (yet): it was somebody's before, or the lead was gone before
    anybody had looked."""
    of = and_(
        clocks.c.owner.is_not(None),
        _PROMISES,
        or_(_MET, and_(clocks.c.state == State.BREACHED.value, clocks.c.cause.is_not(None))),
        clocks.c.due_at >= since,
        clocks.c.due_at < until,
    )
    rows = select(*COLUMNS).where(of).order_by(clocks.c.owner, clocks.c.due_at, clocks.c.id)
    for row in tx.execution_options(yield_per=ROWS_AT_ONCE).execute(rows):
        yield clock_in(row)


def _of(rep: str, after: datetime, until: datetime | None) -> ColumnElement[bool]:
    ended = and_(clocks.c.owner == rep, clocks.c.due_at > after, _PROMISES, or_(_MET, _BROKEN))
    return and_(ended, until >= _ENDED_AT) if until else ended


def _consequence(row: RowMapping) -> Consequence:
    return Consequence(**row)
