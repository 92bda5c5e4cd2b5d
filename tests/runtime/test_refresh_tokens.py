"""The newest refresh token outlives its process."""

from pathlib import Path

import pytest

from connectors.base import TryLater
from runtime.refresh_tokens import KeptRefreshTokens


def test_what_one_process_kept_the_next_finds_and_who_was_given_another_does_not(database_url: str) -> None:
    KeptRefreshTokens("salesforce", database_url).keep("given", "next")

    other = KeptRefreshTokens("salesforce", database_url)

    assert (other.newest("given"), other.newest("given anew")) == ("next", "given anew")


def test_asking_makes_no_ledger(tmp_path: Path) -> None:
    tokens = KeptRefreshTokens("salesforce", f"sqlite:///{tmp_path}/ledger.db")

    assert tokens.newest("given") == "given"
    assert list(tmp_path.iterdir()) == []


def test_what_the_ledger_did_not_take_is_written_as_soon_as_it_does(tmp_path: Path) -> None:
    url, in_the_way = f"sqlite:///{tmp_path}/var/ledger.db", tmp_path / "var"
    in_the_way.write_text("a file in the place of the folder", "utf-8")
    tokens = KeptRefreshTokens("salesforce", url)
    with pytest.raises(TryLater, match="the ledger"):
        tokens.keep("given", "next")
    in_the_way.unlink()

    assert tokens.newest("given") == "next"
    assert KeptRefreshTokens("salesforce", url).newest("given") == "next"
