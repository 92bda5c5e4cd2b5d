"""What limits and weights are worked out from: leads that people were given, and what became of them."""

from datetime import timedelta

from domain.decisions import Cause, Explanation
from ledger import decisions, leads, results, rotations
from ledger.decisions import Recorded
from ledger.results import Converted, Result
from ledger.store import Ledger
from router.decide import Given
from tests.ledger.examples import ANA, BEN, CHO, NINE, decision, key, lead, minutes

HOUR_AGO = NINE - minutes(60)


def test_leads_are_counted_since_each_moment_that_matters_and_not_when_their_turn_came_back(ledger: Ledger) -> None:
    at = [NINE, HOUR_AGO, HOUR_AGO - timedelta.resolution, NINE - timedelta(days=3)]
    with ledger.deciding() as tx:
        decisions.record(tx, [Recorded(decision(number, decided_at=moment), {}) for number, moment in enumerate(at)])
        decisions.record(tx, [Recorded(decision(8, owner=BEN, decided_at=NINE), {})])
        decisions.record(tx, [Recorded(decision(9, owner=None, decided_at=NINE), {})])
        decisions.record(tx, [Recorded(decision(8, 1, cause=Cause.REJECTED, owner=ANA, decided_at=NINE), {})])
        rotations.give_back(tx, decision(8).id)

        day = NINE - timedelta(days=1)
        assert decisions.given(tx, {ANA: {HOUR_AGO, day}, BEN: {day}, CHO: {HOUR_AGO}}) == {
            ANA: (Given(day, 4), Given(HOUR_AGO, 3)),
            BEN: (Given(day, 0),),
            CHO: (Given(HOUR_AGO, 0),),
        }
        assert decisions.given(tx, {}) == {}


def test_results_stand_until_others_take_their_place(ledger: Ledger) -> None:
    first = [Result("dach", ANA, 1.25, "quota.csv", NINE), Result("dach", BEN, 0.1, "quota.csv", NINE)]
    with ledger.writing() as tx:
        results.save(tx, first)
        results.save(tx, [Result("dach", BEN, 0.7, "conversion", NINE + minutes(1))])
        results.save(tx, [])

        assert results.load(tx) == [first[0], Result("dach", BEN, 0.7, "conversion", NINE + minutes(1))]


def test_conversions_are_those_of_the_pools_own_leads_of_late(ledger: Ledger) -> None:
    given = [
        (ANA, "dach", NINE),
        (ANA, "dach", NINE),
        (BEN, "dach", NINE),
        (ANA, "west", NINE),
        (BEN, "dach", HOUR_AGO),
    ]
    with ledger.writing() as tx:
        for number, (owner, pool, at) in enumerate(given):
            made = decision(number, owner=owner, pool=pool, decided_at=at)
            leads.remember(tx, [leads.Begun(lead(number), made)])
            why = "deleted" if number == 2 else "converted"
            if number != 1:
                decisions.event(tx, key(number), 0, "gone", NINE, NINE, {"why": why})

        found = results.conversions(tx, "dach", [ANA, BEN, CHO], NINE)

    assert found == {ANA: Converted(2, 1), BEN: Converted(1, 0), CHO: Converted(0, 0)}


def test_conversions_by_kind_look_at_what_the_latest_decision_knew(ledger: Ledger) -> None:
    industries = {1: "banking", 2: "banking", 3: "retail", 4: "banking"}
    with ledger.deciding() as tx:
        for number, industry in industries.items():
            made = decision(number, owner=BEN if number == 4 else ANA, explanation=Explanation({"industry": industry}))
            decisions.record(tx, [Recorded(made, {})])
            leads.remember(tx, [leads.Begun(lead(number), made)])
        for number, why in ((1, "converted"), (2, "deleted"), (4, "converted")):
            decisions.event(tx, key(number), 0, "gone", NINE, NINE, {"why": why})

        found = results.conversions_by_kind(tx, "dach", [ANA, BEN], NINE, lambda facts: str(facts["industry"]))

    assert found == {"banking": {ANA: Converted(2, 1), BEN: Converted(1, 1)}, "retail": {ANA: Converted(1, 0)}}


def test_results_by_kind_take_the_place_of_all_that_the_pool_had(ledger: Ledger) -> None:
    of = [Result("dach", ANA, 1.0, "conversion by industry", NINE, kind) for kind in ("", "industry a", "industry b")]
    other = Result("west", ANA, 2.0, "conversion by industry", NINE, "industry b")
    with ledger.writing() as tx:
        results.save(tx, [*of, other])
        results.save(tx, [of[0], of[1]])

        assert results.load(tx) == [of[0], of[1], other]
