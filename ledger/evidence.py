"""What people did with the leads, as it stands now, with the times at which we learnt it.

An activity is known by its lead, kind and id: one call can be logged on several leads, and counts for each of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from domain.activities import Activity
from domain.leads import LeadKey
from ledger.columns import LEAD, among_leads, key_in, naming
from ledger.dialects import insert_or_correct
from ledger.tables import evidence

LEAD_OF = tuple(evidence.c[name] for name in LEAD)

COPIED = tuple(field.name for field in fields(Activity) if field.name not in ("crm", "lead"))
"""Fields of an activity that are columns of the same name."""

FACTS = tuple(evidence.c[name] for name in COPIED if name not in ("kind", "id"))
"""What may turn out otherwise later: a call is read while it rings, a meeting before it is held."""


def store(tx: Connection, activities: Sequence[Activity], learnt_at: datetime) -> list[Activity]:
    """Keep the activities as they are now; those that were new or whose facts changed, in order.

    What changed keeps the time at which it was first learnt. Of one that is given several times the last counts.
    """
    if not activities:
        return []
    last_of_each = {_identity(one): one for one in activities}
    rows = [
        naming(one.lead)
        | {name: getattr(one, name) for name in COPIED}
        | {"learnt_at": learnt_at, "changed_at": learnt_at}
        # In one order everywhere, so that two who store the same ones never block each other (PostgreSQL).
        for _, one in sorted(last_of_each.items())
    ]
    statement = insert_or_correct(tx, evidence, FACTS, evidence.c.changed_at)
    learnt = {(key_in(row), row["kind"], row["id"]) for row in tx.execute(statement, rows).mappings()}
    return [one for identity, one in last_of_each.items() if identity in learnt]


def of(tx: Connection, keys: Iterable[LeadKey]) -> dict[LeadKey, list[Activity]]:
    """Each lead's activities in the order in which they happened; a lead without any is left out."""
    found: dict[LeadKey, list[Activity]] = {}
    for among in among_leads(evidence, keys):
        query = select(evidence).where(among).order_by(evidence.c.happened_at, evidence.c.kind, evidence.c.id)
        for row in tx.execute(query).mappings():
            found.setdefault(key_in(row), []).append(_activity(row))
    return found


def claims(tx: Connection, since: datetime, until: datetime) -> list[Activity]:
    """The calls that were typed in, and happened in that stretch, in the order in which they happened."""
    of = (evidence.c.claimed.is_(True), evidence.c.happened_at >= since, evidence.c.happened_at < until)
    query = select(evidence).where(*of).order_by(evidence.c.happened_at, *LEAD_OF, evidence.c.id)
    return [_activity(row) for row in tx.execute(query).mappings()]


def _identity(activity: Activity) -> tuple[LeadKey, str, str]:
    return activity.lead, activity.kind, activity.id


def _activity(row: RowMapping) -> Activity:
    return Activity(crm=row["crm"], lead=key_in(row), **{name: row[name] for name in COPIED})
