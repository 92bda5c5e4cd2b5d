"""`fairlead due`: files in, one file out, and a sentence for every row that cannot be read."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scripts.due import command

CALENDARS = """
calendars:
  berlin:
    timezone: Europe/Berlin
    hours: { mon-thu: [09:00-12:30, 13:30-18:00], fri: 09:00-16:00 }
    holidays: DE-BE
  nights: { timezone: America/New_York, hours: { mon-fri: 22:00-06:00 } }
  always: { timezone: Europe/Berlin, hours: { mon-sun: 00:00-24:00 } }
  fair: { timezone: UTC, hours: {}, open: { 2026-12-19: 10:00-14:00 } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "calendars.yaml").write_text(CALENDARS, encoding="utf-8")
    return tmp_path


def run(folder: Path, rows: str | bytes, *options: str) -> Result:
    (folder / "rows.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    files = [f"--config={folder}", f"--in={folder / 'rows.csv'}", f"--out={folder / 'out.csv'}"]
    return CliRunner().invoke(command, [*files, *(options or ("--calendar=berlin",))])


def written(folder: Path) -> list[list[str]]:
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_target_has_its_due_time_and_when_three_quarters_of_it_have_passed(folder: Path) -> None:
    ran = run(
        folder,
        "id,start,target,calendar\n"
        "hours,2026-11-23T17:00,4 h,\n"
        "days,2026-11-26T17:30,1 business day,\n"
        "real,2026-11-23T10:00,24 h elapsed,\n"
        "dates,2026-10-24T10:00,1 calendar days,\n"
        "back,2026-11-23T10:00,-2 h,\n"
        "none,2026-11-28T11:00,0 s,\n"
        "night,2026-11-23T10:00Z,15 min,nights\n",
    )

    assert ran.exit_code == 0, ran.output
    assert "7 rows answered" in ran.output
    assert written(folder) == [
        ["id", "due", "warn"],
        ["hours", "2026-11-24T12:00:00+01:00", "2026-11-24T11:00:00+01:00"],
        ["days", "2026-11-27T16:00:00+01:00", "2026-11-27T14:07:30+01:00"],
        ["real", "2026-11-24T10:00:00+01:00", "2026-11-24T04:00:00+01:00"],
        ["dates", "2026-10-25T10:00:00+01:00", "2026-10-25T03:45:00+01:00"],
        ["back", "2026-11-20T15:00:00+01:00", "2026-11-20T15:30:00+01:00"],
        ["none", "2026-11-30T09:00:00+01:00", "2026-11-30T09:00:00+01:00"],
        ["night", "2026-11-23T22:15:00-05:00", "2026-11-23T22:11:15-05:00"],
    ]


def test_working_time_between_two_instants_is_counted_in_seconds(folder: Path) -> None:
    ran = run(
        folder,
        "id,start,end\n"
        "day,2026-11-23T10:00,2026-11-24T10:00\n"
        "back,2026-11-24T10:00,2026-11-23T10:00\n"
        "part,2026-11-23T09:00,2026-11-23T09:00:00.250\n"
        "both,2026-11-23T08:00Z,2026-11-23T10:00-05:00\n",
    )

    assert ran.exit_code == 0, ran.output
    assert written(folder)[1:] == [
        ["day", "28800"],
        ["back", "-28800"],
        ["part", "0.25"],
        ["both", str(3 * 3600 + 1800 + 2 * 3600 + 1800)],
    ]


@pytest.mark.parametrize(
    ("start", "meant"),
    [
        pytest.param("2026-03-29T02:30", "2026-03-29T03:30:00+02:00", id="a skipped time lies behind the jump"),
        pytest.param("2026-10-25T02:30", "2026-10-25T02:30:00+02:00", id="one that occurs twice is the first"),
        pytest.param("2026-11-23T24:00", "2026-11-24T00:00:00+01:00", id="24:00 is the end of the day"),
        pytest.param("2026-11-23T24:00:00+02:00", "2026-11-23T23:00:00+01:00", id="24:00 with an offset"),
        pytest.param("2026-11-23 10:00:05", "2026-11-23T10:00:05+01:00", id="a blank, and seconds"),
        pytest.param("2026-11-23T10:00+05:45", "2026-11-23T05:15:00+01:00", id="an odd offset"),
        pytest.param("2026-11-23", "2026-11-23T00:00:00+01:00", id="a date begins at midnight"),
        pytest.param("1850-01-01T10:00", "1850-01-01T09:06:32+00:00", id="an offset with seconds is written as UTC"),
        pytest.param("0001-01-02T00:00", "0001-01-01T23:06:32+00:00", id="the year 1"),
        pytest.param("9999-12-31T23:00", "9999-12-31T23:00:00+01:00", id="the year 9999"),
    ],
)
def test_a_time_without_an_offset_is_local_to_the_calendar(folder: Path, start: str, meant: str) -> None:
    ran = run(folder, f"id,start,target\n1,{start},0 s\n", "--calendar=always")

    assert ran.exit_code == 0, ran.output
    assert written(folder)[1][1] == meant


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param("2,yesterday,4 h,", "3:3: 'yesterday' is not a time: write 2026-11-23T10:00", id="no time"),
        pytest.param("2,2026-02-30T10:00,4 h,", "3:3: '2026-02-30T10:00' is not a time", id="30 February"),
        pytest.param("2,2026-11-23T25:00,4 h,", "3:3: '2026-11-23T25:00' is not a time", id="25:00"),
        pytest.param("2,,4 h,", "3:3: the row has no start", id="no start"),
        pytest.param("2,2026-11-23T10:00,,", "3:20: the row has no target", id="no target"),
        pytest.param("2,2026-11-23T10:00", "3:3: the row has no target", id="cut off"),
        pytest.param("2,2026-11-23T10:00,4 hours,", "3:20: '4 hours' is not an amount of time: hours", id="no unit"),
        pytest.param("2,2026-11-23T10:00,4,", "3:20: '4' is not an amount of time: say of what", id="of what"),
        pytest.param('"2",2026-11-23T10:00,4 h,berln', "3:26: calendars.yaml has no calendar 'berln'; did", id="name"),
        pytest.param(
            "2,2026-11-23T10:00,5 h,fair",
            "3:20: 5 h from 2026-11-23T10:00: calendar 'fair' has too few hours",
            id="few hours",
        ),
        pytest.param("2,9999-12-31T23:59Z,4 h,", "3:21: 4 h from 9999-12-31T23:59Z: calendar", id="the end of time"),
        pytest.param("2,2026-11-23T10:00,9999999 calendar days,", "3:20: 9999999 calendar days from", id="too long"),
        pytest.param("2,2026-11-23T10:00,4 h,berlin,x", "3:31: 5 values in 4 columns", id="too many values"),
        pytest.param(",2026-11-23T10:00,4 h,", "3:1: the row has no id", id="no id"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_does_not_stop_the_others(folder: Path, row: str, said: str) -> None:
    good = "2026-11-23T10:00,15 min,"

    ran = run(folder, f"id,start,target,calendar\n1,{good}\n{row}\n3,{good}\n")

    assert ran.exit_code == 1
    assert f"rows.csv:{said}" in ran.output
    assert "2 rows answered" in ran.output
    assert [row[0] for row in written(folder)] == ["id", "1", "3"]


def test_a_row_may_name_its_calendar_and_then_the_command_need_not(folder: Path) -> None:
    rows = "id,start,target,calendar\n1,2026-11-23T10:00,15 min,berlin\n2,2026-11-23T10:00,15 min,\n"

    ran = run(folder, rows, "--format=json")

    assert ran.exit_code == 1
    assert "rows.csv:3:27: the row names no calendar, and --calendar names none either" in ran.output
    assert '{"rows": 1, "problems": 1}' in ran.output


@pytest.mark.parametrize(
    ("rows", "options", "status", "said"),
    [
        pytest.param("id,start,target\n", ["--calendar=berln"], 2, "did you mean 'berlin'?", id="an unknown calendar"),
        pytest.param("id,start,target\n", ["--format=text"], 2, "name the calendar with --calendar", id="none named"),
        pytest.param("id,start\n1,2026-11-23\n", [], 1, "must be id,start,target or id,start,end", id="no question"),
        pytest.param("id,start,end,target\n", [], 1, "must be id,start,target or id,start,end", id="two questions"),
        pytest.param("start,target\n", [], 1, "the column 'id' is missing", id="no ids"),
        pytest.param("", [], 1, "the file is empty", id="an empty file"),
    ],
)
def test_a_file_or_a_call_that_asks_nothing_says_what_is_missing(
    folder: Path, rows: str, options: list[str], status: int, said: str
) -> None:
    ran = run(folder, rows, *options)

    assert ran.exit_code == status
    assert said in ran.output
    assert not (folder / "out.csv").exists()


def test_a_file_without_rows_is_answered_with_its_columns(folder: Path) -> None:
    assert run(folder, "id,start,end\n").exit_code == 0
    assert written(folder) == [["id", "working_seconds"]]


def test_every_problem_with_the_calendars_is_named_and_nothing_else_in_the_folder_is_read(folder: Path) -> None:
    (folder / "teams.yaml").write_text("nonsense: [", encoding="utf-8")
    assert run(folder, "id,start,target\n1,2026-11-23,4 h\n").exit_code == 0

    bad = "calendars: { a: { timezone: Mars, hours: {} }, b: { timezone: UTC, hours: { mon: 9-17 } } }"
    (folder / "calendars.yaml").write_text(bad, encoding="utf-8")
    ran = run(folder, "id,start,target\n1,2026-11-23,4 h\n", "--calendar=b")

    assert ran.exit_code == 1
    for said in ("calendars.yaml:1:29: calendar 'a': 'Mars'", "calendar 'a': it never opens", "'9' is not a time"):
        assert said in ran.output


def test_a_folder_without_calendars_says_so(tmp_path: Path) -> None:
    ran = run(tmp_path, "id,start,target\n1,2026-11-23,4 h\n")

    assert ran.exit_code == 1
    assert "calendars.yaml:1:1: there is no such file" in ran.output
