"""The mirror of the CRMs' companies, each filed under the keys by which a lead may look for it."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, delete, func, or_, select

from domain.accounts import Account
from ledger import codec
from ledger.columns import in_parts
from ledger.dialects import insert_new, insert_or_replace
from ledger.tables import account_keys, accounts
from router.accounts import MOST_ALIKE, TELLING, keys_of_account

_MOST_KEYS = 30_000
"""In one query: what SQLite takes variables in a statement, less a few."""


def upsert(tx: Connection, changed: Sequence[Account]) -> None:
    """Keep these companies as they are now; of one that is named twice, the last."""
    last = {(one.crm, one.id): one for one in changed}
    if not last:
        return
    rows = [{"crm": crm, "id": id_, "account": one} for (crm, id_), one in sorted(last.items())]
    tx.execute(insert_or_replace(tx, accounts), rows)
    for crm in sorted({one.crm for one in changed}):
        _forget_keys(tx, crm, [id_ for of, id_ in last if of == crm])
    keys = [
        {"crm": crm, "key": key, "id": id_}
        for (crm, id_), one in sorted(last.items())
        for key in sorted(keys_of_account(one))
    ]
    if keys:
        tx.execute(insert_new(tx, account_keys), keys)


def remove(tx: Connection, crm: str, ids: Sequence[str]) -> None:
    """The CRM has these companies no more."""
    for part in in_parts(ids):
        tx.execute(delete(accounts).where(accounts.c.crm == crm, accounts.c.id.in_(part)))
    _forget_keys(tx, crm, ids)


def _forget_keys(tx: Connection, crm: str, ids: Sequence[str]) -> None:
    for part in in_parts(ids):
        tx.execute(delete(account_keys).where(account_keys.c.crm == crm, account_keys.c.id.in_(part)))


def candidates(tx: Connection, crm: str, keys: Collection[str]) -> list[Account]:
    """The CRM's companies that are filed under one of these keys (`router.accounts`), in the order of their ids.

    One query, however many leads the keys are of. Of a key that very many companies share at most the first are read,
    one more than `MOST_ALIKE`: enough to see that it says nothing (`router.accounts.worth_reading`).
    """
    found: dict[str, Account] = {}
    for part in in_parts(sorted(keys), _MOST_KEYS):
        place = func.row_number().over(partition_by=account_keys.c.key, order_by=account_keys.c.id)
        size = func.count().over(partition_by=account_keys.c.key)
        filed = (
            select(account_keys.c.id, account_keys.c.key, place.label("place"), size.label("size"))
            .where(account_keys.c.crm == crm, account_keys.c.key.in_(part))
            .subquery()
        )
        telling = or_(*(filed.c.key.startswith(kind) for kind in TELLING))
        ids = select(filed.c.id).where(or_(filed.c.size <= MOST_ALIKE, and_(telling, filed.c.place <= MOST_ALIKE + 1)))
        query = select(accounts.c.id, accounts.c.account).where(accounts.c.crm == crm, accounts.c.id.in_(ids))
        found |= {row.id: codec.load(Account, row.account) for row in tx.execute(query)}
    return [found[id_] for id_ in sorted(found)]
