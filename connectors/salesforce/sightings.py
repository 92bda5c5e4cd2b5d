"""What a window's rows say: a lead was seen, and in which lane it has to go; a decided lead was changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Noticed
from connectors.salesforce.org import Record
from connectors.salesforce.records import CRM, at, field_name
from connectors.values import lead_values, readable, stamp
from domain.leads import LeadKey, Seen
from domain.mapping import CrmMapping

FIELDS = ("Id", "CreatedDate", "CreatedById", "SystemModstamp")

FRESH = timedelta(hours=1)
"""A lead younger than this goes into the hot lane: somebody may still sit in front of the form."""

CROWD = 50
"""More leads than this by one user within one minute are an import, and nobody waits for an answer to one."""


def seen(rows: Sequence[Record], account: str, kind: str, now: datetime, *, hot: bool) -> tuple[Seen, ...]:
    """Each row as a sighting; with `hot`, the fresh ones that are no part of a crowd are to be hurried."""
    made = Counter(map(_together, rows))
    return tuple(
        _seen(row, account, kind, now, hot=hot and made[_together(row)] <= CROWD and _is_fresh(row, now))
        for row in rows
    )


def noticed(
    rows: Sequence[Record], account: str, mapping: CrmMapping, watched: Mapping[str, str], now: datetime
) -> tuple[Noticed, ...]:
    """Each row with what its watched fields hold, and the answer that a person set."""
    seen_fields = replace(mapping, fields=watched)
    found = []
    for row in rows:
        values, _ = lead_values(seen_fields, lambda field, row=row: at(row, field))  # type: ignore[misc]
        answer = row.get(field_name("answer")) or None
        sighting = _seen(row, account, mapping.object, now, hot=True)
        found.append(Noticed(sighting, values, answer, row.get("OwnerId"), bool(row.get("IsConverted"))))
    return tuple(found)


def _seen(row: Record, account: str, kind: str, now: datetime, *, hot: bool) -> Seen:
    changed = readable(row["SystemModstamp"])
    return Seen(
        key=LeadKey(CRM, account, kind, row["Id"]),
        at=changed or now,
        # The record and when it last changed tell this sighting from every other.
        event=f"{CRM}:{account}:{row['Id']}:{stamp(changed) if changed else row['SystemModstamp']}",
        hot=hot,
    )


def _together(row: Record) -> tuple[object, str]:
    """Who made it, and in which minute (`2026-06-01T09:00`)."""
    return row.get("CreatedById"), str(row["CreatedDate"])[:16]


def _is_fresh(row: Record, now: datetime) -> bool:
    created = readable(row["CreatedDate"])
    return created is not None and now - created < FRESH
