"""What services said about leads: asked once for each key, and kept as long as `config/` says."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from domain.leads import Value
from ledger.columns import in_parts, with_tuples
from ledger.dialects import insert_or_replace
from ledger.tables import enriched


def keep(tx: Connection, service: str, answers: Mapping[str, Mapping[str, Value]], at: datetime) -> None:
    """Keep what the service said about each key; nothing is an answer too."""
    rows = [{"service": service, "key": key, "said": dict(said), "at": at} for key, said in sorted(answers.items())]
    if rows:
        tx.execute(insert_or_replace(tx, enriched), rows)


def known(tx: Connection, service: str, keys: Sequence[str], since: datetime) -> dict[str, dict[str, Value]]:
    """What the service said about these keys since then."""
    found: dict[str, dict[str, Value]] = {}
    for part in in_parts(keys):
        query = select(enriched.c.key, enriched.c.said).where(
            enriched.c.service == service, enriched.c.key.in_(part), enriched.c.at >= since
        )
        for row in tx.execute(query):
            found[row.key] = with_tuples(row.said)
    return found


def asked_since(tx: Connection, service: str, since: datetime) -> int:
    """How many answers came since then."""
    query = select(func.count()).where(enriched.c.service == service, enriched.c.at >= since)
    return int(tx.execute(query).scalar_one())
