"""Refresh tokens that a CRM has put in the place of a configured one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("configured", sa.String(length=64), nullable=False),
        sa.Column("newest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "configured", name="pk_refresh_tokens"),
    )
