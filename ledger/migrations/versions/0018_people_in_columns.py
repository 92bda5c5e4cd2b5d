"""Decisions tell the people of a pool in columns. No table changes: an earlier version, which could not read such a
decision, refuses the ledger as it starts instead of failing at each lead."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Nothing."""
