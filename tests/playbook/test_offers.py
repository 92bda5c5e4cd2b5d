"""`offer` of a pool: a chain that always ends in somebody."""

import pytest

from domain.hours import Span
from domain.people import OfferStep
from router.rules import TierLimit
from tests.playbook.writing import loaded, problems, with_words

POOL = "enterprise: { manager: tom@acme.example, "


def with_offer(chain: str, more: str = "") -> dict[str, str]:
    return with_words("teams", POOL, f"{POOL}{more}offer: {chain}, ")


def test_a_chain_says_who_for_how_long_and_then_what() -> None:
    chain = (
        "[ { to: next, for: 15 min }, { to: marketing, for: 1 h }, { to: everyone, for: 30 min }, "
        "{ to: tom@acme.example } ]"
    )
    assert loaded(with_offer(chain)).rules.pools["enterprise"].offer == (
        OfferStep("next", limit=Span(900, "working")),
        OfferStep("queue", "marketing", Span(3600, "working")),
        OfferStep("everyone", limit=Span(1800, "working")),
        OfferStep("person", "tom@acme.example"),
    )


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        pytest.param("[ { to: next }, { to: manager } ]", "T112 say for how long, such as `for: 15 min`", id="no end"),
        pytest.param(
            "[ { to: next, for: 15 min } ]", "T112 let it end in a person or in `manager`", id="ends in nobody"
        ),
        pytest.param(
            "[ { to: next, for: 1 h }, { to: manager, for: 1 h } ]",
            "T112 take it out, or add a step `{ to: manager }`",
            id="a limit with nothing after it",
        ),
        pytest.param(
            "[ { to: backup, for: 1 h }, { to: manager } ]",
            "T112 give the pool a `backup`, or take the step out",
            id="no reserve",
        ),
        pytest.param(
            "[ { to: nxt, for: 1 h }, { to: manager } ]", "N114 there are: enterprise, marketing", id="no such place"
        ),
        pytest.param(
            "[ { to: eva@acme.example } ]",
            "N102 there are: ana@acme.example, ben@acme.example, tom@acme.example",
            id="no such person",
        ),
        pytest.param("[]", "V101 ", id="no step"),
        pytest.param(
            "[ { to: next, for: 99999999 h }, { to: manager } ]",
            "V106 it is a year at most: `366 calendar days`, `8784 h elapsed`",
            id="without end",
        ),
    ],
)
def test_a_chain_that_cannot_be_meant_is_a_problem(chain: str, expected: str) -> None:
    assert expected in [f"{each.id} {each.hint}" for each in problems(with_offer(chain))]


def test_a_tier_may_have_limits_of_its_own() -> None:
    texts = with_words("sla", "hot: { when: otherwise, ", "hot: { when: otherwise, time_to_accept: 5 min, ")
    assert loaded(texts).rules.limits["hot"] == {"accept": TierLimit(Span(300, "working"))}
