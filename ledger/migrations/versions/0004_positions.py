"""Where a list that has no order in time goes on, beside the time at which it was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("cursors", sa.Column("position", sa.String(), nullable=True))
