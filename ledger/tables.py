"""The tables of the ledger, in the product's words. Migrations bring a database to exactly this; a test compares.

Two kinds of time: *machine* time (leases, retries), marked as such here, and *business* time (what an SLA looks at).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.columns import LEAD, Document, Moment, Words, lead_columns

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only where the primary key is spelt INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

decider = Table(
    "decider",
    metadata,
    # The only row. Whoever decides locks it (PostgreSQL); it is the head of the hash chain.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Number, primary_key=True),
    *lead_columns(),
    Column("lane", String, nullable=False),
    Column("event", String, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),  # machine
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("free_at", Moment, nullable=False),  # machine: until then leased or postponed
    Column("note", Words, nullable=False),
    UniqueConstraint("crm", "account", "event"),
    Index("ix_arrivals_waiting", "crm", "state", "lane", "seen_at"),
)

leads = Table(
    "leads",
    metadata,
    *lead_columns(primary_key=True),
    Column("cycle", Integer, nullable=False),
    Column("decision", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("owner", String),
    Column("owner_id", String),  # who owns the record in the CRM as far as we know, by the CRM's id
    Column("pool", String),
    Column("tier", String),
    Column("had", Document, nullable=False),
    Column("machine_made", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("applied_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("watched", Document, nullable=False),  # what triggers look at, as it was when it was last seen
    Column("watched_at", Moment, nullable=False),  # the CRM's time of that
    Index(None, "record"),
    Index(None, "crm", "owner", "applied_at"),
)

lead_keys = Table(
    "lead_keys",
    metadata,
    Column("key", Words, primary_key=True),
    *lead_columns(primary_key=True),
    Index(None, *LEAD),
    sqlite_with_rowid=False,  # as with the keys of accounts
)

claims = Table(
    "claims",
    metadata,
    *lead_columns(primary_key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    *lead_columns(),
    Column("cycle", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("owner", String),
    Column("decided_at", Moment, nullable=False),
    Column("decision", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint(*LEAD, "cycle"),
    Index(None, "outcome"),
    Index(None, "owner", "decided_at"),
)

lead_events = Table(
    "lead_events",
    metadata,
    Column("id", Number, primary_key=True),
    *lead_columns(),
    Column("cycle", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("learnt_at", Moment, nullable=False),
    Column("detail", Document, nullable=False),
    Index(None, *LEAD),
)

rotation_accounts = Table(
    "rotation_accounts",
    metadata,
    Column("rotation", String, primary_key=True),
    Column("rep", String, primary_key=True),
    Column("entitled", Double, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("credit", Double, nullable=False),
)

kind_results = Table(
    "kind_results",
    metadata,
    Column("pool", String, primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("rep", String, primary_key=True),
    Column("result", Double, nullable=False),
    Column("source", String, nullable=False),
    Column("worked_out_at", Moment, nullable=False),
)

pool_results = Table(
    "pool_results",
    metadata,
    Column("pool", String, primary_key=True),
    Column("rep", String, primary_key=True),
    Column("result", Double, nullable=False),
    Column("source", String, nullable=False),
    Column("worked_out_at", Moment, nullable=False),
)

returned_turns = Table(
    "returned_turns",
    metadata,
    Column("decision", String, primary_key=True),
)

clocks = Table(
    "clocks",
    metadata,
    Column("id", Number, primary_key=True),
    *lead_columns(),
    Column("cycle", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("owner", String),
    Column("state", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("steps", Document, nullable=False),
    Column("done", Integer, nullable=False),
    Column("next_at", Moment),
    Column("met_at", Moment),
    Column("breached_at", Moment),
    Column("ended_at", Moment),
    Column("version", Integer, nullable=False),
    Column("leased_until", Moment),  # machine
    Column("round", Integer, nullable=False),
    Column("terms", Document, nullable=False),  # the policy as it was when the clock started
    Column("paused_at", Moment),
    Column("paused_seconds", Integer, nullable=False),
    Column("cause", String),  # why it was breached
    UniqueConstraint(*LEAD, "cycle", "kind", "round"),
    Index(None, "crm", "next_at"),
    Index(None, "owner", "due_at"),
)

consequences = Table(
    "consequences",
    metadata,
    Column("rep", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment),  # what was due before is not held against anybody again
    Column("said", Words, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    # A call that is logged on several leads is a row for each of them.
    *lead_columns(primary_key=True),
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("happened_at", Moment, nullable=False),
    Column("logged_at", Moment, nullable=False),
    Column("learnt_at", Moment, nullable=False),  # that there is such an activity
    Column("changed_at", Moment, nullable=False),  # when the facts as they stand were learnt
    Column("by", String),
    Column("direction", String),
    Column("talk_seconds", Integer),
    Column("answered", Boolean),
    Column("reply", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("automated", Boolean, nullable=False),
    Column("why_automated", Words, nullable=False),
    Column("confidence", Double, nullable=False),
)

heard = Table(
    "heard",
    metadata,
    # Calls and mails that telephone systems and mail servers told of, and what became of them.
    Column("source", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("id", Words, primary_key=True),
    Column("happened_at", Moment, nullable=False),
    Column("learnt_at", Moment, nullable=False),
    Column("facts", Document, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("leads", Document, nullable=False),
    Column("note", Words, nullable=False),  # by what they were matched, or why they were not
    Index(None, "settled", "happened_at"),
    Index(None, "kind", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    *lead_columns(),
    Column("cycle", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("action", Document, nullable=False),
    Column("lane", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Moment),  # machine; while waiting
    Column("leased_until", Moment),  # machine; while sending or being settled
    Column("sent_at", Moment),
    Column("detail", Words, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("ix_outbox_waiting", "crm", "state", "lane", "id", "kind"),
    Index(None, *LEAD, "state"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("crm", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("account", Document, nullable=False),
)

account_keys = Table(
    "account_keys",
    metadata,
    Column("crm", String, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("id", String, primary_key=True),
    Index(None, "crm", "id"),
    sqlite_with_rowid=False,  # the primary key is all there is: a second copy beside it would double a large mirror
)

account_roles = Table(
    "account_roles",
    metadata,
    Column("crm", String, primary_key=True),
    Column("id", String, primary_key=True),  # the opportunity's, or the team member's
    Column("account", String, nullable=False),
    Column("role", Words, nullable=False),
    Column("person", String, nullable=False),
    Column("since", Moment, nullable=False),
    Index(None, "crm", "account"),
)

enriched = Table(
    "enriched",
    metadata,
    Column("service", String, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("said", Document, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "service", "at"),
)

crm_users = Table(
    "crm_users",
    metadata,
    Column("crm", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("name", Words, nullable=False),
    Column("email", String),
    Column("active", Boolean, nullable=False),
    Column("kind", String, nullable=False),
    Column("last_login", Moment),
)

open_leads = Table(
    "open_leads",
    metadata,
    Column("crm", String, primary_key=True),
    Column("email", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("counted_at", Moment, nullable=False),
)

absences = Table(
    "absences",
    metadata,
    Column("rep", String, primary_key=True),
    Column("starts", Moment, primary_key=True, autoincrement=False),
    Column("ends", Moment, nullable=False),
    Column("cover", String),
    Column("reason", Words, nullable=False),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("crm", String, primary_key=True),
    Column("configured", String(64), primary_key=True),  # SHA-256 of the one that an operator configured
    Column("newest", Words, nullable=False),  # a secret
)

calendar_busy = Table(
    "calendar_busy",
    metadata,
    # What people's own calendars say; another reading of a calendar replaces all of its rows.
    Column("rep", String, primary_key=True),
    Column("starts", Moment, primary_key=True, autoincrement=False),
    Column("ends", Moment, primary_key=True, autoincrement=False),
    Column("meeting", Boolean, primary_key=True, autoincrement=False),
)

crm_busy = Table(
    "crm_busy",
    metadata,
    # What the CRMs say of when people are not there; another look at a CRM replaces all of its rows.
    Column("crm", String, primary_key=True),
    Column("rep", String, primary_key=True),
    Column("starts", Moment, primary_key=True, autoincrement=False),
    Column("ends", Moment, primary_key=True, autoincrement=False),
    Column("meeting", Boolean, primary_key=True, autoincrement=False),
    Column("reason", Words, nullable=False),
)

crm_hours = Table(
    "crm_hours",
    metadata,
    Column("crm", String, primary_key=True),
    Column("rep", String, primary_key=True),
    Column("hours", Document, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("crm", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("position", String),
)

playbooks = Table(
    "playbooks",
    metadata,
    Column("version", String, primary_key=True),
    Column("texts", Document, nullable=False),
)

activations = Table(
    "activations",
    metadata,
    Column("id", Number, primary_key=True),
    Column("version", String, ForeignKey("playbooks.version"), nullable=False),
    Column("at", Moment, nullable=False),
)
