"""The fairness accounts of the rotations."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select

from ledger import decisions
from ledger.dialects import insert_new, insert_or_replace, lock_decider
from ledger.tables import returned_turns, rotation_accounts
from router import rotation
from router.rotation import Account, Rotation


def load(tx: Connection) -> dict[str, Rotation]:
    """Every rotation, by name. Read it under the decider lock where it is going to be saved."""
    accounts: dict[str, dict[str, Account]] = {}
    rows = tx.execute(select(rotation_accounts).order_by(rotation_accounts.c.rotation, rotation_accounts.c.rep))
    for row in rows:
        accounts.setdefault(row.rotation, {})[row.rep] = Account(row.entitled, row.taken, row.credit)
    return {name: Rotation(name, reps) for name, reps in accounts.items()}


def save(tx: Connection, rotations: Iterable[Rotation]) -> None:
    """Write the accounts of these rotations; others, and people who are not named, keep theirs."""
    rows = [
        {"rotation": one.name, "rep": rep} | asdict(account)
        for one in rotations
        for rep, account in one.accounts.items()
    ]
    if rows:
        tx.execute(insert_or_replace(tx, rotation_accounts), rows)


def give_back(tx: Connection, decision_id: str) -> bool:
    """Return the decision's turn to its rotation, once: False where it was returned before, or there was none.

    Takes the decider lock, because a decision that is being made reads the same accounts.
    """
    decision = decisions.get(tx, decision_id)
    if decision is None or decision.turn is None:
        return False
    lock_decider(tx)
    returned = insert_new(tx, returned_turns, returned_turns.c.decision)
    if tx.execute(returned, {"decision": decision_id}).first() is None:
        return False
    before = load(tx).get(decision.turn.rotation, Rotation(decision.turn.rotation))
    save(tx, [rotation.give_back(before, decision.turn)])
    return True
