"""HubSpot cannot guard a row, so a person who comes between our read and our write gets the lead back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from connectors.base import Write, Written
from connectors.hubspot import writing
from connectors.hubspot.history import Taken, taken
from connectors.hubspot.kinds import KINDS
from connectors.hubspot.portal import Portal, Record
from tests.connectors.stage import ANA, BEN, Stage, mapping_of
from tests.crm_example import credentials

CHO = "cho@acme.example"


class Interrupted(Portal):
    """A portal in which a person acts at the very moment before, or after, our update."""

    def __init__(self, url: str, before: Callable[[], None], after: Callable[[], None]) -> None:
        super().__init__(credentials("hubspot", url))
        self._before, self._after = before, after

    def update(self, kind: str, inputs: Sequence[Record]) -> Record:
        before, self._before = self._before, nothing
        after, self._after = self._after, nothing
        before()
        answer = super().update(kind, inputs)
        after()
        return answer


def nothing() -> None:
    """The person does nothing (any more)."""


def written(
    stage: Stage, writes: Sequence[Write], before: Callable[[], None] = nothing, after: Callable[[], None] = nothing
) -> list[Written]:
    portal = Interrupted(stage.sandbox.url, before, after)
    return writing.write(portal, KINDS["contact"], mapping_of("hubspot"), writes)


def test_a_person_who_comes_between_the_guard_read_and_the_write_gets_the_lead_back(hubspot: Stage) -> None:
    taken, free = hubspot.many(2)
    writes = [hubspot.assigning(taken, ANA), hubspot.assigning(free, ANA)]

    outcomes = written(hubspot, writes, before=lambda: hubspot.takes(BEN, taken))

    assert [one.outcome for one in outcomes] == ["lost", "applied"]
    assert (hubspot.read(taken).owner, hubspot.read(taken).decision) == (BEN, None)
    assert (hubspot.read(free).owner, hubspot.read(free).decision) == (ANA, "d1/0")


def test_a_person_who_comes_right_after_the_write_keeps_the_lead(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)

    [outcome] = written(hubspot, [hubspot.assigning(lead, ANA)], after=lambda: hubspot.takes(BEN, lead))

    assert outcome.outcome == "lost"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (BEN, None)


def test_a_person_who_chooses_whom_we_chose_takes_nothing_from_us(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)

    [outcome] = written(hubspot, [hubspot.assigning(lead, ANA)], before=lambda: hubspot.takes(ANA, lead))

    assert outcome.outcome == "applied"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (ANA, "d1/0")


def test_a_decision_that_leaves_the_owner_alone_gives_way_to_a_person_too(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = Write(hubspot.key(lead), {"outcome": "nurtured"}, "d1/0", None, None)

    [outcome] = written(hubspot, [write], before=lambda: hubspot.takes(BEN, lead))

    assert outcome.outcome == "lost"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (BEN, None)


def test_a_write_that_is_there_already_is_applied_and_not_sent_again(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)
    hubspot.crm.write([write])

    [again] = hubspot.crm.write([write])

    assert again.outcome == "applied"
    assert hubspot.owner_changes(lead).count("api") == 1


def test_a_write_that_is_there_already_stays_applied_when_a_person_took_the_lead_since(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)
    hubspot.crm.write([write])
    hubspot.takes(BEN, lead)

    [again] = hubspot.crm.write([write])

    assert again.outcome == "applied"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (BEN, "d1/0")


def test_a_person_who_came_just_before_a_write_whose_answer_got_lost_gets_the_lead_back(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)
    hubspot.fault({"drop_after_write": True}, times=1, **hubspot.writes())

    [sent] = written(hubspot, [write], before=lambda: hubspot.takes(BEN, lead))
    there = hubspot.read(lead)
    [confirmed] = hubspot.crm.confirm([write])

    assert (sent.outcome, there.owner, there.decision) == ("unknown", ANA, "d1/0")
    assert confirmed.outcome == "lost"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (BEN, None)


def test_a_write_whose_history_cannot_be_read_is_confirmed_later(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)
    hubspot.crm.write([write])
    hubspot.fault({"status": 429, "retry_after": 7}, path="/batch/read", times=1)

    [confirmed] = hubspot.crm.confirm([write])

    assert (confirmed.outcome, confirmed.after) == ("later", 7.0)


def test_where_the_history_cannot_be_read_the_next_attempt_looks_back(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)

    def meanwhile() -> None:
        hubspot.takes(BEN, lead)
        hubspot.fault({"status": 429}, path="/batch/read", times=1)

    first = written(hubspot, [write], before=meanwhile)
    second = hubspot.crm.write([write])

    assert [one.outcome for one in (*first, *second)] == ["later", "lost"]
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (BEN, None)


def test_a_choice_that_cannot_be_put_back_just_now_is_put_back_by_the_next_attempt(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    write = hubspot.assigning(lead, ANA)

    def meanwhile() -> None:
        hubspot.takes(BEN, lead)
        hubspot.fault({"status": 503}, path="/batch/update", skip=1, times=1)

    first = written(hubspot, [write], before=meanwhile)
    second = hubspot.crm.write([write])

    assert [one.outcome for one in (*first, *second)] == ["later", "lost"]
    assert hubspot.read(lead).owner == BEN


def test_a_row_whose_decision_the_record_no_longer_carries_takes_nothing_back(hubspot: Stage) -> None:
    [lead] = hubspot.many(1)
    first = hubspot.assigning(lead, ANA)
    hubspot.takes(BEN, lead)
    handed_on = Write(hubspot.key(lead), {}, "d1/1", hubspot.ids[ANA], hubspot.ids[BEN])
    hubspot.crm.write([handed_on])

    [confirmed] = hubspot.crm.confirm([first])

    assert confirmed.outcome == "applied"
    assert (hubspot.read(lead).owner, hubspot.read(lead).decision) == (ANA, "d1/1")


def version(value: str | None, source: str) -> Mapping[str, Any]:
    return {"value": value or "", "sourceType": source}


@pytest.mark.parametrize(
    ("versions", "wrote", "expected", "choice"),
    [
        pytest.param([], "1", None, Taken(None), id="our write is not there at all"),
        pytest.param([version("1", "INTEGRATION")], "1", None, None, id="ours is the first owner"),
        pytest.param([version("1", "INTEGRATION"), version("2", "CRM_UI")], "1", "2", None, id="handed on"),
        pytest.param([version("1", "INTEGRATION"), version("3", "CRM_UI")], "1", None, Taken("3"), id="came between"),
        pytest.param(
            [version("1", "INTEGRATION"), version(None, "CRM_UI")], "1", "2", Taken(None), id="took the owner away"
        ),
        pytest.param([version("3", "CRM_UI"), version("1", "INTEGRATION")], "1", None, Taken("3"), id="came after"),
        pytest.param([version("1", "CRM_UI"), version("3", "CRM_UI")], "1", None, None, id="chose the same"),
        pytest.param([version("1", "INTEGRATION")], "1", "2", None, id="older versions are gone"),
        pytest.param([version("2", "CRM_UI")], None, "2", None, id="the owner was left alone"),
        pytest.param([version("3", "CRM_UI")], None, "2", Taken("3"), id="left alone, but somebody came"),
    ],
)
def test_the_owners_history_tells_whose_choice_stands(
    versions: Sequence[Mapping[str, Any]], wrote: str | None, expected: str | None, choice: Taken | None
) -> None:
    assert taken(versions, wrote, expected) == choice
