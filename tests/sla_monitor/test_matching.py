"""Whose lead a call or a mail concerns, how sure that is, and why none is taken."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.activities import Call
from domain.leads import LeadKey
from sla_monitor.matching import SURE, Leads, Match, Reachable

ANA, BEN = "ana@acme.example", "ben@acme.example"
CALL = Call("c1", datetime(2026, 11, 23, 9, tzinfo=UTC), "outbound", "+4930555001", agent="101", own_number="101")


def key(number: int, crm: str = "salesforce") -> LeadKey:
    return LeadKey(crm, "acme", "Lead", f"00Q{number}")


KIM = Reachable(key(1), ("kim@firm.example",), ("+4930555001",), ("+4930555000",), ANA)
LEE = Reachable(key(2), ("lee@firm.example",), ("+4930555002",), ("+4930555000",), BEN)
KIM_ELSEWHERE = replace(KIM, lead=key(1, "hubspot"), mailboxes=("kim@firm.example", "kim@home.example"))


def called(number: str, *leads: Reachable, by: str | None = None, country: str | None = "DE") -> Match:
    return Leads(leads, country).of_call(replace(CALL, number=number), by)


@pytest.mark.parametrize(
    "written",
    ["+4930555001", "+49 30 555-001", "004930555001", "030 555001", "(030) 555 001", "+49 (0)30 555001"],
)
def test_a_number_is_known_however_it_is_written(written: str) -> None:
    assert called(written, KIM, LEE) == Match((KIM.lead,), "phone", 0.95, "by the number +4930555001")


@pytest.mark.parametrize("written", ["030 555009", "0555001", "555001", "", "anonymous", "+4331555001"])
def test_a_number_that_no_lead_has_is_nobodys(written: str) -> None:
    assert called(written, KIM) == Match((), "none", 0.0, "no lead has this number")


def test_a_number_without_its_country_is_nobodys_where_no_country_is_named() -> None:
    assert called("030 555001", KIM, country=None).by == "none"


def test_a_companys_switchboard_tells_less_than_a_phone_of_ones_own() -> None:
    found = called("+4930555000", KIM)
    assert (found.leads, found.by, found.confidence < SURE) == ((KIM.lead,), "switchboard", True)


def test_the_leads_own_phone_goes_before_the_switchboard_of_another() -> None:
    at_the_switchboard = replace(LEE, phones=("+4930555000",))
    assert called("+4930555000", KIM, at_the_switchboard).leads == (LEE.lead,)


def test_a_number_of_several_leads_is_the_one_that_the_agent_owns() -> None:
    found = called("+4930555000", KIM, LEE, by=BEN)
    assert (found.leads, found.confidence) == ((LEE.lead,), 0.6)


def test_a_number_of_four_thousand_leads_is_nobodys_and_the_reason_says_so() -> None:
    crowd = [Reachable(key(number), (f"k{number}@x.example",), ("+4930555001",), owner=ANA) for number in range(4000)]
    for by in (None, ANA):
        found = called("+4930555001", *crowd, by=by)
        assert found == Match((), "ambiguous", 0.0, "the number +4930555001 belongs to 4,000 leads")


def test_records_of_one_person_in_two_crms_are_both_meant() -> None:
    found = called("+4930555001", KIM, KIM_ELSEWHERE)
    assert found.leads == (KIM_ELSEWHERE.lead, KIM.lead)


@pytest.mark.parametrize(
    ("ids", "mailboxes", "expected"),
    [
        pytest.param([LEE.lead.id], ["kim@firm.example"], ("id", 1.0), id="an id before an address"),
        pytest.param([], ["lee@firm.example"], ("email", 0.98), id="an address before the number"),
        pytest.param(["00Q77"], ["x@y.example"], ("phone", 0.95), id="the number where neither is known"),
    ],
)
def test_what_the_source_knows_better_goes_before_the_number(
    ids: list[str], mailboxes: list[str], expected: tuple[str, float]
) -> None:
    found = Leads([KIM, replace(LEE, phones=())], "DE").of_call(CALL, None, ids, mailboxes)
    assert (found.by, found.confidence) == expected


def test_where_the_direction_is_not_known_the_side_that_is_a_lead_tells_it() -> None:
    unsure = replace(CALL, direction=None, number="030 777", own_number="030 555001")
    found = Leads([KIM], "DE").of_call(unsure)
    assert (found.leads, found.inbound) == ((KIM.lead,), True)


def test_a_call_between_two_of_ours_concerns_no_lead() -> None:
    assert Leads([KIM], "DE").of_call(replace(CALL, direction="internal")).reason == "a call between two of ours"


def test_a_mail_is_the_leads_whose_mailbox_it_went_to_in_both_crms() -> None:
    leads = Leads([KIM, KIM_ELSEWHERE, LEE])
    assert leads.of_mail("kim@firm.example") == Match((KIM_ELSEWHERE.lead, KIM.lead), "email", 0.98, "by the address")
    assert leads.of_mail("x@y.example") == Match((), "none", 0.0, "no lead has this address")
