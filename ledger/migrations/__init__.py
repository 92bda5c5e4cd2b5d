"""How the database came to be what `ledger.tables` says; run by `open_ledger`, with Alembic.

A new revision is a module in `versions/`, written by hand, that says what changes. The test that compares the result
with `ledger.tables` shows what it has forgotten.
"""
