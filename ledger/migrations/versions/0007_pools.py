"""What pools share by: credits of absences, results that weights come from, limits, and who has not logged in for long.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("rotation_accounts", sa.Column("credit", sa.Double(), nullable=False, server_default="0"))
    op.add_column("crm_users", sa.Column("last_login", sa.BigInteger(), nullable=True))
    op.create_index("ix_decisions_owner_decided_at", "decisions", ["owner", "decided_at"])
    op.create_table(
        "calendar_busy",
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("meeting", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rep", "starts", "ends", "meeting", name="pk_calendar_busy"),
    )
    op.create_table(
        "pool_results",
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("result", sa.Double(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("worked_out_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool", "rep", name="pk_pool_results"),
    )
