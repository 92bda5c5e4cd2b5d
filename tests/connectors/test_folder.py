"""A folder of growing files: every line once, whatever becomes of the files."""

from pathlib import Path

import pytest

from connectors.base import Refused
from connectors.folder import Look, look


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def texts(found: Look) -> list[str]:
    return [f"{part.file}:{number}:{text}" for part in found.parts for number, text in part.lines]


def write(folder: Path, name: str, text: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


def test_lines_are_read_once_as_a_file_grows(folder: Path) -> None:
    write(folder, "Master.csv", "one\ntwo\n")
    first = look(folder, None)
    write(folder, "Master.csv", "three\n")
    second = look(folder, first.position)
    third = look(folder, second.position)

    assert (texts(first), texts(second), texts(third)) == (
        ["Master.csv:1:one", "Master.csv:2:two"],
        ["Master.csv:3:three"],
        [],
    )


def test_a_line_that_is_still_being_written_waits_until_it_is_whole(folder: Path) -> None:
    write(folder, "a.csv", "one\ntw")
    first = look(folder, None)
    write(folder, "a.csv", "o\n")
    second = look(folder, first.position)

    assert (texts(first), texts(second)) == (["a.csv:1:one"], ["a.csv:2:two"])


def test_a_last_line_that_nobody_ends_is_taken_when_its_file_grows_no_more(folder: Path) -> None:
    write(folder, "a.csv", "one\ntwo")
    first = look(folder, None)
    second = look(folder, first.position)

    assert (texts(second), texts(look(folder, second.position))) == (["a.csv:2:two"], [])


def test_a_file_that_is_rotated_keeps_its_place_and_the_new_one_begins(folder: Path) -> None:
    write(folder, "Master.csv", "one\ntwo\n")
    first = look(folder, None)
    write(folder, "Master.csv", "three\n")
    (folder / "Master.csv").rename(folder / "Master.csv.1")
    write(folder, "Master.csv", "four\n")
    second = look(folder, first.position)

    assert sorted(texts(second)) == ["Master.csv.1:3:three", "Master.csv:1:four"]


def test_a_file_that_is_written_anew_is_read_from_its_beginning(folder: Path) -> None:
    write(folder, "a.csv", "one\ntwo\n")
    first = look(folder, None)
    (folder / "a.csv").write_text("three\nfour\nfive\n")

    assert texts(look(folder, first.position)) == ["a.csv:1:three", "a.csv:2:four", "a.csv:3:five"]


def test_a_large_folder_is_read_in_several_looks_without_cutting_a_line(folder: Path) -> None:
    write(folder, "a.csv", "".join(f"line {number}\n" for number in range(20)))
    position, found, looks = None, [], 0
    while True:
        one = look(folder, position, most=50)
        position, looks = one.position, looks + 1
        found += texts(one)
        if not one.more:
            break

    assert found == [f"a.csv:{number + 1}:line {number}" for number in range(20)]
    assert looks > 3


def test_the_lines_that_name_the_columns_come_with_every_part(folder: Path) -> None:
    write(folder, "a.csv", "call_id,from\nc1,1\n")
    first = look(folder, None)
    write(folder, "a.csv", "c2,2\n")

    assert look(folder, first.position).parts[0].first[0] == "call_id,from"


def test_hidden_and_packed_files_and_those_that_are_being_copied_are_left_out(folder: Path) -> None:
    for name in (".a.csv", "a.csv.gz", "a.csv.part"):
        write(folder, name, "one\n")
    assert texts(look(folder, None)) == []


def test_a_folder_that_is_not_there_is_said_to_be_so(folder: Path) -> None:
    with pytest.raises(Refused, match="there is no folder"):
        look(folder / "nowhere", None)
