"""A bad row never fails its neighbours, and a hundred bad rows cost few calls."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import NotSignedIn, Refused, TryLater, Unknown, Written
from connectors.batches import BadField, Row, deliver
from domain.leads import LeadKey


class Crm:
    """Refuses a whole batch when one row is bad, as HubSpot does, and says as much about the reason as it is to."""

    def __init__(self, bad_rows: frozenset[str] = frozenset(), bad_owner: str = "", bad_field: str = "") -> None:
        self.bad_rows, self.bad_owner, self.bad_field = bad_rows, bad_owner, bad_field
        self.calls = 0
        self.written: list[str] = []

    def send(self, rows: Sequence[Row]) -> list[Written]:
        self.calls += 1
        if any(row.id in self.bad_rows for row in rows):
            raise Refused("one of them is bad")
        if any(self.bad_field in row.properties for row in rows):
            raise BadField("no such field", frozenset({self.bad_field}), any_value=True)
        if any(row.properties.get("owner") == self.bad_owner for row in rows):
            raise BadField("no such owner", frozenset({"owner"}), any_value=False)
        self.written += [row.id for row in rows]
        return [Written(row.key, "applied") for row in rows]


def row(id: str, **properties: object) -> Row:
    return Row(id, LeadKey("hubspot", "1", "contact", id), properties)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_whichever_rows_are_bad_all_others_are_written_once(sample: tuple[int, set[int]]) -> None:
    count, bad = sample
    crm = Crm(bad_rows=frozenset(map(str, bad)))

    became = deliver([row(str(number)) for number in range(count)], crm.send)

    assert {id for id, written in became.items() if written.outcome == "refused"} == crm.bad_rows
    assert sorted(crm.written) == sorted(set(became) - crm.bad_rows)


def test_a_field_that_does_not_exist_is_learnt_from_one_refusal() -> None:
    rows = [row(str(number), seats=3, owner="ana") for number in range(50)]
    rows += [row(str(number), owner="ana") for number in range(50, 100)]
    crm = Crm(bad_field="seats")

    became = deliver(rows, crm.send)

    assert [became[str(number)].outcome for number in (0, 49, 50, 99)] == ["refused", "refused", "applied", "applied"]
    assert crm.calls == 2


def test_a_value_that_was_refused_once_is_not_sent_again() -> None:
    rows = [row(str(number), owner="left" if number % 2 else "ana") for number in range(100)]
    crm = Crm(bad_owner="left")

    became = deliver(rows, crm.send)

    assert sum(written.outcome == "refused" for written in became.values()) == 50
    assert crm.calls <= 15


@pytest.mark.parametrize(
    ("error", "outcome", "after"), [(TryLater("slowly", 9), "later", 9), (Unknown("lost"), "unknown", None)]
)
def test_an_error_of_the_whole_call_is_every_rows(error: Exception, outcome: str, after: float | None) -> None:
    def send(_: Sequence[Row]) -> list[Written]:
        raise error

    became = deliver([row("1"), row("2")], send)

    assert [(one.outcome, one.after) for one in became.values()] == [(outcome, after)] * 2


def test_bad_credentials_stop_everything() -> None:
    def send(_: Sequence[Row]) -> list[Written]:
        raise NotSignedIn("expired")

    with pytest.raises(NotSignedIn):
        deliver([row("1")], send)
