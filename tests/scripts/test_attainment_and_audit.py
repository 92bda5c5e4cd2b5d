"""`fairlead attainment` and `fairlead audit`: rows for bonuses, and a sample for a person to judge."""

import csv
import io
import json
from pathlib import Path

import pytest

from domain.activities import Activity
from domain.clocks import State
from ledger import clocks, evidence, playbooks
from ledger.store import open_ledger
from runtime.wiring import playbook_in
from tests.ledger.examples import ANA, NINE, clock, key, minutes
from tests.runtime.installation import REPOSITORY, fairlead

DAY = f"{NINE:%Y-%m-%d}"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """One promise kept in ten minutes, one broken, and a call that was typed in and never confirmed."""
    playbook = playbook_in(REPOSITORY / "config")
    met = clock(1, state=State.MET, met_at=NINE + minutes(10), next_at=None)
    broken = clock(2, state=State.BREACHED, breached_at=met.due_at, cause="owner did not act", next_at=None)
    claim = Activity("00T1", "salesforce", key(1), "call", NINE, NINE, ANA, "outbound", 60, True, claimed=True)
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger, ledger.writing() as tx:
        playbooks.activate(tx, playbook.version, playbook.texts, NINE)
        clocks.insert(tx, [met, broken])
        evidence.store(tx, [claim], NINE)
    return tmp_path


def test_attainment_is_a_row_for_each_person_and_month(kept: Path) -> None:
    ran = fairlead(kept, "attainment", "--from", DAY, "--to", DAY, "--out", "-")

    (row,) = csv.DictReader(io.StringIO(ran.stdout))
    names = ("rep", "owed", "met", "against_rep", "breached_owner_did_not_act", "streak", "longest_streak")
    assert (ran.returncode, [row[name] for name in names]) == (0, [ANA, "2", "1", "1", "1", "0", "1"])
    assert row["median_minutes"] == "10.0"


def test_a_stretch_that_ends_before_it_begins_is_wrong_usage(kept: Path) -> None:
    ran = fairlead(kept, "attainment", "--from", "2026-12-01", "--to", "2026-11-01")
    assert (ran.returncode, "--from 2026-12-01 is after --to 2026-11-01" in ran.stderr) == (2, True)


def test_an_audit_shows_claims_beside_the_evidence_and_the_refuted_share(kept: Path) -> None:
    ran = fairlead(kept, "audit", "--seed", "7", "--from", DAY, "--to", DAY, "--format", "json")

    told = json.loads(ran.stdout)
    assert (ran.returncode, told["claims"]) == (0, 1)
    assert [(one["claim"], one["verdict"], one["evidence"]) for one in told["sample"]] == [
        ("00T1", "not confirmed", None)
    ]
    assert [(one["of"], one["refuted_share"]) for one in told["by_rep"]] == [(ANA, 1.0)]


def test_an_audit_in_words_says_what_was_drawn_and_how_to_draw_it_again(kept: Path) -> None:
    ran = fairlead(kept, "audit", "--seed", "7", "--from", DAY, "--to", DAY)
    assert ran.stdout.startswith("1 call typed in, 1 drawn with seed 7\n")
    assert f"rep {ANA}: 100% refuted of 1 known, 1 claimed" in ran.stdout


@pytest.mark.parametrize("command", [("attainment",), ("audit", "--seed", "7")])
@pytest.mark.parametrize("days", [("0001-01-01", "9999-12-31"), ("9999-12-01", "9999-12-31")])
def test_any_days_may_be_asked_for(kept: Path, command: tuple[str, ...], days: tuple[str, str]) -> None:
    ran = fairlead(kept, *command, "--from", days[0], "--to", days[1], "--out", "-")

    assert (ran.returncode, ran.stderr) == (0, "")
