"""The log of calls by itself: counts stay exact when the log has long forgotten, and memory is bounded."""

import pytest

from sandbox.calls import KEPT, MOST_PATTERNS, OTHERS, Call, CallLog, pattern, records_in


def test_counts_stay_exact_beyond_what_the_log_keeps() -> None:
    calls = CallLog()

    for number in range(KEPT + 5_000):
        calls.add(Call("salesforce", "GET", f"/services/data/v59.0/sobjects/Lead/00Q5g{number:010}AAA", 200, 1.0))

    assert calls.count("salesforce") == calls.counts()[0]["calls"] == KEPT + 5_000
    assert len(calls.log()) == KEPT


def test_paths_without_end_are_counted_together_after_the_first_thousands() -> None:
    calls = CallLog()

    for number in range(MOST_PATTERNS + 3):
        calls.add(Call("hubspot", "GET", f"/crm/v3/x{number}x", 404, 1.0))

    assert len(calls.counts()) == MOST_PATTERNS + 1
    assert calls.counts(path=OTHERS) == [{"crm": "hubspot", "method": "GET", "path": OTHERS, "calls": 3}]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/crm/v3/objects/contacts/211762804601", "/crm/v3/objects/contacts/{id}"),
        ("/crm/v3/objects/contacts/ana@acme.example", "/crm/v3/objects/contacts/{id}"),
        ("/crm/v3/objects/0-136/batch/read", "/crm/v3/objects/0-136/batch/read"),
        ("/services/data/v59.0/query/01g5g00000ABCDEAAA-2000", "/services/data/v59.0/query/{id}"),
        ("/services/data/v59.0/composite/sobjects", "/services/data/v59.0/composite/sobjects"),
    ],
)
def test_a_path_is_told_by_its_shape(path: str, shape: str) -> None:
    assert pattern(path) == shape


@pytest.mark.parametrize(
    ("body", "records"),
    [
        pytest.param(b'{"records": [{}, {}], "allOrNone": false}', 2, id="a Salesforce batch"),
        pytest.param(b'{"inputs": [{}, {}, {}]}', 3, id="a HubSpot batch"),
        pytest.param(b'{"OwnerId": "005"}', 1, id="one record"),
        pytest.param(b"", 0, id="no body"),
        pytest.param(b'{"records": [', 0, id="broken JSON"),
        pytest.param(b"grant_type=password", 0, id="a form"),
    ],
)
def test_the_records_of_a_call_are_counted(body: bytes, records: int) -> None:
    assert records_in(body) == records
