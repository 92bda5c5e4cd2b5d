"""A lead that machines cannot place has a person who answers for it."""

from dataclasses import replace

import pytest

from domain.decisions import Cause, Outcome
from router.review import to_review
from router.rules import Assign
from tests.router.office import ANA, EVE, INBOUND, MIA, MONDAY_TEN, TOM, case, rules


@pytest.mark.parametrize(
    ("pool", "owner", "responsible"),
    [
        pytest.param("inbound", ANA, MIA, id="the manager of its pool"),
        pytest.param(None, ANA, TOM, id="without a pool, the owner's manager"),
        pytest.param(None, None, EVE, id="without either, whoever the fallback names"),
    ],
)
def test_a_review_names_who_looks(pool: str | None, owner: str | None, responsible: str) -> None:
    book = rules(pools=(replace(INBOUND, manager=MIA),), fallback=Assign(to=EVE))
    stuck = replace(case(), cycle=3, cause=Cause.WRITE_REFUSED, pool=pool, owner=owner, tier="hot")

    decision = to_review(stuck, book, MONDAY_TEN, "3 attempts in a row came to nothing")

    assert (decision.outcome, decision.owner, decision.responsible) == (Outcome.REVIEW, None, responsible)
    assert decision.reason == "3 attempts in a row came to nothing: a person has to look"
