"""Clocks say why they were breached, and what follows for people who break promises again and again is kept.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("clocks", sa.Column("cause", sa.String(), nullable=True))
    op.create_index("ix_clocks_owner_due_at", "clocks", ["owner", "due_at"])
    op.create_table(
        "consequences",
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rep", "kind", name="pk_consequences"),
    )
