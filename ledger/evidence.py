"""What people did with the leads, once each, with the time at which we learnt it."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from domain.activities import Activity
from domain.leads import LeadKey
from ledger.columns import among_leads, key_in, naming
from ledger.dialects import insert_new
from ledger.tables import evidence

COPIED = tuple(field.name for field in fields(Activity) if field.name not in ("crm", "lead"))
"""Fields of an activity that are columns of the same name."""


def store(tx: Connection, activities: Sequence[Activity], learnt_at: datetime) -> list[Activity]:
    """Keep the activities; those that were new, in order. What is known (crm, kind, id) stays as it was learnt."""
    if not activities:
        return []
    rows = [
        naming(one.lead) | {name: getattr(one, name) for name in COPIED} | {"learnt_at": learnt_at}
        # In one order everywhere, so that two who store the same ones never wait for each other (PostgreSQL).
        for one in sorted(activities, key=_identity)
    ]
    statement = insert_new(tx, evidence, evidence.c.crm, evidence.c.kind, evidence.c.id)
    new = {tuple(row) for row in tx.execute(statement, rows)}
    first_of_each: dict[tuple[str, str, str], Activity] = {}
    for one in activities:
        first_of_each.setdefault(_identity(one), one)
    return [one for identity, one in first_of_each.items() if identity in new]


def of(tx: Connection, keys: Iterable[LeadKey]) -> dict[LeadKey, list[Activity]]:
    """Each lead's activities in the order in which they happened; a lead without any is left out."""
    found: dict[LeadKey, list[Activity]] = {}
    for among in among_leads(evidence, keys):
        query = select(evidence).where(among).order_by(evidence.c.happened_at, evidence.c.kind, evidence.c.id)
        for row in tx.execute(query).mappings():
            found.setdefault(key_in(row), []).append(_activity(row))
    return found


def _identity(activity: Activity) -> tuple[str, str, str]:
    return activity.crm, activity.kind, activity.id


def _activity(row: RowMapping) -> Activity:
    return Activity(crm=row["crm"], lead=key_in(row), **{name: row[name] for name in COPIED})
