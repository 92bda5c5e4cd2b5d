"""Each row of the outbox belongs to a lane, so that a fresh lead is not sent behind an import."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    # What waits already is sent as before: oldest first, nothing ahead of it.
    op.add_column("outbox", sa.Column("lane", sa.String(), nullable=False, server_default="hot"))
    op.create_index("ix_outbox_waiting", "outbox", ["crm", "state", "lane", "id", "kind"])
