"""`fairlead match`: files in, one file out, and a sentence for every row that cannot be read."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scripts.match import command

ACCOUNTS = """account_id,name,website,domain,postcode
A1,Müller & Söhne GmbH,,mueller.example,80331
A2,Acme Ltd,https://www.acme.example/about,,EC1A 1BB
A3,Acme Holdings Ltd,,acme.example,EC1A 1BB
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    return tmp_path


def run(folder: Path, leads: str | bytes, *options: str) -> Result:
    data = leads if isinstance(leads, bytes) else leads.encode()
    (folder / "leads.csv").write_bytes(data)
    files = [f"--{name}={folder / name}.csv" for name in ("accounts", "leads")]
    return CliRunner().invoke(command, [*files, f"--out={folder / 'out.csv'}", *options])


def written(folder: Path) -> list[dict[str, str]]:
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_lead_has_a_row_with_account_confidence_and_reason(folder: Path) -> None:
    ran = run(folder, "lead_id,company,domain\nL1,MUELLER UND SOEHNE,\nL2,Acme,acme.example\nL3,Nobody,\n")

    assert ran.exit_code == 0, ran.output
    assert "3 leads against 3 accounts: 2 have an account" in ran.output
    assert list(written(folder)[0]) == ["lead_id", "account_id", "confidence", "reason"]
    rows = [(row["lead_id"], row["account_id"], row["confidence"]) for row in written(folder)]
    assert rows == [("L1", "A1", "0.94"), ("L2", "A2", "0.99"), ("L3", "", "")]
    assert written(folder)[2]["reason"] == "no account has this domain or company name"


def test_several_that_fit_alike_are_named_and_none_is_taken(folder: Path) -> None:
    run(folder, "lead_id,email\nL1,kim@acme.example\n")

    assert written(folder) == [
        {
            "lead_id": "L1",
            "account_id": "",
            "confidence": "",
            "reason": "2 accounts fit equally well by e-mail at acme.example: Acme Ltd (A2), Acme Holdings Ltd (A3)",
        }
    ]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        pytest.param(b"L2,Ac\0me,,", "3:4: the company holds a null character", id="a null character"),
        pytest.param(
            b"L2," + b"x" * 10_000_000 + b",,", "3:4: the company has 10,000,000 characters", id="ten megabytes"
        ),
        pytest.param(b"L2,,M\xfcller,", "3:5: the domain is not UTF-8 text", id="another encoding"),
        pytest.param(b'L2,"Acme,,', "3:4: a quote that is never closed", id="a quote that is never closed"),
        pytest.param(b"L2,Acme, Inc,,", "3:15: 5 values in 4 columns", id="too many values"),
        pytest.param(b",Acme,,", "3:1: the row has no lead_id", id="no id"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_does_not_stop_the_others(folder: Path, bad: bytes, said: str) -> None:
    good = b"lead_id,company,domain,postcode\nL1,Acme,,EC1A 1BB\n"

    ran = run(folder, good + bad + b"\nL3,Acme,acme.example,\n")

    assert ran.exit_code == 1
    assert f"leads.csv:{said}" in ran.output
    assert [(row["lead_id"], row["account_id"]) for row in written(folder) if row["lead_id"] != "L2"] == [
        ("L1", "A2"),
        ("L3", "A2"),
    ]


def test_a_place_is_right_within_a_row_of_several_lines(folder: Path) -> None:
    ran = run(folder, 'lead_id,company,domain\nL1,"Acme\nLtd",a\0b\n')

    assert "leads.csv:3:6: the domain holds a null character" in ran.output


def test_an_account_that_cannot_be_read_is_named_too(folder: Path) -> None:
    with (folder / "accounts.csv").open("a", encoding="utf-8") as file:
        file.write("A2,Acme Two,,acme.example,\nA9,too,many,values,in,this\n")

    ran = run(folder, "lead_id,company,domain\nL1,Acme,acme.example\n")

    assert ran.exit_code == 1
    assert "accounts.csv:5:1: account_id 'A2' stands in line 3 already" in ran.output
    assert "accounts.csv:6:23: 6 values in 5 columns" in ran.output


@pytest.mark.parametrize(
    ("leads", "said"),
    [
        pytest.param("id,company\n", "the column 'lead_id' is missing", id="another header"),
        pytest.param("lead_id;company\nL1;Acme\n", "separated by semicolons", id="semicolons"),
        pytest.param("", "the file is empty", id="empty"),
        pytest.param("lead_id,company\n".encode("utf-16"), "this is UTF-16", id="UTF-16"),
    ],
)
def test_a_file_that_is_no_table_of_leads_says_what_it_must_be(folder: Path, leads: str | bytes, said: str) -> None:
    ran = run(folder, leads)

    assert ran.exit_code == 1
    assert said in ran.output


def test_the_lists_of_free_mail_can_be_ones_own(folder: Path) -> None:
    (folder / "free.txt").write_text("domain\nmueller.example\n", encoding="utf-8")

    run(folder, "lead_id,email\nL1,kim@mueller.example\n", f"--free-mail={folder / 'free.txt'}")

    assert written(folder)[0]["account_id"] == ""


def test_where_the_rows_are_printed_the_sum_is_not_among_them(folder: Path) -> None:
    ran = run(folder, "lead_id,company\nL1,Acme\nL2,Ac\0me\n", "--out=-")

    assert [row["lead_id"] for row in csv.DictReader(ran.stdout.splitlines())] == ["L1", "L2"]
    assert "2 leads against 3 accounts" in ran.stderr
    assert "1 problem with the files" in ran.stderr


def test_a_program_can_read_the_sum(folder: Path) -> None:
    ran = run(folder, "lead_id,company\nL1,Acme\n", "--format=json")

    assert json.loads(ran.output) == {
        "leads": 1, "accounts": 3, "matched": 1, "ambiguous": 0, "without_account": 0, "problems": 0
    }  # fmt: skip
