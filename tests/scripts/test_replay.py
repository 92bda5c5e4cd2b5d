"""`fairlead replay`: the same answer from what was stored."""

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.leads import Lead, LeadKey
from domain.people import CrmUser
from ledger import people
from ledger.store import open_ledger
from ledger.tables import decisions as rows
from runtime.wiring import playbook_in
from tests.runtime.installation import REPOSITORY, fairlead
from tests.scripts import office
from tests.scripts.test_explain import NINE


@pytest.fixture
def decided(tmp_path: Path) -> list[LeadKey]:
    """Three leads, decided by the configuration of the repository."""
    keys = [LeadKey("salesforce", "00D1", "Lead", f"00Q{number}") for number in range(3)]
    arrived = [Lead(key, NINE, NINE, {"email": f"{key.id}@firm{key.id}.example", "country": "GB"}) for key in keys]
    book = playbook_in(REPOSITORY / "config")
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        with ledger.writing() as tx:
            people.replace(tx, "salesforce", [CrmUser("salesforce", rep, rep, rep) for rep in book.rules.reps])
        office.decided(ledger, book, arrived, NINE)
    return keys


def test_every_decision_comes_out_the_same(tmp_path: Path, decided: list[LeadKey]) -> None:
    ran = fairlead(tmp_path, "replay")
    assert (ran.returncode, ran.stdout) == (0, f"{len(decided)} decisions made again: 3 the same, 0 not\n")


def test_one_lead_can_be_replayed_alone(tmp_path: Path, decided: list[LeadKey]) -> None:
    ran = fairlead(tmp_path, "replay", str(decided[0]), "--format", "json")
    assert (ran.returncode, json.loads(ran.stdout)) == (0, {"decisions": 1, "different": []})


def test_a_decision_that_comes_out_otherwise_is_named_with_what_differs(tmp_path: Path, decided: list[LeadKey]) -> None:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger, ledger.writing() as tx:
        [text] = tx.execute(rows.select().where(rows.c.record == decided[1].id)).all()
        changed = json.loads(text.decision) | {"owner": "ana@acme.example"}
        tx.execute(update(rows).where(rows.c.id == text.id).values(decision=json.dumps(changed)))
    ran = fairlead(tmp_path, "replay")
    assert ran.returncode == 1
    assert f'{decided[1]} cycle 0: not the same\n  owner: then "ana@acme.example", now ' in ran.stdout
    assert "3 decisions made again: 2 the same, 1 not" in ran.stdout


@pytest.mark.parametrize("what", ["rules", "pools"])
def test_a_decision_that_an_earlier_version_has_stored_in_words_comes_out_the_same(
    tmp_path: Path, decided: list[LeadKey], what: str
) -> None:
    told = json.loads(fairlead(tmp_path, "explain", str(decided[0]), "--format", "json").stdout)
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger, ledger.writing() as tx:
        [row] = tx.execute(rows.select().where(rows.c.record == decided[0].id)).all()
        changed = json.loads(row.decision)
        assert changed["explanation"][what] != told["decisions"][0]["explanation"][what]
        changed["explanation"][what] = told["decisions"][0]["explanation"][what]
        tx.execute(update(rows).where(rows.c.id == row.id).values(decision=json.dumps(changed)))

    assert fairlead(tmp_path, "replay").returncode == 0
