"""Calls and mails of telephone systems and mail servers, and how sure it is whose lead an activity is on.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("evidence", sa.Column("why_automated", sa.Text(), nullable=False, server_default=""))
    op.add_column("evidence", sa.Column("confidence", sa.Double(), nullable=False, server_default="1"))
    op.create_table(
        "heard",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("leads", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "id", name="pk_heard"),
    )
    op.create_index("ix_heard_settled_happened_at", "heard", ["settled", "happened_at"])
    op.create_index("ix_heard_kind_id", "heard", ["kind", "id"])
