"""The mirror of the CRMs' companies, each filed under the keys by which a lead may look for it, and of who has to do
with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, and_, delete, func, or_, select

from domain.accounts import OPEN_OPPORTUNITY, Account, Role
from domain.leads import Value
from ledger import codec
from ledger.columns import in_parts
from ledger.dialects import insert_new, insert_or_replace
from ledger.tables import account_keys, account_roles, accounts
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


def keep_roles(tx: Connection, changed: Sequence[Role], gone: Sequence[str], crm: str) -> None:
    """Keep these roles as they are now, and forget those that are gone."""
    rows = [asdict(one) for one in sorted(changed, key=lambda one: (one.crm, one.id))]
    if rows:
        tx.execute(insert_or_replace(tx, account_roles), rows)
    remove_roles(tx, crm, gone)


def remove_roles(tx: Connection, crm: str, ids: Sequence[str]) -> None:
    """Forget these roles."""
    for part in in_parts(ids):
        tx.execute(delete(account_roles).where(account_roles.c.crm == crm, account_roles.c.id.in_(part)))


MOST_LEVELS = 5
"""How far up a hierarchy of companies is looked."""


def around(tx: Connection, crm: str, found: Iterable[Account]) -> dict[str, dict[str, Value]]:
    """What `config/` may ask about the surroundings of these companies: id -> canonical name -> value.

    `account.parent.owner` is the owner of the nearest company above that has one; `account.parent.is_customer` whether
    any above is a customer. Of several open opportunities the newest counts, of several people in one role the first.
    """
    below = {account.id: account for account in found}
    above = _above(tx, crm, below)
    facts = {id_: _of_parents(account, above) for id_, account in below.items()}
    for role in _roles(tx, crm, sorted(below)):
        facts[role.account].setdefault(_NAMES.get(role.role) or f"account.team.{role.role}", role.person)
    return facts


_NAMES = {OPEN_OPPORTUNITY: "account.open_opportunity.owner"}


def _above(tx: Connection, crm: str, below: Mapping[str, Account]) -> dict[str, Account]:
    known = dict(below)
    for _ in range(MOST_LEVELS):
        wanted = sorted({one.parent for one in known.values() if one.parent} - known.keys())
        if not wanted:
            break
        for part in in_parts(wanted):
            query = select(accounts.c.account).where(accounts.c.crm == crm, accounts.c.id.in_(part))
            found = [codec.load(Account, row.account) for row in tx.execute(query)]
            known |= {one.id: one for one in found}
    return known


def _of_parents(account: Account, known: Mapping[str, Account]) -> dict[str, Value]:
    parents: list[Account] = []
    at = known.get(account.parent or "")
    while at and at not in parents and at.id != account.id and len(parents) < MOST_LEVELS:
        parents.append(at)
        at = known.get(at.parent or "")
    if not parents:
        return {}
    owner = next((one.owner for one in parents if one.owner), None)
    facts: dict[str, Value] = {"account.parent.is_customer": any(one.is_customer for one in parents)}
    return facts | ({"account.parent.owner": owner} if owner else {})


def _roles(tx: Connection, crm: str, ids: Sequence[str]) -> list[Role]:
    """Team members in the order in which they came, open opportunities newest first."""
    found = [
        Role(**row)
        for part in in_parts(ids)
        for row in tx.execute(
            select(account_roles).where(account_roles.c.crm == crm, account_roles.c.account.in_(part))
        ).mappings()
    ]
    found.sort(key=lambda one: one.id)
    deals = sorted((one for one in found if one.role == OPEN_OPPORTUNITY), key=lambda one: one.since, reverse=True)
    return deals + sorted((one for one in found if one.role != OPEN_OPPORTUNITY), key=lambda one: one.since)
