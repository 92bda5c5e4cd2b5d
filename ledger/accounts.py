"""The mirror of the CRMs' companies, found by domain or by normalised name."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, or_, select

from domain.accounts import Account
from ledger import codec
from ledger.columns import in_parts
from ledger.dialects import insert_or_replace
from ledger.tables import accounts
from router.accounts import domain_key, name_key


def upsert(tx: Connection, changed: Sequence[Account]) -> None:
    """Keep these companies as they are now; of one that is named twice, the last."""
    rows = [
        {
            "crm": one.crm,
            "id": one.id,
            "domain_key": domain_key(one.domain) if one.domain else None,
            "name_key": name_key(one.name) or None,
            "account": one,
        }
        for one in sorted(changed, key=lambda one: (one.crm, one.id))
    ]
    if rows:
        tx.execute(insert_or_replace(tx, accounts), rows)


def remove(tx: Connection, crm: str, ids: Sequence[str]) -> None:
    """The CRM has these companies no more."""
    for part in in_parts(ids):
        tx.execute(delete(accounts).where(accounts.c.crm == crm, accounts.c.id.in_(part)))


def candidates(tx: Connection, crm: str, domains: Sequence[str], name_keys: Sequence[str]) -> list[Account]:
    """The CRM's companies with one of these domains (`domain_key`) or names (`name_key`), in the order of their ids."""
    found: dict[str, Account] = {}
    parts = [accounts.c.domain_key.in_(part) for part in in_parts(domains)]
    parts += [accounts.c.name_key.in_(part) for part in in_parts(name_keys)]
    # Two conditions a query: short lists make one query, long ones stay below the databases' limits.
    for start in range(0, len(parts), 2):
        query = select(accounts.c.id, accounts.c.account).where(accounts.c.crm == crm, or_(*parts[start : start + 2]))
        found |= {row.id: codec.load(Account, row.account) for row in tx.execute(query)}
    return [found[id_] for id_ in sorted(found)]
