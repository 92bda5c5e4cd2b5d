"""Watch: decided leads that changed in the CRM. Those with news become arrivals; route reads them again and acts."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import Changes, Noticed
from domain.leads import Seen
from ledger import arrivals, codec, decisions, leads
from ledger.decisions import GONE
from ledger.leads import LeadRow
from runtime.cycles import is_taken
from runtime.ingest import FIRST_LOOK, wake_router
from runtime.news import Answers, answers, has_news
from runtime.services import Services
from runtime.windows import last_cursor, walk

STREAM = "changes"


def watch(services: Services, crm: str) -> int:
    """Ask the CRM for decided leads that changed since the last window. Returns how many brought news."""
    connector, playbook = services.crms[crm], services.playbook()
    watched = sorted(playbook.watched & playbook.crms[crm].fields.keys())
    since = last_cursor(services, connector, STREAM) or connector.now() - FIRST_LOOK
    kept: list[Seen] = []
    new = 0

    def keep(tx: Connection, changes: Changes) -> None:
        nonlocal new
        news = _news(tx, changes.noticed, watched)
        new += arrivals.store(tx, news, services.machine())
        kept.extend(news)

    def ask(at: datetime | None) -> Changes:
        return connector.changed(at or since, watched)

    if not walk(services, connector, STREAM, ask, keep, since):
        services.wake("watch", crm, "bulk")
    wake_router(services, crm, kept, new)
    return new


def _news(tx: Connection, noticed: Sequence[Noticed], watched: Sequence[str]) -> list[Seen]:
    """Sightings of those that are not as the ledger remembers them: our own writes are no news."""
    rows = leads.current(tx, [one.seen.key for one in noticed])
    known = answers(tx, [one.seen.key for one in noticed if one.answer])
    gone = {key for key, _, _ in decisions.noted(tx, [one.seen.key for one in noticed if one.converted], [GONE])}
    return [
        _sighting(one)
        for one in noticed
        if one.seen.key not in gone and _is_news(one, rows.get(one.seen.key), watched, known)
    ]


def _is_news(one: Noticed, row: LeadRow | None, watched: Sequence[str], known: Answers) -> bool:
    """Whoever answers on a record that is new to us may have in it what became of a lead of ours."""
    if row is None:
        return one.answer is not None and not one.converted
    if one.values is None:
        return True  # the record is read again, and tells
    return one.converted or is_taken(row, one.owner_id) or has_news(row, one.values, one.answer, watched, known)


def _sighting(one: Noticed) -> Seen:
    """The same change is the same sighting, whoever notices it. A person who answers waits; an import's changes do not
    push in before fresh leads."""
    values = None if one.values is None else dict(one.values)
    said = codec.canonical(codec.dump({"answer": one.answer, "owner": one.owner_id, "values": values}))
    what = hashlib.sha256(said.encode()).hexdigest()[:16]
    return replace(
        one.seen, event=f"changed:{one.seen.key}:{what}:{one.seen.at.isoformat()}", hot=one.answer is not None
    )
