"""`decide`: one lead, the rules, the state of the rotations and of the people; out comes the decision."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from domain.decisions import Cause, Decision, Explanation, Outcome, RulesTried
from domain.people import Pool, WorkingHours
from domain.targets import due_at
from router import review
from router.availability import Roster, counts, moment
from router.case import Case, Given, Standing, State
from router.considered import people_of
from router.experiments import arm_of
from router.meaning import first_that_holds, understand
from router.placing import BACKUP_OF, OFFER, Placed, Search
from router.rotation import Rotation, take
from router.rules import Answer, Assign, Disqualify, Experiment, HandOver, Nurture, Review, Rule, RuleSet, Then
from router.tried import FALLBACK, Trying
from router.waits import (
    ATTEMPTED,
    GIVEN_BACK,
    POOL,
    PUT_BACK,
    QUEUE,
    RETURN,
    goes_on,
    handed_over,
    reviewed,
    said,
    to_be_handed_over,
)

__all__ = ["Case", "Given", "Standing", "State", "consulted", "decide", "fold"]

_LONGEST_REASON = 255  # the field in the CRM


def decide(case: Case, rules: RuleSet, state: State, now: datetime) -> Decision:
    """Exactly one outcome, always. Promises: the first rule that matches decides; a rule that ends in nobody and has
    no `else` counts as one that does not match; the fallback always ends in an outcome (review with the fallback
    pool's manager where nobody at all can take the lead). The same inputs give the same decision, bit for bit."""
    rules = rules.with_hours(state.hours) if state.hours else rules
    if case.in_vain >= review.MOST_IN_VAIN:
        return review.to_review(case, rules, now, f"{case.in_vain} attempts in a row came to nothing")
    meaning = understand(case, rules, now)
    search = Search(case, meaning.facts, Roster(rules, state, now, case.had, meaning.facts))
    if case.lead.gone:
        gone = f"the record was {case.lead.gone} in the CRM"
        title, tier, placed, tried = "gone", None, Placed(Outcome.GONE, gone), RulesTried()
    elif case.to:
        title, tier, placed, tried = _handed_on(case.to, search)
    else:
        title, tier, placed, tried = _by_rules(search)
    if placed.outcome in _WITH_A_CLOCK:
        tier = tier or _tier(search, placed)
        placed = search.limited(placed, tier)
    return Decision(
        id=case.id,
        lead=case.lead.key,
        cycle=case.cycle,
        cause=case.cause,
        outcome=placed.outcome,
        rule=title,
        reason=_sentence(_until(placed, rules), title, case),
        decided_at=now,
        playbook=rules.version,
        owner=placed.owner,
        responsible=placed.responsible,
        pool=placed.pool,
        queue=placed.queue,
        tier=tier,
        until=placed.until,
        then=placed.then,
        takes_over=placed.takes_over,
        turn=placed.turn,
        arm=placed.arm,
        sets=placed.sets or {},
        explanation=Explanation(
            values=meaning.facts,
            account=case.account,
            duplicate=case.duplicate,
            rules=tried,
            pools=tuple(search.tried),
            notes=(*meaning.notes, *search.notes),
            sources=meaning.sources,
        ),
    )


def _tier(search: Search, placed: Placed) -> str | None:
    """The first tier that holds; or, of all that hold, the one whose first response is due first, and of several that
    are due together the first in the file. A tier that promises none is the last choice."""
    rules, facts = search.rules, search.facts
    if not rules.tiers:
        return None
    if not rules.strictest:
        first = first_that_holds(rules.tiers, rules.defined["tiers"], facts)
        return first.name if first else None
    holding = [rules.tiers[place].name for place in rules.defined["tiers"].all(facts)]
    if len(holding) < 2:
        return next(iter(holding), None)
    around = search.around(placed)

    def due(tier: str) -> datetime:
        promise = rules.promises.get(tier)
        if promise is None:
            return datetime.max.replace(tzinfo=UTC)
        since = search.case.lead.created_at if promise.starts == "created" and not search.case.cycle else search.now
        return due_at(promise, rules.hours, around, since)

    chosen = min(holding, key=due)
    search.notes.append(f"of the tiers {', '.join(holding)} the strictest is {chosen}")
    return chosen


_WITH_A_CLOCK = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.WAITING, Outcome.REVIEW})

_Result = tuple[str, str | None, Placed, RulesTried]
"""The rule's name, the tier that it sets, the place, and what was tried before."""


def _by_rules(search: Search) -> _Result:
    trying = Trying(search.rules, search.facts, search.now)
    while rule := trying.next_match():
        placed, instead = _outcome(rule, search)
        if placed:
            placed = handed_over(search, placed, rule.hand_over)
            placed = replace(placed, sets=rule.sets) if rule.sets else placed
            return rule.name, rule.sla, placed, trying.record()
        trying.decides_nothing(rule, instead)
    return FALLBACK, None, _fallen_back(search), trying.record(fallback=True)


def _outcome(rule: Rule, search: Search) -> tuple[Placed | None, str]:
    """The place, or why the rule decides nothing although it matches."""
    match rule.then:
        case Review():
            return _review_of(rule.name, rule.then, search)
        case Experiment():
            arm = arm_of(rule.then, search.case.lead, search.rules.free_mail)
            placed, instead = _place(arm.then, search)
            name = f"{rule.then.name}: {arm.name}"
            compared = f", to be compared by {rule.then.goal}" if rule.then.goal else ""
            search.notes.append(f"experiment {rule.then.name}: this {rule.then.per} is in arm {arm.name}{compared}")
            return (replace(placed, arm=name, reason=f"{placed.reason} ({name})") if placed else None), instead
        case _:
            return _place(rule.then, search)


def _review_of(name: str, wanted: Review, search: Search) -> tuple[Placed | None, str]:
    answer = search.case.reviews.get(name)
    if answer is None:
        return reviewed(search, wanted), ""
    then = wanted.after(answer)
    if then is None:
        return None, f"the review is {answer.replace('_', ' ')}: the other rules decide"
    return _place(then, search, wanted.queue)


def _place(then: Then, search: Search, queue: str | None = None) -> tuple[Placed | None, str]:
    placed = _placed(then, search, queue)
    return placed, "" if placed else "but it ends in nobody"


def _placed(then: Then, search: Search, reviewed_in: str | None) -> Placed | None:
    match then:
        case Assign():
            manager = search.rules.manager_of(reviewed_in) if reviewed_in and then.to == "manager" else None
            return search.address(manager) if manager else search.assign(then)
        case Nurture(queue=queue):
            kept = f"not for sales yet; kept in {queue}"
            return Placed(Outcome.NURTURED, kept, queue=queue, responsible=search.rules.manager_of(queue))
        case Disqualify(reason):
            return Placed(Outcome.DISQUALIFIED, f"not for sales: {reason}")


def _fallen_back(search: Search) -> Placed:
    """Always a place: the fallback's, else the manager who answers for it, else a review."""
    rules = search.rules
    pool = rules.fallback.pool if rules.fallback.pool in rules.pools else None
    return search.assign(rules.fallback) or search.manager(None, pool) or _review(search, pool)


def _review(search: Search, pool: str | None) -> Placed:
    because = "nobody can take this lead now: a person has to look"
    responsible = search.rules.last_resort
    return Placed(Outcome.REVIEW, because, responsible=responsible, pool=pool, until=review.until(search.now))


def _handed_on(to: str, search: Search) -> _Result:
    """Where a ladder or a limit sends a lead that was not taken up; the tier stays. Without anybody in the place that
    is named: the manager, then the rules' fallback."""
    case = search.case
    pool = search.rules.pools.get(case.pool or "")
    placed: Placed | None = None
    if to.startswith(f"{ATTEMPTED}:"):
        return _after_attempts(to.removeprefix(f"{ATTEMPTED}:"), search)
    match to:
        case "next" if pool:
            placed = search.rotation(pool)
        case "backup" if pool:
            placed = search.backup(pool)
        case _ if "@" in to and not to.startswith(POOL):
            placed = search.address(to.removeprefix(GIVEN_BACK).lower())
        case _:
            placed = goes_on(search, to)
    title = next((title for start, title in _TITLES.items() if to.startswith(start)), f"handed on: {to}")
    placed = placed or search.manager(case.owner, case.pool)
    tried = RulesTried(fallback=placed is None)
    placed = handed_over(search, placed or _fallen_back(search), HandOver(case.hand_over) if case.hand_over else None)
    return title, case.tier, placed, tried


NO_CONTACT = "no contact after all attempts"
"""The title of the decision that has a lead reviewed with which all attempts came to nothing."""


def _after_attempts(answer: str, search: Search) -> _Result:
    """What follows when the review of a lead without contact has ended. `continue` is all rules again."""
    review = search.rules.follow_ups.get(search.case.tier or "")
    then = review.after(_ANSWERS[answer]) if review and answer in _ANSWERS else None
    if then is None:
        return _by_rules(search)
    placed, _ = _place(then, search, review.queue if review else None)
    title, tried = f"{NO_CONTACT}: {answer.replace('_', ' ')}", RulesTried(fallback=placed is None)
    return title, search.case.tier, placed or _fallen_back(search), tried


_ANSWERS: Mapping[str, Answer] = {"approved": "approved", "rejected": "rejected", "no_answer": "no_answer"}

_TITLES = {OFFER: "next offer", POOL: "handed over", QUEUE: PUT_BACK, ATTEMPTED: NO_CONTACT, GIVEN_BACK: RETURN}

_BEFORE: Mapping[Cause, str] = {
    Cause.HAND_OVER: "it is day again",
    Cause.SLA: "not answered in time",
    Cause.LIMIT: "the wait is over",
    Cause.REJECTED: "declined",
    Cause.WRITE_REFUSED: "the CRM refused the owner before",
    Cause.ADMIN: "by hand",
}


def _until(placed: Placed, rules: RuleSet) -> str:
    """The reason, and how long it is the lead's place."""
    if placed.until is None or placed.waits_for is None:
        return placed.reason
    then = said(placed.then, rules.pools.get(placed.pool or ""))
    return f"{placed.reason}; until {moment(placed.until)}, then {then}"


def _sentence(reason: str, title: str, case: Case) -> str:
    """What a sales person reads on the record: what happened before, whose it is now, and by which rule."""
    before = f"{_BEFORE[case.cause]}; " if case.cause in _BEFORE else ""
    if case.to == ATTEMPTED:
        before = f"{NO_CONTACT}; "
    elif case.to and case.to.startswith(GIVEN_BACK):
        before = "answered in time after all, and logged late; "
    rule = "" if case.to or case.lead.gone else f" (rule: {title})"
    text = f"{before}{reason}{rule}."
    text = f"{text[:1].upper()}{text[1:]}"
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def fold(state: State, decision: Decision) -> State:
    """The state after the decision: the turn is taken, and the owner has one more open lead."""
    rotations, standing = state.rotations, state.standing
    if decision.turn:
        name = decision.turn.rotation
        rotations = {**rotations, name: take(rotations.get(name, Rotation(name)), decision.turn)}
    given = state.given
    if decision.owner and decision.owner in standing:
        before = standing[decision.owner]
        standing = {**standing, decision.owner: replace(before, open_leads=before.open_leads + 1)}
    if decision.owner and decision.owner in given:
        counted = tuple(replace(one, leads=one.leads + 1) for one in given[decision.owner])
        given = {**given, decision.owner: counted}
    return replace(state, rotations=rotations, standing=standing, given=given)


def consulted(decision: Decision, rules: RuleSet, state: State) -> State:
    """The part of `state` that the decision could have depended on: enough to decide it again, small enough to
    store."""
    people = {rep for tried in decision.explanation.pools for rep in people_of(tried)}
    pools = _asked(decision, rules)
    kinds = {pool.name: state.kind(pool, decision.explanation.values) for pool in pools}
    away = {absence.rep for absence in state.absences if counts(absence, None, rules, decision.decided_at)}
    return State(
        rotations={
            account: _only(state.rotations[account], people)
            for pool in pools
            for account in pool.accounts(kinds[pool.name])
            if account in state.rotations
        },
        standing={rep: standing for rep, standing in state.standing.items() if rep in people},
        absences=tuple(
            absence
            for absence in state.absences
            if absence.rep in people
            and (
                any(counts(absence, pool, rules, decision.decided_at) for pool in (*pools, None))
                # Whether somebody who is away is back in time depends on what follows.
                or (absence.rep in away and absence.starts > decision.decided_at and not absence.meeting)
            )
        ),
        given={rep: state.given[rep] for pool in pools if pool.limits for rep in state.given if rep in people},
        results={pool.name: state.results[pool.name] for pool in pools if pool.name in state.results},
        hours=_hours(people | _whose_hours_count(decision, rules, pools), state) if state.hours else {},
        similar={name: {kind: state.similar[name][kind]} for name, kind in kinds.items() if kind},
        breaking={rep: said for rep, said in state.breaking.items() if rep in people},
    )


def _whose_hours_count(decision: Decision, rules: RuleSet, pools: Iterable[Pool]) -> set[str]:
    """Whoever answers for the lead, and the people by whom the pools' own hours go: a pool without a calendar has its
    members'. Of a pool that the lead is handed over to later nobody was asked so far."""
    later = rules.pools.get(to_be_handed_over(decision) or "")
    looked_at = [*pools, *([later] if later else [])]
    members = {rep for pool in looked_at for rep in pool.reps}
    managers = {pool.manager for pool in looked_at} | {decision.owner, decision.responsible}
    return members | {one for one in managers if one}


def _hours(people: set[str], state: State) -> dict[str, WorkingHours]:
    return {rep: state.hours[rep] for rep in sorted(people) if rep in state.hours}


def _asked(decision: Decision, rules: RuleSet) -> list[Pool]:
    """The pools whose members or reserve were asked."""
    names = dict.fromkeys(tried.pool.removeprefix(BACKUP_OF) for tried in decision.explanation.pools)
    return [rules.pools[name] for name in names if name in rules.pools]


def _only(rotation: Rotation, people: set[str]) -> Rotation:
    return Rotation(rotation.name, {rep: account for rep, account in rotation.accounts.items() if rep in people})
