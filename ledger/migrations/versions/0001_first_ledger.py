"""The first ledger.

A revision says what it did on the day it was written, so it spells out the types and does not use `ledger.tables`.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_tables()
    # Tells this ledger's decisions from those of any other.
    meta = sa.table("meta", sa.column("name"), sa.column("value"))
    op.bulk_insert(meta, [{"name": "id", "value": secrets.token_hex(16)}])
    # The head of an empty hash chain.
    decider = sa.table("decider", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(decider, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def _create_tables() -> None:
    op.create_table(
        "absences",
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("starts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("cover", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rep", "starts", name="pk_absences"),
    )
    op.create_table(
        "accounts",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_crm_domain_key", "accounts", ["crm", "domain_key"])
    op.create_index("ix_accounts_crm_name_key", "accounts", ["crm", "name_key"])
    op.create_table(
        "arrivals",
        sa.Column("id", Number, nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.UniqueConstraint("crm", "account", "event", name="uq_arrivals_crm_account_event"),
    )
    op.create_index("ix_arrivals_waiting", "arrivals", ["crm", "state", "lane", "seen_at"])
    op.create_table(
        "claims",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("crm", "account", "object", "record", "cycle", name="pk_claims"),
    )
    op.create_table(
        "clocks",
        sa.Column("id", Number, nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("met_at", sa.BigInteger(), nullable=True),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clocks"),
        sa.UniqueConstraint(
            "crm", "account", "object", "record", "cycle", "kind", name="uq_clocks_crm_account_object_record_cycle_kind"
        ),
    )
    op.create_index("ix_clocks_crm_next_at", "clocks", ["crm", "next_at"])
    op.create_table(
        "crm_users",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "id", name="pk_crm_users"),
    )
    op.create_table(
        "cursors",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "account", "stream", name="pk_cursors"),
    )
    op.create_table(
        "decider",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decider"),
    )
    op.create_table(
        "decisions",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
        sa.UniqueConstraint(
            "crm", "account", "object", "record", "cycle", name="uq_decisions_crm_account_object_record_cycle"
        ),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
    )
    op.create_index("ix_decisions_outcome", "decisions", ["outcome"])
    op.create_table(
        "evidence",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("logged_at", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("talk_seconds", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        sa.Column("reply", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("automated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "account", "object", "record", "kind", "id", name="pk_evidence"),
    )
    op.create_table(
        "lead_events",
        sa.Column("id", Number, nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lead_events"),
    )
    op.create_index("ix_lead_events_crm_account_object_record", "lead_events", ["crm", "account", "object", "record"])
    op.create_table(
        "leads",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("pool", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("had", sa.Text(), nullable=False),
        sa.Column("machine_made", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("company_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("crm", "account", "object", "record", name="pk_leads"),
    )
    op.create_index("ix_leads_company_key", "leads", ["company_key"])
    op.create_index("ix_leads_crm_owner_applied_at", "leads", ["crm", "owner", "applied_at"])
    op.create_index("ix_leads_email_key", "leads", ["email_key"])
    op.create_index("ix_leads_record", "leads", ["record"])
    op.create_table(
        "meta",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "open_leads",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "email", name="pk_open_leads"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Number, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("token", name="uq_outbox_token"),
    )
    op.create_index(
        "ix_outbox_crm_account_object_record_state", "outbox", ["crm", "account", "object", "record", "state"]
    )
    op.create_index("ix_outbox_waiting", "outbox", ["crm", "state", "id", "kind"])
    op.create_table(
        "playbooks",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_playbooks"),
    )
    op.create_table(
        "returned_turns",
        sa.Column("decision", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("decision", name="pk_returned_turns"),
    )
    op.create_table(
        "rotation_accounts",
        sa.Column("rotation", sa.String(), nullable=False),
        sa.Column("rep", sa.String(), nullable=False),
        sa.Column("entitled", sa.Double(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rotation", "rep", name="pk_rotation_accounts"),
    )
    op.create_table(
        "activations",
        sa.Column("id", Number, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["playbooks.version"], name="fk_activations_version"),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
    )
