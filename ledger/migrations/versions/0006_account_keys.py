"""Companies are filed under many keys: what a lead shares with its account may be any of several things.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "account_keys",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "key", "id", name="pk_account_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_keys_crm_id", "account_keys", ["crm", "id"])
    op.drop_index("ix_accounts_crm_domain_key", "accounts")
    op.drop_index("ix_accounts_crm_name_key", "accounts")
    op.drop_column("accounts", "domain_key")
    op.drop_column("accounts", "name_key")
    # No SQL makes the keys: the companies are read again, and till then leads wait, as they do at a first start.
    op.execute("DELETE FROM cursors WHERE stream IN ('accounts', 'mirrored')")
