"""Refresh tokens that replace configured ones."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from ledger import refresh_tokens
from ledger.store import Ledger
from ledger.tables import refresh_tokens as rows


def test_the_newest_one_counts_for_its_configured_one_and_its_crm_only(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        refresh_tokens.keep(tx, "salesforce", "configured", "second")
        refresh_tokens.keep(tx, "salesforce", "configured", "third")

        assert refresh_tokens.newest(tx, "salesforce", "configured") == "third"
        assert refresh_tokens.newest(tx, "salesforce", "configured anew") is None
        assert refresh_tokens.newest(tx, "hubspot", "configured") is None


def test_the_configured_one_is_not_in_the_ledger(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        refresh_tokens.keep(tx, "salesforce", "as configured", "next")
        [row] = tx.execute(select(rows))

    assert "as configured" not in str(row)


def test_an_error_of_the_database_does_not_show_the_secret(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        tx.execute(text("DROP TABLE refresh_tokens"))
    with pytest.raises(DBAPIError) as failed, ledger.writing() as tx:
        refresh_tokens.keep(tx, "salesforce", "configured", "a secret")

    assert "a secret" not in str(failed.value)
