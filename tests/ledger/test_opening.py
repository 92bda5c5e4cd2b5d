"""Opening a ledger: created, migrated and shared."""

import multiprocessing
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from ledger.store import Ledger, LedgerUnavailable, open_ledger
from ledger.tables import metadata


def test_the_migrations_make_exactly_the_tables_of_the_product(ledger: Ledger) -> None:
    with ledger.reading() as tx:
        differences = compare_metadata(MigrationContext.configure(tx, opts={"compare_type": True}), metadata)

    assert differences == []


def test_a_ledger_keeps_its_id_and_no_two_have_the_same(database_url: str, tmp_path: Path) -> None:
    first, other = open_ledger(database_url), open_ledger(f"sqlite:///{tmp_path}/other.db")

    again = open_ledger(database_url)

    assert again.id == first.id != other.id


def test_processes_that_start_at_once_share_one_ledger(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        ids = pool.map(id_of_ledger, [database_url] * 8, chunksize=1)

    assert len(set(ids)) == 1


def id_of_ledger(url: str) -> str:
    with open_ledger(url) as ledger:
        return ledger.id


def test_threads_that_start_at_once_share_one_ledger(database_url: str) -> None:
    ids: list[str] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        ids.append(id_of_ledger(database_url))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_threads_that_open_ledgers_of_their_own_do_not_get_in_each_other_s_way(tmp_path: Path) -> None:
    ids: list[str] = []
    together = threading.Barrier(4)

    def start(number: int) -> None:
        together.wait()
        ids.append(id_of_ledger(f"sqlite:///{tmp_path}/{number}.db"))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(ids)) == 4


def test_a_ledger_of_a_newer_version_is_left_alone(database_url: str) -> None:
    with open_ledger(database_url) as ledger, ledger.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(LedgerUnavailable, match="newer Fairlead"):
        open_ledger(database_url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("ledger.db", "is not an address", id="no address"),
        pytest.param("mysql://root@localhost/ledger", "names mysql", id="a database that we do not know"),
        pytest.param("sqlite://", "names no file", id="a database in memory, which no other process sees"),
        pytest.param("sqlite:////proc/none/ledger.db", "cannot be opened", id="a folder that cannot be made"),
        pytest.param("postgresql://user:secret@127.0.0.1:1/ledger", "cannot be opened", id="no server"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_sentence(url: str, reason: str) -> None:
    with pytest.raises(LedgerUnavailable, match=reason) as refused:
        open_ledger(url)

    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_and_a_folder_in_its_place_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("This is no database, and is long enough for SQLite to see it. " * 20, "utf-8")
    (tmp_path / "folder.db").mkdir()

    for name, reason in (("notes.db", "not a database"), ("folder.db", "unable to open")):
        with pytest.raises(LedgerUnavailable, match=f"{reason}.*Check DATABASE_URL"):
            open_ledger(f"sqlite:///{tmp_path}/{name}")


def test_a_new_file_and_what_lies_beside_it_are_for_their_owner_only(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path}/new/ledger.db") as ledger, ledger.writing() as tx:
        tx.execute(text("DELETE FROM cursors"))

        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "new").glob("ledger.db*")}

    assert {"ledger.db", "ledger.db-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_reading_cannot_write(ledger: Ledger) -> None:
    with pytest.raises(Exception, match=r"read-?only"), ledger.reading() as tx:
        tx.execute(text("DELETE FROM meta"))

    with ledger.writing() as tx:
        assert tx.execute(text("SELECT count(*) FROM meta")).scalar() == 1


def test_what_fails_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.writing() as tx:
        tx.execute(text("DELETE FROM meta"))
        _ = 1 / 0

    with ledger.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM meta")).scalar() == 1
