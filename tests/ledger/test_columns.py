"""Rows that are written column by column are written whole, or not at all."""

import pytest

from ledger.dialects import insert_new, write_all
from ledger.store import Ledger
from ledger.tables import meta


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"name": ["a", "b"], "value": []}, id="none of one"),
        pytest.param({"name": [], "value": ["1"]}, id="none of the first"),
        pytest.param({"name": ["a", "b"], "value": ["1"]}, id="fewer of one"),
    ],
)
def test_columns_that_do_not_belong_together_are_no_rows(ledger: Ledger, columns: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="zip"), ledger.writing() as tx:
        write_all(tx, insert_new(tx, meta), columns)


def test_no_rows_are_written_without_a_statement(ledger: Ledger) -> None:
    with ledger.reading() as tx:
        write_all(tx, insert_new(tx, meta), {"name": [], "value": []})
