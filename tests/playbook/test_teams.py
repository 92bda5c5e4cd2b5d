"""teams.yaml: people, pools and queues."""

import pytest

from domain.hours import Span
from domain.people import Member, Overflow, ToPerson, Wait, WhenNobody
from tests.playbook.writing import GOOD, ids, loaded, problems, with_files, with_words


def test_defaults_hold_for_everybody_who_has_nothing_of_his_own() -> None:
    texts = with_files(
        teams="""\
        defaults: { capacity: 40, hours: berlin, currency: CHF }
        reps:
          - { email: ana@acme.example, name: Ana }
          - { email: ben@acme.example, name: Ben, capacity: 5 }
        pools: { enterprise: { manager: ana@acme.example, members: [ { rep: ben@acme.example } ] } }
        queues: { marketing: { manager: ana@acme.example } }
        """
    )
    book = loaded(texts)
    ana, ben = book.rules.reps["ana@acme.example"], book.rules.reps["ben@acme.example"]
    assert (ana.hours, ana.capacity, ben.hours, ben.capacity) == ("berlin", 40, "berlin", 5)
    assert (book.currency, book.policy.default_calendar) == ("CHF", "berlin")


def test_addresses_are_the_same_in_capitals() -> None:
    texts = with_words("teams", "members: [ { rep: ana@", "members: [ { rep: Ana@")
    assert loaded(texts).rules.pools["enterprise"].members[0].rep == "ana@acme.example"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param("{ team: Field, weight: 3 }", {"ana": 3, "ben": 3}, id="a team"),
        pytest.param("{ when: { level: senior } }", {"ana": 1}, id="a condition on the rep"),
        pytest.param(
            "{ team: field }, { rep: ana@acme.example, weight: 2 }",
            {"ana": 2, "ben": 1},
            id="a line for one wins over a line for many",
        ),
    ],
)
def test_members_are_named_or_described(members: str, expected: dict[str, int]) -> None:
    texts = with_words(
        "teams", "members: [ { rep: ana@acme.example }, { rep: ben@acme.example } ]", f"members: [ {members} ]"
    )
    found = loaded(texts).rules.pools["enterprise"].members
    assert found == tuple(Member(f"{name}@acme.example", weight) for name, weight in expected.items())


def test_when_nobody_can_take_a_lead_it_waits_overflows_or_goes_to_a_person() -> None:
    texts = with_words(
        "teams",
        "enterprise: { manager: tom@acme.example,",
        "enterprise: { manager: tom@acme.example, hours: ignore, rotation: emea, backup: [tom@acme.example], "
        "when_nobody: { off_hours: { wait: 1 business day, then: Tom@acme.example }, "
        "full: { overflow: enterprise }, ineligible: manager },",
    )
    pool = loaded(texts).rules.pools["enterprise"]
    assert pool.when_nobody == WhenNobody(
        off_hours=Wait(Span(1, "business_days"), "tom@acme.example"),
        full=Overflow("enterprise"),
        ineligible=ToPerson("manager"),
    )
    assert (pool.hours, pool.account, pool.backup) == ("ignore", "emea", ("tom@acme.example",))


POOL = "enterprise: { manager: tom@acme.example, members: [ { rep: ana@acme.example }, { rep: ben@acme.example } ] }"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("rep: ben@", "rep: bem@", "N102 did you mean 'ben@acme.example'?", id="a member nobody knows"),
        pytest.param("rep: ben@", "rep: ana@", "T103 give one line the weight of both", id="a member twice"),
        pytest.param("email: ben@", "email: ana@", "N201 ", id="a person twice"),
        pytest.param("name: Tom }", "name: Tom, manager: ana@acme.example }", "T101 ", id="managers in a circle"),
        pytest.param("name: Tom }", "name: Tom, manager: tom@acme.example }", "T101 ", id="his own manager"),
        pytest.param(
            "{ rep: ana@acme.example }", "{ rep: ana@acme.example, weight: 0 }", "V106 ", id="a weight of nothing"
        ),
        pytest.param(
            "{ rep: ana@acme.example }", "{ rep: ana@acme.example, weight: heavy }", "V101 ", id="a weight in words"
        ),
        pytest.param(
            "{ rep: ana@acme.example }",
            "{ rep: ana@acme.example, team: field }",
            "K104 ",
            id="a person and a team in one line",
        ),
        pytest.param("{ rep: ana@acme.example }", "{ team: fields }", "T102 ", id="a team of nobody"),
        pytest.param(
            "email: ben@acme.example",
            "email: ben",
            "V104 people are named by the address of their CRM user",
            id="no e-mail address",
        ),
        pytest.param(
            POOL,
            POOL.replace("members:", "method: round_robin, members:").replace(
                "ana@acme.example }", "ana@acme.example, weight: 2 }"
            ),
            "T104 write `method: weighted`, or take it out",
            id="weights that change nothing",
        ),
        pytest.param(
            POOL,
            POOL.replace("members:", "method: wheighted, members:"),
            "V105 did you mean 'weighted'?",
            id="a method misspelt",
        ),
        pytest.param(
            POOL,
            POOL + "\n  small: { members: [ { rep: ana@acme.example } ], when_nobody: { full: manager } }",
            "T105 give the pool a `manager`, or name a person here",
            id="a manager whom the pool lacks",
        ),
        pytest.param(POOL, POOL + "\n  empty: { members: [] }", "T102 ", id="a pool of nobody"),
    ],
)
def test_people_and_pools_that_cannot_work_are_problems(old: str, new: str, expected: str) -> None:
    found = [f"{problem.id} {problem.hint}" for problem in problems(with_words("teams", old, new))]
    assert expected in found


def test_a_person_is_not_somebody_who_never_counts() -> None:
    texts = {**GOOD, "teams.yaml": GOOD["teams.yaml"] + "not_people: [Ana@acme.example, bot@acme.example]\n"}
    assert ids(texts) == ["T106"]


def test_nobody_waits_for_longer_than_a_year() -> None:
    texts = with_words("teams", "enterprise: {", "enterprise: { when_nobody: { off_hours: { wait: 99999999 h } },")
    (problem,) = problems(texts)
    assert problem.message.endswith("`wait` is 99999999 h: nobody would live to see it")
