"""What somebody typed in beside what the telephone system knows: verdicts, and what counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.activities import Activity
from domain.leads import LeadKey
from sla_monitor.claims import Reported, Verdict, judge
from sla_monitor.evidence import weigh
from sla_monitor.policy import CountsAs

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANA = "ana@acme.example"
LEAD = LeadKey("salesforce", "00D", "Lead", "00Q1")
ASKED = Reported(note_required=True, confirm_within=timedelta(hours=24))


def minutes(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


CLAIM = Activity(
    "00T1", "salesforce", LEAD, "call", minutes(5), minutes(6), ANA, "outbound", 60, True, claimed=True, noted=True
)
PROOF = replace(CLAIM, id="asterisk:1", happened_at=minutes(7), claimed=False)


@pytest.mark.parametrize(
    ("claim", "known", "at", "verdict"),
    [
        pytest.param(CLAIM, [PROOF], 10, Verdict.CONFIRMED, id="the telephone system has it"),
        pytest.param(CLAIM, [replace(PROOF, answered=False, talk_seconds=0)], 10, Verdict.CONTRADICTED, id="in vain"),
        pytest.param(
            CLAIM,
            [replace(PROOF, id="asterisk:0", happened_at=minutes(5), answered=False, talk_seconds=0), PROOF],
            10,
            Verdict.CONFIRMED,
            id="in vain, and again at once",
        ),
        pytest.param(CLAIM, [], 10, Verdict.WAITING, id="there is time"),
        pytest.param(CLAIM, [], 6 + 24 * 60, Verdict.UNCONFIRMED, id="the time is over"),
        pytest.param(replace(CLAIM, noted=False), [], 10, Verdict.WITHOUT_NOTE, id="not a word about it"),
        pytest.param(replace(CLAIM, noted=False), [PROOF], 10, Verdict.CONFIRMED, id="proof needs no note"),
        pytest.param(CLAIM, [replace(PROOF, by="ben@acme.example")], 10, Verdict.WAITING, id="somebody else called"),
        pytest.param(CLAIM, [replace(PROOF, happened_at=minutes(21))], 30, Verdict.WAITING, id="another call, later"),
        pytest.param(CLAIM, [replace(PROOF, claimed=True)], 10, Verdict.WAITING, id="no claim proves another"),
        pytest.param(CLAIM, [replace(PROOF, automated=True)], 10, Verdict.WAITING, id="a machine dialled"),
    ],
)
def test_a_claim_is_judged_by_what_programs_recorded(
    claim: Activity, known: list[Activity], at: float, verdict: Verdict
) -> None:
    assert judge(claim, [claim, *known], ASKED, minutes(at)).verdict == verdict


def first(
    known: list[Activity], reported: Reported | None, at: float, proven_after: datetime | None = None
) -> Activity | None:
    found = weigh(known, CountsAs(reported=reported), NINE, ANA, minutes(at), proven_after=proven_after)
    return found.first_contact


def test_a_proven_call_counts_at_its_own_time_and_not_at_the_one_that_was_typed_in() -> None:
    assert first([CLAIM, PROOF], ASKED, 10) == PROOF


def test_a_claim_counts_while_it_waits_but_not_where_it_was_logged_too_late_to_go_without_proof() -> None:
    assert first([CLAIM], ASKED, 10, CLAIM.logged_at) == CLAIM
    assert first([CLAIM], ASKED, 10, minutes(5)) is None


def test_a_claim_that_nothing_confirmed_is_ignored_unless_the_file_says_that_it_counts() -> None:
    late = 2 * 24 * 60
    assert first([CLAIM], ASKED, late) is None
    assert first([CLAIM], replace(ASKED, otherwise="count"), late) == CLAIM


def test_where_the_file_says_nothing_of_claims_all_calls_are_alike() -> None:
    assert first([replace(CLAIM, noted=False)], None, 10) == replace(CLAIM, noted=False)
