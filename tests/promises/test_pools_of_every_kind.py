"""What only the ledger can tell a pool: limits over batches, results that stand for a period; all of it replayed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.decisions import Cause, Decision
from domain.leads import Lead, LeadKey
from domain.people import Absence, CrmUser, WorkingHours
from ledger import codec, decisions, leads, people, playbooks, results
from ledger.store import Ledger
from playbook.book import Playbook, load_texts
from router.considered import candidates_of
from router.decide import Case, State, decide
from runtime.deciding import Wanted, again, plan, record

ANA, BEN, CHO, TOM = (f"{name}@acme.example" for name in ("ana", "ben", "cho", "tom"))
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROUTING = "rules: []\nfallback: { assign: { pool: sales } }\n"


class Desk:
    """A ledger and one pool, and leads that are decided in batches."""

    def __init__(self, ledger: Ledger, keys: str, attained: str = "") -> None:
        self.ledger, self.keys, self.number = ledger, keys, 0
        with ledger.writing() as tx:
            users = [CrmUser("salesforce", email, email, email) for email in (ANA, BEN, CHO, TOM)]
            people.replace(tx, "salesforce", users)
        self.configure(keys, attained)

    def configure(self, keys: str, attained: str = "", members: Sequence[str] = (ANA, BEN, CHO)) -> None:
        reps = "".join(f"  - {{ email: {email}, name: {email[:3].title()} }}\n" for email in (ANA, BEN, CHO, TOM))
        listed = ", ".join(f"{{ rep: {email} }}" for email in members)
        pool = f"manager: {TOM}, members: [ {listed} ], when_nobody: {{ full: manager }}"
        texts = {"teams.yaml": f"reps:\n{reps}pools:\n  sales: {{ {pool}, {keys} }}\n", "routing.yaml": ROUTING}
        found = load_texts(texts | ({"quota.csv": f"email,attainment\n{attained}"} if attained else {}))
        assert isinstance(found, Playbook), "\n".join(map(str, found))
        self.book = found
        with self.ledger.writing() as tx:
            playbooks.activate(tx, found.version, found.texts, MONDAY)

    def batch(self, leads_: int, now: datetime, **values: float | str) -> list[Decision]:
        wanted = []
        for _ in range(leads_):
            self.number += 1
            key = LeadKey("salesforce", "00D", "Lead", f"00Q{self.number}")
            at = now - HOUR + timedelta(seconds=self.number)
            wanted.append(Wanted(Lead(key, at, at, {"email": f"x@firm{self.number}.example", **values})))
        return self.decided(wanted, now)

    def decline(self, declined: Decision, now: datetime) -> Decision:
        with self.ledger.reading() as tx:
            row = leads.current(tx, [declined.lead])[declined.lead]
            lead = Lead(declined.lead, now, now, dict(declined.explanation.values))
            wanted = [again(tx, lead, row, Cause.REJECTED)]
        return self.decided(wanted, now)[0]

    def decided(self, wanted: list[Wanted], now: datetime) -> list[Decision]:
        with self.ledger.deciding() as tx:
            made = record(tx, self.ledger, self.book, wanted, now)
        for one in made:
            self.replay(one.decision)
        return [one.decision for one in made]

    def replay(self, made: Decision) -> None:
        """The same decision, bit for bit, from nothing but what was stored with it."""
        with self.ledger.reading() as tx:
            inputs = decisions.inputs(tx, made.id) or {}
            book = load_texts(playbooks.texts(tx, made.playbook) or {})
        assert isinstance(book, Playbook)
        case, state = codec.load(Case, inputs["case"]), codec.load(State, inputs["state"])
        assert decide(case, book.rules, state, made.decided_at) == made


def owners(made: list[Decision]) -> Mapping[str | None, int]:
    return Counter(one.owner for one in made)


def test_a_limit_counts_the_leads_of_earlier_batches(ledger: Ledger) -> None:
    desk = Desk(ledger, "limits_per_rep: { per_day: 3, per_rolling_hour: 2 }")

    assert owners(desk.batch(5, MONDAY)) == {ANA: 2, BEN: 2, CHO: 1}
    assert owners(desk.batch(3, MONDAY + HOUR / 2)) == {CHO: 1, TOM: 2}
    assert owners(desk.batch(4, MONDAY + HOUR)) == {ANA: 1, BEN: 1, CHO: 1, TOM: 1}
    assert owners(desk.batch(4, MONDAY + 8 * HOUR)) == {TOM: 4}
    assert owners(desk.batch(3, MONDAY + 24 * HOUR)) == {ANA: 1, BEN: 1, CHO: 1}


WEEK = (((9 * 3600, 17 * 3600),),) * 5 + ((), ())


def told_hours(desk: Desk, *reps: str) -> None:
    with desk.ledger.writing() as tx:
        hours = {rep: WorkingHours(f"working hours of {rep}", "Europe/Berlin", WEEK) for rep in reps}
        people.crm_says(tx, "hubspot", [], hours)


def test_hours_that_a_crm_tells_keep_leads_from_people_and_are_replayed(ledger: Ledger) -> None:
    desk = Desk(ledger, "method: round_robin")
    told_hours(desk, ANA, BEN)

    assert owners(desk.batch(6, MONDAY)) == {ANA: 2, BEN: 2, CHO: 2}
    (night, *_) = at_night = desk.batch(3, MONDAY + 12 * HOUR)
    assert owners(at_night) == {CHO: 3}
    [ana] = [one for tried in night.explanation.pools for one in candidates_of(tried) if one.rep == ANA]
    assert ana.detail == f"not on duty now (working hours of {ANA})"


def test_a_lead_that_was_declined_does_not_count_against_a_limit(ledger: Ledger) -> None:
    desk = Desk(ledger, "limits_per_rep: { per_day: 1 }")
    (first,) = desk.batch(1, MONDAY)

    assert desk.decline(first, MONDAY + HOUR).owner == BEN
    assert owners(desk.batch(3, MONDAY + 2 * HOUR)) == {ANA: 1, CHO: 1, TOM: 1}


def test_results_of_a_table_stand_until_the_period_ends(ledger: Ledger) -> None:
    weekly = "weights: { from: quota.csv, floor: 0.5, ceiling: 2, every: week }"
    desk = Desk(ledger, weekly, f"{ANA},200 %\n{BEN},100 %\n{CHO},100 %\n")
    assert owners(desk.batch(4, MONDAY)) == {ANA: 2, BEN: 1, CHO: 1}

    desk.configure(weekly, f"{ANA},100 %\n{BEN},100 %\n{CHO},200 %\n")

    assert owners(desk.batch(4, MONDAY + 100 * HOUR)) == {ANA: 2, BEN: 1, CHO: 1}
    assert owners(desk.batch(4, MONDAY + 7 * 24 * HOUR)) == {ANA: 1, BEN: 1, CHO: 2}


def test_planning_works_results_out_without_keeping_them(ledger: Ledger) -> None:
    desk = Desk(ledger, "weights: { from: conversion }")
    lead = Lead(LeadKey("salesforce", "00D", "Lead", "00Q"), MONDAY, MONDAY, {"email": "x@firm.example"})

    with ledger.reading() as tx:
        (planned,) = plan(tx, ledger, desk.book, [Wanted(lead)], MONDAY)
        assert results.load(tx) == []

    assert planned.decision.owner == ANA


def test_weights_from_conversion_follow_what_became_of_the_leads(ledger: Ledger) -> None:
    desk = Desk(ledger, "weights: { from: conversion, floor: 0.25, ceiling: 4, every: week }")
    for made in desk.batch(90, MONDAY):
        if made.owner == ANA:
            with ledger.writing() as tx:
                decisions.event(tx, made.lead, 0, "gone", MONDAY, MONDAY, {"why": "converted"})

    assert owners(desk.batch(30, MONDAY + HOUR)) == {ANA: 10, BEN: 10, CHO: 10}
    after = owners(desk.batch(30, MONDAY + 7 * 24 * HOUR))
    # 30 of 40 and 0 of 40, beside a usual quarter, each with 20 leads of the usual kind: 2.33 and 0.33.
    assert after == {ANA: 24, BEN: 3, CHO: 3}


def test_weights_follow_what_became_of_similar_leads_where_there_are_enough(ledger: Ledger) -> None:
    desk = Desk(ledger, "weights: { from: conversion, similar: [industry], floor: 0.25, ceiling: 4, every: week }")
    for industry, best in (("Banking", ANA), ("retail", BEN)):
        for made in desk.batch(90, MONDAY, industry=industry):
            if made.owner == best:
                with ledger.writing() as tx:
                    decisions.event(tx, made.lead, 0, "gone", MONDAY, MONDAY, {"why": "converted"})
    desk.batch(19, MONDAY, industry="toys")

    week = MONDAY + 7 * 24 * HOUR
    # Of both kinds a third was converted, by one of three: 30 of 30, 0 of 30; Cho by nobody of 60.
    shared = {of: owners(desk.batch(60, week, industry=of)) for of in ("banking", "Retail", "toys")}

    assert shared["banking"][ANA] == shared["Retail"][BEN] > 40
    assert shared["banking"][CHO] < shared["banking"][BEN] < 15
    assert shared["toys"][ANA] == pytest.approx(shared["toys"][BEN], abs=1)
    with ledger.reading() as tx:
        found = results.load(tx)
    assert {one.kind for one in found} == {"", "industry banking", "industry retail"}
    assert {one.source for one in found} == {"conversion by industry"}


def test_kinds_of_leads_stand_for_the_period_and_whoever_joins_meanwhile_goes_by_all_his_leads(ledger: Ledger) -> None:
    desk = Desk(ledger, "weights: { from: conversion, similar: [industry], every: week }")
    for made in desk.batch(60, MONDAY, industry="banking"):
        if made.owner == ANA:
            with ledger.writing() as tx:
                decisions.event(tx, made.lead, 0, "gone", MONDAY, MONDAY, {"why": "converted"})
    assert owners(desk.batch(30, MONDAY + HOUR, industry="banking")) == {ANA: 10, BEN: 10, CHO: 10}
    week = MONDAY + 7 * 24 * HOUR
    first = owners(desk.batch(60, week, industry="banking"))
    desk.configure(desk.keys, members=(ANA, BEN, CHO, TOM))

    second = owners(desk.batch(60, week + HOUR, industry="banking"))

    assert first[ANA] == 40 and second[TOM] > second[BEN]
    with ledger.reading() as tx:
        assert TOM not in {one.rep for one in results.load(tx) if one.kind}


def test_a_value_that_does_not_divide_evenly_drifts_by_less_than_a_thousandth_of_a_cent_a_lead(ledger: Ledger) -> None:
    desk = Desk(ledger, "balance_by: deal_size")
    for at in range(6):
        desk.batch(5, MONDAY + at * HOUR, deal_size=0.1)

    made = desk.batch(1, MONDAY + 9 * HOUR, deal_size=0.1)[0]

    assert all(abs(candidate.ahead or 0) < 0.03 for candidate in candidates_of(made.explanation.pools[0]))


def test_a_credit_for_an_absence_is_made_good_over_batches(ledger: Ledger) -> None:
    desk = Desk(ledger, "after_absence: { credit: 2, expires: 2 business days }")
    with ledger.writing() as tx:
        people.add_absence(tx, Absence(ANA, MONDAY, MONDAY + 24 * HOUR))
    for at in range(4):
        assert owners(desk.batch(3, MONDAY + at * HOUR)).get(ANA) is None

    assert owners(desk.batch(12, MONDAY + 25 * HOUR)) == {ANA: 6, BEN: 3, CHO: 3}
