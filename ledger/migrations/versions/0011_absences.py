"""When people are not there, and the hours that they work by, as the CRMs say.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "crm_busy",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("meeting", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "rep", "starts", "ends", "meeting", name="pk_crm_busy"),
    )
    op.create_table(
        "crm_hours",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "rep", name="pk_crm_hours"),
    )
