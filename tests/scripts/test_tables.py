"""CSV files that commands write: whole, or as they were."""

import os
from pathlib import Path
from threading import Thread

import pytest

from scripts.tables import written


def test_a_file_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")

    with pytest.raises(KeyError), written(out, ("id",)) as table:
        table.writerow({"id": "1"})
        raise KeyError

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("out.csv", "before")]
    with written(out, ("id", "why")) as table:
        table.writerow({"id": "1"})
    assert out.read_text() == "id,why\n1,\n"


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to(tmp_path / "file.csv")

    with written(tmp_path / "link.csv", ("id",)):
        pass

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "file.csv").read_text() == "id\n"


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    came: list[str] = []
    reader = Thread(target=lambda: came.append(pipe.read_text()), daemon=True)
    reader.start()

    with written(pipe, ("id",)) as table:
        table.writerow({"id": "1"})

    reader.join(10)
    assert came == ["id\n1\n"]
    assert pipe.is_fifo()
