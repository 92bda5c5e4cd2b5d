"""Sightings of leads: kept once, leased to one worker, the hot lane first."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from domain.leads import LeadKey
from ledger import arrivals
from ledger.columns import Moment
from ledger.store import Ledger
from tests.ledger.examples import NINE, key, minutes, seen

SQLITE = sqlite.dialect()
BOTH = ("hot", "bulk")


def leased(ledger: Ledger, at: datetime = NINE, most: int = 200) -> list[LeadKey]:
    with ledger.writing() as tx:
        return [one.key for one in arrivals.lease(tx, "salesforce", BOTH, most, at, 60)]


def test_an_event_that_comes_twice_is_one_arrival(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        first = arrivals.store(tx, [seen(1), seen(1), seen(2)], NINE)
        again = arrivals.store(tx, [seen(2), seen(3)], NINE)

    assert (first, again) == (2, 1)


def test_two_portals_may_number_their_events_alike(ledger: Ledger) -> None:
    other = seen(1, key=LeadKey("salesforce", "another account", "Lead", "1"))

    with ledger.writing() as tx:
        assert arrivals.store(tx, [seen(1), other], NINE) == 2


def test_nothing_to_store_is_nothing_new(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        assert arrivals.store(tx, [], NINE) == 0


def test_an_arrival_is_what_was_seen_to_the_microsecond(ledger: Ledger) -> None:
    received = NINE + minutes(1)
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1, hot=True)], received)
        (arrival,) = arrivals.lease(tx, "salesforce", BOTH, 200, received, 60)

    assert (arrival.key, arrival.lane, arrival.event, arrival.seen_at, arrival.received_at, arrival.attempts) == (
        key(1),
        "hot",
        "event 1",
        NINE,
        received,
        1,
    )


def test_hot_arrivals_are_leased_first_then_the_oldest_sighting(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1, NINE), seen(2, NINE - minutes(5)), seen(3, NINE, hot=True)], NINE)

    assert leased(ledger, most=2) == [key(3), key(2)]


def test_a_lane_that_was_not_asked_for_waits(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1), seen(2, hot=True)], NINE)
        hot = arrivals.lease(tx, "salesforce", ("hot",), 200, NINE, 60)

    assert [one.key for one in hot] == [key(2)]


def test_another_crm_s_arrivals_are_left_alone(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1, key=key(1, "hubspot"))], NINE)

    assert leased(ledger) == []


def test_what_is_leased_comes_back_when_the_lease_ends(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1)], NINE)

    assert leased(ledger) == [key(1)]
    assert leased(ledger, NINE + minutes(0.9)) == []
    with ledger.writing() as tx:
        (again,) = arrivals.lease(tx, "salesforce", BOTH, 200, NINE + minutes(1), 60)
    assert again.attempts == 2


def test_a_postponed_arrival_waits_until_then(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1)], NINE)
        (arrival,) = arrivals.lease(tx, "salesforce", BOTH, 200, NINE, 60)
        arrivals.postpone(tx, [arrival.id], NINE + minutes(5), "rate limit")

    assert leased(ledger, NINE + minutes(4)) == []
    assert leased(ledger, NINE + minutes(5)) == [key(1)]


@pytest.mark.parametrize(
    ("close", "state"),
    [
        pytest.param(arrivals.finish, "done", id="finished"),
        pytest.param(arrivals.set_aside, "set_aside", id="set aside"),
    ],
)
def test_what_is_closed_is_not_leased_again(ledger: Ledger, close: object, state: str) -> None:
    with ledger.writing() as tx:
        arrivals.store(tx, [seen(1), seen(2)], NINE)
        first = arrivals.lease(tx, "salesforce", BOTH, 1, NINE, 60)
        assert callable(close)
        close(tx, [first[0].id], "what the CRM said\0")
        arrivals.postpone(tx, [first[0].id], NINE, "too late")

    assert leased(ledger, NINE + minutes(9)) == [key(2)]
    with ledger.reading() as tx:
        assert arrivals.counts(tx) == {("salesforce", "waiting"): 1, ("salesforce", state): 1}


@settings(deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_time_is_stored_to_the_microsecond(at: datetime) -> None:
    column = Moment()
    to_store, as_read = column.bind_processor(SQLITE), column.result_processor(SQLITE, None)

    assert as_read(to_store(at)) == at.astimezone(UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().bind_processor(SQLITE)(NINE.replace(tzinfo=None))
