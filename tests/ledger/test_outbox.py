"""The outbox: every action once, in order for each lead, and nothing after one whose fate nobody knows."""

from collections.abc import Sequence

import pytest

from domain.actions import Action, AssignOwner, CreateTask, LookBack, Notify, Report, WriteFields
from domain.leads import LeadKey
from ledger import outbox
from ledger.outbox import FOLLOWS, NOTICES, RECORD_WRITES, Entry, ImpossibleMove, OutboxRow, SendState
from ledger.store import Ledger
from tests.ledger.examples import ANA, BEN, NINE, key, minutes

EVERYTHING = (*RECORD_WRITES, "create_task", *NOTICES)


def assign(number: int = 1) -> Action:
    return AssignOwner(key(number), f"{number:016x}/0", None, ANA, fields={"rule": "all", "attempts": 0, "due": 1.5})


def write(number: int = 1) -> Action:
    return WriteFields(key(number), {"sla_state": "At risk", "tags": ("a", "b"), "consent": True, "queue": None})


def task(number: int = 1) -> Action:
    return CreateTask(key(number), ANA, "Answer this lead", NINE + minutes(40), "fairlead 1/0")


def notice(number: int = 1) -> Action:
    return Notify(key(number), "reminder", (ANA, BEN), "Lead 1 has no answer yet.")


def report(number: int = 1) -> Action:
    return Report(key(number), "reminder", (BEN,), "Lead 1 has no answer yet.", asked=(ANA,))


def look(number: int = 1) -> Action:
    return LookBack(key(number), f"{number:016x}/0", ANA, None)


def put(ledger: Ledger, *actions: Action, cycle: int = 0) -> None:
    with ledger.writing() as tx:
        for action in actions:
            token = f"{cycle}:{len(outbox.of_lead(tx, action.lead))}:{action.lead}"
            assert outbox.put(tx, action.lead, cycle, action, token)


def lease(ledger: Ledger, kinds: Sequence[str] = RECORD_WRITES, after: float = 0, most: int = 200) -> list[OutboxRow]:
    with ledger.writing() as tx:
        return outbox.lease(tx, "salesforce", kinds, most, NINE + minutes(after), 60)


def unsettled(ledger: Ledger, after: float = 0) -> list[OutboxRow]:
    with ledger.writing() as tx:
        return outbox.unsettled(tx, "salesforce", 200, NINE + minutes(after), 60)


def finish(ledger: Ledger, row: OutboxRow, state: SendState) -> None:
    with ledger.writing() as tx:
        outbox.finish(tx, row.id, state, "", NINE)


def states(ledger: Ledger, lead: LeadKey | None = None) -> list[SendState]:
    with ledger.reading() as tx:
        return [row.state for row in outbox.of_lead(tx, lead or key())]


@pytest.mark.parametrize(
    "action", [assign(), write(), task(), notice(), report(), look()], ids=lambda action: str(action.kind)
)
def test_an_action_comes_back_as_it_was(ledger: Ledger, action: Action) -> None:
    with ledger.writing() as tx:
        outbox.put(tx, key(), 2, action, "token")

        assert outbox.of_lead(tx, key()) == [OutboxRow(1, key(), 2, action, SendState.WAITING, 0, None, "")]


def test_a_token_is_taken_once(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        first = outbox.put(tx, key(1), 0, assign(1), "assign:1/0")
        second = outbox.put(tx, key(2), 0, assign(2), "assign:1/0")

        assert (first, second) == (True, False)
        assert outbox.counts(tx) == {("assign_owner", "waiting"): 1}


def test_a_batch_is_put_like_one_by_one(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        outbox.put(tx, key(2), 0, assign(2), "two")
        outbox.put_all(tx, [Entry(key(1), 0, assign(1), "one"), Entry(key(2), 0, write(2), "two")])
        outbox.put_all(tx, [])

    assert [row.action for row in lease(ledger)] == [assign(2), assign(1)]


def test_a_batch_is_finished_altogether_or_not_at_all(ledger: Ledger) -> None:
    put(ledger, assign(1), assign(2))
    first, second = lease(ledger)
    finish(ledger, second, SendState.LOST)

    with pytest.raises(ImpossibleMove, match="1 of 2 rows"), ledger.writing() as tx:
        outbox.finish_all(tx, [first.id, second.id], SendState.APPLIED, NINE)
    assert states(ledger, key(1)) == [SendState.SENDING]

    with ledger.writing() as tx:
        outbox.finish_all(tx, [first.id], SendState.APPLIED, NINE)
    assert states(ledger, key(1)) == [SendState.APPLIED]


def test_rows_of_the_kinds_that_were_asked_for_are_leased_the_oldest_first(ledger: Ledger) -> None:
    put(ledger, assign(3), notice(4), write(2), write(1), assign(5))

    leased = lease(ledger, most=3)

    assert [(row.key, row.state, row.attempts) for row in leased] == [
        (key(number), SendState.SENDING, 1) for number in (3, 2, 1)
    ]


def test_whether_anything_is_due_is_told_without_taking_it(ledger: Ledger) -> None:
    put(ledger, task(1))
    with ledger.writing() as tx:
        outbox.put(tx, key(2), 0, assign(2), "later", NINE + minutes(5))

    with ledger.reading() as tx:
        due = [
            outbox.due(tx, "salesforce", kinds, NINE + minutes(after))
            for kinds in (("create_task",), RECORD_WRITES)
            for after in (0, 5)
        ]

    assert due == [True, True, False, True]


def test_rows_whose_fate_has_to_be_looked_into_are_told_when_their_lease_is_over(ledger: Ledger) -> None:
    put(ledger, assign(1))
    lease(ledger)

    with ledger.reading() as tx:
        assert [outbox.unclear(tx, "salesforce", NINE + minutes(after)) for after in (0.9, 1)] == [False, True]


def test_another_crm_s_rows_are_left_alone(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        outbox.put(tx, key(1, "hubspot"), 0, assign(), "token")

    assert lease(ledger) == []


def test_a_row_waits_until_its_time(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        outbox.put(tx, key(), 0, notice(), "token", NINE + minutes(1))

    assert lease(ledger, EVERYTHING, 0.9) == []
    assert len(lease(ledger, EVERYTHING, 1)) == 1


def test_a_row_that_is_to_be_tried_later_is_leased_again_then(ledger: Ledger) -> None:
    put(ledger, assign())
    (row,) = lease(ledger)
    with ledger.writing() as tx:
        outbox.later(tx, row.id, NINE + minutes(5), "rate limit")

    assert lease(ledger, after=4) == []
    (again,) = lease(ledger, after=5)
    assert (again.attempts, again.detail) == (2, "rate limit")


def test_one_row_of_a_lead_is_leased_at_a_time(ledger: Ledger) -> None:
    put(ledger, assign(1), write(1), task(1), notice(1), write(2))

    assert [row.action for row in lease(ledger, EVERYTHING)] == [assign(1), write(2)]


@pytest.mark.parametrize("older", [SendState.WAITING, SendState.SENDING, SendState.UNKNOWN])
@pytest.mark.parametrize("younger", [assign(), write(), task(), notice()], ids=lambda action: str(action.kind))
def test_nothing_overtakes_a_record_write_that_is_not_settled(
    ledger: Ledger, older: SendState, younger: Action
) -> None:
    put(ledger, write(), younger)
    (row,) = lease(ledger)
    with ledger.writing() as tx:
        if older is SendState.UNKNOWN:
            outbox.finish(tx, row.id, older, "time-out")
        if older is SendState.WAITING:
            outbox.later(tx, row.id, NINE + minutes(9), "rate limit")

    assert lease(ledger, EVERYTHING) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_row_that_was_committed_late_does_not_go_out_beside_a_younger_one(ledger: Ledger) -> None:
    with ledger.writing() as slow:
        outbox.put(slow, key(), 0, write(), "older")
        with ledger.writing() as quick:
            outbox.put(quick, key(), 0, assign(), "younger")
        (younger,) = lease(ledger)

    assert lease(ledger) == []
    finish(ledger, younger, SendState.APPLIED)
    assert [row.action for row in lease(ledger)] == [write()]


@pytest.mark.parametrize("end", [SendState.APPLIED, SendState.LOST, SendState.REFUSED])
def test_the_next_row_of_a_lead_is_sent_when_the_one_before_is_settled(ledger: Ledger, end: SendState) -> None:
    put(ledger, assign(), write(), notice())
    (first,) = lease(ledger, EVERYTHING)
    finish(ledger, first, end)

    assert [row.action for row in lease(ledger, EVERYTHING)] == [write()]


def test_a_notification_holds_up_no_record_write_but_the_next_notification(ledger: Ledger) -> None:
    put(ledger, notice(), notice(), write())
    lease(ledger, ("notify",))

    assert lease(ledger, ("notify",)) == []
    assert [row.action for row in lease(ledger)] == [write()]


def test_a_row_whose_sender_never_came_back_has_to_be_settled_and_is_not_sent_again(ledger: Ledger) -> None:
    put(ledger, assign(), write())
    (row,) = lease(ledger)

    assert unsettled(ledger, 0.9) == []
    assert lease(ledger, after=1) == []
    (lost,) = unsettled(ledger, 1)
    assert (lost.id, lost.state, lost.attempts) == (row.id, SendState.UNKNOWN, 1)


def test_a_row_is_settled_by_one_worker_at_a_time(ledger: Ledger) -> None:
    put(ledger, assign())
    (row,) = lease(ledger)
    finish(ledger, row, SendState.UNKNOWN)

    assert len(unsettled(ledger)) == 1
    assert unsettled(ledger, 0.9) == []
    assert len(unsettled(ledger, 1)) == 1


@pytest.mark.parametrize("action", [assign(), write(), task(), notice()], ids=lambda action: str(action.kind))
def test_a_row_of_every_kind_is_settled(ledger: Ledger, action: Action) -> None:
    put(ledger, action)
    (row,) = lease(ledger, EVERYTHING)
    finish(ledger, row, SendState.UNKNOWN)

    (settling,) = unsettled(ledger)
    with ledger.writing() as tx:
        outbox.later(tx, settling.id, NINE, "not applied: sent again")

    assert len(lease(ledger, EVERYTHING)) == 1


def test_the_time_at_which_an_unknown_row_was_sent_is_kept(ledger: Ledger) -> None:
    put(ledger, assign())
    (row,) = lease(ledger)
    finish(ledger, row, SendState.UNKNOWN)

    (settling,) = unsettled(ledger)
    with ledger.writing() as tx:
        outbox.finish(tx, settling.id, SendState.APPLIED, "found in the CRM")
        (applied,) = outbox.of_lead(tx, key())

    assert (applied.state, applied.sent_at, applied.detail) == (SendState.APPLIED, NINE, "found in the CRM")


def test_the_end_of_a_cycle_withdraws_what_was_not_sent(ledger: Ledger) -> None:
    put(ledger, assign(), write())
    put(ledger, write(), cycle=1)
    (sending,) = lease(ledger)

    with ledger.writing() as tx:
        withdrawn = outbox.void(tx, key(), 0)

    assert withdrawn == 1
    assert states(ledger) == [SendState.SENDING, SendState.VOID, SendState.WAITING]
    finish(ledger, sending, SendState.APPLIED)
    assert states(ledger)[0] == SendState.APPLIED


@pytest.mark.parametrize("unknown", [False, True], ids=["while it was being sent", "while nobody knew its fate"])
def test_a_row_whose_cycle_ended_is_not_sent_a_second_time(ledger: Ledger, unknown: bool) -> None:
    put(ledger, assign())
    (row,) = lease(ledger)
    if unknown:
        finish(ledger, row, SendState.UNKNOWN)

    with ledger.writing() as tx:
        outbox.void(tx, key(), 0)
        outbox.later(tx, row.id, NINE, "rate limit")

    assert states(ledger) == [SendState.VOID]
    assert lease(ledger, after=9) == []


def brought_to(ledger: Ledger, state: SendState) -> int:
    """The id of a row in this state."""
    put(ledger, assign())
    if state is SendState.WAITING:
        return 1
    if state is SendState.VOID:
        with ledger.writing() as tx:
            outbox.void(tx, key(), 0)
        return 1
    (row,) = lease(ledger)
    if state is not SendState.SENDING:
        finish(ledger, row, state)
    return row.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("before", SendState)
@pytest.mark.parametrize("after", [one for one in SendState if one is not SendState.SENDING])
def test_a_state_follows_another_only_where_the_table_says_so(
    ledger: Ledger, before: SendState, after: SendState
) -> None:
    id_ = brought_to(ledger, before)
    allowed = after in FOLLOWS[before]
    # What waits is withdrawn with its cycle, by `void`.
    if (before, after) == (SendState.WAITING, SendState.VOID):
        return

    def move() -> None:
        with ledger.writing() as tx:
            if after is SendState.WAITING:
                outbox.later(tx, id_, NINE, "")
            else:
                outbox.finish(tx, id_, after, "")

    if allowed:
        move()
        assert states(ledger) == [after]
    else:
        with pytest.raises(ImpossibleMove, match=f"row {id_} of the outbox is {before.value}"):
            move()
        assert states(ledger) == [before]


@pytest.mark.parametrize("state", [SendState.WAITING, SendState.SENDING])
def test_a_row_is_not_finished_by_waiting(ledger: Ledger, state: SendState) -> None:
    put(ledger, assign())
    (row,) = lease(ledger)

    with pytest.raises(ImpossibleMove), ledger.writing() as tx:
        outbox.finish(tx, row.id, state, "")


def test_a_row_that_is_not_there_cannot_be_finished(ledger: Ledger) -> None:
    with pytest.raises(ImpossibleMove, match="row 7 of the outbox is not there"), ledger.writing() as tx:
        outbox.finish(tx, 7, SendState.APPLIED, "")


def test_rows_are_counted_by_kind_and_state(ledger: Ledger) -> None:
    put(ledger, assign(1), assign(2), notice(1))
    lease(ledger, most=1)

    with ledger.reading() as tx:
        assert outbox.counts(tx) == {
            ("assign_owner", "sending"): 1,
            ("assign_owner", "waiting"): 1,
            ("notify", "waiting"): 1,
        }


def test_the_hot_lane_is_sent_before_everything_that_waits_in_the_bulk_lane(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        entries = [Entry(key(number), 0, write(number), f"{number}", "bulk") for number in range(1, 6)]
        outbox.put_all(tx, [*entries, Entry(key(9), 0, write(9), "9", "hot")])
    assert [row.key for row in lease(ledger, most=3)] == [key(9), key(1), key(2)]


def test_rows_that_have_to_wait_come_back_together_and_were_not_attempted(ledger: Ledger) -> None:
    put(ledger, write(1), write(2))
    rows = lease(ledger)
    with ledger.writing() as tx:
        outbox.wait(tx, [row.id for row in rows], NINE + minutes(2), "the limit is used up")
    assert lease(ledger, after=1) == []
    assert [(row.key, row.attempts) for row in lease(ledger, after=2)] == [(key(1), 1), (key(2), 1)]


def test_a_row_whose_cycle_ended_while_it_was_sent_does_not_wait_but_is_void(ledger: Ledger) -> None:
    put(ledger, write())
    (row,) = lease(ledger)
    with ledger.writing() as tx:
        outbox.void(tx, key(), 0)
        outbox.wait(tx, [row.id], NINE, "the limit is used up")
    assert states(ledger) == [SendState.VOID]


def test_a_row_that_others_have_settled_is_not_sent_again_by_who_comes_late(ledger: Ledger) -> None:
    put(ledger, write())
    (row,) = lease(ledger)
    finish(ledger, row, SendState.APPLIED)
    with ledger.writing() as tx:
        outbox.wait(tx, [row.id], NINE, "the limit is used up")
    assert states(ledger) == [SendState.APPLIED]


@pytest.mark.parametrize(("number", "there"), [(3, True), (4, False)])
def test_whether_many_rows_wait_in_a_lane_is_known(ledger: Ledger, number: int, there: bool) -> None:
    with ledger.writing() as tx:
        outbox.put_all(tx, [Entry(key(at), 0, write(at), f"{at}", "bulk") for at in range(3)])
        outbox.put_all(tx, [Entry(key(8), 0, write(8), "hot"), Entry(key(9), 0, notice(9), "told", "bulk")])
        assert outbox.holds(tx, "salesforce", "bulk", number) is there


@pytest.mark.parametrize("action", [look(), report()], ids=lambda action: str(action.kind))
def test_the_end_of_a_cycle_does_not_withdraw_what_is_about_the_past(ledger: Ledger, action: Action) -> None:
    put(ledger, action)
    [row] = lease(ledger, (action.kind,))
    put(ledger, action)

    with ledger.writing() as tx:
        voided = outbox.void(tx, key(1), 0)
        outbox.later(tx, row.id, NINE, "the CRM is away")

    assert voided == 0
    assert states(ledger) == [SendState.WAITING, SendState.WAITING]


def test_an_action_that_is_put_instead_takes_the_place_of_those_of_its_kind_that_wait(ledger: Ledger) -> None:
    put(ledger, look(1), notice(1), look(2))

    with ledger.writing() as tx:
        outbox.put_instead(tx, Entry(key(1), 0, look(1), "newer"), NINE)

    assert states(ledger, key(1)) == [SendState.VOID, SendState.WAITING, SendState.WAITING]
    assert states(ledger, key(2)) == [SendState.WAITING]


def test_an_action_that_is_put_instead_twice_is_there_once(ledger: Ledger) -> None:
    for _ in range(2):
        with ledger.writing() as tx:
            outbox.put_instead(tx, Entry(key(1), 0, look(1), "newer"), NINE)

    assert states(ledger, key(1)) == [SendState.WAITING]


def untold(ledger: Ledger, *numbers: int, owner: str = ANA) -> set[LeadKey]:
    with ledger.reading() as tx:
        return outbox.untold(tx, {key(number): (0, owner) for number in numbers})


def test_an_owner_is_untold_while_no_message_and_no_task_has_reached_him(ledger: Ledger) -> None:
    put(ledger, notice(1), notice(2), task(2), notice(3), task(3))
    [row] = lease(ledger, ("create_task",), most=1)
    finish(ledger, row, SendState.APPLIED)

    assert row.key == key(2)
    assert untold(ledger, 1, 2, 3, 4) == {key(1), key(3)}


def test_a_report_tells_an_owner_of_his_lead_only_where_he_is_asked_to_answer_it(ledger: Ledger) -> None:
    put(ledger, report(1), task(1), task(2), Report(key(2), "reminder", (ANA,), "Ana gets fewer leads."))
    for row in lease(ledger, ("report",)):
        finish(ledger, row, SendState.APPLIED)

    assert untold(ledger, 1, 2) == {key(2)}


def test_what_is_for_somebody_else_or_of_another_cycle_tells_an_owner_nothing(ledger: Ledger) -> None:
    put(ledger, task(1))
    put(ledger, notice(1), cycle=1)

    assert untold(ledger, 1, owner=BEN) == set()
    assert untold(ledger, 1) == {key(1)}
    for row in lease(ledger, ("notify",)):
        finish(ledger, row, SendState.APPLIED)
    assert untold(ledger, 1) == {key(1)}
