"""What triggers watch on a lead, and clocks that start afresh within a cycle.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LEAD = ("crm", "account", "object", "record")


def upgrade() -> None:
    # Nothing is remembered of leads that were decided before: the first look only learns what their fields say.
    op.add_column("leads", sa.Column("watched", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("leads", sa.Column("watched_at", sa.BigInteger(), nullable=False, server_default="0"))
    before = "uq_clocks_crm_account_object_record_cycle_kind"
    with op.batch_alter_table("clocks") as clocks:
        clocks.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        clocks.drop_constraint(before, type_="unique")
        clocks.create_unique_constraint(f"{before}_round", [*LEAD, "cycle", "kind", "round"])
