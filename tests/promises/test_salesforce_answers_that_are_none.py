"""What Salesforce answers with something else in it than it promises moves no cursor, and is asked for again."""

from collections.abc import Callable

import pytest

from connectors.base import TryLater
from runtime import ingest
from runtime.observe import observe
from runtime.services import Services
from runtime.watch import STREAM, watch
from runtime.windows import last_cursor
from tests.promises.world import World

ANSWERS: dict[str, object] = {
    "no records": {"totalSize": 1, "done": True, "records": None},
    "rows that are null": {"totalSize": 1, "done": True, "records": [None]},
    "no end": {"totalSize": 1, "records": []},
    "pages in a circle": {
        "totalSize": 1, "done": False, "records": [], "nextRecordsUrl": "/services/data/v59.0/query/01g-1",
    },
    "parts without a body": {"compositeResponse": [{"referenceId": "query0", "httpStatusCode": 200}]},
}  # fmt: skip

JOBS: dict[str, Callable[[Services, str], object]] = {
    "leads": ingest.poll,
    "accounts": ingest.mirror,
    "activities": observe,
    STREAM: watch,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("stream", JOBS)
def test_an_answer_that_is_none_moves_no_cursor(salesforce: World, stream: str, answer: object) -> None:
    salesforce.tick()
    watch(salesforce.services, "salesforce")
    before = last_cursor(salesforce.services, salesforce.connector, stream)
    salesforce.advance(minutes=5)
    salesforce.fault({"answer_with": answer})

    with pytest.raises(TryLater, match="Salesforce's answer"):
        JOBS[stream](salesforce.services, "salesforce")

    salesforce.no_faults()
    assert last_cursor(salesforce.services, salesforce.connector, stream) == before


@pytest.mark.parametrize("answer", [[None], {"records": None}, None], ids=str)
def test_a_write_whose_answer_is_none_is_settled_and_holds_up_no_other_lead(salesforce: World, answer: object) -> None:
    salesforce.fault({"answer_with": answer}, times=1, **salesforce.writes())
    odd = salesforce.new_lead(email="odd@firm.example")
    salesforce.run()
    other = salesforce.new_lead(email="other@firm.example")
    salesforce.run()
    at_first = salesforce.owner(odd), salesforce.owner(other)

    for _ in range(3):
        salesforce.advance(minutes=1)
        salesforce.run()

    assert at_first[1] is not None
    assert salesforce.owner(odd) is not None
    assert len(salesforce.decisions(odd)) == 1


def test_a_row_that_is_refused_for_no_reason_that_can_be_read_holds_up_no_other_lead(salesforce: World) -> None:
    refused = {"answer_with": [{"success": False, "errors": ["x"]}]}
    salesforce.fault(refused, times=1, **salesforce.writes())
    salesforce.new_lead(email="odd@firm.example")
    salesforce.run()
    other = salesforce.new_lead(email="other@firm.example")

    salesforce.run()

    assert salesforce.owner(other) is not None
