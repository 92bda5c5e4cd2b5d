"""`decide`: one lead, the rules, the state of the rotations and of the people; out comes the decision."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from domain.decisions import Cause, Decision, Explanation, Outcome, RuleTried
from router import review
from router.availability import Roster
from router.case import Case, Standing, State
from router.conditions import check
from router.meaning import first_that_holds, understand
from router.placing import Placed, Search
from router.rotation import Rotation, take
from router.rules import Assign, Disqualify, Nurture, Rule, RuleSet

__all__ = ["Case", "Standing", "State", "consulted", "decide", "fold"]

FALLBACK = "fallback"
_LONGEST_REASON = 255  # the field in the CRM


def decide(case: Case, rules: RuleSet, state: State, now: datetime) -> Decision:
    """Exactly one outcome, always. Promises: the first rule that matches decides; a rule that ends in nobody and has
    no `else` counts as one that does not match; the fallback always ends in an outcome (review with the fallback
    pool's manager where nobody at all can take the lead). The same inputs give the same decision, bit for bit."""
    if case.in_vain >= review.MOST_IN_VAIN:
        return review.to_review(case, rules, now, f"{case.in_vain} attempts in a row came to nothing")
    meaning = understand(case, rules, now)
    search = Search(case, meaning.facts, Roster(rules, state, now, case.had))
    tried: list[RuleTried] = []
    if case.lead.gone:
        gone = f"the record was {case.lead.gone} in the CRM"
        title, tier, placed = "gone", None, Placed(Outcome.GONE, gone)
    elif case.to:
        title, tier, placed = _handed_on(case.to, search, tried)
    else:
        title, tier, placed = _by_rules(search, tried)
    if placed.outcome in _WITH_A_CLOCK:
        tier = tier or first_that_holds(rules.tiers, meaning.facts)
    return Decision(
        id=case.id,
        lead=case.lead.key,
        cycle=case.cycle,
        cause=case.cause,
        outcome=placed.outcome,
        rule=title,
        reason=_sentence(placed.reason, title, case),
        decided_at=now,
        playbook=rules.version,
        owner=placed.owner,
        responsible=placed.responsible,
        pool=placed.pool,
        queue=placed.queue,
        tier=tier,
        until=placed.until,
        then=placed.then,
        turn=placed.turn,
        sets=placed.sets,
        explanation=Explanation(
            values=meaning.facts,
            account=case.account,
            duplicate=case.duplicate,
            rules=tuple(tried),
            pools=tuple(search.tried),
            notes=meaning.notes,
            sources=meaning.sources,
        ),
    )


_WITH_A_CLOCK = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.WAITING, Outcome.REVIEW})

_Result = tuple[str, str | None, Placed]
"""The rule's name, the tier that it sets, and the place."""


def _by_rules(search: Search, tried: list[RuleTried]) -> _Result:
    for rule in search.rules.rules:
        if reason := _not_in_force(rule, search.now):
            tried.append(RuleTried(rule.name, False, reason))
            continue
        held = check(rule.when, search.facts)
        placed = _outcome(rule, search) if held.held else None
        because = f"{held.because}; but it ends in nobody" if held.held and not placed else held.because
        tried.append(RuleTried(rule.name, placed is not None, because))
        if placed:
            return rule.name, rule.sla, replace(placed, sets=rule.sets)
    return _fallen_back(search, tried)


def _not_in_force(rule: Rule, now: datetime) -> str | None:
    today = now.astimezone(UTC).date()
    if rule.starts and today < rule.starts:
        return f"it is in force from {rule.starts}"
    if rule.ends and today > rule.ends:
        return f"it was in force until {rule.ends}"
    return None


def _outcome(rule: Rule, search: Search) -> Placed | None:
    match rule.then:
        case Assign():
            return search.assign(rule.then)
        case Nurture(queue):
            manager = search.rules.queues[queue].manager if queue in search.rules.queues else None
            return Placed(Outcome.NURTURED, f"not for sales yet; kept in {queue}", queue=queue, responsible=manager)
        case Disqualify(reason):
            return Placed(Outcome.DISQUALIFIED, f"not for sales: {reason}")


def _fallen_back(search: Search, tried: list[RuleTried]) -> _Result:
    """Always a place: the fallback's, else the manager who answers for it, else a review."""
    rules = search.rules
    pool = rules.fallback.pool if rules.fallback.pool in rules.pools else None
    placed = search.assign(rules.fallback) or search.manager(None, pool) or _review(search, pool)
    tried.append(RuleTried(FALLBACK, True, "no rule decides"))
    return FALLBACK, None, placed


def _review(search: Search, pool: str | None) -> Placed:
    because = "nobody can take this lead now: a person has to look"
    responsible = search.rules.last_resort
    return Placed(Outcome.REVIEW, because, responsible=responsible, pool=pool, until=review.until(search.now))


def _handed_on(to: str, search: Search, tried: list[RuleTried]) -> _Result:
    """Where a ladder or a limit sends a lead that was not taken up; the tier stays. Without anybody in the place that
    is named: the manager, then the rules' fallback."""
    case = search.case
    pool = search.rules.pools.get(case.pool or "")
    placed: Placed | None = None
    match to:
        case "next" if pool:
            placed = search.rotation(pool)
        case "backup" if pool:
            placed = search.backup(pool)
        case _ if "@" in to:
            placed = search.address(to.lower())
    title = f"handed on: {to}"
    if placed := placed or search.manager(case.owner, case.pool):
        return title, case.tier, placed
    _, _, placed = _fallen_back(search, tried)
    return title, case.tier, placed


_BEFORE: Mapping[Cause, str] = {
    Cause.SLA: "not answered in time",
    Cause.LIMIT: "the wait is over",
    Cause.REJECTED: "declined",
    Cause.WRITE_REFUSED: "the CRM refused the owner before",
}


def _sentence(reason: str, title: str, case: Case) -> str:
    """What a sales person reads on the record: what happened before, whose it is now, and by which rule."""
    before = f"{_BEFORE[case.cause]}; " if case.cause in _BEFORE else ""
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
    if decision.owner and decision.owner in standing:
        before = standing[decision.owner]
        standing = {**standing, decision.owner: replace(before, open_leads=before.open_leads + 1)}
    return State(rotations, standing, state.absences)


def consulted(decision: Decision, rules: RuleSet, state: State) -> State:
    """The part of `state` that the decision could have depended on: enough to decide it again, small enough to
    store."""
    people = {candidate.rep for tried in decision.explanation.pools for candidate in tried.candidates}
    pools = [rules.pools[tried.pool] for tried in decision.explanation.pools if tried.pool in rules.pools]
    return State(
        rotations={
            pool.account: _only(state.rotations[pool.account], people)
            for pool in pools
            if pool.account in state.rotations
        },
        standing={rep: standing for rep, standing in state.standing.items() if rep in people},
        absences=tuple(
            absence
            for absence in state.absences
            # Later ones too: whether somebody is back in time depends on what follows.
            if absence.rep in people and decision.decided_at < absence.ends
        ),
    )


def _only(rotation: Rotation, people: set[str]) -> Rotation:
    return Rotation(rotation.name, {rep: account for rep, account in rotation.accounts.items() if rep in people})
