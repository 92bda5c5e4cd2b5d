"""Run the migrations in the transaction that `ledger.store` has begun (Alembic imports this module by path)."""

from alembic import context

from ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
