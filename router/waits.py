"""Reviews, hand-overs, and where a lead goes when the limit of a wait is over.

What a limit leads to is a word that the decision carries (`Decision.then`), so that whoever sees to limits needs to
know nothing of rules: it gives the word back, and `decide` goes on from there.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from domain import hours
from domain.decisions import Decision, Outcome, TakesOver
from domain.people import Pool
from domain.targets import choose, ends
from router.availability import moment
from router.placing import OFFER, TERRITORY_POOL, Placed, Search
from router.review import until
from router.rules import Answer, HandOver, Review, RuleSet, Wait

NO_ANSWER: Answer = "no_answer"

POOL = "pool:"
"""Before the name of the pool that a lead is handed over to."""

QUEUE = "queue:"
"""Before the name of the queue that somebody puts a lead in, or that a ladder puts it back to."""

PUT_BACK = "put in a queue"
"""The title of the decision that puts a lead there."""

GIVEN_BACK = "back to "
"""Before the address of whom a lead was taken from for a breach that was none."""

RETURN = "given back"
"""The title of the decision that gives it back."""

ATTEMPTED = "attempted"
"""Where a lead goes with which all attempts came to nothing: the review that its tier names. With an answer behind it
(`attempted:approved`), what follows from that."""


def reviewed(search: Search, review: Review) -> Placed:
    """The lead lies in the review's queue until somebody says yes or no."""
    manager = search.rules.manager_of(review.queue) or search.rules.last_resort
    rep = search.rules.reps.get(manager or "")
    calendar = (search.rules.calendars.get(rep.hours or "") if rep else None) or hours.always()
    who = search.roster.name(manager) if manager else "somebody"
    return Placed(
        Outcome.REVIEW,
        f"{who} looks at it first",
        responsible=manager,
        queue=review.queue,
        until=ends(calendar, search.now, review.limit),
        then=NO_ANSWER,
        waits_for="review",
        calendar=calendar,
    )


def handed_over(search: Search, placed: Placed, hand_over: HandOver | None) -> Placed:
    """The same place, and the pool that takes over when it opens next. Where it was open when the lead arrived there is
    nothing to hand over; where it has opened since, it has the lead at once."""
    if hand_over is None or placed.outcome not in _HANDED_OVER:
        return placed
    name = search.facts.get(TERRITORY_POOL) if hand_over.pool == TERRITORY_POOL else hand_over.pool
    pool = search.rules.pools.get(str(name))
    if pool is None:
        return placed
    calendar, arrived = search.rules.calendar_of(pool), search.case.lead.created_at
    try:
        opening = hours.next_opening(calendar, search.now)
    except hours.OutOfReach:  # it never opens again
        return placed
    if opening <= search.now:
        return (search.pool(pool.name) if hours.next_opening(calendar, arrived) > arrived else None) or placed
    placed = replace(placed, reason=f"{placed.reason}; {pool.name} takes over at {moment(opening)}")
    if placed.outcome == Outcome.ASSIGNED:
        return replace(placed, until=opening, then=f"{POOL}{pool.name}")
    return replace(placed, takes_over=TakesOver(pool.name, opening))


_HANDED_OVER = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.WAITING})


def to_be_handed_over(decision: Decision) -> str | None:
    """The pool that takes over from whoever has the lead, where that was decided."""
    if decision.takes_over:
        return decision.takes_over.pool
    then = decision.then or ""
    return then.removeprefix(POOL) if decision.outcome == Outcome.ASSIGNED and then.startswith(POOL) else None


def lasts_until(decision: Decision, rules: RuleSet, since: datetime) -> datetime | None:
    """When a step of a chain that was decided is over if its time begins at `since`; None where it is no such step, or
    the chain is another one by now."""
    pool, then = rules.pools.get(decision.pool or ""), decision.then or ""
    waits_for: Wait | None = _WAITS_FOR.get(decision.outcome)
    if pool is None or waits_for is None or not then.startswith(OFFER):
        return None
    step = next((step for at, step in enumerate(pool.offer, 1) if then == f"{OFFER}{at}"), None)
    own, calendar = rules.limits.get(decision.tier or "", {}).get(waits_for), rules.calendar_of(pool)
    if own and own.calendar:
        whose = rules.around(
            decision.owner or decision.responsible, decision.pool, decision.explanation.values.get("timezone")
        )
        calendar = choose(own.calendar, rules.hours, whose).calendar
    limit = own.within if own else step.limit if step else None
    return ends(calendar, since, limit) if limit else None


_WAITS_FOR: Mapping[Outcome, Wait] = {Outcome.OFFERED: "accept", Outcome.WAITING: "claim"}


def goes_on(search: Search, word: str) -> Placed | None:
    """Where the lead goes when a limit is over that this word was given for; None where that is nobody, or no such
    word."""
    if word.startswith(OFFER):
        pool = search.rules.pools.get(search.case.pool or "")
        step = word.removeprefix(OFFER)
        return search.offered(pool, int(step)) if pool and step.isdecimal() else None
    if word.startswith(POOL):
        return search.pool(word.removeprefix(POOL))
    if word.startswith(QUEUE):
        return _put_in(search, word.removeprefix(QUEUE))
    if word == ATTEMPTED:
        review = search.rules.follow_ups.get(search.case.tier or "")
        return reviewed(search, review) if review else None
    return None


def _put_in(search: Search, name: str) -> Placed | None:
    """The lead waits in the queue until somebody takes it, for a day at most, unless its tier says for how long; then
    its manager has it. A pool has a queue of its own name."""
    pool = search.rules.pools.get(name)
    manager = search.rules.manager_of(name) or (pool.manager if pool else None)
    if manager is None:
        return None
    return Placed(
        Outcome.WAITING,
        f"it waits in {name}",
        responsible=manager,
        pool=pool.name if pool else None,
        queue=name,
        until=until(search.now),
        then=manager,
        waits_for="claim",
        calendar=search.rules.calendar_of(pool) if pool else hours.always(),
    )


_STEPS: Mapping[str, str] = {
    "next": "it is offered to the next in turn",
    "backup": "it is offered to the reserve",
    "everyone": "it is open to everyone of the pool",
    "manager": "it goes to the manager",
    "person": "it goes to {}",
    "pool": "it is offered to pool {}",
    "queue": "it waits in {}",
}


def said(then: str | None, pool: Pool | None) -> str:
    """The word as a sentence has it: `it goes to …`."""
    if then is None:
        return "it is decided again by the rules"
    if then == NO_ANSWER:
        return "what the rule says of a review without an answer happens"
    if then.startswith(POOL):
        return f"pool {then.removeprefix(POOL)} takes over"
    if then.startswith(OFFER):
        at = int(then.removeprefix(OFFER))
        step = pool.offer[at] if pool and at < len(pool.offer) else None
        return _STEPS[step.to].format(step.name) if step else "the next step of the chain has its turn"
    return f"it goes to {then}"
