"""Who has to do with a company: owners of its open opportunities, and its team; and what services said about leads.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "account_roles",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "id", name="pk_account_roles"),
    )
    op.create_index("ix_account_roles_crm_account", "account_roles", ["crm", "account"])
    op.create_table(
        "enriched",
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service", "key", name="pk_enriched"),
    )
    op.create_index("ix_enriched_service_at", "enriched", ["service", "at"])
