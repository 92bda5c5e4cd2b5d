"""Clocks keep the policy under which they were started, and can rest.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    # Clocks that run already have no terms: they go on by the moments that they carry.
    op.add_column("clocks", sa.Column("terms", sa.Text(), nullable=False, server_default="null"))
    op.add_column("clocks", sa.Column("paused_at", sa.BigInteger(), nullable=True))
    op.add_column("clocks", sa.Column("paused_seconds", sa.Integer(), nullable=False, server_default="0"))
