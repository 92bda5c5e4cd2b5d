"""Calls and mails that were heard of: kept once, never less than was known, and a note of what became of them."""

from dataclasses import replace

from domain.activities import Call, Mail
from ledger import heard
from ledger.heard import Heard, Tally
from ledger.store import Ledger
from tests.ledger.examples import ANA, NINE, key, minutes

IN_VAIN = Call("c1", NINE, "inbound", "+493055501", None, 0, "nobody", "101")
ANSWERED = replace(IN_VAIN, agent="102", talk_seconds=60, answered_by="human")
MAIL = Mail("m1@acme.example", NINE, ANA, ("kim@firm.example",))


def left(ledger: Ledger) -> list[Heard]:
    with ledger.reading() as tx:
        return heard.unsettled(tx, 100)


def test_what_is_told_again_is_kept_once(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        first = heard.keep(tx, "cdr", [IN_VAIN, IN_VAIN, MAIL], NINE)
        again = heard.keep(tx, "cdr", [IN_VAIN, MAIL], NINE + minutes(1))
        nothing = heard.keep(tx, "cdr", [], NINE)

    assert (first, again, nothing) == (2, 0, 0)
    assert [(one.what, one.learnt_at) for one in left(ledger)] == [(IN_VAIN, NINE), (MAIL, NINE)]


def test_an_answer_that_is_heard_of_later_is_to_be_settled_again_and_is_not_taken_back(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        heard.keep(tx, "cdr", [IN_VAIN], NINE)
        heard.settle(tx, heard.unsettled(tx, 10))
        better = heard.keep(tx, "cdr", [ANSWERED], NINE + minutes(1))
        worse = heard.keep(tx, "cdr", [IN_VAIN], NINE + minutes(2))

    assert (better, worse) == (1, 0)
    assert [one.what for one in left(ledger)] == [ANSWERED]


def test_what_was_told_better_while_it_was_looked_at_stays_to_be_settled(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        heard.keep(tx, "cdr", [IN_VAIN], NINE)
        looked_at = heard.unsettled(tx, 10)
        heard.keep(tx, "cdr", [ANSWERED], NINE + minutes(1))
        heard.settle(tx, looked_at)

    assert [one.what for one in left(ledger)] == [ANSWERED]


def test_one_id_of_two_sources_is_two_calls(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        heard.keep(tx, "cdr", [IN_VAIN], NINE)
        heard.keep(tx, "aircall", [IN_VAIN], NINE)

    assert len(left(ledger)) == 2


def test_a_mail_is_known_by_its_id_with_the_leads_that_it_concerns(ledger: Ledger) -> None:
    other = replace(MAIL, id="m2@acme.example")
    with ledger.writing() as tx:
        heard.keep(tx, "imap", [MAIL, other], NINE)
        [one, two] = heard.unsettled(tx, 10)
        heard.settle(tx, [replace(one, leads=(key(1),), note="by the address"), replace(two, note="no lead")])

        assert heard.leads_of_mails(tx, [MAIL.id, other.id, "m3"]) == {MAIL.id: (key(1),)}


def test_what_is_settled_and_old_is_forgotten(ledger: Ledger) -> None:
    unsettled, later = replace(IN_VAIN, id="c2"), replace(IN_VAIN, id="c3", started_at=NINE + minutes(9))
    with ledger.writing() as tx:
        heard.keep(tx, "cdr", [IN_VAIN, unsettled, later], NINE)
        heard.settle(tx, [one for one in heard.unsettled(tx, 10) if one.what.id != "c2"])

        assert heard.forget(tx, NINE + minutes(1)) == 1
    assert [one.what.id for one in left(ledger)] == ["c2"]


def test_what_each_source_has_told_is_counted(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        heard.keep(tx, "cdr", [IN_VAIN, replace(IN_VAIN, id="c2", started_at=NINE + minutes(5))], NINE)
        heard.keep(tx, "mail", [MAIL], NINE)
        [first] = [one for one in heard.unsettled(tx, 10) if one.what.id == IN_VAIN.id]
        heard.settle(tx, [replace(first, leads=(key("1"),), note="by telephone number")])
        found = heard.tally(tx)

    assert found == {"cdr": Tally(2, 1, 1, NINE + minutes(5)), "mail": Tally(1, 0, 1, NINE)}
