"""SLA clocks: leased by one sweep at a time, saved only where nobody changed them meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clocks import Clock, ClockKind, State
from ledger import clocks, leads
from ledger.store import Ledger
from tests.ledger.examples import NINE, clock, decision, key, lead, minutes

MACHINE = NINE + timedelta(days=30)


def only(found: list[Clock]) -> Clock:
    (one,) = found
    return one


def start(ledger: Ledger, *started: Clock) -> list[Clock]:
    with ledger.writing() as tx:
        clocks.insert(tx, started)
        return [kept for one in started for kept in clocks.of_lead(tx, one.lead, one.cycle) if kept.kind == one.kind]


def due(ledger: Ledger, now: float, machine: float = 0, most: int = 200) -> list[Clock]:
    """Leased at so many minutes after nine, and so many minutes of machine time later, for one of them."""
    with ledger.writing() as tx:
        return clocks.lease_due(tx, "salesforce", NINE + minutes(now), MACHINE + minutes(machine), 60, most)


def test_a_clock_comes_back_as_it_was(ledger: Ledger) -> None:
    given = clock(state=State.BREACHED, done=2, met_at=NINE, breached_at=NINE + minutes(40), version=3)

    kept = only(start(ledger, given))

    assert kept == replace(given, id=kept.id)
    assert kept.id is not None


def test_a_clock_that_the_cycle_has_already_goes_on_as_it_is(ledger: Ledger) -> None:
    first = only(start(ledger, clock()))

    again = start(ledger, clock(due_at=NINE), clock(kind=ClockKind.ASSIGNMENT), clock(cycle=1))

    assert again[0] == first
    assert len(again) == 3


def test_clocks_are_leased_when_their_moment_has_come_the_longest_overdue_first(ledger: Ledger) -> None:
    start(
        ledger,
        clock(1),
        clock(2, next_at=NINE + minutes(20)),
        clock(3, next_at=NINE + minutes(31)),
        clock(4, next_at=None),
    )

    assert [one.lead for one in due(ledger, 30)] == [key(2), key(1)]


@pytest.mark.parametrize(
    ("state", "looked_at"),
    [
        pytest.param(State.RUNNING, True, id="running"),
        pytest.param(State.BREACHED, True, id="breached, with steps to come"),
        pytest.param(State.PAUSED, True, id="paused, until its pause ends"),
        pytest.param(State.MET, True, id="met by what was typed in, until it had to be confirmed"),
        pytest.param(State.ENDED, False, id="ended"),
    ],
)
def test_only_clocks_whose_ladder_goes_on_are_leased(ledger: Ledger, state: State, looked_at: bool) -> None:
    start(ledger, clock(state=state))

    assert bool(due(ledger, 30)) is looked_at


def test_another_crm_s_clocks_are_left_alone(ledger: Ledger) -> None:
    start(ledger, clock(lead=key(1, "hubspot")))

    assert due(ledger, 30) == []


def test_a_leased_clock_is_nobody_else_s_until_the_lease_ends(ledger: Ledger) -> None:
    start(ledger, clock())

    assert due(ledger, 30) != []
    assert due(ledger, 30, machine=0.9) == []
    assert due(ledger, 30, machine=1) != []


def test_a_released_clock_is_free_now_or_when_it_was_said(ledger: Ledger) -> None:
    start(ledger, clock())
    leased = only(due(ledger, 30))
    assert leased.id is not None

    with ledger.writing() as tx:
        clocks.release(tx, [leased.id], MACHINE + minutes(5))
    assert due(ledger, 30, machine=4) == []

    with ledger.writing() as tx:
        clocks.release(tx, [leased.id], None)
    assert due(ledger, 30, machine=4) == [leased]


def test_a_saved_clock_is_the_next_version_and_free(ledger: Ledger) -> None:
    start(ledger, clock())
    leased = only(due(ledger, 30))
    after = replace(leased, done=1, state=State.BREACHED, breached_at=NINE + minutes(40))

    with ledger.writing() as tx:
        saved = clocks.save(tx, after)

    assert saved
    assert due(ledger, 30) == [replace(after, version=leased.version + 1)]


def test_of_two_who_change_one_version_the_second_is_told(ledger: Ledger) -> None:
    read = only(start(ledger, clock()))

    with ledger.writing() as tx:
        first = clocks.save(tx, replace(read, done=1))
        second = clocks.save(tx, replace(read, done=2))

        assert (first, second) == (True, False)
        assert only(clocks.of_lead(tx, key())).done == 1


def test_of_many_clocks_saved_at_once_those_that_somebody_changed_meanwhile_stay_as_they_are(ledger: Ledger) -> None:
    taken, free = start(ledger, clock(1), clock(2))
    with ledger.writing() as tx:
        clocks.save(tx, replace(taken, state=State.BREACHED, breached_at=NINE))

    with ledger.writing() as tx:
        clocks.save_all(tx, [replace(one, state=State.MET, met_at=NINE) for one in (taken, free)])

    with ledger.reading() as tx:
        found = [only(clocks.of_lead(tx, key(number))) for number in (1, 2)]
    assert [(one.state, one.version - taken.version) for one in found] == [(State.BREACHED, 1), (State.MET, 1)]


def test_the_end_of_a_cycle_ends_what_still_runs_and_keeps_what_was_met_or_breached(ledger: Ledger) -> None:
    kept = start(
        ledger,
        clock(kind=ClockKind.ASSIGNMENT, state=State.MET, next_at=None),
        clock(kind=ClockKind.FIRST_RESPONSE, state=State.BREACHED),
        clock(kind=ClockKind.LIMIT, state=State.PAUSED),
        clock(cycle=1),
    )

    with ledger.writing() as tx:
        changed = clocks.end_cycle(tx, key(), 0, NINE + minutes(50))
        assignment, response, limit, of_next_cycle = clocks.of_lead(tx, key())

    assert changed == 2
    assert (assignment, of_next_cycle) == (kept[0], kept[3])
    assert response == replace(kept[1], next_at=None, version=1)
    assert limit == replace(kept[2], state=State.ENDED, next_at=None, version=1)


def test_a_sweep_that_began_before_the_end_of_the_cycle_cannot_act(ledger: Ledger) -> None:
    start(ledger, clock())
    leased = only(due(ledger, 30))

    with ledger.writing() as tx:
        clocks.end_cycle(tx, key(), 0, NINE)

        assert not clocks.save(tx, replace(leased, done=1))


def test_clocks_of_one_kind_are_found_for_many_cycles(ledger: Ledger) -> None:
    start(ledger, clock(1), clock(1, kind=ClockKind.LIMIT), clock(1, cycle=1), clock(2), clock(3))

    with ledger.reading() as tx:
        found = clocks.of_cycles(tx, [(key(1), 1), (key(2), 0), (key(4), 0)], ClockKind.FIRST_RESPONSE)

    assert [(one.lead, one.cycle) for one in found] == [(key(1), 1), (key(2), 0)]


def test_open_clocks_are_those_of_current_cycles_that_news_may_change(ledger: Ledger) -> None:
    start(
        ledger,
        clock(1, kind=ClockKind.ASSIGNMENT, state=State.MET, next_at=None),
        clock(1),
        clock(2, state=State.PAUSED),
        clock(3, state=State.BREACHED),
        clock(4, state=State.BREACHED, next_at=None),
        clock(5, cycle=0),
        clock(6),
        clock(7),
        clock(8, state=State.MET),
        clock(9, state=State.MET, next_at=None),
        clock(10, cycle=0, state=State.MET, next_at=None),
    )
    with ledger.writing() as tx:
        for number, cycle in ((1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 0), (8, 0), (9, 0), (10, 1)):
            leads.remember(tx, [leads.Begun(lead(number), decision(number, cycle))])
        leads.end(tx, key(6), 0)

        found = clocks.open_of(tx, [key(number) for number in range(1, 11)])

    assert [(one.lead, one.kind) for one in found] == [
        (key(number), ClockKind.FIRST_RESPONSE) for number in (1, 2, 3, 4, 8, 9)
    ]
