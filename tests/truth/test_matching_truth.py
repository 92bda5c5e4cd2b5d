"""Leads find their account, against real employers and the legal entity that each lead really is.

The data are not part of this repository. They are looked for beside it, in `../shared/data/matching_dev`: UK employers
as accounts, and leads of a later year with the account that has the same company number, or none. The bounds hold over
all leads; those that have no account, and those that go by another name now, are reported apart.
"""

import csv
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from router.accounts import FREE_MAIL, match
from scripts.match import answers, read_accounts, read_leads

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "matching_dev"
LEAST_PRECISION, LEAST_RECALL = 0.99, 0.93

RIGHT, WRONG, MISSED, RIGHTLY_NONE = "right", "wrong", "missed", "rightly none"

pytestmark = pytest.mark.skipif(
    not (DATA / "truth.csv").exists(), reason="real leads and accounts are not here: ../shared/data/matching_dev"
)

Counts = Mapping[str, Counter[str]]


@pytest.fixture(scope="module")
def strata() -> Counts:
    """For each stratum, how its leads came out."""
    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["lead_id"]: row for row in csv.DictReader(file)}
    leads = read_leads(DATA / "leads.csv", FREE_MAIL, lambda _: None)
    kept = read_accounts(DATA / "accounts.csv", leads, lambda _: None, lambda _: None)
    counts: dict[str, Counter[str]] = {}
    for one, found in answers(leads, kept, FREE_MAIL, strict=True):
        row = truth[one.lead.key.id]
        outcome = outcome_of(found.account.id if found.account else "", row["account_id"])
        counts.setdefault(row["stratum"], Counter())[outcome] += 1
    return counts


def outcome_of(found: str, true: str) -> str:
    if found:
        return RIGHT if found == true else WRONG
    return MISSED if true else RIGHTLY_NONE


def precision(counts: Counter[str]) -> float:
    return counts[RIGHT] / taken if (taken := counts[RIGHT] + counts[WRONG]) else 1.0


def recall(counts: Counter[str], true: int) -> float:
    return counts[RIGHT] / true if true else 1.0


def test_leads_find_their_legal_entity(strata: Counts, capsys: pytest.CaptureFixture[str]) -> None:
    whole = sum(strata.values(), Counter[str]())
    having = {name: counts.total() for name, counts in strata.items() if name != "no_account"}

    lines = [f"{'lead to account':<20}{'leads':>7}{'right':>7}{'wrong':>7}{'missed':>8}{'precision':>11}{'recall':>8}"]
    for name, counts in [*sorted(strata.items()), ("all", whole)]:
        true = sum(having.values()) if name == "all" else having.get(name, 0)
        said = f"{recall(counts, true):>8.3f}" if true else f"{'-':>8}"
        row = f"{counts[RIGHT]:>7}{counts[WRONG]:>7}{counts[MISSED]:>8}{precision(counts):>11.3f}{said}"
        lines.append(f"{name:<20}{counts.total():>7}{row}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")

    assert precision(whole) >= LEAST_PRECISION
    assert recall(whole, sum(having.values())) >= LEAST_RECALL


def test_a_lead_whose_account_is_missing_is_hardly_ever_given_another(strata: Counts) -> None:
    without = strata["no_account"]

    assert without[WRONG] <= 0.01 * without.total()


def test_every_employer_would_be_missed_rather_than_taken_for_another(tmp_path: Path) -> None:
    """Each account once as a lead, with itself taken out: what is found then is wrong, however near it lies."""
    with (DATA / "accounts.csv").open(encoding="utf-8", newline="") as file:
        employers = list(csv.DictReader(file))
    leads_file = tmp_path / "leads.csv"
    with leads_file.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("lead_id", "company", "domain", "postcode"))
        table.writerows((one["account_id"], one["name"], one["domain"], one["postcode"]) for one in employers)
    leads = read_leads(leads_file, FREE_MAIL, lambda _: None)
    kept = read_accounts(DATA / "accounts.csv", leads, lambda _: None, lambda _: None)
    taken = 0
    for one in leads:
        others = [account for account in kept.candidates(one.keys) if account.id != one.lead.key.id]
        taken += match(one.lead, others, FREE_MAIL, strict=True).account is not None

    assert taken <= 0.005 * len(leads)
