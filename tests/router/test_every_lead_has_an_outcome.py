"""Whoever is there and whatever the rules say, every decision is one that can be carried out."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decisions import Cause, Outcome
from domain.hours import Span
from domain.people import Member, Overflow, Pool, ToPerson, Wait, WhenNobody, WhenNobodyStep
from router.conditions import ALWAYS, Compare
from router.decide import Case, Standing, State, consulted, decide, fold
from router.rules import Assign, Disqualify, Nurture, Rule, RuleSet
from tests.router.office import EVERYBODY, MONDAY_NIGHT, MONDAY_TEN, REPS, RULES, away, lead

people = st.sampled_from(EVERYBODY)
pool_names = st.sampled_from(["north", "south"])
steps: st.SearchStrategy[WhenNobodyStep | None] = st.one_of(
    st.none(),
    st.builds(Wait, st.just(Span(3600)), st.sampled_from(["manager", *EVERYBODY])),
    st.builds(Overflow, pool_names),
    st.builds(ToPerson, st.sampled_from(["manager", *EVERYBODY])),
)
pools = st.fixed_dictionaries(
    {
        name: st.builds(
            Pool,
            st.just(name),
            st.lists(st.builds(Member, people, st.integers(1, 5)), max_size=4, unique_by=lambda one: one.rep).map(
                tuple
            ),
            manager=st.none() | people,
            rotation=st.sampled_from(["", "shared"]),
            backup=st.lists(people, max_size=2, unique=True).map(tuple),
            hours=st.sampled_from([None, "ignore", "office"]),
            when_nobody=st.builds(WhenNobody, steps, steps, steps),
        )
        for name in ("north", "south")
    }
)
targets = st.one_of(
    st.builds(Assign, pool=pool_names | st.just("territory.pool")),
    st.builds(Assign, to=st.sampled_from(["manager", "account.owner", *EVERYBODY])),
)
chains = st.builds(replace, targets, otherwise=st.none() | targets)
outcomes = st.one_of(chains, chains, st.just(Nurture("marketing")), st.just(Disqualify("no_fit")))
whens = st.sampled_from([ALWAYS, Compare("country", "equals", "DE"), Compare("country", "equals", "FR")])
books = st.builds(
    lambda ordered, found, fallback: replace(RULES, rules=tuple(ordered), pools=found, fallback=fallback),
    st.lists(st.builds(Rule, st.just("rule"), outcomes, whens), max_size=3),
    pools,
    chains,
)
states = st.builds(
    lambda standing, absences: State(standing=standing, absences=tuple(absences)),
    st.dictionaries(people, st.builds(Standing, st.booleans(), st.booleans(), st.integers(0, 3))),
    st.lists(st.builds(away, people, st.none() | people), max_size=4),
)
cases = st.builds(
    Case,
    st.just("9f0c2b1e5d7a4c33/0"),
    st.just(lead(country="DE")),
    cause=st.sampled_from([Cause.NEW, Cause.SLA, Cause.LIMIT, Cause.REJECTED]),
    had=st.lists(people, max_size=3, unique=True).map(tuple),
    to=st.sampled_from([None, None, "next", "backup", "manager", *EVERYBODY]),
    pool=st.none() | pool_names,
    owner=st.none() | people,
)


@settings(max_examples=400, deadline=None)
@given(cases, books, states, st.sampled_from([MONDAY_TEN, MONDAY_NIGHT]))
def test_every_decision_can_be_carried_out(case: Case, book: RuleSet, state: State, now: datetime) -> None:
    decision = decide(case, book, state, now)

    match decision.outcome:
        case Outcome.ASSIGNED:
            owner = decision.owner or ""
            assert state.standing[owner].known
            assert state.standing[owner].active
            assert decision.responsible == owner
            assert owner not in {absence.rep for absence in state.absences}
        case Outcome.WAITING:
            assert decision.owner is None
            assert decision.until is not None
            assert decision.until > decision.decided_at
            assert decision.then in REPS
            assert decision.queue in book.pools
        case Outcome.REVIEW:
            assert decision.owner is None
        case _:
            assert case.to is None
            assert decision.turn is None


@settings(max_examples=200, deadline=None)
@given(cases, books, states)
def test_every_decision_is_made_again_from_what_is_stored(case: Case, book: RuleSet, state: State) -> None:
    before = fold(state, decide(case, book, state, MONDAY_TEN))
    decision = decide(case, book, before, MONDAY_TEN)

    assert decide(case, book, consulted(decision, book, before), MONDAY_TEN) == decision


@settings(max_examples=200, deadline=None)
@given(cases, books, states)
def test_a_turn_goes_only_to_somebody_who_has_not_had_the_lead(case: Case, book: RuleSet, state: State) -> None:
    decision = decide(case, book, state, MONDAY_TEN)

    assert decision.turn is None or decision.turn.rep == decision.owner not in case.had
