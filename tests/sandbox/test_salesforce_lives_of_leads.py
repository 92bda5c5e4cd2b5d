"""Edits by hand, conversion, merge and the recycle bin of the stand-in Salesforce."""

from typing import Any

import pytest

from tests.sandbox.conftest import Acme


def test_a_person_edits_a_record(acme: Acme) -> None:
    lead = acme.lead()

    acme.sandbox.control("POST", "/salesforce/change", {"id": lead, "fields": {"LastName": "Roe", "OwnerId": acme.ben}})

    seen = acme.seen(lead)
    assert (seen["Name"], [change["by"] for change in seen["owner_changes"]]) == ("Roe", ["person"])


def test_a_person_cannot_edit_a_field_that_is_not_there(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="a Lead has no"):
        acme.sandbox.control("POST", "/salesforce/change", {"id": acme.lead(), "fields": {"Nope": 1}})


def test_a_conversion_stamps_all_it_makes_with_one_time(acme: Acme) -> None:
    acme.sandbox.control("PUT", "/clock", {"speed": 3600})
    lead = acme.lead(Email="jo@acme.example")

    acme.sandbox.control("POST", "/salesforce/convert", {"lead": lead})

    stamps = {acme.rows(f"SELECT SystemModstamp FROM {kind}")[0]["SystemModstamp"] for kind in ("Account", "Contact")}
    assert stamps == {acme.seen(lead)["SystemModstamp"]}


def test_the_calls_of_a_converted_lead_are_its_contacts(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/salesforce/calls", [{"lead": lead, "owner": acme.ana, "seconds": 9}])

    acme.sandbox.control("POST", "/salesforce/convert", {"lead": lead})

    assert acme.rows("SELECT WhoId FROM Task") == [{"WhoId": acme.seen(lead)["ConvertedContactId"]}]


def test_a_lead_is_converted_once(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/salesforce/convert", {"lead": lead})

    with pytest.raises(RuntimeError, match="converted already"):
        acme.sandbox.control("POST", "/salesforce/convert", {"lead": lead})


def merge(acme: Acme, master: str, *losers: str) -> None:
    acme.sandbox.control("POST", "/salesforce/merge", {"master": master, "losers": losers})


def test_the_losers_of_a_merge_are_deleted_and_name_the_winner(acme: Acme) -> None:
    master, loser = acme.lead(), acme.lead()
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T10:00:00Z"})

    merge(acme, master, loser)

    assert acme.rows("SELECT Id FROM Lead") == [{"Id": master}]
    gone, kept = acme.seen(loser), acme.seen(master)
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, master)
    assert kept["SystemModstamp"] == gone["SystemModstamp"] == "2026-06-01T10:00:00.000+0000"


def test_what_was_done_about_a_loser_is_the_winners(acme: Acme) -> None:
    master, loser = acme.lead(), acme.lead()
    acme.sandbox.control("POST", "/salesforce/calls", [{"lead": loser, "owner": acme.ana, "seconds": 9}])

    merge(acme, master, loser)

    assert acme.rows("SELECT WhoId FROM Task") == [{"WhoId": master}]


def three_more(acme: Acme, lead: str) -> list[Any]:
    return [lead, acme.lead(), acme.lead(), acme.lead()]


@pytest.mark.parametrize(
    ("leads", "reason"),
    [
        pytest.param(lambda acme, lead: [lead, lead], "different leads", id="a lead with itself"),
        pytest.param(lambda acme, lead: [lead], "different leads", id="nothing to merge"),
        pytest.param(three_more, "different leads", id="four leads"),
    ],
)
def test_a_merge_that_cannot_be_is_refused(acme: Acme, leads: Any, reason: str) -> None:
    with pytest.raises(RuntimeError, match=reason):
        merge(acme, *leads(acme, acme.lead()))


def test_a_converted_lead_cannot_be_merged(acme: Acme) -> None:
    master, converted = acme.lead(), acme.lead()
    acme.sandbox.control("POST", "/salesforce/convert", {"lead": converted})

    with pytest.raises(RuntimeError, match="cannot be merged"):
        merge(acme, master, converted)


def test_a_deleted_lead_can_be_taken_out_of_the_bin(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": lead})

    acme.sandbox.control("POST", "/salesforce/undelete", {"id": lead})

    assert acme.rows("SELECT Id FROM Lead") == [{"Id": lead}]


def test_what_is_not_in_the_bin_cannot_be_taken_out(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match=r"404 .*recycle bin"):
        acme.sandbox.control("POST", "/salesforce/undelete", {"id": acme.lead()})
