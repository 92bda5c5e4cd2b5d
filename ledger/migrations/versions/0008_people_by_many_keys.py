"""Leads are filed under many keys: the same person may be known by address, phone, or name and company.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

LEAD = ("crm", "account", "object", "record")
LONGEST_KEY = 320


def upgrade() -> None:
    op.create_table(
        "lead_keys",
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in LEAD),
        sa.PrimaryKeyConstraint("key", *LEAD, name="pk_lead_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lead_keys_crm_account_object_record", "lead_keys", list(LEAD))
    # Leads of before are known by what was kept of them; the other keys come with their next decision.
    leads = sa.table("leads", *(sa.column(name) for name in (*LEAD, "email_key", "company_key")))
    lead_keys = sa.table("lead_keys", *(sa.column(name) for name in ("key", *LEAD)))
    for kind, old in (("email:", leads.c.email_key), ("company:", leads.c.company_key)):
        known = sa.select(sa.literal(kind) + old, *(leads.c[name] for name in LEAD))
        known = known.where(sa.func.length(old) <= LONGEST_KEY - len(kind))
        op.execute(sa.insert(lead_keys).from_select(["key", *LEAD], known))
        op.drop_index(f"ix_leads_{old.name}", "leads")
        op.drop_column("leads", old.name)
