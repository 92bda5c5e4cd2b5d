"""The record store under both CRMs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.store import OwnerChange, Record, Store

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
TEN = datetime(2026, 6, 1, 10, tzinfo=UTC)


def lead(store: Store, id: str, **fields: object) -> Record:
    return store.add("crm", "lead", id, fields, NINE)


def test_an_id_is_given_once() -> None:
    store = Store()
    lead(store, "1")
    with pytest.raises(KeyError, match="exists already"):
        lead(store, "1")


def test_the_index_follows_every_change() -> None:
    store = Store()
    first, second = lead(store, "1", owner="ana"), lead(store, "2", owner="ben")
    assert store.where("crm", "lead", "owner", "ana") == [first]

    moved = store.change(second, {"owner": "ana"}, TEN)

    assert store.where("crm", "lead", "owner", "ana") == [first, moved]
    assert store.where("crm", "lead", "owner", "ben") == []


def test_a_block_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = str(tmp_path / "crm.sqlite")
    store = Store(path)
    first = lead(store, "1", owner="ana")
    store.where("crm", "lead", "owner", "ana")
    store.commit()

    with pytest.raises(RuntimeError), store.all_or_nothing():
        store.change(first, {"owner": "ben"}, TEN)
        lead(store, "2", owner="ben")
        raise RuntimeError
    store.commit()

    assert store.all("crm", "lead") == [first]
    assert store.where("crm", "lead", "owner", "ana") == [first]
    assert store.where("crm", "lead", "owner", "ben") == []
    assert Store(path).all("crm", "lead") == [first]


def test_a_block_inside_a_failed_block_is_taken_back_too() -> None:
    store = Store()
    with pytest.raises(RuntimeError), store.all_or_nothing():
        with store.all_or_nothing():
            lead(store, "1")
        raise RuntimeError

    assert store.all("crm", "lead") == []


def test_a_reopened_file_knows_everything_in_the_same_order(tmp_path: Path) -> None:
    path = str(tmp_path / "crm.sqlite")
    store = Store(path)
    number = store.new_number("crm", "lead")
    second = lead(store, "b", text="Ünï", count=1, flag=True, none=None)
    first = lead(store, "a")
    changed = store.change(second, {"count": 2}, TEN, OwnerChange(TEN, "ana", "person", 1.5), deleted=True)
    store.commit()

    again = Store(path)

    assert again.all("crm", "lead") == [changed, first]
    assert again.new_number("crm", "lead") == number + 1
