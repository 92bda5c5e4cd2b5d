"""/updated and /deleted: the safety net beside polls."""

from typing import Any, cast

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.sandbox.conftest import Acme

NOON, ONE = "2026-06-01T12:00:00+00:00", "2026-06-01T13:00:00+00:00"


def at(acme: Acme, clock: str) -> None:
    acme.sandbox.control("PUT", "/clock", {"now": clock})


def window(acme: Acme, what: str, start: str, end: str) -> dict[str, Any]:
    answer = acme.salesforce.restful(f"sobjects/Lead/{what}/", params={"start": start, "end": end})
    return cast(dict[str, Any], answer)


def test_what_was_changed_in_a_window_is_named(acme: Acme) -> None:
    acme.lead(LastName="before")
    at(acme, "2026-06-01T12:30:00Z")
    changed = acme.lead(LastName="in")
    at(acme, "2026-06-01T13:00:00Z")
    acme.lead(LastName="after")

    assert window(acme, "updated", NOON, ONE) == {
        "ids": [changed],
        "latestDateCovered": "2026-06-01T13:00:00.000+0000",
    }


def test_seconds_are_ignored(acme: Acme) -> None:
    at(acme, "2026-06-01T12:00:10Z")
    lead = acme.lead()
    at(acme, ONE)

    assert window(acme, "updated", "2026-06-01T12:00:50+00:00", ONE)["ids"] == [lead]


def test_no_more_is_covered_than_has_happened(acme: Acme) -> None:
    at(acme, "2026-06-01T12:30:40Z")

    assert window(acme, "updated", NOON, ONE)["latestDateCovered"] == "2026-06-01T12:30:00.000+0000"


def test_what_was_deleted_is_named_with_its_time(acme: Acme) -> None:
    lead = acme.lead()
    at(acme, "2026-06-01T12:30:07Z")
    acme.sandbox.control("POST", "/salesforce/delete", {"lead": lead})
    at(acme, ONE)

    assert window(acme, "deleted", NOON, ONE)["deletedRecords"] == [
        {"id": lead, "deletedDate": "2026-06-01T12:30:07.000+0000"}
    ]
    assert window(acme, "updated", NOON, ONE)["ids"] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(ONE, NOON, id="it ends before it starts"),
        pytest.param(NOON, "2026-06-01T12:00:59+00:00", id="it ends in the minute in which it starts"),
        pytest.param("2026-04-01T00:00:00+00:00", NOON, id="more than thirty days ago"),
        pytest.param("yesterday", NOON, id="no date"),
    ],
)
def test_a_window_that_cannot_be_is_refused(acme: Acme, start: str, end: str) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_REPLICATION_DATE"):
        window(acme, "updated", start, end)
