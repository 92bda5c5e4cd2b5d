"""Results that weights come from, with leads of one kind.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "kind_results",
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("result", sa.Double(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("worked_out_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "kind", "rep", name="pk_kind_results"),
    )
