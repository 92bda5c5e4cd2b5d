"""`fairlead simulate`: what the rules would do with the leads of a file."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.runtime.installation import REPOSITORY, fairlead

TEN = "2026-11-23T10:00+01:00"  # a Monday


def simulated(tmp_path: Path, leads: bytes, *words: str, status: int = 0) -> tuple[list[dict[str, str]], str]:
    """The rows that were written, and what was said."""
    (tmp_path / "leads.csv").write_bytes(leads)
    out = tmp_path / "decisions.csv"
    ran = fairlead(tmp_path, "simulate", "--leads", str(tmp_path / "leads.csv"), "--out", str(out), *words)
    assert ran.returncode == status, ran.stderr
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), ran.stderr


def test_each_lead_is_decided_at_the_moment_of_its_arrival_and_written_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows, said = simulated(
        tmp_path,
        f"id,email,country,source,created_at\n"
        f"b,b@two.example,DE,webinar,2026-11-23T22:00+01:00\n"
        f"a,a@one.example,DE,webinar,{TEN}\n".encode(),
    )
    assert [(row["id"], row["outcome"], row["pool"]) for row in rows] == [
        ("b", "waiting", "dach"),
        ("a", "assigned", "dach"),
    ]
    assert rows[1] | {"reason": ""} == {
        "id": "a",
        "outcome": "assigned",
        "rule": "By territory",
        "pool": "dach",
        "owner": "ana@acme.example",
        "sla": "standard",
        "due": "2026-11-23T10:00:00+00:00",
        "reason": "",
    }
    assert "2 leads: waiting 1, assigned 1" in said


def test_a_later_lead_of_a_person_follows_the_first(tmp_path: Path) -> None:
    rows, _ = simulated(
        tmp_path,
        f"id,email,country,created_at\n"
        f"3,kim@one.example,DE,2026-11-24T10:00+01:00\n"
        f"1,kim@one.example,GB,{TEN}\n"
        f"2,other@two.example,GB,{TEN}\n".encode(),
    )
    assert rows[0]["owner"] == rows[1]["owner"] != rows[2]["owner"]
    assert rows[0]["rule"] == "The same person or company stays with one owner"


def test_a_row_that_cannot_be_read_is_named_and_does_not_stop_the_others(tmp_path: Path) -> None:
    rows, said = simulated(
        tmp_path,
        f"id,country,created_at\n1,DE,yesterday\n2,DE,{TEN},x,y\n3,DE,{TEN}\n4,D\0E,9999-12-31T23:59Z\n\n5,GB\n".encode(),
        status=1,
    )
    assert [row["id"] for row in rows] == ["3", "5"]
    assert f"{tmp_path}/leads.csv:2:6: created_at: 'yesterday' is not a time" in said
    assert f"{tmp_path}/leads.csv:3:29: 5 values in 3 columns" in said
    assert f"{tmp_path}/leads.csv:5:3: the country holds a null character, and is left out" in said
    assert f"{tmp_path}/leads.csv:5:7: created_at: '9999-12-31T23:59Z' is too far away" in said


def test_a_column_that_means_nothing_is_said_and_left_out(tmp_path: Path) -> None:
    rows, said = simulated(tmp_path, b"id,contry,zzz\n1,DE,44\n")
    assert len(rows) == 1
    assert "the column 'contry' is nothing that is known of a lead: not used; did you mean 'country'?" in said
    assert "the column 'zzz' is nothing that is known of a lead: not used\n" in said


def test_two_configurations_are_compared_lead_by_lead_and_as_a_whole(tmp_path: Path) -> None:
    before = shutil.copytree(REPOSITORY / "config", tmp_path / "before")
    text = (before / "territories.yaml").read_text("utf-8")
    (before / "territories.yaml").write_text(text.replace("[DE, AT, CH]", "[AT, CH]"), "utf-8")
    rows, said = simulated(
        tmp_path, f"id,country,created_at\n1,DE,{TEN}\n2,AT,{TEN}\n".encode(), "--compare", str(before)
    )
    assert [(row["was_pool"], row["pool"]) for row in rows] == [("catch_all", "dach"), ("dach", "dach")]
    assert "2 leads; 2 would go elsewhere" in said
    assert "rule fallback: 1 -> 0 (-1)" in said


@pytest.mark.parametrize(
    ("text", "why"), [(b"", "is empty"), (b"id,email,id\n1,2,3\n", "the column 'id' is there twice")]
)
def test_a_file_without_a_usable_header_is_refused(tmp_path: Path, text: bytes, why: str) -> None:
    (tmp_path / "leads.csv").write_bytes(text)
    ran = fairlead(tmp_path, "simulate", "--leads", str(tmp_path / "leads.csv"), "--out", str(tmp_path / "out.csv"))
    assert ran.returncode == 1
    assert why in ran.stderr
    assert not (tmp_path / "out.csv").exists()


def test_hostile_values_are_named_and_left_out_and_their_leads_decided_like_any_other(tmp_path: Path) -> None:
    huge = b"x" * 10_000_000
    rows, said = simulated(
        tmp_path,
        b"id,company,country,employees\n1," + huge + b",DE,NaN\n2,\xe2\x80\xaegnirts,\xff\xfe,-5\n3,,,\n",
        status=1,
    )
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert all(row["outcome"] for row in rows)
    assert "the company has 10,000,000 characters, and is left out" in said
    assert "the country is not UTF-8 text, and is left out" in said
