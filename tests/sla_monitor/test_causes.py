"""Why a promise was broken: one table of facts, in which what a company did not do comes first."""

import pytest

from domain.clocks import ClockKind
from sla_monitor.causes import AGAINST_THE_OWNER, CAUSES, BreachCause, Facts, cause_of

FIRST, ANA = ClockKind.FIRST_RESPONSE, "ana@acme.example"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param(Facts(FIRST, ANA), "owner did not act", id="nothing else explains it"),
        pytest.param(Facts(ClockKind.ASSIGNMENT), "assigned late", id="nobody had it in time"),
        pytest.param(Facts(FIRST, ANA, left=0.1), "assigned late: 10% of the time was left", id="got it late"),
        pytest.param(Facts(FIRST, ANA, left=-0.5), "assigned late: 0% of the time was left", id="got it after all"),
        pytest.param(
            Facts(FIRST, ANA, left=0.1, before=True), "handed on too late: 10% of the time was left", id="from another"
        ),
        pytest.param(
            Facts(FIRST, ANA, overridden_by="ben@acme.example"), "routed wrongly: given to ben@acme.example instead",
            id="a person overrode the rules",
        ),
        pytest.param(Facts(FIRST, ANA, on_duty=False), "nobody on duty", id="it ran out at night"),
        pytest.param(Facts(ClockKind.CLAIM), "nobody took it", id="a queue"),
        pytest.param(Facts(FIRST, ANA, away=0.8), "owner absent: away for 80% of the time", id="away for most of it"),
        pytest.param(Facts(FIRST, ANA, away=0.5), "owner did not act", id="away for half of it is no excuse"),
        pytest.param(
            Facts(FIRST, ANA, open_leads=62, capacity=50), "owner over capacity: 62 open leads of at most 50", id="over"
        ),
        pytest.param(Facts(FIRST, ANA, open_leads=50, capacity=50), "owner did not act", id="full is not over"),
        pytest.param(Facts(FIRST, ANA, undelivered=True), "notification not delivered", id="never told"),
    ],
)  # fmt: skip
def test_each_breach_has_the_first_cause_that_the_facts_fit(facts: Facts, said: str) -> None:
    assert str(cause_of(facts)) == said


def test_only_an_owner_who_did_not_act_is_blamed_and_only_where_nothing_else_fits() -> None:
    assert {BreachCause.DID_NOT_ACT} == AGAINST_THE_OWNER
    assert list(CAUSES)[-1] == BreachCause.DID_NOT_ACT
    assert set(CAUSES) == set(BreachCause)
