"""`fairlead calls`: a file in, a file out, and a sentence for every line that cannot be read."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scripts.calls import command

HEADER = "call_id,started_at,answered_at,ended_at,direction,from,to,agent\n"
CALLS = (
    HEADER
    + "c1,2026-11-23T09:00:00,2026-11-23T09:00:10,2026-11-23T09:02:10,outbound,101,+493055501,ana@acme.example\n"
    + "c2,at nine,,,outbound,101,+493055502,ana@acme.example\n"
    + "c3,2026-11-23T10:00:00,,2026-11-23T10:00:30,inbound,+493055503,101,ben@acme.example\n"
)


def run(folder: Path, text: str | bytes, *options: str) -> Result:
    (folder / "cdr.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(command, [f"--in={folder / 'cdr.csv'}", f"--out={folder / 'out.csv'}", *options])


def written(folder: Path) -> list[dict[str, str]]:
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_broken_line_in_the_middle_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    ran = run(tmp_path, CALLS, "--timezone=Europe/Berlin")

    assert ran.exit_code == 1
    assert f"{tmp_path / 'cdr.csv'}:3:4: started_at 'at nine' is not a date with a time" in ran.output
    assert written(tmp_path) == [
        {
            "call_id": "c1",
            "started_at": "2026-11-23T09:00:00+01:00",
            "direction": "outbound",
            "number": "+493055501",
            "agent": "ana@acme.example",
            "talk_seconds": "120",
            "answered_by": "human",
        },
        {
            "call_id": "c3",
            "started_at": "2026-11-23T10:00:00+01:00",
            "direction": "inbound",
            "number": "+493055503",
            "agent": "ben@acme.example",
            "talk_seconds": "0",
            "answered_by": "nobody",
        },
    ]


def test_the_sum_is_printed_as_data_too(tmp_path: Path) -> None:
    ran = run(tmp_path, CALLS.replace("at nine", "2026-11-23T09:00"), "--format=json")

    assert (ran.exit_code, json.loads(ran.output)) == (
        0,
        {"legs": 3, "calls": 3, "human": 1, "machine": 0, "nobody": 2, "problems": 0},
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("name\nacme\n", "this is no file of calls", id="another table"),
        pytest.param(HEADER.replace(",", ";"), "separated by semicolons", id="semicolons"),
        pytest.param(CALLS.encode("utf-16"), "save it as CSV in UTF-8", id="UTF-16"),
    ],
)
def test_what_is_no_file_of_calls_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    ran = run(tmp_path, text)

    assert (ran.exit_code, says in ran.output, (tmp_path / "out.csv").exists()) == (1, True, False)


def test_an_empty_file_has_no_calls(tmp_path: Path) -> None:
    assert (run(tmp_path, "").exit_code, written(tmp_path)) == (0, [])


def test_a_time_zone_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, CALLS, "--timezone=Bonn").exit_code == 2
